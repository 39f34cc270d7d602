/*
 * The context and its guard. The program runs once in each context, which in-pod makes and KSTACK_TEST_CONTEXT names:
 * local, local-empty-host (KUBERNETES_SERVICE_HOST is set and empty), pod, no-token, unreadable, unopenable.
 */
#include "calls.h"

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

static void the_guard_accepts_its_own_context(void **state) {
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

static void the_guard_refuses_unknown_contexts(void **state) {
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

/* ---------------------------------------------------------------------------------- Every function, in this context */

static kstack_status answer(void *context, const char *service, const char *layer, const char *environment,
                            kstack_reply *reply) {
  (void)service, (void)layer, (void)environment;
  return kstack_reply_set(reply, "key", context, strlen(context));
}

/* A container with a provider of the program, since a pod has no vault, and this machine may have none. */
static int setup_calls(void **state) {
  (void)state;
  static char value[] = "one";
  kstack_secrets_provider provider = KSTACK_SECRETS_PROVIDER_INIT;
  provider.context = value;
  provider.get_credentials = answer;
  kstack_error *error = NULL;
  check_ok(kstack_container_new(NULL, &call_container, &error));
  check_ok(kstack_container_set_secrets_provider(call_container, &provider, &error));
  check_ok(kstack_get_credentials(call_container, "s3", "layer3", NULL, &call_credentials, &error));
  return 0;
}

static int teardown_calls(void **state) {
  (void)state;
  kstack_credentials_free(call_credentials);
  kstack_container_free(call_container);
  return 0;
}

/* The context is checked before the arguments: a function that does not run here reports that, whatever its arguments.
 */
static void functions_of_another_context_are_refused(void **state) {
  (void)state;
  size_t count = 0;
  for (size_t index = 0; index < api_function_count; index++) {
    if (runs_here(api_functions[index].context)) continue;
    check_refused(&api_functions[index], (arguments){0, -1, NULL});
    check_null_refused(&api_functions[index]);
    count++;
  }
  assert_true(count > 0);
}

/* Without a vault, in a pod and on an empty machine, the vault is another NULL. */
static void functions_of_this_context_check_their_arguments_first(void **state) {
  (void)state;
  for (size_t index = 0; index < api_function_count; index++) {
    if (runs_here(api_functions[index].context)) check_null_refused(&api_functions[index]);
  }
}

static void accessors_accept_null(void **state) {
  (void)state;
  check_accessors_of_null();
}

/* Strings that the cluster functions must refuse before anything is read or sent, by the name of the parameter. */
static const struct {
  const char *parameter;
  const char *value;
} bad_strings[] = {
    {"layer", "layer4"}, {"layer", ""}, {"name", "../secrets/x"}, {"name", "a..b"},
    {"name", "a?b"},     {"name", ""},  {"key", "b/c"},           {"key", ""},
};

static void check_cluster_string(const api_function *function, int position) {
  if (strcmp(function->context, "cluster") != 0) return;
  for (size_t index = 0; not_utf8[index] != NULL; index++) check_string_refused(function, position, not_utf8[index]);
  for (size_t index = 0; index < LENGTH(bad_strings); index++) {
    if (strcmp(bad_strings[index].parameter, function->parameters[position].name) != 0) continue;
    check_string_refused(function, position, bad_strings[index].value);
  }
}

static void cluster_functions_check_their_strings_first(void **state) {
  (void)state;
  for_each_string(api_functions, api_function_count, check_cluster_string);
  kstack_error *error = GARBAGE(kstack_error *);
  check_fails(kstack_set_active_route(call_container, "layer3", "no-route", &error), KSTACK_ERROR_ROUTE, "no-route");
  error = GARBAGE(kstack_error *);
  check_fails(kstack_set_active_route(call_container, "layer3", "", &error), KSTACK_ERROR_ROUTE, "");
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

static void a_program_may_bring_its_own_secrets_provider(void **state) {
  (void)state;
  kstack_container *container = NULL;
  kstack_credentials *credentials = NULL;
  kstack_error *error = NULL;
  char value[] = "one";
  kstack_secrets_provider provider = KSTACK_SECRETS_PROVIDER_INIT;
  provider.context = value;
  provider.get_credentials = answer;
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
      cmocka_unit_test(the_guard_accepts_its_own_context),
      cmocka_unit_test(the_guard_refuses_the_other_context),
      cmocka_unit_test(the_guard_refuses_unknown_contexts),
      cmocka_unit_test(nothing_changes_the_context_once_it_is_known),
      cmocka_unit_test(a_program_may_bring_its_own_secrets_provider),
      cmocka_unit_test(functions_of_another_context_are_refused),
      cmocka_unit_test(functions_of_this_context_check_their_arguments_first),
      cmocka_unit_test(accessors_accept_null),
  };
  const struct CMUnitTest in_pods[] = {
      cmocka_unit_test(the_roots_are_null_in_a_pod),
      cmocka_unit_test(cluster_functions_check_their_strings_first),
  };
  int failed = cmocka_run_group_tests_name("everywhere", everywhere, setup_calls, teardown_calls);
  if (expects_cluster()) {
    failed += cmocka_run_group_tests_name("in pods", in_pods, setup_calls, teardown_calls);
  }
  return failed;
}
