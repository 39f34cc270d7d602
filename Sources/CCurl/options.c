#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "handle.h"

/* SSL_OP_CLEANSE_PLAINTEXT of OpenSSL 3: its copies of what was received are wiped. */
#define CLEANSE_PLAINTEXT (UINT64_C(1) << 1)

/* ---------------------------------------------------------------------------------------------------------- Headers */

/* The longest Retry-After that counts, in seconds. */
enum { LONGEST_WAIT = 86400 };

/* Reads the seconds of `Retry-After`, since libcurl ignores a number that is too large. */
static size_t take_header(char *line, size_t one, size_t size, void *context) {
  static const char name[] = "retry-after:";
  size_t count = one * size;
  size_t at = sizeof name - 1;
  if (count < at || strncasecmp(line, name, at) != 0) return count;
  while (at < count && (line[at] == ' ' || line[at] == '\t')) at++;
  long seconds = -1;
  for (; at < count && line[at] >= '0' && line[at] <= '9'; at++) {
    seconds = (seconds < 0 ? 0 : seconds) * 10 + (line[at] - '0');
    if (seconds > LONGEST_WAIT) seconds = LONGEST_WAIT;
  }
  *(long *)context = seconds;
  return count;
}

/* ---------------------------------------------------------------------------------------------------------- Options */

static bool set_long(CURL *curl, CURLoption option, long value) {
  return ccurl.easy_setopt(curl, option, value) == CURLE_OK;
}

static bool set_text(CURL *curl, CURLoption option, const char *value) {
  return ccurl.easy_setopt(curl, option, value) == CURLE_OK;
}

static bool set_data(CURL *curl, CURLoption option, void *value) {
  return ccurl.easy_setopt(curl, option, value) == CURLE_OK;
}

static bool set_function(CURL *curl, CURLoption option, void (*value)(void)) {
  return ccurl.easy_setopt(curl, option, value) == CURLE_OK;
}

static CURLcode keep_secret(CURL *curl, void *context, void *unused) {
  (void)curl;
  (void)unused;
  ccurl.ssl_ctx_set_options(context, CLEANSE_PLAINTEXT);
  /* SSLKEYLOGFILE, which libcurl respects, would give the connection's keys to whoever reads that file. */
  if (ccurl.ssl_ctx_set_keylog_callback != NULL) ccurl.ssl_ctx_set_keylog_callback(context, NULL);
  return CURLE_OK;
}

/* Programs that the host starts must not inherit the socket. */
static curl_socket_t open_socket(void *unused, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)unused;
  (void)purpose;
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Writes certificates to a file without a name; -1 on failure. */
static int make_file(const char *bytes, size_t size) {
  int file = memfd_create("ca.crt", MFD_CLOEXEC);
  while (file != -1 && size > 0) {
    ssize_t written = write(file, bytes, size);
    if (written > 0) {
      bytes += written;
      size -= (size_t)written;
    } else if (written == 0 || errno != EINTR) {
      close(file);
      file = -1;
    }
  }
  return file;
}

/* Keeps certificates in a file while they are the same: for libcurl another path means another connection. */
static bool keep_authorities(struct ccurl_handle *handle, const void *bytes, size_t size, bool *are_new) {
  *are_new = handle->file == -1 || size != handle->authorities_size || memcmp(handle->authorities, bytes, size) != 0;
  if (!*are_new) return true;
  void *copy = malloc(size > 0 ? size : 1);
  int file = copy == NULL ? -1 : make_file(bytes, size);
  if (file == -1) {
    free(copy);
    return false;
  }
  memcpy(copy, bytes, size);
  if (handle->file != -1) close(handle->file);
  free(handle->authorities);
  handle->file = file;
  handle->authorities = copy;
  handle->authorities_size = size;
  return true;
}

/*
 * Sets the trusted certificates. A libcurl before 7.77, as in RHEL 9, reads them from files only, and compares their
 * names: then no connection and no TLS session under other authorities is reused.
 */
static bool set_authorities(struct ccurl_handle *handle, const void *bytes, size_t size) {
  struct curl_blob blob = {(void *)(uintptr_t)bytes, size, CURL_BLOB_COPY};
  CURLcode code = ccurl.easy_setopt(handle->curl, CURLOPT_CAINFO_BLOB, &blob);
  if (code != CURLE_UNKNOWN_OPTION) return code == CURLE_OK;
  bool are_new = false;
  if (!keep_authorities(handle, bytes, size, &are_new)) return false;
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", handle->file);
  return set_text(handle->curl, CURLOPT_CAINFO, path) && set_long(handle->curl, CURLOPT_SSL_SESSIONID_CACHE, 0) &&
         set_long(handle->curl, CURLOPT_FRESH_CONNECT, are_new);
}

/* Sets whom to connect to, and nobody else. */
static bool set_security(struct ccurl_handle *handle, const void *authorities, size_t size) {
  CURL *curl = handle->curl;
  bool done = set_long(curl, CURLOPT_PROTOCOLS, CURLPROTO_HTTPS) && set_long(curl, CURLOPT_FOLLOWLOCATION, 0) &&
              set_text(curl, CURLOPT_PROXY, "") && set_text(curl, CURLOPT_NOPROXY, "*") &&
              set_long(curl, CURLOPT_NETRC, CURL_NETRC_IGNORED) &&
              set_long(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2) &&
              set_long(curl, CURLOPT_SSL_VERIFYPEER, 1) && set_long(curl, CURLOPT_SSL_VERIFYHOST, 2) &&
              set_text(curl, CURLOPT_CAINFO, NULL) && set_text(curl, CURLOPT_CAPATH, NULL) &&
              set_authorities(handle, authorities, size);
  if (ccurl.ssl_ctx_set_options != NULL) {
    done = done && set_function(curl, CURLOPT_SSL_CTX_FUNCTION, (void (*)(void))keep_secret);
  }
  return done;
}

/* Sets the request. */
static bool set_transfer(struct ccurl_handle *handle, const char *url, const char *token, const char *user_agent,
                         long timeout, ccurl_body body, void *context) {
  CURL *curl = handle->curl;
  /* Not in every version, and optional: without it a name server that hangs may delay the call. */
  set_long(curl, CURLOPT_QUICK_EXIT, 1);
  return set_text(curl, CURLOPT_URL, url) && set_long(curl, CURLOPT_NOSIGNAL, 1) &&
         set_long(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) && set_long(curl, CURLOPT_TIMEOUT_MS, timeout) &&
         set_long(curl, CURLOPT_CONNECTTIMEOUT_MS, timeout) &&
         set_long(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER) && set_text(curl, CURLOPT_XOAUTH2_BEARER, token) &&
         set_text(curl, CURLOPT_USERAGENT, user_agent) && set_data(curl, CURLOPT_ERRORBUFFER, handle->message) &&
         set_function(curl, CURLOPT_OPENSOCKETFUNCTION, (void (*)(void))open_socket) &&
         set_function(curl, CURLOPT_WRITEFUNCTION, (void (*)(void))body) && set_data(curl, CURLOPT_WRITEDATA, context);
}

/* A fresh connection for a patch: on a closed one libcurl would send it again by itself. */
static bool set_patch(CURL *curl, const char *patch) {
  return set_text(curl, CURLOPT_CUSTOMREQUEST, "PATCH") && set_text(curl, CURLOPT_POSTFIELDS, patch) &&
         set_long(curl, CURLOPT_FRESH_CONNECT, 1);
}

/* Adds a line; without memory returns false and leaves the list unchanged. */
static bool add(struct curl_slist **list, const char *line) {
  struct curl_slist *longer = ccurl.slist_append(*list, line);
  if (longer == NULL) return false;
  *list = longer;
  return true;
}

static bool set_headers(CURL *curl, struct curl_slist **list, const char *patch) {
  bool done = add(list, "Accept: application/json");
  if (patch != NULL) done = done && add(list, "Content-Type: application/merge-patch+json") && add(list, "Expect:");
  return done && set_data(curl, CURLOPT_HTTPHEADER, *list);
}

bool ccurl_set_options(struct ccurl_handle *handle, const char *url, const char *patch, const char *token,
                       const char *user_agent, const void *authorities, size_t authorities_size, long timeout,
                       ccurl_body body, void *context, long *retry_after, struct curl_slist **headers) {
  CURL *curl = handle->curl;
  return set_security(handle, authorities, authorities_size) &&
         set_transfer(handle, url, token, user_agent, timeout, body, context) &&
         set_function(curl, CURLOPT_HEADERFUNCTION, (void (*)(void))take_header) &&
         set_data(curl, CURLOPT_HEADERDATA, retry_after) && set_headers(curl, headers, patch) &&
         (patch == NULL || set_patch(curl, patch));
}
