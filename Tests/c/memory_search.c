#define _DEFAULT_SOURCE
#include "memory_search.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { table_bits = 14, filter_bits = 20 };

/* --------------------------------------------------------------------------------------------------- What is secret */

const char *const needle_names[NEEDLES] = {
    "the secret of 40 bytes", "the secret of 300 bytes", "the secret of 2000 bytes",
    "the file key",           "the payload key",         "the wrap key",
    "the shared secret",      "the identity's text",     "the identity's bytes",
    "the expanded key",       "the passphrase",
};

/* The lengths; of the identity only what follows "AGE-SECRET-KEY-1", which is in the library itself. */
const size_t sizes[NEEDLES] = {40, 300, 2000, 16, 32, 32, 32, 58, 32, 1600, 24};

/* Shared with the child that makes files. */
hidden *secrets;

/* Unmasks a secret: in the child only, or for a moment. */
void unmask(needle which, unsigned char *clear) {
  for (size_t index = 0; index < sizes[which]; index++) clear[index] = secrets->bytes[which][index] ^ secrets->mask;
}

void set_needle(needle which, const unsigned char *clear) {
  for (size_t index = 0; index < sizes[which]; index++) secrets->bytes[which][index] = clear[index] ^ secrets->mask;
}

/* New secrets, masked from the start. */
void make_secrets(void) {
  static const char characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  assert_true(sodium_init() >= 0);
  secrets = mmap(NULL, sizeof *secrets, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(secrets != MAP_FAILED);
  /* With the highest bit no masked string is a string. */
  secrets->mask = (unsigned char)(0x80 | randombytes_uniform(0x80));
  for (needle which = 0; which < NEEDLES; which++) {
    for (size_t index = 0; index < sizes[which]; index++) {
      unsigned char byte = which == FILE_KEY ? (unsigned char)randombytes_uniform(256)
                                             : (unsigned char)characters[randombytes_uniform(sizeof characters - 1)];
      secrets->bytes[which][index] = byte ^ secrets->mask;
    }
  }
}

/* ------------------------------------------------------------------------------------------------------- The search */

/* The secret of a piece of 8 bytes, by its masked value; 0 marks an empty slot. */
static struct entry {
  uint64_t masked;
  needle owner;
} table[1 << table_bits];
static unsigned char filter[(1 << filter_bits) / 8];

/* The last read; the only memory that is not searched. */
static unsigned char buffer[1 << 20];
static char maps[1 << 20];

/* How many pieces were found of each. */
size_t found[NEEDLES];

static uint64_t spread(uint64_t masked) {
  return masked * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t wide_mask(void) {
  return secrets->mask * UINT64_C(0x0101010101010101);
}

static void fill_table(void) {
  memset(table, 0, sizeof table);
  memset(filter, 0, sizeof filter);
  for (needle which = 0; which < NEEDLES; which++) {
    for (size_t start = 0; start + window <= sizes[which]; start++) {
      uint64_t masked;
      memcpy(&masked, &secrets->bytes[which][start], window);
      uint64_t hash = spread(masked);
      size_t bit = hash >> (64 - filter_bits);
      filter[bit / 8] |= (unsigned char)(1 << (bit % 8));
      size_t place = hash >> (64 - table_bits);
      while (table[place].masked != 0 && table[place].masked != masked) place = (place + 1) % LENGTH(table);
      table[place].masked = masked;
      table[place].owner = which;
    }
  }
}

/* The secret that a piece belongs to; NEEDLES for none. */
static needle owner_of(uint64_t masked) {
  size_t place = spread(masked) >> (64 - table_bits);
  while (table[place].masked != 0) {
    if (table[place].masked == masked) return table[place].owner;
    place = (place + 1) % LENGTH(table);
  }
  return NEEDLES;
}

/* Searches one mapping; prints where it finds one of `unwanted`. */
static void search_mapping(int memory, uintptr_t start, uintptr_t end, const char *label, unsigned unwanted) {
  uint64_t mask = wide_mask();
  uintptr_t own_start = (uintptr_t)buffer;
  uintptr_t own_end = own_start + sizeof buffer;
  for (uintptr_t at = start; at < end;) {
    if (at >= own_start && at < own_end) {
      at = own_end;
      continue;
    }
    size_t size = end - at < sizeof buffer ? end - at : sizeof buffer;
    if (at < own_start && size > own_start - at) size = own_start - at;
    ssize_t count = pread(memory, buffer, size, (off_t)at);
    if (count <= 0) return;
    needle last = NEEDLES;
    for (size_t index = 0; index + window <= (size_t)count; index++) {
      uint64_t masked;
      memcpy(&masked, buffer + index, window);
      masked ^= mask;
      size_t bit = spread(masked) >> (64 - filter_bits);
      if ((filter[bit / 8] >> (bit % 8) & 1) == 0) continue;
      needle owner = owner_of(masked);
      if (owner == NEEDLES) continue;
      found[owner]++;
      if (owner != last && (BIT(owner) & unwanted) != 0) {
        print_error("%s is at %p, %s\n", needle_names[owner], (void *)(at + index), label);
      }
      last = owner;
    }
    if ((size_t)count < window || at + (size_t)count >= end) return;
    /* A piece may lie across the ends of two reads. */
    at += (size_t)count - (window - 1);
    if (at + window > own_start && at < own_end) at = own_end;
  }
}

/* Searches all readable memory of the process. */
void search(unsigned unwanted) {
  memset(found, 0, sizeof found);
  fill_table();
  int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  int list = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  assert_true(memory >= 0 && list >= 0);
  size_t length = 0;
  ssize_t count;
  while ((count = read(list, maps + length, sizeof maps - 1 - length)) > 0) length += (size_t)count;
  assert_int_equal(count, 0);
  assert_true(length > 0 && length < sizeof maps - 1);
  maps[length] = '\0';
  close(list);
  for (char *line = maps; *line != '\0';) {
    char *next = strchr(line, '\n');
    assert_non_null(next);
    *next = '\0';
    unsigned long start;
    unsigned long end;
    char mode[8];
    assert_int_equal(sscanf(line, "%lx-%lx %7s", &start, &end, mode), 3);
    if (mode[0] == 'r') search_mapping(memory, start, end, line, unwanted);
    line = next + 1;
  }
  close(memory);
  explicit_bzero(buffer, sizeof buffer);
}

/* Checks that nothing of the secrets in `wanted` is in memory. */
void check_gone_at(unsigned wanted, const char *file, int line) {
  search(wanted);
  bool is_found = false;
  for (needle which = 0; which < NEEDLES; which++) {
    if ((BIT(which) & wanted) == 0 || found[which] == 0) continue;
    print_error("%s is in memory: %zu pieces\n", needle_names[which], found[which]);
    is_found = true;
  }
  if (is_found) _fail(file, line);
}

/* Checks that all secrets in `wanted` are in memory, so that their absence later means something. */
void check_there_at(unsigned wanted, const char *file, int line) {
  search(0);
  for (needle which = 0; which < NEEDLES; which++) {
    if ((BIT(which) & wanted) == 0 || found[which] >= sizes[which] - window + 1) continue;
    print_error("%s is not in memory: %zu pieces\n", needle_names[which], found[which]);
    _fail(file, line);
  }
}
