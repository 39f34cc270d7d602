/*
 * Wipes every heap block before the library gives it back. Linked with --wrap=free and --wrap=realloc, these stand in
 * for the two functions in all that the shared library is made of: its own code, the Swift runtime, libyaml, jansson.
 * What they copied of a secret to the heap is gone when they are done with it. Without those flags (the tests' debug
 * build) nothing calls these functions and __real_free is nowhere, which is why it is weak.
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
