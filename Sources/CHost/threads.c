/* Threads of the library's own, which end before the call that made them does. */
#define _GNU_SOURCE
#include <errno.h>
#include <time.h>

#include "CHost.h"

/*
 * By the clock on the wall, since the thread sanitizer does not know pthread_clockjoin_np. Where that clock is set back
 * the wait is longer, but ends with the thread all the same.
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
