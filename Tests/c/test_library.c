/*
 * What loading the library does to a process. This program is not linked with it: it starts itself again, as
 * `test_library load`, in the environment of a test, and the child loads the library with dlopen.
 */
/* For sigaltstack. */
#define _XOPEN_SOURCE 700

#include <dirent.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "support.h"

#define LIBRARY "libkstack.so.0"

/* The path of this program. */
static const char *self;

/* How many threads the process has. */
static int count_threads(void) {
  DIR *folder = opendir("/proc/self/task");
  int count = 0;
  struct dirent *entry;
  while (folder != NULL && (entry = readdir(folder)) != NULL) {
    if (entry->d_name[0] != '.') count++;
  }
  if (folder != NULL) closedir(folder);
  return count;
}

enum { signals = 65 };

/* Reads the action of each signal; those of the two that the C library reserves cannot be read. */
static void read_signals(struct sigaction *actions, bool *known) {
  memset(actions, 0, signals * sizeof *actions);
  for (int number = 1; number < signals; number++) known[number] = sigaction(number, NULL, &actions[number]) == 0;
}

static int load(void) {
  struct sigaction before[signals], after[signals];
  bool known_before[signals] = {false}, known_after[signals] = {false};
  read_signals(before, known_before);
  stack_t stack_before, stack_after;
  memset(&stack_before, 0, sizeof stack_before);
  memset(&stack_after, 0, sizeof stack_after);
  sigaltstack(NULL, &stack_before);
  int threads = count_threads();
  FILE *said = tmpfile();
  int standard_error = dup(STDERR_FILENO);
  if (said == NULL || dup2(fileno(said), STDERR_FILENO) == -1) return 18;
  void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
  dup2(standard_error, STDERR_FILENO);
  close(standard_error);
  if (lseek(fileno(said), 0, SEEK_END) != 0) {
    fprintf(stderr, "something is written to standard error\n");
    return 19;
  }
  fclose(said);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 10;
  }
  /* A first call, since a runtime may initialise itself lazily. The cast is the one of POSIX. */
  const char *(*version)(void);
  *(void **)&version = dlsym(library, "kstack_version");
  if (version == NULL || version() == NULL) return 11;
  bool (*is_in_cluster)(void);
  *(void **)&is_in_cluster = dlsym(library, "kstack_is_in_cluster");
  if (is_in_cluster == NULL) return 11;
  (void)is_in_cluster();
  if (count_threads() != threads) {
    fprintf(stderr, "%d threads, %d before\n", count_threads(), threads);
    return 12;
  }
  read_signals(after, known_after);
  int result = 0;
  for (int number = 1; number < signals; number++) {
    if (known_before[number] != known_after[number] || before[number].sa_handler != after[number].sa_handler ||
        before[number].sa_flags != after[number].sa_flags) {
      fprintf(stderr, "signal %d has another handler\n", number);
      result = 13;
    }
  }
  sigaltstack(NULL, &stack_after);
  if (stack_before.ss_sp != stack_after.ss_sp || stack_before.ss_flags != stack_after.ss_flags) {
    fprintf(stderr, "another stack for signals\n");
    result = 14;
  }
  /* Closing it is allowed, and it stays. */
  if (dlclose(library) != 0) return 15;
  if (version() == NULL) return 16;
  /* No library of the cluster part is mapped. */
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[4096];
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
    static const char *const unwanted[] = {"libcurl", "libssl", "libcrypto", "libFoundation", "libswift"};
    for (size_t index = 0; index < LENGTH(unwanted); index++) {
      if (strstr(line, unwanted[index]) == NULL) continue;
      fprintf(stderr, "mapped: %s", line);
      result = 17;
    }
  }
  if (maps != NULL) fclose(maps);
  return result;
}

static int load_in_child(void) {
  assert_int_equal(setenv("KSTACK_TEST_VERBOSE", "1", 0), 0);
  return run((const char *const[]){self, "load", NULL}, NULL);
}

static void loading_starts_no_thread_and_handles_no_signal(void **state) {
  (void)state;
  unsetenv("SWIFT_BACKTRACE");
  unsetenv("SWIFT_ROOT");
  assert_int_equal(load_in_child(), 0);
}

static void the_variables_of_the_swift_runtime_change_nothing(void **state) {
  (void)state;
  /* Where the runtime finds its swift-backtrace, it would install handlers, and elsewhere it would say so. */
  const char *root = getenv("KSTACK_TEST_SWIFT_ROOT");
  assert_int_equal(setenv("SWIFT_BACKTRACE", "enable=yes", 1), 0);
  assert_int_equal(load_in_child(), 0);
  if (root == NULL || root[0] == '\0') {
    unsetenv("SWIFT_BACKTRACE");
    skip();
  }
  assert_int_equal(setenv("SWIFT_ROOT", root, 1), 0);
  int with_both = load_in_child();
  unsetenv("SWIFT_BACKTRACE");
  int with_root = load_in_child();
  unsetenv("SWIFT_ROOT");
  assert_int_equal(with_both, 0);
  assert_int_equal(with_root, 0);
}

int main(int count, char **arguments) {
  if (count == 2 && strcmp(arguments[1], "load") == 0) return load();
  self = arguments[0];
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(loading_starts_no_thread_and_handles_no_signal),
      cmocka_unit_test(the_variables_of_the_swift_runtime_change_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
