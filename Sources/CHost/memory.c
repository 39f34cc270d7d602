#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "CHost.h"

bool chost_exclude_from_dumps(void *start, unsigned long size) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  uintptr_t first = (uintptr_t)start & ~(page - 1);
  /* libsodium does this, too, but ignores the result. */
  return madvise((void *)first, (uintptr_t)start + size - first, MADV_DONTDUMP) == 0;
}

void *chost_allocate(unsigned long size) {
  return malloc(size);
}

void chost_free(void *block) {
  free(block);
}

void chost_out_of_bounds(void) {
  abort();
}

bool chost_are_same(const void *one, const void *other, unsigned long size) {
  return memcmp(one, other, size) == 0;
}
