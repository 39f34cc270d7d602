package kstack

import (
	"fmt"
	"math"
	"time"

	"kstack.dev/go/kstack/internal/ffi"
)

// Options are the options of New. The zero value of each field is its default.
type Options struct {
	// ProjectRoot is the folder where the search for .kstack.yaml and the vault begins, upwards; "" is the working
	// directory.
	ProjectRoot string
	// IdentityFile is a file of age identities, before all other sources of identities.
	IdentityFile string
	// Passphrase opens an encrypted identity file; "" is the variable KSTACK_AGE_PASSPHRASE.
	Passphrase string
	// Timeout is how long a call to the Kubernetes API server may take; 0 is five seconds.
	Timeout time.Duration
	// Log takes log lines, which hold no secret. It is called while the call that logs runs, from several at once;
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

// GoString is like String.
func (o Options) GoString() string { return o.String() }

// Format writes String for every verb.
func (o Options) Format(state fmt.State, verb rune) { fmt.Fprint(state, o.String()) }

// forLibrary converts the options for package ffi.
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
