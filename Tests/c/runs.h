/*
 * Shared by the tests of encrypting and decrypting: a sandbox whose team "dev" is the user alone, runs over its vault,
 * and checks of their results.
 */
#ifndef RUNS_H
#define RUNS_H

#include "support.h"

/* A run over the whole vault. */
typedef kstack_status (*direction)(kstack_vault *vault, const kstack_vault_options *options,
                                   kstack_vault_report **report, kstack_error **error);

/* The bytes of a file, to be compared later. */
typedef struct bytes {
  char *data;
  size_t size;
} bytes;

/* Writes the recipients file of a team, below the vault or, with an environment, below that one; returns its path. */
const char *put_recipients(sandbox *box, const char *environment, const char *team, const char *content);

/* A sandbox whose team "dev" is the user alone. */
int runs_setup(void **state);

/* The path of a file of layer3. */
const char *at(sandbox *box, const char *name);

/* Runs over all files, checks the status and the result of layer3/a.yaml. */
void run_over(kstack_vault *vault, direction go, uint32_t flags, kstack_status wanted, kstack_vault_result result);

/* Runs into a conflict, and checks that nothing has changed. */
void run_into_conflict(sandbox *box, kstack_vault *vault, direction go);

/* Checks what the age program decrypts, with an identity file. */
void check_age_reads(sandbox *box, const char *path, const char *identity_file, const char *wanted);

/* Checks what the vault reads from layer3 in memory. */
void check_held(kstack_vault *vault, const char *name, const char *wanted);

bytes bytes_of(const char *path);

/* Whether a file still has the bytes; frees them. */
bool still_has(const char *path, bytes before);

void check_nothing_left(sandbox *box);

/* A vault in which layer3/a.yaml was decrypted, with the content "a: 1\n". */
kstack_vault *decrypted(sandbox *box);

#endif
