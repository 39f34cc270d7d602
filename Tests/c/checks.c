/* The part of support.h that calls the library. */
#include "support.h"

/* ----------------------------------------------------------------------------------------------------- Containers */

static kstack_container *container_with(sandbox *box, const char *identity_file) {
  kstack_options options = {0};
  options.struct_size = sizeof options;
  options.project_root = box->project;
  options.identity_file = identity_file;
  kstack_container *container = NULL;
  kstack_error *error = NULL;
  check_ok(kstack_container_new(&options, &container, &error));
  assert_non_null(container);
  return container;
}

kstack_container *container_for(sandbox *box) {
  return container_with(box, box->identity_file);
}

kstack_container *container_without_identity(sandbox *box) {
  return container_with(box, NULL);
}

kstack_vault *vault_for(sandbox *box) {
  kstack_container *container = container_for(box);
  kstack_vault *vault = NULL;
  kstack_error *error = NULL;
  check_ok(kstack_vault_open(container, "dev", &vault, &error));
  assert_non_null(vault);
  kstack_container_free(container);
  return vault;
}

kstack_vault_options options_for(const char *const *files, size_t count, uint32_t flags) {
  kstack_vault_options options = {0};
  options.struct_size = sizeof options;
  options.files = files;
  options.file_count = count;
  options.flags = flags;
  return options;
}

/* -------------------------------------------------------------------------------------------------------- Checks */

/* The length of the UTF-8 sequence at `bytes`, 0 where there is none. */
static size_t sequence_length(const unsigned char *bytes) {
  if (bytes[0] < 0x80) return 1;
  size_t length = bytes[0] >= 0xf0 && bytes[0] <= 0xf4 ? 4 : bytes[0] >= 0xe0 && bytes[0] < 0xf0 ? 3 : 2;
  if (bytes[0] < 0xc2 || bytes[0] > 0xf4) return 0;
  for (size_t index = 1; index < length; index++) {
    if ((bytes[index] & 0xc0) != 0x80) return 0;
  }
  return length;
}

void check_message_at(const char *message, const char *file, int line) {
  if (message == NULL || message[0] == '\0') {
    print_error("no message\n");
    _fail(file, line);
    return;
  }
  if (strlen(message) > 4096) {
    print_error("a message of %zu bytes: %.200s…\n", strlen(message), message);
    _fail(file, line);
  }
  const unsigned char *bytes = (const unsigned char *)message;
  while (*bytes != '\0') {
    size_t length = sequence_length(bytes);
    if (length == 0 || *bytes < 0x20 || *bytes == 0x7f) {
      print_error("a message with the byte 0x%02x, which is not one line of text: %s\n", *bytes, message);
      _fail(file, line);
      return;
    }
    bytes += length;
  }
}

void check_fails_at(kstack_status status, kstack_status wanted, kstack_error **error, const char *const *parts,
                    const char *file, int line) {
  if (status != wanted || *error == NULL || kstack_error_code(*error) != status) {
    print_error("wanted %s, got %s; the error: %s, %s\n", kstack_status_name(wanted), kstack_status_name(status),
                kstack_status_name(kstack_error_code(*error)), kstack_error_message(*error));
    _fail(file, line);
  }
  const char *message = kstack_error_message(*error);
  check_message_at(message, file, line);
  const char *rest = message;
  for (; *parts != NULL; parts++) {
    const char *found = strstr(rest, *parts);
    if (found == NULL) {
      print_error("\"%s\" is not in, or not in this place of, the message: %s\n", *parts, message);
      _fail(file, line);
      return;
    }
    rest = found + strlen(*parts);
  }
  if (getenv("KSTACK_TEST_VERBOSE") != NULL) print_message("  %s: %s\n", kstack_status_name(status), message);
  kstack_error_free(*error);
  *error = NULL;
}

void check_ok_at(kstack_status status, kstack_error **error, const char *file, int line) {
  if (status != KSTACK_OK || *error != NULL) {
    print_error("wanted success, got %s: %s\n", kstack_status_name(status), kstack_error_message(*error));
    _fail(file, line);
  }
}

void check_value_at(const kstack_credentials *credentials, const char *name, const char *wanted, const char *file,
                    int line) {
  const char *value = kstack_credentials_get(credentials, name);
  if (value == NULL || strcmp(value, wanted) != 0) {
    print_error("%s: wanted \"%s\", got %s%s\n", name, wanted, value == NULL ? "NULL" : "", value ? value : "");
    _fail(file, line);
  }
}

void check_json_at(const char *json, const char *wanted, const char *file, int line) {
  if (json == NULL) {
    print_error("no JSON\n");
    _fail(file, line);
    return;
  }
  bool quoted = false;
  const char *left = json;
  const char *right = wanted;
  while (*left != '\0') {
    if (!quoted && strchr(" \t\r\n", *left) != NULL) {
      left++;
      continue;
    }
    if (*left != *right) break;
    if (*left == '"') quoted = !quoted;
    if (quoted && *left == '\\' && left[1] != '\0' && left[1] == right[1]) {
      left++;
      right++;
    }
    left++;
    right++;
  }
  if (*left != '\0' || *right != '\0') {
    print_error("wanted %s, got %s\n", wanted, json);
    _fail(file, line);
  }
}

void check_list_at(const kstack_string_list *list, const char *const *wanted, const char *file, int line) {
  size_t count = 0;
  while (wanted[count] != NULL) count++;
  bool same = kstack_string_list_count(list) == count;
  for (size_t index = 0; same && index < count; index++) {
    same = strcmp(kstack_string_list_get(list, index), wanted[index]) == 0;
  }
  if (!same) {
    print_error("another list than wanted:\n");
    for (size_t index = 0; index < kstack_string_list_count(list); index++) {
      print_error("  %s\n", kstack_string_list_get(list, index));
    }
    _fail(file, line);
  }
  if (kstack_string_list_get(list, count) != NULL || kstack_string_list_get(list, SIZE_MAX) != NULL) {
    print_error("a list that has something past its end\n");
    _fail(file, line);
  }
}

void check_result_at(const kstack_vault_report *report, const char *path, kstack_vault_result wanted, const char *file,
                     int line) {
  for (size_t index = 0; index < kstack_vault_report_count(report); index++) {
    if (strcmp(kstack_vault_report_path(report, index), path) != 0) continue;
    kstack_vault_result result = kstack_vault_report_result(report, index);
    const char *message = kstack_vault_report_message(report, index);
    bool is_quiet = result == KSTACK_VAULT_WRITTEN;
    bool has_reason = result == KSTACK_VAULT_CONFLICT || result == KSTACK_VAULT_FAILED || result == KSTACK_VAULT_STALE;
    bool is_empty = message == NULL || message[0] == '\0';
    if (message == NULL || result != wanted || (is_quiet && !is_empty) || (has_reason && is_empty)) {
      print_error("%s: %d, wanted %d: %s\n", path, (int)result, (int)wanted, message != NULL ? message : "NULL");
      _fail(file, line);
      return;
    }
    if (!is_empty) check_message_at(message, file, line);
    return;
  }
  print_error("%s is not in the report\n", path);
  _fail(file, line);
}

void check_content_at(const char *path, const char *wanted, const char *file, int line) {
  char *content = exists(path) ? read_file(path, NULL) : NULL;
  if (content == NULL || strcmp(content, wanted) != 0) {
    print_error("%s holds %s, wanted %s\n", path, content != NULL ? content : "nothing", wanted);
    _fail(file, line);
  }
  free(content);
}

bool has_post_quantum(void) {
  char *secret = NULL;
  char *recipient = NULL;
  kstack_error *error = NULL;
  kstack_status status = kstack_identity_generate_post_quantum(&secret, &recipient, &error);
  assert_true(status == KSTACK_OK || strstr(kstack_error_message(error), "does not have post-quantum support") != NULL);
  kstack_string_free(secret);
  kstack_string_free(recipient);
  kstack_error_free(error);
  return status == KSTACK_OK;
}
