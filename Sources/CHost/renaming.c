#define _GNU_SOURCE
#include <stdio.h>

#include "CHost.h"

/* Swift's Glibc module does not show renameat2. */
int chost_rename_new(int folder, const char *from, const char *to) {
  return renameat2(folder, from, folder, to, RENAME_NOREPLACE);
}

int chost_exchange(int folder, const char *one, const char *other) {
  return renameat2(folder, one, folder, other, RENAME_EXCHANGE);
}
