/*
 * The secrets of test_memory, which the process holds masked, and the search of its memory for them.
 */
#ifndef MEMORY_SEARCH_H
#define MEMORY_SEARCH_H

#include "../support/memory_scan.h"
#include "support.h"

/* The secrets of the search. */
typedef enum needle {
  SHORT_SECRET,
  MIDDLE_SECRET,
  LONG_SECRET,
  FILE_KEY,
  PAYLOAD_KEY,
  WRAP_KEY,
  SHARED_SECRET,
  IDENTITY_TEXT,
  IDENTITY_BYTES,
  EXPANDED_KEY,
  PASSPHRASE,
  NEEDLES
} needle;

#define BIT(name) (1U << (name))
#define CONTENT (BIT(SHORT_SECRET) | BIT(MIDDLE_SECRET) | BIT(LONG_SECRET))
#define KEYS (BIT(FILE_KEY) | BIT(WRAP_KEY) | BIT(SHARED_SECRET) | BIT(EXPANDED_KEY))

/* What a container keeps after it opened a file, and a run over a vault does not. */
#define KEPT_KEY BIT(PAYLOAD_KEY)
#define ALL (BIT(NEEDLES) - 1)

enum { greatest_size = 2000 };

/* Each byte is XORed with the mask's. */
typedef struct hidden {
  unsigned char mask;
  unsigned char bytes[NEEDLES][greatest_size];
  char recipient[2048];
} hidden;

/* Shared with the child that makes files. */
extern hidden *secrets;

/* The name and the length of each secret; of the identity only what follows "AGE-SECRET-KEY-1" or
 * "AGE-SECRET-KEY-PQ-1". */
extern const char *const needle_names[NEEDLES];
extern const size_t sizes[NEEDLES];

/* New secrets, masked from the start. */
void make_secrets(void);

/* Unmasks a secret: in the child only, or for a moment. */
void unmask(needle which, unsigned char *clear);

void set_needle(needle which, const unsigned char *clear);

/* Searches all readable memory of the process, counting in scan_found; prints where it finds one of `unwanted`. */
void search(unsigned unwanted);

/* Checks that nothing of the secrets in `wanted` is in memory. */
#define check_gone(wanted) check_gone_at((wanted), __FILE__, __LINE__)
void check_gone_at(unsigned wanted, const char *file, int line);

/* Checks that all secrets in `wanted` are in memory, so that their absence later means something. */
#define check_there(wanted) check_there_at((wanted), __FILE__, __LINE__)
void check_there_at(unsigned wanted, const char *file, int line);

#endif
