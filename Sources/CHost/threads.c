/* Threads of the library's own, which end before the call that made them does. */
#define _GNU_SOURCE
#include <errno.h>
#include <time.h>

#include "CHost.h"

bool chost_join(pthread_t thread, int milliseconds) {
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += milliseconds / 1000;
  end.tv_nsec += milliseconds % 1000 * 1000000L;
  if (end.tv_nsec >= 1000000000L) {
    end.tv_sec++;
    end.tv_nsec -= 1000000000L;
  }
  return pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &end) != ETIMEDOUT;
}
