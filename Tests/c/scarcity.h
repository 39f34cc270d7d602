/*
 * Replaces the functions that allocate memory in the whole program: the n-th block of 64 KiB and more is refused.
 *
 * These are malloc and the functions like it, and mmap, which libsodium uses for secret memory.
 */
#ifndef SCARCITY_H
#define SCARCITY_H

#include <stdbool.h>

/* Begins to count large blocks, on all threads, and refuses the n-th (from 1); 0 refuses none. */
void scarcity_begin(long refused);

/* Ends that, and returns how many large blocks were asked for. */
long scarcity_end(void);

#endif
