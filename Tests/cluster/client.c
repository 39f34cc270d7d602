/*
 * A client in a pod that uses the C library directly.
 *
 *   client look-up            for each line of the input, a service of layer3: prints the status and how many values
 *   client soak COUNT         COUNT look-ups of s3; prints the resources in use after the first hundred and at the end
 *
 * SIGPIPE kills, as in a program that does not handle it. It is raised whenever it can be: newer versions of libcurl
 * suppress it, and here they get it all the same.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kstack.h"

/* Replaces the C library's. */
ssize_t send(int socket, const void *data, size_t size, int flags) {
  return sendto(socket, data, size, flags & ~MSG_NOSIGNAL, NULL, 0);
}

/* Looks up, prints a failure, and returns the number of values. */
static kstack_status look_up(kstack_container *container, const char *service, size_t *count) {
  kstack_credentials *credentials = NULL;
  kstack_error *error = NULL;
  kstack_status status = kstack_get_credentials(container, service, "layer3", NULL, &credentials, &error);
  *count = status == KSTACK_OK ? kstack_credentials_count(credentials) : 0;
  if (status != KSTACK_OK) fprintf(stderr, "%s\n", kstack_error_message(error));
  kstack_credentials_free(credentials);
  kstack_error_free(error);
  return status;
}

/* Resources of the process that must not grow. */
typedef struct usage {
  long descriptors;
  long mappings;
  long resident_kib;
} usage;

static usage measure(void) {
  usage measured = {0, 0, 0};
  static char line[8192];
  DIR *folder = opendir("/proc/self/fd");
  if (folder == NULL) exit(71);
  while (readdir(folder) != NULL) measured.descriptors++;
  closedir(folder);
  FILE *maps = fopen("/proc/self/maps", "r");
  if (maps == NULL) exit(71);
  while (fgets(line, sizeof line, maps) != NULL) measured.mappings++;
  fclose(maps);
  FILE *status = fopen("/proc/self/status", "r");
  if (status == NULL) exit(71);
  while (fgets(line, sizeof line, status) != NULL) {
    if (strncmp(line, "VmRSS:", strlen("VmRSS:")) == 0)
      measured.resident_kib = strtol(line + strlen("VmRSS:"), NULL, 10);
  }
  fclose(status);
  return measured;
}

static kstack_status soak(kstack_container *container, long count) {
  usage before = {0, 0, 0};
  size_t values = 0;
  for (long round = 1; round <= count; round++) {
    kstack_status status = look_up(container, "s3", &values);
    if (status != KSTACK_OK) return status;
    if (round == 100) before = measure();
  }
  usage after = measure();
  printf("%ld %ld %ld\n%ld %ld %ld\n", before.descriptors, before.mappings, before.resident_kib, after.descriptors,
         after.mappings, after.resident_kib);
  return KSTACK_OK;
}

static void look_up_lines(kstack_container *container) {
  char line[128];
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    size_t count = 0;
    kstack_status status = look_up(container, line, &count);
    printf("%s %zu\n", kstack_status_name(status), count);
    fflush(stdout);
  }
}

int main(int count, char **arguments) {
  if (count < 2) return 64;
  signal(SIGPIPE, SIG_DFL);
  kstack_container *container = NULL;
  kstack_status status = kstack_container_new(NULL, &container, NULL);
  if (status != KSTACK_OK) return (int)status;
  if (strcmp(arguments[1], "soak") == 0 && count == 3) {
    status = soak(container, strtol(arguments[2], NULL, 10));
  } else {
    look_up_lines(container);
  }
  kstack_container_free(container);
  return (int)status;
}
