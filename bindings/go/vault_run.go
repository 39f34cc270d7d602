package kstack

import (
	"context"

	"kstack.dev/go/kstack/internal/ffi"
)

// FileOutcome is the result for one file of a vault.
type FileOutcome int32

const (
	// FileUnchanged: there was nothing to do.
	FileUnchanged FileOutcome = 0
	// FileWritten: the file was written.
	FileWritten FileOutcome = 1
	// FileConflict: plaintext and ciphertext differ and it is not known which is newer; nothing was written.
	FileConflict FileOutcome = 2
	// FileFailed: it failed; the message says why.
	FileFailed FileOutcome = 3
	// FileStale, of Vault.Rekey with Check: it is written for other recipients than its team has now.
	FileStale FileOutcome = 4
	// FileEncrypted, of Vault.Status: only the encrypted form exists.
	FileEncrypted FileOutcome = 5
	// FileDecrypted, of Vault.Status: both forms exist, and the plaintext was not edited.
	FileDecrypted FileOutcome = 6
	// FileEdited, of Vault.Status: the plaintext was edited since it was decrypted.
	FileEdited FileOutcome = 7
	// FileInClear, of Vault.Status: only the plaintext exists; it was never encrypted.
	FileInClear FileOutcome = 8
)

var outcomeNames = map[FileOutcome]string{
	FileUnchanged: "unchanged", FileWritten: "written", FileConflict: "conflict", FileStale: "stale",
	FileEncrypted: "encrypted", FileDecrypted: "decrypted", FileEdited: "edited", FileInClear: "in clear",
}

// String returns a word such as "written"; "failed" for an unknown number.
func (o FileOutcome) String() string {
	if name, known := outcomeNames[o]; known {
		return name
	}
	return "failed"
}

// FileResult is one file of a run over a vault.
type FileResult struct {
	// Path is that of the plaintext, relative to the vault.
	Path string
	// Outcome is the result for the file.
	Outcome FileOutcome
	// Message is the reason for a conflict or a failure; else a note, such as that recipients have changed; may be empty.
	Message string
	// Readable reports whether one of the caller's identities opens the encrypted form; only Vault.Status checks.
	Readable bool
	// Current reports whether it is written for the recipients that its team has now; only Vault.Status and Vault.Rekey
	// check.
	Current bool
	// PostQuantum reports whether it is written for post-quantum recipients and no others; only Vault.Status checks.
	PostQuantum bool
}

// DecryptOptions are the options of Vault.Decrypt. The zero value is: all files, and no edit is overwritten.
type DecryptOptions struct {
	// Files are paths relative to the vault such as "layer3/cloud-credentials.yaml", by plaintext name; nil is all, and
	// an empty slice is none.
	Files []string
	// Overwrite makes the ciphertext win over a plaintext that differs, and the edit is lost.
	Overwrite bool
}

// EncryptOptions are the options of Vault.Encrypt. The zero value is: all files, for the default team, and nobody
// else's change is overwritten.
type EncryptOptions struct {
	// Files are paths relative to the vault such as "layer3/cloud-credentials.yaml", by plaintext name; nil is all, and
	// an empty slice is none.
	Files []string
	// Team can read the files: the lines of .recipients/<team>.txt of the environment, else of the folder of vaults. ""
	// is team of .kstack.yaml, else "dev".
	Team string
	// Overwrite makes the plaintext win over a ciphertext that somebody else changed, and that change is lost.
	Overwrite bool
}

// RekeyOptions are the options of Vault.Rekey. The zero value is: all files.
type RekeyOptions struct {
	// Files are as for EncryptOptions.
	Files []string
	// Team is the one of files that name none themselves, as those of other programs; "" is as for EncryptOptions.
	Team string
	// Check writes nothing: a file that would be written is FileStale.
	Check bool
}

// StatusOptions are the options of Vault.Status. The zero value is: all files.
type StatusOptions struct {
	// Files are as for EncryptOptions.
	Files []string
	// Team is as for RekeyOptions.
	Team string
}

// Decrypt writes the plaintext of the vault's files next to them, for the owner only (mode 0600). A file that fails
// does not stop the others. A plaintext that was not edited since it was decrypted is replaced by what is newer; an
// edited one stays and is a conflict. The results are returned on failure, too; the error is that of the first file
// that failed: ErrConflict, ErrVault, ErrIO, ErrConfiguration, or ErrServiceNotFound for a path that does not exist.
func (v *Vault) Decrypt(ctx context.Context, options DecryptOptions) ([]FileResult, error) {
	return v.run(ctx, (*ffi.Vault).Decrypt, ffi.RunOptions{Files: options.Files, Overwrite: options.Overwrite})
}

// Encrypt encrypts the vault's plaintext files for a team, and removes them. A file that fails does not stop the
// others. A plaintext that was not edited since it was decrypted is only removed: its encrypted form stays, even one
// that a colleague made since. What was written is read back whole before a plaintext goes. Where both forms changed,
// both stay and that is a conflict. The results are returned on failure, too; the error is that of the first file that
// failed: as for Decrypt, ErrConfiguration also when the team has no recipients or a file was written for another team,
// ErrVault also when none of the caller's identities could read the result.
func (v *Vault) Encrypt(ctx context.Context, options EncryptOptions) ([]FileResult, error) {
	return v.run(ctx, (*ffi.Vault).Encrypt, ffi.RunOptions{Files: options.Files, Team: options.Team, Overwrite: options.Overwrite})
}

// Rekey re-encrypts every file that is written for other recipients than its team has now, from ciphertext to
// ciphertext in memory. Plaintexts are not touched, and nobody gets a conflict because somebody else rekeyed. Whoever
// could read a file before can still read what git has of it: change the secrets that they knew. The results are
// returned on failure, too; the error is that of the first file that failed, as for Encrypt.
func (v *Vault) Rekey(ctx context.Context, options RekeyOptions) ([]FileResult, error) {
	return v.run(ctx, (*ffi.Vault).Rekey, ffi.RunOptions{Files: options.Files, Team: options.Team, Check: options.Check})
}

// Status reports in which forms each file exists, and who can read it: FileEncrypted, FileDecrypted, FileEdited,
// FileInClear, or FileConflict. It changes nothing and needs no identity. The results are returned on failure, too; the
// error is that of the first file that cannot be checked.
func (v *Vault) Status(ctx context.Context, options StatusOptions) ([]FileResult, error) {
	reports, err := look(ctx, v.object(), func(vault *ffi.Vault) ([]ffi.FileReport, error) {
		return vault.Status(ffi.RunOptions{Files: options.Files, Team: options.Team})
	})
	return fileResults(reports), err
}

// run runs over the files of the vault and may write.
func (v *Vault) run(
	ctx context.Context, run func(*ffi.Vault, ffi.RunOptions) ([]ffi.FileReport, error), options ffi.RunOptions,
) ([]FileResult, error) {
	reports, err := complete(ctx, v.object(), func(vault *ffi.Vault) ([]ffi.FileReport, error) {
		return run(vault, options)
	})
	return fileResults(reports), err
}

func fileResults(reports []ffi.FileReport) []FileResult {
	if reports == nil {
		return nil
	}
	results := make([]FileResult, len(reports))
	for i, report := range reports {
		results[i] = FileResult{
			Path: report.Path, Outcome: FileOutcome(report.Result), Message: report.Message,
			Readable: report.Readable, Current: report.Current, PostQuantum: report.PostQuantum,
		}
	}
	return results
}
