/* A secrets provider of the program in place of the library's own. */
#include <pthread.h>
#include <stdio.h>

#include "support.h"

#define SECRET "canary-4711"

/* The answer of a test's provider, and the arguments that it got. */
typedef struct double_provider {
  kstack_status status;
  const char *message;
  kstack_status returned;
  const char *value;
  int calls;
  int released;
  char service[80];
  char layer[80];
  char environment[80];
  kstack_reply *reply;
  kstack_container *container;
} double_provider;

static kstack_status get(void *context, const char *service, const char *layer, const char *environment,
                         kstack_reply *reply) {
  double_provider *self = context;
  self->calls++;
  self->reply = reply;
  snprintf(self->service, sizeof self->service, "%s", service);
  snprintf(self->layer, sizeof self->layer, "%s", layer);
  snprintf(self->environment, sizeof self->environment, "%s", environment != NULL ? environment : "(none)");
  if (self->value != NULL)
    assert_int_equal(kstack_reply_set(reply, "key", self->value, strlen(self->value)), KSTACK_OK);
  if (self->status != KSTACK_OK) {
    assert_int_equal(kstack_reply_set_error(reply, self->status, self->message), self->status);
  }
  return self->returned;
}

static void release(void *context) {
  ((double_provider *)context)->released++;
}

static kstack_secrets_provider provider_with(void *context, kstack_get_credentials_function function) {
  kstack_secrets_provider provider = KSTACK_SECRETS_PROVIDER_INIT;
  provider.context = context;
  provider.get_credentials = function;
  provider.release = release;
  return provider;
}

/* A container whose provider is `function` with `context`. */
static kstack_container *container_with(void *context, kstack_get_credentials_function function) {
  kstack_error *error = NULL;
  kstack_container *container = NULL;
  check_ok(kstack_container_new(NULL, &container, &error));
  kstack_secrets_provider provider = provider_with(context, function);
  check_ok(kstack_container_set_secrets_provider(container, &provider, &error));
  return container;
}

/* ------------------------------------------------------------------------------------------------------- Answers */

static kstack_status give_all(void *context, const char *service, const char *layer, const char *environment,
                              kstack_reply *reply) {
  (void)context, (void)service, (void)layer, (void)environment;
  char buffer[] = SECRET;
  assert_int_equal(kstack_reply_set(reply, "z", buffer, strlen(buffer)), KSTACK_OK);
  memset(buffer, 'x', sizeof buffer); /* it was copied */
  assert_int_equal(kstack_reply_set(reply, "a\"b", "1\n\"2\"\\\x01", 7), KSTACK_OK);
  assert_int_equal(kstack_reply_set(reply, "empty", NULL, 0), KSTACK_OK);
  return KSTACK_OK;
}

static void values_reach_the_caller_unchanged(void **state) {
  (void)state;
  double_provider self = {0};
  kstack_container *container = container_with(&self, give_all);
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error));
  assert_int_equal(kstack_credentials_count(credentials), 3);
  assert_string_equal(kstack_credentials_name(credentials, 0), "z");
  check_value(credentials, "z", SECRET);
  check_value(credentials, "a\"b", "1\n\"2\"\\\x01");
  check_value(credentials, "empty", "");
  check_json(kstack_credentials_json(credentials),
             "{\"z\":\"" SECRET "\",\"a\\\"b\":\"1\\n\\\"2\\\"\\\\\\u0001\",\"empty\":\"\"}");
  assert_non_null(strstr(kstack_credentials_source(credentials), "own secrets provider"));
  kstack_container_free(container);
  assert_int_equal(self.released, 1);
  check_value(credentials, "z", SECRET);
  kstack_credentials_free(credentials);
}

static kstack_status give_bytes(void *context, const char *service, const char *layer, const char *environment,
                                kstack_reply *reply) {
  (void)context, (void)service, (void)layer, (void)environment;
  return kstack_reply_set(reply, "bytes", "\xff\0\xfe", 3);
}

static void bytes_are_kept_and_have_no_json(void **state) {
  (void)state;
  double_provider self = {0};
  kstack_container *container = container_with(&self, give_bytes);
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error));
  size_t size = 0;
  assert_memory_equal(kstack_credentials_value(credentials, 0, &size), "\xff\0\xfe\0", 4);
  assert_int_equal(size, 3);
  size = 0;
  assert_ptr_equal(kstack_credentials_get_bytes(credentials, "bytes", &size),
                   kstack_credentials_value(credentials, 0, NULL));
  assert_int_equal(size, 3);
  assert_non_null(kstack_credentials_get_bytes(credentials, "bytes", NULL));
  /* A string would be one byte, and silently lack two. */
  assert_null(kstack_credentials_get(credentials, "bytes"));
  assert_null(kstack_credentials_get_bytes(credentials, "other", &size));
  assert_int_equal(size, 0);
  size = 9;
  assert_null(kstack_credentials_get_bytes(credentials, "byte\xff", &size));
  assert_int_equal(size, 0);
  assert_null(kstack_credentials_json(credentials));
  kstack_credentials_free(credentials);
  kstack_container_free(container);
}

static void the_function_gets_the_arguments(void **state) {
  (void)state;
  double_provider self = {.value = "one"};
  kstack_container *container = container_with(&self, get);
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  check_ok(kstack_get_credentials(container, "s3", "LAYER-3-GLOBAL-INFRA", NULL, &credentials, &error));
  kstack_credentials_free(credentials);
  assert_string_equal(self.service, "s3");
  assert_string_equal(self.layer, "layer3");
  assert_string_equal(self.environment, "(none)");
  check_ok(kstack_get_credentials(container, "smtp", "0", "staging", &credentials, &error));
  kstack_credentials_free(credentials);
  assert_string_equal(self.service, "smtp");
  assert_string_equal(self.layer, "layer0");
  assert_string_equal(self.environment, "staging");
  /* Invalid arguments do not reach it. */
  check_fails(kstack_get_credentials(container, "S3", "0", "staging", &credentials, &error),
              KSTACK_ERROR_INVALID_ARGUMENT, "");
  assert_int_equal(self.calls, 2);
  kstack_container_free(container);
}

static void null_restores_the_own_provider(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "cloud-credentials.yaml", "s3:\n  key: of the vault\n");
  kstack_container *container = container_for(box);
  double_provider self = {.value = "own"};
  kstack_secrets_provider provider = provider_with(&self, get);
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  check_ok(kstack_container_set_secrets_provider(container, &provider, &error));
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error));
  check_value(credentials, "key", "own");
  kstack_credentials_free(credentials);
  assert_int_equal(self.released, 0);
  check_ok(kstack_container_set_secrets_provider(container, NULL, &error));
  assert_int_equal(self.released, 1);
  check_ok(kstack_container_set_secrets_provider(container, NULL, &error));
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error));
  check_value(credentials, "key", "of the vault");
  kstack_credentials_free(credentials);
  kstack_container_free(container);
  assert_int_equal(self.released, 1);
}

static kstack_status give_layer(void *context, const char *layer, const char *environment, kstack_reply *reply) {
  (void)context;
  assert_string_equal(environment, "staging");
  return kstack_reply_set(reply, "of", layer, strlen(layer));
}

static void secrets_of_a_layer_are_asked_for_where_there_is_a_function(void **state) {
  (void)state;
  double_provider self = {.value = "one"};
  kstack_container *container = container_with(&self, get);
  kstack_error *error = NULL;
  kstack_credentials *credentials = GARBAGE(kstack_credentials *);
  check_fails(kstack_load_secrets(container, "layer1", "staging", &credentials, &error), KSTACK_ERROR_SERVICE_NOT_FOUND,
              "layer1", "load_secrets");
  assert_null(credentials);
  assert_int_equal(self.calls, 0);
  kstack_secrets_provider provider = provider_with(&self, get);
  provider.load_secrets = give_layer;
  check_ok(kstack_container_set_secrets_provider(container, &provider, &error));
  check_ok(kstack_load_secrets(container, "layer1", "staging", &credentials, &error));
  check_value(credentials, "of", "layer1");
  kstack_credentials_free(credentials);
  kstack_container_free(container);
  assert_int_equal(self.released, 2);
}

static void all_look_ups_ask_it(void **state) {
  sandbox *box = *state;
  write_text(
      text(box, "%s/config/environments/dev.yaml", box->project),
      "environment: dev\nallow_provider_override: true\ndeployment_targets:\n  layer3:\n    provider: localstack\n",
      0600);
  static const char *const providers[] = {"localstack", "elsewhere"};
  for (size_t index = 0; index < LENGTH(providers); index++) {
    write_text(text(box, "%s/config/providers/%s.yaml", box->project, providers[index]),
               text(box,
                    "name: %s\nprovider_family: aws\nprovider_implementation: localstack\nservices:\n  s3:\n"
                    "    endpoint_url: http://localhost:4566\n",
                    providers[index]),
               0600);
  }
  kstack_container *container = container_for(box);
  double_provider self = {.value = "one"};
  kstack_secrets_provider provider = provider_with(&self, get);
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  check_ok(kstack_container_set_secrets_provider(container, &provider, &error));
  check_ok(kstack_resolve_service(container, "s3", "layer3", NULL, NULL, &credentials, &error));
  check_value(credentials, "key", "one");
  check_value(credentials, "endpoint_url", "http://localhost:4566");
  kstack_credentials_free(credentials);
  assert_string_equal(self.service, "s3");
  assert_string_equal(self.environment, "dev");
  /* Another provider than the target's has credentials under its own name. */
  check_ok(kstack_resolve_service(container, "s3", "layer3", NULL, "elsewhere", &credentials, &error));
  kstack_credentials_free(credentials);
  assert_string_equal(self.service, "elsewhere");
  char *json = GARBAGE(char *);
  check_fails(kstack_aws_credential_process(container, "s3", "layer3", NULL, &json, &error), KSTACK_ERROR_CONFIGURATION,
              "own secrets provider");
  assert_null(json);
  kstack_container_free(container);
}

/* -------------------------------------------------------------------------------------------------------- Errors */

static void check_failure(double_provider self, kstack_status wanted, const char *part) {
  kstack_container *container = container_with(&self, get);
  kstack_error *error = NULL;
  kstack_credentials *credentials = GARBAGE(kstack_credentials *);
  check_fails(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error), wanted, part);
  assert_null(credentials);
  kstack_container_free(container);
  assert_int_equal(self.calls, 1);
}

static void errors_reach_the_caller_unchanged(void **state) {
  (void)state;
  for (kstack_status status = KSTACK_ERROR_INVALID_ARGUMENT; status <= KSTACK_ERROR_CANCELLED; status++) {
    check_failure((double_provider){.status = status, .message = "because", .returned = status}, status, "because");
    check_failure((double_provider){.status = status, .message = NULL, .returned = status}, status,
                  kstack_status_name(status));
    check_failure((double_provider){.returned = status}, status, kstack_status_name(status));
  }
  /* An error counts whatever was added, and whatever known status is returned. */
  check_failure((double_provider){.status = KSTACK_ERROR_VAULT, .message = "because", .value = "x"}, KSTACK_ERROR_VAULT,
                "because");
  check_failure((double_provider){.status = KSTACK_ERROR_VAULT, .message = "a\nb\x1b[31m\xff", .returned = 4},
                KSTACK_ERROR_VAULT, "a?b?[31m");
}

static void an_unterminated_message_is_truncated(void **state) {
  (void)state;
  char *message = malloc(100001);
  assert_non_null(message);
  memset(message, 'm', 100000);
  message[100000] = '\0';
  double_provider self = {.status = KSTACK_ERROR_IO, .message = message, .returned = KSTACK_ERROR_IO};
  kstack_container *container = container_with(&self, get);
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  assert_int_equal(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error), KSTACK_ERROR_IO);
  assert_int_equal(strlen(kstack_error_message(error)), 1024);
  kstack_error_free(error);
  kstack_container_free(container);
  free(message);
}

static void invalid_answers_are_internal_errors(void **state) {
  (void)state;
  check_failure((double_provider){.returned = KSTACK_OK}, KSTACK_ERROR_INTERNAL, "no value");
  check_failure((double_provider){.returned = 99}, KSTACK_ERROR_INTERNAL, "99");
  check_failure((double_provider){.returned = -1, .value = SECRET}, KSTACK_ERROR_INTERNAL, "-1");
  check_failure((double_provider){.returned = INT32_MIN, .value = SECRET}, KSTACK_ERROR_INTERNAL, "not a status");
}

/* Wrong uses of a reply; each adds a valid value first. */
enum misuse {
  TWICE,
  NO_NAME,
  EMPTY_NAME,
  LONG_NAME,
  BAD_NAME,
  NO_VALUE,
  BAD_SIZE,
  TOO_LARGE,
  TOO_MANY,
  OK_ERROR,
  NO_ERROR
};

static kstack_status misuse(void *context, const char *service, const char *layer, const char *environment,
                            kstack_reply *reply) {
  (void)service, (void)layer, (void)environment;
  assert_int_equal(kstack_reply_set(reply, "key", SECRET, strlen(SECRET)), KSTACK_OK);
  enum misuse kind = *(const enum misuse *)context;
  kstack_status status = KSTACK_OK;
  char long_name[1026];
  memset(long_name, 'n', sizeof long_name);
  long_name[sizeof long_name - 1] = '\0';
  switch (kind) {
    case TWICE:
      status = kstack_reply_set(reply, "key", SECRET, strlen(SECRET));
      break;
    case NO_NAME:
      status = kstack_reply_set(reply, NULL, SECRET, strlen(SECRET));
      break;
    case EMPTY_NAME:
      status = kstack_reply_set(reply, "", SECRET, strlen(SECRET));
      break;
    case LONG_NAME:
      status = kstack_reply_set(reply, long_name, SECRET, strlen(SECRET));
      break;
    case BAD_NAME:
      status = kstack_reply_set(reply, "\xff", SECRET, strlen(SECRET));
      break;
    case NO_VALUE:
      status = kstack_reply_set(reply, "other", NULL, 1);
      break;
    case BAD_SIZE:
      status = kstack_reply_set(reply, "other", SECRET, SIZE_MAX);
      break;
    case TOO_LARGE: {
      size_t size = 16 << 20;
      char *value = calloc(1, size);
      assert_non_null(value);
      status = kstack_reply_set(reply, "other", value, size);
      free(value);
      break;
    }
    case TOO_MANY:
      for (int index = 0; index < 10000 && status == KSTACK_OK; index++) {
        snprintf(long_name, sizeof long_name, "%d", index);
        status = kstack_reply_set(reply, long_name, "", 0);
      }
      break;
    case OK_ERROR:
      status = kstack_reply_set_error(reply, KSTACK_OK, SECRET);
      break;
    case NO_ERROR:
      status = kstack_reply_set_error(reply, 99, SECRET);
      break;
  }
  assert_int_equal(status, KSTACK_ERROR_INVALID_ARGUMENT);
  return KSTACK_OK; /* as a function that ignores statuses */
}

static void a_spoiled_answer_is_an_internal_error(void **state) {
  (void)state;
  static const char *const words[] = {
      [TWICE] = "more than once", [NO_NAME] = "NULL",      [EMPTY_NAME] = "empty",      [LONG_NAME] = "1024",
      [BAD_NAME] = "UTF-8",       [NO_VALUE] = "NULL",     [BAD_SIZE] = "out of range", [TOO_LARGE] = "16 MiB",
      [TOO_MANY] = "10000",       [OK_ERROR] = "status 0", [NO_ERROR] = "status 99",
  };
  for (enum misuse kind = TWICE; kind <= NO_ERROR; kind++) {
    kstack_error *error = NULL;
    kstack_container *container = NULL;
    check_ok(kstack_container_new(NULL, &container, &error));
    kstack_secrets_provider provider = provider_with(&kind, misuse);
    provider.release = NULL;
    check_ok(kstack_container_set_secrets_provider(container, &provider, &error));
    kstack_credentials *credentials = NULL;
    kstack_status status = kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error);
    assert_null(strstr(kstack_error_message(error), SECRET));
    check_fails(status, KSTACK_ERROR_INTERNAL, words[kind]);
    assert_null(credentials);
    kstack_container_free(container);
  }
}

static void a_reply_that_is_used_too_late_does_nothing(void **state) {
  (void)state;
  double_provider self = {.value = "one"};
  kstack_container *container = container_with(&self, get);
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error));
  kstack_reply *late = self.reply;
  assert_int_equal(kstack_reply_set(late, "other", "x", 1), KSTACK_ERROR_INVALID_ARGUMENT);
  assert_int_equal(kstack_reply_set_error(late, KSTACK_ERROR_IO, "x"), KSTACK_ERROR_INVALID_ARGUMENT);
  assert_int_equal(kstack_reply_set(GARBAGE(kstack_reply *), "other", "x", 1), KSTACK_ERROR_INVALID_ARGUMENT);
  assert_int_equal(kstack_credentials_count(credentials), 1);
  kstack_credentials_free(credentials);
  /* Another look-up has another reply. */
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error));
  assert_ptr_not_equal(self.reply, late);
  kstack_credentials_free(credentials);
  kstack_container_free(container);
}

static void a_refused_provider_changes_nothing(void **state) {
  (void)state;
  double_provider self = {.value = "one"};
  kstack_container *container = container_with(&self, get);
  kstack_error *error = NULL;
  double_provider other = {0};
  kstack_secrets_provider provider = provider_with(&other, NULL);
  check_fails(kstack_container_set_secrets_provider(container, &provider, &error), KSTACK_ERROR_INVALID_ARGUMENT,
              "get_credentials");
  provider = provider_with(&other, get);
  provider.struct_size = sizeof provider - 1;
  check_fails(kstack_container_set_secrets_provider(container, &provider, &error), KSTACK_ERROR_INVALID_ARGUMENT,
              "struct_size");
  check_fails(kstack_container_set_secrets_provider(NULL, &provider, &error), KSTACK_ERROR_INVALID_ARGUMENT, "NULL");
  kstack_credentials *credentials = NULL;
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error));
  kstack_credentials_free(credentials);
  kstack_container_free(container);
  assert_int_equal(self.released, 1);
  assert_int_equal(other.released, 0);
}

/* --------------------------------------------------------------------------------- From inside, and from threads */

static kstack_status replace_itself(void *context, const char *service, const char *layer, const char *environment,
                                    kstack_reply *reply) {
  double_provider *self = context;
  kstack_error *error = NULL;
  check_ok(kstack_container_set_secrets_provider(self->container, NULL, &error));
  assert_int_equal(self->released, 0);
  return get(context, service, layer, environment, reply);
}

static void a_provider_may_replace_itself(void **state) {
  (void)state;
  double_provider self = {.value = "one"};
  kstack_container *container = container_with(&self, replace_itself);
  self.container = container;
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error));
  check_value(credentials, "key", "one");
  assert_int_equal(self.released, 1);
  kstack_credentials_free(credentials);
  kstack_container_free(container);
  assert_int_equal(self.released, 1);
}

static kstack_status free_the_container(void *context, const char *service, const char *layer, const char *environment,
                                        kstack_reply *reply) {
  double_provider *self = context;
  kstack_container_free(self->container);
  assert_int_equal(self->released, 0);
  return get(context, service, layer, environment, reply);
}

static void a_provider_may_free_the_container(void **state) {
  (void)state;
  double_provider self = {.value = "one"};
  self.container = container_with(&self, free_the_container);
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  check_ok(kstack_get_credentials(self.container, "s3", "layer3", NULL, &credentials, &error));
  check_value(credentials, "key", "one");
  assert_int_equal(self.released, 1);
  kstack_credentials_free(credentials);
}

static kstack_status look_up_again(void *context, const char *service, const char *layer, const char *environment,
                                   kstack_reply *reply) {
  double_provider *self = context;
  if (strcmp(service, "deep") == 0) return get(context, service, layer, environment, reply);
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  check_ok(kstack_get_credentials(self->container, "deep", layer, environment, &credentials, &error));
  const char *value = kstack_credentials_get(credentials, "key");
  kstack_status status = kstack_reply_set(reply, "outer", value, strlen(value));
  kstack_credentials_free(credentials);
  return status;
}

static void a_provider_may_look_up_itself(void **state) {
  (void)state;
  double_provider self = {.value = "one"};
  self.container = container_with(&self, look_up_again);
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  check_ok(kstack_get_credentials(self.container, "s3", "layer3", NULL, &credentials, &error));
  check_value(credentials, "outer", "one");
  assert_int_equal(kstack_credentials_count(credentials), 1);
  kstack_credentials_free(credentials);
  kstack_container_free(self.container);
}

enum { threads = 8, rounds = 300 };

/* A provider on the heap, which its release frees. */
typedef struct counted {
  pthread_mutex_t mutex;
  int running;
  int *live;
} counted;

static pthread_mutex_t live_mutex = PTHREAD_MUTEX_INITIALIZER;
static int early;

static kstack_status count_calls(void *context, const char *service, const char *layer, const char *environment,
                                 kstack_reply *reply) {
  (void)service, (void)layer, (void)environment;
  counted *self = context;
  pthread_mutex_lock(&self->mutex);
  self->running++;
  pthread_mutex_unlock(&self->mutex);
  kstack_status status = kstack_reply_set(reply, "key", "one", 3);
  pthread_mutex_lock(&self->mutex);
  self->running--;
  pthread_mutex_unlock(&self->mutex);
  return status;
}

static void drop(void *context) {
  counted *self = context;
  pthread_mutex_lock(&live_mutex);
  if (self->running != 0) early++;
  (*self->live)--;
  pthread_mutex_unlock(&live_mutex);
  pthread_mutex_destroy(&self->mutex);
  memset(self, 0xa5, sizeof *self);
  free(self);
}

static bool put_counted(kstack_container *container, int *live) {
  counted *self = calloc(1, sizeof *self);
  if (self == NULL) return false;
  pthread_mutex_init(&self->mutex, NULL);
  self->live = live;
  pthread_mutex_lock(&live_mutex);
  (*live)++;
  pthread_mutex_unlock(&live_mutex);
  kstack_secrets_provider provider = provider_with(self, count_calls);
  provider.release = drop;
  return kstack_container_set_secrets_provider(container, &provider, NULL) == KSTACK_OK;
}

typedef struct worker {
  pthread_t thread;
  kstack_container *container;
  int *live;
  bool replaces;
  int right;
} worker;

static void *work(void *argument) {
  worker *self = argument;
  for (int round = 0; round < rounds; round++) {
    bool right = true;
    if (self->replaces) {
      right = put_counted(self->container, self->live);
    } else {
      kstack_credentials *credentials = NULL;
      right = kstack_get_credentials(self->container, "s3", "layer3", NULL, &credentials, NULL) == KSTACK_OK &&
              strcmp(kstack_credentials_get(credentials, "key"), "one") == 0;
      kstack_credentials_free(credentials);
    }
    if (right) self->right++;
  }
  return NULL;
}

static void threads_look_up_while_others_replace(void **state) {
  (void)state;
  kstack_error *error = NULL;
  kstack_container *container = NULL;
  int live = 0;
  early = 0;
  check_ok(kstack_container_new(NULL, &container, &error));
  assert_true(put_counted(container, &live));
  worker workers[threads];
  for (int index = 0; index < threads; index++) {
    workers[index] = (worker){.container = container, .live = &live, .replaces = index < 2};
    assert_int_equal(pthread_create(&workers[index].thread, NULL, work, &workers[index]), 0);
  }
  for (int index = 0; index < threads; index++) assert_int_equal(pthread_join(workers[index].thread, NULL), 0);
  for (int index = 0; index < threads; index++) assert_int_equal(workers[index].right, rounds);
  assert_int_equal(live, 1);
  kstack_container_free(container);
  assert_int_equal(live, 0);
  assert_int_equal(early, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(values_reach_the_caller_unchanged, sandbox_setup, sandbox_teardown),
      cmocka_unit_test_setup_teardown(bytes_are_kept_and_have_no_json, sandbox_setup, sandbox_teardown),
      cmocka_unit_test_setup_teardown(the_function_gets_the_arguments, sandbox_setup, sandbox_teardown),
      cmocka_unit_test_setup_teardown(null_restores_the_own_provider, sandbox_setup, sandbox_teardown),
      cmocka_unit_test(secrets_of_a_layer_are_asked_for_where_there_is_a_function),
      cmocka_unit_test_setup_teardown(all_look_ups_ask_it, sandbox_setup, sandbox_teardown),
      cmocka_unit_test(errors_reach_the_caller_unchanged),
      cmocka_unit_test(an_unterminated_message_is_truncated),
      cmocka_unit_test(invalid_answers_are_internal_errors),
      cmocka_unit_test(a_spoiled_answer_is_an_internal_error),
      cmocka_unit_test(a_reply_that_is_used_too_late_does_nothing),
      cmocka_unit_test(a_refused_provider_changes_nothing),
      cmocka_unit_test(a_provider_may_replace_itself),
      cmocka_unit_test(a_provider_may_free_the_container),
      cmocka_unit_test(a_provider_may_look_up_itself),
      cmocka_unit_test(threads_look_up_while_others_replace),
  };
  return cmocka_run_group_tests_name("provider", tests, NULL, NULL);
}
