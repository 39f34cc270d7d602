/*
 * A flag that several objects share. It is only memory: setting it from a signal handler is safe, a forked child has
 * its own, and a host may close all descriptors.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "CHost.h"

struct chost_cancellation {
  atomic_long references;
  atomic_bool is_cancelled;
};

struct chost_cancellation *chost_cancellation_make(void) {
  struct chost_cancellation *cancellation = malloc(sizeof *cancellation);
  if (cancellation == NULL) return NULL;
  atomic_init(&cancellation->references, 1);
  atomic_init(&cancellation->is_cancelled, false);
  return cancellation;
}

void chost_cancellation_keep(struct chost_cancellation *cancellation) {
  atomic_fetch_add_explicit(&cancellation->references, 1, memory_order_relaxed);
}

void chost_cancellation_release(struct chost_cancellation *cancellation) {
  if (cancellation == NULL) return;
  if (atomic_fetch_sub_explicit(&cancellation->references, 1, memory_order_acq_rel) == 1) free(cancellation);
}

void chost_cancel(struct chost_cancellation *cancellation) {
  if (cancellation != NULL) atomic_store(&cancellation->is_cancelled, true);
}

bool chost_is_cancelled(const struct chost_cancellation *cancellation) {
  return atomic_load(&cancellation->is_cancelled);
}
