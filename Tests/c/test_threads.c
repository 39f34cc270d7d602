/* One container in many threads, and after a fork. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "support.h"

enum { threads = 8, rounds = 200, forks = 200 };

/* The arguments of a thread, and how often its results were right. */
typedef struct worker {
  pthread_t thread;
  kstack_container *container;
  kstack_vault *vault;
  int index;
  int right;
} worker;

/* One look-up without cmocka, whose checks only work on the main thread. */
static bool look_up(kstack_container *container, const char *service, const char *wanted) {
  kstack_credentials *out = NULL;
  kstack_error *error = NULL;
  bool right = kstack_get_credentials(container, service, "layer3", NULL, &out, &error) == KSTACK_OK && error == NULL;
  const char *value = kstack_credentials_get(out, "key");
  right = right && value != NULL && strcmp(value, wanted) == 0;
  kstack_credentials_free(out);
  kstack_error_free(error);
  return right;
}

static void *work(void *argument) {
  worker *self = argument;
  for (int round = 0; round < rounds; round++) {
    bool right = false;
    switch ((self->index + round) % 4) {
      case 0:
      case 1:
        right = look_up(self->container, "s3", "one");
        break;
      case 2:
        right = look_up(self->container, "smtp", "two");
        break;
      default: {
        kstack_secret *secret = NULL;
        right = kstack_vault_read(self->vault, "layer3", "raw", &secret, NULL) == KSTACK_OK &&
                kstack_secret_size(secret) == 3 && memcmp(kstack_secret_data(secret), "raw", 4) == 0;
        kstack_secret_free(secret);
      }
    }
    if (right) self->right++;
  }
  return NULL;
}

static void threads_share_a_container(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "cloud-credentials.yaml", "s3:\n  key: one\nsmtp:\n  key: two\n");
  put_secret(box, "dev", "layer3", "raw", "raw");
  kstack_container *container = container_for(box);
  kstack_vault *vault = NULL;
  kstack_error *error = NULL;
  check_ok(kstack_vault_open(container, NULL, &vault, &error));
  worker workers[threads];
  for (int index = 0; index < threads; index++) {
    workers[index] = (worker){.container = container, .vault = vault, .index = index};
    assert_int_equal(pthread_create(&workers[index].thread, NULL, work, &workers[index]), 0);
  }
  for (int index = 0; index < threads; index++) assert_int_equal(pthread_join(workers[index].thread, NULL), 0);
  for (int index = 0; index < threads; index++) assert_int_equal(workers[index].right, rounds);
  kstack_vault_free(vault);
  kstack_container_free(container);
}

/* In a child: a fault ends it, where cmocka would continue with other tests, and so does a deadlock. */
static void fail_by_signal(void) {
  static const int signals[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
  for (size_t index = 0; index < LENGTH(signals); index++) signal(signals[index], SIG_DFL);
  alarm(60);
}

static void a_child_can_use_what_its_parent_made(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "cloud-credentials.yaml", "s3:\n  key: one\nsmtp:\n  key: two\n");
  kstack_container *container = container_for(box);
  kstack_credentials *made = NULL;
  kstack_error *error = NULL;
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &made, &error));
  pid_t children[4];
  for (size_t index = 0; index < LENGTH(children); index++) {
    children[index] = fork();
    assert_true(children[index] >= 0);
    if (children[index] == 0) {
      fail_by_signal();
      const char *value = kstack_credentials_get(made, "key");
      bool right = value != NULL && strcmp(value, "one") == 0;
      for (int round = 0; round < 10; round++) right = look_up(container, "smtp", "two") && right;
      kstack_credentials_free(made);
      kstack_container_free(container);
      _exit(right ? 0 : 1);
    }
  }
  for (int round = 0; round < 10; round++) assert_true(look_up(container, "s3", "one"));
  for (size_t index = 0; index < LENGTH(children); index++) assert_int_equal(wait_for(children[index]), 0);
  check_value(made, "key", "one");
  kstack_credentials_free(made);
  kstack_container_free(container);
}

/* All kinds of calls, one after another, on a thread with as little stack as the header asks for. */
static void *call_everything(void *argument) {
  sandbox *box = argument;
  kstack_options options = {.struct_size = sizeof options};
  options.project_root = box->project;
  options.identity_file = box->identity_file;
  kstack_container *container = NULL;
  kstack_vault *vault = NULL;
  kstack_credentials *credentials = NULL;
  kstack_credentials *variables = NULL;
  kstack_secret *secret = NULL;
  bool right = kstack_container_new(&options, &container, NULL) == KSTACK_OK &&
               kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, NULL) == KSTACK_OK &&
               kstack_credentials_environ(credentials, &variables, NULL) == KSTACK_OK;
  kstack_credentials_free(variables);
  kstack_credentials_free(credentials);
  credentials = NULL;
  right = right && kstack_load_secrets(container, "layer3", NULL, &credentials, NULL) == KSTACK_OK;
  kstack_credentials_free(credentials);
  credentials = NULL;
  right = right && kstack_resolve_service(container, "s3", "layer3", NULL, NULL, &credentials, NULL) == KSTACK_OK;
  kstack_credentials_free(credentials);
  right = right && kstack_vault_open(container, NULL, &vault, NULL) == KSTACK_OK;
  kstack_vault_options run = {.struct_size = sizeof run};
  kstack_status (*const runs[])(kstack_vault *, const kstack_vault_options *, kstack_vault_report **,
                                kstack_error **) = {kstack_vault_decrypt, kstack_vault_status, kstack_vault_rekey,
                                                    kstack_vault_encrypt};
  for (size_t index = 0; right && index < LENGTH(runs); index++) {
    kstack_vault_report *report = NULL;
    right = runs[index](vault, &run, &report, NULL) == KSTACK_OK;
    kstack_vault_report_free(report);
  }
  right = right && kstack_vault_write(vault, "layer3", "new.yaml", "a: 1\n", 5, NULL, NULL) == KSTACK_OK &&
          kstack_vault_read(vault, "layer3", "new.yaml", &secret, NULL) == KSTACK_OK;
  kstack_secret_free(secret);
  kstack_vault_free(vault);
  kstack_container_free(container);
  return right ? box : NULL;
}

static void sixty_four_kibibytes_of_stack_are_enough(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "cloud-credentials.yaml", "s3:\n  key: one\n");
  put_secret(box, "dev", "layer3", "app.yaml", "token: two\nlist: three\n");
  make_folders(text(box, "%s/.recipients", box->vault));
  write_text(text(box, "%s/.recipients/dev.txt", box->vault), box->mine.recipient, 0644);
  make_folders(text(box, "%s/environments", box->project));
  make_folders(text(box, "%s/providers", box->project));
  write_text(text(box, "%s/environments/dev.yaml", box->project),
             "environment: dev\ndeployment_targets:\n  layer3:\n    provider: cloud\n", 0644);
  write_text(text(box, "%s/providers/cloud.yaml", box->project),
             "name: cloud\nprovider_family: aws\nprovider_implementation: aws\nregion: r\nservices: [s3]\n", 0644);
  pthread_attr_t small;
  pthread_t thread;
  void *result = NULL;
  assert_int_equal(pthread_attr_init(&small), 0);
  assert_int_equal(pthread_attr_setstacksize(&small, 64 << 10), 0);
  assert_int_equal(pthread_create(&thread, &small, call_everything, box), 0);
  assert_int_equal(pthread_join(thread, &result), 0);
  assert_ptr_equal(result, box);
  pthread_attr_destroy(&small);
}

/* Looks up without end, until `stop` is set. */
static int stop;
static void *keep_looking_up(void *argument) {
  while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) look_up(argument, "s3", "one");
  return NULL;
}

static void a_fork_while_other_threads_look_up_does_no_harm(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "cloud-credentials.yaml", "s3:\n  key: one\n");
  kstack_container *container = container_for(box);
  assert_true(look_up(container, "s3", "one"));
  pthread_t busy[3];
  __atomic_store_n(&stop, 0, __ATOMIC_RELAXED);
  for (size_t index = 0; index < LENGTH(busy); index++) {
    assert_int_equal(pthread_create(&busy[index], NULL, keep_looking_up, container), 0);
  }
  int failed = 0;
  for (int round = 0; round < forks; round++) {
    pid_t child = fork();
    if (child == 0) {
      fail_by_signal();
      _exit(look_up(container, "s3", "one") ? 0 : 1);
    }
    int code = wait_for(child);
    if (code != 0) print_error("child %d of %d ended with %d\n", round, forks, code);
    if (code != 0) failed++;
  }
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
  for (size_t index = 0; index < LENGTH(busy); index++) assert_int_equal(pthread_join(busy[index], NULL), 0);
  assert_int_equal(failed, 0);
  kstack_container_free(container);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sandbox_setup, sandbox_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(threads_share_a_container),
      TEST(a_child_can_use_what_its_parent_made),
      TEST(sixty_four_kibibytes_of_stack_are_enough),
  };
  /* In such a child valgrind reports memory of the other threads as lost. */
  const struct CMUnitTest tests_without_valgrind[] = {
      TEST(a_fork_while_other_threads_look_up_does_no_harm),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  if (getenv("KSTACK_TEST_VALGRIND") == NULL) failed += cmocka_run_group_tests(tests_without_valgrind, NULL, NULL);
  return failed;
}
