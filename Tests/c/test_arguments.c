/* Every argument of every function, with values that it has to refuse. */
#include <stdio.h>

#include "support.h"

/* What the calls below use; made anew for each test. */
static sandbox *box;
static kstack_container *container;
static kstack_vault *vault;

/* A result that has nothing to do with pointers, seen as one: true and 77 are garbage, false and -1 are NULL. */
static bool flag;
static kstack_layer number;

static kstack_vault_options options_with(const char *team, const char *const *files, size_t count, uint32_t flags) {
  kstack_vault_options options = {0};
  options.struct_size = sizeof options;
  options.team = team;
  options.files = files;
  options.file_count = count;
  options.flags = flags;
  return options;
}

static kstack_status new_with(const char *project_root, const char *identity_file, const char *passphrase,
                              kstack_container **out, kstack_error **error) {
  kstack_options options = {0};
  options.struct_size = sizeof options;
  options.project_root = project_root;
  options.identity_file = identity_file;
  options.passphrase = passphrase;
  return kstack_container_new(&options, out, error);
}

static kstack_status set_no_function(kstack_error **error) {
  kstack_secrets_provider provider = {0};
  provider.struct_size = sizeof provider;
  return kstack_container_set_secrets_provider(container, &provider, error);
}

static kstack_status decrypt_team(const char *team, kstack_vault_report **report, kstack_error **error) {
  kstack_vault_options options = options_with(team, NULL, 0, 0);
  return kstack_vault_decrypt(vault, &options, report, error);
}

static kstack_status decrypt_file(const char *file, kstack_vault_report **report, kstack_error **error) {
  const char *files[] = {"layer3/cloud-credentials.yaml", file};
  kstack_vault_options options = options_with(NULL, files, LENGTH(files), 0);
  return kstack_vault_decrypt(vault, &options, report, error);
}

static kstack_status encrypt_team(const char *team, kstack_vault_report **report, kstack_error **error) {
  kstack_vault_options options = options_with(team, NULL, 0, 0);
  return kstack_vault_encrypt(vault, &options, report, error);
}

static kstack_status encrypt_file(const char *file, kstack_vault_report **report, kstack_error **error) {
  const char *files[] = {"layer3/cloud-credentials.yaml", file};
  kstack_vault_options options = options_with(NULL, files, LENGTH(files), 0);
  return kstack_vault_encrypt(vault, &options, report, error);
}

static kstack_status rekey_team(const char *team, kstack_vault_report **report, kstack_error **error) {
  kstack_vault_options options = options_with(team, NULL, 0, 0);
  return kstack_vault_rekey(vault, &options, report, error);
}

static kstack_status rekey_file(const char *file, kstack_vault_report **report, kstack_error **error) {
  const char *files[] = {"layer3/cloud-credentials.yaml", file};
  kstack_vault_options options = options_with(NULL, files, LENGTH(files), 0);
  return kstack_vault_rekey(vault, &options, report, error);
}

static kstack_status status_team(const char *team, kstack_vault_report **report, kstack_error **error) {
  kstack_vault_options options = options_with(team, NULL, 0, 0);
  return kstack_vault_status(vault, &options, report, error);
}

static kstack_status status_file(const char *file, kstack_vault_report **report, kstack_error **error) {
  const char *files[] = {"layer3/cloud-credentials.yaml", file};
  kstack_vault_options options = options_with(NULL, files, LENGTH(files), 0);
  return kstack_vault_status(vault, &options, report, error);
}

/* ----------------------------------------------------------------------------------------------------------- NULL */

/*
 * Every place where a value is needed, with NULL in it and sound values in all the others:
 * name, type of the output, the call. `out` is the output, set to garbage before.
 */
#define NULL_ARGUMENTS(X)                                                                                              \
  X(container_new_out, none, kstack_container_new(NULL, NULL, error))                                                  \
  X(get_environment_container, text, kstack_get_environment(NULL, &out, error))                                        \
  X(get_environment_out, none, kstack_get_environment(container, NULL, error))                                         \
  X(get_config_root_container, text, kstack_get_config_root(NULL, &out, error))                                        \
  X(get_config_root_out, none, kstack_get_config_root(container, NULL, error))                                         \
  X(get_vault_root_container, text, kstack_get_vault_root(NULL, &out, error))                                          \
  X(get_vault_root_out, none, kstack_get_vault_root(container, NULL, error))                                           \
  X(get_credentials_container, credentials, kstack_get_credentials(NULL, "s3", "layer3", "dev", &out, error))          \
  X(get_credentials_service, credentials, kstack_get_credentials(container, NULL, "layer3", "dev", &out, error))       \
  X(get_credentials_layer, credentials, kstack_get_credentials(container, "s3", NULL, "dev", &out, error))             \
  X(get_credentials_out, none, kstack_get_credentials(container, "s3", "layer3", "dev", NULL, error))                  \
  X(get_credentials_all, none, kstack_get_credentials(NULL, NULL, NULL, NULL, NULL, error))                            \
  X(load_secrets_container, credentials, kstack_load_secrets(NULL, "layer3", "dev", &out, error))                      \
  X(load_secrets_layer, credentials, kstack_load_secrets(container, NULL, "dev", &out, error))                         \
  X(load_secrets_out, none, kstack_load_secrets(container, "layer3", "dev", NULL, error))                              \
  X(resolve_service_container, credentials, kstack_resolve_service(NULL, "s3", "layer3", "dev", NULL, &out, error))    \
  X(resolve_service_service, credentials, kstack_resolve_service(container, NULL, "layer3", "dev", NULL, &out, error)) \
  X(resolve_service_layer, credentials, kstack_resolve_service(container, "s3", NULL, "dev", NULL, &out, error))       \
  X(resolve_service_out, none, kstack_resolve_service(container, "s3", "layer3", "dev", NULL, NULL, error))            \
  X(aws_keys_credentials, credentials, kstack_credentials_aws_keys(NULL, &out, error))                                 \
  X(environ_credentials, credentials, kstack_credentials_environ(NULL, &out, error))                                   \
  X(aws_container, text, kstack_aws_credential_process(NULL, "s3", "layer3", "dev", &out, error))                      \
  X(aws_service, text, kstack_aws_credential_process(container, NULL, "layer3", "dev", &out, error))                   \
  X(aws_layer, text, kstack_aws_credential_process(container, "s3", NULL, "dev", &out, error))                         \
  X(aws_out, none, kstack_aws_credential_process(container, "s3", "layer3", "dev", NULL, error))                       \
  X(get_active_route_container, text, kstack_get_active_route(NULL, "layer3", &out, error))                            \
  X(get_active_route_layer, text, kstack_get_active_route(container, NULL, &out, error))                               \
  X(get_active_route_out, none, kstack_get_active_route(container, "layer3", NULL, error))                             \
  X(container_set_secrets_provider_container, none, kstack_container_set_secrets_provider(NULL, NULL, error))          \
  X(container_set_secrets_provider_function, none, set_no_function(error))                                             \
  X(vault_open_container, vault, kstack_vault_open(NULL, "dev", &out, error))                                          \
  X(vault_open_out, none, kstack_vault_open(container, "dev", NULL, error))                                            \
  X(vault_is_encrypted_vault, boolean, kstack_vault_is_encrypted(NULL, &flag, error))                                  \
  X(vault_is_encrypted_out, none, kstack_vault_is_encrypted(vault, NULL, error))                                       \
  X(vault_decrypt_vault, report, kstack_vault_decrypt(NULL, NULL, &out, error))                                        \
  X(vault_decrypt_file, report, decrypt_file(NULL, &out, error))                                                       \
  X(vault_encrypt_vault, report, kstack_vault_encrypt(NULL, NULL, &out, error))                                        \
  X(vault_rekey_vault, report, kstack_vault_rekey(NULL, NULL, &out, error))                                            \
  X(vault_status_vault, report, kstack_vault_status(NULL, NULL, &out, error))                                          \
  X(vault_encrypt_file, report, encrypt_file(NULL, &out, error))                                                       \
  X(vault_rekey_file, report, rekey_file(NULL, &out, error))                                                           \
  X(vault_status_file, report, status_file(NULL, &out, error))                                                         \
  X(vault_write_vault, none, kstack_vault_write(NULL, "layer3", "a.yaml", "x", 1, NULL, error))                        \
  X(vault_write_layer, none, kstack_vault_write(vault, NULL, "a.yaml", "x", 1, NULL, error))                           \
  X(vault_write_filename, none, kstack_vault_write(vault, "layer3", NULL, "x", 1, NULL, error))                        \
  X(vault_write_data, none, kstack_vault_write(vault, "layer3", "a.yaml", NULL, 1, NULL, error))                       \
  X(vault_write_all, none, kstack_vault_write(NULL, NULL, NULL, NULL, 0, NULL, error))                                 \
  X(vault_read_vault, secret, kstack_vault_read(NULL, "layer3", "a.yaml", &out, error))                                \
  X(vault_read_layer, secret, kstack_vault_read(vault, NULL, "a.yaml", &out, error))                                   \
  X(vault_read_filename, secret, kstack_vault_read(vault, "layer3", NULL, &out, error))                                \
  X(vault_read_out, none, kstack_vault_read(vault, "layer3", "a.yaml", NULL, error))                                   \
  X(vault_get_file_vault, text, kstack_vault_get_file(NULL, "layer3", "a.yaml", &out, error))                          \
  X(vault_get_file_layer, text, kstack_vault_get_file(vault, NULL, "a.yaml", &out, error))                             \
  X(vault_get_file_filename, text, kstack_vault_get_file(vault, "layer3", NULL, &out, error))                          \
  X(vault_get_file_out, none, kstack_vault_get_file(vault, "layer3", "a.yaml", NULL, error))                           \
  X(vault_list_vault, list, kstack_vault_list(NULL, NULL, KSTACK_VAULT_FILES_ENCRYPTED, &out, error))                  \
  X(vault_list_out, none, kstack_vault_list(vault, NULL, KSTACK_VAULT_FILES_ENCRYPTED, NULL, error))                   \
  X(list_environments_container, list, kstack_list_environments(NULL, &out, error))                                    \
  X(list_environments_out, none, kstack_list_environments(container, NULL, error))                                     \
  X(list_services_container, list, kstack_list_services(NULL, "layer3", "dev", &out, error))                           \
  X(list_services_layer, list, kstack_list_services(container, NULL, "dev", &out, error))                              \
  X(list_services_out, none, kstack_list_services(container, "layer3", "dev", NULL, error))                            \
  X(identity_generate_identity, text, kstack_identity_generate(NULL, &out, error))                                     \
  X(identity_generate_recipient, text, kstack_identity_generate(&out, NULL, error))                                    \
  X(identity_generate_both, none, kstack_identity_generate(NULL, NULL, error))                                         \
  X(layer_parse_text, layer, kstack_layer_parse(NULL, &number, error))                                                 \
  X(layer_parse_out, none, kstack_layer_parse("layer3", NULL, error))

/* The kinds of output: the C type, and whether `out` is one that the call sets. */
typedef char *type_text;
typedef kstack_credentials *type_credentials;
typedef kstack_container *type_container;
typedef kstack_vault *type_vault;
typedef kstack_vault_report *type_report;
typedef kstack_secret *type_secret;
typedef kstack_string_list *type_list;
typedef void *type_none;
typedef void *type_boolean;
typedef void *type_layer;
enum {
  sets_text = true,
  sets_credentials = true,
  sets_container = true,
  sets_vault = true,
  sets_report = true,
  sets_secret = true,
  sets_list = true,
  sets_none = false,
  sets_boolean = false,
  sets_layer = false
};

#define NULL_FUNCTION(name, kind, call)                                   \
  static kstack_status null_##name(bool *cleared, kstack_error **error) { \
    type_##kind out = GARBAGE(type_##kind);                               \
    kstack_status status = (call);                                        \
    *cleared = !sets_##kind || out == NULL;                               \
    return status;                                                        \
  }
NULL_ARGUMENTS(NULL_FUNCTION)

static const struct {
  const char *name;
  kstack_status (*call)(bool *cleared, kstack_error **error);
} null_arguments[] = {
#define NULL_ROW(name, kind, call) {#name, null_##name},
    NULL_ARGUMENTS(NULL_ROW)};

static void null_is_refused_where_a_value_is_needed(void **state) {
  (void)state;
  for (size_t index = 0; index < LENGTH(null_arguments); index++) {
    bool cleared = false;
    flag = true;
    number = 77;
    kstack_error *error = GARBAGE(kstack_error *);
    kstack_status status = null_arguments[index].call(&cleared, &error);
    if (status != KSTACK_ERROR_INVALID_ARGUMENT || !cleared) print_error("%s\n", null_arguments[index].name);
    check_fails(status, KSTACK_ERROR_INVALID_ARGUMENT, "");
    assert_true(cleared);
    if (null_arguments[index].call == null_vault_is_encrypted_vault) assert_false(flag);
    if (null_arguments[index].call == null_layer_parse_text) assert_int_equal(number, -1);
    assert_int_equal(null_arguments[index].call(&cleared, NULL), KSTACK_ERROR_INVALID_ARGUMENT);
  }
}

/* ---------------------------------------------------------------------------------------------------------- Texts */

/* What may be in a text: NAME a name of ours, FILE a file name, PATH a layer and a file name, ANY whatever is UTF-8. */
typedef enum grammar { NAME, LAYER, FILENAME, PATH, ANY } grammar;

/* Every text that a function takes: name, grammar, whether NULL is fine there, type of the output, the call. */
#define TEXT_ARGUMENTS(X)                                                                                            \
  X(container_new_project_root, ANY, true, container, new_with(value, NULL, NULL, &out, error))                      \
  X(container_new_identity_file, ANY, true, container, new_with(box->project, value, NULL, &out, error))             \
  X(container_new_passphrase, ANY, true, container, new_with(box->project, NULL, value, &out, error))                \
  X(get_credentials_service, NAME, false, credentials,                                                               \
    kstack_get_credentials(container, value, "layer3", "dev", &out, error))                                          \
  X(get_credentials_layer, LAYER, false, credentials,                                                                \
    kstack_get_credentials(container, "s3", value, "dev", &out, error))                                              \
  X(get_credentials_environment, NAME, true, credentials,                                                            \
    kstack_get_credentials(container, "s3", "layer3", value, &out, error))                                           \
  X(load_secrets_layer, LAYER, false, credentials, kstack_load_secrets(container, value, "dev", &out, error))        \
  X(load_secrets_environment, NAME, true, credentials, kstack_load_secrets(container, "layer3", value, &out, error)) \
  X(resolve_service_service, NAME, false, credentials,                                                               \
    kstack_resolve_service(container, value, "layer3", "dev", NULL, &out, error))                                    \
  X(resolve_service_layer, LAYER, false, credentials,                                                                \
    kstack_resolve_service(container, "s3", value, "dev", NULL, &out, error))                                        \
  X(resolve_service_environment, NAME, true, credentials,                                                            \
    kstack_resolve_service(container, "s3", "layer3", value, NULL, &out, error))                                     \
  X(resolve_service_provider, NAME, true, credentials,                                                               \
    kstack_resolve_service(container, "s3", "layer3", "dev", value, &out, error))                                    \
  X(aws_service, NAME, false, text, kstack_aws_credential_process(container, value, "layer3", "dev", &out, error))   \
  X(aws_layer, LAYER, false, text, kstack_aws_credential_process(container, "s3", value, "dev", &out, error))        \
  X(aws_environment, NAME, true, text, kstack_aws_credential_process(container, "s3", "layer3", value, &out, error)) \
  X(get_active_route_layer, LAYER, false, text, kstack_get_active_route(container, value, &out, error))              \
  X(vault_open_environment, NAME, true, vault, kstack_vault_open(container, value, &out, error))                     \
  X(vault_decrypt_team, NAME, true, report, decrypt_team(value, &out, error))                                        \
  X(vault_decrypt_file, PATH, false, report, decrypt_file(value, &out, error))                                       \
  X(vault_encrypt_team, NAME, true, report, encrypt_team(value, &out, error))                                        \
  X(vault_rekey_team, NAME, true, report, rekey_team(value, &out, error))                                            \
  X(vault_status_team, NAME, true, report, status_team(value, &out, error))                                          \
  X(vault_encrypt_file, PATH, false, report, encrypt_file(value, &out, error))                                       \
  X(vault_rekey_file, PATH, false, report, rekey_file(value, &out, error))                                           \
  X(vault_status_file, PATH, false, report, status_file(value, &out, error))                                         \
  X(vault_write_layer, LAYER, false, none, kstack_vault_write(vault, value, "a.yaml", "x", 1, NULL, error))          \
  X(vault_write_filename, FILENAME, false, none, kstack_vault_write(vault, "layer3", value, "x", 1, NULL, error))    \
  X(vault_write_team, NAME, true, none, kstack_vault_write(vault, "layer3", "a.yaml", "x", 1, value, error))         \
  X(vault_read_layer, LAYER, false, secret, kstack_vault_read(vault, value, "a.yaml", &out, error))                  \
  X(vault_read_filename, FILENAME, false, secret, kstack_vault_read(vault, "layer3", value, &out, error))            \
  X(vault_get_file_layer, LAYER, false, text, kstack_vault_get_file(vault, value, "a.yaml", &out, error))            \
  X(vault_get_file_filename, FILENAME, false, text, kstack_vault_get_file(vault, "layer3", value, &out, error))      \
  X(vault_list_layer, LAYER, true, list, kstack_vault_list(vault, value, KSTACK_VAULT_FILES_ENCRYPTED, &out, error)) \
  X(list_services_layer, LAYER, false, list, kstack_list_services(container, value, "dev", &out, error))             \
  X(list_services_environment, NAME, true, list, kstack_list_services(container, "layer3", value, &out, error))      \
  X(layer_parse_text, LAYER, false, none, kstack_layer_parse(value, &number, error))

#define TEXT_FUNCTION(name, grammar, nullable, kind, call)                                   \
  static kstack_status text_##name(const char *value, bool *cleared, kstack_error **error) { \
    type_##kind out = GARBAGE(type_##kind);                                                  \
    kstack_status status = (call);                                                           \
    *cleared = !sets_##kind || out == NULL;                                                  \
    return status;                                                                           \
  }
TEXT_ARGUMENTS(TEXT_FUNCTION)

static const struct text_argument {
  const char *name;
  grammar grammar;
  bool nullable;
  kstack_status (*call)(const char *value, bool *cleared, kstack_error **error);
} text_arguments[] = {
#define TEXT_ROW(name, grammar, nullable, kind, call) {#name, grammar, nullable, text_##name},
    TEXT_ARGUMENTS(TEXT_ROW)};

/* Texts that are no UTF-8. */
static const char *const no_utf8[] = {
    "\xff\xfe",         /* never in UTF-8 */
    "abc\xc3",          /* cut short */
    "layer3\x80",       /* a continuation alone */
    "\xc0\xaf",         /* an overlong "/" */
    "\xe0\x80\xaf",     /* the same in three bytes */
    "\xed\xa0\x80",     /* a surrogate */
    "\xf4\x90\x80\x80", /* past the last code point */
    "s3\xff",
};

/* Texts that are out of every grammar. */
static const char *const out_of_every_grammar[] = {
    "",
    ".",
    "..",
    "../x",
    "a/../b",
    "../../../../../../etc/passwd",
    "/etc/passwd",
    "/",
    "a//b",
    "a\nb",
    "a\rb",
    "a\tb",
    "\x01",
    "a\x7f",
    "\x1b[31m",
    "\xc2\x85",
    ".hidden",
    "layer3/../layer3",
    "layer3/",
};

/* Texts that are out of the grammar of names. */
static const char *const out_of_names[] = {
    "a/b",
    "A",
    "S3",
    "a b",
    " a",
    "a ",
    "-a",
    "a-",
    "a_b",
    "a.b",
    "a*",
    "a:b",
    "\xc3\xa9",
    "\xd0\xb0",
    "$HOME",
    "`a`",
    /* 64 characters */
    "a123456789012345678901234567890123456789012345678901234567890123",
};

/* Texts that are no layer. */
static const char *const out_of_layers[] = {"a/b", "layer4", "layer", "03", "layer 3", "layer3\xc2\xa0"};

/* Texts that are out of the grammar of file names; the last has 201 bytes. */
static const char *const out_of_filenames[] = {
    "a/b",
    "layer3/a.yaml",
    "a123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789x",
};

/* Texts that are no path of a file in a vault. */
static const char *const out_of_paths[] = {
    "a.yaml",         "layer3",    "layer9/a.yaml",  "layer3/a/b",
    "layer3/.hidden", "layer3/..", "layer3//a.yaml", "./layer3/a.yaml",
};

/* Prints which call went wrong, the bytes that are not printable as numbers. */
static void print_call(const char *name, const char *value) {
  print_error("%s: ", name);
  for (size_t index = 0; value != NULL && value[index] != '\0' && index < 60; index++) {
    unsigned char byte = (unsigned char)value[index];
    print_error(byte >= 0x20 && byte < 0x7f ? "%c" : "\\x%02x", byte);
  }
  print_error("%s\n", value == NULL ? "NULL" : "");
}

static void check_text(const struct text_argument *argument, const char *value) {
  bool cleared = false;
  number = 77;
  kstack_error *error = GARBAGE(kstack_error *);
  kstack_status status = argument->call(value, &cleared, &error);
  if (status != KSTACK_ERROR_INVALID_ARGUMENT || !cleared) print_call(argument->name, value);
  assert_true(cleared);
  /* A message that repeats a text of 64 KiB is no message. */
  if (error != NULL) assert_true(strlen(kstack_error_message(error)) < 1024);
  check_fails(status, KSTACK_ERROR_INVALID_ARGUMENT, "");
  if (argument->call == text_layer_parse_text) assert_int_equal(number, -1);
  assert_int_equal(argument->call(value, &cleared, NULL), KSTACK_ERROR_INVALID_ARGUMENT);
}

static void check_texts(const struct text_argument *argument, const char *const *values, size_t count) {
  for (size_t index = 0; index < count; index++) check_text(argument, values[index]);
}

static void text_that_is_not_utf8_is_refused(void **state) {
  (void)state;
  for (size_t index = 0; index < LENGTH(text_arguments); index++) {
    check_texts(&text_arguments[index], no_utf8, LENGTH(no_utf8));
  }
}

static void names_out_of_grammar_are_refused(void **state) {
  (void)state;
  char *before = listing(box->root);
  for (size_t index = 0; index < LENGTH(text_arguments); index++) {
    const struct text_argument *argument = &text_arguments[index];
    if (argument->grammar == ANY) continue;
    check_texts(argument, out_of_every_grammar, LENGTH(out_of_every_grammar));
    switch (argument->grammar) {
      case NAME:
        check_texts(argument, out_of_names, LENGTH(out_of_names));
        break;
      case LAYER:
        check_texts(argument, out_of_layers, LENGTH(out_of_layers));
        break;
      case FILENAME:
        check_texts(argument, out_of_filenames, LENGTH(out_of_filenames));
        break;
      case PATH:
        check_texts(argument, out_of_paths, LENGTH(out_of_paths));
        break;
      case ANY:
        break;
    }
  }
  char *after = listing(box->root);
  assert_string_equal(before, after);
  free(before);
  free(after);
}

static void very_long_text_is_refused(void **state) {
  (void)state;
  enum { size = 64 * 1024 };
  char *value = malloc(size + 1);
  assert_non_null(value);
  memset(value, 'a', size);
  value[size] = '\0';
  for (size_t index = 0; index < LENGTH(text_arguments); index++) {
    if (text_arguments[index].grammar != ANY) check_text(&text_arguments[index], value);
  }
  /* The same with bytes at the end that are no UTF-8. */
  value[size - 1] = '\xff';
  for (size_t index = 0; index < LENGTH(text_arguments); index++) check_text(&text_arguments[index], value);
  free(value);
}

static void null_is_refused_in_texts_that_are_needed(void **state) {
  (void)state;
  for (size_t index = 0; index < LENGTH(text_arguments); index++) {
    if (!text_arguments[index].nullable) check_text(&text_arguments[index], NULL);
  }
}

static void the_longest_names_are_in_the_grammar(void **state) {
  (void)state;
  kstack_error *error = GARBAGE(kstack_error *);
  kstack_credentials *credentials = GARBAGE(kstack_credentials *);
  const char *name = "a12345678901234567890123456789012345678901234567890123456789012"; /* 63 */
  check_fails(kstack_get_credentials(container, name, "layer3", "dev", &credentials, &error),
              KSTACK_ERROR_SERVICE_NOT_FOUND, "");
  assert_null(credentials);
  char filename[201];
  memset(filename, 'a', 200);
  filename[200] = '\0';
  kstack_secret *secret = GARBAGE(kstack_secret *);
  check_fails(kstack_vault_read(vault, "layer3", filename, &secret, &error), KSTACK_ERROR_SERVICE_NOT_FOUND, "");
  assert_null(secret);
}

static void a_name_in_credentials_may_be_anything(void **state) {
  (void)state;
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  check_ok(kstack_get_credentials(container, "s3", "layer3", "dev", &credentials, &error));
  for (size_t index = 0; index < LENGTH(no_utf8); index++) {
    assert_null(kstack_credentials_get(credentials, no_utf8[index]));
  }
  for (size_t index = 0; index < LENGTH(out_of_every_grammar); index++) {
    assert_null(kstack_credentials_get(credentials, out_of_every_grammar[index]));
  }
  assert_null(kstack_credentials_get(credentials, NULL));
  assert_null(kstack_credentials_get_bytes(credentials, NULL, NULL));
  kstack_credentials_free(credentials);
}

/* ----------------------------------------------------------------------------------------- Numbers and structures */

static void numbers_that_are_no_kind_of_file_are_refused(void **state) {
  (void)state;
  static const kstack_vault_files kinds[] = {-1, 2, 7, INT32_MAX, INT32_MIN};
  for (size_t index = 0; index < LENGTH(kinds); index++) {
    kstack_string_list *out = GARBAGE(kstack_string_list *);
    kstack_error *error = GARBAGE(kstack_error *);
    check_fails(kstack_vault_list(vault, NULL, kinds[index], &out, &error), KSTACK_ERROR_INVALID_ARGUMENT, "");
    assert_null(out);
  }
}

static void flags_that_are_unknown_are_refused(void **state) {
  (void)state;
  static const uint32_t flags[] = {2, 3, 4, 0x80000000u, UINT32_MAX};
  for (size_t index = 0; index < LENGTH(flags); index++) {
    kstack_vault_options options = options_with(NULL, NULL, 0, flags[index]);
    kstack_vault_report *report = GARBAGE(kstack_vault_report *);
    kstack_error *error = GARBAGE(kstack_error *);
    check_fails(kstack_vault_decrypt(vault, &options, &report, &error), KSTACK_ERROR_INVALID_ARGUMENT, "");
    assert_null(report);
    assert_int_equal(kstack_vault_decrypt(vault, &options, NULL, NULL), KSTACK_ERROR_INVALID_ARGUMENT);
    report = GARBAGE(kstack_vault_report *);
    check_fails(kstack_vault_encrypt(vault, &options, &report, &error), KSTACK_ERROR_INVALID_ARGUMENT, "");
    assert_null(report);
    assert_int_equal(kstack_vault_encrypt(vault, &options, NULL, NULL), KSTACK_ERROR_INVALID_ARGUMENT);
  }
  static const uint32_t not_for_rekeying[] = {1, 3, 4, UINT32_MAX};
  for (size_t index = 0; index < LENGTH(not_for_rekeying); index++) {
    kstack_vault_options options = options_with(NULL, NULL, 0, not_for_rekeying[index]);
    kstack_vault_report *report = GARBAGE(kstack_vault_report *);
    kstack_error *error = GARBAGE(kstack_error *);
    check_fails(kstack_vault_rekey(vault, &options, &report, &error), KSTACK_ERROR_INVALID_ARGUMENT,
                "KSTACK_VAULT_CHECK");
    assert_null(report);
    check_fails(kstack_vault_status(vault, &options, &report, &error), KSTACK_ERROR_INVALID_ARGUMENT, "flags");
  }
  assert_false(exists(text(box, "%s/dev/layer3/cloud-credentials.yaml", box->vault)));
}

static void a_count_of_files_without_files_is_refused(void **state) {
  (void)state;
  kstack_vault_options options = options_with(NULL, NULL, 3, 0);
  kstack_vault_report *report = GARBAGE(kstack_vault_report *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_fails(kstack_vault_decrypt(vault, &options, &report, &error), KSTACK_ERROR_INVALID_ARGUMENT, "");
  assert_null(report);
  report = GARBAGE(kstack_vault_report *);
  check_fails(kstack_vault_encrypt(vault, &options, &report, &error), KSTACK_ERROR_INVALID_ARGUMENT, "");
  assert_null(report);
}

/* Sizes that no memory has; the data is not looked at. */
static void a_size_that_no_data_has_is_refused(void **state) {
  (void)state;
  const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 7, SIZE_MAX / 2 + 1};
  for (size_t index = 0; index < LENGTH(sizes); index++) {
    kstack_error *error = GARBAGE(kstack_error *);
    check_fails(kstack_vault_write(vault, "layer3", "a.yaml", "x", sizes[index], NULL, &error),
                KSTACK_ERROR_INVALID_ARGUMENT, "size");
    assert_int_equal(kstack_vault_write(vault, "layer3", "a.yaml", "x", sizes[index], NULL, NULL),
                     KSTACK_ERROR_INVALID_ARGUMENT);
  }
}

/* A structure of a later version of the header: the one of this version and something more. */
typedef union later {
  kstack_options container;
  kstack_vault_options vault;
  unsigned char bytes[256];
} later;

static kstack_status new_of_size(later *options, size_t size, kstack_container **out, kstack_error **error) {
  options->container.struct_size = size;
  options->container.project_root = box->project;
  return kstack_container_new(&options->container, out, error);
}

static kstack_status encrypt_of_size(later *options, size_t size, kstack_vault_report **out, kstack_error **error) {
  options->vault.struct_size = size;
  return kstack_vault_encrypt(vault, &options->vault, out, error);
}

static kstack_status decrypt_of_size(later *options, size_t size, kstack_vault_report **out, kstack_error **error) {
  options->vault.struct_size = size;
  return kstack_vault_decrypt(vault, &options->vault, out, error);
}

static void structures_that_are_too_small_are_refused(void **state) {
  (void)state;
  const size_t container_sizes[] = {0, 1, sizeof(size_t) - 1, sizeof(size_t), sizeof(kstack_options) - 1};
  for (size_t index = 0; index < LENGTH(container_sizes); index++) {
    later options = {0};
    kstack_container *out = GARBAGE(kstack_container *);
    kstack_error *error = GARBAGE(kstack_error *);
    check_fails(new_of_size(&options, container_sizes[index], &out, &error), KSTACK_ERROR_INVALID_ARGUMENT,
                "struct_size");
    assert_null(out);
  }
  const size_t vault_sizes[] = {0, 1, sizeof(size_t) - 1, sizeof(size_t), offsetof(kstack_vault_options, flags)};
  for (size_t index = 0; index < LENGTH(vault_sizes); index++) {
    later options = {0};
    kstack_vault_report *out = GARBAGE(kstack_vault_report *);
    kstack_error *error = GARBAGE(kstack_error *);
    check_fails(decrypt_of_size(&options, vault_sizes[index], &out, &error), KSTACK_ERROR_INVALID_ARGUMENT,
                "struct_size");
    assert_null(out);
    out = GARBAGE(kstack_vault_report *);
    check_fails(encrypt_of_size(&options, vault_sizes[index], &out, &error), KSTACK_ERROR_INVALID_ARGUMENT,
                "struct_size");
    assert_null(out);
  }
}

static void larger_structures_are_taken_when_the_rest_is_zero(void **state) {
  (void)state;
  const size_t more[] = {1, 7, 8, 64};
  for (size_t index = 0; index < LENGTH(more); index++) {
    later options = {0};
    kstack_container *made = GARBAGE(kstack_container *);
    kstack_error *error = GARBAGE(kstack_error *);
    check_ok(new_of_size(&options, sizeof(kstack_options) + more[index], &made, &error));
    assert_non_null(made);
    kstack_container_free(made);
    later vault_options = {0};
    kstack_vault_report *report = GARBAGE(kstack_vault_report *);
    check_ok(decrypt_of_size(&vault_options, sizeof(kstack_vault_options) + more[index], &report, &error));
    assert_non_null(report);
    kstack_vault_report_free(report);
  }
}

static void larger_structures_are_refused_when_the_rest_is_not_zero(void **state) {
  (void)state;
  const size_t more[] = {1, 7, 8, 64};
  for (size_t index = 0; index < LENGTH(more); index++) {
    later options = {0};
    options.bytes[sizeof(kstack_options) + more[index] - 1] = 1;
    kstack_container *made = GARBAGE(kstack_container *);
    kstack_error *error = GARBAGE(kstack_error *);
    check_fails(new_of_size(&options, sizeof(kstack_options) + more[index], &made, &error),
                KSTACK_ERROR_INVALID_ARGUMENT, "");
    assert_null(made);
    later vault_options = {0};
    vault_options.bytes[sizeof(kstack_vault_options) + more[index] - 1] = 1;
    kstack_vault_report *report = GARBAGE(kstack_vault_report *);
    check_fails(decrypt_of_size(&vault_options, sizeof(kstack_vault_options) + more[index], &report, &error),
                KSTACK_ERROR_INVALID_ARGUMENT, "");
    assert_null(report);
    report = GARBAGE(kstack_vault_report *);
    check_fails(encrypt_of_size(&vault_options, sizeof(kstack_vault_options) + more[index], &report, &error),
                KSTACK_ERROR_INVALID_ARGUMENT, "");
    assert_null(report);
  }
  assert_false(exists(text(box, "%s/dev/layer3/cloud-credentials.yaml", box->vault)));
}

static void a_size_that_no_structure_has_is_refused(void **state) {
  (void)state;
  const size_t sizes[] = {SIZE_MAX, SIZE_MAX / 2, (size_t)1 << 40};
  for (size_t index = 0; index < LENGTH(sizes); index++) {
    later options = {0};
    kstack_container *made = GARBAGE(kstack_container *);
    kstack_error *error = GARBAGE(kstack_error *);
    check_fails(new_of_size(&options, sizes[index], &made, &error), KSTACK_ERROR_INVALID_ARGUMENT, "struct_size");
    assert_null(made);
  }
}

/* ------------------------------------------------------------------------------------------------- Project roots */

static void a_project_root_that_is_no_folder_is_an_error(void **state) {
  (void)state;
  kstack_container *made = GARBAGE(kstack_container *);
  kstack_error *error = GARBAGE(kstack_error *);
  const char *missing = text(box, "%s/missing", box->root);
  check_fails(new_with(missing, NULL, NULL, &made, &error), KSTACK_ERROR_IO, missing);
  assert_null(made);
  made = GARBAGE(kstack_container *);
  check_fails(new_with(box->identity_file, NULL, NULL, &made, &error), KSTACK_ERROR_IO, box->identity_file);
  assert_null(made);
}

static void no_options_are_the_defaults(void **state) {
  (void)state;
  kstack_container *made = GARBAGE(kstack_container *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_container_new(NULL, &made, &error));
  assert_non_null(made);
  kstack_container_free(made);
  kstack_options options = {0};
  options.struct_size = sizeof options;
  made = GARBAGE(kstack_container *);
  check_ok(kstack_container_new(&options, &made, &error));
  assert_non_null(made);
  kstack_container_free(made);
}

/* ---------------------------------------------------------------------------------------------------------- Main */

static int setup(void **state) {
  (void)state;
  box = sandbox_new();
  put_secret(box, "dev", "layer3", "cloud-credentials.yaml", "s3:\n  key: value\n");
  container = container_for(box);
  vault = vault_for(box);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  kstack_vault_free(vault);
  kstack_container_free(container);
  sandbox_free(box);
  return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(null_is_refused_where_a_value_is_needed),
      TEST(text_that_is_not_utf8_is_refused),
      TEST(names_out_of_grammar_are_refused),
      TEST(very_long_text_is_refused),
      TEST(null_is_refused_in_texts_that_are_needed),
      TEST(the_longest_names_are_in_the_grammar),
      TEST(a_name_in_credentials_may_be_anything),
      TEST(numbers_that_are_no_kind_of_file_are_refused),
      TEST(flags_that_are_unknown_are_refused),
      TEST(a_count_of_files_without_files_is_refused),
      TEST(a_size_that_no_data_has_is_refused),
      TEST(structures_that_are_too_small_are_refused),
      TEST(larger_structures_are_taken_when_the_rest_is_zero),
      TEST(larger_structures_are_refused_when_the_rest_is_not_zero),
      TEST(a_size_that_no_structure_has_is_refused),
      TEST(a_project_root_that_is_no_folder_is_an_error),
      TEST(no_options_are_the_defaults),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
