/*
 * A client of the library, for tests that trace, kill and starve it.
 *
 *   client PROJECT ACTION…
 *
 * Actions, done one after another on the vault of the environment "dev": decrypt, encrypt, decrypt-over and
 * encrypt-over (with KSTACK_VAULT_OVERWRITE), write:LAYER/NAME=TEXT, threads:COUNT:ROUNDS (each thread writes, reads,
 * decrypts and encrypts). Prints a line per file, `file RESULT PATH MESSAGE`, and two lines per action, `cause ERRNO
 * PATH` and `end STATUS MESSAGE`, separated by tabs. The exit code is the status of the last action.
 *
 * With KSTACK_TEST_ONE_PROCESSOR set the library sees one processor, so that it starts no thread and makes the same
 * calls in the same order each time. With KSTACK_TEST_AFTER=CALL:N it runs KSTACK_TEST_COMMAND in a shell after the
 * library's N-th call of a function, and prints `changed`. With KSTACK_TEST_FOLDERS_FAIL=ERRNO no folder can be
 * synchronized. With KSTACK_TEST_SECONDS_LATER=N its clock is so many seconds ahead.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "kstack.h"

/* These replace the C library's. */
int sched_getaffinity(pid_t process, size_t size, cpu_set_t *set) {
  if (getenv("KSTACK_TEST_ONE_PROCESSOR") == NULL) {
    return ((int (*)(pid_t, size_t, cpu_set_t *))dlsym(RTLD_NEXT, "sched_getaffinity"))(process, size, set);
  }
  CPU_ZERO_S(size, set);
  CPU_SET_S(0, size, set);
  return 0;
}

time_t time(time_t *result) {
  const char *later = getenv("KSTACK_TEST_SECONDS_LATER");
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  now.tv_sec += later == NULL ? 0 : atoi(later);
  if (result != NULL) *result = now.tv_sec;
  return now.tv_sec;
}

/* The name of the call to intercept, the number of calls before it, and the command to run. */
static const char *awaited;
static int remaining;

static void await_call(void) {
  static char name[32];
  const char *after = getenv("KSTACK_TEST_AFTER");
  if (after == NULL) return;
  if (sscanf(after, "%31[^:]:%d", name, &remaining) != 2) exit(64);
  awaited = name;
}

static void called(const char *name) {
  if (awaited == NULL || strcmp(awaited, name) != 0 || --remaining > 0) return;
  awaited = NULL;
  if (system(getenv("KSTACK_TEST_COMMAND")) != 0) exit(70);
  printf("changed\n");
}

/* Replace the C library's, as above: the call, then the command if it was awaited. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define AFTER(type, name, parameters, arguments) \
  type name parameters {                         \
    type result = REAL(name) arguments;          \
    called(#name);                               \
    return result;                               \
  }

AFTER(ssize_t, read, (int file, void *data, size_t size), (file, data, size))
AFTER(ssize_t, pread, (int file, void *data, size_t size, off_t offset), (file, data, size, offset))
AFTER(ssize_t, write, (int file, const void *data, size_t size), (file, data, size))
AFTER(off_t, lseek, (int file, off_t offset, int whence), (file, offset, whence))
AFTER(int, fstatat, (int folder, const char *name, struct stat *status, int flags), (folder, name, status, flags))
AFTER(int, fchmod, (int file, mode_t mode), (file, mode))
AFTER(int, flock, (int file, int how), (file, how))
AFTER(int, renameat2, (int from, const char *old, int to, const char *new, unsigned flags), (from, old, to, new, flags))
AFTER(int, renameat, (int from, const char *old, int to, const char *new), (from, old, to, new))
AFTER(int, unlinkat, (int folder, const char *name, int flags), (folder, name, flags))

/* Fails for folders with the error of KSTACK_TEST_FOLDERS_FAIL, as on file systems without support. */
int fsync(int file) {
  struct stat status;
  const char *error = getenv("KSTACK_TEST_FOLDERS_FAIL");
  if (error != NULL && fstat(file, &status) == 0 && S_ISDIR(status.st_mode)) {
    errno = atoi(error);
    return -1;
  }
  int result = REAL(fsync)(file);
  called("fsync");
  return result;
}

int openat(int folder, const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  int result = REAL(openat)(folder, path, flags, mode);
  called("openat");
  return result;
}

static const char *const results[] = {"unchanged", "written", "conflict", "failed"};

/* Prints how an action ended and frees its error. */
static kstack_status ended(kstack_status status, kstack_error *error) {
  if (status == KSTACK_OK) error = NULL;
  printf("cause\t%d\t%s\n", kstack_error_errno(error), kstack_error_path(error));
  printf("end\t%s\t%s\n", kstack_status_name(status), kstack_error_message(error));
  kstack_error_free(error);
  return status;
}

static kstack_status run_over(kstack_vault *vault, const char *action) {
  kstack_vault_options options = {0};
  options.struct_size = sizeof options;
  await_call();
  if (strstr(action, "-over") != NULL) options.flags = KSTACK_VAULT_OVERWRITE;
  kstack_vault_report *report = NULL;
  kstack_error *error = NULL;
  kstack_status status = strncmp(action, "encrypt", strlen("encrypt")) == 0
                             ? kstack_vault_encrypt(vault, &options, &report, &error)
                             : kstack_vault_decrypt(vault, &options, &report, &error);
  for (size_t index = 0; index < kstack_vault_report_count(report); index++) {
    printf("file\t%s\t%s\t%s\n", results[kstack_vault_report_result(report, index)],
           kstack_vault_report_path(report, index), kstack_vault_report_message(report, index));
  }
  awaited = NULL;
  kstack_vault_report_free(report);
  return ended(status, error);
}

static kstack_status write_one(kstack_vault *vault, const char *arguments) {
  char layer[16];
  char name[256];
  int length = 0;
  kstack_error *error = NULL;
  if (sscanf(arguments, "%15[^/]/%255[^=]=%n", layer, name, &length) != 2) exit(64);
  const char *data = arguments + length;
  return ended(kstack_vault_write(vault, layer, name, data, strlen(data), NULL, &error), error);
}

/* The state of one thread. */
typedef struct part {
  kstack_vault *vault;
  int number;
  int rounds;
  kstack_status status;
  char message[4096];
} part;

/* Keeps the first failure. */
static int is_fine(part *mine, kstack_status status, kstack_error **error) {
  if (status != KSTACK_OK) {
    mine->status = status;
    snprintf(mine->message, sizeof mine->message, "%s", kstack_error_message(*error));
    kstack_error_free(*error);
  }
  return status == KSTACK_OK;
}

static void *work(void *context) {
  part *mine = context;
  kstack_error *error = NULL;
  char name[32];
  snprintf(name, sizeof name, "thread-%d", mine->number);
  for (int round = 0; round < mine->rounds; round++) {
    char data[64];
    int size = snprintf(data, sizeof data, "thread %d, round %d\n", mine->number, round);
    if (!is_fine(mine, kstack_vault_write(mine->vault, "layer2", name, data, (size_t)size, NULL, &error), &error))
      break;
    if (!is_fine(mine, kstack_vault_decrypt(mine->vault, NULL, NULL, &error), &error)) break;
    if (!is_fine(mine, kstack_vault_encrypt(mine->vault, NULL, NULL, &error), &error)) break;
    /* Nobody else writes this file: the runs of other threads never edit it. */
    kstack_secret *secret = NULL;
    if (!is_fine(mine, kstack_vault_read(mine->vault, "layer2", name, &secret, &error), &error)) break;
    if (strcmp(kstack_secret_data(secret), data) != 0) {
      mine->status = KSTACK_ERROR_INTERNAL;
      snprintf(mine->message, sizeof mine->message, "%s was lost", name);
      mine->rounds = 0;
    }
    kstack_secret_free(secret);
  }
  return NULL;
}

static kstack_status run_threads(kstack_vault *vault, const char *arguments) {
  enum { most = 16 };
  int count = 0;
  int rounds = 0;
  if (sscanf(arguments, "%d:%d", &count, &rounds) != 2 || count > most) exit(64);
  static part parts[most];
  pthread_t threads[most];
  for (int index = 0; index < count; index++) {
    parts[index] = (part){.vault = vault, .number = index, .rounds = rounds};
    if (pthread_create(&threads[index], NULL, work, &parts[index]) != 0) exit(71);
  }
  kstack_status status = KSTACK_OK;
  const char *message = "";
  for (int index = 0; index < count; index++) {
    pthread_join(threads[index], NULL);
    if (parts[index].status == KSTACK_OK) continue;
    status = parts[index].status;
    message = parts[index].message;
  }
  printf("end\t%s\t%s\n", kstack_status_name(status), message);
  return status;
}

int main(int count, char **arguments) {
  static char buffer[1 << 20];
  if (count < 3) return 64;
  /* The output is written at the end. */
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  kstack_options options = {0};
  options.struct_size = sizeof options;
  options.project_root = arguments[1];
  kstack_container *container = NULL;
  kstack_vault *vault = NULL;
  kstack_error *error = NULL;
  kstack_status status = kstack_container_new(&options, &container, &error);
  if (status == KSTACK_OK) status = kstack_vault_open(container, "dev", &vault, &error);
  if (status != KSTACK_OK) {
    status = ended(status, error);
  } else {
    for (int index = 2; index < count; index++) {
      const char *action = arguments[index];
      if (strncmp(action, "write:", strlen("write:")) == 0) {
        status = write_one(vault, action + strlen("write:"));
      } else if (strncmp(action, "threads:", strlen("threads:")) == 0) {
        status = run_threads(vault, action + strlen("threads:"));
      } else {
        status = run_over(vault, action);
      }
    }
  }
  kstack_vault_free(vault);
  kstack_container_free(container);
  return (int)status;
}
