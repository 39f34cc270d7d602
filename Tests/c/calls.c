// clang-format off
/* Generated from Include/kstack.h by `make generate`; DO NOT EDIT. */
#include "calls.h"

kstack_container *call_container;
kstack_vault *call_vault;
kstack_credentials *call_credentials;

#define IS_NULL(index) ((given->nulls >> (index) & 1u) != 0)
#define IS_CLEARED(index, condition) (IS_NULL(index) || (condition))
#define ARGUMENT(index, sound) (IS_NULL(index) ? NULL : (sound))
#define STRING(index, sound) (given->position == (index) ? given->string : ARGUMENT(index, sound))

static kstack_status call_kstack_layer_parse(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_layer to_out = 77;
  kstack_status status = kstack_layer_parse(STRING(0, "layer3"), ARGUMENT(1, &to_out), error);
  *cleared = IS_CLEARED(1, to_out == -1);
  return status;
}

static kstack_status call_kstack_container_new(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_container *to_out = GARBAGE(kstack_container *);
  kstack_status status = kstack_container_new(ARGUMENT(0, NULL), ARGUMENT(1, &to_out), error);
  *cleared = IS_CLEARED(1, to_out == NULL);
  return status;
}

static kstack_status call_kstack_get_environment(const arguments *given, bool *cleared, kstack_error **error) {
  char *to_out = GARBAGE(char *);
  kstack_status status = kstack_get_environment(ARGUMENT(0, call_container), ARGUMENT(1, &to_out), error);
  *cleared = IS_CLEARED(1, to_out == NULL);
  return status;
}

static kstack_status call_kstack_get_config_root(const arguments *given, bool *cleared, kstack_error **error) {
  char *to_out = GARBAGE(char *);
  kstack_status status = kstack_get_config_root(ARGUMENT(0, call_container), ARGUMENT(1, &to_out), error);
  *cleared = IS_CLEARED(1, to_out == NULL);
  return status;
}

static kstack_status call_kstack_get_vault_root(const arguments *given, bool *cleared, kstack_error **error) {
  char *to_out = GARBAGE(char *);
  kstack_status status = kstack_get_vault_root(ARGUMENT(0, call_container), ARGUMENT(1, &to_out), error);
  *cleared = IS_CLEARED(1, to_out == NULL);
  return status;
}

static kstack_status call_kstack_get_active_route(const arguments *given, bool *cleared, kstack_error **error) {
  char *to_out = GARBAGE(char *);
  kstack_status status = kstack_get_active_route(ARGUMENT(0, call_container), STRING(1, "layer3"), ARGUMENT(2, &to_out), error);
  *cleared = IS_CLEARED(2, to_out == NULL);
  return status;
}

static kstack_status call_kstack_container_scope(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_container *to_out = GARBAGE(kstack_container *);
  kstack_status status = kstack_container_scope(ARGUMENT(0, call_container), ARGUMENT(1, &(const kstack_scope)KSTACK_SCOPE_INIT), ARGUMENT(2, &to_out), error);
  *cleared = IS_CLEARED(2, to_out == NULL);
  return status;
}

static kstack_status call_kstack_cancellation_new(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_cancellation *to_out = GARBAGE(kstack_cancellation *);
  kstack_status status = kstack_cancellation_new(ARGUMENT(0, &to_out), error);
  *cleared = IS_CLEARED(0, to_out == NULL);
  return status;
}

static kstack_status call_kstack_container_set_secrets_provider(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_status status = kstack_container_set_secrets_provider(ARGUMENT(0, call_container), ARGUMENT(1, NULL), error);
  *cleared = true;
  return status;
}

static kstack_status call_kstack_get_credentials(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_credentials *to_out = GARBAGE(kstack_credentials *);
  kstack_status status = kstack_get_credentials(ARGUMENT(0, call_container), STRING(1, "s3"), STRING(2, "layer3"), STRING(3, "dev"), ARGUMENT(4, &to_out), error);
  *cleared = IS_CLEARED(4, to_out == NULL);
  return status;
}

static kstack_status call_kstack_load_secrets(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_credentials *to_out = GARBAGE(kstack_credentials *);
  kstack_status status = kstack_load_secrets(ARGUMENT(0, call_container), STRING(1, "layer3"), STRING(2, "dev"), ARGUMENT(3, &to_out), error);
  *cleared = IS_CLEARED(3, to_out == NULL);
  return status;
}

static kstack_status call_kstack_resolve_service(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_credentials *to_out = GARBAGE(kstack_credentials *);
  kstack_status status = kstack_resolve_service(ARGUMENT(0, call_container), STRING(1, "s3"), STRING(2, "layer3"), STRING(3, "dev"), STRING(4, NULL), ARGUMENT(5, &to_out), error);
  *cleared = IS_CLEARED(5, to_out == NULL);
  return status;
}

static kstack_status call_kstack_aws_credential_process(const arguments *given, bool *cleared, kstack_error **error) {
  char *to_out = GARBAGE(char *);
  kstack_status status = kstack_aws_credential_process(ARGUMENT(0, call_container), STRING(1, "s3"), STRING(2, "layer3"), STRING(3, "dev"), ARGUMENT(4, &to_out), error);
  *cleared = IS_CLEARED(4, to_out == NULL);
  return status;
}

static kstack_status call_kstack_credentials_aws_keys(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_credentials *to_out = GARBAGE(kstack_credentials *);
  kstack_status status = kstack_credentials_aws_keys(ARGUMENT(0, call_credentials), ARGUMENT(1, &to_out), error);
  *cleared = IS_CLEARED(1, to_out == NULL);
  return status;
}

static kstack_status call_kstack_credentials_environ(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_credentials *to_out = GARBAGE(kstack_credentials *);
  kstack_status status = kstack_credentials_environ(ARGUMENT(0, call_credentials), ARGUMENT(1, &to_out), error);
  *cleared = IS_CLEARED(1, to_out == NULL);
  return status;
}

static kstack_status call_kstack_vault_open(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_vault *to_out = GARBAGE(kstack_vault *);
  kstack_status status = kstack_vault_open(ARGUMENT(0, call_container), STRING(1, "dev"), ARGUMENT(2, &to_out), error);
  *cleared = IS_CLEARED(2, to_out == NULL);
  return status;
}

static kstack_status call_kstack_vault_scope(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_vault *to_out = GARBAGE(kstack_vault *);
  kstack_status status = kstack_vault_scope(ARGUMENT(0, call_vault), ARGUMENT(1, &(const kstack_scope)KSTACK_SCOPE_INIT), ARGUMENT(2, &to_out), error);
  *cleared = IS_CLEARED(2, to_out == NULL);
  return status;
}

static kstack_status call_kstack_vault_is_encrypted(const arguments *given, bool *cleared, kstack_error **error) {
  bool to_out = true;
  kstack_status status = kstack_vault_is_encrypted(ARGUMENT(0, call_vault), ARGUMENT(1, &to_out), error);
  *cleared = IS_CLEARED(1, !to_out);
  return status;
}

static kstack_status call_kstack_vault_get_file(const arguments *given, bool *cleared, kstack_error **error) {
  char *to_out = GARBAGE(char *);
  kstack_status status = kstack_vault_get_file(ARGUMENT(0, call_vault), STRING(1, "layer3"), STRING(2, "a.yaml"), ARGUMENT(3, &to_out), error);
  *cleared = IS_CLEARED(3, to_out == NULL);
  return status;
}

static kstack_status call_kstack_vault_list(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_string_list *to_out = GARBAGE(kstack_string_list *);
  kstack_status status = kstack_vault_list(ARGUMENT(0, call_vault), STRING(1, "layer3"), KSTACK_VAULT_FILES_ENCRYPTED, ARGUMENT(3, &to_out), error);
  *cleared = IS_CLEARED(3, to_out == NULL);
  return status;
}

static kstack_status call_kstack_list_environments(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_string_list *to_out = GARBAGE(kstack_string_list *);
  kstack_status status = kstack_list_environments(ARGUMENT(0, call_container), ARGUMENT(1, &to_out), error);
  *cleared = IS_CLEARED(1, to_out == NULL);
  return status;
}

static kstack_status call_kstack_list_services(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_string_list *to_out = GARBAGE(kstack_string_list *);
  kstack_status status = kstack_list_services(ARGUMENT(0, call_container), STRING(1, "layer3"), STRING(2, "dev"), ARGUMENT(3, &to_out), error);
  *cleared = IS_CLEARED(3, to_out == NULL);
  return status;
}

static kstack_status call_kstack_vault_decrypt(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_vault_report *to_report = GARBAGE(kstack_vault_report *);
  kstack_status status = kstack_vault_decrypt(ARGUMENT(0, call_vault), ARGUMENT(1, NULL), ARGUMENT(2, &to_report), error);
  *cleared = IS_CLEARED(2, to_report == NULL);
  return status;
}

static kstack_status call_kstack_vault_encrypt(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_vault_report *to_report = GARBAGE(kstack_vault_report *);
  kstack_status status = kstack_vault_encrypt(ARGUMENT(0, call_vault), ARGUMENT(1, NULL), ARGUMENT(2, &to_report), error);
  *cleared = IS_CLEARED(2, to_report == NULL);
  return status;
}

static kstack_status call_kstack_vault_rekey(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_vault_report *to_report = GARBAGE(kstack_vault_report *);
  kstack_status status = kstack_vault_rekey(ARGUMENT(0, call_vault), ARGUMENT(1, NULL), ARGUMENT(2, &to_report), error);
  *cleared = IS_CLEARED(2, to_report == NULL);
  return status;
}

static kstack_status call_kstack_vault_status(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_vault_report *to_report = GARBAGE(kstack_vault_report *);
  kstack_status status = kstack_vault_status(ARGUMENT(0, call_vault), ARGUMENT(1, NULL), ARGUMENT(2, &to_report), error);
  *cleared = IS_CLEARED(2, to_report == NULL);
  return status;
}

static kstack_status call_kstack_vault_read(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_secret *to_out = GARBAGE(kstack_secret *);
  kstack_status status = kstack_vault_read(ARGUMENT(0, call_vault), STRING(1, "layer3"), STRING(2, "a.yaml"), ARGUMENT(3, &to_out), error);
  *cleared = IS_CLEARED(3, to_out == NULL);
  return status;
}

static kstack_status call_kstack_vault_write(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_status status = kstack_vault_write(ARGUMENT(0, call_vault), STRING(1, "layer3"), STRING(2, "a.yaml"), ARGUMENT(3, "x"), 1, STRING(5, NULL), error);
  *cleared = true;
  return status;
}

static kstack_status call_kstack_identity_generate(const arguments *given, bool *cleared, kstack_error **error) {
  char *to_identity = GARBAGE(char *);
  char *to_recipient = GARBAGE(char *);
  kstack_status status = kstack_identity_generate(ARGUMENT(0, &to_identity), ARGUMENT(1, &to_recipient), error);
  *cleared = IS_CLEARED(0, to_identity == NULL) && IS_CLEARED(1, to_recipient == NULL);
  return status;
}

static kstack_status call_kstack_identity_generate_post_quantum(const arguments *given, bool *cleared, kstack_error **error) {
  char *to_identity = GARBAGE(char *);
  char *to_recipient = GARBAGE(char *);
  kstack_status status = kstack_identity_generate_post_quantum(ARGUMENT(0, &to_identity), ARGUMENT(1, &to_recipient), error);
  *cleared = IS_CLEARED(0, to_identity == NULL) && IS_CLEARED(1, to_recipient == NULL);
  return status;
}

static kstack_status call_kstack_configmap_get(const arguments *given, bool *cleared, kstack_error **error) {
  char *to_out = GARBAGE(char *);
  kstack_status status = kstack_configmap_get(ARGUMENT(0, call_container), STRING(1, "layer3"), STRING(2, "a"), STRING(3, "b"), ARGUMENT(4, &to_out), error);
  *cleared = IS_CLEARED(4, to_out == NULL);
  return status;
}

static kstack_status call_kstack_set_active_route(const arguments *given, bool *cleared, kstack_error **error) {
  kstack_status status = kstack_set_active_route(ARGUMENT(0, call_container), STRING(1, "layer3"), STRING(2, "production"), error);
  *cleared = true;
  return status;
}

const api_function api_functions[] = {
    {"kstack_layer_parse", "any", call_kstack_layer_parse, 2,
     {{"text", INPUT, LAYER}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_container_new", "any", call_kstack_container_new, 2,
     {{"options", OPTIONAL_INPUT, NO_STRING}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_get_environment", "any", call_kstack_get_environment, 2,
     {{"container", INPUT, NO_STRING}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_get_config_root", "any", call_kstack_get_config_root, 2,
     {{"container", INPUT, NO_STRING}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_get_vault_root", "any", call_kstack_get_vault_root, 2,
     {{"container", INPUT, NO_STRING}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_get_active_route", "any", call_kstack_get_active_route, 3,
     {{"container", INPUT, NO_STRING}, {"layer", INPUT, LAYER}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_container_scope", "any", call_kstack_container_scope, 3,
     {{"container", INPUT, NO_STRING}, {"scope", INPUT, NO_STRING}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_cancellation_new", "any", call_kstack_cancellation_new, 1,
     {{"out", OUTPUT, NO_STRING}}},
    {"kstack_container_set_secrets_provider", "any", call_kstack_container_set_secrets_provider, 2,
     {{"container", INPUT, NO_STRING}, {"provider", OPTIONAL_INPUT, NO_STRING}}},
    {"kstack_get_credentials", "any", call_kstack_get_credentials, 5,
     {{"container", INPUT, NO_STRING}, {"service", INPUT, NAME}, {"layer", INPUT, LAYER}, {"environment", OPTIONAL_INPUT, NAME}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_load_secrets", "any", call_kstack_load_secrets, 4,
     {{"container", INPUT, NO_STRING}, {"layer", INPUT, LAYER}, {"environment", OPTIONAL_INPUT, NAME}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_resolve_service", "any", call_kstack_resolve_service, 6,
     {{"container", INPUT, NO_STRING}, {"service", INPUT, NAME}, {"layer", INPUT, LAYER}, {"environment", OPTIONAL_INPUT, NAME}, {"provider", OPTIONAL_INPUT, NAME}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_aws_credential_process", "any", call_kstack_aws_credential_process, 5,
     {{"container", INPUT, NO_STRING}, {"service", INPUT, NAME}, {"layer", INPUT, LAYER}, {"environment", OPTIONAL_INPUT, NAME}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_credentials_aws_keys", "any", call_kstack_credentials_aws_keys, 2,
     {{"credentials", INPUT, NO_STRING}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_credentials_environ", "any", call_kstack_credentials_environ, 2,
     {{"credentials", INPUT, NO_STRING}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_vault_open", "local", call_kstack_vault_open, 3,
     {{"container", INPUT, NO_STRING}, {"environment", OPTIONAL_INPUT, NAME}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_vault_scope", "local", call_kstack_vault_scope, 3,
     {{"vault", INPUT, NO_STRING}, {"scope", INPUT, NO_STRING}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_vault_is_encrypted", "local", call_kstack_vault_is_encrypted, 2,
     {{"vault", INPUT, NO_STRING}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_vault_get_file", "local", call_kstack_vault_get_file, 4,
     {{"vault", INPUT, NO_STRING}, {"layer", INPUT, LAYER}, {"filename", INPUT, FILENAME}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_vault_list", "local", call_kstack_vault_list, 4,
     {{"vault", INPUT, NO_STRING}, {"layer", OPTIONAL_INPUT, LAYER}, {"which", VALUE, NO_STRING}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_list_environments", "local", call_kstack_list_environments, 2,
     {{"container", INPUT, NO_STRING}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_list_services", "local", call_kstack_list_services, 4,
     {{"container", INPUT, NO_STRING}, {"layer", INPUT, LAYER}, {"environment", OPTIONAL_INPUT, NAME}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_vault_decrypt", "local", call_kstack_vault_decrypt, 3,
     {{"vault", INPUT, NO_STRING}, {"options", OPTIONAL_INPUT, NO_STRING}, {"report", OPTIONAL_OUTPUT, NO_STRING}}},
    {"kstack_vault_encrypt", "local", call_kstack_vault_encrypt, 3,
     {{"vault", INPUT, NO_STRING}, {"options", OPTIONAL_INPUT, NO_STRING}, {"report", OPTIONAL_OUTPUT, NO_STRING}}},
    {"kstack_vault_rekey", "local", call_kstack_vault_rekey, 3,
     {{"vault", INPUT, NO_STRING}, {"options", OPTIONAL_INPUT, NO_STRING}, {"report", OPTIONAL_OUTPUT, NO_STRING}}},
    {"kstack_vault_status", "local", call_kstack_vault_status, 3,
     {{"vault", INPUT, NO_STRING}, {"options", OPTIONAL_INPUT, NO_STRING}, {"report", OPTIONAL_OUTPUT, NO_STRING}}},
    {"kstack_vault_read", "local", call_kstack_vault_read, 4,
     {{"vault", INPUT, NO_STRING}, {"layer", INPUT, LAYER}, {"filename", INPUT, FILENAME}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_vault_write", "local", call_kstack_vault_write, 6,
     {{"vault", INPUT, NO_STRING}, {"layer", INPUT, LAYER}, {"filename", INPUT, FILENAME}, {"data", INPUT, NO_STRING}, {"size", VALUE, NO_STRING}, {"team", OPTIONAL_INPUT, NAME}}},
    {"kstack_identity_generate", "local", call_kstack_identity_generate, 2,
     {{"identity", OUTPUT, NO_STRING}, {"recipient", OUTPUT, NO_STRING}}},
    {"kstack_identity_generate_post_quantum", "local", call_kstack_identity_generate_post_quantum, 2,
     {{"identity", OUTPUT, NO_STRING}, {"recipient", OUTPUT, NO_STRING}}},
    {"kstack_configmap_get", "cluster", call_kstack_configmap_get, 5,
     {{"container", INPUT, NO_STRING}, {"layer", INPUT, LAYER}, {"name", INPUT, ANY}, {"key", INPUT, ANY}, {"out", OUTPUT, NO_STRING}}},
    {"kstack_set_active_route", "cluster", call_kstack_set_active_route, 3,
     {{"container", INPUT, NO_STRING}, {"layer", INPUT, LAYER}, {"route", INPUT, ANY}}},
};
const size_t api_function_count = LENGTH(api_functions);

void check_accessors_of_null(void) {
  size_t size;
  assert_int_equal(kstack_error_code(NULL), 0);
  assert_string_equal(kstack_error_message(NULL), "");
  assert_false(kstack_error_is_retryable(NULL));
  assert_int_equal(kstack_error_errno(NULL), 0);
  assert_string_equal(kstack_error_path(NULL), "");
  kstack_error_free(NULL);
  kstack_string_free(NULL);
  assert_int_equal(kstack_string_list_count(NULL), 0);
  assert_null(kstack_string_list_get(NULL, 0));
  kstack_string_list_free(NULL);
  kstack_container_free(NULL);
  kstack_cancellation_cancel(NULL);
  kstack_cancellation_free(NULL);
  assert_int_equal(kstack_reply_set(NULL, NULL, NULL, 0), KSTACK_ERROR_INVALID_ARGUMENT);
  assert_int_equal(kstack_reply_set_error(NULL, 0, NULL), KSTACK_ERROR_INVALID_ARGUMENT);
  assert_int_equal(kstack_credentials_count(NULL), 0);
  assert_null(kstack_credentials_name(NULL, 0));
  size = 77;
  assert_null(kstack_credentials_value(NULL, 0, &size));
  assert_int_equal(size, 0);
  assert_null(kstack_credentials_value(NULL, 0, NULL));
  assert_null(kstack_credentials_get(NULL, NULL));
  size = 77;
  assert_null(kstack_credentials_get_bytes(NULL, NULL, &size));
  assert_int_equal(size, 0);
  assert_null(kstack_credentials_get_bytes(NULL, NULL, NULL));
  assert_null(kstack_credentials_json(NULL));
  assert_null(kstack_credentials_source(NULL));
  kstack_credentials_free(NULL);
  kstack_vault_free(NULL);
  assert_null(kstack_vault_path(NULL));
  assert_null(kstack_vault_environment(NULL));
  assert_int_equal(kstack_vault_report_count(NULL), 0);
  assert_null(kstack_vault_report_path(NULL, 0));
  assert_int_equal(kstack_vault_report_result(NULL, 0), KSTACK_VAULT_FAILED);
  assert_null(kstack_vault_report_message(NULL, 0));
  assert_int_equal(kstack_vault_report_flags(NULL, 0), 0);
  kstack_vault_report_free(NULL);
  assert_null(kstack_secret_data(NULL));
  assert_int_equal(kstack_secret_size(NULL), 0);
  kstack_secret_free(NULL);
}
