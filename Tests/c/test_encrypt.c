/* The vault, written: encrypting, recipients, what is known of each plaintext, and that no edit is ever lost. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

/* ---------------------------------------------------------------------------------------------------------- Helpers */

/* Writes the recipients file of a team, below the vault or, with an environment, below that one; gives its path. */
static const char *put_recipients(sandbox *box, const char *environment, const char *team, const char *content) {
  const char *below = environment != NULL ? text(box, "%s/%s", box->vault, environment) : box->vault;
  const char *path = text(box, "%s/.recipients/%s.txt", below, team);
  write_text(path, content, 0644);
  return path;
}

/* A sandbox whose team "dev" is the user alone. */
static int setup(void **state) {
  sandbox *box = sandbox_new();
  make_folders(text(box, "%s/dev/layer3", box->vault));
  put_recipients(box, NULL, "dev", text(box, "%s\n", box->mine.recipient));
  *state = box;
  return 0;
}

/* The path of a file of layer3. */
static const char *at(sandbox *box, const char *name) {
  return text(box, "%s/dev/layer3/%s", box->vault, name);
}

/* Runs over the whole vault; gives the status, and the error in `error`. */
typedef kstack_status (*direction)(kstack_vault *vault, const kstack_vault_options *options,
                                   kstack_vault_report **report, kstack_error **error);

/* Runs over all files, checks the status and the result of layer3/a.yaml. */
static void run_over(kstack_vault *vault, direction go, uint32_t flags, kstack_status wanted,
                     kstack_vault_result result) {
  kstack_vault_options options = options_for(NULL, 0, flags);
  kstack_vault_report *report = GARBAGE(kstack_vault_report *);
  kstack_error *error = GARBAGE(kstack_error *);
  kstack_status status = go(vault, &options, &report, &error);
  if (wanted == KSTACK_OK) {
    check_ok(status);
  } else {
    check_fails(status, wanted, "layer3/");
  }
  assert_int_equal(kstack_vault_report_count(report), 1);
  check_result(report, "layer3/a.yaml", result);
  kstack_vault_report_free(report);
}

/* Runs with a conflict, after which nothing at all has changed. */
static void run_into_conflict(sandbox *box, kstack_vault *vault, direction go) {
  char *before = listing(box->vault);
  run_over(vault, go, 0, KSTACK_ERROR_CONFLICT, KSTACK_VAULT_CONFLICT);
  char *after = listing(box->vault);
  assert_string_equal(before, after);
  free(before);
  free(after);
}

/* What the age program finds in an encrypted file, with an identity file. */
static void check_age_reads(sandbox *box, const char *path, const char *identity_file, const char *wanted) {
  const char *output = text(box, "%s/by-age", box->root);
  assert_int_equal(run((const char *const[]){"age", "-d", "-i", identity_file, path, NULL}, output), 0);
  check_content(output, wanted);
  assert_int_equal(unlink(output), 0);
}

/* What the vault reads of layer3 in memory. */
static void check_held(kstack_vault *vault, const char *name, const char *wanted) {
  kstack_secret *secret = NULL;
  kstack_error *error = NULL;
  check_ok(kstack_vault_read(vault, "layer3", name, &secret, &error));
  assert_string_equal(kstack_secret_data(secret), wanted);
  kstack_secret_free(secret);
}

/* The bytes of a file, to be compared later. */
typedef struct bytes {
  char *data;
  size_t size;
} bytes;

static bytes bytes_of(const char *path) {
  bytes result = {NULL, 0};
  result.data = read_file(path, &result.size);
  return result;
}

/* Whether a file still has the bytes; frees them. */
static bool still_has(const char *path, bytes before) {
  bytes now = bytes_of(path);
  bool same = now.size == before.size && memcmp(now.data, before.data, now.size) == 0;
  free(now.data);
  free(before.data);
  return same;
}

static void check_nothing_left(sandbox *box) {
  char *all = listing(box->vault);
  assert_null(strstr(all, ".kstack-tmp-"));
  free(all);
}

/* A vault in which layer3/a.yaml was decrypted, with the text "a: 1\n". */
static kstack_vault *decrypted(sandbox *box) {
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_vault *vault = vault_for(box);
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  return vault;
}

/* ---------------------------------------------------------------------------------------- No edit is lost: decrypt */

static void decrypt_writes_what_is_missing(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  check_content(at(box, "a.yaml"), "a: 1\n");
  assert_int_equal(mode_of(at(box, "a.yaml")), 0600);
  /* Also where it is known, and somebody removed it. */
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
  /* Encrypted anew with the same content: left too, and known from now on. */
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
  /* And the newer one is known in its turn. */
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
  /* An edit that is undone is none. */
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
  /* It is known from now on. */
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
  /* Also where it was there and somebody removed it. */
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

/* To the file system two spellings of an accent are two names, and what is known of one says nothing of the other. */
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
  /* Of a plaintext that is gone nothing is known. */
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  content = read_file(path, NULL);
  assert_null(strstr(content, "a.yaml"));
  free(content);
  kstack_vault_free(vault);
}

static void a_malformed_state_is_not_believed(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  const char *path = text(box, "%s/dev/.kstack-state", box->vault);
  char *good = read_file(path, NULL);
  const char *record = strchr(good, '\n') + 1;
  const char *const malformed[] = {
      "",
      "\n",
      "no state\n",
      "kstack-state 1",
      "kstack-state 2\n",
      "kstack-state 1\nx\n",
      "kstack-state 1\n\n",
      "kstack-state 1\n\xff\xfe\n",
      text(box, "kstack-state 1\n%s%s", record, record),
      text(box, "kstack-state 1\n%sx", record),
      text(box, "kstack-state 1\n%.*s", (int)strlen(record) - 1, record),
      text(box, "kstack-state 1\n%.64s layer3/a.yaml\n", record),
      text(box, "kstack-state 1\n%.130s../layer3/a.yaml\n", record),
      text(box, "kstack-state 1\n%.130slayer3/.hidden\n", record),
      text(box, "kstack-state 1\nZ%s", record + 1),
      text(box, "kstack-state 2\n%s", record),
  };
  for (size_t index = 0; index < LENGTH(malformed); index++) {
    write_text(path, malformed[index], 0600);
    /* Not known to be unedited: neither replaced by what is newer, nor given up for it. */
    put_secret(box, "dev", "layer3", "a.yaml", "a: newer\n");
    run_into_conflict(box, vault, kstack_vault_decrypt);
    run_into_conflict(box, vault, kstack_vault_encrypt);
    check_content(at(box, "a.yaml"), "a: 1\n");
  }
  /* Equal: fine, and the state is made anew. */
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  char *anew = read_file(path, NULL);
  assert_int_equal(strlen(anew), strlen(good));
  free(anew);
  free(good);
  kstack_vault_free(vault);
}

static void a_state_that_is_not_to_be_trusted_is_refused(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  const char *path = text(box, "%s/dev/.kstack-state", box->vault);
  kstack_error *error = GARBAGE(kstack_error *);
  static const direction directions[] = {kstack_vault_decrypt, kstack_vault_encrypt};
  for (size_t index = 0; index < LENGTH(directions); index++) {
    assert_int_equal(chmod(path, 0620), 0);
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
  /* Twice the same is once; one that has no plaintext is as it should be. */
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

static void a_named_file_that_is_not_there_is_reported(void **state) {
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

static void one_conflict_does_not_keep_the_others(void **state) {
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

static void contents_of_every_kind_come_back(void **state) {
  sandbox *box = *state;
  enum { size = 1000003 };
  char *large = malloc(size);
  assert_non_null(large);
  for (size_t index = 0; index < size; index++) large[index] = (char)(index * 31 + index / 256);
  static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 131072, size};
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

static void what_is_no_file_of_the_vault_stays_in_clear(void **state) {
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
  assert_int_equal(kstack_vault_report_count(report), 0);
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

static void keep_line(void *context, kstack_log_level level, const char *message) {
  if (level == KSTACK_LOG_WARNING) snprintf(context, 512, "%s", message);
}

static void what_stays_in_clear_for_its_name_is_told_to_the_log(void **state) {
  sandbox *box = *state;
  char line[512] = "";
  put_plain(box, "dev", "layer3", "a..b.yaml", "x\n");
  kstack_options options = {.struct_size = sizeof options,
                            .project_root = box->project,
                            .identity_file = box->identity_file,
                            .log = keep_line,
                            .log_context = line};
  kstack_error *error = GARBAGE(kstack_error *);
  kstack_container *container = NULL;
  check_ok(kstack_container_new(&options, &container, &error));
  kstack_vault *vault = NULL;
  check_ok(kstack_vault_open(container, "dev", &vault, &error));
  check_ok(kstack_vault_encrypt(vault, NULL, NULL, &error));
  assert_non_null(strstr(line, "layer3/'a..b.yaml'"));
  assert_non_null(strstr(line, "rename it"));
  kstack_vault_free(vault);
  kstack_container_free(container);
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

/* ------------------------------------------------------------------------------------------------ Teams, recipients */

/* The stanza that a file says who it was written for with; "" where it has none. */
static const char *stanza_of(sandbox *box, const char *path) {
  char *content = read_file(path, NULL);
  char *start = strstr(content, "-> kstack-recipients ");
  const char *result = start == NULL ? "" : text(box, "%.*s", (int)strcspn(start, "\n"), start);
  free(content);
  return result;
}

/* The same as it should be, by the programs of the system: base64 of the SHA-256 of the sorted lines. */
static const char *wanted_stanza(sandbox *box, const char *team, const char *lines) {
  const char *input = text(box, "%s/lines", box->root);
  const char *output = text(box, "%s/hash", box->root);
  write_text(input, lines, 0600);
  const char *script = text(box,
                            "LC_ALL=C sort -u '%s' | sha256sum | cut -c 1-64 | tr a-f A-F | basenc -d --base16 | "
                            "basenc -w 0 --base64 | tr -d =",
                            input);
  assert_int_equal(run((const char *const[]){"sh", "-c", script, NULL}, output), 0);
  char *hash = read_file(output, NULL);
  assert_int_equal(strlen(hash), 43);
  const char *result = text(box, "-> kstack-recipients %s %s", team, hash);
  free(hash);
  return result;
}

static void a_file_says_who_it_was_written_for(void **state) {
  sandbox *box = *state;
  /* Comments, white space, the lines of another system, and one recipient twice. */
  put_recipients(box, NULL, "dev",
                 text(box, "# the team\n\n%s\r\n  %s\n\t%s  \n#end", box->other.recipient, box->mine.recipient,
                      box->other.recipient));
  put_plain(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_vault *vault = vault_for(box);
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  const char *lines = text(box, "%s\n%s\n", box->mine.recipient, box->other.recipient);
  const char *path = at(box, "secret.a.yaml");
  assert_string_equal(stanza_of(box, path), wanted_stanza(box, "dev", lines));
  /* Each of them reads it with the age program, and once each is in it. */
  check_age_reads(box, path, box->identity_file, "a: 1\n");
  check_age_reads(box, path, text(box, "%s/keys/other.txt", box->root), "a: 1\n");
  char *content = read_file(path, NULL);
  size_t count = 0;
  for (const char *next = content; (next = strstr(next, "-> X25519 ")) != NULL; next++) count++;
  assert_int_equal(count, 2);
  free(content);
  /* The same from memory. */
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_write(vault, "layer3", "b.yaml", "b: 2\n", 5, NULL, &error));
  assert_string_equal(stanza_of(box, at(box, "secret.b.yaml")), stanza_of(box, path));
  kstack_vault_free(vault);
}

static void the_team_is_the_argument_else_that_of_the_project_else_dev(void **state) {
  sandbox *box = *state;
  static const char *const teams[] = {"dev", "ops", "web"};
  const char *line = text(box, "%s\n", box->mine.recipient);
  for (size_t index = 0; index < LENGTH(teams); index++) put_recipients(box, NULL, teams[index], line);
  kstack_error *error = GARBAGE(kstack_error *);
  for (size_t index = 0; index < LENGTH(teams); index++) {
    if (index == 1) write_text(text(box, "%s/.kstack.yaml", box->project), "environment: dev\nteam: ops\n", 0644);
    const char *name = text(box, "%zu.yaml", index);
    const char *written = text(box, "w%zu.yaml", index);
    put_plain(box, "dev", "layer3", name, "x: 1\n");
    kstack_vault *vault = vault_for(box);
    kstack_vault_options options = options_for(NULL, 0, 0);
    options.team = index == 2 ? "web" : NULL;
    check_ok(kstack_vault_encrypt(vault, &options, NULL, &error));
    check_ok(kstack_vault_write(vault, "layer3", written, "x", 1, options.team, &error));
    const char *wanted = wanted_stanza(box, teams[index], line);
    assert_string_equal(stanza_of(box, at(box, text(box, "secret.%s", name))), wanted);
    assert_string_equal(stanza_of(box, at(box, text(box, "secret.%s", written))), wanted);
    kstack_vault_free(vault);
  }
}

static void the_recipients_of_the_environment_come_before_those_of_the_vault(void **state) {
  sandbox *box = *state;
  put_recipients(box, NULL, "dev", text(box, "%s\n", box->other.recipient));
  put_recipients(box, "dev", "dev", text(box, "%s\n", box->mine.recipient));
  put_plain(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_vault *vault = vault_for(box);
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  assert_string_equal(stanza_of(box, at(box, "secret.a.yaml")),
                      wanted_stanza(box, "dev", text(box, "%s\n", box->mine.recipient)));
  kstack_vault_free(vault);
}

/* Checks that neither function writes for the team "dev", for a reason; the plaintext a.yaml is there and stays. */
static void check_refused(sandbox *box, kstack_status wanted, const char *first, const char *second) {
  put_plain(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_vault *vault = vault_for(box);
  kstack_error *error = GARBAGE(kstack_error *);
  static const uint32_t flags[] = {0, KSTACK_VAULT_OVERWRITE};
  for (size_t index = 0; index < LENGTH(flags); index++) {
    kstack_vault_options options = options_for(NULL, 0, flags[index]);
    check_fails(kstack_vault_encrypt(vault, &options, NULL, &error), wanted, first, second);
  }
  check_fails(kstack_vault_write(vault, "layer3", "w.yaml", "x", 1, NULL, &error), wanted, first, second);
  check_content(at(box, "a.yaml"), "a: 1\n");
  assert_false(exists(at(box, "secret.a.yaml")));
  assert_false(exists(at(box, "secret.w.yaml")));
  check_nothing_left(box);
  kstack_vault_free(vault);
}

static void a_team_without_recipients_is_refused(void **state) {
  sandbox *box = *state;
  const char *path = text(box, "%s/.recipients/dev.txt", box->vault);
  assert_int_equal(unlink(path), 0);
  check_refused(box, KSTACK_ERROR_CONFIGURATION, text(box, "%s/dev/.recipients/dev.txt", box->vault), path);
  assert_int_equal(rmdir(text(box, "%s/.recipients", box->vault)), 0);
  check_refused(box, KSTACK_ERROR_CONFIGURATION, "team 'dev'", path);
  /* One that is empty is none, also where the vault has one. */
  write_text(path, text(box, "%s\n", box->mine.recipient), 0644);
  const char *own = put_recipients(box, "dev", "dev", "# nobody\n\n");
  check_refused(box, KSTACK_ERROR_CONFIGURATION, own, "no recipient");
}

static void a_malformed_recipient_is_refused_with_its_line(void **state) {
  sandbox *box = *state;
  char *wrong = text(box, "%s", box->other.recipient);
  wrong[10] = wrong[10] == 'q' ? 'p' : 'q';
  const char *const malformed[] = {"canary", wrong, "age1", "age1canary", text(box, "%s x", box->other.recipient)};
  for (size_t index = 0; index < LENGTH(malformed); index++) {
    put_recipients(box, NULL, "dev", text(box, "# me\n%s\n%s\n", box->mine.recipient, malformed[index]));
    check_refused(box, KSTACK_ERROR_CONFIGURATION, ".recipients/dev.txt", "line 3");
  }
}

static void more_recipients_than_a_file_can_have_are_refused(void **state) {
  sandbox *box = *state;
  enum { MOST = 1023, LENGTH_OF_LINE = 63 };
  char *lines = calloc(MOST + 1, LENGTH_OF_LINE + 1);
  assert_non_null(lines);
  size_t used = (size_t)sprintf(lines, "%s\n", box->mine.recipient);
  kstack_error *error = GARBAGE(kstack_error *);
  for (size_t index = 1; index <= MOST; index++) {
    char *secret = NULL;
    char *recipient = NULL;
    check_ok(kstack_identity_generate(&secret, &recipient, &error));
    used += (size_t)sprintf(lines + used, "%s\n", recipient);
    kstack_string_free(secret);
    kstack_string_free(recipient);
  }
  put_recipients(box, NULL, "dev", lines);
  check_refused(box, KSTACK_ERROR_CONFIGURATION, ".recipients/dev.txt", "1023");
  lines[used - LENGTH_OF_LINE] = '\0';
  put_recipients(box, NULL, "dev", lines);
  kstack_vault *vault = vault_for(box);
  check_ok(kstack_vault_write(vault, "layer3", "w.yaml", "x", 1, NULL, &error));
  check_held(vault, "w.yaml", "x");
  kstack_vault_free(vault);
  free(lines);
}

static void a_secret_key_among_recipients_is_refused_and_not_repeated(void **state) {
  sandbox *box = *state;
  put_recipients(box, NULL, "dev", text(box, "%s\n%s\n", box->mine.recipient, box->other.secret));
  check_refused(box, KSTACK_ERROR_CONFIGURATION, "line 2", "secret key");
  kstack_vault *vault = vault_for(box);
  kstack_error *error = NULL;
  kstack_status status = kstack_vault_write(vault, "layer3", "w.yaml", "x", 1, NULL, &error);
  assert_int_equal(status, KSTACK_ERROR_CONFIGURATION);
  assert_null(strstr(kstack_error_message(error), box->other.secret + 20));
  kstack_error_free(error);
  kstack_vault_free(vault);
}

static void recipients_of_other_kinds_are_refused_by_name(void **state) {
  sandbox *box = *state;
  static const struct {
    const char *line;
    const char *kind;
  } others[] = {
      {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFake user@host", "SSH key"},
      {"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB", "SSH key"},
      {"age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t", "age-plugin-yubikey"},
      {"age1pq1canary", "post-quantum"},
      {"age1tag1canary", "tagged"},
  };
  for (size_t index = 0; index < LENGTH(others); index++) {
    put_recipients(box, NULL, "dev", text(box, "%s\n%s\n", box->mine.recipient, others[index].line));
    check_refused(box, KSTACK_ERROR_CONFIGURATION, "line 2", others[index].kind);
  }
}

static void recipients_that_others_may_write_are_refused(void **state) {
  sandbox *box = *state;
  const char *path = text(box, "%s/.recipients/dev.txt", box->vault);
  static const mode_t modes[] = {0664, 0646};
  for (size_t index = 0; index < LENGTH(modes); index++) {
    assert_int_equal(chmod(path, modes[index]), 0);
    check_refused(box, KSTACK_ERROR_CONFIGURATION, path, "chmod go-w");
  }
  assert_int_equal(chmod(path, 0644), 0);
  assert_int_equal(chmod(text(box, "%s/.recipients", box->vault), 0775), 0);
  check_refused(box, KSTACK_ERROR_CONFIGURATION, ".recipients", "chmod go-w");
}

static void recipients_that_are_links_are_refused(void **state) {
  sandbox *box = *state;
  const char *folder = text(box, "%s/.recipients", box->vault);
  const char *path = text(box, "%s/dev.txt", folder);
  const char *target = text(box, "%s/target", box->root);
  assert_int_equal(rename(path, target), 0);
  assert_int_equal(symlink(target, path), 0);
  check_refused(box, KSTACK_ERROR_CONFIGURATION, path, "link");
  assert_int_equal(unlink(path), 0);
  assert_int_equal(rename(target, path), 0);
  assert_int_equal(rename(folder, target), 0);
  assert_int_equal(symlink(target, folder), 0);
  check_refused(box, KSTACK_ERROR_CONFIGURATION, folder, "link");
  /* A folder where a file belongs. */
  assert_int_equal(unlink(folder), 0);
  make_folders(path);
  check_refused(box, KSTACK_ERROR_CONFIGURATION, path, "");
}

static void a_file_of_another_team_is_refused(void **state) {
  sandbox *box = *state;
  put_recipients(box, NULL, "ops", text(box, "%s\n", box->mine.recipient));
  kstack_vault *vault = vault_for(box);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_write(vault, "layer3", "a.yaml", "a: 1\n", 5, "ops", &error));
  bytes before = bytes_of(at(box, "secret.a.yaml"));
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  write_text(at(box, "a.yaml"), "a: edited\n", 0600);
  static const uint32_t flags[] = {0, KSTACK_VAULT_OVERWRITE};
  for (size_t index = 0; index < LENGTH(flags); index++) {
    kstack_vault_options options = options_for(NULL, 0, flags[index]);
    kstack_vault_report *report = GARBAGE(kstack_vault_report *);
    check_fails(kstack_vault_encrypt(vault, &options, &report, &error), KSTACK_ERROR_CONFIGURATION, "secret.a.yaml",
                "'ops'", "'dev'");
    check_result(report, "layer3/a.yaml", KSTACK_VAULT_FAILED);
    kstack_vault_report_free(report);
  }
  check_fails(kstack_vault_write(vault, "layer3", "a.yaml", "x", 1, NULL, &error), KSTACK_ERROR_CONFIGURATION, "'ops'",
              "'dev'");
  check_content(at(box, "a.yaml"), "a: edited\n");
  assert_true(still_has(at(box, "secret.a.yaml"), before));
  check_nothing_left(box);
  /* Its own team goes on. */
  kstack_vault_options options = options_for(NULL, 0, 0);
  options.team = "ops";
  check_ok(kstack_vault_encrypt(vault, &options, NULL, &error));
  check_held(vault, "a.yaml", "a: edited\n");
  kstack_vault_free(vault);
}

static void a_result_that_i_could_not_read_is_refused(void **state) {
  sandbox *box = *state;
  const char *mine = text(box, "%s\n", box->mine.recipient);
  const char *theirs = text(box, "%s\n", box->other.recipient);
  put_recipients(box, NULL, "dev", theirs);
  check_refused(box, KSTACK_ERROR_VAULT, "no identity of yours", "team 'dev'");
  assert_int_equal(unlink(at(box, "a.yaml")), 0);
  /* The same where there is a ciphertext already. */
  put_recipients(box, NULL, "dev", mine);
  kstack_vault *vault = decrypted(box);
  put_recipients(box, NULL, "dev", theirs);
  bytes before = bytes_of(at(box, "secret.a.yaml"));
  write_text(at(box, "a.yaml"), "a: edited\n", 0600);
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_ERROR_VAULT, KSTACK_VAULT_FAILED);
  check_content(at(box, "a.yaml"), "a: edited\n");
  assert_true(still_has(at(box, "secret.a.yaml"), before));
  check_nothing_left(box);
  kstack_vault_free(vault);
}

static void without_an_identity_nothing_is_written(void **state) {
  sandbox *box = *state;
  put_plain(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_container *container = container_without_identity(box);
  kstack_vault *vault = NULL;
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_open(container, NULL, &vault, &error));
  kstack_container_free(container);
  check_fails(kstack_vault_encrypt(vault, NULL, NULL, &error), KSTACK_ERROR_VAULT, "no age identity", "age-keygen");
  check_fails(kstack_vault_write(vault, "layer3", "w.yaml", "x", 1, NULL, &error), KSTACK_ERROR_VAULT,
              "no age identity", "age-keygen");
  check_content(at(box, "a.yaml"), "a: 1\n");
  assert_false(exists(at(box, "secret.a.yaml")));
  assert_false(exists(at(box, "secret.w.yaml")));
  check_nothing_left(box);
  kstack_vault_free(vault);
}

/* ---------------------------------------------------------------------------------------------------------- Writing */

static void writing_leaves_no_plaintext(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = vault_for(box);
  kstack_error *error = GARBAGE(kstack_error *);
  /* The folder of the layer is made. */
  check_ok(kstack_vault_write(vault, "0", "a.yaml", "a\0b", 3, NULL, &error));
  check_ok(kstack_vault_write(vault, "layer0", "empty", NULL, 0, NULL, &error));
  kstack_secret *secret = NULL;
  check_ok(kstack_vault_read(vault, "layer0", "a.yaml", &secret, &error));
  assert_int_equal(kstack_secret_size(secret), 3);
  assert_memory_equal(kstack_secret_data(secret), "a\0b", 3);
  kstack_secret_free(secret);
  check_ok(kstack_vault_read(vault, "layer0", "empty", &secret, &error));
  assert_int_equal(kstack_secret_size(secret), 0);
  kstack_secret_free(secret);
  kstack_string_list *list = NULL;
  check_ok(kstack_vault_list(vault, NULL, KSTACK_VAULT_FILES_ENCRYPTED, &list, &error));
  check_list(list, "layer0/secret.a.yaml", "layer0/secret.empty");
  kstack_string_list_free(list);
  check_ok(kstack_vault_list(vault, NULL, KSTACK_VAULT_FILES_DECRYPTED, &list, &error));
  assert_int_equal(kstack_string_list_count(list), 0);
  kstack_string_list_free(list);
  check_nothing_left(box);
  kstack_vault_free(vault);
}

static void writing_replaces_the_ciphertext_and_keeps_the_plaintext(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = decrypted(box);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_write(vault, "layer3", "a.yaml", "a: written\n", 11, NULL, &error));
  check_content(at(box, "a.yaml"), "a: 1\n");
  check_held(vault, "a.yaml", "a: written\n");
  check_age_reads(box, at(box, "secret.a.yaml"), box->identity_file, "a: written\n");
  /* The plaintext was not edited, so it is merely older. */
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  check_content(at(box, "a.yaml"), "a: written\n");
  /* An edited one is a conflict, both ways. */
  write_text(at(box, "a.yaml"), "a: edited\n", 0600);
  check_ok(kstack_vault_write(vault, "layer3", "a.yaml", "a: again\n", 9, NULL, &error));
  run_into_conflict(box, vault, kstack_vault_decrypt);
  run_into_conflict(box, vault, kstack_vault_encrypt);
  kstack_vault_free(vault);
}

static void writing_a_size_that_no_memory_has_fails(void **state) {
  sandbox *box = *state;
  kstack_vault *vault = vault_for(box);
  kstack_error *error = GARBAGE(kstack_error *);
  kstack_status status = kstack_vault_write(vault, "layer3", "a.yaml", "x", SIZE_MAX / 2, NULL, &error);
  assert_int_not_equal(status, KSTACK_OK);
  check_fails(status, status, "");
  assert_false(exists(at(box, "secret.a.yaml")));
  check_nothing_left(box);
  kstack_vault_free(vault);
}

/* -------------------------------------------------------------------------------------------------- Two colleagues */

/* A clone of the project's repository, with somebody's identity. */
typedef struct colleague {
  sandbox *box;
  const char *project;
  kstack_vault *vault;
} colleague;

/* Runs git in a clone; its own configuration and nobody else's. */
static void git_in(sandbox *box, const char *folder, const char *const *arguments) {
  const char *command[24] = {"git", "-C", folder};
  size_t count = 3;
  while (*arguments != NULL) {
    assert_true(count < LENGTH(command) - 1);
    command[count++] = *arguments++;
  }
  command[count] = NULL;
  int code = run(command, text(box, "%s/git-output", box->root));
  if (code != 0) print_error("git %s: %d\n", command[3], code);
  assert_int_equal(code, 0);
}

#define git(who, ...) git_in((who)->box, (who)->project, (const char *const[]){__VA_ARGS__, NULL})

/* What git says of the clone: every file that is changed or not known. */
static void check_git_status(colleague *who, const char *wanted) {
  git(who, "status", "--porcelain", "--untracked-files=all");
  check_content(text(who->box, "%s/git-output", who->box->root), wanted);
}

static const char *clone_path(colleague *who, const char *name) {
  return text(who->box, "%s/vault/dev/layer3/%s", who->project, name);
}

static void open_clone(colleague *who, sandbox *box, const char *project, const char *identity_file) {
  who->box = box;
  who->project = project;
  kstack_options options = {0};
  options.struct_size = sizeof options;
  options.project_root = project;
  options.identity_file = identity_file;
  kstack_container *container = NULL;
  kstack_error *error = NULL;
  check_ok(kstack_container_new(&options, &container, &error));
  check_ok(kstack_vault_open(container, "dev", &who->vault, &error));
  kstack_container_free(container);
}

static void commit_and_push(colleague *who) {
  git(who, "add", "-A");
  git(who, "commit", "-q", "-m", "change");
  git(who, "push", "-q", "origin", "main");
}

static void pull(colleague *who) {
  git(who, "pull", "-q", "--no-rebase", "origin", "main");
}

/* Two clones of one repository, whose vault has layer3/a.yaml and layer3/b.yaml for both; each has decrypted it. */
static void two_colleagues(sandbox *box, colleague *me, colleague *you) {
  static const char *const settings[][2] = {
      {"GIT_CONFIG_GLOBAL", "/dev/null"}, {"GIT_CONFIG_SYSTEM", "/dev/null"},      {"GIT_CONFIG_NOSYSTEM", "1"},
      {"GIT_AUTHOR_NAME", "somebody"},    {"GIT_AUTHOR_EMAIL", "s@example.com"},   {"GIT_TERMINAL_PROMPT", "0"},
      {"GIT_COMMITTER_NAME", "somebody"}, {"GIT_COMMITTER_EMAIL", "s@example.com"}};
  for (size_t index = 0; index < LENGTH(settings); index++) setenv(settings[index][0], settings[index][1], 1);
  put_recipients(box, NULL, "dev", text(box, "%s\n%s\n", box->mine.recipient, box->other.recipient));
  put_plain(box, "dev", "layer3", "a.yaml", "a: 1\n");
  put_plain(box, "dev", "layer3", "b.yaml", "b: 1\n");
  write_text(text(box, "%s/.gitignore", box->project),
             "vault/**/*\n!vault/**/\n!vault/**/secret.*\n!vault/**/.recipients/\n!vault/**/.recipients/*.txt\n"
             ".kstack-state\n.kstack-tmp-*\n",
             0644);
  open_clone(me, box, box->project, box->identity_file);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_encrypt(me->vault, NULL, NULL, &error));
  const char *origin = text(box, "%s/origin.git", box->root);
  const char *yours = text(box, "%s/colleague", box->root);
  git_in(box, box->root, (const char *const[]){"init", "-q", "--bare", "-b", "main", origin, NULL});
  git(me, "init", "-q", "-b", "main");
  git(me, "remote", "add", "origin", origin);
  commit_and_push(me);
  git_in(box, box->root, (const char *const[]){"clone", "-q", origin, yours, NULL});
  open_clone(you, box, yours, text(box, "%s/keys/other.txt", box->root));
  check_ok(kstack_vault_decrypt(me->vault, NULL, NULL, &error));
  check_ok(kstack_vault_decrypt(you->vault, NULL, NULL, &error));
  check_content(clone_path(you, "a.yaml"), "a: 1\n");
  /* Plaintext and state are not for git. */
  check_git_status(me, "");
  check_git_status(you, "");
}

/* Encrypts all, which is fine. */
static void encrypt_all(colleague *who) {
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_encrypt(who->vault, NULL, NULL, &error));
}

static void decrypt_all(colleague *who) {
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_decrypt(who->vault, NULL, NULL, &error));
}

static void close_clones(colleague *me, colleague *you) {
  kstack_vault_free(me->vault);
  kstack_vault_free(you->vault);
}

static void a_colleagues_change_reaches_me(void **state) {
  colleague me;
  colleague you;
  two_colleagues(*state, &me, &you);
  write_text(clone_path(&you, "a.yaml"), "a: yours\n", 0600);
  encrypt_all(&you);
  /* Only what was edited is another file for git. */
  check_git_status(&you, " M vault/dev/layer3/secret.a.yaml\n");
  commit_and_push(&you);
  pull(&me);
  decrypt_all(&me);
  check_content(clone_path(&me, "a.yaml"), "a: yours\n");
  check_content(clone_path(&me, "b.yaml"), "b: 1\n");
  check_git_status(&me, "");
  close_clones(&me, &you);
}

static void a_colleagues_change_outlives_my_encrypting(void **state) {
  colleague me;
  colleague you;
  two_colleagues(*state, &me, &you);
  write_text(clone_path(&you, "a.yaml"), "a: yours\n", 0600);
  encrypt_all(&you);
  commit_and_push(&you);
  pull(&me);
  /* My plaintext is the older one, and I did not touch it. */
  encrypt_all(&me);
  assert_false(exists(clone_path(&me, "a.yaml")));
  check_git_status(&me, "");
  decrypt_all(&me);
  check_content(clone_path(&me, "a.yaml"), "a: yours\n");
  close_clones(&me, &you);
}

static void changes_of_two_files_meet(void **state) {
  colleague me;
  colleague you;
  two_colleagues(*state, &me, &you);
  write_text(clone_path(&you, "a.yaml"), "a: yours\n", 0600);
  encrypt_all(&you);
  commit_and_push(&you);
  write_text(clone_path(&me, "b.yaml"), "b: mine\n", 0600);
  pull(&me);
  encrypt_all(&me);
  check_git_status(&me, " M vault/dev/layer3/secret.b.yaml\n");
  commit_and_push(&me);
  pull(&you);
  decrypt_all(&you);
  decrypt_all(&me);
  check_content(clone_path(&you, "a.yaml"), "a: yours\n");
  check_content(clone_path(&you, "b.yaml"), "b: mine\n");
  check_content(clone_path(&me, "a.yaml"), "a: yours\n");
  check_content(clone_path(&me, "b.yaml"), "b: mine\n");
  close_clones(&me, &you);
}

static void changes_of_one_file_are_a_conflict_until_they_are_brought_together(void **state) {
  colleague me;
  colleague you;
  sandbox *box = *state;
  two_colleagues(box, &me, &you);
  write_text(clone_path(&you, "a.yaml"), "a: 1\nyours: 2\n", 0600);
  encrypt_all(&you);
  commit_and_push(&you);
  const char *plain = clone_path(&me, "a.yaml");
  write_text(plain, "a: 1\nmine: 3\n", 0600);
  pull(&me);
  static const direction directions[] = {kstack_vault_encrypt, kstack_vault_decrypt};
  static const char *const files[] = {"layer3/a.yaml"};
  kstack_vault_options options = options_for(files, 1, 0);
  kstack_error *error = GARBAGE(kstack_error *);
  for (size_t index = 0; index < LENGTH(directions); index++) {
    char *before = listing(text(box, "%s/vault", me.project));
    kstack_vault_report *report = GARBAGE(kstack_vault_report *);
    check_fails(directions[index](me.vault, &options, &report, &error), KSTACK_ERROR_CONFLICT, plain);
    check_result(report, "layer3/a.yaml", KSTACK_VAULT_CONFLICT);
    kstack_vault_report_free(report);
    char *after = listing(text(box, "%s/vault", me.project));
    assert_string_equal(before, after);
    free(before);
    free(after);
  }
  check_git_status(&me, "");
  /* As the message says: away with it, decrypt, bring the edit in again. */
  assert_int_equal(rename(plain, text(box, "%s/mine", box->root)), 0);
  decrypt_all(&me);
  check_content(plain, "a: 1\nyours: 2\n");
  write_text(plain, "a: 1\nyours: 2\nmine: 3\n", 0600);
  encrypt_all(&me);
  commit_and_push(&me);
  pull(&you);
  decrypt_all(&you);
  check_content(clone_path(&you, "a.yaml"), "a: 1\nyours: 2\nmine: 3\n");
  close_clones(&me, &you);
}

static void the_same_change_of_both_is_no_conflict(void **state) {
  colleague me;
  colleague you;
  two_colleagues(*state, &me, &you);
  write_text(clone_path(&you, "a.yaml"), "a: same\n", 0600);
  encrypt_all(&you);
  commit_and_push(&you);
  write_text(clone_path(&me, "a.yaml"), "a: same\n", 0600);
  pull(&me);
  encrypt_all(&me);
  assert_false(exists(clone_path(&me, "a.yaml")));
  check_git_status(&me, "");
  close_clones(&me, &you);
}

static void a_file_that_a_colleague_removed_comes_back_only_from_my_plaintext(void **state) {
  colleague me;
  colleague you;
  two_colleagues(*state, &me, &you);
  git(&you, "rm", "-q", "vault/dev/layer3/secret.a.yaml");
  commit_and_push(&you);
  pull(&me);
  assert_false(exists(clone_path(&me, "secret.a.yaml")));
  check_content(clone_path(&me, "a.yaml"), "a: 1\n");
  /* The only copy that is left is not given up: it is encrypted anew. */
  encrypt_all(&me);
  assert_false(exists(clone_path(&me, "a.yaml")));
  check_git_status(&me, "?? vault/dev/layer3/secret.a.yaml\n");
  close_clones(&me, &you);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, sandbox_teardown)

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
      TEST(encrypt_keeps_both_where_both_changed),
      TEST(encrypt_takes_the_same_edit_of_both),
      TEST(encrypt_without_a_record_removes_what_is_equal),
      TEST(encrypt_without_a_record_keeps_what_differs),
      TEST(encrypt_without_a_record_keeps_what_cannot_be_compared),
      TEST(encrypt_overwrites_when_told),
      TEST(a_record_is_of_one_name_by_its_bytes),
      TEST(the_state_is_the_owners_alone_and_holds_no_content),
      TEST(a_malformed_state_is_not_believed),
      TEST(a_state_that_is_not_to_be_trusted_is_refused),
      TEST(all_files_are_encrypted_and_reported),
      TEST(only_the_files_that_are_named_are_encrypted),
      TEST(a_named_file_that_is_not_there_is_reported),
      TEST(one_conflict_does_not_keep_the_others),
      TEST(contents_of_every_kind_come_back),
      TEST(what_is_no_file_of_the_vault_stays_in_clear),
      TEST(what_a_killed_run_left_is_removed),
      TEST(what_stays_in_clear_for_its_name_is_told_to_the_log),
      TEST(what_only_looks_left_over_stays),
      TEST(links_are_never_followed),
  };
  const struct CMUnitTest teams[] = {
      TEST(a_file_says_who_it_was_written_for),
      TEST(the_team_is_the_argument_else_that_of_the_project_else_dev),
      TEST(the_recipients_of_the_environment_come_before_those_of_the_vault),
      TEST(a_team_without_recipients_is_refused),
      TEST(a_malformed_recipient_is_refused_with_its_line),
      TEST(more_recipients_than_a_file_can_have_are_refused),
      TEST(a_secret_key_among_recipients_is_refused_and_not_repeated),
      TEST(recipients_of_other_kinds_are_refused_by_name),
      TEST(recipients_that_others_may_write_are_refused),
      TEST(recipients_that_are_links_are_refused),
      TEST(a_file_of_another_team_is_refused),
      TEST(a_result_that_i_could_not_read_is_refused),
      TEST(without_an_identity_nothing_is_written),
      TEST(writing_leaves_no_plaintext),
      TEST(writing_replaces_the_ciphertext_and_keeps_the_plaintext),
      TEST(writing_a_size_that_no_memory_has_fails),
  };
  const struct CMUnitTest colleagues[] = {
      TEST(a_colleagues_change_reaches_me),
      TEST(a_colleagues_change_outlives_my_encrypting),
      TEST(changes_of_two_files_meet),
      TEST(changes_of_one_file_are_a_conflict_until_they_are_brought_together),
      TEST(the_same_change_of_both_is_no_conflict),
      TEST(a_file_that_a_colleague_removed_comes_back_only_from_my_plaintext),
  };
  int failed = cmocka_run_group_tests_name("decrypting", decrypting, NULL, NULL);
  failed += cmocka_run_group_tests_name("encrypting", encrypting, NULL, NULL);
  failed += cmocka_run_group_tests_name("teams", teams, NULL, NULL);
  failed += cmocka_run_group_tests_name("colleagues", colleagues, NULL, NULL);
  return failed;
}
