/* Where the identities of a vault are looked for, and the errors about them. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

#define FILE_NAME "cloud-credentials.yaml"

/* The sources in their order: how each is set, in the environment or as a file below HOME. */
typedef enum source_kind { OPTION, TEXT_VARIABLE, FILE_VARIABLE, HOME_FILE } source_kind;

static const struct source {
  source_kind kind;
  const char *name;
} sources[] = {
    {OPTION, "identity_file"},        {TEXT_VARIABLE, "KSTACK_AGE_KEY"},    {FILE_VARIABLE, "KSTACK_AGE_KEY_FILE"},
    {TEXT_VARIABLE, "SOPS_AGE_KEY"},  {FILE_VARIABLE, "SOPS_AGE_KEY_FILE"}, {HOME_FILE, "kstack/age/keys.txt"},
    {HOME_FILE, "sops/age/keys.txt"},
};

/* The path of the file of a source. */
static const char *path_of(sandbox *box, const struct source *source) {
  if (source->kind == HOME_FILE) return text(box, "%s/.config/%s", getenv("HOME"), source->name);
  return text(box, "%s/sources/%s", box->root, source->name);
}

/* Sets the content of a source. The option is set by its file alone: look_up passes it if the file exists. */
static void set_source(sandbox *box, const struct source *source, const char *content) {
  if (source->kind == TEXT_VARIABLE) {
    assert_int_equal(setenv(source->name, content, 1), 0);
    return;
  }
  write_text(path_of(box, source), content, 0600);
  if (source->kind == FILE_VARIABLE) assert_int_equal(setenv(source->name, path_of(box, source), 1), 0);
}

static void clear_sources(sandbox *box) {
  for (size_t index = 0; index < LENGTH(sources); index++) {
    if (sources[index].kind != TEXT_VARIABLE) unlink(path_of(box, &sources[index]));
    if (sources[index].kind == TEXT_VARIABLE || sources[index].kind == FILE_VARIABLE) unsetenv(sources[index].name);
  }
}

static kstack_container *container_with_options(sandbox *box, const char *identity_file, const char *passphrase) {
  kstack_options options = {0};
  options.struct_size = sizeof options;
  options.project_root = box->project;
  options.identity_file = identity_file;
  options.passphrase = passphrase;
  kstack_container *container = NULL;
  kstack_error *error = NULL;
  check_ok(kstack_container_new(&options, &container, &error));
  return container;
}

static kstack_status look_up_in(kstack_container *container, kstack_credentials **out, kstack_error **error) {
  return kstack_get_credentials(container, "s3", "layer3", NULL, out, error);
}

/* Looks up with a new container, with the option's file if that exists. */
static kstack_status look_up(sandbox *box, kstack_error **error) {
  const char *option = path_of(box, &sources[0]);
  kstack_container *container = container_with_options(box, exists(option) ? option : NULL, NULL);
  kstack_credentials *out = GARBAGE(kstack_credentials *);
  kstack_status status = look_up_in(container, &out, error);
  if (status == KSTACK_OK) {
    check_value(out, "key", "one");
    kstack_credentials_free(out);
  } else {
    assert_null(out);
  }
  kstack_container_free(container);
  return status;
}

static int setup(void **state) {
  sandbox *box = sandbox_new();
  put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: one\n");
  *state = box;
  return 0;
}

/* -------------------------------------------------------------------------------------------------------- Precedence
 */

static void each_source_alone_is_enough(void **state) {
  sandbox *box = *state;
  for (size_t index = 0; index < LENGTH(sources); index++) {
    kstack_error *error = GARBAGE(kstack_error *);
    set_source(box, &sources[index], text(box, "# mine\n\n%s\n", box->mine.secret));
    check_ok(look_up(box, &error));
    clear_sources(box);
  }
}

static void the_first_source_that_is_set_is_the_one(void **state) {
  sandbox *box = *state;
  for (size_t first = 0; first < LENGTH(sources); first++) {
    kstack_error *error = GARBAGE(kstack_error *);
    /* The right one before wrong ones: found. */
    set_source(box, &sources[first], box->mine.secret);
    for (size_t later = first + 1; later < LENGTH(sources); later++)
      set_source(box, &sources[later], box->other.secret);
    check_ok(look_up(box, &error));
    /* A wrong one before right ones: not skipped. */
    set_source(box, &sources[first], box->other.secret);
    for (size_t later = first + 1; later < LENGTH(sources); later++) set_source(box, &sources[later], box->mine.secret);
    check_fails(look_up(box, &error), KSTACK_ERROR_VAULT, "");
    if (first + 1 == LENGTH(sources)) set_source(box, &sources[first], box->mine.secret);
    clear_sources(box);
  }
}

static void an_invalid_source_is_an_error_and_not_ignored(void **state) {
  sandbox *box = *state;
  static const char *const contents[] = {
      "this is no key hunter2\n",
      "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ\n",
      "# nothing but a comment\n",
      "\n",
  };
  for (size_t index = 0; index + 1 < LENGTH(sources); index++) {
    for (size_t content = 0; content < LENGTH(contents); content++) {
      set_source(box, &sources[index], contents[content]);
      set_source(box, &sources[LENGTH(sources) - 1], box->mine.secret);
      kstack_error *error = GARBAGE(kstack_error *);
      kstack_status status = look_up(box, &error);
      if (status != KSTACK_ERROR_CONFIGURATION) print_error("%s, content %zu\n", sources[index].name, content);
      assert_null(strstr(kstack_error_message(error), "hunter2"));
      assert_null(strstr(kstack_error_message(error), "AGE-SECRET-KEY-1QQ"));
      /* The message names the variable, or the file, whose path holds the source's name. */
      check_fails(status, KSTACK_ERROR_CONFIGURATION, sources[index].name);
      clear_sources(box);
    }
  }
}

static void a_file_that_is_named_and_missing_is_an_error(void **state) {
  sandbox *box = *state;
  for (size_t index = 0; index < LENGTH(sources); index++) {
    if (sources[index].kind != FILE_VARIABLE) continue;
    const char *missing = text(box, "%s/missing.txt", box->root);
    assert_int_equal(setenv(sources[index].name, missing, 1), 0);
    set_source(box, &sources[LENGTH(sources) - 1], box->mine.secret);
    kstack_error *error = GARBAGE(kstack_error *);
    kstack_status status = look_up(box, &error);
    assert_true(status == KSTACK_ERROR_VAULT || status == KSTACK_ERROR_IO || status == KSTACK_ERROR_CONFIGURATION);
    check_fails(status, status, missing);
    clear_sources(box);
  }
  kstack_container *container = container_with_options(box, text(box, "%s/missing.txt", box->root), NULL);
  set_source(box, &sources[LENGTH(sources) - 1], box->mine.secret);
  kstack_credentials *out = GARBAGE(kstack_credentials *);
  kstack_error *error = GARBAGE(kstack_error *);
  kstack_status status = look_up_in(container, &out, &error);
  assert_null(out);
  check_fails(status, status == KSTACK_OK ? KSTACK_ERROR_VAULT : status, "missing.txt");
  kstack_container_free(container);
}

static void an_empty_variable_is_unset(void **state) {
  sandbox *box = *state;
  for (size_t index = 0; index < LENGTH(sources); index++) {
    if (sources[index].kind == TEXT_VARIABLE || sources[index].kind == FILE_VARIABLE) {
      assert_int_equal(setenv(sources[index].name, "", 1), 0);
    }
  }
  set_source(box, &sources[LENGTH(sources) - 1], box->mine.secret);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(look_up(box, &error));
}

static void the_config_folder_may_be_elsewhere(void **state) {
  sandbox *box = *state;
  const char *config = text(box, "%s/xdg", box->root);
  assert_int_equal(setenv("XDG_CONFIG_HOME", config, 1), 0);
  write_text(text(box, "%s/kstack/age/keys.txt", config), box->mine.secret, 0600);
  set_source(box, &sources[5], box->other.secret);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(look_up(box, &error));
  assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
}

static void no_identity_lists_every_source_in_order(void **state) {
  sandbox *box = *state;
  kstack_error *error = GARBAGE(kstack_error *);
  check_fails(look_up(box, &error), KSTACK_ERROR_VAULT, "identity_file", "KSTACK_AGE_KEY", "KSTACK_AGE_KEY_FILE",
              "SOPS_AGE_KEY", "SOPS_AGE_KEY_FILE", "kstack/age/keys.txt", "sops/age/keys.txt");
}

static void an_identity_that_does_not_fit_lists_sources_and_recipients(void **state) {
  sandbox *box = *state;
  kstack_error *error = GARBAGE(kstack_error *);
  set_source(box, &sources[3], box->other.secret);
  kstack_status status = look_up(box, &error);
  const char *message = kstack_error_message(error);
  assert_non_null(strstr(message, "X25519"));
  assert_null(strstr(message, box->other.secret));
  assert_null(strstr(message, "AGE-SECRET-KEY-1"));
  check_fails(status, KSTACK_ERROR_VAULT, "identity_file", "KSTACK_AGE_KEY", "KSTACK_AGE_KEY_FILE", "SOPS_AGE_KEY",
              "SOPS_AGE_KEY_FILE", "kstack/age/keys.txt", "sops/age/keys.txt");
}

/* ------------------------------------------------------------------------------------------------------------- Files
 */

static void a_file_may_hold_many_identities(void **state) {
  sandbox *box = *state;
  write_text(box->identity_file,
             text(box, "# several\r\n%s\r\n\r\n   \n%s\n# the end", box->other.secret, box->mine.secret), 0600);
  kstack_error *error = GARBAGE(kstack_error *);
  assert_int_equal(setenv("KSTACK_AGE_KEY_FILE", box->identity_file, 1), 0);
  check_ok(look_up(box, &error));
  /* A line of a plugin is ignored when a native key is there. */
  write_text(box->identity_file, text(box, "AGE-PLUGIN-YUBIKEY-1QQPQZSYQCPQ\n%s\n", box->mine.secret), 0600);
  check_ok(look_up(box, &error));
}

/* A shell makes a pipe for <(command), which can be read once. */
static void a_pipe_is_read_once_and_kept(void **state) {
  sandbox *box = *state;
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  const char *content = text(box, "# of a command\n%s\n", box->mine.secret);
  assert_int_equal(write(ends[1], content, strlen(content)), (ssize_t)strlen(content));
  close(ends[1]);
  setenv("KSTACK_AGE_KEY_FILE", text(box, "/dev/fd/%d", ends[0]), 1);
  kstack_container *container = container_with_options(box, NULL, NULL);
  kstack_error *error = GARBAGE(kstack_error *);
  for (int round = 0; round < 3; round++) {
    kstack_credentials *out = NULL;
    check_ok(look_up_in(container, &out, &error));
    check_value(out, "key", "one");
    kstack_credentials_free(out);
    if (round == 1) close(ends[0]);
  }
  kstack_container_free(container);
  /* A fifo whose writer comes later is waited for; one that others may read is refused. */
  const char *fifo = text(box, "%s/fifo", box->root);
  assert_int_equal(mkfifo(fifo, 0600), 0);
  setenv("KSTACK_AGE_KEY_FILE", fifo, 1);
  pid_t writer = fork();
  if (writer == 0) {
    int descriptor = open(fifo, O_WRONLY);
    ssize_t written = write(descriptor, content, strlen(content));
    _exit(written == (ssize_t)strlen(content) ? 0 : 1);
  }
  /* A fifo that is opened without waiting is at its end as long as nobody has it open for writing. */
  int holder = open(fifo, O_RDWR);
  assert_true(holder >= 0);
  assert_int_equal(wait_for(writer), 0);
  assert_int_equal(chmod(fifo, 0644), 0);
  container = container_with_options(box, NULL, NULL);
  kstack_credentials *out = NULL;
  check_fails(look_up_in(container, &out, &error), KSTACK_ERROR_CONFIGURATION, "chmod 600");
  kstack_container_free(container);
  close(holder);
}

static void a_file_that_others_may_read_is_refused(void **state) {
  sandbox *box = *state;
  static const mode_t modes[] = {0644, 0640, 0604, 0660, 0666};
  assert_int_equal(setenv("KSTACK_AGE_KEY_FILE", box->identity_file, 1), 0);
  for (size_t index = 0; index < LENGTH(modes); index++) {
    assert_int_equal(chmod(box->identity_file, modes[index]), 0);
    kstack_error *error = GARBAGE(kstack_error *);
    kstack_status status = look_up(box, &error);
    assert_true(status == KSTACK_ERROR_VAULT || status == KSTACK_ERROR_CONFIGURATION);
    check_fails(status, status, "chmod 600");
  }
  static const mode_t fine[] = {0600, 0400};
  for (size_t index = 0; index < LENGTH(fine); index++) {
    assert_int_equal(chmod(box->identity_file, fine[index]), 0);
    kstack_error *error = GARBAGE(kstack_error *);
    check_ok(look_up(box, &error));
  }
}

/* Changes the content of a file, in a new file or in place. */
static void replace(sandbox *box, const char *path, const char *content, bool in_place, long round) {
  const char *target = in_place ? path : text(box, "%s.new", path);
  write_text(target, content, 0600);
  /* The clock of the file system may be too coarse to distinguish two writes. */
  const struct timespec times[2] = {{1000000000 + round, 0}, {1000000000 + round, 0}};
  assert_int_equal(utimensat(AT_FDCWD, target, times, 0), 0);
  if (!in_place) assert_int_equal(rename(target, path), 0);
}

static void a_changed_identity_file_is_noticed(void **state) {
  sandbox *box = *state;
  kstack_container *container = container_for(box);
  for (long round = 0; round < 8; round++) {
    bool fits = round % 2 == 0;
    replace(box, box->identity_file, text(box, "%s\n", fits ? box->mine.secret : box->other.secret), round >= 4, round);
    kstack_credentials *out = GARBAGE(kstack_credentials *);
    kstack_error *error = GARBAGE(kstack_error *);
    if (fits) {
      check_ok(look_up_in(container, &out, &error));
      check_value(out, "key", "one");
      kstack_credentials_free(out);
    } else {
      check_fails(look_up_in(container, &out, &error), KSTACK_ERROR_VAULT, "");
      assert_null(out);
    }
  }
  kstack_container_free(container);
}

/* ------------------------------------------------------------------------------------------------------ Passphrases */

/* Encrypts a file with a passphrase, by age itself. */
static const char *encrypt_identity(sandbox *box, const char *content, const char *passphrase) {
  const char *plain = text(box, "%s/keys/plain.txt", box->root);
  const char *path = text(box, "%s/keys/encrypted.age", box->root);
  write_text(plain, content, 0600);
  unlink(path);
  assert_int_equal(setenv("KSTACK_TEST_PASSPHRASE", passphrase, 1), 0);
  assert_int_equal(run((const char *const[]){support_program(box, "age-with-passphrase"), plain, path, NULL}, NULL), 0);
  assert_int_equal(chmod(path, 0600), 0);
  assert_int_equal(unlink(plain), 0);
  return path;
}

static void an_identity_file_may_have_a_passphrase(void **state) {
  sandbox *box = *state;
  const char *path = encrypt_identity(box, text(box, "# mine\n%s\n", box->mine.secret), "correct horse");
  kstack_credentials *out = GARBAGE(kstack_credentials *);
  kstack_error *error = GARBAGE(kstack_error *);
  /* By the option. */
  kstack_container *container = container_with_options(box, path, "correct horse");
  check_ok(look_up_in(container, &out, &error));
  check_value(out, "key", "one");
  kstack_credentials_free(out);
  /* Unlocked once: the passphrase is not needed again. */
  check_ok(look_up_in(container, &out, &error));
  kstack_credentials_free(out);
  kstack_container_free(container);
  /* A wrong one; the option goes before the variable. */
  assert_int_equal(setenv("KSTACK_AGE_PASSPHRASE", "correct horse", 1), 0);
  container = container_with_options(box, path, "wrong horse");
  out = GARBAGE(kstack_credentials *);
  kstack_status status = look_up_in(container, &out, &error);
  assert_null(out);
  assert_null(strstr(kstack_error_message(error), "wrong horse"));
  check_fails(status, KSTACK_ERROR_VAULT, "passphrase");
  kstack_container_free(container);
  /* By the variable. */
  container = container_with_options(box, path, NULL);
  check_ok(look_up_in(container, &out, &error));
  kstack_credentials_free(out);
  kstack_container_free(container);
  /* None. */
  assert_int_equal(unsetenv("KSTACK_AGE_PASSPHRASE"), 0);
  container = container_with_options(box, path, NULL);
  out = GARBAGE(kstack_credentials *);
  check_fails(look_up_in(container, &out, &error), KSTACK_ERROR_VAULT, "KSTACK_AGE_PASSPHRASE");
  assert_null(out);
  kstack_container_free(container);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, sandbox_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(each_source_alone_is_enough),
      TEST(the_first_source_that_is_set_is_the_one),
      TEST(an_invalid_source_is_an_error_and_not_ignored),
      TEST(a_file_that_is_named_and_missing_is_an_error),
      TEST(an_empty_variable_is_unset),
      TEST(the_config_folder_may_be_elsewhere),
      TEST(no_identity_lists_every_source_in_order),
      TEST(an_identity_that_does_not_fit_lists_sources_and_recipients),
      TEST(a_file_may_hold_many_identities),
      TEST(a_pipe_is_read_once_and_kept),
      TEST(a_file_that_others_may_read_is_refused),
      TEST(a_changed_identity_file_is_noticed),
      TEST(an_identity_file_may_have_a_passphrase),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
