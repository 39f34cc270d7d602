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

static kstack_status kstack_go_vault_decrypt(kstack_vault *vault, char **files, size_t file_count, uint32_t flags,
                                             kstack_vault_report **report, kstack_error **error) {
  kstack_vault_options options;
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.files = (const char *const *)files;
  options.file_count = file_count;
  options.flags = flags;
  return kstack_vault_decrypt(vault, &options, report, error);
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

// vaultDecrypt runs over a vault; files is an array in C memory, or nil for all files.
func vaultDecrypt(vault unsafe.Pointer, files **C.char, count int, overwrite bool) (*C.kstack_vault_report, error) {
	var flags C.uint32_t
	if overwrite {
		flags = C.KSTACK_VAULT_OVERWRITE
	}
	var report *C.kstack_vault_report
	var failure *C.kstack_error
	status := C.kstack_go_vault_decrypt((*C.kstack_vault)(vault), files, C.size_t(count), flags, &report, &failure)
	return report, errorFrom(status, failure)
}
