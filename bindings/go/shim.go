package kstack

/*
#include "kstack_go.h"
#include <stdint.h>
#include <string.h>

// Declared in log.go, where it is exported: a file with an export may hold declarations only.
extern void kstackGoLog(uintptr_t handle, int32_t level, char *message);

static void kstack_go_log(void *context, kstack_log_level level, const char *message) {
  kstackGoLog((uintptr_t)context, level, (char *)message);
}

// Declared in provider.go.
extern int32_t kstackGoGetCredentials(uintptr_t handle, char *service, char *layer, char *environment,
                                      uintptr_t reply);
extern int32_t kstackGoLoadSecrets(uintptr_t handle, char *layer, char *environment, uintptr_t reply);
extern void kstackGoRelease(uintptr_t handle);

static kstack_status kstack_go_get_credentials(void *context, const char *service, const char *layer,
                                               const char *environment, kstack_reply *reply) {
  return kstackGoGetCredentials((uintptr_t)context, (char *)service, (char *)layer, (char *)environment,
                                (uintptr_t)reply);
}

static kstack_status kstack_go_load_secrets(void *context, const char *layer, const char *environment,
                                            kstack_reply *reply) {
  return kstackGoLoadSecrets((uintptr_t)context, (char *)layer, (char *)environment, (uintptr_t)reply);
}

static void kstack_go_release(void *context) {
  kstackGoRelease((uintptr_t)context);
}

// Puts a provider in place; a handle of 0 restores the library's own.
static kstack_status kstack_go_set_secrets_provider(kstack_container *container, uintptr_t handle, bool loads,
                                                    kstack_error **error) {
  if (!handle) return kstack_container_set_secrets_provider(container, NULL, error);
  kstack_secrets_provider provider;
  memset(&provider, 0, sizeof provider);
  provider.struct_size = sizeof provider;
  provider.context = (void *)handle;
  provider.get_credentials = kstack_go_get_credentials;
  if (loads) provider.load_secrets = kstack_go_load_secrets;
  provider.release = kstack_go_release;
  return kstack_container_set_secrets_provider(container, &provider, error);
}

// A reply is a number to Go, as is every pointer of C that may not be one. The value is read where it lies.
static kstack_status kstack_go_reply_set(uintptr_t reply, const char *name, _GoString_ value) {
  return kstack_reply_set((kstack_reply *)reply, name, _GoStringPtr(value), _GoStringLen(value));
}

static kstack_status kstack_go_reply_set_error(uintptr_t reply, kstack_status status, const char *message) {
  return kstack_reply_set_error((kstack_reply *)reply, status, message);
}

// Options are put together in C: they hold pointers to C memory only, and a handle that is a number and not a pointer.
static kstack_status kstack_go_container_new(const char *project_root, const char *identity_file,
                                             const char *passphrase, uint32_t timeout_ms, uintptr_t log_handle,
                                             kstack_container **out, kstack_error **error) {
  kstack_options options;
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.project_root = project_root;
  options.identity_file = identity_file;
  options.passphrase = passphrase;
  options.timeout_ms = timeout_ms;
  if (log_handle) {
    options.log = kstack_go_log;
    options.log_context = (void *)log_handle;
  }
  return kstack_container_new(&options, out, error);
}

// Runs over a vault; run is one of the numbers of vaultFunction.
static kstack_status kstack_go_vault_run(kstack_vault *vault, int32_t run, const char *team, char **files,
                                         size_t file_count, uint32_t flags, kstack_vault_report **report,
                                         kstack_error **error) {
  kstack_vault_options options;
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.team = team;
  options.files = (const char *const *)files;
  options.file_count = file_count;
  options.flags = flags;
  switch (run) {
    case 0: return kstack_vault_decrypt(vault, &options, report, error);
    case 1: return kstack_vault_encrypt(vault, &options, report, error);
    case 2: return kstack_vault_rekey(vault, &options, report, error);
    default: return kstack_vault_status(vault, &options, report, error);
  }
}
*/
import "C"

import "unsafe"

func containerNew(projectRoot, identityFile, passphrase *C.char, timeout uint32, log uintptr) (unsafe.Pointer, error) {
	var container *C.kstack_container
	var failure *C.kstack_error
	status := C.kstack_go_container_new(projectRoot, identityFile, passphrase, C.uint32_t(timeout), C.uintptr_t(log),
		&container, &failure)
	if err := errorFrom(status, failure); err != nil {
		return nil, err
	}
	return unsafe.Pointer(container), nil
}

// vaultFunction is a function of the C API that runs over a vault.
type vaultFunction int32

const (
	vaultDecrypt vaultFunction = iota
	vaultEncrypt
	vaultRekey
	vaultStatus
)

// vaultRun runs over the files of a vault; files is an array in C memory, or nil for all files.
func vaultRun(
	vault unsafe.Pointer, function vaultFunction, team *C.char, files **C.char, count int, flags uint32,
) (*C.kstack_vault_report, error) {
	var report *C.kstack_vault_report
	var failure *C.kstack_error
	status := C.kstack_go_vault_run((*C.kstack_vault)(vault), C.int32_t(function), team, files, C.size_t(count), C.uint32_t(flags),
		&report, &failure)
	return report, errorFrom(status, failure)
}

// setSecretsProvider puts a provider in place; a handle of 0 restores the library's own.
func setSecretsProvider(container unsafe.Pointer, handle uintptr, loads bool) error {
	var failure *C.kstack_error
	status := C.kstack_go_set_secrets_provider((*C.kstack_container)(container), C.uintptr_t(handle), C.bool(loads),
		&failure)
	return errorFrom(status, failure)
}

// replySet adds a value to an answer; what is wrong with it fails the look-up.
func replySet(reply uintptr, name, value string) {
	given := C.CString(name)
	defer freeText(given)
	C.kstack_go_reply_set(C.uintptr_t(reply), given, value)
}

// replySetError says why there is no answer.
func replySetError(reply uintptr, code Code, message string) {
	given := C.CString(message)
	defer freeText(given)
	C.kstack_go_reply_set_error(C.uintptr_t(reply), C.kstack_status(code), given)
}
