/*
 * Tests the lock on a vault when the process that holds it, or waits for it, forks, dies, is cancelled or has timers.
 *
 *   locks PROJECT ACTION
 *
 * - fork-and-die: forks in the middle of a run, prints the child, and is killed; the child sleeps.
 * - fork-and-go-on: forks in the middle of a run, and the child ends the run. Is the parent's lock still held?
 * - cancel: a thread is cancelled while it waits. Are as many files open as before?
 * - cancel-state: a provider calls the library. May the thread be cancelled afterwards?
 * - timer: waits for 2.5 seconds with a timer of a millisecond.
 * - log: a log function writes to the vault while a run logs.
 *
 * Exit code 0 if all was right.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kstack.h"

static char folder[4096];
static const char *action;
static kstack_vault *vault;

static void check(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "locks: %s (%s)\n", what, strerror(errno));
  exit(70);
}

/* Takes the lock as another process would; -1 if somebody holds it. */
static int lock(void) {
  int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  check(file != -1, folder);
  if (flock(file, LOCK_EX | LOCK_NB) == 0) return file;
  close(file);
  return -1;
}

static void in_the_middle(void) {
  static int done;
  if (done++ > 0) return;
  pid_t child = fork();
  check(child != -1, "fork");
  if (strcmp(action, "fork-and-die") == 0) {
    if (child == 0) {
      sleep(60);
      _exit(0);
    }
    printf("%d\n", (int)child);
    fflush(stdout);
    kill(getpid(), SIGKILL);
  }
  if (child == 0) return;
  int status = 0;
  check(waitpid(child, &status, 0) == child && status == 0, "the child");
  check(lock() == -1, "the child released the lock of its parent");
}

/* Replaces the C library's: acts as soon as the library has the lock. */
int flock(int file, int operation) {
  int result = ((int (*)(int, int))dlsym(RTLD_NEXT, "flock"))(file, operation);
  if (result == 0 && (operation & LOCK_EX) != 0 && strncmp(action, "fork", strlen("fork")) == 0) in_the_middle();
  return result;
}

static int open_files(void) {
  DIR *files = opendir("/proc/self/fd");
  check(files != NULL, "/proc/self/fd");
  int count = 0;
  while (readdir(files) != NULL) count++;
  closedir(files);
  return count;
}

static kstack_status decrypt(void) {
  kstack_error *error = NULL;
  kstack_status status = kstack_vault_decrypt(vault, NULL, NULL, &error);
  if (error != NULL) fprintf(stderr, "%s\n", kstack_error_message(error));
  kstack_error_free(error);
  return status;
}

static void *wait_for_lock(void *context) {
  *(kstack_status *)context = decrypt();
  return NULL;
}

static void pause_for(long milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  while (nanosleep(&time, &time) != 0) continue;
}

static void cancel(void) {
  int file = lock();
  check(file != -1, "lock");
  int before = open_files();
  pthread_t thread;
  kstack_status status = -1;
  check(pthread_create(&thread, NULL, wait_for_lock, &status) == 0, "thread");
  pause_for(100);
  pthread_cancel(thread);
  pause_for(100);
  flock(file, LOCK_UN);
  pthread_join(thread, NULL);
  check(open_files() == before, "a file stays open");
  check(lock() != -1, "the lock is held");
}

static void *release(void *context) {
  pause_for(2500);
  flock(*(int *)context, LOCK_UN);
  return NULL;
}

static void nothing(int number) {
  (void)number;
}

static void timer(void) {
  int file = lock();
  check(file != -1, "lock");
  sigset_t alarm_only;
  sigemptyset(&alarm_only);
  sigaddset(&alarm_only, SIGALRM);
  pthread_sigmask(SIG_BLOCK, &alarm_only, NULL);
  pthread_t thread;
  check(pthread_create(&thread, NULL, release, &file) == 0, "thread");
  pthread_sigmask(SIG_UNBLOCK, &alarm_only, NULL);
  struct sigaction handler = {.sa_handler = nothing};
  sigaction(SIGALRM, &handler, NULL);
  struct itimerval every = {{0, 1000}, {0, 1000}};
  setitimer(ITIMER_REAL, &every, NULL);
  check(decrypt() == KSTACK_OK, "gave up");
  struct itimerval none = {{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &none, NULL);
  pthread_join(thread, NULL);
}

static kstack_status look_again(void *context, const char *service, const char *layer, const char *environment,
                                kstack_reply *reply) {
  (void)context;
  (void)service;
  (void)layer;
  (void)environment;
  check(decrypt() == KSTACK_OK, "a call within a call");
  return kstack_reply_set(reply, "key", "value", 5);
}

static void cancel_state(kstack_container *container) {
  kstack_secrets_provider provider = KSTACK_SECRETS_PROVIDER_INIT;
  provider.get_credentials = look_again;
  check(kstack_container_set_secrets_provider(container, &provider, NULL) == KSTACK_OK, "provider");
  kstack_credentials *credentials = NULL;
  check(kstack_get_credentials(container, "s3", "layer3", "dev", &credentials, NULL) == KSTACK_OK, "look-up");
  kstack_credentials_free(credentials);
  int state = -1;
  pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
  check(state == PTHREAD_CANCEL_ENABLE, "the thread can no longer be cancelled");
}

static int lines;
static pthread_t caller;

static void write_to_vault(void *context, kstack_log_level level, const char *line) {
  (void)context;
  (void)level;
  (void)line;
  check(pthread_equal(pthread_self(), caller), "a line was logged on another thread");
  lines++;
  if (vault != NULL) check(kstack_vault_write(vault, "layer2", "logged", "x", 1, NULL, NULL) == KSTACK_OK, "write");
}

int main(int count, char **arguments) {
  if (count != 3) return 64;
  action = arguments[2];
  snprintf(folder, sizeof folder, "%s/vault/dev", arguments[1]);
  kstack_options options = {0};
  options.struct_size = sizeof options;
  options.project_root = arguments[1];
  options.log = write_to_vault;
  caller = pthread_self();
  kstack_container *container = NULL;
  check(kstack_container_new(&options, &container, NULL) == KSTACK_OK, "container");
  check(kstack_vault_open(container, "dev", &vault, NULL) == KSTACK_OK, "vault");
  if (strcmp(action, "cancel") == 0) {
    cancel();
  } else if (strcmp(action, "cancel-state") == 0) {
    cancel_state(container);
  } else if (strcmp(action, "timer") == 0) {
    timer();
  } else {
    check(decrypt() == KSTACK_OK, "decrypt");
    if (strcmp(action, "log") == 0) check(lines > 0, "nothing was logged");
  }
  kstack_vault_free(vault);
  kstack_container_free(container);
  return 0;
}
