/* The functions of libcurl, found by name. Internal to CCurl. */
#ifndef CCURL_LIBRARY_H
#define CCURL_LIBRARY_H

/* Deprecated options are used on purpose: not every supported libcurl has their successors. */
#define CURL_DISABLE_DEPRECATION
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <locale.h>
#include <stdint.h>

/* Functions of libcurl and OpenSSL; those of libcurl are set once ccurl_load succeeded. */
struct ccurl_functions {
  __typeof__(curl_global_init_mem) *global_init_mem;
  __typeof__(curl_version_info) *version_info;
  __typeof__(curl_easy_init) *easy_init;
  __typeof__(curl_easy_setopt) *easy_setopt;
  __typeof__(curl_easy_getinfo) *easy_getinfo;
  __typeof__(curl_easy_reset) *easy_reset;
  __typeof__(curl_easy_cleanup) *easy_cleanup;
  __typeof__(curl_multi_init) *multi_init;
  __typeof__(curl_multi_setopt) *multi_setopt;
  __typeof__(curl_multi_add_handle) *multi_add_handle;
  __typeof__(curl_multi_perform) *multi_perform;
  __typeof__(curl_multi_poll) *multi_poll;
  __typeof__(curl_multi_info_read) *multi_info_read;
  __typeof__(curl_multi_remove_handle) *multi_remove_handle;
  __typeof__(curl_multi_cleanup) *multi_cleanup;
  __typeof__(curl_slist_append) *slist_append;
  __typeof__(curl_slist_free_all) *slist_free_all;
  /* NULL where libcurl does not use OpenSSL 3. */
  uint64_t (*ssl_ctx_set_options)(void *context, uint64_t options);
  void (*ssl_ctx_set_keylog_callback)(void *context, void (*callback)(const void *ssl, const char *line));
  /* A locale in which error messages are English. */
  locale_t locale;
};

extern struct ccurl_functions ccurl;

#endif
