/* Who a file is written for: teams, recipients files, writing from memory. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runs.h"

/* ------------------------------------------------------------------------------------------------ Teams, recipients */

/* The stanza that records who a file was written for; "" where it has none. */
static const char *stanza_of(sandbox *box, const char *path) {
  char *content = read_file(path, NULL);
  char *start = strstr(content, "-> kstack-recipients ");
  const char *result = start == NULL ? "" : text(box, "%.*s", (int)strcspn(start, "\n"), start);
  free(content);
  return result;
}

/* The expected stanza, by the programs of the system: base64 of the SHA-256 of the sorted lines. */
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

static void a_file_records_who_it_was_written_for(void **state) {
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
  /* Each of them reads it with the age program, and has one stanza. */
  check_age_reads(box, path, box->identity_file, "a: 1\n");
  check_age_reads(box, path, text(box, "%s/keys/other.txt", box->root), "a: 1\n");
  char *content = read_file(path, NULL);
  size_t count = 0;
  for (const char *next = content; (next = strstr(next, "-> X25519 ")) != NULL; next++) count++;
  assert_int_equal(count, 2);
  free(content);
  /* As above, from memory. */
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

/* Checks that neither function writes for the team "dev", with an error; the plaintext a.yaml stays. */
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
  /* An empty file is an error, also where the vault has another. */
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
  check_refused(box, KSTACK_ERROR_CONFIGURATION, "line 2", "private key");
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
  static const mode_t modes[] = {0666, 0646};
  for (size_t index = 0; index < LENGTH(modes); index++) {
    assert_int_equal(chmod(path, modes[index]), 0);
    check_refused(box, KSTACK_ERROR_CONFIGURATION, path, "chmod go-w");
  }
  assert_int_equal(chmod(path, 0644), 0);
  assert_int_equal(chmod(text(box, "%s/.recipients", box->vault), 0777), 0);
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
  /* Its own team can still write it. */
  kstack_vault_options options = options_for(NULL, 0, 0);
  options.team = "ops";
  check_ok(kstack_vault_encrypt(vault, &options, NULL, &error));
  check_held(vault, "a.yaml", "a: edited\n");
  kstack_vault_free(vault);
}

static void a_result_that_the_user_cannot_read_is_refused(void **state) {
  sandbox *box = *state;
  const char *mine = text(box, "%s\n", box->mine.recipient);
  const char *theirs = text(box, "%s\n", box->other.recipient);
  put_recipients(box, NULL, "dev", theirs);
  check_refused(box, KSTACK_ERROR_VAULT, "no identity of yours", "team 'dev'");
  assert_int_equal(unlink(at(box, "a.yaml")), 0);
  /* As above, where there is a ciphertext already. */
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
  /* The folder of the layer is created. */
  check_ok(kstack_vault_write(vault, "0", "a.bin", "a\0b", 3, NULL, &error));
  check_ok(kstack_vault_write(vault, "layer0", "empty", NULL, 0, NULL, &error));
  kstack_secret *secret = NULL;
  check_ok(kstack_vault_read(vault, "layer0", "a.bin", &secret, &error));
  assert_int_equal(kstack_secret_size(secret), 3);
  assert_memory_equal(kstack_secret_data(secret), "a\0b", 3);
  kstack_secret_free(secret);
  check_ok(kstack_vault_read(vault, "layer0", "empty", &secret, &error));
  assert_int_equal(kstack_secret_size(secret), 0);
  kstack_secret_free(secret);
  kstack_string_list *list = NULL;
  check_ok(kstack_vault_list(vault, NULL, KSTACK_VAULT_FILES_ENCRYPTED, &list, &error));
  check_list(list, "layer0/secret.a.bin", "layer0/secret.empty");
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

static void writing_an_impossible_size_fails(void **state) {
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

/* ------------------------------------------------------------------------------------------------------------- Main */

#define TEST(name) cmocka_unit_test_setup_teardown(name, runs_setup, sandbox_teardown)

int main(void) {
  const struct CMUnitTest teams[] = {
      TEST(a_file_records_who_it_was_written_for),
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
      TEST(a_result_that_the_user_cannot_read_is_refused),
      TEST(without_an_identity_nothing_is_written),
      TEST(writing_leaves_no_plaintext),
      TEST(writing_replaces_the_ciphertext_and_keeps_the_plaintext),
      TEST(writing_an_impossible_size_fails),
  };
  return cmocka_run_group_tests_name("teams", teams, NULL, NULL);
}
