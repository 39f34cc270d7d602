package kstack

import (
	"context"
	"fmt"
	"runtime"

	"kstack.dev/go/kstack/internal/ffi"
)

// FileForm says in which form a file of a vault is.
type FileForm int32

const (
	// PlaintextFiles are files that anybody can read.
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

// object gives the handle; nil for a nil vault.
func (v *Vault) object() *handle[*ffi.Vault] {
	if v == nil {
		return nil
	}
	return &v.handle
}

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
// gives ErrConfiguration (a link in the vault, untrusted files) and ErrIO.
func (v *Vault) IsEncrypted(ctx context.Context) (bool, error) {
	return look(ctx, v.object(), (*ffi.Vault).IsEncrypted)
}

// Read decrypts one file in memory; nothing is written. The file name is that of the plaintext. The caller may wipe what
// it gets. It gives ErrServiceNotFound, ErrVault, ErrConfiguration, ErrInvalidArgument and ErrIO.
func (v *Vault) Read(ctx context.Context, layer Layer, filename string) ([]byte, error) {
	return look(ctx, v.object(), func(vault *ffi.Vault) ([]byte, error) { return vault.Read(string(layer), filename) })
}

// Write encrypts one file out of memory; no plaintext is on the disk. It replaces what has the name, and a plaintext
// beside it stays as it is. The file name is that of the plaintext; "" for the team is the default one, as for Encrypt.
// The caller may wipe the data afterwards. It gives ErrConfiguration when the team has no recipients or the file was
// written for another team, ErrVault when none of the caller's identities could read the result, ErrConflict when the
// file changed meanwhile, ErrInvalidArgument and ErrIO.
func (v *Vault) Write(ctx context.Context, layer Layer, filename string, data []byte, team string) error {
	_, err := complete(ctx, v.object(), func(vault *ffi.Vault) (struct{}, error) {
		return struct{}{}, vault.Write(string(layer), filename, data, team)
	})
	return err
}

// GetFile gives the absolute path of a decrypted file. It gives ErrServiceNotFound when there is none, or only its
// encrypted form, and then the message says so; ErrConfiguration, ErrInvalidArgument and ErrIO.
func (v *Vault) GetFile(ctx context.Context, layer Layer, filename string) (string, error) {
	return look(ctx, v.object(), func(vault *ffi.Vault) (string, error) { return vault.GetFile(string(layer), filename) })
}

// List gives files of the vault, as sorted paths relative to it; "" for the layer is all four. It gives
// ErrConfiguration, ErrInvalidArgument and ErrIO.
func (v *Vault) List(ctx context.Context, layer Layer, form FileForm) ([]string, error) {
	return look(ctx, v.object(), func(vault *ffi.Vault) ([]string, error) { return vault.List(string(layer), int32(form)) })
}
