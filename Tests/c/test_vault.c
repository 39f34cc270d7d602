/* The vault: opening, decrypting, reading and listing. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

/* ---------------------------------------------------------------------------------------------------------- Opening */

static void a_vault_has_a_path_and_an_environment(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a.yaml", "a: b\n");
  put_secret(box, "prod", "layer3", "a.yaml", "a: b\n");
  kstack_container *container = container_for(box);
  kstack_vault *vault = GARBAGE(kstack_vault *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_open(container, NULL, &vault, &error));
  assert_string_equal(kstack_vault_path(vault), text(box, "%s/dev", box->vault));
  assert_string_equal(kstack_vault_environment(vault), "dev");
  kstack_vault_free(vault);
  check_ok(kstack_vault_open(container, "prod", &vault, &error));
  /* It keeps what it needs of its container. */
  kstack_container_free(container);
  assert_string_equal(kstack_vault_path(vault), text(box, "%s/prod", box->vault));
  assert_string_equal(kstack_vault_environment(vault), "prod");
  kstack_secret *secret = NULL;
  check_ok(kstack_vault_read(vault, "layer3", "a.yaml", &secret, &error));
  kstack_secret_free(secret);
  kstack_vault_free(vault);
}

static void environments_are_listed(void **state) {
  sandbox *box = *state;
  static const char *const made[] = {"prod", "dev", "data-collection", ".recipients", "staging"};
  for (size_t index = 0; index < LENGTH(made); index++) make_folders(text(box, "%s/%s", box->vault, made[index]));
  write_text(text(box, "%s/README.md", box->vault), "x", 0644);
  write_text(text(box, "%s/file", box->vault), "x", 0644);
  kstack_container *container = container_for(box);
  kstack_string_list *list = GARBAGE(kstack_string_list *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_list_environments(container, &list, &error));
  check_list(list, "data-collection", "dev", "prod", "staging");
  kstack_string_list_free(list);
  kstack_container_free(container);
}

static void an_empty_vault_has_no_environments(void **state) {
  sandbox *box = *state;
  kstack_container *container = container_for(box);
  kstack_string_list *list = GARBAGE(kstack_string_list *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_list_environments(container, &list, &error));
  assert_int_equal(kstack_string_list_count(list), 0);
  assert_null(kstack_string_list_get(list, 0));
  kstack_string_list_free(list);
  kstack_container_free(container);
}

static void services_are_listed_in_the_order_of_the_file(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "cloud-credentials.yaml", "smtp: {a: b}\ns3: {a: b}\nredis: {a: b}\n");
  kstack_container *container = container_for(box);
  kstack_string_list *list = GARBAGE(kstack_string_list *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_list_services(container, "layer3", NULL, &list, &error));
  check_list(list, "smtp", "s3", "redis");
  kstack_string_list_free(list);
  list = GARBAGE(kstack_string_list *);
  check_fails(kstack_list_services(container, "layer0", NULL, &list, &error), KSTACK_ERROR_SERVICE_NOT_FOUND, "layer0");
  assert_null(list);
  list = GARBAGE(kstack_string_list *);
  check_fails(kstack_list_services(container, "layer3", "prod", &list, &error), KSTACK_ERROR_CONFIGURATION, "prod");
  assert_null(list);
  kstack_container_free(container);
}

/* ------------------------------------------------------------------------------------------------------- Decrypting */

static void decrypting_writes_what_only_the_owner_may_read(void **state) {
  sandbox *box = *state;
  umask(022);
  const char *first = put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  put_secret(box, "dev", "layer0", "b.env", "B=2\n");
  kstack_vault *vault = vault_for(box);
  bool encrypted = false;
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_is_encrypted(vault, &encrypted, &error));
  assert_true(encrypted);
  kstack_vault_report *report = GARBAGE(kstack_vault_report *);
  check_ok(kstack_vault_decrypt(vault, NULL, &report, &error));
  assert_int_equal(kstack_vault_report_count(report), 2);
  check_result(report, "layer0/b.env", KSTACK_VAULT_WRITTEN);
  check_result(report, "layer3/a.yaml", KSTACK_VAULT_WRITTEN);
  assert_null(kstack_vault_report_path(report, 2));
  assert_null(kstack_vault_report_message(report, 2));
  assert_int_equal(kstack_vault_report_result(report, 2), KSTACK_VAULT_FAILED);
  assert_null(kstack_vault_report_path(report, SIZE_MAX));
  kstack_vault_report_free(report);
  const char *plain = text(box, "%s/dev/layer3/a.yaml", box->vault);
  check_content(plain, "a: 1\n");
  check_content(text(box, "%s/dev/layer0/b.env", box->vault), "B=2\n");
  assert_int_equal(mode_of(plain), 0600);
  assert_true(exists(first));
  check_ok(kstack_vault_is_encrypted(vault, &encrypted, &error));
  assert_false(encrypted);
  kstack_vault_free(vault);
}

static void decrypting_again_changes_nothing(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_vault *vault = vault_for(box);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_decrypt(vault, NULL, NULL, &error));
  const char *plain = text(box, "%s/dev/layer3/a.yaml", box->vault);
  char *before = listing(plain);
  kstack_vault_report *report = GARBAGE(kstack_vault_report *);
  check_ok(kstack_vault_decrypt(vault, NULL, &report, &error));
  assert_int_equal(kstack_vault_report_count(report), 1);
  check_result(report, "layer3/a.yaml", KSTACK_VAULT_UNCHANGED);
  kstack_vault_report_free(report);
  char *after = listing(plain);
  assert_string_equal(before, after);
  free(before);
  free(after);
  kstack_vault_free(vault);
}

static void an_edited_plaintext_is_a_conflict(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a.yaml", "a: ciphered\n");
  put_secret(box, "dev", "layer3", "b.yaml", "b: 2\n");
  const char *plain = put_plain(box, "dev", "layer3", "a.yaml", "a: edited\n");
  kstack_vault *vault = vault_for(box);
  kstack_vault_report *report = GARBAGE(kstack_vault_report *);
  kstack_error *error = GARBAGE(kstack_error *);
  kstack_status status = kstack_vault_decrypt(vault, NULL, &report, &error);
  assert_non_null(report);
  assert_null(strstr(kstack_error_message(error), "edited"));
  check_fails(status, KSTACK_ERROR_CONFLICT, "layer3/a.yaml");
  check_result(report, "layer3/a.yaml", KSTACK_VAULT_CONFLICT);
  check_result(report, "layer3/b.yaml", KSTACK_VAULT_WRITTEN);
  kstack_vault_report_free(report);
  check_content(plain, "a: edited\n");
  check_content(text(box, "%s/dev/layer3/b.yaml", box->vault), "b: 2\n");
  /* With the flag the ciphertext wins. */
  kstack_vault_options options = options_for(NULL, 0, KSTACK_VAULT_OVERWRITE);
  check_ok(kstack_vault_decrypt(vault, &options, &report, &error));
  check_result(report, "layer3/a.yaml", KSTACK_VAULT_WRITTEN);
  check_result(report, "layer3/b.yaml", KSTACK_VAULT_UNCHANGED);
  kstack_vault_report_free(report);
  check_content(plain, "a: ciphered\n");
  assert_int_equal(mode_of(plain), 0600);
  kstack_vault_free(vault);
}

static void only_the_files_that_are_named_are_decrypted(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  put_secret(box, "dev", "layer3", "b.yaml", "b: 2\n");
  put_secret(box, "dev", "layer1", "a.yaml", "a: 3\n");
  kstack_vault *vault = vault_for(box);
  static const char *const files[] = {"layer3/b.yaml"};
  kstack_vault_options options = options_for(files, 1, 0);
  kstack_vault_report *report = GARBAGE(kstack_vault_report *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_decrypt(vault, &options, &report, &error));
  assert_int_equal(kstack_vault_report_count(report), 1);
  check_result(report, "layer3/b.yaml", KSTACK_VAULT_WRITTEN);
  kstack_vault_report_free(report);
  assert_false(exists(text(box, "%s/dev/layer3/a.yaml", box->vault)));
  assert_false(exists(text(box, "%s/dev/layer1/a.yaml", box->vault)));
  check_content(text(box, "%s/dev/layer3/b.yaml", box->vault), "b: 2\n");
  kstack_vault_free(vault);
}

static void a_named_file_that_does_not_exist_is_not_found(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_vault *vault = vault_for(box);
  static const char *const files[] = {"layer3/missing.yaml"};
  kstack_vault_options options = options_for(files, 1, 0);
  kstack_vault_report *report = GARBAGE(kstack_vault_report *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_fails(kstack_vault_decrypt(vault, &options, &report, &error), KSTACK_ERROR_SERVICE_NOT_FOUND, "missing.yaml",
              "layer3");
  kstack_vault_report_free(report);
  kstack_vault_free(vault);
}

static void a_bad_file_does_not_stop_the_others(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer0", "a.yaml", "a: 1\n");
  const char *bad = put_secret(box, "dev", "layer1", "b.yaml", "b: 2\n");
  put_secret(box, "dev", "layer3", "c.yaml", "c: 3\n");
  const char *foreign = "d: 4\n";
  put_secret_with(box, "dev", "layer3", "d.yaml", foreign, strlen(foreign),
                  (const char *const[]){"-r", box->other.recipient, NULL});
  size_t size = 0;
  char *content = read_file(bad, &size);
  content[size - 1] ^= 1;
  write_file(bad, content, size, 0644);
  free(content);
  kstack_vault *vault = vault_for(box);
  kstack_vault_report *report = GARBAGE(kstack_vault_report *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_fails(kstack_vault_decrypt(vault, NULL, &report, &error), KSTACK_ERROR_VAULT, "layer1/");
  assert_int_equal(kstack_vault_report_count(report), 4);
  check_result(report, "layer0/a.yaml", KSTACK_VAULT_WRITTEN);
  check_result(report, "layer1/b.yaml", KSTACK_VAULT_FAILED);
  check_result(report, "layer3/c.yaml", KSTACK_VAULT_WRITTEN);
  check_result(report, "layer3/d.yaml", KSTACK_VAULT_FAILED);
  kstack_vault_report_free(report);
  check_content(text(box, "%s/dev/layer0/a.yaml", box->vault), "a: 1\n");
  check_content(text(box, "%s/dev/layer3/c.yaml", box->vault), "c: 3\n");
  assert_false(exists(text(box, "%s/dev/layer1/b.yaml", box->vault)));
  assert_false(exists(text(box, "%s/dev/layer3/d.yaml", box->vault)));
  /* Nothing else was left behind. */
  kstack_string_list *list = NULL;
  check_ok(kstack_vault_list(vault, NULL, KSTACK_VAULT_FILES_DECRYPTED, &list, &error));
  check_list(list, "layer0/a.yaml", "layer3/c.yaml");
  kstack_string_list_free(list);
  bool encrypted = false;
  check_ok(kstack_vault_is_encrypted(vault, &encrypted, &error));
  assert_true(encrypted);
  kstack_vault_free(vault);
}

static void a_plaintext_that_is_a_link_is_never_written_through(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  const char *target = text(box, "%s/target", box->root);
  write_text(target, "precious\n", 0600);
  assert_int_equal(symlink(target, text(box, "%s/dev/layer3/a.yaml", box->vault)), 0);
  static const uint32_t flags[] = {0, KSTACK_VAULT_OVERWRITE};
  for (size_t index = 0; index < LENGTH(flags); index++) {
    kstack_vault *vault = vault_for(box);
    kstack_vault_options options = options_for(NULL, 0, flags[index]);
    kstack_error *error = GARBAGE(kstack_error *);
    check_fails(kstack_vault_decrypt(vault, &options, NULL, &error), KSTACK_ERROR_CONFIGURATION, "link");
    check_content(target, "precious\n");
    kstack_vault_free(vault);
  }
}

static void a_vault_without_files_is_not_encrypted(void **state) {
  sandbox *box = *state;
  make_folders(text(box, "%s/dev/layer3", box->vault));
  kstack_vault *vault = vault_for(box);
  bool encrypted = true;
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_is_encrypted(vault, &encrypted, &error));
  assert_false(encrypted);
  kstack_vault_report *report = GARBAGE(kstack_vault_report *);
  check_ok(kstack_vault_decrypt(vault, NULL, &report, &error));
  assert_non_null(report);
  assert_int_equal(kstack_vault_report_count(report), 0);
  kstack_vault_report_free(report);
  kstack_vault_free(vault);
}

static void a_large_file_is_decrypted(void **state) {
  sandbox *box = *state;
  enum { size = 1000003 };
  char *plain = malloc(size);
  assert_non_null(plain);
  for (size_t index = 0; index < size; index++) plain[index] = (char)(index * 31 + index / 256);
  put_secret_with(box, "dev", "layer3", "blob.bin", plain, size,
                  (const char *const[]){"-r", box->mine.recipient, NULL});
  kstack_vault *vault = vault_for(box);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_decrypt(vault, NULL, NULL, &error));
  size_t written = 0;
  char *content = read_file(text(box, "%s/dev/layer3/blob.bin", box->vault), &written);
  assert_int_equal(written, size);
  assert_memory_equal(content, plain, size);
  free(content);
  kstack_secret *secret = NULL;
  check_ok(kstack_vault_read(vault, "layer3", "blob.bin", &secret, &error));
  assert_int_equal(kstack_secret_size(secret), size);
  assert_memory_equal(kstack_secret_data(secret), plain, size);
  assert_int_equal(((const char *)kstack_secret_data(secret))[size], 0);
  kstack_secret_free(secret);
  free(plain);
  kstack_vault_free(vault);
}

/* ---------------------------------------------------------------------------------------------------------- Reading */

static void reading_writes_nothing(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  put_secret_with(box, "dev", "layer3", "raw", "x\0y", 3, (const char *const[]){"-r", box->mine.recipient, NULL});
  put_secret(box, "dev", "layer3", "empty", "");
  kstack_vault *vault = vault_for(box);
  char *before = listing(box->root);
  kstack_secret *secret = GARBAGE(kstack_secret *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_read(vault, "layer3", "a.yaml", &secret, &error));
  assert_int_equal(kstack_secret_size(secret), 5);
  assert_memory_equal(kstack_secret_data(secret), "a: 1\n", 6);
  kstack_secret_free(secret);
  check_ok(kstack_vault_read(vault, "3", "raw", &secret, &error));
  assert_int_equal(kstack_secret_size(secret), 3);
  assert_memory_equal(kstack_secret_data(secret), "x\0y", 4);
  kstack_secret_free(secret);
  check_ok(kstack_vault_read(vault, "layer3", "empty", &secret, &error));
  assert_int_equal(kstack_secret_size(secret), 0);
  assert_non_null(kstack_secret_data(secret));
  assert_string_equal(kstack_secret_data(secret), "");
  kstack_secret_free(secret);
  char *after = listing(box->root);
  assert_string_equal(before, after);
  free(before);
  free(after);
  kstack_vault_free(vault);
}

static void reading_a_missing_file_is_not_found(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_vault *vault = vault_for(box);
  kstack_secret *secret = GARBAGE(kstack_secret *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_fails(kstack_vault_read(vault, "layer3", "b.yaml", &secret, &error), KSTACK_ERROR_SERVICE_NOT_FOUND, "b.yaml");
  assert_null(secret);
  secret = GARBAGE(kstack_secret *);
  check_fails(kstack_vault_read(vault, "layer1", "a.yaml", &secret, &error), KSTACK_ERROR_SERVICE_NOT_FOUND, "layer1");
  assert_null(secret);
  kstack_vault_free(vault);
}

static void reading_a_bad_file_is_a_vault_error(void **state) {
  sandbox *box = *state;
  const char *path = put_secret(box, "dev", "layer3", "a.yaml", "a: hunter2\n");
  write_text(path, "no age file: hunter2\n", 0644);
  kstack_vault *vault = vault_for(box);
  kstack_secret *secret = GARBAGE(kstack_secret *);
  kstack_error *error = GARBAGE(kstack_error *);
  kstack_status status = kstack_vault_read(vault, "layer3", "a.yaml", &secret, &error);
  assert_null(strstr(kstack_error_message(error), "hunter2"));
  check_fails(status, KSTACK_ERROR_VAULT, "secret.a.yaml");
  assert_null(secret);
  kstack_vault_free(vault);
}

static void get_file_returns_the_path_of_a_decrypted_file(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_vault *vault = vault_for(box);
  char *path = GARBAGE(char *);
  kstack_error *error = GARBAGE(kstack_error *);
  /* The message says that only its encrypted form exists. */
  check_fails(kstack_vault_get_file(vault, "layer3", "a.yaml", &path, &error), KSTACK_ERROR_SERVICE_NOT_FOUND,
              "layer3/a.yaml", "encrypted");
  assert_null(path);
  path = GARBAGE(char *);
  check_fails(kstack_vault_get_file(vault, "layer3", "b.yaml", &path, &error), KSTACK_ERROR_SERVICE_NOT_FOUND,
              "b.yaml");
  assert_null(path);
  check_ok(kstack_vault_decrypt(vault, NULL, NULL, &error));
  check_ok(kstack_vault_get_file(vault, "3", "a.yaml", &path, &error));
  assert_string_equal(path, text(box, "%s/dev/layer3/a.yaml", box->vault));
  kstack_string_free(path);
  kstack_vault_free(vault);
}

/* ---------------------------------------------------------------------------------------------------------- Listing */

static void files_are_listed_sorted(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "b.yaml", "x\n");
  put_secret(box, "dev", "layer3", "a.yaml", "x\n");
  put_secret(box, "dev", "layer0", "c.yaml", "x\n");
  put_plain(box, "dev", "layer3", "b.yaml", "x\n");
  put_plain(box, "dev", "layer1", "alone.txt", "x\n");
  kstack_vault *vault = vault_for(box);
  kstack_string_list *list = GARBAGE(kstack_string_list *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_list(vault, NULL, KSTACK_VAULT_FILES_ENCRYPTED, &list, &error));
  check_list(list, "layer0/secret.c.yaml", "layer3/secret.a.yaml", "layer3/secret.b.yaml");
  kstack_string_list_free(list);
  check_ok(kstack_vault_list(vault, NULL, KSTACK_VAULT_FILES_DECRYPTED, &list, &error));
  check_list(list, "layer1/alone.txt", "layer3/b.yaml");
  kstack_string_list_free(list);
  check_ok(kstack_vault_list(vault, "layer-3-global-infra", KSTACK_VAULT_FILES_ENCRYPTED, &list, &error));
  check_list(list, "layer3/secret.a.yaml", "layer3/secret.b.yaml");
  kstack_string_list_free(list);
  check_ok(kstack_vault_list(vault, "layer2", KSTACK_VAULT_FILES_DECRYPTED, &list, &error));
  assert_int_equal(kstack_string_list_count(list), 0);
  kstack_string_list_free(list);
  kstack_vault_free(vault);
}

static void other_files_are_ignored(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  static const char *const ignored[] = {".hidden",          "a.yaml.example",    "b.template",      "README.md",
                                        "a.yaml~",          "secret.x.cfg",      "secret.x.conf",   "secret.x.config",
                                        "secret.a.example", "secret.a.template", "secret.NOTES.md", "secret.a~",
                                        ".secret.a.yaml"};
  for (size_t index = 0; index < LENGTH(ignored); index++) put_plain(box, "dev", "layer3", ignored[index], "x\n");
  write_text(text(box, "%s/dev/layer4/other", box->vault), "x\n", 0600);
  kstack_vault *vault = vault_for(box);
  kstack_string_list *list = GARBAGE(kstack_string_list *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_list(vault, NULL, KSTACK_VAULT_FILES_ENCRYPTED, &list, &error));
  check_list(list, "layer3/secret.a.yaml");
  kstack_string_list_free(list);
  check_ok(kstack_vault_list(vault, NULL, KSTACK_VAULT_FILES_DECRYPTED, &list, &error));
  assert_int_equal(kstack_string_list_count(list), 0);
  kstack_string_list_free(list);
  kstack_vault_report *report = GARBAGE(kstack_vault_report *);
  check_ok(kstack_vault_decrypt(vault, NULL, &report, &error));
  assert_int_equal(kstack_vault_report_count(report), 1);
  check_result(report, "layer3/a.yaml", KSTACK_VAULT_WRITTEN);
  kstack_vault_report_free(report);
  bool encrypted = true;
  check_ok(kstack_vault_is_encrypted(vault, &encrypted, &error));
  assert_false(encrypted);
  kstack_vault_free(vault);
}

/* The error names the format that is there instead, since each has another remedy. */
static void other_formats_are_named(void **state) {
  sandbox *box = *state;
  static const struct {
    const char *content;
    size_t size;
    const char *part;
  } files[] = {
      {"s3: {a: canary}\n", 0, "is it plaintext?"},
      {"{\"s3\": {}}\n", 0, "is it plaintext?"},
      {"<<<<<<< HEAD\nage-encrypt\n=======\n", 0, "conflict markers"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n", 0, "git lfs pull"},
      {"s3:\n  a: ENC[AES256_GCM,data:canary,iv:x]\nsops:\n", 0, "sops -d"},
      {"\377\376"
       "a\0g\0e\0-\0",
       10, "PowerShell"},
      {"\357\273\277"
       "age-encryption.org/v1\n",
       0, "PowerShell"},
      {"age-encryption.org/v1\r\n-> X25519 x\r\n", 0, "PowerShell"},
      {"\001\002\003canary", 0, "is not an age file"},
      {"", 0, "empty"},
  };
  const char *path = put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_vault *vault = vault_for(box);
  for (size_t index = 0; index < LENGTH(files); index++) {
    size_t size = files[index].size != 0 ? files[index].size : strlen(files[index].content);
    write_file(path, files[index].content, size, 0600);
    kstack_secret *out = GARBAGE(kstack_secret *);
    kstack_error *error = NULL;
    kstack_status status = kstack_vault_read(vault, "layer3", "a.yaml", &out, &error);
    assert_int_equal(status, KSTACK_ERROR_VAULT);
    assert_null(out);
    assert_null(strstr(kstack_error_message(error), "canary"));
    check_fails(status, KSTACK_ERROR_VAULT, path, files[index].part);
  }
  kstack_vault_free(vault);
}

/* One error names all, and has one command that fixes them all. */
static void files_that_others_may_write_are_reported_at_once(void **state) {
  sandbox *box = *state;
  const char *secret = put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  const char *layer = text(box, "%s/dev/layer3", box->vault);
  const char *project_file = text(box, "%s/.kstack.yaml", box->project);
  assert_int_equal(chmod(secret, 0666), 0);
  assert_int_equal(chmod(layer, 0777), 0);
  assert_int_equal(chmod(project_file, 0666), 0);
  kstack_container *container = container_for(box);
  kstack_vault *vault = NULL;
  kstack_error *error = NULL;
  kstack_status status = kstack_vault_open(container, NULL, &vault, &error);
  assert_int_equal(status, KSTACK_ERROR_CONFIGURATION);
  const char *command = strstr(kstack_error_message(error), "run: chmod");
  assert_non_null(command);
  assert_non_null(strstr(kstack_error_message(error), layer));
  assert_non_null(strstr(kstack_error_message(error), secret));
  const char *script = text(box, "%s", command + strlen("run: "));
  assert_int_equal(run((const char *const[]){"sh", "-c", script, NULL}, NULL), 0);
  kstack_error_free(error);
  check_ok(kstack_vault_open(container, NULL, &vault, &error));
  check_ok(kstack_vault_decrypt(vault, NULL, NULL, &error));
  kstack_vault_free(vault);
  kstack_container_free(container);
}

/* Root may read anyone's files, and encrypts only for recipients that root or the vault's owner chose. */
static void root_encrypts_for_nobody_elses_recipients(void **state) {
  sandbox *box = *state;
  if (geteuid() != 0) skip();
  put_plain(box, "dev", "layer3", "a.yaml", "a: 1\n");
  const char *recipients = text(box, "%s/.recipients/dev.txt", box->vault);
  write_text(recipients, text(box, "%s\n", box->mine.recipient), 0644);
  const char *environment = text(box, "%s/dev", box->vault);
  kstack_error *error = NULL;
  /* The owner of the vault, that of the recipients, and whether that is accepted. */
  static const struct {
    uid_t vault;
    uid_t recipients;
    bool is_good;
  } owners[] = {{0, 4711, false}, {4711, 4712, false}, {4711, 4711, true}, {4711, 0, true}};
  for (size_t index = 0; index < LENGTH(owners); index++) {
    assert_int_equal(chown(environment, owners[index].vault, owners[index].vault), 0);
    assert_int_equal(chown(recipients, owners[index].recipients, owners[index].recipients), 0);
    kstack_vault *vault = vault_for(box);
    kstack_status status = kstack_vault_write(vault, "layer3", "w.yaml", "x: 1\n", 5, NULL, &error);
    if (owners[index].is_good) {
      check_ok(status);
    } else {
      check_fails(status, KSTACK_ERROR_CONFIGURATION, recipients, "chown");
      check_fails(kstack_vault_encrypt(vault, NULL, NULL, &error), KSTACK_ERROR_CONFIGURATION, recipients);
    }
    kstack_vault_free(vault);
  }
}

static void links_and_modes_are_checked_in_every_operation(void **state) {
  sandbox *box = *state;
  const char *secret = put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  const char *layer = text(box, "%s/dev/layer3", box->vault);
  kstack_vault *vault = vault_for(box);
  for (int round = 0; round < 2; round++) {
    const char *target = text(box, "%s/moved", box->root);
    const char *part = round == 0 ? "link" : "chmod";
    if (round == 0) {
      assert_int_equal(rename(layer, target), 0);
      assert_int_equal(symlink(target, layer), 0);
    } else {
      assert_int_equal(chmod(layer, 0777), 0);
    }
    kstack_error *error = GARBAGE(kstack_error *);
    bool encrypted = true;
    check_fails(kstack_vault_is_encrypted(vault, &encrypted, &error), KSTACK_ERROR_CONFIGURATION, part);
    assert_false(encrypted);
    kstack_string_list *list = GARBAGE(kstack_string_list *);
    check_fails(kstack_vault_list(vault, NULL, KSTACK_VAULT_FILES_ENCRYPTED, &list, &error), KSTACK_ERROR_CONFIGURATION,
                part);
    assert_null(list);
    kstack_secret *out = GARBAGE(kstack_secret *);
    check_fails(kstack_vault_read(vault, "layer3", "a.yaml", &out, &error), KSTACK_ERROR_CONFIGURATION, part);
    assert_null(out);
    char *path = GARBAGE(char *);
    check_fails(kstack_vault_get_file(vault, "layer3", "a.yaml", &path, &error), KSTACK_ERROR_CONFIGURATION, part);
    assert_null(path);
    check_fails(kstack_vault_decrypt(vault, NULL, NULL, &error), KSTACK_ERROR_CONFIGURATION, part);
    assert_false(exists(text(box, "%s/a.yaml", layer)));
    if (round == 0) {
      assert_int_equal(unlink(layer), 0);
      assert_int_equal(rename(target, layer), 0);
    } else {
      assert_int_equal(chmod(layer, 0755), 0);
    }
  }
  assert_true(exists(secret));
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_decrypt(vault, NULL, NULL, &error));
  kstack_vault_free(vault);
}

/* ------------------------------------------------------------------------------------------------------- Identities */

static void a_generated_identity_is_one_of_age(void **state) {
  sandbox *box = *state;
  char *secret = GARBAGE(char *);
  char *recipient = GARBAGE(char *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_identity_generate(&secret, &recipient, &error));
  assert_int_equal(strncmp(secret, "AGE-SECRET-KEY-1", 16), 0);
  assert_int_equal(strncmp(recipient, "age1", 4), 0);
  assert_int_equal(strlen(recipient), 62);
  assert_int_equal(strlen(secret), 74);
  /* age agrees on the public half. */
  const char *path = text(box, "%s/keys/generated.txt", box->root);
  write_text(path, text(box, "%s\n", secret), 0600);
  const char *output = text(box, "%s/output", box->root);
  assert_int_equal(run((const char *const[]){"age-keygen", "-y", path, NULL}, output), 0);
  check_content(output, text(box, "%s\n", recipient));
  /* The next one is different. */
  char *next = NULL;
  char *next_recipient = NULL;
  assert_int_equal(kstack_identity_generate(&next, &next_recipient, NULL), KSTACK_OK);
  assert_string_not_equal(next, secret);
  assert_string_not_equal(next_recipient, recipient);
  kstack_string_free(next);
  kstack_string_free(next_recipient);
  kstack_string_free(secret);
  kstack_string_free(recipient);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sandbox_setup, sandbox_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_vault_has_a_path_and_an_environment),
      TEST(environments_are_listed),
      TEST(an_empty_vault_has_no_environments),
      TEST(services_are_listed_in_the_order_of_the_file),
      TEST(decrypting_writes_what_only_the_owner_may_read),
      TEST(decrypting_again_changes_nothing),
      TEST(an_edited_plaintext_is_a_conflict),
      TEST(only_the_files_that_are_named_are_decrypted),
      TEST(a_named_file_that_does_not_exist_is_not_found),
      TEST(a_bad_file_does_not_stop_the_others),
      TEST(a_plaintext_that_is_a_link_is_never_written_through),
      TEST(a_vault_without_files_is_not_encrypted),
      TEST(a_large_file_is_decrypted),
      TEST(reading_writes_nothing),
      TEST(reading_a_missing_file_is_not_found),
      TEST(reading_a_bad_file_is_a_vault_error),
      TEST(get_file_returns_the_path_of_a_decrypted_file),
      TEST(files_are_listed_sorted),
      TEST(other_files_are_ignored),
      TEST(other_formats_are_named),
      TEST(files_that_others_may_write_are_reported_at_once),
      TEST(root_encrypts_for_nobody_elses_recipients),
      TEST(links_and_modes_are_checked_in_every_operation),
      TEST(a_generated_identity_is_one_of_age),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
