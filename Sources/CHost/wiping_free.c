/*
 * Wipes every heap block before the library frees it. Linked with --wrap=free and --wrap=realloc, these functions
 * replace the two in everything that the shared library is made of: its own code, the Swift runtime, libyaml, jansson.
 * Copies of secrets that they made on the heap are gone when they are freed. Without those flags (the tests' debug
 * build) nothing calls these functions, and __real_free, which is undefined then, is weak.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

extern void __real_free(void *block) __attribute__((weak));
void __wrap_free(void *block);
void *__wrap_realloc(void *block, size_t size);

void __wrap_free(void *block) {
  if (block == NULL) return;
  int saved = errno;
  explicit_bzero(block, malloc_usable_size(block));
  __real_free(block);
  errno = saved;
}

void *__wrap_realloc(void *block, size_t size) {
  if (block == NULL) return malloc(size);
  if (size == 0) {
    __wrap_free(block);
    return NULL;
  }
  size_t old = malloc_usable_size(block);
  if (size <= old && size >= old / 2) return block;
  /* realloc may move the block and leave a copy behind, so it is moved here. */
  void *moved = malloc(size);
  if (moved == NULL) return NULL;
  memcpy(moved, block, old < size ? old : size);
  __wrap_free(block);
  return moved;
}
