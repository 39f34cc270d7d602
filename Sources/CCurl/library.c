#define _GNU_SOURCE
#include "library.h"

#include <CHost.h>
#include <dlfcn.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "CCurl.h"

struct ccurl_functions ccurl;

/*
 * Memory for libcurl that is wiped when it is freed: token and answer pass through it. libcurl takes these functions
 * from whoever initialises it first, so a host that did so before keeps its own. They stay valid for the life of the
 * process, since the library is never unloaded, and a host's free() can free their memory.
 */
static void wipe_and_free(void *block) {
  if (block == NULL) return;
  explicit_bzero(block, malloc_usable_size(block));
  free(block);
}

static void *move(void *block, size_t size) {
  if (block == NULL) return malloc(size);
  size_t old = malloc_usable_size(block);
  if (size > 0 && size <= old) return block;
  /* realloc may leave a copy behind. */
  void *moved = malloc(size);
  if (moved == NULL) return NULL;
  memcpy(moved, block, old < size ? old : size);
  wipe_and_free(block);
  return moved;
}

/* Finds one function; false where it is missing. */
static bool find(void *library, const char *name, void *function) {
  void *found = dlsym(library, name);
  /* POSIX's way from a data pointer to that of a function. */
  memcpy(function, &found, sizeof found);
  return found != NULL;
}

/* Only where libcurl uses OpenSSL 3 does CURLOPT_SSL_CTX_FUNCTION get an SSL_CTX with these functions. */
static void find_openssl(void) {
  const curl_version_info_data *information = ccurl.version_info(CURLVERSION_FIRST);
  if (information == NULL || information->ssl_version == NULL) return;
  if (strncmp(information->ssl_version, "OpenSSL/3", strlen("OpenSSL/3")) != 0) return;
  void *openssl = dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
  if (openssl == NULL) return;
  find(openssl, "SSL_CTX_set_options", &ccurl.ssl_ctx_set_options);
  find(openssl, "SSL_CTX_set_keylog_callback", &ccurl.ssl_ctx_set_keylog_callback);
}

static enum ccurl_library prepare(void *library) {
  bool complete =
      find(library, "curl_global_init_mem", &ccurl.global_init_mem) &&
      find(library, "curl_version_info", &ccurl.version_info) && find(library, "curl_easy_init", &ccurl.easy_init) &&
      find(library, "curl_easy_setopt", &ccurl.easy_setopt) &&
      find(library, "curl_easy_getinfo", &ccurl.easy_getinfo) && find(library, "curl_easy_reset", &ccurl.easy_reset) &&
      find(library, "curl_easy_cleanup", &ccurl.easy_cleanup) && find(library, "curl_multi_init", &ccurl.multi_init) &&
      find(library, "curl_multi_setopt", &ccurl.multi_setopt) &&
      find(library, "curl_multi_add_handle", &ccurl.multi_add_handle) &&
      find(library, "curl_multi_perform", &ccurl.multi_perform) &&
      find(library, "curl_multi_poll", &ccurl.multi_poll) &&
      find(library, "curl_multi_info_read", &ccurl.multi_info_read) &&
      find(library, "curl_multi_remove_handle", &ccurl.multi_remove_handle) &&
      find(library, "curl_multi_cleanup", &ccurl.multi_cleanup) &&
      find(library, "curl_slist_append", &ccurl.slist_append) &&
      find(library, "curl_slist_free_all", &ccurl.slist_free_all);
  if (!complete) return CCURL_UNFIT;
  if (ccurl.global_init_mem(CURL_GLOBAL_ALL, malloc, wipe_and_free, move, strdup, calloc) != CURLE_OK) {
    return CCURL_UNFIT;
  }
  find_openssl();
  ccurl.locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  return CCURL_LOADED;
}

/* The result of loading; under the lock, for which a fork waits, so that no child finds libcurl half prepared. */
static enum ccurl_library result = CCURL_ABSENT;

static enum ccurl_library loaded(void *library) {
  chost_lock();
  /* An absent libcurl may be installed later. */
  if (result == CCURL_ABSENT && library != NULL) result = prepare(library);
  enum ccurl_library now = result;
  chost_unlock();
  return now;
}

enum ccurl_library ccurl_load(void) {
  enum ccurl_library now = loaded(NULL);
  if (now != CCURL_ABSENT) return now;
  /*
   * Outside of the lock: constructors that the loader runs may wait for a fork that waits for the lock (pthread_atfork
   * before glibc 2.36), and may look up credentials.
   */
  void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  return library == NULL ? CCURL_ABSENT : loaded(library);
}
