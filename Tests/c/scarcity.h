/*
 * Stands in for the functions that give memory, in the whole program: the n-th block of 64 KiB and more is refused.
 *
 * That is malloc and its like, and mmap, which libsodium takes memory for secrets with.
 */
#ifndef SCARCITY_H
#define SCARCITY_H

#include <stdbool.h>

/* Begins to count large blocks, on all threads, and refuses the n-th (from 1); 0 refuses none. */
void scarcity_begin(long refused);

/* Ends that, and gives how many large blocks were asked for. */
long scarcity_end(void);

#endif
