package kstack

// #include <kstack.h>
// #include <stdlib.h>
import "C"

import (
	"fmt"
	"runtime"
	"unsafe"
)

// Result is what became of one file of a vault.
type Result int32

const (
	// Unchanged: the file was as it should be and stayed so.
	Unchanged Result = C.KSTACK_VAULT_UNCHANGED
	// Written: the file was written.
	Written Result = C.KSTACK_VAULT_WRITTEN
	// Conflict: plaintext and ciphertext differ and it is not known which is newer; nothing was written.
	Conflict Result = C.KSTACK_VAULT_CONFLICT
	// Failed: it could not be done.
	Failed Result = C.KSTACK_VAULT_FAILED
)

// String gives "unchanged", "written", "conflict" or "failed".
func (r Result) String() string {
	switch r {
	case Unchanged:
		return "unchanged"
	case Written:
		return "written"
	case Conflict:
		return "conflict"
	}
	return "failed"
}

// FileResult is one file of a run over a vault.
type FileResult struct {
	// Path is that of the plaintext, relative to the vault.
	Path string
	// Result is what became of the file.
	Result Result
	// Message says why, for a conflict or a failure; else it is empty.
	Message string
}

// Files says which files of a vault to list.
type Files int32

const (
	// Decrypted are plaintext files.
	Decrypted Files = C.KSTACK_VAULT_FILES_DECRYPTED
	// Encrypted are files named secret.<name>.
	Encrypted Files = C.KSTACK_VAULT_FILES_ENCRYPTED
)

// DecryptOptions say how Vault.Decrypt goes. The zero value is: all files, and no edit is overwritten.
type DecryptOptions struct {
	// Files are paths relative to the vault such as "layer3/cloud-credentials.yaml", by plaintext name; nil is all, and
	// an empty slice is none.
	Files []string
	// Overwrite makes the ciphertext win over a plaintext that differs, and the edit is gone.
	Overwrite bool
}

// EncryptOptions say how Vault.Encrypt goes. The zero value is: all files, for the default team, and nobody else's
// change is overwritten.
type EncryptOptions struct {
	// Files are paths relative to the vault such as "layer3/cloud-credentials.yaml", by plaintext name; nil is all, and
	// an empty slice is none.
	Files []string
	// Team can read the files: the lines of .recipients/<team>.txt of the environment, else of the folder of vaults. ""
	// is team of .kstack.yaml, else "dev".
	Team string
	// Overwrite makes the plaintext win over a ciphertext that somebody else changed, and that change is gone.
	Overwrite bool
}

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

func (v *Vault) finalize() { v.handle.close() }

// Close closes the vault; more than once does nothing, and nothing in the file system changes. Running calls finish.
// The error is always nil.
func (v *Vault) Close() error {
	runtime.SetFinalizer(v, nil)
	v.handle.close()
	return nil
}

// Path gives the absolute path of the vault's folder.
func (v *Vault) Path() string { return v.path }

// Environment gives the environment of the vault.
func (v *Vault) Environment() string { return v.environment }

// String shows environment and path.
func (v *Vault) String() string { return fmt.Sprintf("kstack.Vault{%s at %s}", v.environment, v.path) }

// GoString is String.
func (v *Vault) GoString() string { return v.String() }

// Format is String, whatever the verb.
func (v *Vault) Format(state fmt.State, verb rune) { fmt.Fprint(state, v.String()) }

// IsEncrypted tells whether some encrypted file lacks its plaintext; false for a vault without encrypted files. It
// gives ErrConfiguration (a link in the vault, files not to be trusted) and ErrIO.
func (v *Vault) IsEncrypted() (bool, error) {
	defer runtime.KeepAlive(v)
	vault, err := v.handle.acquire()
	if err != nil {
		return false, err
	}
	defer v.handle.release()
	var out C.bool
	var failure *C.kstack_error
	status := C.kstack_vault_is_encrypted((*C.kstack_vault)(vault), &out, &failure)
	if err := errorFrom(status, failure); err != nil {
		return false, err
	}
	return bool(out), nil
}

// Decrypt writes the plaintext of the vault's files beside them, for the owner only (mode 0600). All files are tried,
// whatever becomes of one. A plaintext that was not edited since it was decrypted is replaced by what is newer; an
// edited one stays and is a conflict. The results are given on failure, too; the error is that of the first file that is
// not as it should be: ErrConflict, ErrVault, ErrIO, ErrConfiguration, or ErrServiceNotFound for a path that is not
// there.
func (v *Vault) Decrypt(options DecryptOptions) ([]FileResult, error) {
	return v.run(false, "", options.Files, options.Overwrite)
}

// Encrypt encrypts the vault's plaintext files for a team, and removes them. All files are tried, whatever becomes of
// one. A plaintext that was not edited since it was decrypted is only removed: its encrypted form stays, even one that a
// colleague made since. What was written is read back whole before a plaintext goes. Where both forms changed, both
// stay and that is a conflict. The results are given on failure, too; the error is that of the first file that is not as
// it should be: as for Decrypt, ErrConfiguration also when the team has no recipients or a file was written for another
// team, ErrVault also when none of the caller's identities could read the result.
func (v *Vault) Encrypt(options EncryptOptions) ([]FileResult, error) {
	return v.run(true, options.Team, options.Files, options.Overwrite)
}

// run encrypts or decrypts the files of the vault; nil is all of them.
func (v *Vault) run(encrypts bool, team string, files []string, overwrite bool) ([]FileResult, error) {
	defer runtime.KeepAlive(v)
	vault, err := v.handle.acquire()
	if err != nil {
		return nil, err
	}
	defer v.handle.release()
	var arguments texts
	defer arguments.free()
	teamText := arguments.addOptional(team, "Team")
	var array **C.char
	if len(files) > 0 {
		// The array is C memory, because it holds C pointers and a Go array of them may not be passed.
		memory := C.calloc(C.size_t(len(files)), C.size_t(unsafe.Sizeof(array)))
		if memory == nil {
			return nil, newError(CodeInternal, "no memory", false)
		}
		defer C.free(memory)
		array = (**C.char)(memory)
		for i, file := range files {
			unsafe.Slice(array, len(files))[i] = arguments.add(file, "a path of Files")
		}
	}
	if arguments.err != nil {
		return nil, arguments.err
	}
	if files != nil && len(files) == 0 {
		// Nothing was asked for; to the library no paths could mean all.
		return []FileResult{}, nil
	}
	report, err := vaultRun(vault, encrypts, teamText, array, len(files), overwrite)
	defer C.kstack_vault_report_free(report)
	results := make([]FileResult, int(C.kstack_vault_report_count(report)))
	for i := range results {
		index := C.size_t(i)
		results[i] = FileResult{
			Path:    C.GoString(C.kstack_vault_report_path(report, index)),
			Result:  Result(C.kstack_vault_report_result(report, index)),
			Message: C.GoString(C.kstack_vault_report_message(report, index)),
		}
	}
	return results, err
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
	vault, err := v.handle.acquire()
	if err != nil {
		return nil, err
	}
	defer v.handle.release()
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
	vault, err := v.handle.acquire()
	if err != nil {
		return err
	}
	defer v.handle.release()
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
	vault, err := v.handle.acquire()
	if err != nil {
		return "", err
	}
	defer v.handle.release()
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
	vault, err := v.handle.acquire()
	if err != nil {
		return nil, err
	}
	defer v.handle.release()
	var list *C.kstack_string_list
	var failure *C.kstack_error
	status := C.kstack_vault_list((*C.kstack_vault)(vault), layerText, C.kstack_vault_files(which), &list, &failure)
	if err := errorFrom(status, failure); err != nil {
		return nil, err
	}
	return takeList(list), nil
}
