/* A secret that is planted wherever a secret can be is in no message and in no log line. */
#include <stdio.h>

#include "support.h"

#define CANARY "canary-4711"

/* No message may hold the value above, in any case, or the identity of the test. */
static const char *identity_of_mine = "";
static int messages;

static void check_secrecy(const char *text) {
  messages++;
  assert_null(strstr(text, "4711"));
  assert_null(strstr(text, "CANARY"));
  assert_null(strstr(text, identity_of_mine));
}

static void take_line(void *context, kstack_log_level level, const char *message) {
  (void)level;
  ++*(int *)context;
  check_secrecy(message);
}

static int lines;

static kstack_container *container_with(sandbox *box, const char *identity_file, const char *passphrase) {
  kstack_options options = {.struct_size = sizeof options, .project_root = box->project, .log_context = &lines};
  options.identity_file = identity_file;
  options.passphrase = passphrase;
  options.log = take_line;
  kstack_container *container = NULL;
  kstack_error *error = NULL;
  identity_of_mine = box->mine.secret;
  check_ok(kstack_container_new(&options, &container, &error));
  return container;
}

/* Looks everything up, checks every message, and returns how many calls failed. */
static int look_everything_up(kstack_container *container) {
  int failed = 0;
  kstack_error *error = NULL;
  for (int call = 0; call < 8; call++) {
    kstack_credentials *credentials = NULL;
    kstack_vault *vault = NULL;
    kstack_vault_report *report = NULL;
    kstack_string_list *list = NULL;
    kstack_secret *secret = NULL;
    char *text = NULL;
    kstack_status status = KSTACK_OK;
    switch (call) {
      case 0:
        status = kstack_get_credentials(container, "s3", "layer3", "dev", &credentials, &error);
        break;
      case 1:
        status = kstack_get_credentials(container, "smtp", "layer3", "dev", &credentials, &error);
        break;
      case 2:
        status = kstack_load_secrets(container, "layer3", "dev", &credentials, &error);
        break;
      case 3:
        status = kstack_resolve_service(container, "s3", "layer3", "dev", NULL, &credentials, &error);
        break;
      case 4:
        status = kstack_aws_credential_process(container, "s3", "layer3", "dev", &text, &error);
        break;
      case 5:
        status = kstack_list_services(container, "layer3", "dev", &list, &error);
        break;
      case 6:
        assert_int_equal(kstack_vault_open(container, "dev", &vault, NULL), KSTACK_OK);
        status = kstack_vault_read(vault, "layer3", "cloud-credentials.yaml", &secret, &error);
        break;
      default:
        assert_int_equal(kstack_vault_open(container, "dev", &vault, NULL), KSTACK_OK);
        status = kstack_vault_decrypt(vault, NULL, &report, &error);
    }
    if (status != KSTACK_OK) failed++;
    check_secrecy(kstack_error_message(error));
    for (size_t index = 0; index < kstack_vault_report_count(report); index++) {
      check_secrecy(kstack_vault_report_message(report, index));
      check_secrecy(kstack_vault_report_path(report, index));
    }
    if (credentials != NULL) check_secrecy(kstack_credentials_source(credentials));
    kstack_error_free(error);
    error = NULL;
    kstack_credentials_free(credentials);
    kstack_vault_report_free(report);
    kstack_string_list_free(list);
    kstack_secret_free(secret);
    kstack_string_free(text);
    kstack_vault_free(vault);
  }
  return failed;
}

/* Files without readable credentials of s3; most are invalid YAML. */
static const char *const bad_files[] = {
    "s3: {a: b, a: " CANARY "}\n",
    "s3:\n  <<: {a: " CANARY "}\n",
    "- " CANARY "\n",
    "s3: {a: " CANARY "\n",
    "s3: !" CANARY " " CANARY "\n",
    "s3:\n\tkey: " CANARY "\n",
    CANARY "\n",
    "s3: " CANARY "\n",
    "s3: &" CANARY " {a: *" CANARY "}\n",
    "s3: {? {" CANARY ": a} : " CANARY "}\n",
    "--- {s3: " CANARY "}\n--- {s3: " CANARY "}\n",
    "s3: \"\\xZZ " CANARY "\"\n",
    "s3: [" CANARY "]\nproviders: [" CANARY "]\n",
};

static void files(void **state) {
  sandbox *box = *state;
  kstack_container *container = container_with(box, box->identity_file, NULL);
  messages = 0;
  for (size_t index = 0; index < LENGTH(bad_files); index++) {
    put_secret(box, "dev", "layer3", "cloud-credentials.yaml", bad_files[index]);
    put_secret(box, "dev", "layer3", "more.yaml", bad_files[index]);
    assert_true(look_everything_up(container) >= 4);
    put_plain(box, "dev", "layer3", "cloud-credentials.yaml", bad_files[index]);
    put_plain(box, "dev", "layer3", "more.yaml", "edited: " CANARY "\n");
    assert_true(look_everything_up(container) >= 4);
  }
  assert_true(messages >= 200);
  kstack_container_free(container);
}

static void damaged_files(void **state) {
  sandbox *box = *state;
  const char *path = put_secret(box, "dev", "layer3", "cloud-credentials.yaml", "s3: {key: " CANARY "}\n");
  size_t size = 0;
  char *data = read_file(path, &size);
  kstack_container *container = container_with(box, box->identity_file, NULL);
  for (size_t place = 0; place < size; place += 29) {
    data[place] ^= 1;
    write_file(path, data, size, 0644);
    assert_true(look_everything_up(container) >= 4);
    data[place] ^= 1;
  }
  kstack_container_free(container);
  free(data);
}

static void identities(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "cloud-credentials.yaml", "s3: {key: " CANARY "}\n");
  static const char *const bad[] = {
      "AGE-SECRET-KEY-1CANARY\n",
      CANARY "\n",
      "age1" CANARY "\n",
      "AGE-PLUGIN-YUBIKEY-1CANARY\n",
      "age-encryption.org/v1\n-> scrypt " CANARY " 18\n" CANARY "\n--- " CANARY "\n",
  };
  for (size_t index = 0; index < LENGTH(bad); index++) {
    const char *path = text(box, "%s/bad.txt", box->root);
    write_text(path, bad[index], 0600);
    kstack_container *container = container_with(box, path, "wrong " CANARY);
    assert_true(look_everything_up(container) >= 4);
    kstack_container_free(container);
  }
  setenv("KSTACK_AGE_KEY", "AGE-SECRET-KEY-1CANARY", 1);
  kstack_container *container = container_with(box, NULL, NULL);
  assert_true(look_everything_up(container) >= 4);
  kstack_container_free(container);
  unsetenv("KSTACK_AGE_KEY");
}

static kstack_status answer(void *context, const char *service, const char *layer, const char *environment,
                            kstack_reply *reply) {
  (void)service, (void)layer, (void)environment;
  switch (*(const int *)context) {
    case 0:
      return kstack_reply_set(reply, "", CANARY, strlen(CANARY));
    case 1:
      (void)kstack_reply_set(reply, "key", CANARY, strlen(CANARY));
      return kstack_reply_set(reply, "key", CANARY, strlen(CANARY));
    case 2:
      return kstack_reply_set_error(reply, 99, CANARY);
    case 3:
      (void)kstack_reply_set(reply, "key", CANARY, strlen(CANARY));
      return 99;
    default:
      (void)kstack_reply_set(reply, "access_key_id", CANARY, strlen(CANARY));
      return kstack_reply_set_error(reply, KSTACK_ERROR_IO, "fine");
  }
}

static void providers(void **state) {
  sandbox *box = *state;
  put_secret(box, "dev", "layer3", "cloud-credentials.yaml", "s3: {key: " CANARY "}\n");
  kstack_container *container = container_with(box, box->identity_file, NULL);
  kstack_error *error = NULL;
  for (int kind = 0; kind <= 4; kind++) {
    kstack_secrets_provider provider = KSTACK_SECRETS_PROVIDER_INIT;
    provider.context = &kind;
    provider.get_credentials = answer;
    check_ok(kstack_container_set_secrets_provider(container, &provider, &error));
    assert_true(look_everything_up(container) >= 4);
  }
  kstack_container_free(container);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(files, sandbox_setup, sandbox_teardown),
      cmocka_unit_test_setup_teardown(damaged_files, sandbox_setup, sandbox_teardown),
      cmocka_unit_test_setup_teardown(identities, sandbox_setup, sandbox_teardown),
      cmocka_unit_test_setup_teardown(providers, sandbox_setup, sandbox_teardown),
  };
  return cmocka_run_group_tests_name("secrecy", tests, NULL, NULL);
}
