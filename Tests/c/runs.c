#include "runs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *put_recipients(sandbox *box, const char *environment, const char *team, const char *content) {
  const char *below = environment != NULL ? text(box, "%s/%s", box->vault, environment) : box->vault;
  const char *path = text(box, "%s/.recipients/%s.txt", below, team);
  write_text(path, content, 0644);
  return path;
}

int runs_setup(void **state) {
  sandbox *box = sandbox_new();
  make_folders(text(box, "%s/dev/layer3", box->vault));
  put_recipients(box, NULL, "dev", text(box, "%s\n", box->mine.recipient));
  *state = box;
  return 0;
}

const char *at(sandbox *box, const char *name) {
  return text(box, "%s/dev/layer3/%s", box->vault, name);
}

void run_over(kstack_vault *vault, direction go, uint32_t flags, kstack_status wanted, kstack_vault_result result) {
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

void run_into_conflict(sandbox *box, kstack_vault *vault, direction go) {
  char *before = listing(box->vault);
  run_over(vault, go, 0, KSTACK_ERROR_CONFLICT, KSTACK_VAULT_CONFLICT);
  char *after = listing(box->vault);
  assert_string_equal(before, after);
  free(before);
  free(after);
}

void check_age_reads(sandbox *box, const char *path, const char *identity_file, const char *wanted) {
  const char *output = text(box, "%s/by-age", box->root);
  assert_int_equal(run((const char *const[]){"age", "-d", "-i", identity_file, path, NULL}, output), 0);
  check_content(output, wanted);
  assert_int_equal(unlink(output), 0);
}

void check_held(kstack_vault *vault, const char *name, const char *wanted) {
  kstack_secret *secret = NULL;
  kstack_error *error = NULL;
  check_ok(kstack_vault_read(vault, "layer3", name, &secret, &error));
  assert_string_equal(kstack_secret_data(secret), wanted);
  kstack_secret_free(secret);
}

bytes bytes_of(const char *path) {
  bytes result = {NULL, 0};
  result.data = read_file(path, &result.size);
  return result;
}

bool still_has(const char *path, bytes before) {
  bytes now = bytes_of(path);
  bool same = now.size == before.size && memcmp(now.data, before.data, now.size) == 0;
  free(now.data);
  free(before.data);
  return same;
}

void check_nothing_left(sandbox *box) {
  char *all = listing(box->vault);
  assert_null(strstr(all, ".kstack-tmp-"));
  free(all);
}

kstack_vault *decrypted(sandbox *box) {
  put_secret(box, "dev", "layer3", "a.yaml", "a: 1\n");
  kstack_vault *vault = vault_for(box);
  run_over(vault, kstack_vault_decrypt, 0, KSTACK_OK, KSTACK_VAULT_WRITTEN);
  return vault;
}
