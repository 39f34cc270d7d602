/*
 * Looks credentials up in a pod, frees everything, and searches the memory of the process for secrets.
 *
 *   memory NEEDLES SERVICE…
 *
 * NEEDLES is a file: a byte that is the mask, then for each secret its length in two bytes, little-endian, and its
 * bytes XORed with the mask, so the secrets are only where the library puts them. Each service is looked up three
 * times, whether or not that succeeds. Prints, for each secret, how many pieces of 8 bytes of it there were while the
 * last credentials were held, and when all was freed: `NUMBER HELD FREED`; before that a line per look-up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/memory_scan.h"
#include "kstack.h"

static size_t needle_count;

/* Reads the masked secrets. */
static void read_needles(const char *path) {
  static unsigned char masked[1 << 16];
  FILE *file = fopen(path, "rb");
  if (file == NULL) exit(66);
  size_t length = fread(masked, 1, sizeof masked, file);
  fclose(file);
  if (length == 0 || length == sizeof masked) exit(66);
  scan_begin(masked[0]);
  for (size_t at = 1; at + 2 <= length && needle_count < scan_most; needle_count++) {
    size_t size = (size_t)masked[at] + ((size_t)masked[at + 1] << 8);
    scan_add(needle_count, masked + at + 2, size);
    at += 2 + size;
  }
}

static void report(size_t which, uintptr_t address, const char *mapping) {
  fprintf(stderr, "%zu is at %#zx, %s\n", which, (size_t)address, mapping);
}

/* Leaves free blocks between others, so that what is moved leaves pieces behind. */
static void fragment_heap(void) {
  static void *blocks[20000];
  uint32_t random = 1;
  for (size_t index = 0; index < sizeof blocks / sizeof *blocks; index++) {
    random = random * 1664525 + 1013904223;
    blocks[index] = malloc(16 + (random >> 16) % (index % 7 == 0 ? 4096 : 256));
  }
  for (size_t index = 0; index < sizeof blocks / sizeof *blocks; index++) {
    if (index % 3 != 0) free(blocks[index]);
  }
}

int main(int count, char **arguments) {
  if (count < 3) return 64;
  setvbuf(stdout, NULL, _IOLBF, 0);
  read_needles(arguments[1]);
  fragment_heap();
  kstack_container *container = NULL;
  if (kstack_container_new(NULL, &container, NULL) != KSTACK_OK) return 70;
  kstack_credentials *held = NULL;
  for (int index = 2; index < count; index++) {
    for (int round = 0; round < 3; round++) {
      kstack_credentials_free(held);
      kstack_error *error = NULL;
      kstack_status status = kstack_get_credentials(container, arguments[index], "layer3", NULL, &held, &error);
      printf("%s %s %s\n", arguments[index], kstack_status_name(status),
             status == KSTACK_OK ? "" : kstack_error_message(error));
      kstack_error_free(error);
    }
  }
  size_t while_held[scan_most];
  if (!scan(NULL)) return 71;
  memcpy(while_held, scan_found, sizeof scan_found);
  kstack_credentials_free(held);
  kstack_container_free(container);
  if (!scan(report)) return 71;
  for (size_t which = 0; which < needle_count; which++) {
    printf("%zu %zu %zu\n", which, while_held[which], scan_found[which]);
  }
  return 0;
}
