#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <CHost.h>

#include "CCurl.h"
#include "library.h"

/* SSL_OP_CLEANSE_PLAINTEXT of OpenSSL 3: its copies of what was received are wiped. */
#define CLEANSE_PLAINTEXT (UINT64_C(1) << 1)

/* Results of OpenSSL's verification (x509_vfy.h). */
enum { NOT_YET_VALID = 9, HAS_EXPIRED = 10, HOST_MISMATCH = 62, ADDRESS_MISMATCH = 64 };

struct ccurl_handle {
  CURL *curl;
  /* Keeps the connection, and lets the transfer be done step by step. */
  CURLM *multi;
  /* The socket of the connection that is kept; else CURL_SOCKET_BAD. */
  curl_socket_t connection;
  char message[CURL_ERROR_SIZE];
  /* A file without a name that holds `authorities`, for a libcurl that takes them from a file alone; else -1. */
  int file;
  void *authorities;
  size_t authorities_size;
};

/* ---------------------------------------------------------------------------------------------------------- SIGPIPE */

/* What the thread's signals were before SIGPIPE was held back. */
struct signals {
  sigset_t before;
  bool was_pending;
};

static sigset_t only_pipe(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

/* libcurl is told to leave signals alone, and so a connection that the other side closed may raise SIGPIPE. */
static struct signals hold_pipe(void) {
  struct signals signals;
  sigset_t pending;
  sigset_t pipe = only_pipe();
  sigemptyset(&pending);
  sigpending(&pending);
  signals.was_pending = sigismember(&pending, SIGPIPE) == 1;
  pthread_sigmask(SIG_BLOCK, &pipe, &signals.before);
  return signals;
}

/* Takes the SIGPIPE that the transfer raised, and no earlier one, and puts the mask back. */
static void release_pipe(struct signals signals) {
  int saved = errno;
  sigset_t pipe = only_pipe();
  struct timespec no_time = {0, 0};
  if (!signals.was_pending) {
    while (sigtimedwait(&pipe, NULL, &no_time) == -1 && errno == EINTR) continue;
  }
  pthread_sigmask(SIG_SETMASK, &signals.before, NULL);
  errno = saved;
}

/* ---------------------------------------------------------------------------------------------------------- Handles */

struct ccurl_handle *ccurl_open(void) {
  struct ccurl_handle *handle = calloc(1, sizeof *handle);
  if (handle == NULL) return NULL;
  handle->file = -1;
  handle->connection = CURL_SOCKET_BAD;
  handle->curl = ccurl.easy_init();
  handle->multi = ccurl.multi_init();
  if (handle->curl == NULL || handle->multi == NULL ||
      ccurl.multi_setopt(handle->multi, CURLMOPT_MAXCONNECTS, 1L) != CURLM_OK) {
    ccurl_close(handle);
    return NULL;
  }
  return handle;
}

void ccurl_close(struct ccurl_handle *handle) {
  struct signals signals = hold_pipe();
  chost_begin_step();
  if (handle->curl != NULL) ccurl.easy_cleanup(handle->curl);
  if (handle->multi != NULL) ccurl.multi_cleanup(handle->multi);
  chost_end_step();
  release_pipe(signals);
  if (handle->file != -1) close(handle->file);
  free(handle->authorities);
  free(handle);
}

void ccurl_abandon(struct ccurl_handle *handle) {
  /* TLS says goodbye as it is closed. What takes the descriptor's place takes the words: no socket, so nobody. */
  if (handle->connection != CURL_SOCKET_BAD) {
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    /* Without a descriptor to spare the memory is left as it is. */
    if (nowhere == -1) return;
    int result = dup3(nowhere, handle->connection, O_CLOEXEC);
    close(nowhere);
    if (result == -1) return;
  }
  ccurl_close(handle);
}

/* ---------------------------------------------------------------------------------------------------------- Headers */

/* No server is waited for longer, in seconds. */
enum { LONGEST_WAIT = 86400 };

/* Reads the seconds of a line `Retry-After`: libcurl takes a number that is too large for none. */
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
  /* SSLKEYLOGFILE, which libcurl follows, would give the keys of the connection to whoever reads that file. */
  if (ccurl.ssl_ctx_set_keylog_callback != NULL) ccurl.ssl_ctx_set_keylog_callback(context, NULL);
  return CURLE_OK;
}

/* Sockets are not for the programs that the host starts. */
static curl_socket_t open_socket(void *unused, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)unused;
  (void)purpose;
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Writes certificates to a file that has no name; -1 where that cannot be. */
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

/* Keeps certificates in a file for as long as they are the same: to libcurl another path is another server. */
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
 * Which certificates are trusted. A libcurl before 7.77, as that of RHEL 9, takes them from a file alone, and goes by
 * its name: then neither a connection nor a session of TLS that others vouched for is taken up again.
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

/* Who is talked to, and that nobody else is. */
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

/* How it is talked. */
static bool set_transfer(struct ccurl_handle *handle, const char *url, const char *token, const char *user_agent,
                         long timeout, ccurl_body body, void *context) {
  CURL *curl = handle->curl;
  /* Not in every version, and not needed: without it a name server that is stuck may hold the call. */
  set_long(curl, CURLOPT_QUICK_EXIT, 1);
  return set_text(curl, CURLOPT_URL, url) && set_long(curl, CURLOPT_NOSIGNAL, 1) &&
         set_long(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) && set_long(curl, CURLOPT_TIMEOUT_MS, timeout) &&
         set_long(curl, CURLOPT_CONNECTTIMEOUT_MS, timeout) &&
         set_long(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER) && set_text(curl, CURLOPT_XOAUTH2_BEARER, token) &&
         set_text(curl, CURLOPT_USERAGENT, user_agent) && set_data(curl, CURLOPT_ERRORBUFFER, handle->message) &&
         set_function(curl, CURLOPT_OPENSOCKETFUNCTION, (void (*)(void))open_socket) &&
         set_function(curl, CURLOPT_WRITEFUNCTION, (void (*)(void))body) && set_data(curl, CURLOPT_WRITEDATA, context);
}

/* A fresh connection for a patch: on one that turns out to be closed libcurl would send it again by itself. */
static bool set_patch(CURL *curl, const char *patch) {
  return set_text(curl, CURLOPT_CUSTOMREQUEST, "PATCH") && set_text(curl, CURLOPT_POSTFIELDS, patch) &&
         set_long(curl, CURLOPT_FRESH_CONNECT, 1);
}

/* Adds a line; the list is left as it was where there is no memory, and that is told. */
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

/* --------------------------------------------------------------------------------------------------------- Outcomes */

/* Why the certificate was not taken. */
static enum ccurl_outcome verification(CURL *curl) {
  long result = 0;
  ccurl.easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT, &result);
  switch (result) {
    case NOT_YET_VALID:
    case HAS_EXPIRED:
      return CCURL_EXPIRED;
    /* The chain was right; libcurl compares the name itself. */
    case 0:
    case HOST_MISMATCH:
    case ADDRESS_MISMATCH:
      return CCURL_OTHER_NAME;
    default:
      return CCURL_UNTRUSTED;
  }
}

/* libcurl has one number for a handshake that broke off and for one that cannot be; its words tell them apart. */
static enum ccurl_outcome handshake(const char *message) {
  static const char *const broken[] = {"SSL_ERROR_SYSCALL", "reset by peer", "unexpected eof", "Broken pipe"};
  for (size_t index = 0; index < sizeof broken / sizeof broken[0]; index++) {
    if (strstr(message, broken[index]) != NULL) return CCURL_RESET;
  }
  return CCURL_NO_TLS;
}

static enum ccurl_outcome outcome(const struct ccurl_handle *handle, CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return CCURL_ANSWERED;
    case CURLE_COULDNT_CONNECT:
      return CCURL_REFUSED;
    case CURLE_COULDNT_RESOLVE_HOST:
      return CCURL_UNRESOLVED;
    case CURLE_OPERATION_TIMEDOUT:
      return CCURL_TIMED_OUT;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
      return CCURL_RESET;
    case CURLE_PEER_FAILED_VERIFICATION:
      return verification(handle->curl);
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
      return CCURL_BAD_AUTHORITIES;
    case CURLE_SSL_CONNECT_ERROR:
      return handshake(handle->message);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return CCURL_NO_HTTP;
    case CURLE_WRITE_ERROR:
      return CCURL_STOPPED;
    default:
      return CCURL_FAILED;
  }
}

/* The longest wait for the network between two steps, in milliseconds; libcurl itself knows when the time is over. */
enum { LONGEST_PAUSE = 1000 };

/*
 * Does the transfer in steps, between which it waits for the network, and a process may fork: a child that found locks
 * of OpenSSL held by a thread that it does not have would wait for ever.
 */
static CURLcode perform(struct ccurl_handle *handle) {
  CURLcode result = CURLE_FAILED_INIT;
  chost_begin_step();
  CURLMcode code = ccurl.multi_add_handle(handle->multi, handle->curl);
  chost_end_step();
  if (code != CURLM_OK) return CURLE_OUT_OF_MEMORY;
  for (int running = 1; code == CURLM_OK && running > 0;) {
    chost_begin_step();
    code = ccurl.multi_perform(handle->multi, &running);
    chost_end_step();
    if (code == CURLM_OK && running > 0) code = ccurl.multi_poll(handle->multi, NULL, 0, LONGEST_PAUSE, NULL);
  }
  chost_begin_step();
  int left = 0;
  const CURLMsg *message = ccurl.multi_info_read(handle->multi, &left);
  if (message != NULL && message->msg == CURLMSG_DONE) result = message->data.result;
  handle->connection = CURL_SOCKET_BAD;
  ccurl.easy_getinfo(handle->curl, CURLINFO_ACTIVESOCKET, &handle->connection);
  ccurl.multi_remove_handle(handle->multi, handle->curl);
  chost_end_step();
  return result;
}

struct ccurl_answer ccurl_perform(struct ccurl_handle *handle, const char *url, const char *patch, const char *token,
                                  const char *user_agent, const void *authorities, size_t authorities_size,
                                  long timeout, ccurl_body body, void *context) {
  struct ccurl_answer answer = {CCURL_NOT_SUPPORTED, 0, 0, -1};
  struct curl_slist *headers = NULL;
  CURL *curl = handle->curl;
  handle->message[0] = '\0';
  bool ready = set_security(handle, authorities, authorities_size) &&
               set_transfer(handle, url, token, user_agent, timeout, body, context) &&
               set_function(curl, CURLOPT_HEADERFUNCTION, (void (*)(void))take_header) &&
               set_data(curl, CURLOPT_HEADERDATA, &answer.retry_after) && set_headers(curl, &headers, patch) &&
               (patch == NULL || set_patch(curl, patch));
  if (ready) {
    struct signals signals = hold_pipe();
    /* Its words tell a connection that broke from one that cannot be, and the system's are of the program's language.
     */
    locale_t before = ccurl.locale == (locale_t)0 ? (locale_t)0 : uselocale(ccurl.locale);
    CURLcode code = perform(handle);
    if (before != (locale_t)0) uselocale(before);
    release_pipe(signals);
    long status = 0;
    ccurl.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    answer.outcome = outcome(handle, code);
    answer.error = (int)code;
    answer.status = (int)status;
  }
  /* The token goes with the options; the connection stays. */
  ccurl.easy_reset(curl);
  ccurl.slist_free_all(headers);
  return answer;
}
