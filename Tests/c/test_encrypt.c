/* Encrypting and decrypting whole vaults: which files, what is reported, what is never touched. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runs.h"

/* ------------------------------------------------------------------------------------------------- Options, report */

static void all_files_are_encrypted_and_reported(void **state) {
  sandbox *box = *state;
  static const char *const layers[] = {"layer0", "layer1", "layer2", "layer3"};
  for (size_t index = 0; index < LENGTH(layers); index++) put_plain(box, "dev", layers[index], "a.yaml", layers[index]);
  put_plain(box, "dev", "layer3", "b.env", "B=2\n");
  kstack_vault *vault = vault_for(box);
  kstack_vault_report *report = GARBAGE(kstack_vault_report *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_encrypt(vault, NULL, &report, &error));
  assert_int_equal(kstack_vault_report_count(report), 5);
  for (size_t index = 0; index < LENGTH(layers); index++) {
    check_result(report, text(box, "%s/a.yaml", layers[index]), KSTACK_VAULT_WRITTEN);
    check_age_reads(box, text(box, "%s/dev/%s/secret.a.yaml", box->vault, layers[index]), box->identity_file,
                    layers[index]);
    assert_false(exists(text(box, "%s/dev/%s/a.yaml", box->vault, layers[index])));
  }
  check_result(report, "layer3/b.env", KSTACK_VAULT_WRITTEN);
  assert_null(kstack_vault_report_path(report, 5));
  kstack_vault_report_free(report);
  bool encrypted = false;
  check_ok(kstack_vault_is_encrypted(vault, &encrypted, &error));
  assert_true(encrypted);
  /* Nothing is left to do. */
  check_ok(kstack_vault_encrypt(vault, NULL, &report, &error));
  assert_int_equal(kstack_vault_report_count(report), 0);
  kstack_vault_report_free(report);
  kstack_vault_free(vault);
}

static void only_the_files_that_are_named_are_encrypted(void **state) {
  sandbox *box = *state;
  put_plain(box, "dev", "layer3", "a.yaml", "a: 1\n");
  put_plain(box, "dev", "layer3", "b.yaml", "b: 2\n");
  put_secret(box, "dev", "layer3", "c.yaml", "c: 3\n");
  kstack_vault *vault = vault_for(box);
  /* A duplicate counts once; a file without a plaintext is fine. */
  static const char *const files[] = {"layer3/b.yaml", "layer3/c.yaml", "layer3/b.yaml"};
  kstack_vault_options options = options_for(files, LENGTH(files), 0);
  kstack_vault_report *report = GARBAGE(kstack_vault_report *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_encrypt(vault, &options, &report, &error));
  assert_int_equal(kstack_vault_report_count(report), 2);
  check_result(report, "layer3/b.yaml", KSTACK_VAULT_WRITTEN);
  check_result(report, "layer3/c.yaml", KSTACK_VAULT_UNCHANGED);
  kstack_vault_report_free(report);
  check_content(at(box, "a.yaml"), "a: 1\n");
  assert_false(exists(at(box, "secret.a.yaml")));
  assert_false(exists(at(box, "b.yaml")));
  check_held(vault, "b.yaml", "b: 2\n");
  kstack_vault_free(vault);
}

static void a_named_file_that_does_not_exist_is_reported(void **state) {
  sandbox *box = *state;
  put_plain(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_vault *vault = vault_for(box);
  static const char *const files[] = {"layer1/none.yaml", "layer3/none.yaml", "layer3/a.yaml"};
  kstack_vault_options options = options_for(files, LENGTH(files), 0);
  kstack_vault_report *report = GARBAGE(kstack_vault_report *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_fails(kstack_vault_encrypt(vault, &options, &report, &error), KSTACK_ERROR_SERVICE_NOT_FOUND, "layer1");
  assert_int_equal(kstack_vault_report_count(report), 3);
  check_result(report, "layer1/none.yaml", KSTACK_VAULT_FAILED);
  check_result(report, "layer3/none.yaml", KSTACK_VAULT_FAILED);
  check_result(report, "layer3/a.yaml", KSTACK_VAULT_WRITTEN);
  kstack_vault_report_free(report);
  check_held(vault, "a.yaml", "a: 1\n");
  kstack_vault_free(vault);
}

static void a_conflict_does_not_stop_the_others(void **state) {
  sandbox *box = *state;
  put_plain(box, "dev", "layer0", "a.yaml", "a: 1\n");
  put_secret(box, "dev", "layer3", "b.yaml", "b: theirs\n");
  put_plain(box, "dev", "layer3", "b.yaml", "b: canary\n");
  put_plain(box, "dev", "layer3", "c.yaml", "c: 3\n");
  kstack_vault *vault = vault_for(box);
  kstack_vault_report *report = GARBAGE(kstack_vault_report *);
  kstack_error *error = GARBAGE(kstack_error *);
  kstack_status status = kstack_vault_encrypt(vault, NULL, &report, &error);
  assert_null(strstr(kstack_error_message(error), "canary"));
  check_fails(status, KSTACK_ERROR_CONFLICT, "layer3/b.yaml", "flag that overwrites");
  assert_int_equal(kstack_vault_report_count(report), 3);
  check_result(report, "layer0/a.yaml", KSTACK_VAULT_WRITTEN);
  check_result(report, "layer3/b.yaml", KSTACK_VAULT_CONFLICT);
  check_result(report, "layer3/c.yaml", KSTACK_VAULT_WRITTEN);
  kstack_vault_report_free(report);
  check_content(at(box, "b.yaml"), "b: canary\n");
  check_held(vault, "b.yaml", "b: theirs\n");
  kstack_vault_free(vault);
}

static void all_kinds_of_content_round_trip(void **state) {
  sandbox *box = *state;
  enum { size = 1000003 };
  char *large = malloc(size);
  assert_non_null(large);
  for (size_t index = 0; index < size; index++) large[index] = (char)(index * 31 + index / 256);
  static const size_t sizes[] = {0, 1, chunk_size - 1, chunk_size, chunk_size + 1, 2 * chunk_size, size};
  for (size_t index = 0; index < LENGTH(sizes); index++) {
    write_file(at(box, text(box, "f%zu.bin", index)), large, sizes[index], 0600);
  }
  kstack_vault *vault = vault_for(box);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_encrypt(vault, NULL, NULL, &error));
  for (size_t index = 0; index < LENGTH(sizes); index++) {
    assert_false(exists(at(box, text(box, "f%zu.bin", index))));
  }
  check_ok(kstack_vault_decrypt(vault, NULL, NULL, &error));
  for (size_t index = 0; index < LENGTH(sizes); index++) {
    bytes back = bytes_of(at(box, text(box, "f%zu.bin", index)));
    assert_int_equal(back.size, sizes[index]);
    assert_memory_equal(back.data, large, back.size);
    free(back.data);
  }
  kstack_vault_free(vault);
  free(large);
}

static void other_files_stay_in_clear(void **state) {
  sandbox *box = *state;
  static const char *const ignored[] = {".hidden", "a.yaml.example", "b.template",    "README.md",     "a.yaml~",
                                        "x.cfg",   "x.conf",         "secret.x.conf", "secret.x.cfg~", "y.config"};
  for (size_t index = 0; index < LENGTH(ignored); index++) put_plain(box, "dev", "layer3", ignored[index], "x\n");
  write_text(text(box, "%s/dev/layer3/folder.d/deep", box->vault), "x\n", 0600);
  write_text(text(box, "%s/dev/layer4/other", box->vault), "x\n", 0600);
  write_text(text(box, "%s/dev/top", box->vault), "x\n", 0600);
  char *before = listing(box->vault);
  kstack_vault *vault = vault_for(box);
  kstack_vault_report *report = GARBAGE(kstack_vault_report *);
  kstack_error *error = GARBAGE(kstack_error *);
  kstack_status status = kstack_vault_encrypt(vault, NULL, &report, &error);
  check_ok(status);
  /* A hidden file may be a plaintext, and is reported. */
  assert_int_equal(kstack_vault_report_count(report), 1);
  check_result(report, "layer3/.hidden", KSTACK_VAULT_UNCHANGED);
  assert_non_null(strstr(kstack_vault_report_message(report, 0), "stays in clear"));
  kstack_vault_report_free(report);
  char *after = listing(box->vault);
  assert_string_equal(before, after);
  free(before);
  free(after);
  kstack_vault_free(vault);
}

static void what_a_killed_run_left_is_removed(void **state) {
  sandbox *box = *state;
  static const direction directions[] = {kstack_vault_decrypt, kstack_vault_encrypt};
  kstack_vault *vault = decrypted(box);
  for (size_t index = 0; index < LENGTH(directions); index++) {
    write_text(at(box, ".kstack-tmp-0123"), "half", 0600);
    write_text(text(box, "%s/dev/.kstack-tmp-4567", box->vault), "half", 0600);
    kstack_error *error = GARBAGE(kstack_error *);
    check_ok(directions[index](vault, NULL, NULL, &error));
    check_nothing_left(box);
  }
  kstack_vault_free(vault);
}

static void what_only_looks_left_over_stays(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  make_folders(at(box, ".kstack-tmp-folder"));
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  assert_true(exists(at(box, ".kstack-tmp-folder")));
  kstack_vault_free(vault);
}

static void plaintexts_with_invalid_names_are_reported(void **state) {
  sandbox *box = *state;
  static const char *const names[] = {"a..b.yaml", "back\\slash", "not-utf-8-\xff"};
  for (size_t index = 0; index < LENGTH(names); index++) put_plain(box, "dev", "layer3", names[index], "x\n");
  put_plain(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_vault *vault = vault_for(box);
  kstack_vault_report *report = GARBAGE(kstack_vault_report *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_fails(kstack_vault_encrypt(vault, NULL, &report, &error), KSTACK_ERROR_CONFIGURATION, "layer3/'a..b.yaml'",
              "rename it");
  assert_int_equal(kstack_vault_report_count(report), 4);
  check_result(report, "layer3/a..b.yaml", KSTACK_VAULT_FAILED);
  check_result(report, "layer3/back\\slash", KSTACK_VAULT_FAILED);
  check_result(report, "layer3/not-utf-8-?", KSTACK_VAULT_FAILED);
  check_result(report, "layer3/a.yaml", KSTACK_VAULT_WRITTEN);
  kstack_vault_report_free(report);
  for (size_t index = 0; index < LENGTH(names); index++) assert_true(exists(at(box, names[index])));
  kstack_vault_free(vault);
}

static void a_replaced_vault_must_be_opened_again(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  const char *folder = text(box, "%s/dev", box->vault);
  assert_int_equal(rename(folder, text(box, "%s/gone", box->vault)), 0);
  kstack_error *error = GARBAGE(kstack_error *);
  kstack_string_list *list = NULL;
  for (int replaced = 0; replaced < 2; replaced++) {
    check_fails(kstack_vault_encrypt(vault, NULL, NULL, &error), KSTACK_ERROR_IO, folder, "open the vault again");
    check_fails(kstack_vault_write(vault, "layer3", "w", "x", 1, NULL, &error), KSTACK_ERROR_IO,
                "open the vault again");
    check_fails(kstack_vault_list(vault, NULL, KSTACK_VAULT_FILES_DECRYPTED, &list, &error), KSTACK_ERROR_IO, folder);
    put_plain(box, "dev", "layer3", "a.yaml", "a: other\n");
  }
  kstack_vault_free(vault);
}

static void a_file_that_is_rewritten_keeps_its_mode(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  assert_int_equal(chmod(at(box, "secret.a.yaml"), 0640), 0);
  write_text(at(box, "a.yaml"), "a: edited\n", 0600);
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  assert_int_equal(mode_of(at(box, "secret.a.yaml")), 0640);
  kstack_vault_free(vault);
}

static void links_are_never_followed(void **state) {
  sandbox *box = *state;
  const char *target = text(box, "%s/target", box->root);
  write_text(target, "precious\n", 0600);
  assert_int_equal(symlink(target, at(box, "a.yaml")), 0);
  put_plain(box, "dev", "layer3", "b.yaml", "b: 2\n");
  assert_int_equal(symlink(target, at(box, "secret.b.yaml")), 0);
  kstack_vault *vault = vault_for(box);
  static const uint32_t flags[] = {0, KSTACK_VAULT_OVERWRITE};
  kstack_error *error = GARBAGE(kstack_error *);
  for (size_t index = 0; index < LENGTH(flags); index++) {
    static const char *const files[] = {"layer3/a.yaml", "layer3/b.yaml"};
    kstack_vault_options options = options_for(files, LENGTH(files), flags[index]);
    kstack_vault_report *report = GARBAGE(kstack_vault_report *);
    check_fails(kstack_vault_encrypt(vault, &options, &report, &error), KSTACK_ERROR_CONFIGURATION, "link");
    check_result(report, "layer3/a.yaml", KSTACK_VAULT_FAILED);
    check_result(report, "layer3/b.yaml", KSTACK_VAULT_FAILED);
    kstack_vault_report_free(report);
    check_content(target, "precious\n");
    check_content(at(box, "b.yaml"), "b: 2\n");
    assert_false(exists(at(box, "secret.a.yaml")));
  }
  check_fails(kstack_vault_write(vault, "layer3", "b.yaml", "x", 1, NULL, &error), KSTACK_ERROR_CONFIGURATION, "link");
  check_content(target, "precious\n");
  kstack_vault_free(vault);
}

/* ------------------------------------------------------------------------------------------------------------- Main */

#define TEST(name) cmocka_unit_test_setup_teardown(name, runs_setup, sandbox_teardown)

int main(void) {
  const struct CMUnitTest runs[] = {
      TEST(all_files_are_encrypted_and_reported),
      TEST(only_the_files_that_are_named_are_encrypted),
      TEST(a_named_file_that_does_not_exist_is_reported),
      TEST(a_conflict_does_not_stop_the_others),
      TEST(all_kinds_of_content_round_trip),
      TEST(other_files_stay_in_clear),
      TEST(what_a_killed_run_left_is_removed),
      TEST(plaintexts_with_invalid_names_are_reported),
      TEST(a_replaced_vault_must_be_opened_again),
      TEST(a_file_that_is_rewritten_keeps_its_mode),
      TEST(what_only_looks_left_over_stays),
      TEST(links_are_never_followed),
  };
  return cmocka_run_group_tests_name("runs", runs, NULL, NULL);
}
