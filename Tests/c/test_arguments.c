/* Every argument of every function, with values that it must refuse. */
#include <errno.h>
#include <stdio.h>

#include "calls.h"

/* The sandbox of the calls below, a new one for each test. */
static sandbox *box;
static kstack_container *container;
static kstack_vault *vault;

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

static void null_is_refused_where_a_value_is_needed(void **state) {
  (void)state;
  for (size_t index = 0; index < api_function_count; index++) check_null_refused(&api_functions[index]);
}

static void a_provider_without_a_function_is_refused(void **state) {
  (void)state;
  kstack_secrets_provider provider = KSTACK_SECRETS_PROVIDER_INIT;
  kstack_error *error = GARBAGE(kstack_error *);
  check_fails(kstack_container_set_secrets_provider(container, &provider, &error), KSTACK_ERROR_INVALID_ARGUMENT,
              "get_credentials");
}

/* -------------------------------------------------------------------------------------------------------- Strings */

/* Strings in structures, which the calls of calls.h do not reach: the function, the field, the output, the call. */
#define FIELDS(X)                                                                                    \
  X(container_new, project_root, ANY, container, new_with(string, NULL, NULL, &out, error))          \
  X(container_new, identity_file, ANY, container, new_with(box->project, string, NULL, &out, error)) \
  X(container_new, passphrase, ANY, container, new_with(box->project, NULL, string, &out, error))    \
  X(vault_decrypt, team, NAME, vault_report, decrypt_team(string, &out, error))                      \
  X(vault_decrypt, file, PATH, vault_report, decrypt_file(string, &out, error))                      \
  X(vault_encrypt, team, NAME, vault_report, encrypt_team(string, &out, error))                      \
  X(vault_encrypt, file, PATH, vault_report, encrypt_file(string, &out, error))                      \
  X(vault_rekey, team, NAME, vault_report, rekey_team(string, &out, error))                          \
  X(vault_rekey, file, PATH, vault_report, rekey_file(string, &out, error))                          \
  X(vault_status, team, NAME, vault_report, status_team(string, &out, error))                        \
  X(vault_status, file, PATH, vault_report, status_file(string, &out, error))

#define FIELD_FUNCTION(function, field, grammar, type, call)                                             \
  static kstack_status function##_##field(const arguments *given, bool *cleared, kstack_error **error) { \
    const char *string = given->string;                                                                  \
    kstack_##type *out = GARBAGE(kstack_##type *);                                                       \
    kstack_status status = (call);                                                                       \
    *cleared = out == NULL;                                                                              \
    return status;                                                                                       \
  }
FIELDS(FIELD_FUNCTION)

static const api_function fields[] = {
#define FIELD_ROW(function, field, grammar, type, call) \
  {"kstack_" #function, "any", function##_##field, 1, {{#field, OPTIONAL_INPUT, grammar}}},
    FIELDS(FIELD_ROW)};

static void for_all_strings(void (*check)(const api_function *function, int position)) {
  for_each_string(api_functions, api_function_count, check);
  for_each_string(fields, LENGTH(fields), check);
}

/* Strings that are invalid everywhere. */
static const char *const invalid_everywhere[] = {
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

/* Strings that are invalid names. */
static const char *const invalid_names[] = {
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

/* Strings that are not layers. */
static const char *const invalid_layers[] = {"a/b", "layer4", "layer", "03", "layer 3", "layer3\xc2\xa0"};

/* Strings that are invalid file names; the last has 201 bytes. */
static const char *const invalid_filenames[] = {
    "a/b",
    "layer3/a.yaml",
    "a123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789x",
};

/* Strings that are not paths of files in a vault. */
static const char *const invalid_paths[] = {
    "a.yaml",         "layer3",    "layer9/a.yaml",  "layer3/a/b",
    "layer3/.hidden", "layer3/..", "layer3//a.yaml", "./layer3/a.yaml",
};

static void check_not_utf8(const api_function *function, int position) {
  for (size_t index = 0; not_utf8[index] != NULL; index++) check_string_refused(function, position, not_utf8[index]);
}

static void strings_that_are_not_utf8_are_refused(void **state) {
  (void)state;
  for_all_strings(check_not_utf8);
}

static void check_strings(const api_function *function, int position, const char *const *strings, size_t count) {
  for (size_t index = 0; index < count; index++) check_string_refused(function, position, strings[index]);
}

static void check_grammar(const api_function *function, int position) {
  grammar wanted = function->parameters[position].grammar;
  if (wanted == ANY) return;
  check_strings(function, position, invalid_everywhere, LENGTH(invalid_everywhere));
  if (wanted == NAME) check_strings(function, position, invalid_names, LENGTH(invalid_names));
  if (wanted == LAYER) check_strings(function, position, invalid_layers, LENGTH(invalid_layers));
  if (wanted == FILENAME) check_strings(function, position, invalid_filenames, LENGTH(invalid_filenames));
  if (wanted != PATH) return;
  check_strings(function, position, invalid_paths, LENGTH(invalid_paths));
  check_string_refused(function, position, NULL);
}

static void invalid_names_are_refused(void **state) {
  (void)state;
  char *before = listing(box->root);
  for_all_strings(check_grammar);
  char *after = listing(box->root);
  assert_string_equal(before, after);
  free(before);
  free(after);
}

static void check_very_long(const api_function *function, int position) {
  enum { size = 64 * 1024 };
  char *string = malloc(size + 1);
  assert_non_null(string);
  memset(string, 'a', size);
  string[size] = '\0';
  if (function->parameters[position].grammar != ANY) check_string_refused(function, position, string);
  /* As above, with a byte at the end that is not UTF-8. */
  string[size - 1] = '\xff';
  check_string_refused(function, position, string);
  free(string);
}

static void very_long_strings_are_refused(void **state) {
  (void)state;
  for_all_strings(check_very_long);
}

static void the_longest_names_are_valid(void **state) {
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
  for (size_t index = 0; not_utf8[index] != NULL; index++) {
    assert_null(kstack_credentials_get(credentials, not_utf8[index]));
  }
  for (size_t index = 0; index < LENGTH(invalid_everywhere); index++) {
    assert_null(kstack_credentials_get(credentials, invalid_everywhere[index]));
  }
  assert_null(kstack_credentials_get(credentials, NULL));
  assert_null(kstack_credentials_get_bytes(credentials, NULL, NULL));
  kstack_credentials_free(credentials);
}

/* 32 KiB is the longest string: of a longer one no more is read, so what follows may be out of reach. */
static void a_passphrase_is_as_long_as_any_string(void **state) {
  (void)state;
  enum { longest = 32 * 1024 };
  char *string = malloc(longest + 1);
  assert_non_null(string);
  memset(string, 'a', longest);
  string[longest] = '\0';
  kstack_error *error = NULL;
  kstack_container *made = NULL;
  check_ok(new_with(box->project, NULL, string, &made, &error));
  kstack_container_free(made);
  /* Without its NUL it does not end in this block, as valgrind and the sanitizers know. */
  string[longest] = 'a';
  check_fails(new_with(box->project, NULL, string, &made, &error), KSTACK_ERROR_INVALID_ARGUMENT, "longer than 32768");
  assert_null(made);
  free(string);
}

/* ----------------------------------------------------------------------------------------- Numbers and structures */

static void unknown_kinds_of_files_are_refused(void **state) {
  (void)state;
  static const kstack_vault_files kinds[] = {-1, 2, 7, INT32_MAX, INT32_MIN};
  for (size_t index = 0; index < LENGTH(kinds); index++) {
    kstack_string_list *out = GARBAGE(kstack_string_list *);
    kstack_error *error = GARBAGE(kstack_error *);
    check_fails(kstack_vault_list(vault, NULL, kinds[index], &out, &error), KSTACK_ERROR_INVALID_ARGUMENT, "");
    assert_null(out);
  }
}

static void unknown_flags_are_refused(void **state) {
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

/* Sizes larger than any memory; the data is not read. */
static void impossible_sizes_are_refused(void **state) {
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

/* A structure of a later version of the header: that of this version, and more. */
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

static void larger_structures_are_accepted_when_the_rest_is_zero(void **state) {
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

static void impossible_structure_sizes_are_refused(void **state) {
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

static void a_project_root_that_is_not_a_folder_is_an_error(void **state) {
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

static void an_error_of_the_file_system_has_its_number_and_path(void **state) {
  (void)state;
  /* A message shows the tab as a question mark. */
  const char *const paths[] = {text(box, "%s/a\tmissing folder", box->root), box->identity_file};
  const int numbers[] = {ENOENT, ENOTDIR};
  for (size_t index = 0; index < LENGTH(paths); index++) {
    kstack_container *made = GARBAGE(kstack_container *);
    kstack_error *error = GARBAGE(kstack_error *);
    assert_int_equal(new_with(paths[index], NULL, NULL, &made, &error), KSTACK_ERROR_IO);
    assert_int_equal(kstack_error_errno(error), numbers[index]);
    assert_string_equal(kstack_error_path(error), paths[index]);
    assert_ptr_equal(kstack_error_path(error), kstack_error_path(error));
    kstack_error_free(error);
  }
}

static void null_options_are_the_defaults(void **state) {
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
  call_container = container = container_for(box);
  call_vault = vault = vault_for(box);
  kstack_error *error = NULL;
  check_ok(kstack_get_credentials(container, "s3", "layer3", "dev", &call_credentials, &error));
  return 0;
}

static int teardown(void **state) {
  (void)state;
  kstack_credentials_free(call_credentials);
  kstack_vault_free(vault);
  kstack_container_free(container);
  sandbox_free(box);
  return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(null_is_refused_where_a_value_is_needed),
      TEST(a_provider_without_a_function_is_refused),
      TEST(strings_that_are_not_utf8_are_refused),
      TEST(invalid_names_are_refused),
      TEST(very_long_strings_are_refused),
      TEST(the_longest_names_are_valid),
      TEST(a_passphrase_is_as_long_as_any_string),
      TEST(a_name_in_credentials_may_be_anything),
      TEST(unknown_kinds_of_files_are_refused),
      TEST(unknown_flags_are_refused),
      TEST(a_count_of_files_without_files_is_refused),
      TEST(impossible_sizes_are_refused),
      TEST(structures_that_are_too_small_are_refused),
      TEST(larger_structures_are_accepted_when_the_rest_is_zero),
      TEST(larger_structures_are_refused_when_the_rest_is_not_zero),
      TEST(impossible_structure_sizes_are_refused),
      TEST(a_project_root_that_is_not_a_folder_is_an_error),
      TEST(an_error_of_the_file_system_has_its_number_and_path),
      TEST(null_options_are_the_defaults),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
