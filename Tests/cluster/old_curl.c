/* A libcurl before 7.77, found as libcurl.so.4: the real one without CURLOPT_CAINFO_BLOB. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { CURLE_UNKNOWN_OPTION = 48, CURLOPT_CAINFO_BLOB = 40309 };

static void *real(const char *name) {
  static void *library;
  if (library == NULL) library = dlopen(getenv("REAL_LIBCURL"), RTLD_NOW | RTLD_LOCAL);
  void *found = library == NULL ? NULL : dlsym(library, name);
  if (found == NULL) abort();
  return found;
}

#define PASS(type, name, parameters, arguments)        \
  type name parameters;                                \
  type name parameters {                               \
    return ((type(*) parameters)real(#name))arguments; \
  }

PASS(int, curl_global_init_mem, (long flags, void *a, void *b, void *c, void *d, void *e), (flags, a, b, c, d, e))
PASS(void *, curl_version_info, (int age), (age))
PASS(void *, curl_easy_init, (void), ())
PASS(void *, curl_multi_init, (void), ())
PASS(int, curl_multi_add_handle, (void *multi, void *curl), (multi, curl))
PASS(int, curl_multi_perform, (void *multi, int *running), (multi, running))
PASS(int, curl_multi_poll, (void *multi, void *more, unsigned count, int timeout, int *ready),
     (multi, more, count, timeout, ready))
PASS(void *, curl_multi_info_read, (void *multi, int *left), (multi, left))
PASS(int, curl_multi_remove_handle, (void *multi, void *curl), (multi, curl))
PASS(int, curl_multi_cleanup, (void *multi), (multi))
PASS(int, curl_multi_setopt, (void *multi, int option, long value), (multi, option, value))
PASS(void *, curl_slist_append, (void *list, const char *line), (list, line))
PASS(int, curl_easy_getinfo, (void *curl, int information, void *out), (curl, information, out))
PASS(void, curl_easy_reset, (void *curl), (curl))
PASS(void, curl_easy_cleanup, (void *curl), (curl))
PASS(void, curl_slist_free_all, (void *list), (list))

/* Every option's argument is one machine word. */
int curl_easy_setopt(void *curl, int option, ...);
int curl_easy_setopt(void *curl, int option, ...) {
  va_list rest;
  va_start(rest, option);
  void *value = va_arg(rest, void *);
  va_end(rest);
  if (option == CURLOPT_CAINFO_BLOB) return CURLE_UNKNOWN_OPTION;
  return ((int (*)(void *, int, ...))real("curl_easy_setopt"))(curl, option, value);
}
