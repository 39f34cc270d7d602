/*
 * * Looks credentials up in a pod, frees everything, and searches the memory of the process for secrets.
 *
 *   memory NEEDLES SERVICE…
 *
 * * NEEDLES is a file: a byte that is the mask, then for each secret its length in two bytes, little-endian, and
 * * its bytes XORed with the mask, so the secrets are only where the library puts them. Each
 * * service is looked up three times, whether or not that succeeds. Prints, for each secret, how many pieces of 8 bytes
 * of it * there were while the last credentials were held, and when all was freed: `NUMBER HELD FREED`; before that a
 * line per look-up.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kstack.h"

enum { window = 8, most = 16, filter_bits = 20 };

/* The masked secrets, one after another. */
static unsigned char masked[1 << 16];
static unsigned char mask;
static struct {
  size_t start;
  size_t length;
} needles[most];
static size_t needle_count;

/* The possible pieces, by a hash of the masked value. */
static unsigned char filter[(1 << filter_bits) / 8];

/* The last read: the only memory that is not searched. */
static unsigned char buffer[1 << 20];
static char maps[1 << 20];

static size_t found[most];

/* Whether to print where something is; a run of pieces is printed once. */
static bool is_telling;
static size_t last_told[most];

static uint64_t piece_at(const unsigned char *place) {
  uint64_t piece;
  memcpy(&piece, place, window);
  return piece;
}

static size_t bit_of(uint64_t piece) {
  return (piece * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - filter_bits);
}

/* Reads a whole file, and exits if it does not fit. */
static size_t read_all(const char *path, void *target, size_t size) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) exit(66);
  size_t length = 0;
  ssize_t count;
  while ((count = read(file, (char *)target + length, size - length)) > 0) length += (size_t)count;
  close(file);
  if (count < 0 || length == size) exit(66);
  return length;
}

static void read_needles(const char *path) {
  size_t length = read_all(path, masked, sizeof masked);
  mask = masked[0];
  for (size_t at = 1; at + 2 <= length && needle_count < most; needle_count++) {
    size_t size = (size_t)masked[at] + ((size_t)masked[at + 1] << 8);
    needles[needle_count].start = at + 2;
    needles[needle_count].length = size;
    for (size_t start = at + 2; start + window <= at + 2 + size; start++) {
      size_t bit = bit_of(piece_at(masked + start));
      filter[bit / 8] |= (unsigned char)(1 << (bit % 8));
    }
    at += 2 + size;
  }
}

static void count_piece(uint64_t piece, uintptr_t place, const char *label) {
  for (size_t which = 0; which < needle_count; which++) {
    for (size_t offset = 0; offset + window <= needles[which].length; offset++) {
      if (piece_at(masked + needles[which].start + offset) == piece) {
        found[which]++;
        if (is_telling && last_told[which] + 1 != place) fprintf(stderr, "%zu is at %#zx, %s\n", which, place, label);
        last_told[which] = place;
        return;
      }
    }
  }
}

static void search_mapping(int memory, uintptr_t start, uintptr_t end, const char *label) {
  uintptr_t own_start = (uintptr_t)buffer;
  uintptr_t own_end = own_start + sizeof buffer;
  uint64_t wide_mask = mask * UINT64_C(0x0101010101010101);
  for (uintptr_t at = start; at < end;) {
    if (at >= own_start && at < own_end) {
      at = own_end;
      continue;
    }
    size_t size = end - at < sizeof buffer ? end - at : sizeof buffer;
    if (at < own_start && size > own_start - at) size = own_start - at;
    ssize_t count = pread(memory, buffer, size, (off_t)at);
    if (count <= 0) return;
    for (size_t index = 0; index + window <= (size_t)count; index++) {
      uint64_t piece = piece_at(buffer + index) ^ wide_mask;
      size_t bit = bit_of(piece);
      if ((filter[bit / 8] >> (bit % 8) & 1) != 0) count_piece(piece, at + index, label);
    }
    if ((size_t)count < window || at + (size_t)count >= end) return;
    /* A piece may cross the end of a read. */
    at += (size_t)count - (window - 1);
    if (at + window > own_start && at < own_end) at = own_end;
  }
}

/* Searches all readable memory of the process. */
static void search(void) {
  memset(found, 0, sizeof found);
  int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  if (memory < 0) exit(71);
  maps[read_all("/proc/self/maps", maps, sizeof maps)] = '\0';
  for (char *line = maps; *line != '\0';) {
    char *next = strchr(line, '\n');
    if (next == NULL) exit(71);
    *next = '\0';
    unsigned long start;
    unsigned long end;
    char mode[8];
    if (sscanf(line, "%lx-%lx %7s", &start, &end, mode) != 3) exit(71);
    if (mode[0] == 'r') search_mapping(memory, start, end, line);
    line = next + 1;
  }
  close(memory);
  explicit_bzero(buffer, sizeof buffer);
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
  size_t while_held[most];
  search();
  memcpy(while_held, found, sizeof found);
  kstack_credentials_free(held);
  kstack_container_free(container);
  is_telling = true;
  search();
  for (size_t which = 0; which < needle_count; which++) printf("%zu %zu %zu\n", which, while_held[which], found[which]);
  return 0;
}
