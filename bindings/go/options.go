package kstack

import (
	"fmt"
	"math"
	"time"

	"kstack.dev/go/kstack/internal/ffi"
)

// Options say how a Container is made. The zero value of each field is its default.
type Options struct {
	// ProjectRoot is the folder from which .kstack.yaml and the vault are looked for, upwards; "" is the working
	// directory.
	ProjectRoot string
	// IdentityFile is a file of age identities, before all other sources of identities.
	IdentityFile string
	// Passphrase opens an encrypted identity file; "" is the variable KSTACK_AGE_PASSPHRASE.
	Passphrase string
	// Timeout is how long a call to the Kubernetes API server may take; 0 is five seconds.
	Timeout time.Duration
	// Log takes lines of the log, which hold no secret. It is called while the call that logs runs, from several at once;
	// a panic in it is dropped. nil logs nothing.
	Log func(level LogLevel, message string)
}

// String shows everything but the passphrase.
func (o Options) String() string {
	passphrase := ""
	if o.Passphrase != "" {
		passphrase = "***"
	}
	return fmt.Sprintf("kstack.Options{ProjectRoot: %q, IdentityFile: %q, Passphrase: %q, Timeout: %v}",
		o.ProjectRoot, o.IdentityFile, passphrase, o.Timeout)
}

// GoString is String.
func (o Options) GoString() string { return o.String() }

// Format is String, whatever the verb.
func (o Options) Format(state fmt.State, verb rune) { fmt.Fprint(state, o.String()) }

// forLibrary gives the options as the library takes them.
func (o Options) forLibrary() (ffi.Options, error) {
	milliseconds := (o.Timeout + time.Millisecond - 1) / time.Millisecond
	if o.Timeout < 0 || milliseconds < 0 || milliseconds > math.MaxUint32 {
		return ffi.Options{}, NewError(ErrInvalidArgument, "Timeout is negative or too long")
	}
	given := ffi.Options{
		ProjectRoot:  o.ProjectRoot,
		IdentityFile: o.IdentityFile,
		Passphrase:   o.Passphrase,
		Milliseconds: uint32(milliseconds),
	}
	if o.Log != nil {
		given.Log = func(level int32, message string) {
			withoutSlot(func() { o.Log(LogLevel(level), message) })
		}
	}
	return given, nil
}
