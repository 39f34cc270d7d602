/* No edit is ever lost: every row of the rule, by decrypt and by encrypt. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runs.h"

/* ---------------------------------------------------------------------------------------- No edit is lost: decrypt */

static void decrypt_writes_what_is_missing(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  check_content(at(box, "a.yaml"), "a: 1\n");
  assert_int_equal(mode_of(at(box, "a.yaml")), 0600);
  /* Also where it has a record, and somebody removed it. */
  assert_int_equal(unlink(at(box, "a.yaml")), 0);
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  check_content(at(box, "a.yaml"), "a: 1\n");
  kstack_vault_free(vault);
}

static void decrypt_leaves_what_is_equal(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  char *before = listing(box->vault);
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  run_over(vault, kstack_vault_decrypt, KSTACK_VAULT_OVERWRITE, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  char *after = listing(box->vault);
  assert_string_equal(before, after);
  free(before);
  free(after);
  /* Encrypted again with the same content: left too, and recorded from then on. */
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  before = listing(at(box, "a.yaml"));
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  after = listing(at(box, "a.yaml"));
  assert_string_equal(before, after);
  free(before);
  free(after);
  write_text(at(box, "a.yaml"), "a: edited\n", 0600);
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  kstack_vault_free(vault);
}

static void decrypt_replaces_what_was_not_edited(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  put_secret(box, "dev", "layer3", "a.yaml", "a: newer\n");
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  check_content(at(box, "a.yaml"), "a: newer\n");
  assert_int_equal(mode_of(at(box, "a.yaml")), 0600);
  /* The newer one is recorded in its turn. */
  put_secret(box, "dev", "layer3", "a.yaml", "a: newest\n");
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  check_content(at(box, "a.yaml"), "a: newest\n");
  kstack_vault_free(vault);
}

static void decrypt_keeps_what_is_not_edited_where_the_newer_is_damaged(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  write_text(at(box, "secret.a.yaml"), "damaged\n", 0644);
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_ERROR_VAULT, KSTACK_VAULT_FAILED);
  check_content(at(box, "a.yaml"), "a: 1\n");
  check_nothing_left(box);
  kstack_vault_free(vault);
}

static void decrypt_keeps_an_edit(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  write_text(at(box, "a.yaml"), "a: edited\n", 0600);
  run_into_conflict(box, vault, kstack_vault_decrypt);
  check_content(at(box, "a.yaml"), "a: edited\n");
  /* An edit that was undone does not count. */
  write_text(at(box, "a.yaml"), "a: 1\n", 0600);
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  kstack_vault_free(vault);
}

static void decrypt_keeps_an_edit_where_both_changed(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  write_text(at(box, "a.yaml"), "a: mine\n", 0600);
  put_secret(box, "dev", "layer3", "a.yaml", "a: theirs\n");
  run_into_conflict(box, vault, kstack_vault_decrypt);
  check_content(at(box, "a.yaml"), "a: mine\n");
  check_held(vault, "a.yaml", "a: theirs\n");
  kstack_vault_free(vault);
}

static void decrypt_keeps_an_edit_where_the_newer_is_damaged(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  write_text(at(box, "a.yaml"), "a: mine\n", 0600);
  write_text(at(box, "secret.a.yaml"), "damaged\n", 0644);
  run_into_conflict(box, vault, kstack_vault_decrypt);
  kstack_vault_free(vault);
}

static void decrypt_takes_the_same_edit_of_both(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  write_text(at(box, "a.yaml"), "a: same\n", 0600);
  put_secret(box, "dev", "layer3", "a.yaml", "a: same\n");
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  check_content(at(box, "a.yaml"), "a: same\n");
  kstack_vault_free(vault);
}

static void decrypt_without_a_record_leaves_what_is_equal(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  put_plain(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_vault *vault = vault_for(box);
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  /* It is recorded from now on. */
  put_secret(box, "dev", "layer3", "a.yaml", "a: newer\n");
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  check_content(at(box, "a.yaml"), "a: newer\n");
  kstack_vault_free(vault);
}

static void decrypt_without_a_record_keeps_what_differs(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  put_plain(box, "dev", "layer3", "a.yaml", "a: mine\n");
  kstack_vault *vault = vault_for(box);
  run_into_conflict(box, vault, kstack_vault_decrypt);
  kstack_vault_free(vault);
}

static void decrypt_without_a_record_keeps_what_cannot_be_compared(void **state) {
  sandbox *box = *state;
  put_secret_with(box, "dev", "layer3", "a.yaml", "a: 1\n", 5, (const char *const[]){"-r", box->other.recipient, NULL});
  put_plain(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_vault *vault = vault_for(box);
  run_into_conflict(box, vault, kstack_vault_decrypt);
  write_text(at(box, "secret.a.yaml"), "damaged\n", 0644);
  run_into_conflict(box, vault, kstack_vault_decrypt);
  kstack_vault_free(vault);
}

static void decrypt_overwrites_an_edit_when_told(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  write_text(at(box, "a.yaml"), "a: edited\n", 0600);
  run_over(vault, kstack_vault_decrypt, KSTACK_VAULT_OVERWRITE, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  check_content(at(box, "a.yaml"), "a: 1\n");
  /* Both changed. */
  write_text(at(box, "a.yaml"), "a: edited\n", 0644);
  put_secret(box, "dev", "layer3", "a.yaml", "a: theirs\n");
  run_over(vault, kstack_vault_decrypt, KSTACK_VAULT_OVERWRITE, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  check_content(at(box, "a.yaml"), "a: theirs\n");
  assert_int_equal(mode_of(at(box, "a.yaml")), 0600);
  /* No record. */
  assert_int_equal(unlink(text(box, "%s/dev/.kstack-state", box->vault)), 0);
  write_text(at(box, "a.yaml"), "a: edited\n", 0600);
  run_over(vault, kstack_vault_decrypt, KSTACK_VAULT_OVERWRITE, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  check_content(at(box, "a.yaml"), "a: theirs\n");
  /* A source that cannot be read decides nothing. */
  write_text(at(box, "a.yaml"), "a: edited\n", 0600);
  write_text(at(box, "secret.a.yaml"), "damaged\n", 0644);
  run_over(vault, kstack_vault_decrypt, KSTACK_VAULT_OVERWRITE, KSTACK_ERROR_VAULT, KSTACK_VAULT_FAILED);
  check_content(at(box, "a.yaml"), "a: edited\n");
  check_nothing_left(box);
  kstack_vault_free(vault);
}

/* ---------------------------------------------------------------------------------------- No edit is lost: encrypt */

static void encrypt_makes_what_is_missing(void **state) {
  sandbox *box = *state;
  put_plain(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_vault *vault = vault_for(box);
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  assert_false(exists(at(box, "a.yaml")));
  check_held(vault, "a.yaml", "a: 1\n");
  check_age_reads(box, at(box, "secret.a.yaml"), box->identity_file, "a: 1\n");
  /* Also where it existed and somebody removed it. */
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  assert_int_equal(unlink(at(box, "secret.a.yaml")), 0);
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  assert_false(exists(at(box, "a.yaml")));
  check_held(vault, "a.yaml", "a: 1\n");
  check_nothing_left(box);
  kstack_vault_free(vault);
}

static void encrypt_keeps_the_ciphertext_of_what_was_not_edited(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  bytes before = bytes_of(at(box, "secret.a.yaml"));
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  assert_false(exists(at(box, "a.yaml")));
  assert_true(still_has(at(box, "secret.a.yaml"), before));
  kstack_vault_free(vault);
}

static void encrypt_keeps_the_newer_ciphertext_of_what_was_not_edited(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  put_secret(box, "dev", "layer3", "a.yaml", "a: newer\n");
  bytes before = bytes_of(at(box, "secret.a.yaml"));
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  assert_false(exists(at(box, "a.yaml")));
  assert_true(still_has(at(box, "secret.a.yaml"), before));
  check_held(vault, "a.yaml", "a: newer\n");
  kstack_vault_free(vault);
}

static void encrypt_keeps_what_was_not_edited_where_the_newer_is_damaged(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  write_text(at(box, "secret.a.yaml"), "damaged\n", 0644);
  run_into_conflict(box, vault, kstack_vault_encrypt);
  run_over(vault, kstack_vault_encrypt, KSTACK_VAULT_OVERWRITE, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  assert_false(exists(at(box, "a.yaml")));
  check_held(vault, "a.yaml", "a: 1\n");
  kstack_vault_free(vault);
}

static void encrypt_overwrites_the_newer_with_what_was_not_edited_when_told(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  put_secret(box, "dev", "layer3", "a.yaml", "a: newer\n");
  run_over(vault, kstack_vault_encrypt, KSTACK_VAULT_OVERWRITE, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  assert_false(exists(at(box, "a.yaml")));
  check_held(vault, "a.yaml", "a: 1\n");
  kstack_vault_free(vault);
}

static void encrypt_keeps_what_was_not_edited_where_nobody_here_can_read_the_rest(void **state) {
  sandbox *box = *state;
  kstack_vault_free(decrypted(box));
  kstack_options options = {0};
  options.struct_size = sizeof options;
  options.project_root = box->project;
  options.identity_file = text(box, "%s/keys/other.txt", box->root);
  kstack_container *container = NULL;
  kstack_vault *vault = NULL;
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_container_new(&options, &container, &error));
  check_ok(kstack_vault_open(container, "dev", &vault, &error));
  run_into_conflict(box, vault, kstack_vault_encrypt);
  kstack_vault_free(vault);
  kstack_container_free(container);
}

static void encrypt_makes_what_a_colleague_removed(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  assert_int_equal(unlink(at(box, "secret.a.yaml")), 0);
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  assert_false(exists(at(box, "a.yaml")));
  check_held(vault, "a.yaml", "a: 1\n");
  kstack_vault_free(vault);
}

/* As after a clone, where somebody committed theirs. */
static void the_state_of_somebody_else_is_not_trusted(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  assert_int_equal(chmod(text(box, "%s/dev/.kstack-state", box->vault), 0644), 0);
  put_secret(box, "dev", "layer3", "a.yaml", "a: newer\n");
  run_into_conflict(box, vault, kstack_vault_encrypt);
  kstack_vault_free(vault);
}

static void encrypt_takes_an_edit(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  bytes before = bytes_of(at(box, "secret.a.yaml"));
  write_text(at(box, "a.yaml"), "a: edited\n", 0600);
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  assert_false(exists(at(box, "a.yaml")));
  assert_false(still_has(at(box, "secret.a.yaml"), before));
  check_held(vault, "a.yaml", "a: edited\n");
  check_nothing_left(box);
  kstack_vault_free(vault);
}

static void encrypt_keeps_both_where_both_changed(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  write_text(at(box, "a.yaml"), "a: mine\n", 0600);
  put_secret(box, "dev", "layer3", "a.yaml", "a: theirs\n");
  run_into_conflict(box, vault, kstack_vault_encrypt);
  check_content(at(box, "a.yaml"), "a: mine\n");
  check_held(vault, "a.yaml", "a: theirs\n");
  /* The same where the newer one is damaged. */
  write_text(at(box, "secret.a.yaml"), "damaged\n", 0644);
  run_into_conflict(box, vault, kstack_vault_encrypt);
  kstack_vault_free(vault);
}

static void encrypt_takes_the_same_edit_of_both(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  write_text(at(box, "a.yaml"), "a: same\n", 0600);
  put_secret(box, "dev", "layer3", "a.yaml", "a: same\n");
  bytes before = bytes_of(at(box, "secret.a.yaml"));
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  assert_false(exists(at(box, "a.yaml")));
  assert_true(still_has(at(box, "secret.a.yaml"), before));
  kstack_vault_free(vault);
}

static void encrypt_without_a_record_removes_what_is_equal(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  put_plain(box, "dev", "layer3", "a.yaml", "a: 1\n");
  bytes before = bytes_of(at(box, "secret.a.yaml"));
  kstack_vault *vault = vault_for(box);
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  assert_false(exists(at(box, "a.yaml")));
  assert_true(still_has(at(box, "secret.a.yaml"), before));
  kstack_vault_free(vault);
}

static void encrypt_without_a_record_keeps_what_differs(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  put_plain(box, "dev", "layer3", "a.yaml", "a: mine\n");
  kstack_vault *vault = vault_for(box);
  run_into_conflict(box, vault, kstack_vault_encrypt);
  kstack_vault_free(vault);
}

static void encrypt_without_a_record_keeps_what_cannot_be_compared(void **state) {
  sandbox *box = *state;
  put_secret_with(box, "dev", "layer3", "a.yaml", "a: 1\n", 5, (const char *const[]){"-r", box->other.recipient, NULL});
  put_plain(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_vault *vault = vault_for(box);
  run_into_conflict(box, vault, kstack_vault_encrypt);
  write_text(at(box, "secret.a.yaml"), "damaged\n", 0644);
  run_into_conflict(box, vault, kstack_vault_encrypt);
  kstack_vault_free(vault);
}

static void encrypt_overwrites_when_told(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  /* Both changed. */
  write_text(at(box, "a.yaml"), "a: mine\n", 0600);
  put_secret(box, "dev", "layer3", "a.yaml", "a: theirs\n");
  run_over(vault, kstack_vault_encrypt, KSTACK_VAULT_OVERWRITE, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  assert_false(exists(at(box, "a.yaml")));
  check_held(vault, "a.yaml", "a: mine\n");
  /* No record. */
  put_plain(box, "dev", "layer3", "a.yaml", "a: again\n");
  run_over(vault, kstack_vault_encrypt, KSTACK_VAULT_OVERWRITE, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  check_held(vault, "a.yaml", "a: again\n");
  /* No record, and it cannot be compared. */
  put_plain(box, "dev", "layer3", "a.yaml", "a: third\n");
  write_text(at(box, "secret.a.yaml"), "damaged\n", 0644);
  run_over(vault, kstack_vault_encrypt, KSTACK_VAULT_OVERWRITE, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  assert_false(exists(at(box, "a.yaml")));
  check_held(vault, "a.yaml", "a: third\n");
  check_nothing_left(box);
  kstack_vault_free(vault);
}

/* To the file system two spellings of an accent are two names, each with its own record. */
static void a_record_is_of_one_name_by_its_bytes(void **state) {
  sandbox *box = *state;
  static const char *const composed = "caf\xc3\xa9";
  static const char *const decomposed = "cafe\xcc\x81";
  put_secret(box, "dev", "layer3", composed, "one\n");
  put_secret(box, "dev", "layer3", decomposed, "two\n");
  kstack_vault *vault = vault_for(box);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_decrypt(vault, NULL, NULL, &error));
  check_content(at(box, composed), "one\n");
  check_content(at(box, decomposed), "two\n");
  /* Each is edited to what the other was. */
  write_text(at(box, composed), "two\n", 0600);
  write_text(at(box, decomposed), "one\n", 0600);
  check_ok(kstack_vault_encrypt(vault, NULL, NULL, &error));
  check_held(vault, composed, "two\n");
  check_held(vault, decomposed, "one\n");
  assert_false(exists(at(box, composed)));
  assert_false(exists(at(box, decomposed)));
  kstack_vault_free(vault);
}

/* ---------------------------------------------------------------------------------------------------- The state file
 */

static void the_state_is_the_owners_alone_and_holds_no_content(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  const char *path = text(box, "%s/dev/.kstack-state", box->vault);
  assert_int_equal(mode_of(path), 0600);
  char *content = read_file(path, NULL);
  assert_non_null(strstr(content, "layer3/a.yaml"));
  assert_null(strstr(content, "a: 1"));
  free(content);
  /* A removed plaintext has no record. */
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  content = read_file(path, NULL);
  assert_null(strstr(content, "a.yaml"));
  free(content);
  kstack_vault_free(vault);
}

static void a_malformed_state_is_ignored(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  const char *path = text(box, "%s/dev/.kstack-state", box->vault);
  char *good = read_file(path, NULL);
  const char *record = strchr(good, '\n') + 1;
  /* The first line holds the key of the fingerprints that follow, of 32 digits each. */
  const char *first = text(box, "%.*s", (int)(record - good), good);
  const char *const malformed[] = {
      "",
      "\n",
      "no state\n",
      "kstack-state 3\n",
      "kstack-state 3 \n",
      text(box, "%.*s", (int)strlen(first) - 1, first),
      text(box, "%.*s\n%s", (int)strlen(first) - 2, first, record),
      text(box, "%.*sg\n%s", (int)strlen(first) - 2, first, record),
      first,
      text(box, "%sx\n", first),
      text(box, "%s\n", first),
      text(box, "%s\xff\xfe\n", first),
      text(box, "%s%s%s", first, record, record),
      text(box, "%s%sx", first, record),
      text(box, "%s%.*s", first, (int)strlen(record) - 1, record),
      text(box, "%s%.32s layer3/a.yaml\n", first, record),
      text(box, "%s%.66s../layer3/a.yaml\n", first, record),
      text(box, "%s%.66slayer3/.hidden\n", first, record),
      text(box, "%sZ%s", first, record + 1),
      /* As an earlier version of the library wrote it, and with another key. */
      text(box, "kstack-state 2\n%s", record),
      text(box, "kstack-state 3 %s\n%s", "85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b", record),
  };
  for (size_t index = 0; index < LENGTH(malformed); index++) {
    write_text(path, malformed[index], 0600);
    /* Not known to be unedited: neither replaced by the newer one, nor removed. */
    put_secret(box, "dev", "layer3", "a.yaml", "a: newer\n");
    run_into_conflict(box, vault, kstack_vault_decrypt);
    run_into_conflict(box, vault, kstack_vault_encrypt);
    check_content(at(box, "a.yaml"), "a: 1\n");
  }
  /* Equal: fine, and the state is written again. */
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  char *anew = read_file(path, NULL);
  assert_int_equal(strlen(anew), strlen(good));
  free(anew);
  free(good);
  kstack_vault_free(vault);
}

static void an_untrusted_state_is_refused(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  const char *path = text(box, "%s/dev/.kstack-state", box->vault);
  kstack_error *error = GARBAGE(kstack_error *);
  static const direction directions[] = {kstack_vault_decrypt, kstack_vault_encrypt};
  for (size_t index = 0; index < LENGTH(directions); index++) {
    assert_int_equal(chmod(path, 0622), 0);
    kstack_vault_report *report = GARBAGE(kstack_vault_report *);
    check_fails(directions[index](vault, NULL, &report, &error), KSTACK_ERROR_CONFIGURATION, ".kstack-state",
                "chmod go-w");
    assert_null(report);
    assert_int_equal(chmod(path, 0600), 0);
    const char *target = text(box, "%s/state", box->root);
    assert_int_equal(rename(path, target), 0);
    assert_int_equal(symlink(target, path), 0);
    check_fails(directions[index](vault, NULL, NULL, &error), KSTACK_ERROR_CONFIGURATION, ".kstack-state", "link");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rename(target, path), 0);
  }
  check_content(at(box, "a.yaml"), "a: 1\n");
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  kstack_vault_free(vault);
}

/* ------------------------------------------------------------------------------------------------------------- Main */

#define TEST(name) cmocka_unit_test_setup_teardown(name, runs_setup, sandbox_teardown)

int main(void) {
  const struct CMUnitTest decrypting[] = {
      TEST(decrypt_writes_what_is_missing),
      TEST(decrypt_leaves_what_is_equal),
      TEST(decrypt_replaces_what_was_not_edited),
      TEST(decrypt_keeps_what_is_not_edited_where_the_newer_is_damaged),
      TEST(decrypt_keeps_an_edit),
      TEST(decrypt_keeps_an_edit_where_both_changed),
      TEST(decrypt_keeps_an_edit_where_the_newer_is_damaged),
      TEST(decrypt_takes_the_same_edit_of_both),
      TEST(decrypt_without_a_record_leaves_what_is_equal),
      TEST(decrypt_without_a_record_keeps_what_differs),
      TEST(decrypt_without_a_record_keeps_what_cannot_be_compared),
      TEST(decrypt_overwrites_an_edit_when_told),
  };
  const struct CMUnitTest encrypting[] = {
      TEST(encrypt_makes_what_is_missing),
      TEST(encrypt_keeps_the_ciphertext_of_what_was_not_edited),
      TEST(encrypt_keeps_the_newer_ciphertext_of_what_was_not_edited),
      TEST(encrypt_keeps_what_was_not_edited_where_the_newer_is_damaged),
      TEST(encrypt_takes_an_edit),
      TEST(encrypt_overwrites_the_newer_with_what_was_not_edited_when_told),
      TEST(encrypt_keeps_what_was_not_edited_where_nobody_here_can_read_the_rest),
      TEST(encrypt_makes_what_a_colleague_removed),
      TEST(the_state_of_somebody_else_is_not_trusted),
      TEST(encrypt_keeps_both_where_both_changed),
      TEST(encrypt_takes_the_same_edit_of_both),
      TEST(encrypt_without_a_record_removes_what_is_equal),
      TEST(encrypt_without_a_record_keeps_what_differs),
      TEST(encrypt_without_a_record_keeps_what_cannot_be_compared),
      TEST(encrypt_overwrites_when_told),
      TEST(a_record_is_of_one_name_by_its_bytes),
      TEST(the_state_is_the_owners_alone_and_holds_no_content),
      TEST(a_malformed_state_is_ignored),
      TEST(an_untrusted_state_is_refused),
  };
  int failed = cmocka_run_group_tests_name("decrypting", decrypting, NULL, NULL);
  failed += cmocka_run_group_tests_name("encrypting", encrypting, NULL, NULL);
  return failed;
}
