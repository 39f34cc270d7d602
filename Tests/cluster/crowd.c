/*
 * Many clients that start at once, each with a container and a thread.
 *
 *   crowd FIRST COUNT TIMEOUT_MS
 *
 * Prints "ready", waits for a line, and then each client looks up its own service of layer3, the first c<FIRST>. Prints
 * a line for each that has no credentials, with its status, whether it may be retried, and the message; and at the end
 * how many have credentials.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "kstack.h"

/* One client. */
typedef struct client {
  char service[32];
  kstack_container *container;
  pthread_t thread;
  kstack_status status;
  kstack_error *error;
} client;

static pthread_barrier_t barrier;

static void *look_up(void *context) {
  client *self = context;
  kstack_credentials *credentials = NULL;
  pthread_barrier_wait(&barrier);
  self->status = kstack_get_credentials(self->container, self->service, "layer3", NULL, &credentials, &self->error);
  kstack_credentials_free(credentials);
  return NULL;
}

int main(int argc, char **arguments) {
  if (argc != 4) return 64;
  long first = strtol(arguments[1], NULL, 10);
  long count = strtol(arguments[2], NULL, 10);
  kstack_options options = {0};
  options.struct_size = sizeof options;
  options.timeout_ms = (uint32_t)strtoul(arguments[3], NULL, 10);
  client *clients = count > 0 ? calloc((size_t)count, sizeof *clients) : NULL;
  pthread_attr_t small;
  if (clients == NULL || pthread_barrier_init(&barrier, NULL, (unsigned)count + 1) != 0) return 71;
  if (pthread_attr_init(&small) != 0 || pthread_attr_setstacksize(&small, 256 << 10) != 0) return 71;
  for (long index = 0; index < count; index++) {
    client *one = &clients[index];
    snprintf(one->service, sizeof one->service, "c%ld", first + index);
    if (kstack_container_new(&options, &one->container, NULL) != KSTACK_OK) return 70;
    if (pthread_create(&one->thread, &small, look_up, one) != 0) return 71;
  }
  puts("ready");
  fflush(stdout);
  if (getchar() == EOF) return 66;
  pthread_barrier_wait(&barrier);
  long found = 0;
  for (long index = 0; index < count; index++) {
    client *one = &clients[index];
    pthread_join(one->thread, NULL);
    found += one->status == KSTACK_OK;
    if (one->status != KSTACK_OK) {
      printf("%s %s %s\n", kstack_status_name(one->status), kstack_error_is_retryable(one->error) ? "later" : "never",
             kstack_error_message(one->error));
    }
    kstack_error_free(one->error);
    kstack_container_free(one->container);
  }
  printf("found %ld\n", found);
  free(clients);
  return 0;
}
