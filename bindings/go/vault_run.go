package kstack

// #include "kstack_go.h"
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
	// Stale, of Vault.Rekey with Check: it is written for other recipients than its team has now.
	Stale Result = C.KSTACK_VAULT_STALE
	// OnlyEncrypted, of Vault.Status: only the encrypted form is there.
	OnlyEncrypted Result = C.KSTACK_VAULT_ENCRYPTED
	// BothForms, of Vault.Status: the plaintext is there, too, and was not edited.
	BothForms Result = C.KSTACK_VAULT_DECRYPTED
	// Edited, of Vault.Status: the plaintext was edited since it was decrypted.
	Edited Result = C.KSTACK_VAULT_EDITED
	// InClear, of Vault.Status: only the plaintext is there; it was never encrypted.
	InClear Result = C.KSTACK_VAULT_IN_CLEAR
)

var resultNames = map[Result]string{
	Unchanged: "unchanged", Written: "written", Conflict: "conflict", Stale: "stale", OnlyEncrypted: "encrypted",
	BothForms: "decrypted", Edited: "edited", InClear: "in clear",
}

// String gives a word such as "written"; "failed" for a number that is not known.
func (r Result) String() string {
	if name, known := resultNames[r]; known {
		return name
	}
	return "failed"
}

// FileResult is one file of a run over a vault.
type FileResult struct {
	// Path is that of the plaintext, relative to the vault.
	Path string
	// Result is what became of the file.
	Result Result
	// Message says why, for a conflict or a failure; else what there is to tell, or nothing.
	Message string
	// Readable tells whether one of the caller's identities opens the encrypted form; only Vault.Status looks.
	Readable bool
	// Current tells whether it is written for the recipients that its team has now; only Vault.Status and Vault.Rekey
	// look.
	Current bool
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

// RekeyOptions say how Vault.Rekey goes. The zero value is: all files.
type RekeyOptions struct {
	// Files are as for EncryptOptions.
	Files []string
	// Team is the one of files that name none themselves, as those of other programs; "" is as for EncryptOptions.
	Team string
	// Check writes nothing: a file that would be written is Stale.
	Check bool
}

// StatusOptions say what Vault.Status looks at. The zero value is: all files.
type StatusOptions struct {
	// Files are as for EncryptOptions.
	Files []string
	// Team is as for RekeyOptions.
	Team string
}

// Decrypt writes the plaintext of the vault's files beside them, for the owner only (mode 0600). All files are tried,
// whatever becomes of one. A plaintext that was not edited since it was decrypted is replaced by what is newer; an
// edited one stays and is a conflict. The results are given on failure, too; the error is that of the first file that is
// not as it should be: ErrConflict, ErrVault, ErrIO, ErrConfiguration, or ErrServiceNotFound for a path that is not
// there.
func (v *Vault) Decrypt(options DecryptOptions) ([]FileResult, error) {
	return v.run(vaultDecrypt, "", options.Files, flag(options.Overwrite, C.KSTACK_VAULT_OVERWRITE))
}

// Encrypt encrypts the vault's plaintext files for a team, and removes them. All files are tried, whatever becomes of
// one. A plaintext that was not edited since it was decrypted is only removed: its encrypted form stays, even one that a
// colleague made since. What was written is read back whole before a plaintext goes. Where both forms changed, both
// stay and that is a conflict. The results are given on failure, too; the error is that of the first file that is not as
// it should be: as for Decrypt, ErrConfiguration also when the team has no recipients or a file was written for another
// team, ErrVault also when none of the caller's identities could read the result.
func (v *Vault) Encrypt(options EncryptOptions) ([]FileResult, error) {
	return v.run(vaultEncrypt, options.Team, options.Files, flag(options.Overwrite, C.KSTACK_VAULT_OVERWRITE))
}

// Rekey encrypts anew every file that is written for other recipients than its team has now, from ciphertext to
// ciphertext in memory. Plaintexts are not touched, and nobody gets a conflict because somebody else rekeyed. Whoever
// could read a file before can still read what git has of it: change the secrets that they knew. The results are given
// on failure, too; the error is that of the first file that is not as it should be, as for Encrypt.
func (v *Vault) Rekey(options RekeyOptions) ([]FileResult, error) {
	return v.run(vaultRekey, options.Team, options.Files, flag(options.Check, C.KSTACK_VAULT_CHECK))
}

// Status tells of each file in which forms it is there, and who can read it: OnlyEncrypted, BothForms, Edited, InClear,
// or Conflict. It changes nothing and needs no identity. The results are given on failure, too; the error is that of the
// first file that cannot be looked at.
func (v *Vault) Status(options StatusOptions) ([]FileResult, error) {
	return v.run(vaultStatus, options.Team, options.Files, 0)
}

func flag(isSet bool, value uint32) uint32 {
	if isSet {
		return value
	}
	return 0
}

// run runs over the files of the vault; nil is all of them.
func (v *Vault) run(function vaultFunction, team string, files []string, flags uint32) ([]FileResult, error) {
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
	report, err := vaultRun(vault, function, teamText, array, len(files), flags)
	defer C.kstack_vault_report_free(report)
	results := make([]FileResult, int(C.kstack_vault_report_count(report)))
	for i := range results {
		index := C.size_t(i)
		known := C.kstack_vault_report_flags(report, index)
		results[i] = FileResult{
			Path:     C.GoString(C.kstack_vault_report_path(report, index)),
			Result:   Result(C.kstack_vault_report_result(report, index)),
			Message:  C.GoString(C.kstack_vault_report_message(report, index)),
			Readable: known&C.KSTACK_VAULT_FILE_READABLE != 0,
			Current:  known&C.KSTACK_VAULT_FILE_CURRENT != 0,
		}
	}
	return results, err
}
