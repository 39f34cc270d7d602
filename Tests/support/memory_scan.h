/*
 * Searches all memory that /proc/self/mem can read for every piece of 8 bytes of some secrets, which the process itself
 * holds only XORed with a mask.
 */
#ifndef MEMORY_SCAN_H
#define MEMORY_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { scan_window = 8, scan_most = 16 };

/* How many pieces the last search found of each secret. */
extern size_t scan_found[scan_most];

/* Called for the first of several adjacent pieces of a secret, with its address and the line of its mapping. */
typedef void scan_report(size_t secret, uintptr_t address, const char *mapping);

/* Forgets all secrets; those added next are XORed with `mask`. */
void scan_begin(unsigned char mask);

/* Adds a masked secret, with a number below scan_most. */
void scan_add(size_t secret, const unsigned char *masked, size_t size);

/* Searches, and counts in scan_found; `report` may be NULL. False if /proc cannot be read. */
bool scan(scan_report *report);

#endif
