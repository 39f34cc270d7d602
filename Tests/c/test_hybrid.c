/* Post-quantum identities and recipients: made, read, never mixed with classical ones, and how a team gets there. */
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runs.h"

/* Both halves of a new post-quantum identity. */
typedef struct hybrid {
  char *secret;
  char *recipient;
} hybrid;

static hybrid make_hybrid(void) {
  hybrid made = {GARBAGE(char *), GARBAGE(char *)};
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_identity_generate_post_quantum(&made.secret, &made.recipient, &error));
  return made;
}

static void free_hybrid(hybrid made) {
  kstack_string_free(made.secret);
  kstack_string_free(made.recipient);
}

/* A vault whose user has one post-quantum identity, alone or next to the classical one, and whose team is that alone.
 */
static kstack_vault *hybrid_vault(sandbox *box, hybrid made, bool with_classical) {
  write_text(box->identity_file, text(box, "%s%s%s\n", with_classical ? box->mine.secret : "", "\n", made.secret),
             0600);
  put_recipients(box, NULL, "dev", text(box, "# me\n%s\n", made.recipient));
  return vault_for(box);
}

/* Checks the flags of layer3/a.yaml. */
static void check_flags(kstack_vault *vault, uint32_t wanted) {
  kstack_vault_report *report = GARBAGE(kstack_vault_report *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_status(vault, NULL, &report, &error));
  assert_int_equal(kstack_vault_report_count(report), 1);
  assert_int_equal(kstack_vault_report_flags(report, 0), wanted);
  kstack_vault_report_free(report);
}

/* How many lines of a file begin with `start`. */
static size_t stanzas(const char *path, const char *start) {
  char *content = read_file(path, NULL);
  size_t count = 0;
  for (const char *next = content; (next = strstr(next, start)) != NULL; next++) count++;
  free(content);
  return count;
}

static void a_generated_identity_has_both_halves(void **state) {
  (void)state;
  hybrid made = make_hybrid();
  assert_int_equal(strncmp(made.secret, "AGE-SECRET-KEY-PQ-1", 19), 0);
  assert_int_equal(strlen(made.secret), 77);
  assert_int_equal(strncmp(made.recipient, "age1pq1", 7), 0);
  assert_int_equal(strlen(made.recipient), 1959);
  hybrid next = make_hybrid();
  assert_string_not_equal(next.secret, made.secret);
  assert_string_not_equal(next.recipient, made.recipient);
  free_hybrid(next);
  free_hybrid(made);
}

static void a_file_is_written_for_post_quantum_recipients_and_read(void **state) {
  sandbox *box = *state;
  hybrid made = make_hybrid();
  hybrid colleague = make_hybrid();
  kstack_vault *vault = hybrid_vault(box, made, false);
  put_recipients(box, NULL, "dev", text(box, "%s\n%s\n", colleague.recipient, made.recipient));
  put_plain(box, "dev", "layer3", "a.yaml", "a: 1\n");
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  const char *path = at(box, "secret.a.yaml");
  assert_int_equal(stanzas(path, "\n-> mlkem768x25519 "), 2);
  assert_int_equal(stanzas(path, "\n-> X25519 "), 0);
  check_held(vault, "a.yaml", "a: 1\n");
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  check_content(at(box, "a.yaml"), "a: 1\n");
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_UNCHANGED);
  kstack_vault_free(vault);
  /* The colleague reads it, too, with a key from a variable. */
  assert_int_equal(unlink(box->identity_file), 0);
  assert_int_equal(setenv("KSTACK_AGE_KEY", text(box, "%s %s", box->other.secret, colleague.secret), 1), 0);
  kstack_container *container = container_without_identity(box);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_open(container, "dev", &vault, &error));
  kstack_container_free(container);
  check_held(vault, "a.yaml", "a: 1\n");
  kstack_vault_free(vault);
  unsetenv("KSTACK_AGE_KEY");
  free_hybrid(colleague);
  free_hybrid(made);
}

static void one_file_of_identities_opens_both_kinds(void **state) {
  sandbox *box = *state;
  hybrid made = make_hybrid();
  put_secret(box, "dev", "layer3", "b.yaml", "b: 2\n");
  kstack_vault *vault = hybrid_vault(box, made, true);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_write(vault, "layer3", "a.yaml", "a: 1\n", 5, NULL, &error));
  check_held(vault, "a.yaml", "a: 1\n");
  check_held(vault, "b.yaml", "b: 2\n");
  kstack_vault_free(vault);
  free_hybrid(made);
}

static void a_team_of_both_kinds_is_refused_with_the_names_of_both(void **state) {
  sandbox *box = *state;
  hybrid made = make_hybrid();
  kstack_vault *vault = hybrid_vault(box, made, true);
  const char *lines[] = {text(box, "%s\n%s\n", box->mine.recipient, made.recipient),
                         text(box, "%s\n# me\n%s\n", made.recipient, box->mine.recipient)};
  for (size_t index = 0; index < LENGTH(lines); index++) {
    const char *team = put_recipients(box, NULL, "dev", lines[index]);
    put_plain(box, "dev", "layer3", "a.yaml", "a: 1\n");
    kstack_error *error = GARBAGE(kstack_error *);
    check_fails(kstack_vault_encrypt(vault, NULL, NULL, &error), KSTACK_ERROR_CONFIGURATION, team,
                "post-quantum recipients (age1pq1", "classical ones (age1");
    check_fails(kstack_vault_write(vault, "layer3", "w.yaml", "x", 1, NULL, &error), KSTACK_ERROR_CONFIGURATION, team,
                "age1pq1", "classical");
    assert_false(exists(at(box, "secret.a.yaml")));
    assert_false(exists(at(box, "secret.w.yaml")));
    check_content(at(box, "a.yaml"), "a: 1\n");
  }
  check_nothing_left(box);
  kstack_vault_free(vault);
  free_hybrid(made);
}

static void more_recipients_than_fit_into_a_header_are_refused(void **state) {
  sandbox *box = *state;
  enum { MOST = 640, LENGTH_OF_LINE = 1960 };
  hybrid made = make_hybrid();
  char *lines = calloc(MOST + 1, LENGTH_OF_LINE + 1);
  assert_non_null(lines);
  size_t used = (size_t)sprintf(lines, "%s\n", made.recipient);
  for (size_t index = 1; index <= MOST; index++) {
    hybrid other = make_hybrid();
    used += (size_t)sprintf(lines + used, "%s\n", other.recipient);
    free_hybrid(other);
  }
  kstack_vault *vault = hybrid_vault(box, made, false);
  const char *team = put_recipients(box, NULL, "dev", lines);
  kstack_error *error = GARBAGE(kstack_error *);
  check_fails(kstack_vault_write(vault, "layer3", "w.yaml", "x", 1, NULL, &error), KSTACK_ERROR_CONFIGURATION, team,
              "640");
  lines[used - LENGTH_OF_LINE] = '\0';
  put_recipients(box, NULL, "dev", lines);
  check_ok(kstack_vault_write(vault, "layer3", "w.yaml", "x", 1, NULL, &error));
  check_held(vault, "w.yaml", "x");
  kstack_vault_free(vault);
  free(lines);
  free_hybrid(made);
}

static void rekeying_moves_a_team_to_post_quantum(void **state) {
  sandbox *box = *state;
  const uint32_t good = KSTACK_VAULT_FILE_READABLE | KSTACK_VAULT_FILE_CURRENT;
  put_plain(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_vault *vault = vault_for(box);
  run_over(vault, kstack_vault_encrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  check_flags(vault, good);
  kstack_vault_free(vault);

  hybrid made = make_hybrid();
  vault = hybrid_vault(box, made, true);
  check_flags(vault, KSTACK_VAULT_FILE_READABLE);
  run_over(vault, kstack_vault_rekey, KSTACK_VAULT_CHECK, KSTACK_OK, KSTACK_VAULT_STALE);
  run_over(vault, kstack_vault_rekey, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  check_flags(vault, good | KSTACK_VAULT_FILE_POST_QUANTUM);
  check_held(vault, "a.yaml", "a: 1\n");
  assert_int_equal(stanzas(at(box, "secret.a.yaml"), "\n-> X25519 "), 0);
  /* And back, if a team needs that. */
  put_recipients(box, NULL, "dev", text(box, "%s\n", box->mine.recipient));
  run_over(vault, kstack_vault_rekey, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  check_flags(vault, good);
  const char *classical = text(box, "%s/keys/classical.txt", box->root);
  write_text(classical, box->mine.secret, 0600);
  check_age_reads(box, at(box, "secret.a.yaml"), classical, "a: 1\n");
  kstack_vault_free(vault);
  free_hybrid(made);
}

/* All post-quantum functions, in a thread with little stack. */
static void *use_all(void *argument) {
  kstack_vault *vault = argument;
  hybrid made = make_hybrid();
  free_hybrid(made);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(kstack_vault_write(vault, "layer3", "a.yaml", "a: 1\n", 5, NULL, &error));
  check_held(vault, "a.yaml", "a: 1\n");
  check_ok(kstack_vault_decrypt(vault, NULL, NULL, &error));
  check_ok(kstack_vault_encrypt(vault, NULL, NULL, &error));
  check_ok(kstack_vault_rekey(vault, NULL, NULL, &error));
  return vault;
}

static void a_call_is_content_with_64_kib_of_stack(void **state) {
  sandbox *box = *state;
  hybrid made = make_hybrid();
  kstack_vault *vault = hybrid_vault(box, made, true);
  pthread_attr_t attributes;
  assert_int_equal(pthread_attr_init(&attributes), 0);
  /* Threads of the C library need a little more themselves. */
  assert_int_equal(pthread_attr_setstacksize(&attributes, (64 + 8) * 1024), 0);
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, &attributes, use_all, vault), 0);
  void *result = NULL;
  assert_int_equal(pthread_join(thread, &result), 0);
  assert_ptr_equal(result, vault);
  pthread_attr_destroy(&attributes);
  kstack_vault_free(vault);
  free_hybrid(made);
}

static void a_damaged_key_is_refused_and_not_repeated(void **state) {
  sandbox *box = *state;
  hybrid made = make_hybrid();
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  char *damaged = text(box, "%s", made.secret);
  damaged[40] = damaged[40] == 'Q' ? 'P' : 'Q';
  const char *const bad[] = {damaged, text(box, "%.70s", made.secret), made.recipient, "AGE-SECRET-KEY-PQ-1CANARY"};
  for (size_t index = 0; index < LENGTH(bad); index++) {
    write_text(box->identity_file, text(box, "# mine\n%s\n", bad[index]), 0600);
    kstack_vault *vault = vault_for(box);
    kstack_secret *content = GARBAGE(kstack_secret *);
    kstack_error *error = NULL;
    assert_int_equal(kstack_vault_read(vault, "layer3", "a.yaml", &content, &error), KSTACK_ERROR_CONFIGURATION);
    assert_non_null(strstr(kstack_error_message(error), "line 2"));
    assert_null(strstr(kstack_error_message(error), bad[index] + 19));
    kstack_error_free(error);
    kstack_vault_free(vault);
  }
  char *wrong = text(box, "%s", made.recipient);
  wrong[1000] = wrong[1000] == 'q' ? 'p' : 'q';
  const char *const lines[] = {wrong, "age1pq1canary", text(box, "%.1000s", made.recipient), made.secret};
  for (size_t index = 0; index < LENGTH(lines); index++) {
    kstack_vault *vault = hybrid_vault(box, made, false);
    put_recipients(box, NULL, "dev", text(box, "%s\n%s\n", made.recipient, lines[index]));
    kstack_error *error = NULL;
    assert_int_equal(kstack_vault_write(vault, "layer3", "w.yaml", "x", 1, NULL, &error), KSTACK_ERROR_CONFIGURATION);
    assert_non_null(strstr(kstack_error_message(error), "line 2"));
    assert_null(strstr(kstack_error_message(error), made.secret + 19));
    kstack_error_free(error);
    kstack_vault_free(vault);
  }
  free_hybrid(made);
}

/* A private key in place of another argument is never shown. */
static void a_private_key_in_the_wrong_place_is_not_repeated(void **state) {
  sandbox *box = *state;
  hybrid made = make_hybrid();
  kstack_vault *vault = vault_for(box);
  kstack_secret *content = GARBAGE(kstack_secret *);
  kstack_error *error = NULL;
  assert_int_not_equal(kstack_vault_read(vault, "layer3", made.secret, &content, &error), KSTACK_OK);
  assert_null(strstr(kstack_error_message(error), made.secret + 19));
  kstack_error_free(error);
  kstack_vault_free(vault);
  free_hybrid(made);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, runs_setup, sandbox_teardown)

int main(void) {
  if (!has_post_quantum()) {
    printf("not run: built with PQ=0: post-quantum identities\n");
    return 0;
  }
  const struct CMUnitTest tests[] = {
      TEST(a_generated_identity_has_both_halves),
      TEST(a_file_is_written_for_post_quantum_recipients_and_read),
      TEST(one_file_of_identities_opens_both_kinds),
      TEST(a_team_of_both_kinds_is_refused_with_the_names_of_both),
      TEST(more_recipients_than_fit_into_a_header_are_refused),
      TEST(rekeying_moves_a_team_to_post_quantum),
      TEST(a_call_is_content_with_64_kib_of_stack),
      TEST(a_damaged_key_is_refused_and_not_repeated),
      TEST(a_private_key_in_the_wrong_place_is_not_repeated),
  };
  return cmocka_run_group_tests_name("hybrid", tests, NULL, NULL);
}
