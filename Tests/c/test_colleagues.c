/* Two colleagues, each with a clone of one git repository. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runs.h"

/* -------------------------------------------------------------------------------------------------- Two colleagues */

/* A clone of the project's repository, with somebody's identity. */
typedef struct colleague {
  sandbox *box;
  const char *project;
  kstack_vault *vault;
} colleague;

/* Runs git in a clone, without the user's configuration. */
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

/* Checks what git reports about the clone: changed and unknown files. */
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

/* Encrypts all files, which must succeed. */
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
  /* Only the edited file changes for git. */
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

static void changes_of_one_file_are_a_conflict_until_they_are_merged(void **state) {
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
  /* As the message says: move it away, decrypt, bring the edit in again. */
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

static void the_same_change_of_both_is_not_a_conflict(void **state) {
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
  /* The only copy that is left is not removed: it is encrypted again. */
  encrypt_all(&me);
  assert_false(exists(clone_path(&me, "a.yaml")));
  check_git_status(&me, "?? vault/dev/layer3/secret.a.yaml\n");
  close_clones(&me, &you);
}

/* ------------------------------------------------------------------------------------------------------------- Main */

#define TEST(name) cmocka_unit_test_setup_teardown(name, runs_setup, sandbox_teardown)

int main(void) {
  const struct CMUnitTest colleagues[] = {
      TEST(a_colleagues_change_reaches_me),
      TEST(a_colleagues_change_outlives_my_encrypting),
      TEST(changes_of_two_files_meet),
      TEST(changes_of_one_file_are_a_conflict_until_they_are_merged),
      TEST(the_same_change_of_both_is_not_a_conflict),
      TEST(a_file_that_a_colleague_removed_comes_back_only_from_my_plaintext),
  };
  return cmocka_run_group_tests_name("colleagues", colleagues, NULL, NULL);
}
