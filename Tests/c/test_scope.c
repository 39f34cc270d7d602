/* Scopes: calls that end at a deadline, or when they are cancelled. */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "support.h"

/* In milliseconds. SOON is much longer than a call needs to end, and much shorter than it would wait otherwise. One
 * call may take that long on a busy machine, but not all of ROUNDS: the fastest shows that kstack.h promises 50
 * rightly. */
enum { SOON = 5000, FASTEST = 100, ROUNDS = 20, MANY = 1000 };

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static kstack_cancellation *cancellation_new(void) {
  kstack_error *error = NULL;
  kstack_cancellation *cancellation = GARBAGE(kstack_cancellation *);
  check_ok(kstack_cancellation_new(&cancellation, &error));
  return cancellation;
}

static kstack_container *scope_of(kstack_container *parent, uint32_t timeout, kstack_cancellation *cancellation) {
  kstack_scope scope = KSTACK_SCOPE_INIT;
  scope.timeout_ms = timeout;
  scope.cancellation = cancellation;
  kstack_error *error = NULL;
  kstack_container *out = GARBAGE(kstack_container *);
  check_ok(kstack_container_scope(parent, &scope, &out, &error));
  assert_null(error);
  return out;
}

static kstack_vault *open_vault(kstack_container *container) {
  kstack_error *error = NULL;
  kstack_vault *vault = NULL;
  check_ok(kstack_vault_open(container, "dev", &vault, &error));
  return vault;
}

static void check_environment(kstack_container *container, kstack_status wanted) {
  kstack_error *error = NULL;
  char *environment = GARBAGE(char *);
  assert_int_equal(kstack_get_environment(container, &environment, &error), wanted);
  assert_int_equal(kstack_error_code(error), wanted);
  if (wanted != KSTACK_OK) assert_null(environment);
  kstack_error_free(error);
  kstack_string_free(environment);
}

/* Locks the vault of the sandbox, as another program does. */
static int hold(sandbox *box) {
  int descriptor = open(text(box, "%s/dev", box->vault), O_RDONLY | O_DIRECTORY);
  assert_true(descriptor >= 0);
  assert_int_equal(flock(descriptor, LOCK_EX), 0);
  return descriptor;
}

/* Cancels after a pause in milliseconds, and says when. */
typedef struct canceller {
  kstack_cancellation *cancellation;
  long pause;
  long at;
} canceller;

static void *cancel_later(void *given) {
  canceller *later = given;
  struct timespec pause = {0, later->pause * 1000000};
  nanosleep(&pause, NULL);
  later->at = now();
  kstack_cancellation_cancel(later->cancellation);
  return NULL;
}

static void a_wait_for_the_lock_is_cancelled(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a", "a: 1\n");
  kstack_container *container = container_for(box);
  kstack_cancellation *cancellation = cancellation_new();
  kstack_container *scope = scope_of(container, 0, cancellation);
  kstack_vault *vault = open_vault(scope);
  int lock = hold(box);
  pthread_t thread;
  canceller later = {cancellation, 200, 0};
  assert_int_equal(pthread_create(&thread, NULL, cancel_later, &later), 0);
  long start = now();
  kstack_error *error = NULL;
  check_fails(kstack_vault_decrypt(vault, NULL, NULL, &error), KSTACK_ERROR_CANCELLED, "cancelled");
  assert_true(now() - start < SOON);
  assert_int_equal(pthread_join(thread, NULL), 0);
  /* For good, although the lock is free by now. */
  close(lock);
  check_fails(kstack_vault_decrypt(vault, NULL, NULL, &error), KSTACK_ERROR_CANCELLED, "cancelled");
  check_environment(scope, KSTACK_ERROR_CANCELLED);
  check_environment(container, KSTACK_OK);
  kstack_vault_free(vault);
  kstack_container_free(scope);
  kstack_cancellation_free(cancellation);
  kstack_container_free(container);
}

static void a_cancelled_wait_ends_at_once(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a", "a: 1\n");
  kstack_container *container = container_for(box);
  int lock = hold(box);
  long fastest = SOON;
  for (int round = 0; round < ROUNDS; round++) {
    kstack_cancellation *cancellation = cancellation_new();
    kstack_container *scope = scope_of(container, 0, cancellation);
    kstack_vault *vault = open_vault(scope);
    pthread_t thread;
    canceller later = {cancellation, 50, 0};
    assert_int_equal(pthread_create(&thread, NULL, cancel_later, &later), 0);
    kstack_error *error = NULL;
    check_fails(kstack_vault_decrypt(vault, NULL, NULL, &error), KSTACK_ERROR_CANCELLED, "cancelled");
    long end = now();
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(end - later.at < SOON);
    if (end - later.at < fastest) fastest = end - later.at;
    kstack_vault_free(vault);
    kstack_container_free(scope);
    kstack_cancellation_free(cancellation);
  }
  assert_true(fastest < FASTEST);
  close(lock);
  kstack_container_free(container);
}

static void a_wait_for_the_lock_ends_at_the_deadline(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a", "a: 1\n");
  kstack_container *container = container_for(box);
  kstack_vault *outside = open_vault(container);
  kstack_container *scope = scope_of(container, 300, NULL);
  kstack_vault *vault = open_vault(scope);
  int lock = hold(box);
  long start = now();
  kstack_error *error = NULL;
  assert_int_equal(kstack_vault_decrypt(vault, NULL, NULL, &error), KSTACK_ERROR_TIMEOUT);
  assert_true(kstack_error_is_retryable(error));
  kstack_error_free(error);
  assert_true(now() - start < SOON);
  close(lock);
  check_environment(scope, KSTACK_ERROR_TIMEOUT);
  check_ok(kstack_vault_decrypt(outside, NULL, NULL, &error));
  kstack_vault_free(outside);
  kstack_vault_free(vault);
  kstack_container_free(container);
  kstack_container_free(scope);
}

static void a_long_run_is_cancelled_and_completed_later(void **state) {
  sandbox *box = *state;
  write_text(text(box, "%s/.recipients/dev.txt", box->vault), text(box, "%s\n", box->mine.recipient), 0644);
  size_t size = 32 << 20;
  char *large = calloc(1, size);
  assert_non_null(large);
  memset(large, 'x', size);
  for (int number = 0; number < 8; number++)
    write_file(text(box, "%s/dev/layer3/large-%d", box->vault, number), large, size, 0600);
  free(large);
  kstack_container *container = container_for(box);
  kstack_cancellation *cancellation = cancellation_new();
  kstack_container *scope = scope_of(container, 0, cancellation);
  kstack_vault *vault = open_vault(scope);
  pthread_t thread;
  canceller later = {cancellation, 200, 0};
  assert_int_equal(pthread_create(&thread, NULL, cancel_later, &later), 0);
  kstack_error *error = NULL;
  kstack_vault_report *report = NULL;
  check_fails(kstack_vault_encrypt(vault, NULL, &report, &error), KSTACK_ERROR_CANCELLED, "cancelled");
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_int_equal(kstack_vault_report_count(report), 8);
  for (int number = 0; number < 8; number++) {
    bool is_written = kstack_vault_report_result(report, (size_t)number) == KSTACK_VAULT_WRITTEN;
    assert_int_equal(exists(text(box, "%s/dev/layer3/secret.large-%d", box->vault, number)), is_written);
    assert_int_equal(exists(text(box, "%s/dev/layer3/large-%d", box->vault, number)), !is_written);
  }
  char *files = listing(text(box, "%s/dev", box->vault));
  assert_null(strstr(files, ".kstack-tmp-"));
  free(files);
  kstack_vault_report_free(report);
  kstack_vault_free(vault);
  vault = open_vault(container);
  check_ok(kstack_vault_encrypt(vault, NULL, NULL, &error));
  assert_false(exists(text(box, "%s/dev/layer3/large-7", box->vault)));
  kstack_vault_free(vault);
  kstack_container_free(scope);
  kstack_cancellation_free(cancellation);
  kstack_container_free(container);
}

static void scopes_of_scopes_inherit(void **state) {
  sandbox *box = *state;
  kstack_container *container = container_for(box);
  kstack_cancellation *outer = cancellation_new();
  kstack_cancellation *inner = cancellation_new();
  kstack_container *parent = scope_of(container, 0, outer);
  kstack_container *child = scope_of(parent, 3600000, inner);
  kstack_container *sibling = scope_of(parent, 0, NULL);
  check_environment(child, KSTACK_OK);
  kstack_cancellation_cancel(inner);
  check_environment(child, KSTACK_ERROR_CANCELLED);
  check_environment(sibling, KSTACK_OK);
  check_environment(parent, KSTACK_OK);
  kstack_cancellation_cancel(outer);
  kstack_cancellation_cancel(outer);
  kstack_cancellation_free(outer);
  kstack_cancellation_free(inner);
  check_environment(sibling, KSTACK_ERROR_CANCELLED);
  check_environment(container, KSTACK_OK);
  /* Frees in either order. */
  kstack_container_free(parent);
  kstack_container_free(container);
  check_environment(sibling, KSTACK_ERROR_CANCELLED);
  kstack_container_free(child);
  kstack_container_free(sibling);
}

static kstack_cancellation *signalled;

static void on_signal(int number) {
  (void)number;
  kstack_cancellation_cancel(signalled);
}

static void a_signal_handler_may_cancel(void **state) {
  kstack_container *container = container_for(*state);
  signalled = cancellation_new();
  kstack_container *scope = scope_of(container, 0, signalled);
  struct sigaction action = {0}, before;
  action.sa_handler = on_signal;
  assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
  raise(SIGUSR1);
  sigaction(SIGUSR1, &before, NULL);
  check_environment(scope, KSTACK_ERROR_CANCELLED);
  kstack_container_free(scope);
  kstack_container_free(container);
  kstack_cancellation_free(signalled);
}

static void a_child_has_its_own_flag(void **state) {
  kstack_container *container = container_for(*state);
  kstack_cancellation *cancellation = cancellation_new();
  kstack_container *scope = scope_of(container, 0, cancellation);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    char *environment = NULL;
    if (kstack_get_environment(scope, &environment, NULL) != KSTACK_OK) _exit(1);
    kstack_string_free(environment);
    kstack_cancellation_cancel(cancellation);
    kstack_status status = kstack_get_environment(scope, &environment, NULL);
    kstack_container_free(scope);
    kstack_cancellation_free(cancellation);
    kstack_container_free(container);
    _exit(status == KSTACK_ERROR_CANCELLED ? 0 : 2);
  }
  assert_int_equal(wait_for(child), 0);
  check_environment(scope, KSTACK_OK);
  kstack_container_free(scope);
  kstack_cancellation_free(cancellation);
  kstack_container_free(container);
}

static kstack_status answer(void *context, const char *service, const char *layer, const char *environment,
                            kstack_reply *reply) {
  (void)service;
  (void)layer;
  (void)environment;
  return kstack_reply_set(reply, "from", context, strlen(context));
}

static void set_provider(kstack_container *container, const char *name) {
  kstack_secrets_provider provider = KSTACK_SECRETS_PROVIDER_INIT;
  provider.context = (void *)(uintptr_t)name;
  provider.get_credentials = answer;
  kstack_error *error = NULL;
  check_ok(kstack_container_set_secrets_provider(container, name == NULL ? NULL : &provider, &error));
}

static void check_provider(kstack_container *container, const char *name) {
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  check_ok(kstack_get_credentials(container, "s3", "layer3", "dev", &credentials, &error));
  assert_string_equal(kstack_credentials_get(credentials, "from"), name);
  kstack_credentials_free(credentials);
}

static void the_provider_of_the_parent_answers_unless_the_scope_has_its_own(void **state) {
  kstack_container *container = container_for(*state);
  kstack_container *scope = scope_of(container, 0, NULL);
  set_provider(container, "parent");
  check_provider(scope, "parent");
  set_provider(scope, "scope");
  check_provider(scope, "scope");
  check_provider(container, "parent");
  set_provider(scope, NULL);
  check_provider(scope, "parent");
  kstack_container_free(container);
  check_provider(scope, "parent");
  kstack_container_free(scope);
}

static void many_scopes_leave_nothing(void **state) {
  kstack_container *container = container_for(*state);
  int before = dup(0);
  close(before);
  for (int number = 0; number < MANY; number++) {
    kstack_cancellation *cancellation = cancellation_new();
    kstack_container *scope = scope_of(container, 60000, cancellation);
    kstack_cancellation_free(cancellation);
    check_environment(scope, KSTACK_OK);
    kstack_container_free(scope);
  }
  int after = dup(0);
  close(after);
  assert_int_equal(after, before);
  kstack_container_free(container);
}

/* The state of is_interrupted: how often and on which thread it was called, and after how many calls it is true. */
typedef struct asker {
  int asked;
  int enough;
  bool is_of_thread;
  pthread_t thread;
  kstack_container *container;
} asker;

static bool is_interrupted(void *context) {
  asker *question = context;
  question->asked++;
  if (!pthread_equal(question->thread, pthread_self())) question->is_of_thread = false;
  if (question->container != NULL) check_environment(question->container, KSTACK_OK);
  return question->asked >= question->enough;
}

static void is_interrupted_ends_a_call(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a", "a: 1\n");
  kstack_container *container = container_for(box);
  /* How often short calls call it depends on how long they take. */
  asker question = {0, INT_MAX, true, pthread_self(), container};
  kstack_scope wanted = KSTACK_SCOPE_INIT;
  wanted.is_interrupted = is_interrupted;
  wanted.context = &question;
  kstack_error *error = NULL;
  kstack_container *scope = NULL;
  check_ok(kstack_container_scope(container, &wanted, &scope, &error));
  kstack_vault *vault = open_vault(scope);
  int lock = hold(box);
  question.asked = 0;
  question.enough = 3;
  long start = now();
  check_fails(kstack_vault_decrypt(vault, NULL, NULL, &error), KSTACK_ERROR_CANCELLED, "cancelled");
  assert_true(now() - start < SOON);
  assert_int_equal(question.asked, 3);
  assert_true(question.is_of_thread);
  close(lock);
  /* It ends one call, and no other. */
  question.enough = INT_MAX;
  check_environment(scope, KSTACK_OK);
  check_ok(kstack_vault_decrypt(vault, NULL, NULL, &error));
  kstack_vault_free(vault);
  kstack_container_free(scope);
  kstack_container_free(container);
}

static void is_interrupted_is_called_during_a_long_run(void **state) {
  sandbox *box = *state;
  write_text(text(box, "%s/.recipients/dev.txt", box->vault), text(box, "%s\n", box->mine.recipient), 0644);
  size_t size = 64 << 20;
  char *large = calloc(1, size);
  assert_non_null(large);
  for (int number = 0; number < 2; number++)
    write_file(text(box, "%s/dev/layer3/large-%d", box->vault, number), large, number == 0 ? size : 1, 0600);
  free(large);
  kstack_container *container = container_for(box);
  asker question = {0, 1, true, pthread_self(), NULL};
  kstack_scope wanted = KSTACK_SCOPE_INIT;
  wanted.is_interrupted = is_interrupted;
  wanted.context = &question;
  kstack_error *error = NULL;
  kstack_vault *vault = open_vault(container);
  kstack_vault *scope = NULL;
  check_ok(kstack_vault_scope(vault, &wanted, &scope, &error));
  /* Whichever thread has the large file, the function is called on the thread of the call. */
  check_fails(kstack_vault_encrypt(scope, NULL, NULL, &error), KSTACK_ERROR_CANCELLED, "cancelled");
  assert_int_equal(question.asked, 1);
  assert_true(question.is_of_thread);
  assert_true(exists(text(box, "%s/dev/layer3/large-0", box->vault)));
  check_ok(kstack_vault_encrypt(vault, NULL, NULL, &error));
  kstack_vault_free(scope);
  kstack_vault_free(vault);
  kstack_container_free(container);
}

static void a_vault_has_scopes_too(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a", "a: 1\n");
  kstack_container *container = container_for(box);
  kstack_vault *vault = open_vault(container);
  kstack_container_free(container);
  kstack_cancellation *cancellation = cancellation_new();
  kstack_scope wanted = KSTACK_SCOPE_INIT;
  wanted.timeout_ms = 3600000;
  wanted.cancellation = cancellation;
  kstack_error *error = NULL;
  kstack_vault *scope = GARBAGE(kstack_vault *);
  check_ok(kstack_vault_scope(vault, &wanted, &scope, &error));
  assert_string_equal(kstack_vault_path(scope), kstack_vault_path(vault));
  kstack_vault *inner = NULL;
  wanted.cancellation = NULL;
  check_ok(kstack_vault_scope(scope, &wanted, &inner, &error));
  check_ok(kstack_vault_decrypt(inner, NULL, NULL, &error));
  kstack_cancellation_cancel(cancellation);
  kstack_cancellation_free(cancellation);
  check_fails(kstack_vault_decrypt(scope, NULL, NULL, &error), KSTACK_ERROR_CANCELLED, "cancelled");
  check_fails(kstack_vault_decrypt(inner, NULL, NULL, &error), KSTACK_ERROR_CANCELLED, "cancelled");
  check_ok(kstack_vault_decrypt(vault, NULL, NULL, &error));
  kstack_vault_free(inner);
  check_fails(kstack_vault_scope(NULL, &wanted, &inner, &error), KSTACK_ERROR_INVALID_ARGUMENT, "vault");
  check_fails(kstack_vault_scope(vault, NULL, &inner, &error), KSTACK_ERROR_INVALID_ARGUMENT, "scope");
  check_fails(kstack_vault_scope(vault, &wanted, NULL, &error), KSTACK_ERROR_INVALID_ARGUMENT, "out");
  assert_null(inner);
  kstack_vault_free(vault);
  kstack_vault_free(scope);
}

static void arguments_are_checked(void **state) {
  kstack_container *container = container_for(*state);
  kstack_scope scope = KSTACK_SCOPE_INIT;
  kstack_container *out = GARBAGE(kstack_container *);
  kstack_error *error = NULL;
  check_fails(kstack_container_scope(NULL, &scope, &out, &error), KSTACK_ERROR_INVALID_ARGUMENT, "container");
  assert_null(out);
  check_fails(kstack_container_scope(container, NULL, &out, &error), KSTACK_ERROR_INVALID_ARGUMENT, "scope");
  check_fails(kstack_container_scope(container, &scope, NULL, &error), KSTACK_ERROR_INVALID_ARGUMENT, "out");
  scope.struct_size = 1;
  check_fails(kstack_container_scope(container, &scope, &out, &error), KSTACK_ERROR_INVALID_ARGUMENT, "struct_size");
  check_fails(kstack_cancellation_new(NULL, &error), KSTACK_ERROR_INVALID_ARGUMENT, "out");
  kstack_cancellation_cancel(NULL);
  kstack_cancellation_free(NULL);
  kstack_container_free(container);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sandbox_setup, sandbox_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_wait_for_the_lock_is_cancelled),
      TEST(a_cancelled_wait_ends_at_once),
      TEST(a_wait_for_the_lock_ends_at_the_deadline),
      TEST(a_long_run_is_cancelled_and_completed_later),
      TEST(scopes_of_scopes_inherit),
      TEST(a_signal_handler_may_cancel),
      TEST(a_child_has_its_own_flag),
      TEST(the_provider_of_the_parent_answers_unless_the_scope_has_its_own),
      TEST(many_scopes_leave_nothing),
      TEST(is_interrupted_ends_a_call),
      TEST(is_interrupted_is_called_during_a_long_run),
      TEST(a_vault_has_scopes_too),
      TEST(arguments_are_checked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
