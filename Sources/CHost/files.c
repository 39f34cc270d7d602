#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/vfs.h>

#include "CHost.h"

/* Swift's Glibc module has neither renameat2 nor statfs. */
int chost_rename_new(int folder, const char *from, const char *to) {
  return renameat2(folder, from, folder, to, RENAME_NOREPLACE);
}

int chost_exchange(int folder, const char *one, const char *other) {
  return renameat2(folder, one, folder, other, RENAME_EXCHANGE);
}

unsigned long chost_file_system_of(int descriptor) {
  struct statfs status;
  return fstatfs(descriptor, &status) == 0 ? (unsigned long)status.f_type & 0xffffffffUL : 0;
}

unsigned long chost_file_system(const char *path) {
  struct statfs status;
  return statfs(path, &status) == 0 ? (unsigned long)status.f_type & 0xffffffffUL : 0;
}

void chost_start_writing(int descriptor, long offset, long size) {
  (void)sync_file_range(descriptor, offset, size, SYNC_FILE_RANGE_WRITE);
}
