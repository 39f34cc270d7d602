/* For LD_AUDIT: makes libcurl missing for the loader. */
#define _GNU_SOURCE
#include <link.h>
#include <string.h>

unsigned int la_version(unsigned int version) {
  return version;
}

char *la_objsearch(const char *name, uintptr_t *cookie, unsigned int flag) {
  (void)cookie;
  (void)flag;
  return strstr(name, "libcurl") == NULL ? (char *)(uintptr_t)name : NULL;
}
