#define _DEFAULT_SOURCE
#include "memory_search.h"

#include <sodium.h>
#include <sys/mman.h>

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

static unsigned unwanted_needles;

static void report(size_t which, uintptr_t address, const char *mapping) {
  if ((BIT(which) & unwanted_needles) == 0) return;
  print_error("%s is at %p, %s\n", needle_names[which], (void *)address, mapping);
}

/* Searches all readable memory of the process. */
void search(unsigned unwanted) {
  unwanted_needles = unwanted;
  scan_begin(secrets->mask);
  for (needle which = 0; which < NEEDLES; which++) scan_add(which, secrets->bytes[which], sizes[which]);
  assert_true(scan(report));
}

/* Checks that nothing of the secrets in `wanted` is in memory. */
void check_gone_at(unsigned wanted, const char *file, int line) {
  search(wanted);
  bool is_found = false;
  for (needle which = 0; which < NEEDLES; which++) {
    if ((BIT(which) & wanted) == 0 || scan_found[which] == 0) continue;
    print_error("%s is in memory: %zu pieces\n", needle_names[which], scan_found[which]);
    is_found = true;
  }
  if (is_found) _fail(file, line);
}

/* Checks that all secrets in `wanted` are in memory, so that their absence later means something. */
void check_there_at(unsigned wanted, const char *file, int line) {
  search(0);
  for (needle which = 0; which < NEEDLES; which++) {
    if ((BIT(which) & wanted) == 0 || scan_found[which] >= sizes[which] - scan_window + 1) continue;
    print_error("%s is not in memory: %zu pieces\n", needle_names[which], scan_found[which]);
    _fail(file, line);
  }
}
