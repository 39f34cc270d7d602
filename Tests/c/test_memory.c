/*
 * No secret is left in the memory of the process: the tests use the library, free everything, and then search all
 * memory that /proc/self/mem can read for every piece of 8 bytes of the secrets.
 *
 * The process itself never knows a secret: it holds them masked, and a child unmasks them and writes the files. Each
 * test makes new secrets, so that leftovers of another test do not count.
 */
#define _DEFAULT_SOURCE
#include <sodium.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory_files.h"

/* Runs a function that knows the secrets in a child. */
static void in_child(sandbox *box, void (*body)(sandbox *box, fault wrong), fault wrong) {
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    body(box, wrong);
    _exit(0);
  }
  assert_int_equal(wait_for(child), 0);
}

static void setup_in_child(sandbox *box, fault wrong) {
  (void)wrong;
  make_identity(box);
}

/* A heap with free blocks between others, so that moved blocks leave pieces. */
static void *blocks[20000];

static void fragment_heap(void) {
  uint32_t random = 1;
  for (size_t index = 0; index < LENGTH(blocks); index++) {
    random = random * 1664525 + 1013904223;
    size_t size = 16 + (random >> 16) % (index % 7 == 0 ? 4096 : 256);
    blocks[index] = malloc(size);
    assert_non_null(blocks[index]);
    memset(blocks[index], 0x5a, size);
  }
  for (size_t index = 0; index < LENGTH(blocks); index++) {
    if (index % 3 == 0) continue;
    free(blocks[index]);
    blocks[index] = NULL;
  }
}

static int setup(void **state) {
  sandbox *box = sandbox_new();
  make_secrets();
  in_child(box, setup_in_child, NO_FAULT);
  fragment_heap();
  *state = box;
  return 0;
}

static int teardown(void **state) {
  for (size_t index = 0; index < LENGTH(blocks); index++) free(blocks[index]);
  memset(blocks, 0, sizeof blocks);
  munmap(secrets, sizeof *secrets);
  return sandbox_teardown(state);
}

/* A container with the identity of the search. */
static kstack_container *container_with(sandbox *box, const char *identity_file, const char *passphrase) {
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

/* --------------------------------------------------------------------------------------------------------- The tests
 */

static void the_search_finds_what_is_planted(void **state) {
  (void)state;
  check_gone(ALL);
  for (needle which = 0; which < NEEDLES; which++) {
    unsigned char *block = malloc(greatest_size);
    assert_non_null(block);
    unmask(which, block);
    check_there(BIT(which));
    /* A single piece is enough, whichever it is. */
    explicit_bzero(block, sizes[which] - scan_window);
    search(0);
    assert_int_equal(scan_found[which], 1);
    explicit_bzero(block, greatest_size);
    unmask(which, block);
    explicit_bzero(block + scan_window, sizes[which] - scan_window);
    search(0);
    assert_int_equal(scan_found[which], 1);
    explicit_bzero(block, greatest_size);
    free(block);
    check_gone(ALL);
  }
}

static void nothing_is_left_of_a_look_up(void **state) {
  sandbox *box = *state;
  in_child(box, put_credentials, NO_FAULT);
  kstack_container *container = container_with(box, identity_path(box), NULL);
  kstack_error *error = NULL;
  for (int round = 0; round < 3; round++) {
    kstack_credentials *credentials = NULL;
    check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error));
    size_t size = 0;
    assert_non_null(kstack_credentials_value(credentials, 0, &size));
    assert_int_equal(size, sizes[SHORT_SECRET]);
    assert_non_null(kstack_credentials_get(credentials, "long"));
    assert_non_null(kstack_credentials_json(credentials));
    check_there(CONTENT);
    kstack_credentials_free(credentials);
    check_gone(CONTENT | KEYS);
  }
  check_there(BIT(IDENTITY_BYTES) | KEPT_KEY);
  kstack_container_free(container);
  check_gone(ALL);
}

static void nothing_is_left_of_a_list_of_services(void **state) {
  sandbox *box = *state;
  in_child(box, put_credentials, NO_FAULT);
  kstack_container *container = container_with(box, identity_path(box), NULL);
  kstack_error *error = NULL;
  kstack_string_list *list = NULL;
  check_ok(kstack_list_services(container, "layer3", NULL, &list, &error));
  check_list(list, "s3", "database");
  kstack_string_list_free(list);
  kstack_container_free(container);
  check_gone(ALL);
}

static void nothing_is_left_of_layer_secrets_and_services(void **state) {
  sandbox *box = *state;
  in_child(box, put_services, NO_FAULT);
  write_text(text(box, "%s/config/environments/dev.yaml", box->project),
             "environment: dev\ndeployment_targets: {layer3: {provider: localstack}}\n", 0644);
  write_text(text(box, "%s/config/providers/localstack.yaml", box->project),
             "name: localstack\nprovider_family: aws\nprovider_implementation: localstack\n"
             "services: {s3: {endpoint_url: \"http://127.0.0.1:1\"}}\n",
             0644);
  kstack_container *container = container_with(box, identity_path(box), NULL);
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  for (int round = 0; round < 2; round++) {
    check_ok(kstack_load_secrets(container, "layer3", NULL, &credentials, &error));
    check_there(CONTENT);
    kstack_credentials_free(credentials);
    check_gone(CONTENT | KEYS);
    check_ok(kstack_resolve_service(container, "s3", "layer3", NULL, NULL, &credentials, &error));
    check_there(CONTENT);
    kstack_credentials_free(credentials);
    check_gone(CONTENT | KEYS);
    char *json = NULL;
    check_ok(kstack_aws_credential_process(container, "s3", "layer3", NULL, &json, &error));
    check_there(CONTENT);
    kstack_string_free(json);
    check_gone(CONTENT | KEYS);
    check_fails(kstack_resolve_service(container, "sqs", "layer3", NULL, NULL, &credentials, &error),
                KSTACK_ERROR_SERVICE_NOT_FOUND, "sqs");
    check_gone(CONTENT | KEYS);
  }
  kstack_container_free(container);
  check_gone(ALL);
}

/* Answers with the secrets, and then makes the answer invalid if `context` says so. */
static kstack_status answer(void *context, const char *service, const char *layer, const char *environment,
                            kstack_reply *reply) {
  (void)service;
  (void)layer;
  (void)environment;
  static const char *const names[] = {"short", "middle", "long"};
  unsigned char *clear = malloc(greatest_size);
  if (clear == NULL) return KSTACK_ERROR_INTERNAL;
  for (needle which = SHORT_SECRET; which <= LONG_SECRET; which++) {
    unmask(which, clear);
    kstack_reply_set(reply, names[which], clear, sizes[which]);
  }
  explicit_bzero(clear, greatest_size);
  free(clear);
  return *(bool *)context ? kstack_reply_set(reply, "short", "twice", 5) : KSTACK_OK;
}

static void nothing_is_left_of_the_answer_of_a_program(void **state) {
  sandbox *box = *state;
  bool is_spoiled = false;
  kstack_container *container = container_with(box, box->identity_file, NULL);
  kstack_secrets_provider provider = KSTACK_SECRETS_PROVIDER_INIT;
  provider.context = &is_spoiled;
  provider.get_credentials = answer;
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  check_ok(kstack_container_set_secrets_provider(container, &provider, &error));
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error));
  check_there(CONTENT);
  kstack_credentials_free(credentials);
  check_gone(CONTENT);
  is_spoiled = true;
  check_fails(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error), KSTACK_ERROR_INTERNAL,
              "more than once");
  check_gone(CONTENT);
  kstack_container_free(container);
}

static void nothing_is_left_of_reading_and_writing(void **state) {
  sandbox *box = *state;
  in_child(box, put_credentials, NO_FAULT);
  kstack_container *container = container_with(box, identity_path(box), NULL);
  kstack_error *error = NULL;
  kstack_vault *vault = NULL;
  check_ok(kstack_vault_open(container, NULL, &vault, &error));
  kstack_secret *secret = NULL;
  check_ok(kstack_vault_read(vault, "layer3", FILE_NAME, &secret, &error));
  check_there(CONTENT);
  check_ok(kstack_vault_write(vault, "layer2", "copy.yaml", kstack_secret_data(secret), kstack_secret_size(secret),
                              NULL, &error));
  check_fails(kstack_vault_write(vault, "layer2", "copy.yaml", kstack_secret_data(secret), kstack_secret_size(secret),
                                 "nobody", &error),
              KSTACK_ERROR_CONFIGURATION, "nobody");
  kstack_secret_free(secret);
  check_gone(CONTENT | KEYS);
  check_ok(kstack_vault_read(vault, "layer2", "copy.yaml", &secret, &error));
  check_there(CONTENT);
  kstack_secret_free(secret);
  kstack_vault_free(vault);
  kstack_container_free(container);
  check_gone(ALL);
}

static void count_results(const kstack_vault_report *report, kstack_vault_result wanted, size_t count) {
  size_t found_count = 0;
  for (size_t index = 0; index < kstack_vault_report_count(report); index++) {
    if (kstack_vault_report_result(report, index) == wanted) found_count++;
  }
  assert_int_equal(found_count, count);
}

static void nothing_is_left_of_runs_over_a_vault(void **state) {
  sandbox *box = *state;
  in_child(box, put_vault, NO_FAULT);
  kstack_container *container = container_with(box, identity_path(box), NULL);
  kstack_error *error = NULL;
  kstack_vault *vault = NULL;
  kstack_vault_report *report = NULL;
  check_ok(kstack_vault_open(container, NULL, &vault, &error));
  check_ok(kstack_vault_decrypt(vault, NULL, &report, &error));
  count_results(report, KSTACK_VAULT_WRITTEN, 6);
  kstack_vault_report_free(report);
  check_gone(CONTENT | KEYS | KEPT_KEY);
  in_child(box, edit_vault, NO_FAULT);
  check_fails(kstack_vault_decrypt(vault, NULL, &report, &error), KSTACK_ERROR_CONFLICT, "");
  count_results(report, KSTACK_VAULT_CONFLICT, 2);
  kstack_vault_report_free(report);
  check_gone(CONTENT | KEYS | KEPT_KEY);
  check_ok(kstack_vault_encrypt(vault, NULL, &report, &error));
  kstack_vault_report_free(report);
  kstack_vault_free(vault);
  kstack_container_free(container);
  check_gone(ALL);
}

static void nothing_is_left_of_an_identity_with_a_passphrase(void **state) {
  sandbox *box = *state;
  in_child(box, put_credentials, NO_FAULT);
  unsigned char *passphrase = calloc(1, 64);
  assert_non_null(passphrase);
  unmask(PASSPHRASE, passphrase);
  const char *path = text(box, "%s/keys/hidden.age", box->root);
  kstack_container *container = container_with(box, path, (const char *)passphrase);
  explicit_bzero(passphrase, 64);
  free(passphrase);
  check_there(BIT(PASSPHRASE));
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  check_ok(kstack_get_credentials(container, "database", "layer3", NULL, &credentials, &error));
  check_there(CONTENT | BIT(IDENTITY_BYTES));
  kstack_credentials_free(credentials);
  kstack_container_free(container);
  check_gone(ALL);
  container = container_with(box, path, "another passphrase");
  check_fails(kstack_get_credentials(container, "database", "layer3", NULL, &credentials, &error), KSTACK_ERROR_VAULT,
              "passphrase");
  kstack_container_free(container);
  check_gone(ALL);
}

static void nothing_is_left_of_a_new_identity(void **state) {
  (void)state;
  kstack_error *error = NULL;
  char *secret_half = NULL;
  char *recipient = NULL;
  check_ok(kstack_identity_generate(&secret_half, &recipient, &error));
  for (size_t index = 0; index < sizes[IDENTITY_TEXT]; index++) {
    secrets->bytes[IDENTITY_TEXT][index] = (unsigned char)secret_half[16 + index] ^ secrets->mask;
  }
  check_there(BIT(IDENTITY_TEXT));
  kstack_string_free(secret_half);
  kstack_string_free(recipient);
  check_gone(BIT(IDENTITY_TEXT));
}

static void make_hybrid(sandbox *box, fault wrong) {
  (void)wrong;
  make_hybrid_identity(box);
}

static void nothing_is_left_of_a_new_post_quantum_identity(void **state) {
  (void)state;
  if (!has_post_quantum()) skip();
  kstack_error *error = NULL;
  char *secret_half = NULL;
  char *recipient = NULL;
  check_ok(kstack_identity_generate_post_quantum(&secret_half, &recipient, &error));
  for (size_t index = 0; index < sizes[IDENTITY_TEXT]; index++) {
    secrets->bytes[IDENTITY_TEXT][index] = (unsigned char)secret_half[19 + index] ^ secrets->mask;
  }
  check_there(BIT(IDENTITY_TEXT));
  kstack_string_free(secret_half);
  kstack_string_free(recipient);
  check_gone(BIT(IDENTITY_TEXT));
}

static void nothing_is_left_of_post_quantum_files(void **state) {
  sandbox *box = *state;
  if (!has_post_quantum()) skip();
  in_child(box, make_hybrid, NO_FAULT);
  in_child(box, put_credentials, NO_FAULT);
  kstack_container *container = container_with(box, identity_path(box), NULL);
  kstack_error *error = NULL;
  kstack_vault *vault = NULL;
  check_ok(kstack_vault_open(container, NULL, &vault, &error));
  for (int round = 0; round < 3; round++) {
    kstack_credentials *credentials = NULL;
    check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error));
    check_there(CONTENT | BIT(IDENTITY_BYTES));
    kstack_credentials_free(credentials);
    check_gone(CONTENT | KEYS);
    check_ok(kstack_vault_rekey(vault, NULL, NULL, &error));
    check_gone(CONTENT | KEYS);
    in_child(box, put_credentials, NO_FAULT);
  }
  kstack_vault_free(vault);
  kstack_container_free(container);
  check_gone(ALL);
}

static void nothing_is_left_of_a_failure(void **state) {
  sandbox *box = *state;
  static const struct {
    const char *name;
    fault wrong;
    kstack_status wanted;
    const char *service;
  } cases[] = {
      {"malformed", MALFORMED, KSTACK_ERROR_CONFIGURATION, "s3"},
      {"a key twice", DUPLICATE_KEY, KSTACK_ERROR_CONFIGURATION, "s3"},
      {"a tag", TAG, KSTACK_ERROR_CONFIGURATION, "s3"},
      {"an unknown alias", UNKNOWN_ALIAS, KSTACK_ERROR_CONFIGURATION, "s3"},
      {"not UTF-8", BAD_UTF8, KSTACK_ERROR_CONFIGURATION, "s3"},
      {"no mapping", NO_MAPPING, KSTACK_ERROR_CONFIGURATION, "s3"},
      {"no credentials", NO_CREDENTIALS, KSTACK_ERROR_SERVICE_NOT_FOUND, "s3"},
      {"too deep", TOO_DEEP, KSTACK_ERROR_CONFIGURATION, "s3"},
      {"a second document", SECOND_DOCUMENT, KSTACK_ERROR_CONFIGURATION, "s3"},
      {"a merge key", MERGE_KEY, KSTACK_ERROR_CONFIGURATION, "s3"},
      {"a damaged header", DAMAGED_HEADER, KSTACK_ERROR_VAULT, "s3"},
      {"a damaged chunk", DAMAGED_CHUNK, KSTACK_ERROR_VAULT, "s3"},
      {"a damaged second chunk", DAMAGED_SECOND_CHUNK, KSTACK_ERROR_VAULT, "s3"},
      {"truncated", TRUNCATED, KSTACK_ERROR_VAULT, "s3"},
      {"for somebody else", FOREIGN, KSTACK_ERROR_VAULT, "s3"},
      {"no such service", NO_FAULT, KSTACK_ERROR_SERVICE_NOT_FOUND, "unknown"},
      {"a service that is not UTF-8", NO_FAULT, KSTACK_ERROR_INVALID_ARGUMENT, "\xff"},
      {"a malformed plaintext", PLAIN_MALFORMED, KSTACK_ERROR_CONFIGURATION, "s3"},
  };
  for (size_t index = 0; index < LENGTH(cases); index++) {
    in_child(box, put_credentials, cases[index].wrong);
    kstack_container *container = container_with(box, identity_path(box), NULL);
    kstack_error *error = NULL;
    kstack_credentials *credentials = NULL;
    kstack_status status =
        kstack_get_credentials(container, cases[index].service, "layer3", NULL, &credentials, &error);
    if (status != cases[index].wanted) print_error("%s: %s\n", cases[index].name, kstack_error_message(error));
    assert_int_equal(status, cases[index].wanted);
    check_gone(CONTENT | KEYS);
    kstack_error_free(error);
    kstack_container_free(container);
    search(ALL);
    for (needle which = 0; which < NEEDLES; which++) {
      if (scan_found[which] != 0) fail_msg("%s: %s is in memory", cases[index].name, needle_names[which]);
    }
  }
}

static void nothing_is_left_of_a_failed_run(void **state) {
  sandbox *box = *state;
  in_child(box, put_credentials, DAMAGED_SECOND_CHUNK);
  kstack_container *container = container_with(box, identity_path(box), NULL);
  kstack_error *error = NULL;
  kstack_vault *vault = NULL;
  kstack_vault_report *report = NULL;
  kstack_secret *secret = NULL;
  check_ok(kstack_vault_open(container, NULL, &vault, &error));
  check_fails(kstack_vault_read(vault, "layer3", FILE_NAME, &secret, &error), KSTACK_ERROR_VAULT, FILE_NAME);
  check_fails(kstack_vault_decrypt(vault, NULL, &report, &error), KSTACK_ERROR_VAULT, "");
  kstack_vault_report_free(report);
  check_gone(CONTENT | KEYS | KEPT_KEY);
  kstack_vault_free(vault);
  kstack_container_free(container);
  check_gone(ALL);
}

/* The line VmFlags of the mapping that holds an address, as the kernel shows it; "" where there is none. */
static void flags_of(const void *address, char *flags, size_t size) {
  FILE *file = fopen("/proc/self/smaps", "r");
  assert_non_null(file);
  char line[8192];
  bool is_inside = false;
  flags[0] = '\0';
  while (fgets(line, sizeof line, file) != NULL) {
    unsigned long start;
    unsigned long end;
    char mode[8];
    if (sscanf(line, "%lx-%lx %7s", &start, &end, mode) == 3) {
      is_inside = (uintptr_t)address >= start && (uintptr_t)address < end;
    }
    if (is_inside && strncmp(line, "VmFlags:", strlen("VmFlags:")) == 0) {
      line[strcspn(line, "\n")] = '\0';
      snprintf(flags, size, "%s ", line + strlen("VmFlags:"));
    }
  }
  fclose(file);
}

static void values_are_locked_and_not_dumped(void **state) {
  sandbox *box = *state;
  in_child(box, put_credentials, NO_FAULT);
  kstack_container *container = container_with(box, identity_path(box), NULL);
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  kstack_vault *vault = NULL;
  kstack_secret *secret = NULL;
  char *secret_half = NULL;
  char *recipient = NULL;
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error));
  check_ok(kstack_vault_open(container, NULL, &vault, &error));
  check_ok(kstack_vault_read(vault, "layer3", FILE_NAME, &secret, &error));
  check_ok(kstack_identity_generate(&secret_half, &recipient, &error));
  struct rlimit limit;
  assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
  bool can_lock = limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= 1 << 20;
  const void *const places[] = {
      kstack_credentials_value(credentials, 0, NULL),
      kstack_credentials_json(credentials),
      kstack_secret_data(secret),
      secret_half,
  };
  for (size_t index = 0; index < LENGTH(places); index++) {
    char flags[512];
    flags_of(places[index], flags, sizeof flags);
    if (strstr(flags, " dd ") == NULL) fail_msg("place %zu would be dumped: %s", index, flags);
    if (can_lock && strstr(flags, " lo ") == NULL) fail_msg("place %zu is not locked: %s", index, flags);
  }
  /* Other memory has neither, so these are the right flags. */
  char flags[512];
  flags_of(blocks[0], flags, sizeof flags);
  assert_true(flags[0] != '\0' && strstr(flags, " dd ") == NULL && strstr(flags, " lo ") == NULL);
  kstack_string_free(secret_half);
  kstack_string_free(recipient);
  kstack_secret_free(secret);
  kstack_vault_free(vault);
  kstack_credentials_free(credentials);
  kstack_container_free(container);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  if (getenv("KSTACK_TEST_VALGRIND") != NULL) {
    print_message("valgrind keeps its own registers and stacks, which the search would see\n");
    return 0;
  }
  const struct CMUnitTest tests[] = {
      TEST(the_search_finds_what_is_planted),
      TEST(nothing_is_left_of_a_look_up),
      TEST(nothing_is_left_of_a_list_of_services),
      TEST(nothing_is_left_of_reading_and_writing),
      TEST(nothing_is_left_of_layer_secrets_and_services),
      TEST(nothing_is_left_of_the_answer_of_a_program),
      TEST(nothing_is_left_of_runs_over_a_vault),
      TEST(nothing_is_left_of_an_identity_with_a_passphrase),
      TEST(nothing_is_left_of_a_new_identity),
      TEST(nothing_is_left_of_a_new_post_quantum_identity),
      TEST(nothing_is_left_of_post_quantum_files),
      TEST(nothing_is_left_of_a_failure),
      TEST(nothing_is_left_of_a_failed_run),
      TEST(values_are_locked_and_not_dumped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
