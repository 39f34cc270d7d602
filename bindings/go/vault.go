package kstack

import (
	"context"
	"fmt"
	"runtime"

	"kstack.dev/go/kstack/internal/ffi"
)

// FileForm is the form of a file in a vault.
type FileForm int32

const (
	// PlaintextFiles are decrypted files.
	PlaintextFiles FileForm = 0
	// EncryptedFiles are files named secret.<name>.
	EncryptedFiles FileForm = 1
)

// Vault holds the age-encrypted files of one environment. It may be used from many goroutines at once.
type Vault struct {
	handle      handle[*ffi.Vault]
	path        string
	environment string
}

func newVault(object *ffi.Vault) *Vault {
	v := &Vault{path: object.Path(), environment: object.Environment()}
	v.handle.open(object, "vault")
	runtime.SetFinalizer(v, (*Vault).Close)
	return v
}

// object returns the handle; nil for a nil vault.
func (v *Vault) object() *handle[*ffi.Vault] {
	if v == nil {
		return nil
	}
	return &v.handle
}

// Close closes the vault; a second call does nothing, and nothing in the file system changes. Running calls finish.
// The error is always nil.
func (v *Vault) Close() error {
	v.object().close()
	return nil
}

// Path returns the absolute path of the vault's folder; "" for nil.
func (v *Vault) Path() string {
	if v == nil {
		return ""
	}
	return v.path
}

// Environment returns the environment of the vault; "" for nil.
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

// GoString is like String.
func (v *Vault) GoString() string { return v.String() }

// Format writes String for every verb.
func (v *Vault) Format(state fmt.State, verb rune) { fmt.Fprint(state, v.String()) }

// IsEncrypted reports whether some encrypted file lacks its plaintext; false for a vault without encrypted files. It
// returns ErrConfiguration (a link in the vault, untrusted files) and ErrIO.
func (v *Vault) IsEncrypted(ctx context.Context) (bool, error) {
	return look(ctx, v.object(), (*ffi.Vault).IsEncrypted)
}

// Read decrypts one file in memory; nothing is written. The file name is that of the plaintext. The caller may wipe
// the result. It returns ErrServiceNotFound, ErrVault, ErrConfiguration, ErrInvalidArgument and ErrIO.
func (v *Vault) Read(ctx context.Context, layer Layer, filename string) ([]byte, error) {
	return look(ctx, v.object(), func(vault *ffi.Vault) ([]byte, error) { return vault.Read(string(layer), filename) })
}

// Write encrypts one file from memory; no plaintext touches the disk. It replaces the encrypted file of that name; a
// plaintext next to it stays as it is. The file name is that of the plaintext; "" for the team is the default one, as
// for Encrypt. The caller may wipe the data afterwards. It returns ErrConfiguration when the team has no recipients or
// the file was written for another team, ErrVault when none of the caller's identities could read the result,
// ErrConflict when the file changed meanwhile, ErrInvalidArgument and ErrIO.
func (v *Vault) Write(ctx context.Context, layer Layer, filename string, data []byte, team string) error {
	_, err := complete(ctx, v.object(), func(vault *ffi.Vault) (struct{}, error) {
		return struct{}{}, vault.Write(string(layer), filename, data, team)
	})
	return err
}

// GetFile returns the absolute path of a decrypted file. It returns ErrServiceNotFound when there is none, or only its
// encrypted form, and then the message says so; ErrConfiguration, ErrInvalidArgument and ErrIO.
func (v *Vault) GetFile(ctx context.Context, layer Layer, filename string) (string, error) {
	return look(ctx, v.object(), func(vault *ffi.Vault) (string, error) { return vault.GetFile(string(layer), filename) })
}

// List returns files of the vault, as sorted paths relative to it; "" for the layer is all four. It returns
// ErrConfiguration, ErrInvalidArgument and ErrIO.
func (v *Vault) List(ctx context.Context, layer Layer, form FileForm) ([]string, error) {
	return look(ctx, v.object(), func(vault *ffi.Vault) ([]string, error) { return vault.List(string(layer), int32(form)) })
}
