//go:build cgo && linux

package ffi

/*
#include "kstack_go.h"
#include <stdlib.h>
#include <string.h>

typedef kstack_status (*kstack_go_run)(kstack_vault *vault, const kstack_vault_options *options,
                                       kstack_vault_report **report, kstack_error **error);

// Options are built in C: they hold pointers to C memory only.
static kstack_status kstack_go_vault_run(kstack_go_run run, kstack_vault *vault, const char *team, char **files,
                                         size_t file_count, uint32_t flags, kstack_vault_report **report,
                                         kstack_error **error) {
  kstack_vault_options options;
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.team = team;
  options.files = (const char *const *)files;
  options.file_count = file_count;
  options.flags = flags;
  return run(vault, &options, report, error);
}
*/
import "C"

import "unsafe"

// Vault is a kstack_vault.
type Vault struct {
	pointer *C.kstack_vault
	log     *logTarget
}

// OpenVault is kstack_vault_open.
func (c *Container) OpenVault(environment string) (*Vault, error) {
	var a arguments
	defer a.free()
	given := a.optional(environment, "environment")
	if a.err != nil {
		return nil, a.err
	}
	v := &Vault{log: c.log}
	var failure *C.kstack_error
	if err := failureFrom(C.kstack_vault_open(c.pointer, given, &v.pointer, &failure), failure); err != nil {
		return nil, err
	}
	v.log.retain()
	return v, nil
}

// Free closes the vault.
func (v *Vault) Free() {
	C.kstack_vault_free(v.pointer)
	v.log.release()
}

// Path is kstack_vault_path.
func (v *Vault) Path() string { return C.GoString(C.kstack_vault_path(v.pointer)) }

// Environment is kstack_vault_environment.
func (v *Vault) Environment() string { return C.GoString(C.kstack_vault_environment(v.pointer)) }

// IsEncrypted is kstack_vault_is_encrypted.
func (v *Vault) IsEncrypted() (bool, error) {
	var out C.bool
	var failure *C.kstack_error
	err := failureFrom(C.kstack_vault_is_encrypted(v.pointer, &out, &failure), failure)
	return bool(out), err
}

// Read is kstack_vault_read.
func (v *Vault) Read(layer, filename string) ([]byte, error) {
	var a arguments
	defer a.free()
	givenLayer := a.add(layer, "layer")
	givenFilename := a.add(filename, "filename")
	if a.err != nil {
		return nil, a.err
	}
	var secret *C.kstack_secret
	var failure *C.kstack_error
	status := C.kstack_vault_read(v.pointer, givenLayer, givenFilename, &secret, &failure)
	if err := failureFrom(status, failure); err != nil {
		return nil, err
	}
	defer C.kstack_secret_free(secret)
	return copyBytes(unsafe.Pointer(C.kstack_secret_data(secret)), C.kstack_secret_size(secret)), nil
}

// Write is kstack_vault_write.
func (v *Vault) Write(layer, filename string, data []byte, team string) error {
	var a arguments
	defer a.free()
	givenLayer := a.add(layer, "layer")
	givenFilename := a.add(filename, "filename")
	givenTeam := a.optional(team, "team")
	if a.err != nil {
		return a.err
	}
	var content unsafe.Pointer
	if len(data) > 0 {
		content = unsafe.Pointer(&data[0])
	}
	var failure *C.kstack_error
	status := C.kstack_vault_write(v.pointer, givenLayer, givenFilename, content, C.size_t(len(data)), givenTeam, &failure)
	return failureFrom(status, failure)
}

// GetFile is kstack_vault_get_file.
func (v *Vault) GetFile(layer, filename string) (string, error) {
	var a arguments
	defer a.free()
	givenLayer := a.add(layer, "layer")
	givenFilename := a.add(filename, "filename")
	if a.err != nil {
		return "", a.err
	}
	return takeString(func(out **C.char, failure **C.kstack_error) C.kstack_status {
		return C.kstack_vault_get_file(v.pointer, givenLayer, givenFilename, out, failure)
	})
}

// List is kstack_vault_list; "" for the layer is NULL.
func (v *Vault) List(layer string, which int32) ([]string, error) {
	var a arguments
	defer a.free()
	given := a.optional(layer, "layer")
	if a.err != nil {
		return nil, a.err
	}
	return takeList(func(out **C.kstack_string_list, failure **C.kstack_error) C.kstack_status {
		return C.kstack_vault_list(v.pointer, given, C.kstack_vault_files(which), out, failure)
	})
}

// Decrypt is kstack_vault_decrypt. The reports of this and the next three are given on failure, too.
func (v *Vault) Decrypt(options RunOptions) ([]FileReport, error) {
	return v.run(C.kstack_go_run(C.kstack_vault_decrypt), options)
}

// Encrypt is kstack_vault_encrypt.
func (v *Vault) Encrypt(options RunOptions) ([]FileReport, error) {
	return v.run(C.kstack_go_run(C.kstack_vault_encrypt), options)
}

// Rekey is kstack_vault_rekey.
func (v *Vault) Rekey(options RunOptions) ([]FileReport, error) {
	return v.run(C.kstack_go_run(C.kstack_vault_rekey), options)
}

// Status is kstack_vault_status.
func (v *Vault) Status(options RunOptions) ([]FileReport, error) {
	return v.run(C.kstack_go_run(C.kstack_vault_status), options)
}

// run runs over files of the vault.
func (v *Vault) run(run C.kstack_go_run, options RunOptions) ([]FileReport, error) {
	var a arguments
	defer a.free()
	team := a.optional(options.Team, "team")
	// The array is C memory, because it holds C pointers and a Go array of them may not be passed.
	count := len(options.Files)
	array := (**C.char)(C.calloc(C.size_t(count)+1, C.size_t(unsafe.Sizeof(team))))
	if array == nil {
		return nil, &Failure{Status: statusInternal, Message: "no memory"}
	}
	defer C.free(unsafe.Pointer(array))
	for i, file := range options.Files {
		unsafe.Slice(array, count)[i] = a.add(file, "a path of files")
	}
	if a.err != nil {
		return nil, a.err
	}
	files := array
	if options.Files == nil {
		files = nil
	} else if count == 0 {
		return []FileReport{}, nil // To the library no paths could mean all files.
	}
	var flags C.uint32_t
	if options.Overwrite {
		flags |= C.KSTACK_VAULT_OVERWRITE
	}
	if options.Check {
		flags |= C.KSTACK_VAULT_CHECK
	}
	var report *C.kstack_vault_report
	var failure *C.kstack_error
	status := C.kstack_go_vault_run(run, v.pointer, team, files, C.size_t(count), flags, &report, &failure)
	defer C.kstack_vault_report_free(report)
	return copyReport(report), failureFrom(status, failure)
}

func copyReport(report *C.kstack_vault_report) []FileReport {
	result := make([]FileReport, int(C.kstack_vault_report_count(report)))
	for i := range result {
		index := C.size_t(i)
		flags := C.kstack_vault_report_flags(report, index)
		result[i] = FileReport{
			Path:        C.GoString(C.kstack_vault_report_path(report, index)),
			Message:     C.GoString(C.kstack_vault_report_message(report, index)),
			Result:      int32(C.kstack_vault_report_result(report, index)),
			Readable:    flags&C.KSTACK_VAULT_FILE_READABLE != 0,
			Current:     flags&C.KSTACK_VAULT_FILE_CURRENT != 0,
			PostQuantum: flags&C.KSTACK_VAULT_FILE_POST_QUANTUM != 0,
		}
	}
	return result
}
