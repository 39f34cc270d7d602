package kstack

/*
#include <kstack.h>
#include <stdint.h>
#include <string.h>

// Declared in log.go, where it is exported: a file with an export may hold declarations only.
extern void kstackGoLog(uintptr_t handle, int32_t level, char *message);

static void kstack_go_log(void *context, kstack_log_level level, const char *message) {
  kstackGoLog((uintptr_t)context, level, (char *)message);
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

// Runs over a vault: kstack_vault_decrypt, or kstack_vault_encrypt.
static kstack_status kstack_go_vault_run(kstack_vault *vault, bool encrypts, const char *team, char **files,
                                         size_t file_count, uint32_t flags, kstack_vault_report **report,
                                         kstack_error **error) {
  kstack_vault_options options;
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.team = team;
  options.files = (const char *const *)files;
  options.file_count = file_count;
  options.flags = flags;
  return encrypts ? kstack_vault_encrypt(vault, &options, report, error)
                  : kstack_vault_decrypt(vault, &options, report, error);
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

// vaultRun encrypts or decrypts the files of a vault; files is an array in C memory, or nil for all files.
func vaultRun(
	vault unsafe.Pointer, encrypts bool, team *C.char, files **C.char, count int, overwrite bool,
) (*C.kstack_vault_report, error) {
	var flags C.uint32_t
	if overwrite {
		flags = C.KSTACK_VAULT_OVERWRITE
	}
	var report *C.kstack_vault_report
	var failure *C.kstack_error
	status := C.kstack_go_vault_run((*C.kstack_vault)(vault), C.bool(encrypts), team, files, C.size_t(count), flags,
		&report, &failure)
	return report, errorFrom(status, failure)
}
