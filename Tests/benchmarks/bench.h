/* Shared by the benchmarks in C: a warm look-up, clocks and medians. */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kstack.h"

enum { most_rounds = 1000 };

/* The service to look up. */
static kstack_container *container;
static const char *service;
static const char *layer;

/* Ends the program after a failure, which has no figure. */
static void require(bool condition, const char *what) {
  if (condition) return;
  fprintf(stderr, "bench: %s\n", what);
  exit(1);
}

static void look_up(void) {
  kstack_credentials *credentials = NULL;
  kstack_error *error = NULL;
  kstack_status status = kstack_get_credentials(container, service, layer, NULL, &credentials, &error);
  require(status == KSTACK_OK, kstack_error_message(error));
  kstack_credentials_free(credentials);
}

/* In microseconds. */
static double now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int compare(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return (difference > 0) - (difference < 0);
}

static double median(double *values, int count) {
  qsort(values, (size_t)count, sizeof *values, compare);
  return values[count / 2];
}

#endif
