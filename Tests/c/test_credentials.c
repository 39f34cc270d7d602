/* Credentials from a local vault: what is found, its values, and what is refused. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

#define FILE_NAME "cloud-credentials.yaml"

/* Looks up with a new container; the error goes where check_fails and check_ok expect it. */
static kstack_status look_up(sandbox *box, const char *service, kstack_credentials **out, kstack_error **error) {
  kstack_container *container = container_for(box);
  kstack_status status = kstack_get_credentials(container, service, "layer3", NULL, out, error);
  kstack_container_free(container);
  return status;
}

/* Checks that a look-up of s3 fails, and returns nothing. */
#define check_refused(box, wanted, ...) \
  check_refused_at((box), (wanted), (const char *const[]){__VA_ARGS__, NULL}, __FILE__, __LINE__)
static void check_refused_at(sandbox *box, kstack_status wanted, const char *const *parts, const char *file, int line) {
  kstack_credentials *out = GARBAGE(kstack_credentials *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_fails_at(look_up(box, "s3", &out, &error), wanted, &error, parts, file, line);
  assert_null(out);
}

/* Checks that a look-up of s3 has the value of `key`. */
#define check_found(box, wanted) check_found_at((box), (wanted), __FILE__, __LINE__)
static void check_found_at(sandbox *box, const char *wanted, const char *file, int line) {
  kstack_credentials *out = GARBAGE(kstack_credentials *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok_at(look_up(box, "s3", &out, &error), &error, file, line);
  check_value_at(out, "key", wanted, file, line);
  kstack_credentials_free(out);
}

/* ---------------------------------------------------------------------------------------------------------- Finding */

static void an_encrypted_vault_answers(void **state) {
  sandbox *box = *state;
  const char *path = put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: one\n  secret: two\nsmtp:\n  user: x\n");
  kstack_credentials *out = GARBAGE(kstack_credentials *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_ok(look_up(box, "s3", &out, &error));
  assert_int_equal(kstack_credentials_count(out), 2);
  assert_string_equal(kstack_credentials_name(out, 0), "key");
  assert_string_equal(kstack_credentials_name(out, 1), "secret");
  assert_null(kstack_credentials_name(out, 2));
  assert_null(kstack_credentials_name(out, SIZE_MAX));
  size_t size = 99;
  assert_memory_equal(kstack_credentials_value(out, 1, &size), "two", 4);
  assert_int_equal(size, 3);
  assert_string_equal(kstack_credentials_value(out, 0, NULL), "one");
  size = 99;
  assert_null(kstack_credentials_value(out, 2, &size));
  assert_int_equal(size, 0);
  check_value(out, "secret", "two");
  assert_null(kstack_credentials_get(out, "user"));
  assert_null(kstack_credentials_get(out, "ke"));
  check_json(kstack_credentials_json(out), "{\"key\":\"one\",\"secret\":\"two\"}");
  assert_string_equal(kstack_credentials_source(out), path);
  kstack_credentials_free(out);
}

static void armored_files_and_several_recipients_are_read(void **state) {
  sandbox *box = *state;
  const char *plain = "s3:\n  key: armored\n";
  put_secret_with(box, "dev", "layer3", FILE_NAME, plain, strlen(plain),
                  (const char *const[]){"-a", "-r", box->mine.recipient, NULL});
  check_found(box, "armored");
  plain = "s3:\n  key: several\n";
  put_secret_with(box, "dev", "layer3", FILE_NAME, plain, strlen(plain),
                  (const char *const[]){"-r", box->other.recipient, "-r", box->mine.recipient, NULL});
  check_found(box, "several");
  plain = "s3:\n  key: both\n";
  put_secret_with(box, "dev", "layer3", FILE_NAME, plain, strlen(plain),
                  (const char *const[]){"-a", "-r", box->mine.recipient, "-r", box->other.recipient, NULL});
  check_found(box, "both");
}

static void a_file_of_many_chunks_is_read(void **state) {
  sandbox *box = *state;
  /* A comment that pushes the service past age's chunks of 64 KiB. */
  enum { filler = 150000 };
  char *plain = malloc(filler + 64);
  assert_non_null(plain);
  for (size_t index = 0; index < filler; index++)
    plain[index] = index % 100 == 0 ? '#' : index % 100 == 99 ? '\n' : 'x';
  strcpy(plain + filler, "s3:\n  key: far\n");
  put_secret_with(box, "dev", "layer3", FILE_NAME, plain, strlen(plain),
                  (const char *const[]){"-r", box->mine.recipient, NULL});
  free(plain);
  check_found(box, "far");
}

static void nothing_is_written(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: one\n");
  char *before = listing(box->root);
  check_found(box, "one");
  kstack_credentials *out = NULL;
  kstack_error *error = NULL;
  check_fails(look_up(box, "missing", &out, &error), KSTACK_ERROR_SERVICE_NOT_FOUND, "missing");
  char *after = listing(box->root);
  assert_string_equal(before, after);
  free(before);
  free(after);
}

static void a_read_only_file_system_is_enough(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: one\n");
  const char *output = text(box, "/dev/shm/kstack-test-%d", (int)getpid());
  int code =
      run((const char *const[]){support_program(box, "with-mounts"), "--read-only", box->root, "--",
                                sibling_program(box, "lookup"), box->project, box->identity_file, "s3", "layer3", NULL},
          output);
  char *printed = read_file(output, NULL);
  unlink(output);
  bool right = strcmp(printed, "{\"key\":\"one\"}\n") == 0;
  free(printed);
  if (code == 77) skip();
  assert_int_equal(code, 0);
  assert_true(right);
}

static void the_swift_toolchain_is_not_needed(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: one\n");
  const char *output = text(box, "%s/output", box->root);
  int code =
      run((const char *const[]){support_program(box, "with-mounts"), "--without-swift", "--",
                                sibling_program(box, "lookup"), box->project, box->identity_file, "s3", "layer3", NULL},
          output);
  if (code == 77) skip();
  assert_int_equal(code, 0);
  char *printed = read_file(output, NULL);
  check_json(printed, "{\"key\":\"one\"}");
  free(printed);
}

static void the_plaintext_is_preferred(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: encrypted\n");
  const char *path = put_plain(box, "dev", "layer3", FILE_NAME, "s3:\n  key: plain\n");
  kstack_credentials *out = NULL;
  kstack_error *error = NULL;
  check_ok(look_up(box, "s3", &out, &error));
  check_value(out, "key", "plain");
  assert_string_equal(kstack_credentials_source(out), path);
  kstack_credentials_free(out);
  assert_int_equal(unlink(path), 0);
  check_found(box, "encrypted");
}

static void a_plaintext_alone_needs_no_identity(void **state) {
  sandbox *box = *state;
  put_plain(box, "dev", "layer3", FILE_NAME, "s3:\n  key: plain\n");
  kstack_container *container = container_without_identity(box);
  kstack_credentials *out = NULL;
  kstack_error *error = NULL;
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &out, &error));
  check_value(out, "key", "plain");
  kstack_credentials_free(out);
  kstack_container_free(container);
}

static void results_outlive_their_container(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: one\n");
  kstack_container *container = container_for(box);
  kstack_credentials *first = NULL;
  kstack_credentials *second = NULL;
  kstack_error *error = NULL;
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &first, &error));
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &second, &error));
  kstack_container_free(container);
  kstack_credentials_free(first);
  check_value(second, "key", "one");
  kstack_credentials_free(second);
}

static void a_changed_file_is_noticed(void **state) {
  sandbox *box = *state;
  kstack_container *container = container_for(box);
  for (int round = 0; round < 3; round++) {
    put_secret(box, "dev", "layer3", FILE_NAME, text(box, "s3:\n  key: round%d\n", round));
    kstack_credentials *out = NULL;
    kstack_error *error = NULL;
    check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &out, &error));
    check_value(out, "key", text(box, "round%d", round));
    kstack_credentials_free(out);
  }
  kstack_container_free(container);
}

static void layers_are_read_in_each_form_by_look_ups(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: three\n");
  put_secret(box, "dev", "layer0", FILE_NAME, "s3:\n  key: zero\n");
  static const char *const forms[][2] = {{"layer3", "three"},
                                         {"3", "three"},
                                         {"LAYER3", "three"},
                                         {"layer-3-global-infra", "three"},
                                         {"LAYER-3-Global-Infra", "three"},
                                         {"0", "zero"},
                                         {"layer-0-applications", "zero"}};
  kstack_container *container = container_for(box);
  for (size_t index = 0; index < LENGTH(forms); index++) {
    kstack_credentials *out = NULL;
    kstack_error *error = NULL;
    check_ok(kstack_get_credentials(container, "s3", forms[index][0], NULL, &out, &error));
    check_value(out, "key", forms[index][1]);
    kstack_credentials_free(out);
  }
  kstack_container_free(container);
}

/* ----------------------------------------------------------------------------------------------------- Environments */

static void the_environment_is_the_one_of_the_project(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: of-dev\n");
  put_secret(box, "prod", "layer3", FILE_NAME, "s3:\n  key: of-prod\n");
  check_found(box, "of-dev");
  kstack_container *container = container_for(box);
  kstack_error *error = GARBAGE(kstack_error *);
  char *environment = GARBAGE(char *);
  check_ok(kstack_get_environment(container, &environment, &error));
  assert_string_equal(environment, "dev");
  kstack_string_free(environment);
  /* A change is noticed by the same container. */
  write_text(text(box, "%s/.kstack.yaml", box->project), "environment: prod\n", 0644);
  check_ok(kstack_get_environment(container, &environment, &error));
  assert_string_equal(environment, "prod");
  kstack_string_free(environment);
  kstack_credentials *out = NULL;
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &out, &error));
  check_value(out, "key", "of-prod");
  kstack_credentials_free(out);
  kstack_container_free(container);
}

static void another_environment_may_be_asked_for(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: of-dev\n");
  put_secret(box, "data-collection", "layer3", FILE_NAME, "s3:\n  key: of-data\n");
  kstack_container *container = container_for(box);
  kstack_credentials *out = NULL;
  kstack_error *error = NULL;
  check_ok(kstack_get_credentials(container, "s3", "layer3", "data-collection", &out, &error));
  check_value(out, "key", "of-data");
  kstack_credentials_free(out);
  kstack_container_free(container);
}

static void an_unknown_environment_lists_the_others(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: one\n");
  put_secret(box, "staging", "layer3", FILE_NAME, "s3:\n  key: one\n");
  kstack_container *container = container_for(box);
  kstack_credentials *out = GARBAGE(kstack_credentials *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_fails(kstack_get_credentials(container, "s3", "layer3", "prod", &out, &error), KSTACK_ERROR_CONFIGURATION,
              "prod", "dev", "staging");
  assert_null(out);
  kstack_vault *vault = GARBAGE(kstack_vault *);
  check_fails(kstack_vault_open(container, "prod", &vault, &error), KSTACK_ERROR_CONFIGURATION, "prod", "dev",
              "staging");
  assert_null(vault);
  kstack_container_free(container);
}

static void the_project_is_found_upwards(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: one\n");
  const char *below = text(box, "%s/a/b/c", box->project);
  make_folders(below);
  kstack_options options = {0};
  options.struct_size = sizeof options;
  options.project_root = below;
  options.identity_file = box->identity_file;
  kstack_container *container = NULL;
  kstack_error *error = NULL;
  check_ok(kstack_container_new(&options, &container, &error));
  kstack_credentials *out = NULL;
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &out, &error));
  check_value(out, "key", "one");
  kstack_credentials_free(out);
  char *root = GARBAGE(char *);
  check_ok(kstack_get_vault_root(container, &root, &error));
  assert_string_equal(root, box->vault);
  kstack_string_free(root);
  kstack_container_free(container);
  /* Without a root it is the working directory. */
  assert_int_equal(chdir(below), 0);
  options.project_root = NULL;
  check_ok(kstack_container_new(&options, &container, &error));
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &out, &error));
  check_value(out, "key", "one");
  kstack_credentials_free(out);
  kstack_container_free(container);
}

static void a_named_environment_needs_no_project_file(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: one\n");
  assert_int_equal(unlink(text(box, "%s/.kstack.yaml", box->project)), 0);
  kstack_container *container = container_for(box);
  kstack_credentials *out = NULL;
  kstack_error *error = NULL;
  check_ok(kstack_get_credentials(container, "s3", "layer3", "dev", &out, &error));
  check_value(out, "key", "one");
  kstack_credentials_free(out);
  out = GARBAGE(kstack_credentials *);
  check_fails(kstack_get_credentials(container, "s3", "layer3", NULL, &out, &error), KSTACK_ERROR_CONFIGURATION,
              ".kstack.yaml");
  assert_null(out);
  char *environment = GARBAGE(char *);
  check_fails(kstack_get_environment(container, &environment, &error), KSTACK_ERROR_CONFIGURATION, ".kstack.yaml");
  assert_null(environment);
  kstack_container_free(container);
}

static void the_vault_may_be_elsewhere(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: moved\n");
  const char *moved = text(box, "%s/elsewhere/secrets", box->root);
  make_folders(text(box, "%s/elsewhere", box->root));
  assert_int_equal(rename(box->vault, moved), 0);
  write_text(text(box, "%s/.kstack.yaml", box->project), "environment: dev\nvault: ../elsewhere/secrets\n", 0644);
  check_found(box, "moved");
  kstack_container *container = container_for(box);
  char *root = NULL;
  kstack_error *error = NULL;
  check_ok(kstack_get_vault_root(container, &root, &error));
  struct stat got, wanted;
  assert_int_equal(root[0], '/');
  assert_int_equal(stat(root, &got), 0);
  assert_int_equal(stat(moved, &wanted), 0);
  assert_int_equal(got.st_ino, wanted.st_ino);
  kstack_string_free(root);
  kstack_container_free(container);
}

static void the_config_root_is_found(void **state) {
  sandbox *box = *state;
  kstack_container *container = container_for(box);
  char *root = GARBAGE(char *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_fails(kstack_get_config_root(container, &root, &error), KSTACK_ERROR_CONFIGURATION, "environments");
  assert_null(root);
  make_folders(text(box, "%s/config/environments", box->project));
  check_ok(kstack_get_config_root(container, &root, &error));
  assert_string_equal(root, text(box, "%s/config", box->project));
  kstack_string_free(root);
  kstack_container_free(container);
}

static void a_missing_vault_is_a_configuration_error(void **state) {
  sandbox *box = *state;
  remove_tree(box->vault);
  check_refused(box, KSTACK_ERROR_CONFIGURATION, "vault");
  kstack_container *container = container_for(box);
  char *root = GARBAGE(char *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_fails(kstack_get_vault_root(container, &root, &error), KSTACK_ERROR_CONFIGURATION, "vault");
  assert_null(root);
  kstack_container_free(container);
}

static void malformed_project_files_are_refused(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: one\n");
  static const char *const contents[] = {"environment: [",
                                         "- dev\n",
                                         "environment: Dev\n",
                                         "environment: ../dev\n",
                                         "environment: [dev]\n",
                                         "environment: dev\nenvironment: prod\n",
                                         "environment: dev\n---\nenvironment: prod\n",
                                         "just text\n",
                                         "<<: {environment: dev}\n",
                                         "environment:\n"};
  for (size_t index = 0; index < LENGTH(contents); index++) {
    write_text(text(box, "%s/.kstack.yaml", box->project), contents[index], 0644);
    check_refused(box, KSTACK_ERROR_CONFIGURATION, ".kstack.yaml");
  }
}

/* ----------------------------------------------------------------------------------------------------------- Values */

static void scalars_are_strings_exactly_as_written(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", FILE_NAME,
             "s3:\n"
             "  octal: 0123\n"
             "  float: 1e5\n"
             "  word: yes\n"
             "  plus: +1\n"
             "  hex: 0xFF\n"
             "  truth: True\n"
             "  date: 2024-01-01\n"
             "  point: 1.10\n"
             "  quoted: \"0123\"\n"
             "  single: 'it''s'\n"
             "  null-word: 'null'\n"
             "  tilde-word: \"~\"\n"
             "  escaped: \"a\\tb\\u00e9\"\n"
             "  block: |\n    line one\n      line two\n"
             "  folded: >-\n    one\n    two\n"
             "  spaces: \"  x  \"\n"
             "  empty: ''\n"
             "  tagged: !!str 12\n"
             "  colon: a:b\n"
             "  hash: a#b # a comment\n");
  static const char *const wanted[][2] = {{"octal", "0123"},
                                          {"float", "1e5"},
                                          {"word", "yes"},
                                          {"plus", "+1"},
                                          {"hex", "0xFF"},
                                          {"truth", "True"},
                                          {"date", "2024-01-01"},
                                          {"point", "1.10"},
                                          {"quoted", "0123"},
                                          {"single", "it's"},
                                          {"null-word", "null"},
                                          {"tilde-word", "~"},
                                          {"escaped", "a\tb\xc3\xa9"},
                                          {"block", "line one\n  line two\n"},
                                          {"folded", "one two"},
                                          {"spaces", "  x  "},
                                          {"empty", ""},
                                          {"tagged", "12"},
                                          {"colon", "a:b"},
                                          {"hash", "a#b"}};
  kstack_credentials *out = NULL;
  kstack_error *error = NULL;
  check_ok(look_up(box, "s3", &out, &error));
  assert_int_equal(kstack_credentials_count(out), LENGTH(wanted));
  for (size_t index = 0; index < LENGTH(wanted); index++) {
    assert_string_equal(kstack_credentials_name(out, index), wanted[index][0]);
    check_value(out, wanted[index][0], wanted[index][1]);
  }
  kstack_credentials_free(out);
}

static void null_is_the_empty_string(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  a: null\n  b: ~\n  c:\n  d: NULL\n  e: Null\n  f: ''\n");
  kstack_credentials *out = NULL;
  kstack_error *error = NULL;
  check_ok(look_up(box, "s3", &out, &error));
  assert_int_equal(kstack_credentials_count(out), 6);
  for (size_t index = 0; index < 6; index++) {
    size_t size = 99;
    assert_string_equal(kstack_credentials_value(out, index, &size), "");
    assert_int_equal(size, 0);
  }
  kstack_credentials_free(out);
}

static void a_nested_value_is_its_json(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", FILE_NAME,
             "s3:\n"
             "  zone: z\n"
             "  map: {z: 0123, a: yes, inner: {k: \"q\\\"\\\\\\n\"}}\n"
             "  list: [1, two, [3], {four: 4}]\n"
             "  empty-map: {}\n"
             "  empty-list: []\n");
  kstack_credentials *out = NULL;
  kstack_error *error = NULL;
  check_ok(look_up(box, "s3", &out, &error));
  check_json(kstack_credentials_get(out, "map"), "{\"z\":\"0123\",\"a\":\"yes\",\"inner\":{\"k\":\"q\\\"\\\\\\n\"}}");
  check_json(kstack_credentials_get(out, "list"), "[\"1\",\"two\",[\"3\"],{\"four\":\"4\"}]");
  check_json(kstack_credentials_get(out, "empty-map"), "{}");
  check_json(kstack_credentials_get(out, "empty-list"), "[]");
  check_json(kstack_credentials_json(out),
             "{\"zone\":\"z\",\"map\":{\"z\":\"0123\",\"a\":\"yes\",\"inner\":{\"k\":\"q\\\"\\\\\\n\"}},"
             "\"list\":[\"1\",\"two\",[\"3\"],{\"four\":\"4\"}],\"empty-map\":{},\"empty-list\":[]}");
  kstack_credentials_free(out);
}

static void values_may_hold_a_nul(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  raw: \"a\\0b\"\n  after: x\n");
  kstack_credentials *out = NULL;
  kstack_error *error = NULL;
  check_ok(look_up(box, "s3", &out, &error));
  size_t size = 0;
  const void *value = kstack_credentials_value(out, 0, &size);
  assert_int_equal(size, 3);
  assert_memory_equal(value, "a\0b", 4);
  check_value(out, "after", "x");
  check_json(kstack_credentials_json(out), "{\"raw\":\"a\\u0000b\",\"after\":\"x\"}");
  kstack_credentials_free(out);
}

static void aliases_are_followed(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", FILE_NAME, "base: &base\n  k: v\ns3:\n  key: &k one\n  again: *k\n  map: *base\n");
  kstack_credentials *out = NULL;
  kstack_error *error = NULL;
  check_ok(look_up(box, "s3", &out, &error));
  check_value(out, "again", "one");
  check_json(kstack_credentials_get(out, "map"), "{\"k\":\"v\"}");
  kstack_credentials_free(out);
}

static void a_service_must_be_a_mapping_with_values(void **state) {
  sandbox *box = *state;
  static const char *const contents[] = {"s3: hunter2\n", "s3: [hunter2]\n", "s3:\n", "s3: {}\n", "s3: ''\n"};
  for (size_t index = 0; index < LENGTH(contents); index++) {
    put_secret(box, "dev", "layer3", FILE_NAME, contents[index]);
    kstack_credentials *out = GARBAGE(kstack_credentials *);
    kstack_error *error = GARBAGE(kstack_error *);
    kstack_status status = look_up(box, "s3", &out, &error);
    assert_null(out);
    assert_null(strstr(kstack_error_message(error), "hunter2"));
    check_fails(status, KSTACK_ERROR_SERVICE_NOT_FOUND, "s3", FILE_NAME, "line 1");
  }
}

/* ---------------------------------------------------------------------------------------------------------- Missing */

static void a_missing_service_lists_the_services(void **state) {
  sandbox *box = *state;
  const char *path = put_secret(box, "dev", "layer3", FILE_NAME, "smtp:\n  a: hidden-value\nredis:\n  b: c\n");
  check_refused(box, KSTACK_ERROR_SERVICE_NOT_FOUND, "s3");
  kstack_credentials *out = NULL;
  kstack_error *error = NULL;
  kstack_status status = look_up(box, "s3", &out, &error);
  const char *message = kstack_error_message(error);
  assert_non_null(strstr(message, "smtp"));
  assert_non_null(strstr(message, "redis"));
  assert_non_null(strstr(message, path + strlen(box->vault)));
  assert_null(strstr(message, "hidden-value"));
  check_fails(status, KSTACK_ERROR_SERVICE_NOT_FOUND, "");
}

static void a_missing_file_is_not_found(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "other.yaml", "a: b\n");
  check_refused(box, KSTACK_ERROR_SERVICE_NOT_FOUND, FILE_NAME);
  kstack_container *container = container_for(box);
  kstack_credentials *out = GARBAGE(kstack_credentials *);
  kstack_error *error = GARBAGE(kstack_error *);
  check_fails(kstack_get_credentials(container, "s3", "layer1", NULL, &out, &error), KSTACK_ERROR_SERVICE_NOT_FOUND,
              "layer1");
  assert_null(out);
  kstack_container_free(container);
}

/* -------------------------------------------------------------------------------------------------------- Malformed */

static void malformed_files_are_refused_and_not_quoted(void **state) {
  sandbox *box = *state;
  static const char *const contents[] = {
      "s3:\n  key: [hunter2\n",
      "s3:\n  key: \"hunter2\n",
      "s3:\n\tkey: hunter2\n",
      "- hunter2\n",
      "hunter2\n",
      "s3:\n  key: hunter2\n  key: hunter2\n",
      "s3:\n  key: hunter2\ns3:\n  key: hunter2\n",
      "s3:\n  key: hunter2\n---\ns3:\n  key: hunter2\n",
      "s3:\n  key: *hunter2\n",
      "s3: &s3\n  key: *s3\n",
      "s3:\n  ? [hunter2]\n  : value\n",
      "s3:\n  key: \xff\xfehunter2\n",
      "s3:\n  key: hunter2\x01\n",
      "%YAML 9.9\n---\ns3: {key: hunter2}\n",
      "\xff\xfes\x00"
      "3",
  };
  for (size_t index = 0; index < LENGTH(contents); index++) {
    put_secret(box, "dev", "layer3", FILE_NAME, contents[index]);
    kstack_credentials *out = GARBAGE(kstack_credentials *);
    kstack_error *error = GARBAGE(kstack_error *);
    kstack_status status = look_up(box, "s3", &out, &error);
    if (status != KSTACK_ERROR_CONFIGURATION) print_error("content %zu\n", index);
    assert_null(out);
    assert_null(strstr(kstack_error_message(error), "hunter2"));
    check_fails(status, KSTACK_ERROR_CONFIGURATION, FILE_NAME);
  }
}

static void merge_keys_are_refused_by_name(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", FILE_NAME, "base: &base\n  a: b\ns3:\n  <<: *base\n  key: one\n");
  check_refused(box, KSTACK_ERROR_CONFIGURATION, "<<");
}

static void hostile_files_get_an_error(void **state) {
  sandbox *box = *state;
  /* Aliases that would expand to billions of nodes. */
  char *bomb = text(box, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
  for (int level = 1; level < 10; level++) {
    bomb = text(box, "%sa%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", bomb, level, level,
                level - 1, level - 1, level - 1, level - 1, level - 1, level - 1, level - 1, level - 1, level - 1,
                level - 1);
  }
  put_secret(box, "dev", "layer3", FILE_NAME, text(box, "%ss3:\n  key: *a9\n", bomb));
  check_refused(box, KSTACK_ERROR_CONFIGURATION, FILE_NAME);
  /* Brackets within brackets. */
  enum { depth = 100000 };
  char *deep = malloc(2 * depth + 32);
  assert_non_null(deep);
  strcpy(deep, "s3: {key: ");
  size_t start = strlen(deep);
  memset(deep + start, '[', depth);
  memset(deep + start + depth, ']', depth);
  strcpy(deep + start + 2 * depth, "}\n");
  put_secret(box, "dev", "layer3", FILE_NAME, deep);
  free(deep);
  check_refused(box, KSTACK_ERROR_CONFIGURATION, FILE_NAME);
}

/* ------------------------------------------------------------------------------------------------------- Ciphertext */

static void damaged_files_are_vault_errors(void **state) {
  sandbox *box = *state;
  const char *path = put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: one-that-is-long-enough\n");
  size_t size = 0;
  char *whole = read_file(path, &size);
  const char *mac = strstr(whole, "\n--- ");
  assert_non_null(mac);
  size_t header = (size_t)(mac - whole) + strlen("\n--- ") + 43 + 1;
  assert_true(header + 32 < size);
  const char *stanza = strstr(whole, "-> X25519 ");
  assert_non_null(stanza);
  const struct {
    const char *what;
    size_t flipped; /* the byte that is changed; SIZE_MAX: none */
    size_t size;    /* how much is left */
  } damages[] = {
      {"the version line", 5, size},
      {"the share", (size_t)(stanza - whole) + 14, size},
      {"the wrapped key", (size_t)(strchr(stanza, '\n') - whole) + 5, size},
      {"the header's MAC", (size_t)(mac - whole) + 8, size},
      {"the nonce of the payload", header + 3, size},
      {"the payload", header + 20, size},
      {"the tag of the payload", size - 1, size},
      {"the last byte missing", SIZE_MAX, size - 1},
      {"cut within the payload", SIZE_MAX, header + 20},
      {"cut within the nonce", SIZE_MAX, header + 8},
      {"no payload", SIZE_MAX, header},
      {"cut within the header", SIZE_MAX, header / 2},
      {"empty", SIZE_MAX, 0},
  };
  for (size_t index = 0; index < LENGTH(damages); index++) {
    char *copy = malloc(size);
    assert_non_null(copy);
    memcpy(copy, whole, size);
    if (damages[index].flipped != SIZE_MAX) copy[damages[index].flipped] ^= 1;
    write_file(path, copy, damages[index].size, 0644);
    free(copy);
    kstack_credentials *out = GARBAGE(kstack_credentials *);
    kstack_error *error = GARBAGE(kstack_error *);
    kstack_status status = look_up(box, "s3", &out, &error);
    if (status != KSTACK_ERROR_VAULT) print_error("damaged: %s\n", damages[index].what);
    assert_null(out);
    assert_false(kstack_error_is_retryable(error));
    check_fails(status, KSTACK_ERROR_VAULT, "secret." FILE_NAME);
  }
  /* Another byte at the end. */
  char *longer = malloc(size + 1);
  assert_non_null(longer);
  memcpy(longer, whole, size);
  longer[size] = 'x';
  write_file(path, longer, size + 1, 0644);
  free(longer);
  check_refused(box, KSTACK_ERROR_VAULT, "secret." FILE_NAME);
  write_file(path, whole, size, 0644);
  check_found(box, "one-that-is-long-enough");
  free(whole);
}

static void a_file_that_is_not_encrypted_at_all_is_a_vault_error(void **state) {
  sandbox *box = *state;
  write_text(text(box, "%s/dev/layer3/secret.%s", box->vault, FILE_NAME), "s3:\n  key: hunter2\n", 0644);
  kstack_credentials *out = NULL;
  kstack_error *error = NULL;
  kstack_status status = look_up(box, "s3", &out, &error);
  assert_null(strstr(kstack_error_message(error), "hunter2"));
  check_fails(status, KSTACK_ERROR_VAULT, "secret." FILE_NAME);
}

static void a_file_for_a_passphrase_is_refused(void **state) {
  sandbox *box = *state;
  const char *path = put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: one\n");
  const char *plain = text(box, "%s/plain", box->root);
  write_text(plain, "s3:\n  key: one\n", 0600);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(setenv("KSTACK_TEST_PASSPHRASE", "correct horse", 1), 0);
  assert_int_equal(run((const char *const[]){support_program(box, "age-with-passphrase"), plain, path, NULL}, NULL), 0);
  assert_int_equal(chmod(path, 0644), 0);
  assert_int_equal(setenv("KSTACK_AGE_PASSPHRASE", "correct horse", 1), 0);
  check_refused(box, KSTACK_ERROR_VAULT, "passphrase");
}

/* ------------------------------------------------------------------------------------------------------------ Trust */

static void symbolic_links_are_refused(void **state) {
  sandbox *box = *state;
  const char *secret = put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: one\n");
  check_found(box, "one");
  const char *const linked[] = {
      text(box, "%s/dev", box->vault),
      text(box, "%s/dev/layer3", box->vault),
      secret,
  };
  for (size_t index = 0; index < LENGTH(linked); index++) {
    /* The link leads to the same file, outside of the vault. */
    const char *target = text(box, "%s/target", box->root);
    assert_int_equal(rename(linked[index], target), 0);
    assert_int_equal(symlink(target, linked[index]), 0);
    check_refused(box, KSTACK_ERROR_CONFIGURATION, "link");
    assert_int_equal(unlink(linked[index]), 0);
    assert_int_equal(rename(target, linked[index]), 0);
  }
  check_found(box, "one");
  /* A plaintext that is a link, next to a valid ciphertext: also a dangling one. */
  const char *plain = text(box, "%s/dev/layer3/%s", box->vault, FILE_NAME);
  const char *target = text(box, "%s/target.yaml", box->root);
  assert_int_equal(symlink(target, plain), 0);
  check_refused(box, KSTACK_ERROR_CONFIGURATION, "link");
  write_text(target, "s3:\n  key: linked\n", 0600);
  check_refused(box, KSTACK_ERROR_CONFIGURATION, "link");
}

static void other_kinds_of_files_are_refused(void **state) {
  sandbox *box = *state;
  const char *path = put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: one\n");
  assert_int_equal(unlink(path), 0);
  assert_int_equal(mkfifo(path, 0600), 0);
  kstack_credentials *out = GARBAGE(kstack_credentials *);
  kstack_error *error = GARBAGE(kstack_error *);
  /* A pipe without a writer must not block. */
  kstack_status status = look_up(box, "s3", &out, &error);
  assert_null(out);
  assert_true(status == KSTACK_ERROR_CONFIGURATION || status == KSTACK_ERROR_IO);
  check_fails(status, status, FILE_NAME);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(mkdir(path, 0755), 0);
  status = look_up(box, "s3", &out, &error);
  assert_true(status == KSTACK_ERROR_CONFIGURATION || status == KSTACK_ERROR_IO);
  check_fails(status, status, FILE_NAME);
}

static void files_that_others_may_write_are_refused(void **state) {
  sandbox *box = *state;
  const char *secret = put_secret(box, "dev", "layer3", FILE_NAME, "s3:\n  key: one\n");
  const char *const paths[] = {
      text(box, "%s/.kstack.yaml", box->project), box->vault, text(box, "%s/dev", box->vault),
      text(box, "%s/dev/layer3", box->vault),     secret,
  };
  static const mode_t bits[] = {0002, 0022, 0006};
  for (size_t index = 0; index < LENGTH(paths); index++) {
    mode_t before = mode_of(paths[index]);
    for (size_t bit = 0; bit < LENGTH(bits); bit++) {
      assert_int_equal(chmod(paths[index], before | bits[bit]), 0);
      check_refused(box, KSTACK_ERROR_CONFIGURATION, "chmod");
      check_refused(box, KSTACK_ERROR_CONFIGURATION, paths[index]);
    }
    assert_int_equal(chmod(paths[index], before), 0);
    check_found(box, "one");
  }
  /* So is a plaintext that others may write. */
  const char *plain = put_plain(box, "dev", "layer3", FILE_NAME, "s3:\n  key: two\n");
  assert_int_equal(chmod(plain, 0622), 0);
  check_refused(box, KSTACK_ERROR_CONFIGURATION, "chmod");
}

/* Looks up in a child of another user; root only. Returns the status, or -1. */
static int look_up_as(sandbox *box, uid_t user) {
  pid_t child = fork();
  if (child == 0) {
    if (setgid((gid_t)user) != 0 || setuid(user) != 0) _exit(100);
    kstack_options options = {0};
    options.struct_size = sizeof options;
    options.project_root = box->project;
    kstack_container *container = NULL;
    kstack_credentials *out = NULL;
    kstack_status status = kstack_container_new(&options, &container, NULL);
    if (status == KSTACK_OK) status = kstack_get_credentials(container, "s3", "layer3", NULL, &out, NULL);
    kstack_credentials_free(out);
    kstack_container_free(container);
    _exit(status);
  }
  return wait_for(child);
}

static void files_of_others_are_refused(void **state) {
  sandbox *box = *state;
  enum { me = 54321, stranger = 54322 };
  const char *plain = put_plain(box, "dev", "layer3", FILE_NAME, "s3:\n  key: one\n");
  if (geteuid() != 0) {
    /* In a user namespace that does not map root, root's folders belong to nobody. */
    write_text(text(box, "%s/.kstack.yaml", box->project), "environment: dev\nvault: /usr/share\n", 0644);
    const char *output = text(box, "%s/output", box->root);
    if (run((const char *const[]){"unshare", "-U", "--map-user=1000", "true", NULL}, NULL) != 0) skip();
    assert_int_equal(run((const char *const[]){"unshare", "-U", "--map-user=1000", sibling_program(box, "lookup"),
                                               box->project, box->identity_file, "s3", "layer3", NULL},
                         output),
                     1);
    char *printed = read_file(output, NULL);
    bool right = strstr(printed, "/usr/share") != NULL && strstr(printed, "belongs") != NULL &&
                 strstr(printed, "KSTACK_ERROR_CONFIGURATION") != NULL;
    if (!right) print_error("%s\n", printed);
    free(printed);
    assert_true(right);
    return;
  }
  if (chown(plain, me, me) != 0) skip();
  assert_int_equal(chmod(box->root, 0755), 0);
  assert_int_equal(look_up_as(box, me), KSTACK_OK);
  assert_int_equal(chown(plain, stranger, stranger), 0);
  assert_int_equal(chmod(plain, 0644), 0);
  assert_int_equal(look_up_as(box, me), KSTACK_ERROR_CONFIGURATION);
  assert_int_equal(look_up_as(box, stranger), KSTACK_OK);
  /* Root may read anyone's. */
  check_found(box, "one");
  assert_int_equal(chown(plain, me, me), 0);
  assert_int_equal(chown(text(box, "%s/dev/layer3", box->vault), stranger, stranger), 0);
  assert_int_equal(look_up_as(box, me), KSTACK_ERROR_CONFIGURATION);
  assert_int_equal(chown(text(box, "%s/dev/layer3", box->vault), 0, 0), 0);
  assert_int_equal(chown(text(box, "%s/.kstack.yaml", box->project), stranger, stranger), 0);
  assert_int_equal(look_up_as(box, me), KSTACK_ERROR_CONFIGURATION);
}

static void unreadable_files_are_io_errors(void **state) {
  sandbox *box = *state;
  enum { me = 54321 };
  const char *plain = put_plain(box, "dev", "layer3", FILE_NAME, "s3:\n  key: one\n");
  if (geteuid() != 0) {
    assert_int_equal(chmod(plain, 0), 0);
    check_refused(box, KSTACK_ERROR_IO, plain);
    return;
  }
  assert_int_equal(chmod(box->root, 0755), 0);
  int status = look_up_as(box, me);
  if (status == 100) skip();
  assert_int_equal(status, KSTACK_ERROR_IO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sandbox_setup, sandbox_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(an_encrypted_vault_answers),
      TEST(armored_files_and_several_recipients_are_read),
      TEST(a_file_of_many_chunks_is_read),
      TEST(nothing_is_written),
      TEST(a_read_only_file_system_is_enough),
      TEST(the_swift_toolchain_is_not_needed),
      TEST(the_plaintext_is_preferred),
      TEST(a_plaintext_alone_needs_no_identity),
      TEST(results_outlive_their_container),
      TEST(a_changed_file_is_noticed),
      TEST(layers_are_read_in_each_form_by_look_ups),
      TEST(the_environment_is_the_one_of_the_project),
      TEST(another_environment_may_be_asked_for),
      TEST(an_unknown_environment_lists_the_others),
      TEST(the_project_is_found_upwards),
      TEST(a_named_environment_needs_no_project_file),
      TEST(the_vault_may_be_elsewhere),
      TEST(the_config_root_is_found),
      TEST(a_missing_vault_is_a_configuration_error),
      TEST(malformed_project_files_are_refused),
      TEST(scalars_are_strings_exactly_as_written),
      TEST(null_is_the_empty_string),
      TEST(a_nested_value_is_its_json),
      TEST(values_may_hold_a_nul),
      TEST(aliases_are_followed),
      TEST(a_service_must_be_a_mapping_with_values),
      TEST(a_missing_service_lists_the_services),
      TEST(a_missing_file_is_not_found),
      TEST(malformed_files_are_refused_and_not_quoted),
      TEST(merge_keys_are_refused_by_name),
      TEST(hostile_files_get_an_error),
      TEST(damaged_files_are_vault_errors),
      TEST(a_file_that_is_not_encrypted_at_all_is_a_vault_error),
      TEST(a_file_for_a_passphrase_is_refused),
      TEST(symbolic_links_are_refused),
      TEST(other_kinds_of_files_are_refused),
      TEST(files_that_others_may_write_are_refused),
      TEST(files_of_others_are_refused),
      TEST(unreadable_files_are_io_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
