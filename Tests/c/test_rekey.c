/* Who can read which files: rekeying, the status of files, and what else runs report. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runs.h"

/* ------------------------------------------------------------------------------------------------------- Rekeying */

static const char *other_identity(sandbox *box) {
  return text(box, "%s/keys/other.txt", box->root);
}

/* Whether the age program opens a file with an identity. */
static bool age_opens(const char *path, const char *identity_file) {
  return run((const char *const[]){"age", "-d", "-i", identity_file, path, NULL}, NULL) == 0;
}

/* Makes the recipients of team "dev" the user and a colleague, or the user alone. */
static void set_team(sandbox *box, bool with_colleague) {
  put_recipients(box, NULL, "dev",
                 with_colleague ? text(box, "%s\n%s\n", box->mine.recipient, box->other.recipient)
                                : text(box, "%s\n", box->mine.recipient));
}

/* A vault with the encrypted layer3/a.yaml, written for the team. */
static kstack_vault *encrypted(sandbox *box) {
  put_plain(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_vault *vault = vault_for(box);
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  return vault;
}

static void rekeying_adds_and_removes_a_colleague(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = encrypted(box);
  const char *path = at(box, "secret.a.yaml");
  run_over(vault, kstack_vault_rekey, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  assert_false(age_opens(path, other_identity(box)));
  set_team(box, true);
  run_over(vault, kstack_vault_rekey, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  check_age_reads(box, path, box->identity_file, "a: 1\n");
  check_age_reads(box, path, other_identity(box), "a: 1\n");
  set_team(box, false);
  run_over(vault, kstack_vault_rekey, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  check_age_reads(box, path, box->identity_file, "a: 1\n");
  assert_false(age_opens(path, other_identity(box)));
  run_over(vault, kstack_vault_rekey, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  assert_false(exists(at(box, "a.yaml")));
  check_nothing_left(box);
  kstack_vault_free(vault);
}

static void checking_writes_nothing(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = encrypted(box);
  set_team(box, true);
  write_text(at(box, ".kstack-tmp-0123"), "half", 0600);
  char *before = listing(box->vault);
  run_over(vault, kstack_vault_rekey, KSTACK_VAULT_CHECK, KSTACK_OK, KSTACK_VAULT_STALE);
  char *after = listing(box->vault);
  assert_string_equal(before, after);
  free(before);
  free(after);
  run_over(vault, kstack_vault_rekey, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  run_over(vault, kstack_vault_rekey, KSTACK_VAULT_CHECK, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  kstack_vault_free(vault);
}

static void a_file_of_another_program_counts_for_the_team_of_the_call(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  put_recipients(box, NULL, "ops", text(box, "%s\n%s\n", box->mine.recipient, box->other.recipient));
  kstack_vault *vault = vault_for(box);
  kstack_vault_options options = options_for(NULL, 0, 0);
  options.team = "ops";
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_rekey(vault, &options, NULL, &error));
  check_age_reads(box, at(box, "secret.a.yaml"), other_identity(box), "a: 1\n");
  /* From now on it names its team itself, whatever the call's team is. */
  run_over(vault, kstack_vault_rekey, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  kstack_vault_free(vault);
}

static void a_rekeyed_file_is_not_a_conflict_for_somebody_who_edits_it(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = encrypted(box);
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  write_text(at(box, "a.yaml"), "a: mine\n", 0600);
  set_team(box, true);
  run_over(vault, kstack_vault_rekey, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  check_content(at(box, "a.yaml"), "a: mine\n");
  run_over(vault, kstack_vault_status, 0, KSTACK_OK, KSTACK_VAULT_EDITED);
  /* The edit is not lost to a decrypt, and goes into the vault with the next encrypt. */
  run_into_conflict(box, vault, kstack_vault_decrypt);
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  check_age_reads(box, at(box, "secret.a.yaml"), other_identity(box), "a: mine\n");
  kstack_vault_free(vault);
}

static void a_rekeyed_file_is_unchanged_for_somebody_who_did_not_edit_it(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = encrypted(box);
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  set_team(box, true);
  run_over(vault, kstack_vault_rekey, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  run_over(vault, kstack_vault_status, 0, KSTACK_OK, KSTACK_VAULT_DECRYPTED);
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  bytes rekeyed = bytes_of(at(box, "secret.a.yaml"));
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  assert_true(still_has(at(box, "secret.a.yaml"), rekeyed));
  kstack_vault_free(vault);
}

/* With sizes around that of a chunk. */
static void rekeying_keeps_every_byte(void **state) {
  sandbox *box = *state;
  const size_t size = 3 * chunk_size + 17;
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
  set_team(box, true);
  check_ok(kstack_vault_rekey(vault, NULL, NULL, &error));
  const char *output = text(box, "%s/output", box->root);
  for (size_t index = 0; index < LENGTH(sizes); index++) {
    const char *path = at(box, text(box, "secret.f%zu.bin", index));
    assert_int_equal(run((const char *const[]){"age", "-d", "-i", other_identity(box), path, NULL}, output), 0);
    bytes back = bytes_of(output);
    assert_int_equal(back.size, sizes[index]);
    assert_memory_equal(back.data, large, back.size);
    free(back.data);
  }
  kstack_vault_free(vault);
  free(large);
}

static void what_cannot_be_rekeyed_stays(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = encrypted(box);
  bytes before = bytes_of(at(box, "secret.a.yaml"));
  /* A result that the user cannot read. */
  put_recipients(box, NULL, "dev", text(box, "%s\n", box->other.recipient));
  run_over(vault, kstack_vault_rekey, 0, KSTACK_ERROR_VAULT, KSTACK_VAULT_FAILED);
  assert_true(still_has(at(box, "secret.a.yaml"), before));
  /* A team without recipients. */
  before = bytes_of(at(box, "secret.a.yaml"));
  assert_int_equal(unlink(text(box, "%s/.recipients/dev.txt", box->vault)), 0);
  kstack_error *error = GARBAGE(kstack_error *);
  check_fails(kstack_vault_rekey(vault, NULL, NULL, &error), KSTACK_ERROR_CONFIGURATION,
              "no recipients for team 'dev'");
  assert_true(still_has(at(box, "secret.a.yaml"), before));
  /* A file that the user cannot read, and one that is damaged after its header. */
  set_team(box, true);
  put_secret_with(box, "dev", "layer3", "a.yaml", "a: 2\n", 5, (const char *const[]){"-r", box->other.recipient, NULL});
  before = bytes_of(at(box, "secret.a.yaml"));
  run_over(vault, kstack_vault_rekey, 0, KSTACK_ERROR_VAULT, KSTACK_VAULT_FAILED);
  assert_true(still_has(at(box, "secret.a.yaml"), before));
  put_secret(box, "dev", "layer3", "a.yaml", "a: 3\n");
  bytes damaged = bytes_of(at(box, "secret.a.yaml"));
  damaged.data[damaged.size - 1] ^= 1;
  write_file(at(box, "secret.a.yaml"), damaged.data, damaged.size, 0600);
  run_over(vault, kstack_vault_rekey, 0, KSTACK_ERROR_VAULT, KSTACK_VAULT_FAILED);
  assert_true(still_has(at(box, "secret.a.yaml"), damaged));
  check_nothing_left(box);
  kstack_vault_free(vault);
}

static void encrypting_reports_changed_recipients(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = encrypted(box);
  set_team(box, true);
  /* Without a plaintext, and with one that was not edited. */
  for (int round = 0; round < 2; round++) {
    kstack_vault_report *report = GARBAGE(kstack_vault_report *);
    kstack_error *error = GARBAGE(kstack_error *);
    check_ok(kstack_vault_encrypt(vault, NULL, &report, &error));
    assert_int_equal(kstack_vault_report_count(report), 1);
    check_result(report, "layer3/a.yaml", KSTACK_VAULT_UNCHANGED);
    const char *message = kstack_vault_report_message(report, 0);
    assert_non_null(strstr(message, "team 'dev'"));
    assert_non_null(strstr(message, "run rekey"));
    assert_int_equal(strstr(message, "plaintext removed") != NULL, round);
    kstack_vault_report_free(report);
    if (round == 0) run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  }
  kstack_vault_free(vault);
}

/* --------------------------------------------------------------------------------------------------------- Status */

/* Checks result and flags of layer3/a.yaml. */
static void check_status(kstack_vault *vault, kstack_vault_result wanted, uint32_t flags) {
  kstack_vault_report *report = GARBAGE(kstack_vault_report *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_status(vault, NULL, &report, &error));
  assert_int_equal(kstack_vault_report_count(report), 1);
  check_result(report, "layer3/a.yaml", wanted);
  assert_int_equal(kstack_vault_report_flags(report, 0), flags);
  assert_int_equal(kstack_vault_report_flags(report, 1), 0);
  kstack_vault_report_free(report);
}

static void the_status_follows_the_life_of_a_file(void **state) {
  sandbox *box = *state;
  const uint32_t all = KSTACK_VAULT_FILE_READABLE | KSTACK_VAULT_FILE_CURRENT;
  put_plain(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_vault *vault = vault_for(box);
  check_status(vault, KSTACK_VAULT_IN_CLEAR, 0);
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  check_status(vault, KSTACK_VAULT_ENCRYPTED, all);
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  check_status(vault, KSTACK_VAULT_DECRYPTED, all);
  set_team(box, true);
  check_status(vault, KSTACK_VAULT_DECRYPTED, KSTACK_VAULT_FILE_READABLE);
  set_team(box, false);
  write_text(at(box, "a.yaml"), "a: mine\n", 0600);
  check_status(vault, KSTACK_VAULT_EDITED, all);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_write(vault, "layer3", "a.yaml", "a: yours\n", 9, NULL, &error));
  check_status(vault, KSTACK_VAULT_CONFLICT, all);
  kstack_vault_free(vault);
}

static void the_status_needs_no_identity_and_changes_nothing(void **state) {
  sandbox *box = *state;
  kstack_vault_free(encrypted(box));
  kstack_container *container = container_without_identity(box);
  kstack_vault *vault = NULL;
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_open(container, "dev", &vault, &error));
  char *before = listing(box->vault);
  check_status(vault, KSTACK_VAULT_ENCRYPTED, KSTACK_VAULT_FILE_CURRENT);
  put_plain(box, "dev", "layer3", "a.yaml", "a: 2\n");
  check_status(vault, KSTACK_VAULT_CONFLICT, KSTACK_VAULT_FILE_CURRENT);
  assert_int_equal(unlink(at(box, "a.yaml")), 0);
  char *after = listing(text(box, "%s/.recipients", box->vault));
  assert_non_null(strstr(before, after));
  assert_false(exists(text(box, "%s/dev/.kstack-state", box->vault)) && strstr(before, ".kstack-state") == NULL);
  free(before);
  free(after);
  kstack_vault_free(vault);
  kstack_container_free(container);
}

/* ------------------------------------------------------------------------------------------------------ Elsewhere */

static void secret_files_outside_of_the_layers_are_reported(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  static const char *const strays[][2] = {{"secret.x.yaml", "/dev/<layer>/secret.x.yaml"},
                                          {"layer3/sub/secret.y", "/dev/layer3/secret.y"},
                                          {"layer4/secret.z", "/dev/<layer>/secret.z"}};
  for (size_t index = 0; index < LENGTH(strays); index++) {
    write_text(text(box, "%s/dev/%s", box->vault, strays[index][0]), "x\n", 0600);
  }
  /* A link, a hidden folder, and metadata: all ignored. */
  assert_int_equal(symlink("/etc", text(box, "%s/dev/link", box->vault)), 0);
  write_text(text(box, "%s/dev/.hidden/secret.h", box->vault), "x\n", 0600);
  write_text(text(box, "%s/dev/secret.x.cfg", box->vault), "x\n", 0600);
  kstack_vault *vault = vault_for(box);
  static const direction directions[] = {kstack_vault_decrypt, kstack_vault_encrypt, kstack_vault_status,
                                         kstack_vault_rekey};
  kstack_error *error = GARBAGE(kstack_error *);
  for (size_t index = 0; index < LENGTH(directions); index++) {
    kstack_vault_report *report = GARBAGE(kstack_vault_report *);
    check_fails(directions[index](vault, NULL, &report, &error), KSTACK_ERROR_CONFIGURATION, "move it to");
    assert_int_equal(kstack_vault_report_count(report), 4);
    for (size_t stray = 0; stray < LENGTH(strays); stray++) {
      check_result(report, strays[stray][0], KSTACK_VAULT_FAILED);
      bool names_the_place = false;
      for (size_t line = 0; line < kstack_vault_report_count(report); line++) {
        if (strstr(kstack_vault_report_message(report, line), strays[stray][1]) != NULL) names_the_place = true;
      }
      assert_true(names_the_place);
    }
    kstack_vault_report_free(report);
    /* With named files the report has only those. */
    static const char *const files[] = {"layer3/a.yaml"};
    kstack_vault_options options = options_for(files, 1, 0);
    check_ok(directions[index](vault, &options, NULL, &error));
  }
  kstack_vault_free(vault);
}

/* ----------------------------------------------------------------------------------------------------------- Main */

#define TEST(name) cmocka_unit_test_setup_teardown(name, runs_setup, sandbox_teardown)

int main(void) {
  const struct CMUnitTest rekey[] = {
      TEST(rekeying_adds_and_removes_a_colleague),
      TEST(checking_writes_nothing),
      TEST(a_file_of_another_program_counts_for_the_team_of_the_call),
      TEST(a_rekeyed_file_is_not_a_conflict_for_somebody_who_edits_it),
      TEST(a_rekeyed_file_is_unchanged_for_somebody_who_did_not_edit_it),
      TEST(rekeying_keeps_every_byte),
      TEST(what_cannot_be_rekeyed_stays),
      TEST(encrypting_reports_changed_recipients),
      TEST(the_status_follows_the_life_of_a_file),
      TEST(the_status_needs_no_identity_and_changes_nothing),
      TEST(secret_files_outside_of_the_layers_are_reported),
  };
  return cmocka_run_group_tests_name("rekey", rekey, NULL, NULL);
}
