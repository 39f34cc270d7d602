package kstack

// #include <kstack.h>
// #include <stdlib.h>
import "C"

import (
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
	vault, err := v.object().acquire()
	if err != nil {
		return nil, err
	}
	defer v.object().release()
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
