/*
 * The context and its guard. The program runs once in each context, which in-pod makes and KSTACK_TEST_CONTEXT names:
 * local, local-empty-host (KUBERNETES_SERVICE_HOST is set and empty), pod, no-token, unreadable, unopenable.
 */
#include "support.h"

/* The name of the context that the program was started in. */
static const char *mode(void) {
  const char *name = getenv("KSTACK_TEST_CONTEXT");
  return name != NULL ? name : "local";
}

static bool expects_cluster(void) {
  return strncmp(mode(), "local", strlen("local")) != 0;
}

static void the_context_is_the_one_of_this_place(void **state) {
  (void)state;
  assert_int_equal(kstack_is_in_cluster(), expects_cluster());
  assert_int_equal(kstack_current_context(), expects_cluster() ? KSTACK_CONTEXT_CLUSTER : KSTACK_CONTEXT_LOCAL);
}

static void the_reason_says_which_signs_were_seen(void **state) {
  (void)state;
  const char *reason = kstack_context_reason();
  check_message(reason);
  assert_ptr_equal(reason, kstack_context_reason());
  assert_non_null(strstr(reason, "/var/run/secrets/kubernetes.io/serviceaccount/token"));
  if (!expects_cluster() || strcmp(mode(), "no-token") == 0) {
    assert_non_null(strstr(reason, "KUBERNETES_SERVICE_HOST"));
  }
}

static void the_guard_lets_its_own_context_pass(void **state) {
  (void)state;
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_guard(kstack_current_context(), &error));
  assert_int_equal(kstack_guard(kstack_current_context(), NULL), KSTACK_OK);
}

static void the_guard_refuses_the_other_context(void **state) {
  (void)state;
  kstack_context other = expects_cluster() ? KSTACK_CONTEXT_LOCAL : KSTACK_CONTEXT_CLUSTER;
  kstack_error *error = GARBAGE(kstack_error *);
  kstack_status status = kstack_guard(other, &error);
  assert_int_equal(status, KSTACK_ERROR_ENVIRONMENT);
  assert_false(kstack_error_is_retryable(error));
  check_fails(status, KSTACK_ERROR_ENVIRONMENT, "");
  assert_int_equal(kstack_guard(other, NULL), KSTACK_ERROR_ENVIRONMENT);
}

static void the_guard_refuses_a_number_that_is_no_context(void **state) {
  (void)state;
  static const kstack_context numbers[] = {-1, 2, INT32_MAX, INT32_MIN};
  for (size_t index = 0; index < LENGTH(numbers); index++) {
    kstack_error *error = GARBAGE(kstack_error *);
    check_fails(kstack_guard(numbers[index], &error), KSTACK_ERROR_INVALID_ARGUMENT, "");
    assert_int_equal(kstack_guard(numbers[index], NULL), KSTACK_ERROR_INVALID_ARGUMENT);
  }
}

static void nothing_changes_the_context_once_it_is_known(void **state) {
  (void)state;
  const char *before = getenv("KUBERNETES_SERVICE_HOST");
  char kept[256] = "";
  if (before != NULL) strncpy(kept, before, sizeof kept - 1);
  assert_int_equal(setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1", 1), 0);
  the_context_is_the_one_of_this_place(state);
  assert_int_equal(unsetenv("KUBERNETES_SERVICE_HOST"), 0);
  the_context_is_the_one_of_this_place(state);
  the_guard_refuses_the_other_context(state);
  if (before != NULL) assert_int_equal(setenv("KUBERNETES_SERVICE_HOST", kept, 1), 0);
}

/* ----------------------------------------------------------------------------- Functions of the wrong context */

/*
 * Every local function, twice: with NULL for everything (the context is checked first), and with a container where one
 * is taken and sound texts. A vault cannot be had in a pod.
 */
#define LOCAL_CALLS(X)                                                                                          \
  X(vault_open_null, kstack_vault *, kstack_vault_open(NULL, NULL, &out, error))                                \
  X(vault_open, kstack_vault *, kstack_vault_open(container, "dev", &out, error))                               \
  X(vault_is_encrypted, char *, kstack_vault_is_encrypted(NULL, as_bool(&out), error))                          \
  X(vault_decrypt, kstack_vault_report *, kstack_vault_decrypt(NULL, NULL, &out, error))                        \
  X(vault_encrypt, kstack_vault_report *, kstack_vault_encrypt(NULL, NULL, &out, error))                        \
  X(vault_rekey, kstack_vault_report *, kstack_vault_rekey(NULL, NULL, &out, error))                            \
  X(vault_status, kstack_vault_report *, kstack_vault_status(NULL, NULL, &out, error))                          \
  X(vault_write_null, char *, write_nothing(&out, NULL, NULL, error))                                           \
  X(vault_write, char *, write_nothing(&out, "layer3", "a.yaml", error))                                        \
  X(vault_read_null, kstack_secret *, kstack_vault_read(NULL, NULL, NULL, &out, error))                         \
  X(vault_read, kstack_secret *, kstack_vault_read(NULL, "layer3", "a.yaml", &out, error))                      \
  X(vault_get_file_null, char *, kstack_vault_get_file(NULL, NULL, NULL, &out, error))                          \
  X(vault_get_file, char *, kstack_vault_get_file(NULL, "layer3", "a.yaml", &out, error))                       \
  X(vault_list, kstack_string_list *, kstack_vault_list(NULL, NULL, KSTACK_VAULT_FILES_DECRYPTED, &out, error)) \
  X(vault_list_bad, kstack_string_list *, kstack_vault_list(NULL, "layer9", 7, &out, error))                    \
  X(list_environments_null, kstack_string_list *, kstack_list_environments(NULL, &out, error))                  \
  X(list_environments, kstack_string_list *, kstack_list_environments(container, &out, error))                  \
  X(list_services_null, kstack_string_list *, kstack_list_services(NULL, NULL, NULL, &out, error))              \
  X(list_services, kstack_string_list *, kstack_list_services(container, "layer3", "dev", &out, error))         \
  X(identity_generate, char *, kstack_identity_generate(&out, &second, error))

/* A flag that is true before the call and has to be false after it stands in for a pointer. */
static bool flag;
static bool *as_bool(char **out) {
  *out = NULL;
  flag = true;
  return &flag;
}

/* A function that has no output to set. */
static kstack_status write_nothing(char **out, const char *layer, const char *filename, kstack_error **error) {
  *out = NULL;
  return kstack_vault_write(NULL, layer, filename, NULL, 0, NULL, error);
}

#define LOCAL_FUNCTION(name, type, call)                                           \
  static void in_a_pod_##name(kstack_container *container, kstack_error **error) { \
    (void)container;                                                               \
    type out = GARBAGE(type);                                                      \
    char *second = GARBAGE(char *);                                                \
    (void)second;                                                                  \
    flag = false;                                                                  \
    kstack_status status = (call);                                                 \
    assert_int_equal(status, KSTACK_ERROR_ENVIRONMENT);                            \
    assert_null(out);                                                              \
    assert_false(flag);                                                            \
    if (strcmp(#name, "identity_generate") == 0) assert_null(second);              \
  }
LOCAL_CALLS(LOCAL_FUNCTION)

static const struct {
  const char *name;
  void (*call)(kstack_container *container, kstack_error **error);
} local_functions[] = {
#define LOCAL_ROW(name, type, call) {#name, in_a_pod_##name},
    LOCAL_CALLS(LOCAL_ROW)};

static void local_functions_are_refused_in_a_pod(void **state) {
  (void)state;
  kstack_container *container = NULL;
  kstack_error *error = NULL;
  check_ok(kstack_container_new(NULL, &container, &error));
  for (size_t index = 0; index < LENGTH(local_functions); index++) {
    error = GARBAGE(kstack_error *);
    local_functions[index].call(container, &error);
    if (kstack_error_code(error) != KSTACK_ERROR_ENVIRONMENT) print_error("%s\n", local_functions[index].name);
    check_fails(kstack_error_code(error), KSTACK_ERROR_ENVIRONMENT, "");
    local_functions[index].call(container, NULL);
  }
  kstack_container_free(container);
}

/* Functions that have no output to set. */
static kstack_status set_route(char **out, kstack_container *container, const char *layer, const char *route,
                               kstack_error **error) {
  *out = NULL;
  return kstack_set_active_route(container, layer, route, error);
}

static kstack_status get_nothing(char **out, kstack_container *container, kstack_error **error) {
  *out = NULL;
  return kstack_configmap_get(container, "layer3", "a", "b", NULL, error);
}

/* Every cluster function, with NULL for everything, and with a container and sound texts. */
#define CLUSTER_CALLS(X)                                                                                   \
  X(configmap_get_null, kstack_configmap_get(NULL, NULL, NULL, NULL, &out, error))                         \
  X(configmap_get, kstack_configmap_get(container, "layer3", "kstack-route", "active-route", &out, error)) \
  X(set_active_route_null, set_route(&out, NULL, NULL, NULL, error))                                       \
  X(set_active_route, set_route(&out, container, "layer3", "production", error))

#define CLUSTER_FUNCTION(name, call)                                                                     \
  static kstack_status outside_##name(kstack_container *container, char **given, kstack_error **error) { \
    (void)container;                                                                                     \
    char *out = GARBAGE(char *);                                                                         \
    kstack_status status = (call);                                                                       \
    *given = out;                                                                                        \
    return status;                                                                                       \
  }
CLUSTER_CALLS(CLUSTER_FUNCTION)

static const struct {
  const char *name;
  kstack_status (*call)(kstack_container *container, char **given, kstack_error **error);
} cluster_functions[] = {
#define CLUSTER_ROW(name, call) {#name, outside_##name},
    CLUSTER_CALLS(CLUSTER_ROW)};

static void cluster_functions_are_refused_outside_of_pods(void **state) {
  (void)state;
  kstack_container *container = NULL;
  kstack_error *error = NULL;
  check_ok(kstack_container_new(NULL, &container, &error));
  for (size_t index = 0; index < LENGTH(cluster_functions); index++) {
    char *given = GARBAGE(char *);
    error = GARBAGE(kstack_error *);
    kstack_status status = cluster_functions[index].call(container, &given, &error);
    if (status != KSTACK_ERROR_ENVIRONMENT) print_error("%s\n", cluster_functions[index].name);
    check_fails(status, KSTACK_ERROR_ENVIRONMENT, "");
    assert_null(given);
    assert_int_equal(cluster_functions[index].call(container, &given, NULL), KSTACK_ERROR_ENVIRONMENT);
  }
  kstack_container_free(container);
}

/* Arguments that the cluster functions have to refuse before anything is read or sent. */
#define BAD_CLUSTER_ARGUMENTS(X)                                                                     \
  X(configmap_get_container, kstack_configmap_get(NULL, "layer3", "a", "b", &out, error))            \
  X(configmap_get_no_layer, kstack_configmap_get(container, NULL, "a", "b", &out, error))            \
  X(configmap_get_no_name, kstack_configmap_get(container, "layer3", NULL, "b", &out, error))        \
  X(configmap_get_no_key, kstack_configmap_get(container, "layer3", "a", NULL, &out, error))         \
  X(configmap_get_no_out, get_nothing(&out, container, error))                                       \
  X(configmap_get_layer, kstack_configmap_get(container, "layer4", "a", "b", &out, error))           \
  X(configmap_get_path, kstack_configmap_get(container, "layer3", "../secrets/x", "b", &out, error)) \
  X(configmap_get_dot, kstack_configmap_get(container, "layer3", "a..b", "b", &out, error))          \
  X(configmap_get_query, kstack_configmap_get(container, "layer3", "a?b", "b", &out, error))         \
  X(configmap_get_empty, kstack_configmap_get(container, "layer3", "", "b", &out, error))            \
  X(configmap_get_bytes, kstack_configmap_get(container, "layer3", "a\xff", "b", &out, error))       \
  X(configmap_get_key, kstack_configmap_get(container, "layer3", "a", "b/c", &out, error))           \
  X(configmap_get_empty_key, kstack_configmap_get(container, "layer3", "a", "", &out, error))        \
  X(set_active_route_container, set_route(&out, NULL, "layer3", "production", error))                \
  X(set_active_route_no_layer, set_route(&out, container, NULL, "production", error))                \
  X(set_active_route_no_route, set_route(&out, container, "layer3", NULL, error))                    \
  X(set_active_route_layer, set_route(&out, container, "", "production", error))
BAD_CLUSTER_ARGUMENTS(CLUSTER_FUNCTION)

static const struct {
  const char *name;
  kstack_status (*call)(kstack_container *container, char **given, kstack_error **error);
} bad_arguments[] = {BAD_CLUSTER_ARGUMENTS(CLUSTER_ROW)};

static void cluster_functions_check_their_arguments_first(void **state) {
  (void)state;
  kstack_container *container = NULL;
  kstack_error *error = NULL;
  check_ok(kstack_container_new(NULL, &container, &error));
  for (size_t index = 0; index < LENGTH(bad_arguments); index++) {
    char *given = GARBAGE(char *);
    error = GARBAGE(kstack_error *);
    kstack_status status = bad_arguments[index].call(container, &given, &error);
    if (status != KSTACK_ERROR_INVALID_ARGUMENT) print_error("%s\n", bad_arguments[index].name);
    check_fails(status, KSTACK_ERROR_INVALID_ARGUMENT, "");
    assert_null(given);
    assert_int_equal(bad_arguments[index].call(container, &given, NULL), KSTACK_ERROR_INVALID_ARGUMENT);
  }
  error = GARBAGE(kstack_error *);
  check_fails(kstack_set_active_route(container, "layer3", "no-route", &error), KSTACK_ERROR_ROUTE, "no-route");
  error = GARBAGE(kstack_error *);
  check_fails(kstack_set_active_route(container, "layer3", "", &error), KSTACK_ERROR_ROUTE, "");
  kstack_container_free(container);
}

static void outputs_may_be_null_where_the_context_is_wrong(void **state) {
  (void)state;
  assert_int_equal(kstack_vault_open(NULL, NULL, NULL, NULL), KSTACK_ERROR_ENVIRONMENT);
  assert_int_equal(kstack_vault_is_encrypted(NULL, NULL, NULL), KSTACK_ERROR_ENVIRONMENT);
  assert_int_equal(kstack_vault_decrypt(NULL, NULL, NULL, NULL), KSTACK_ERROR_ENVIRONMENT);
  assert_int_equal(kstack_vault_encrypt(NULL, NULL, NULL, NULL), KSTACK_ERROR_ENVIRONMENT);
  assert_int_equal(kstack_vault_rekey(NULL, NULL, NULL, NULL), KSTACK_ERROR_ENVIRONMENT);
  assert_int_equal(kstack_vault_status(NULL, NULL, NULL, NULL), KSTACK_ERROR_ENVIRONMENT);
  assert_int_equal(kstack_vault_read(NULL, NULL, NULL, NULL, NULL), KSTACK_ERROR_ENVIRONMENT);
  assert_int_equal(kstack_vault_write(NULL, NULL, NULL, NULL, 0, NULL, NULL), KSTACK_ERROR_ENVIRONMENT);
  assert_int_equal(kstack_vault_get_file(NULL, NULL, NULL, NULL, NULL), KSTACK_ERROR_ENVIRONMENT);
  assert_int_equal(kstack_vault_list(NULL, NULL, 0, NULL, NULL), KSTACK_ERROR_ENVIRONMENT);
  assert_int_equal(kstack_list_environments(NULL, NULL, NULL), KSTACK_ERROR_ENVIRONMENT);
  assert_int_equal(kstack_list_services(NULL, NULL, NULL, NULL, NULL), KSTACK_ERROR_ENVIRONMENT);
  assert_int_equal(kstack_identity_generate(NULL, NULL, NULL), KSTACK_ERROR_ENVIRONMENT);
}

static void the_roots_are_null_in_a_pod(void **state) {
  (void)state;
  kstack_container *container = NULL;
  kstack_error *error = NULL;
  check_ok(kstack_container_new(NULL, &container, &error));
  char *out = GARBAGE(char *);
  check_ok(kstack_get_config_root(container, &out, &error));
  assert_null(out);
  out = GARBAGE(char *);
  check_ok(kstack_get_vault_root(container, &out, &error));
  assert_null(out);
  kstack_container_free(container);
}

static kstack_status answer(void *context, const char *service, const char *layer, const char *environment,
                            kstack_reply *reply) {
  (void)service, (void)layer, (void)environment;
  return kstack_reply_set(reply, "key", context, strlen(context));
}

static void a_program_may_bring_its_own_secrets_provider(void **state) {
  (void)state;
  kstack_container *container = NULL;
  kstack_credentials *credentials = NULL;
  kstack_error *error = NULL;
  char value[] = "one";
  kstack_secrets_provider provider = {.struct_size = sizeof provider, .context = value, .get_credentials = answer};
  check_ok(kstack_container_new(NULL, &container, &error));
  check_ok(kstack_container_set_secrets_provider(container, &provider, &error));
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error));
  check_value(credentials, "key", "one");
  kstack_credentials_free(credentials);
  kstack_container_free(container);
}

int main(void) {
  const struct CMUnitTest everywhere[] = {
      cmocka_unit_test(the_context_is_the_one_of_this_place),
      cmocka_unit_test(the_reason_says_which_signs_were_seen),
      cmocka_unit_test(the_guard_lets_its_own_context_pass),
      cmocka_unit_test(the_guard_refuses_the_other_context),
      cmocka_unit_test(the_guard_refuses_a_number_that_is_no_context),
      cmocka_unit_test(nothing_changes_the_context_once_it_is_known),
      cmocka_unit_test(a_program_may_bring_its_own_secrets_provider),
  };
  const struct CMUnitTest in_pods[] = {
      cmocka_unit_test(local_functions_are_refused_in_a_pod),
      cmocka_unit_test(outputs_may_be_null_where_the_context_is_wrong),
      cmocka_unit_test(the_roots_are_null_in_a_pod),
      cmocka_unit_test(cluster_functions_check_their_arguments_first),
  };
  const struct CMUnitTest outside[] = {
      cmocka_unit_test(cluster_functions_are_refused_outside_of_pods),
  };
  int failed = cmocka_run_group_tests_name("everywhere", everywhere, NULL, NULL);
  if (expects_cluster()) {
    failed += cmocka_run_group_tests_name("in pods", in_pods, NULL, NULL);
  } else {
    failed += cmocka_run_group_tests_name("outside of pods", outside, NULL, NULL);
  }
  return failed;
}
