/* Layer secrets, services of cloud providers, the route, and credential_process, all of them local. */
#include <stdio.h>
#include <sys/stat.h>

#include "support.h"

static const char *const environment_file =
    "environment: dev\n"
    "deployment_targets:\n"
    "  layer3: {provider: localstack}\n"
    "  layer1: {provider: aws-eu}\n"
    "allow_provider_override: true\n";

static const char *const localstack_file =
    "name: localstack\n"
    "provider_family: aws\n"
    "provider_implementation: localstack\n"
    "region: us-east-1\n"
    "services:\n"
    "  s3:\n"
    "    endpoint_url: http://localstack.{{layer.namespace}}:4566\n"
    "    verify_ssl: false\n"
    "    bucket: '{{environment}}-files'\n"
    "    options: {style: path}\n";

static const char *const aws_file =
    "name: aws-eu\n"
    "provider_family: aws\n"
    "provider_implementation: aws\n"
    "services: {s3: {presigned_url_domain: files.example.org}}\n";

static const char *const credentials_file =
    "s3: {access_key_id: AKIA, secret_access_key: \"made\\\"up\", session_token: ''}\n"
    "half: {access_key_id: AKIA}\n"
    "providers:\n"
    "  localstack: {access_key_id: test, tags: [a]}\n"
    "  aws-eu: {access_key_id: other}\n";

/* Writes a file of the project. */
static const char *put(sandbox *box, const char *name, const char *content) {
  const char *path = text(box, "%s/%s", box->project, name);
  char *folder = text(box, "%s", path);
  *strrchr(folder, '/') = '\0';
  make_folders(folder);
  write_text(path, content, 0600);
  return path;
}

/* A project with all files that are needed. */
static void put_all(sandbox *box) {
  put(box, "config/environments/dev.yaml", environment_file);
  put(box, "config/providers/localstack.yaml", localstack_file);
  put(box, "config/providers/aws-eu.yaml", aws_file);
  put_secret(box, "dev", "layer3", "cloud-credentials.yaml", credentials_file);
}

/* Checks names and values, in this order, up to NULL. */
static void check_pairs(const kstack_credentials *credentials, const char *const *pairs) {
  size_t index = 0;
  for (; pairs[2 * index] != NULL; index++) {
    assert_non_null(kstack_credentials_name(credentials, index));
    assert_string_equal(kstack_credentials_name(credentials, index), pairs[2 * index]);
    assert_string_equal(kstack_credentials_value(credentials, index, NULL), pairs[2 * index + 1]);
    assert_string_equal(kstack_credentials_get(credentials, pairs[2 * index]), pairs[2 * index + 1]);
  }
  assert_int_equal(kstack_credentials_count(credentials), index);
}

/* -------------------------------------------------------------------------------------------------- Layer secrets */

static void a_layer_sees_its_own_secrets_and_those_shared_with_it(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "app.yaml", "description: x\napi-key: own\npin: 0123\n");
  put_plain(box, "dev", "layer1", "db.yaml", "shared_with: [layer0, layer3]\nDB_PASSWORD: shared\napi-key: hidden\n");
  put_secret(box, "dev", "layer2", "other.yaml", "shared_with: [layer1]\nother: not shared\n");
  char *before = listing(box->root);
  kstack_container *container = container_for(box);
  kstack_credentials *out = GARBAGE(kstack_credentials *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_load_secrets(container, "layer3", NULL, &out, &error));
  check_pairs(out, (const char *const[]){"api-key", "own", "pin", "0123", "DB_PASSWORD", "shared", NULL});
  check_json(kstack_credentials_json(out), "{\"api-key\":\"own\",\"pin\":\"0123\",\"DB_PASSWORD\":\"shared\"}");
  assert_string_equal(kstack_credentials_source(out),
                      text(box, "%s/dev: layer3/secret.app.yaml, layer1/db.yaml", box->vault));
  kstack_credentials_free(out);
  check_ok(kstack_load_secrets(container, "0", "dev", &out, &error));
  check_pairs(out, (const char *const[]){"DB_PASSWORD", "shared", "api-key", "hidden", NULL});
  kstack_credentials_free(out);
  kstack_container_free(container);
  char *after = listing(box->root);
  assert_string_equal(before, after);
  free(before);
  free(after);
}

static void a_layer_without_secrets_is_not_found(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "cloud-credentials.yaml", credentials_file);
  kstack_container *container = container_for(box);
  kstack_credentials *out = GARBAGE(kstack_credentials *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_fails(kstack_load_secrets(container, "layer3", NULL, &out, &error), KSTACK_ERROR_SERVICE_NOT_FOUND,
              "no secrets for layer3 in environment 'dev'", "layer3");
  assert_null(out);
  kstack_container_free(container);
}

static void contradictions_are_reported_with_both_files(void **state) {
  sandbox *box = *state;
  const char *first = put_secret(box, "dev", "layer1", "a.yaml", "shared_with: [layer3]\nkey: one\n");
  const char *second = put_secret(box, "dev", "layer2", "b.yaml", "shared_with: ['3']\nkey: two\n");
  kstack_container *container = container_for(box);
  kstack_credentials *out = GARBAGE(kstack_credentials *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_fails(kstack_load_secrets(container, "layer3", NULL, &out, &error), KSTACK_ERROR_CONFIGURATION, first, second);
  assert_null(out);
  /* The layer's own key settles it. */
  put_secret(box, "dev", "layer3", "c.yaml", "key: three\n");
  check_ok(kstack_load_secrets(container, "layer3", NULL, &out, &error));
  check_pairs(out, (const char *const[]){"key", "three", NULL});
  kstack_credentials_free(out);
  kstack_container_free(container);
}

static void only_files_of_other_layers_may_be_unreadable(void **state) {
  sandbox *box = *state;
  const char *plain = "shared_with: [layer3]\nkey: closed\n";
  const char *const theirs[] = {"-r", box->other.recipient, NULL};
  put_secret_with(box, "dev", "layer1", "a.yaml", plain, strlen(plain), theirs);
  put_secret(box, "dev", "layer3", "a.yaml", "own: open\n");
  kstack_container *container = container_for(box);
  kstack_credentials *out = GARBAGE(kstack_credentials *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_load_secrets(container, "layer3", NULL, &out, &error));
  check_pairs(out, (const char *const[]){"own", "open", NULL});
  kstack_credentials_free(out);
  const char *path = put_secret_with(box, "dev", "layer3", "b.yaml", plain, strlen(plain), theirs);
  check_fails(kstack_load_secrets(container, "layer3", NULL, &out, &error), KSTACK_ERROR_VAULT, path);
  assert_null(out);
  kstack_container_free(container);
}

/* ------------------------------------------------------------------------------------------------------- Services */

static void a_service_is_resolved(void **state) {
  sandbox *box = *state;
  put_all(box);
  kstack_container *container = container_for(box);
  kstack_credentials *out = GARBAGE(kstack_credentials *);
  kstack_error *error = GARBAGE(kstack_error *);
  const char *const wanted[] = {
      "provider",   "localstack", "family",        "aws",          "implementation",
      "localstack", "region",     "us-east-1",     "endpoint_url", "http://localstack.layer-3-global-infra:4566",
      "verify_ssl", "false",      "access_key_id", "test",         "tags",
      "[\"a\"]",    "bucket",     "dev-files",     "options",      "{\"style\":\"path\"}",
      NULL};
  check_ok(kstack_resolve_service(container, "s3", "layer3", NULL, NULL, &out, &error));
  check_pairs(out, wanted);
  check_json(kstack_credentials_json(out),
             "{\"provider\":\"localstack\",\"family\":\"aws\",\"implementation\":\"localstack\","
             "\"region\":\"us-east-1\",\"endpoint_url\":\"http://localstack.layer-3-global-infra:4566\","
             "\"verify_ssl\":\"false\",\"access_key_id\":\"test\",\"tags\":[\"a\"],\"bucket\":\"dev-files\","
             "\"options\":{\"style\":\"path\"}}");
  kstack_credentials_free(out);
  check_ok(kstack_resolve_service(container, "s3", "3", "dev", "aws-eu", &out, &error));
  check_value(out, "access_key_id", "other");
  check_value(out, "presigned_url_domain", "files.example.org");
  check_value(out, "verify_ssl", "true");
  assert_null(kstack_credentials_get(out, "region"));
  assert_null(kstack_credentials_get(out, "endpoint_url"));
  kstack_credentials_free(out);
  kstack_container_free(container);
}

static void resolving_failures_have_reasons(void **state) {
  sandbox *box = *state;
  put_all(box);
  kstack_container *container = container_for(box);
  kstack_error *error = GARBAGE(kstack_error *);
  kstack_credentials *out;
#define check_unresolved(service, layer, environment, provider, wanted, ...)                                  \
  out = GARBAGE(kstack_credentials *);                                                                        \
  check_fails(kstack_resolve_service(container, service, layer, environment, provider, &out, &error), wanted, \
              __VA_ARGS__);                                                                                   \
  assert_null(out)
  check_unresolved("s3", "layer0", NULL, NULL, KSTACK_ERROR_LAYER_ACCESS, "layer0 has no cloud services", "layer1");
  check_unresolved("s3", "layer2", "none", "none", KSTACK_ERROR_LAYER_ACCESS, "layer2 has no cloud services");
  check_unresolved("sqs", "layer3", NULL, NULL, KSTACK_ERROR_SERVICE_NOT_FOUND, "'sqs'", "localstack.yaml",
                   "available: s3");
  check_unresolved("s3", "layer3", "prod", NULL, KSTACK_ERROR_CONFIGURATION, "environment 'prod'", "available: dev");
  check_unresolved("s3", "layer3", NULL, "gcp", KSTACK_ERROR_CONFIGURATION, "provider 'gcp'",
                   "available: aws-eu, localstack");
  check_unresolved("s3", "layer1", NULL, NULL, KSTACK_ERROR_SERVICE_NOT_FOUND, "cloud-credentials.yaml");

  const char *path = put(box, "config/providers/localstack.yaml",
                         "name: other\nprovider_family: gcp\nprovider_implementation: aws\nservices: {s3: [x]}\n");
  check_unresolved("s3", "layer3", NULL, NULL, KSTACK_ERROR_CONFIGURATION, path, "line 1: name is 'other'",
                   "localstack", "line 3: provider_implementation is 'aws', expected gcp",
                   "line 4: services.s3 is a list, expected a mapping");
  put(box, "config/environments/dev.yaml", "environment: dev\ndeployment_targets: {layer3: {provider: localstack}}\n");
  check_unresolved("s3", "layer3", NULL, "aws-eu", KSTACK_ERROR_CONFIGURATION, "'aws-eu'", "allow_provider_override");
  assert_int_equal(chmod(text(box, "%s/config/environments/dev.yaml", box->project), 0666), 0);
  check_unresolved("s3", "layer3", NULL, NULL, KSTACK_ERROR_CONFIGURATION, "dev.yaml", "chmod go-w");
  kstack_container_free(container);
}

/* ---------------------------------------------------------------------------------------------------------- Route */

static void check_route(kstack_container *container, const char *wanted) {
  kstack_error *error = GARBAGE(kstack_error *);
  char *out = GARBAGE(char *);
  check_ok(kstack_get_active_route(container, "layer0", &out, &error));
  assert_string_equal(out, wanted);
  kstack_string_free(out);
}

static void the_route_is_the_first_that_is_named(void **state) {
  sandbox *box = *state;
  kstack_container *container = container_for(box);
  check_route(container, "development");
  put(box, ".kstack.yaml", "environment: dev\nroute: prod\n");
  check_route(container, "production");
  assert_int_equal(setenv("KSTACK_ROUTE", "test", 1), 0);
  check_route(container, "testing");
  assert_int_equal(setenv("KSTACK_ROUTE", "nowhere", 1), 0);
  kstack_error *error = GARBAGE(kstack_error *);
  char *out = GARBAGE(char *);
  check_fails(kstack_get_active_route(container, "layer0", &out, &error), KSTACK_ERROR_ROUTE, "KSTACK_ROUTE",
              "invalid route 'nowhere'", "development", "data-collection");
  assert_null(out);
  assert_int_equal(unsetenv("KSTACK_ROUTE"), 0);
  kstack_container_free(container);
}

/* ------------------------------------------------------------------------------------------------------------ AWS */

static void aws_credential_process_prints_the_keys(void **state) {
  sandbox *box = *state;
  put_all(box);
  kstack_container *container = container_for(box);
  kstack_error *error = GARBAGE(kstack_error *);
  char *out = GARBAGE(char *);
  check_ok(kstack_aws_credential_process(container, "s3", "layer3", NULL, &out, &error));
  assert_string_equal(out, "{\"Version\":1,\"AccessKeyId\":\"AKIA\",\"SecretAccessKey\":\"made\\\"up\"}");
  kstack_string_free(out);
  out = GARBAGE(char *);
  check_fails(kstack_aws_credential_process(container, "half", "layer3", "dev", &out, &error),
              KSTACK_ERROR_CONFIGURATION, "no SecretAccessKey", "secret_access_key, secret_key");
  assert_null(out);
  check_fails(kstack_aws_credential_process(container, "none", "layer3", "dev", &out, &error),
              KSTACK_ERROR_SERVICE_NOT_FOUND, "'none'", "available: s3, half");
  kstack_container_free(container);
}

static void aws_keys_are_found_among_credentials(void **state) {
  sandbox *box = *state;
  put_all(box);
  kstack_container *container = container_for(box);
  kstack_error *error = GARBAGE(kstack_error *);
  kstack_credentials *credentials = NULL;
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error));
  kstack_credentials *keys = GARBAGE(kstack_credentials *);
  check_ok(kstack_credentials_aws_keys(credentials, &keys, &error));
  kstack_credentials_free(credentials);
  assert_int_equal(kstack_credentials_count(keys), 2);
  check_value(keys, "AccessKeyId", "AKIA");
  check_value(keys, "SecretAccessKey", "made\"up");
  kstack_credentials_free(keys);
  check_ok(kstack_get_credentials(container, "half", "layer3", NULL, &credentials, &error));
  keys = GARBAGE(kstack_credentials *);
  check_fails(kstack_credentials_aws_keys(credentials, &keys, &error), KSTACK_ERROR_CONFIGURATION, "SecretAccessKey");
  assert_null(keys);
  kstack_credentials_free(credentials);
  kstack_container_free(container);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sandbox_setup, sandbox_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_layer_sees_its_own_secrets_and_those_shared_with_it),
      TEST(a_layer_without_secrets_is_not_found),
      TEST(contradictions_are_reported_with_both_files),
      TEST(only_files_of_other_layers_may_be_unreadable),
      TEST(a_service_is_resolved),
      TEST(resolving_failures_have_reasons),
      TEST(the_route_is_the_first_that_is_named),
      TEST(aws_credential_process_prints_the_keys),
      TEST(aws_keys_are_found_among_credentials),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
