/*
 * No memory: each large block that a call asks for is refused in turn. The call fails, and the process continues.
 *
 * Small blocks end the process, as the header says, and are not refused.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "runs.h"
#include "scarcity.h"

/* Enough files of a vault to make every list of them larger than 64 KiB. */
#define FILES 2100

/* The arguments of a call, and its expected result. */
typedef struct situation {
  sandbox *box;
  kstack_container *container;
  kstack_vault *vault;
  const char *name;
  const char *layer;
  char *content;
  size_t size;
  const char *const *paths;
} situation;

typedef kstack_status (*attempt)(situation *world, kstack_error **error);

/*
 * Repeats a call, and refuses the next large block each time, until it asks for no more: then it must succeed. For a
 * slow call only the first blocks are refused, and then one in many.
 */
static void exhaust(situation *world, const char *what, attempt call, bool is_slow) {
  for (long refused = 1;; refused += is_slow ? 1 + refused / 3 : 1) {
    kstack_error *error = NULL;
    scarcity_begin(refused);
    kstack_status status = call(world, &error);
    long asked = scarcity_end();
    if (asked < refused) {
      if (status != KSTACK_OK) print_error("%s: %s\n", what, kstack_error_message(error));
      assert_int_equal(status, KSTACK_OK);
      print_message("%s: %ld large blocks\n", what, asked);
      return;
    }
    if (status != KSTACK_ERROR_INTERNAL) {
      print_error("%s: refused block %ld, status %d: %s\n", what, refused, (int)status, kstack_error_message(error));
    }
    assert_int_equal(status, KSTACK_ERROR_INTERNAL);
    kstack_error_free(error);
  }
}

/* ------------------------------------------------------------------------------------------------------- Documents */

typedef struct buffer {
  char *data;
  size_t size;
  size_t capacity;
} buffer;

static void add(buffer *target, const char *line) {
  size_t length = strlen(line);
  if (target->capacity - target->size <= length) {
    target->capacity = target->capacity * 2 + length + 1;
    target->data = realloc(target->data, target->capacity);
    assert_non_null(target->data);
  }
  memcpy(target->data + target->size, line, length + 1);
  target->size += length;
}

/* A YAML file of some MiB: a mapping of many names, anchors, nested values, escapes, and a key that comes last. */
static buffer large_document(const char *root, size_t keys) {
  buffer result = {NULL, 0, 0};
  char line[256];
  if (root != NULL) {
    snprintf(line, sizeof line, "%s:\n", root);
    add(&result, line);
  }
  for (size_t index = 0; index < keys; index++) {
    const char *format = index % 7 == 0   ? "  key%zu: &anchor%zu some value that is as long as values are\n"
                         : index % 7 == 1 ? "  key%zu: *anchor%zu\n"
                         : index % 7 == 2
                             ? "  key%zu: \"\\uD83D\\uDE00 and %zu\"\n"
                             : "  key%zu: value number %zu, which says nothing of itself but fills the file\n";
    snprintf(line, sizeof line, format, index, index % 7 == 1 ? index - 1 : index);
    add(&result, root == NULL ? line + 2 : line);
  }
  return result;
}

static kstack_status get_credentials(situation *world, kstack_error **error) {
  kstack_credentials *out = NULL;
  kstack_status status = kstack_get_credentials(world->container, "s3", "layer3", NULL, &out, error);
  if (status == KSTACK_OK) {
    check_value(out, "last", "found");
    assert_non_null(kstack_credentials_json(out));
  }
  kstack_credentials_free(out);
  return status;
}

static kstack_status get_variables(situation *world, kstack_error **error) {
  kstack_credentials *out = NULL;
  kstack_credentials *variables = NULL;
  kstack_status status = kstack_get_credentials(world->container, "s3", "layer3", NULL, &out, error);
  if (status == KSTACK_OK) status = kstack_credentials_environ(out, &variables, error);
  if (status == KSTACK_OK) check_value(variables, "LAST", "found");
  kstack_credentials_free(variables);
  kstack_credentials_free(out);
  return status;
}

static kstack_status load_secrets(situation *world, kstack_error **error) {
  kstack_credentials *out = NULL;
  kstack_status status = kstack_load_secrets(world->container, world->layer, NULL, &out, error);
  if (status == KSTACK_OK) assert_true(kstack_credentials_count(out) >= FILES);
  kstack_credentials_free(out);
  return status;
}

static kstack_status write_file_of_vault(situation *world, kstack_error **error) {
  return kstack_vault_write(world->vault, "layer3", world->name, world->content, world->size, NULL, error);
}

static kstack_status read_file_of_vault(situation *world, kstack_error **error) {
  kstack_secret *out = NULL;
  kstack_status status = kstack_vault_read(world->vault, "layer3", world->name, &out, error);
  if (status == KSTACK_OK) assert_memory_equal(kstack_secret_data(out), world->content, world->size);
  kstack_secret_free(out);
  return status;
}

static situation world_of(void **state) {
  situation result = {.box = *state, .name = "cloud-credentials.yaml", .layer = "layer3"};
  result.container = container_for(result.box);
  return result;
}

static void end(situation *world) {
  kstack_vault_free(world->vault);
  kstack_container_free(world->container);
  free(world->content);
}

static void large_documents(void **state) {
  situation world = world_of(state);
  buffer document = large_document("s3", 12000);
  add(&document, "  last: found\n");
  put_plain(world.box, "dev", "layer3", "cloud-credentials.yaml", document.data);
  exhaust(&world, "look-up in clear", get_credentials, false);
  exhaust(&world, "variables", get_variables, false);
  remove_tree(text(world.box, "%s/dev/layer3/cloud-credentials.yaml", world.box->vault));
  world.vault = vault_for(world.box);
  world.content = document.data;
  world.size = document.size;
  exhaust(&world, "write", write_file_of_vault, false);
  exhaust(&world, "read", read_file_of_vault, false);
  exhaust(&world, "look-up", get_credentials, false);
  buffer secrets = large_document(NULL, 12000);
  put_plain(world.box, "dev", "layer1", "large.yaml", secrets.data);
  world.layer = "layer1";
  exhaust(&world, "secrets of a layer", load_secrets, false);
  free(secrets.data);
  end(&world);
}

/* The middle of the file is one scalar that is larger than all blocks. */
static void large_values(void **state) {
  situation world = world_of(state);
  buffer document = {NULL, 0, 0};
  add(&document, "s3:\n  large: \"");
  for (size_t index = 0; index < 8000; index++) add(&document, "0123456789{{}}\xC2\x85 ");
  add(&document, "\"\n  last: found\n");
  put_plain(world.box, "dev", "layer3", "cloud-credentials.yaml", document.data);
  free(document.data);
  exhaust(&world, "look-up of a large value", get_credentials, false);
  end(&world);
}

/* -------------------------------------------------------------------------------------------------------- Services */

static kstack_status resolve(situation *world, kstack_error **error) {
  kstack_credentials *out = NULL;
  kstack_status status = kstack_resolve_service(world->container, "s3", "layer3", NULL, NULL, &out, error);
  if (status == KSTACK_OK) check_value(out, "last", "dev");
  kstack_credentials_free(out);
  return status;
}

static kstack_status fail_to_resolve(situation *world, kstack_error **error) {
  kstack_credentials *out = NULL;
  kstack_status status = kstack_resolve_service(world->container, "absent", "layer3", NULL, NULL, &out, error);
  if (status != KSTACK_ERROR_SERVICE_NOT_FOUND) return status;
  kstack_error_free(*error);
  *error = NULL;
  return KSTACK_OK;
}

static void put(sandbox *box, const char *name, const char *content) {
  const char *path = text(box, "%s/%s", box->project, name);
  char *folder = text(box, "%s", path);
  *strrchr(folder, '/') = '\0';
  make_folders(folder);
  write_text(path, content, 0600);
}

static void services(void **state) {
  situation world = world_of(state);
  put(world.box, "config/environments/dev.yaml", "environment: dev\ndeployment_targets: {layer3: {provider: large}}\n");
  buffer file = {NULL, 0, 0};
  char line[128];
  add(&file, "name: large\nprovider_family: aws\nprovider_implementation: aws\nservices:\n");
  for (size_t index = 0; index < 3000; index++) {
    snprintf(line, sizeof line, "  s%zu: {endpoint_url: 'http://{{layer.namespace}}'}\n", index + 10);
    add(&file, line);
  }
  add(&file, "  s3:\n");
  for (size_t index = 0; index < 2500; index++) {
    snprintf(line, sizeof line, "    extra%zu: ['{{environment}}', {a: '{{layer.name}}'}]\n", index);
    add(&file, line);
  }
  add(&file, "    certificate: '");
  for (size_t index = 0; index < 8000; index++) add(&file, "{{environment}} ");
  add(&file, "'\n    last: '{{environment}}'\n");
  put(world.box, "config/providers/large.yaml", file.data);
  free(file.data);
  buffer credentials = large_document("providers:\n  large", 0);
  for (size_t index = 0; index < 2500; index++) {
    snprintf(line, sizeof line, "    secret%zu: value\n", index);
    add(&credentials, line);
  }
  /* A value that both have is removed from one, which copies the credentials. */
  add(&credentials, "    region: eu\n");
  put_plain(world.box, "dev", "layer3", "cloud-credentials.yaml", credentials.data);
  free(credentials.data);
  exhaust(&world, "service", resolve, false);
  exhaust(&world, "missing service", fail_to_resolve, false);
  end(&world);
}

/* ------------------------------------------------------------------------------------------------------ Many files */

static kstack_status run_with(situation *world, direction go, uint32_t flags, kstack_error **error) {
  kstack_vault_options options = options_for(world->paths, world->paths == NULL ? 0 : FILES, flags);
  kstack_vault_report *report = NULL;
  kstack_status status = go(world->vault, &options, &report, error);
  /* Other runs leave out files without news. */
  if (status == KSTACK_OK && go == kstack_vault_status) assert_true(kstack_vault_report_count(report) >= FILES);
  kstack_vault_report_free(report);
  return status;
}

static kstack_status encrypt(situation *world, kstack_error **error) {
  return run_with(world, kstack_vault_encrypt, 0, error);
}

static kstack_status decrypt(situation *world, kstack_error **error) {
  return run_with(world, kstack_vault_decrypt, 0, error);
}

static kstack_status rekey(situation *world, kstack_error **error) {
  return run_with(world, kstack_vault_rekey, 0, error);
}

static kstack_status look(situation *world, kstack_error **error) {
  return run_with(world, kstack_vault_status, 0, error);
}

static kstack_status list(situation *world, kstack_error **error) {
  kstack_string_list *out = NULL;
  kstack_status status = kstack_vault_list(world->vault, NULL, KSTACK_VAULT_FILES_ENCRYPTED, &out, error);
  if (status == KSTACK_OK) assert_true(kstack_string_list_count(out) >= FILES);
  kstack_string_list_free(out);
  return status;
}

static kstack_status is_encrypted(situation *world, kstack_error **error) {
  bool out = false;
  return kstack_vault_is_encrypted(world->vault, &out, error);
}

static kstack_status fail_to_read(situation *world, kstack_error **error) {
  kstack_secret *out = NULL;
  kstack_status status = kstack_vault_read(world->vault, "layer3", "absent.yaml", &out, error);
  if (status != KSTACK_ERROR_SERVICE_NOT_FOUND) return status;
  kstack_error_free(*error);
  *error = NULL;
  return KSTACK_OK;
}

static void many_files(void **state) {
  situation world = world_of(state);
  for (int index = 0; index < FILES; index++) {
    put_plain(world.box, "dev", "layer3", text(world.box, "file%d.yaml", index),
              text(world.box, "key%d: value\n", index));
  }
  world.vault = vault_for(world.box);
  exhaust(&world, "status", look, true);
  const char **paths = calloc(FILES, sizeof *paths);
  assert_non_null(paths);
  for (int index = 0; index < FILES; index++) paths[index] = text(world.box, "layer3/file%d.yaml", index);
  world.paths = paths;
  exhaust(&world, "status of what is chosen", look, true);
  world.paths = NULL;
  free(paths);
  exhaust(&world, "encrypt", encrypt, true);
  exhaust(&world, "status of encrypted files", look, true);
  exhaust(&world, "list", list, false);
  exhaust(&world, "whether all is decrypted", is_encrypted, false);
  exhaust(&world, "missing file", fail_to_read, false);
  exhaust(&world, "secrets of many files", load_secrets, true);
  put_recipients(world.box, NULL, "dev",
                 text(world.box, "%s\n%s\n", world.box->mine.recipient, world.box->other.recipient));
  exhaust(&world, "rekey", rekey, true);
  exhaust(&world, "decrypt", decrypt, true);
  exhaust(&world, "decrypt again", decrypt, true);
  end(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(large_documents, runs_setup, sandbox_teardown),
      cmocka_unit_test_setup_teardown(large_values, runs_setup, sandbox_teardown),
      cmocka_unit_test_setup_teardown(services, runs_setup, sandbox_teardown),
      cmocka_unit_test_setup_teardown(many_files, runs_setup, sandbox_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
