// clang-format off
//go:build kstack_bundled && cgo && linux

// Code generated from Include/kstack.h by `make generate`; DO NOT EDIT.

#include "kstack_go.h"

#include <dlfcn.h>

enum { function_count = 79 };

static const char *const names[function_count] = {
  "kstack_version",
  "kstack_version_number",
  "kstack_abi_version",
  "kstack_status_name",
  "kstack_error_code",
  "kstack_error_message",
  "kstack_error_is_retryable",
  "kstack_error_errno",
  "kstack_error_path",
  "kstack_error_free",
  "kstack_is_in_cluster",
  "kstack_current_context",
  "kstack_context_reason",
  "kstack_guard",
  "kstack_string_free",
  "kstack_string_list_count",
  "kstack_string_list_get",
  "kstack_string_list_free",
  "kstack_layer_parse",
  "kstack_layer_number",
  "kstack_layer_name",
  "kstack_layer_namespace",
  "kstack_layer_display_name",
  "kstack_container_new",
  "kstack_container_free",
  "kstack_get_environment",
  "kstack_get_config_root",
  "kstack_get_vault_root",
  "kstack_get_active_route",
  "kstack_container_scope",
  "kstack_cancellation_new",
  "kstack_cancellation_cancel",
  "kstack_cancellation_free",
  "kstack_container_set_secrets_provider",
  "kstack_reply_set",
  "kstack_reply_set_error",
  "kstack_get_credentials",
  "kstack_load_secrets",
  "kstack_resolve_service",
  "kstack_aws_credential_process",
  "kstack_credentials_aws_keys",
  "kstack_credentials_environ",
  "kstack_credentials_count",
  "kstack_credentials_name",
  "kstack_credentials_value",
  "kstack_credentials_get",
  "kstack_credentials_get_bytes",
  "kstack_credentials_json",
  "kstack_credentials_source",
  "kstack_credentials_free",
  "kstack_vault_open",
  "kstack_vault_free",
  "kstack_vault_scope",
  "kstack_vault_path",
  "kstack_vault_environment",
  "kstack_vault_is_encrypted",
  "kstack_vault_get_file",
  "kstack_vault_list",
  "kstack_list_environments",
  "kstack_list_services",
  "kstack_vault_decrypt",
  "kstack_vault_encrypt",
  "kstack_vault_rekey",
  "kstack_vault_status",
  "kstack_vault_report_count",
  "kstack_vault_report_path",
  "kstack_vault_report_result",
  "kstack_vault_report_message",
  "kstack_vault_report_flags",
  "kstack_vault_report_free",
  "kstack_vault_read",
  "kstack_vault_write",
  "kstack_secret_data",
  "kstack_secret_size",
  "kstack_secret_free",
  "kstack_identity_generate",
  "kstack_identity_generate_post_quantum",
  "kstack_configmap_get",
  "kstack_set_active_route",
};

// Filled once, when the package is initialized, and by then complete.
static void *functions[function_count];

// Takes the functions of a library. Where some are missing it takes none, and gives how many and the first one's name.
__attribute__((visibility("hidden"))) int kstack_go_bind(void *library, const char **first) {
  void *found[function_count];
  int missing = 0;
  for (int i = 0; i < function_count; i++) {
    found[i] = dlsym(library, names[i]);
    if (!found[i] && missing++ == 0) *first = names[i];
  }
  for (int i = 0; i < function_count && !missing; i++) functions[i] = found[i];
  return missing;
}

const char *kstack_version(void) {
  return functions[0] ? ((__typeof__(&kstack_version))functions[0])() : NULL;
}

uint32_t kstack_version_number(void) {
  return functions[1] ? ((__typeof__(&kstack_version_number))functions[1])() : 0;
}

uint32_t kstack_abi_version(void) {
  return functions[2] ? ((__typeof__(&kstack_abi_version))functions[2])() : 0;
}

const char *kstack_status_name(kstack_status status) {
  return functions[3] ? ((__typeof__(&kstack_status_name))functions[3])(status) : NULL;
}

kstack_status kstack_error_code(const kstack_error *error) {
  return functions[4] ? ((__typeof__(&kstack_error_code))functions[4])(error) : KSTACK_ERROR_CONFIGURATION;
}

const char *kstack_error_message(const kstack_error *error) {
  return functions[5] ? ((__typeof__(&kstack_error_message))functions[5])(error) : NULL;
}

bool kstack_error_is_retryable(const kstack_error *error) {
  return functions[6] ? ((__typeof__(&kstack_error_is_retryable))functions[6])(error) : false;
}

int32_t kstack_error_errno(const kstack_error *error) {
  return functions[7] ? ((__typeof__(&kstack_error_errno))functions[7])(error) : -1;
}

const char *kstack_error_path(const kstack_error *error) {
  return functions[8] ? ((__typeof__(&kstack_error_path))functions[8])(error) : NULL;
}

void kstack_error_free(kstack_error *error) {
  if (functions[9]) ((__typeof__(&kstack_error_free))functions[9])(error);
}

bool kstack_is_in_cluster(void) {
  return functions[10] ? ((__typeof__(&kstack_is_in_cluster))functions[10])() : false;
}

kstack_context kstack_current_context(void) {
  return functions[11] ? ((__typeof__(&kstack_current_context))functions[11])() : (kstack_context)-1;
}

const char *kstack_context_reason(void) {
  return functions[12] ? ((__typeof__(&kstack_context_reason))functions[12])() : NULL;
}

kstack_status kstack_guard(kstack_context required, kstack_error **error) {
  return functions[13] ? ((__typeof__(&kstack_guard))functions[13])(required, error) : KSTACK_ERROR_CONFIGURATION;
}

void kstack_string_free(char *string) {
  if (functions[14]) ((__typeof__(&kstack_string_free))functions[14])(string);
}

size_t kstack_string_list_count(const kstack_string_list *list) {
  return functions[15] ? ((__typeof__(&kstack_string_list_count))functions[15])(list) : 0;
}

const char *kstack_string_list_get(const kstack_string_list *list, size_t index) {
  return functions[16] ? ((__typeof__(&kstack_string_list_get))functions[16])(list, index) : NULL;
}

void kstack_string_list_free(kstack_string_list *list) {
  if (functions[17]) ((__typeof__(&kstack_string_list_free))functions[17])(list);
}

kstack_status kstack_layer_parse(const char *text, kstack_layer *out, kstack_error **error) {
  return functions[18] ? ((__typeof__(&kstack_layer_parse))functions[18])(text, out, error) : KSTACK_ERROR_CONFIGURATION;
}

int32_t kstack_layer_number(kstack_layer layer) {
  return functions[19] ? ((__typeof__(&kstack_layer_number))functions[19])(layer) : -1;
}

const char *kstack_layer_name(kstack_layer layer) {
  return functions[20] ? ((__typeof__(&kstack_layer_name))functions[20])(layer) : NULL;
}

const char *kstack_layer_namespace(kstack_layer layer) {
  return functions[21] ? ((__typeof__(&kstack_layer_namespace))functions[21])(layer) : NULL;
}

const char *kstack_layer_display_name(kstack_layer layer) {
  return functions[22] ? ((__typeof__(&kstack_layer_display_name))functions[22])(layer) : NULL;
}

kstack_status kstack_container_new(const kstack_options *options, kstack_container **out, kstack_error **error) {
  return functions[23] ? ((__typeof__(&kstack_container_new))functions[23])(options, out, error) : KSTACK_ERROR_CONFIGURATION;
}

void kstack_container_free(kstack_container *container) {
  if (functions[24]) ((__typeof__(&kstack_container_free))functions[24])(container);
}

kstack_status kstack_get_environment(const kstack_container *container, char **out, kstack_error **error) {
  return functions[25] ? ((__typeof__(&kstack_get_environment))functions[25])(container, out, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_get_config_root(const kstack_container *container, char **out, kstack_error **error) {
  return functions[26] ? ((__typeof__(&kstack_get_config_root))functions[26])(container, out, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_get_vault_root(const kstack_container *container, char **out, kstack_error **error) {
  return functions[27] ? ((__typeof__(&kstack_get_vault_root))functions[27])(container, out, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_get_active_route(const kstack_container *container, const char *layer, char **out, kstack_error **error) {
  return functions[28] ? ((__typeof__(&kstack_get_active_route))functions[28])(container, layer, out, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_container_scope(kstack_container *container, const kstack_scope *scope, kstack_container **out, kstack_error **error) {
  return functions[29] ? ((__typeof__(&kstack_container_scope))functions[29])(container, scope, out, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_cancellation_new(kstack_cancellation **out, kstack_error **error) {
  return functions[30] ? ((__typeof__(&kstack_cancellation_new))functions[30])(out, error) : KSTACK_ERROR_CONFIGURATION;
}

void kstack_cancellation_cancel(kstack_cancellation *cancellation) {
  if (functions[31]) ((__typeof__(&kstack_cancellation_cancel))functions[31])(cancellation);
}

void kstack_cancellation_free(kstack_cancellation *cancellation) {
  if (functions[32]) ((__typeof__(&kstack_cancellation_free))functions[32])(cancellation);
}

kstack_status kstack_container_set_secrets_provider(kstack_container *container, const kstack_secrets_provider *provider, kstack_error **error) {
  return functions[33] ? ((__typeof__(&kstack_container_set_secrets_provider))functions[33])(container, provider, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_reply_set(kstack_reply *reply, const char *name, const void *value, size_t size) {
  return functions[34] ? ((__typeof__(&kstack_reply_set))functions[34])(reply, name, value, size) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_reply_set_error(kstack_reply *reply, kstack_status status, const char *message) {
  return functions[35] ? ((__typeof__(&kstack_reply_set_error))functions[35])(reply, status, message) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_get_credentials(const kstack_container *container, const char *service, const char *layer, const char *environment, kstack_credentials **out, kstack_error **error) {
  return functions[36] ? ((__typeof__(&kstack_get_credentials))functions[36])(container, service, layer, environment, out, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_load_secrets(const kstack_container *container, const char *layer, const char *environment, kstack_credentials **out, kstack_error **error) {
  return functions[37] ? ((__typeof__(&kstack_load_secrets))functions[37])(container, layer, environment, out, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_resolve_service(const kstack_container *container, const char *service, const char *layer, const char *environment, const char *provider, kstack_credentials **out, kstack_error **error) {
  return functions[38] ? ((__typeof__(&kstack_resolve_service))functions[38])(container, service, layer, environment, provider, out, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_aws_credential_process(const kstack_container *container, const char *service, const char *layer, const char *environment, char **out, kstack_error **error) {
  return functions[39] ? ((__typeof__(&kstack_aws_credential_process))functions[39])(container, service, layer, environment, out, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_credentials_aws_keys(const kstack_credentials *credentials, kstack_credentials **out, kstack_error **error) {
  return functions[40] ? ((__typeof__(&kstack_credentials_aws_keys))functions[40])(credentials, out, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_credentials_environ(const kstack_credentials *credentials, kstack_credentials **out, kstack_error **error) {
  return functions[41] ? ((__typeof__(&kstack_credentials_environ))functions[41])(credentials, out, error) : KSTACK_ERROR_CONFIGURATION;
}

size_t kstack_credentials_count(const kstack_credentials *credentials) {
  return functions[42] ? ((__typeof__(&kstack_credentials_count))functions[42])(credentials) : 0;
}

const char *kstack_credentials_name(const kstack_credentials *credentials, size_t index) {
  return functions[43] ? ((__typeof__(&kstack_credentials_name))functions[43])(credentials, index) : NULL;
}

const void *kstack_credentials_value(const kstack_credentials *credentials, size_t index, size_t *size) {
  return functions[44] ? ((__typeof__(&kstack_credentials_value))functions[44])(credentials, index, size) : NULL;
}

const char *kstack_credentials_get(const kstack_credentials *credentials, const char *name) {
  return functions[45] ? ((__typeof__(&kstack_credentials_get))functions[45])(credentials, name) : NULL;
}

const void *kstack_credentials_get_bytes(const kstack_credentials *credentials, const char *name, size_t *size) {
  return functions[46] ? ((__typeof__(&kstack_credentials_get_bytes))functions[46])(credentials, name, size) : NULL;
}

const char *kstack_credentials_json(const kstack_credentials *credentials) {
  return functions[47] ? ((__typeof__(&kstack_credentials_json))functions[47])(credentials) : NULL;
}

const char *kstack_credentials_source(const kstack_credentials *credentials) {
  return functions[48] ? ((__typeof__(&kstack_credentials_source))functions[48])(credentials) : NULL;
}

void kstack_credentials_free(kstack_credentials *credentials) {
  if (functions[49]) ((__typeof__(&kstack_credentials_free))functions[49])(credentials);
}

kstack_status kstack_vault_open(const kstack_container *container, const char *environment, kstack_vault **out, kstack_error **error) {
  return functions[50] ? ((__typeof__(&kstack_vault_open))functions[50])(container, environment, out, error) : KSTACK_ERROR_CONFIGURATION;
}

void kstack_vault_free(kstack_vault *vault) {
  if (functions[51]) ((__typeof__(&kstack_vault_free))functions[51])(vault);
}

kstack_status kstack_vault_scope(kstack_vault *vault, const kstack_scope *scope, kstack_vault **out, kstack_error **error) {
  return functions[52] ? ((__typeof__(&kstack_vault_scope))functions[52])(vault, scope, out, error) : KSTACK_ERROR_CONFIGURATION;
}

const char *kstack_vault_path(const kstack_vault *vault) {
  return functions[53] ? ((__typeof__(&kstack_vault_path))functions[53])(vault) : NULL;
}

const char *kstack_vault_environment(const kstack_vault *vault) {
  return functions[54] ? ((__typeof__(&kstack_vault_environment))functions[54])(vault) : NULL;
}

kstack_status kstack_vault_is_encrypted(const kstack_vault *vault, bool *out, kstack_error **error) {
  return functions[55] ? ((__typeof__(&kstack_vault_is_encrypted))functions[55])(vault, out, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_vault_get_file(const kstack_vault *vault, const char *layer, const char *filename, char **out, kstack_error **error) {
  return functions[56] ? ((__typeof__(&kstack_vault_get_file))functions[56])(vault, layer, filename, out, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_vault_list(const kstack_vault *vault, const char *layer, kstack_vault_files which, kstack_string_list **out, kstack_error **error) {
  return functions[57] ? ((__typeof__(&kstack_vault_list))functions[57])(vault, layer, which, out, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_list_environments(const kstack_container *container, kstack_string_list **out, kstack_error **error) {
  return functions[58] ? ((__typeof__(&kstack_list_environments))functions[58])(container, out, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_list_services(const kstack_container *container, const char *layer, const char *environment, kstack_string_list **out, kstack_error **error) {
  return functions[59] ? ((__typeof__(&kstack_list_services))functions[59])(container, layer, environment, out, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_vault_decrypt(kstack_vault *vault, const kstack_vault_options *options, kstack_vault_report **report, kstack_error **error) {
  return functions[60] ? ((__typeof__(&kstack_vault_decrypt))functions[60])(vault, options, report, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_vault_encrypt(kstack_vault *vault, const kstack_vault_options *options, kstack_vault_report **report, kstack_error **error) {
  return functions[61] ? ((__typeof__(&kstack_vault_encrypt))functions[61])(vault, options, report, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_vault_rekey(kstack_vault *vault, const kstack_vault_options *options, kstack_vault_report **report, kstack_error **error) {
  return functions[62] ? ((__typeof__(&kstack_vault_rekey))functions[62])(vault, options, report, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_vault_status(kstack_vault *vault, const kstack_vault_options *options, kstack_vault_report **report, kstack_error **error) {
  return functions[63] ? ((__typeof__(&kstack_vault_status))functions[63])(vault, options, report, error) : KSTACK_ERROR_CONFIGURATION;
}

size_t kstack_vault_report_count(const kstack_vault_report *report) {
  return functions[64] ? ((__typeof__(&kstack_vault_report_count))functions[64])(report) : 0;
}

const char *kstack_vault_report_path(const kstack_vault_report *report, size_t index) {
  return functions[65] ? ((__typeof__(&kstack_vault_report_path))functions[65])(report, index) : NULL;
}

kstack_vault_result kstack_vault_report_result(const kstack_vault_report *report, size_t index) {
  return functions[66] ? ((__typeof__(&kstack_vault_report_result))functions[66])(report, index) : KSTACK_VAULT_FAILED;
}

const char *kstack_vault_report_message(const kstack_vault_report *report, size_t index) {
  return functions[67] ? ((__typeof__(&kstack_vault_report_message))functions[67])(report, index) : NULL;
}

uint32_t kstack_vault_report_flags(const kstack_vault_report *report, size_t index) {
  return functions[68] ? ((__typeof__(&kstack_vault_report_flags))functions[68])(report, index) : 0;
}

void kstack_vault_report_free(kstack_vault_report *report) {
  if (functions[69]) ((__typeof__(&kstack_vault_report_free))functions[69])(report);
}

kstack_status kstack_vault_read(const kstack_vault *vault, const char *layer, const char *filename, kstack_secret **out, kstack_error **error) {
  return functions[70] ? ((__typeof__(&kstack_vault_read))functions[70])(vault, layer, filename, out, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_vault_write(kstack_vault *vault, const char *layer, const char *filename, const void *data, size_t size, const char *team, kstack_error **error) {
  return functions[71] ? ((__typeof__(&kstack_vault_write))functions[71])(vault, layer, filename, data, size, team, error) : KSTACK_ERROR_CONFIGURATION;
}

const void *kstack_secret_data(const kstack_secret *secret) {
  return functions[72] ? ((__typeof__(&kstack_secret_data))functions[72])(secret) : NULL;
}

size_t kstack_secret_size(const kstack_secret *secret) {
  return functions[73] ? ((__typeof__(&kstack_secret_size))functions[73])(secret) : 0;
}

void kstack_secret_free(kstack_secret *secret) {
  if (functions[74]) ((__typeof__(&kstack_secret_free))functions[74])(secret);
}

kstack_status kstack_identity_generate(char **identity, char **recipient, kstack_error **error) {
  return functions[75] ? ((__typeof__(&kstack_identity_generate))functions[75])(identity, recipient, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_identity_generate_post_quantum(char **identity, char **recipient, kstack_error **error) {
  return functions[76] ? ((__typeof__(&kstack_identity_generate_post_quantum))functions[76])(identity, recipient, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_configmap_get(const kstack_container *container, const char *layer, const char *name, const char *key, char **out, kstack_error **error) {
  return functions[77] ? ((__typeof__(&kstack_configmap_get))functions[77])(container, layer, name, key, out, error) : KSTACK_ERROR_CONFIGURATION;
}

kstack_status kstack_set_active_route(kstack_container *container, const char *layer, const char *route, kstack_error **error) {
  return functions[78] ? ((__typeof__(&kstack_set_active_route))functions[78])(container, layer, route, error) : KSTACK_ERROR_CONFIGURATION;
}
