package kstack

// #include "kstack_go.h"
// #include <stdlib.h>
import "C"

import (
	"fmt"
	"runtime"
	"unsafe"
)

// Files says which files of a vault to list.
type Files int32

const (
	// Decrypted are plaintext files.
	Decrypted Files = C.KSTACK_VAULT_FILES_DECRYPTED
	// Encrypted are files named secret.<name>.
	Encrypted Files = C.KSTACK_VAULT_FILES_ENCRYPTED
)

// Vault holds the age-encrypted files of one environment. It may be used from many goroutines at once.
type Vault struct {
	handle      handle
	path        string
	environment string
}

func newVault(given *C.kstack_vault, log *logReference) *Vault {
	v := &Vault{path: C.GoString(C.kstack_vault_path(given)), environment: C.GoString(C.kstack_vault_environment(given))}
	log.retain()
	v.handle.what = "vault"
	v.handle.pointer = unsafe.Pointer(given)
	v.handle.free = func(pointer unsafe.Pointer) {
		C.kstack_vault_free((*C.kstack_vault)(pointer))
		log.release()
	}
	runtime.SetFinalizer(v, (*Vault).finalize)
	return v
}

// object gives the handle; nil for a nil vault.
func (v *Vault) object() *handle {
	if v == nil {
		return nil
	}
	return &v.handle
}

func (v *Vault) finalize() { v.object().close() }

// Close closes the vault; more than once does nothing, and nothing in the file system changes. Running calls finish.
// The error is always nil.
func (v *Vault) Close() error {
	v.object().close()
	return nil
}

// Path gives the absolute path of the vault's folder; "" for nil.
func (v *Vault) Path() string {
	if v == nil {
		return ""
	}
	return v.path
}

// Environment gives the environment of the vault; "" for nil.
func (v *Vault) Environment() string {
	if v == nil {
		return ""
	}
	return v.environment
}

// String shows environment and path.
func (v *Vault) String() string {
	return fmt.Sprintf("kstack.Vault{%s at %s}", v.Environment(), v.Path())
}

// GoString is String.
func (v *Vault) GoString() string { return v.String() }

// Format is String, whatever the verb.
func (v *Vault) Format(state fmt.State, verb rune) { fmt.Fprint(state, v.String()) }

// IsEncrypted tells whether some encrypted file lacks its plaintext; false for a vault without encrypted files. It
// gives ErrConfiguration (a link in the vault, files not to be trusted) and ErrIO.
func (v *Vault) IsEncrypted() (bool, error) {
	defer runtime.KeepAlive(v)
	vault, err := v.object().acquire()
	if err != nil {
		return false, err
	}
	defer v.object().release()
	var out C.bool
	var failure *C.kstack_error
	status := C.kstack_vault_is_encrypted((*C.kstack_vault)(vault), &out, &failure)
	if err := errorFrom(status, failure); err != nil {
		return false, err
	}
	return bool(out), nil
}

// Read decrypts one file in memory; nothing is written. The file name is that of the plaintext. The caller may wipe what
// it gets. It gives ErrServiceNotFound, ErrVault, ErrConfiguration, ErrInvalidArgument and ErrIO.
func (v *Vault) Read(layer, filename string) ([]byte, error) {
	defer runtime.KeepAlive(v)
	var arguments texts
	defer arguments.free()
	layerText := arguments.add(layer, "layer")
	filenameText := arguments.add(filename, "filename")
	if arguments.err != nil {
		return nil, arguments.err
	}
	vault, err := v.object().acquire()
	if err != nil {
		return nil, err
	}
	defer v.object().release()
	var secret *C.kstack_secret
	var failure *C.kstack_error
	status := C.kstack_vault_read((*C.kstack_vault)(vault), layerText, filenameText, &secret, &failure)
	if err := errorFrom(status, failure); err != nil {
		return nil, err
	}
	defer C.kstack_secret_free(secret)
	return takeBytes(C.kstack_secret_data(secret), C.kstack_secret_size(secret)), nil
}

// Write encrypts one file out of memory; no plaintext is on the disk. It replaces what has the name, and a plaintext
// beside it stays as it is. The file name is that of the plaintext; "" for the team is the default one, as for Encrypt.
// The caller may wipe the data afterwards. It gives ErrConfiguration when the team has no recipients or the file was
// written for another team, ErrVault when none of the caller's identities could read the result, ErrConflict when the
// file changed meanwhile, ErrInvalidArgument and ErrIO.
func (v *Vault) Write(layer, filename string, data []byte, team string) error {
	defer runtime.KeepAlive(v)
	var arguments texts
	defer arguments.free()
	layerText := arguments.add(layer, "layer")
	filenameText := arguments.add(filename, "filename")
	teamText := arguments.addOptional(team, "team")
	if arguments.err != nil {
		return arguments.err
	}
	vault, err := v.object().acquire()
	if err != nil {
		return err
	}
	defer v.object().release()
	var content unsafe.Pointer
	if len(data) > 0 {
		content = unsafe.Pointer(&data[0])
	}
	var failure *C.kstack_error
	status := C.kstack_vault_write((*C.kstack_vault)(vault), layerText, filenameText, content, C.size_t(len(data)),
		teamText, &failure)
	return errorFrom(status, failure)
}

// GetFile gives the absolute path of a decrypted file. It gives ErrServiceNotFound when there is none, or only its
// encrypted form, and then the message says so; ErrConfiguration, ErrInvalidArgument and ErrIO.
func (v *Vault) GetFile(layer, filename string) (string, error) {
	defer runtime.KeepAlive(v)
	var arguments texts
	defer arguments.free()
	layerText := arguments.add(layer, "layer")
	filenameText := arguments.add(filename, "filename")
	if arguments.err != nil {
		return "", arguments.err
	}
	vault, err := v.object().acquire()
	if err != nil {
		return "", err
	}
	defer v.object().release()
	var out *C.char
	var failure *C.kstack_error
	status := C.kstack_vault_get_file((*C.kstack_vault)(vault), layerText, filenameText, &out, &failure)
	if err := errorFrom(status, failure); err != nil {
		return "", err
	}
	return takeText(out), nil
}

// List gives files of the vault, as sorted paths relative to it; "" for the layer is all four. It gives
// ErrConfiguration, ErrInvalidArgument and ErrIO.
func (v *Vault) List(layer string, which Files) ([]string, error) {
	defer runtime.KeepAlive(v)
	var arguments texts
	defer arguments.free()
	layerText := arguments.addOptional(layer, "layer")
	if arguments.err != nil {
		return nil, arguments.err
	}
	vault, err := v.object().acquire()
	if err != nil {
		return nil, err
	}
	defer v.object().release()
	var list *C.kstack_string_list
	var failure *C.kstack_error
	status := C.kstack_vault_list((*C.kstack_vault)(vault), layerText, C.kstack_vault_files(which), &list, &failure)
	if err := errorFrom(status, failure); err != nil {
		return nil, err
	}
	return takeList(list), nil
}
