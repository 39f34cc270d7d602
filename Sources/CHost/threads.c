/* The library's own threads, which end before the call that made them. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "CHost.h"

/*
 * Uses the wall clock, since the thread sanitizer does not know pthread_clockjoin_np. Where that clock is set back the
 * wait is longer, but still ends with the thread.
 */
bool chost_join(pthread_t thread, int milliseconds) {
  struct timespec end;
  clock_gettime(CLOCK_REALTIME, &end);
  end.tv_sec += milliseconds / 1000;
  end.tv_nsec += milliseconds % 1000 * 1000000L;
  if (end.tv_nsec >= 1000000000L) {
    end.tv_sec++;
    end.tv_nsec -= 1000000000L;
  }
  return pthread_timedjoin_np(thread, NULL, &end) != ETIMEDOUT;
}

int chost_processors(void) {
  cpu_set_t usable;
  if (sched_getaffinity(0, sizeof usable, &usable) == 0) return CPU_COUNT(&usable);
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}

int chost_start(int count, void *(*body)(void *), void *argument, pthread_t *threads) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int started = 0;
  while (started < count && pthread_create(&threads[started], NULL, body, argument) == 0) started++;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return started;
}

/* ---------------------------------------------------------------------------------------------------- Shared work */

enum { GREATEST_SHARE = 16 };

/*
 * How many threads the library has started that are at work, so that several calls at once do not start more than there
 * are processors. The calling threads are not counted.
 */
static atomic_int busy;

void chost_occupy(int threads) {
  atomic_fetch_add(&busy, threads);
}

struct work {
  size_t count;
  void (*piece)(void *context, size_t index);
  void *context;
  atomic_size_t next;
};

static void do_pieces(struct work *work) {
  size_t index;
  while ((index = atomic_fetch_add(&work->next, 1)) < work->count) work->piece(work->context, index);
}

/* Its processor is free again at once, for work within a piece that another thread still does. */
static void *help(void *work) {
  do_pieces(work);
  chost_occupy(-1);
  return NULL;
}

/* Counts up to `wanted` threads as busy for which there are processors; returns how many. */
static int take_helpers(int wanted) {
  int processors = chost_processors();
  int known = atomic_load(&busy);
  int count;
  do {
    count = processors - 1 - known;
    if (count > wanted) count = wanted;
    if (count <= 0) return 0;
  } while (!atomic_compare_exchange_weak(&busy, &known, known + count));
  return count;
}

bool chost_has_helpers(void) {
  return chost_processors() - 1 > atomic_load(&busy);
}

void chost_share(size_t count, void (*piece)(void *context, size_t index), void *context) {
  struct work work = {.count = count, .piece = piece, .context = context, .next = 1};
  if (count <= 2) {
    piece(context, 0);
    do_pieces(&work);
    return;
  }
  int helpers = take_helpers(count - 1 < GREATEST_SHARE ? (int)count - 1 : GREATEST_SHARE);
  pthread_t threads[GREATEST_SHARE];
  int started = helpers > 0 ? chost_start(helpers, help, &work, threads) : 0;
  chost_occupy(started - helpers);
  piece(context, 0);
  do_pieces(&work);
  for (int index = 0; index < started; index++) pthread_join(threads[index], NULL);
}
