#define _GNU_SOURCE
#include "scarcity.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LARGE ((size_t)64 * 1024)

static atomic_bool is_counting;
static atomic_long asked;
static long refused;

void scarcity_begin(long number) {
  refused = number;
  atomic_store(&asked, 0);
  atomic_store(&is_counting, true);
}

long scarcity_end(void) {
  atomic_store(&is_counting, false);
  return atomic_load(&asked);
}

/* Prints where a block is refused, to find the one that ends the process. */
static void tell(void) {
  void *frames[32];
  atomic_store(&is_counting, false);
  backtrace_symbols_fd(frames, backtrace(frames, 32), STDERR_FILENO);
  atomic_store(&is_counting, true);
}

static bool is_refused(size_t size) {
  if (size < LARGE || !atomic_load(&is_counting)) return false;
  if (atomic_fetch_add(&asked, 1) + 1 != refused) return false;
  if (getenv("KSTACK_TEST_TELL") != NULL) tell();
  errno = ENOMEM;
  return true;
}

/* The function that this program replaces; glibc needs no memory to find it. */
#define REAL(name) ((typeof(&name))real(#name))

static void *real(const char *name) {
  return dlsym(RTLD_NEXT, name);
}

void *malloc(size_t size) {
  static typeof(&malloc) next;
  if (next == NULL) next = REAL(malloc);
  return is_refused(size) ? NULL : next(size);
}

void *calloc(size_t count, size_t size) {
  static typeof(&calloc) next;
  if (next == NULL) next = REAL(calloc);
  return size != 0 && is_refused(count * size) ? NULL : next(count, size);
}

void *realloc(void *block, size_t size) {
  static typeof(&realloc) next;
  if (next == NULL) next = REAL(realloc);
  return is_refused(size) ? NULL : next(block, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
  static typeof(&posix_memalign) next;
  if (next == NULL) next = REAL(posix_memalign);
  return is_refused(size) ? ENOMEM : next(block, alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  static typeof(&aligned_alloc) next;
  if (next == NULL) next = REAL(aligned_alloc);
  return is_refused(size) ? NULL : next(alignment, size);
}

void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset) {
  if (is_refused(length)) return MAP_FAILED;
  return (void *)syscall(SYS_mmap, address, length, protection, flags, descriptor, offset);
}
