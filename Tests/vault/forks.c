/*
 * Forks while another thread makes the process's first call: does the child hang on a lock of that thread?
 *
 *   forks PROJECT NANOSECONDS
 *
 * Waits that long after the other thread began, forks, and lets the child look a credential up. Exit code 0 if it got
 * the right answer, 1 for another, 2 if it hung for five seconds.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kstack.h"

static const char *project;
static atomic_int begun;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int look_up(void) {
  kstack_options options = {0};
  options.struct_size = sizeof options;
  options.project_root = project;
  kstack_container *container = NULL;
  kstack_credentials *credentials = NULL;
  kstack_error *error = NULL;
  int wrong = kstack_container_new(&options, &container, &error) != KSTACK_OK ||
              kstack_get_credentials(container, "s3", "layer3", "dev", &credentials, &error) != KSTACK_OK ||
              strcmp(kstack_credentials_get(credentials, "key"), "held") != 0;
  if (error != NULL) fprintf(stderr, "%s\n", kstack_error_message(error));
  kstack_error_free(error);
  kstack_credentials_free(credentials);
  kstack_container_free(container);
  return wrong;
}

static void *call(void *context) { /* anything but NULL */
  atomic_store(&begun, 1);
  return look_up() == 0 ? NULL : context;
}

int main(int count, char **arguments) {
  if (count != 3) return 64;
  project = arguments[1];
  int64_t delay = atoll(arguments[2]);
  pthread_t thread;
  if (pthread_create(&thread, NULL, call, (void *)project) != 0) return 71;
  while (atomic_load(&begun) == 0) continue;
  for (int64_t end = now() + delay; now() < end;) continue;
  pid_t child = fork();
  if (child == 0) {
    alarm(5);
    _exit(look_up());
  }
  int status = 0;
  waitpid(child, &status, 0);
  void *result = NULL;
  pthread_join(thread, &result);
  if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGALRM ? 2 : 3;
  return result == NULL ? WEXITSTATUS(status) : 1;
}
