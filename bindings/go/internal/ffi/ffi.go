// Package ffi calls libkstack: it handles pointers, strings and statuses, but not their meaning. All cgo of this module
// is here. Without cgo or Linux the same functions exist, and every one that can fail returns one error.
//
// Every error of a function is a *Failure. No function keeps an argument; what is returned is a copy, except for the
// objects, which their owner frees. The caller keeps an object from being freed during a call.
package ffi

// Failure is why a call failed.
type Failure struct {
	// Status is the number of the failure in kstack.h.
	Status int32
	// Message says why, and holds no secret.
	Message string
	// Retryable reports whether the same call may succeed a little later.
	Retryable bool
	// Cause is the system's error, a syscall.Errno, where a system call on a file failed; else nil.
	Cause error
	// Path is that file.
	Path string
}

func (f *Failure) Error() string { return f.Message }

// The statuses that this package makes itself.
const (
	statusInvalidArgument int32 = 1
	statusConfiguration   int32 = 3
	statusInternal        int32 = 10
)

// Options are those of kstack_container_new; an empty string is NULL.
type Options struct {
	ProjectRoot, IdentityFile, Passphrase string
	// Milliseconds is how long a call to the API server may take; 0 is the library's default.
	Milliseconds uint32
	// Log takes log lines; nil logs nothing.
	Log func(level int32, message string)
}

// Provider answers look-ups. Its functions put an answer into the reply and return its status; they do not panic. They
// get the value that the call carries, nil for none.
type Provider interface {
	GetCredentials(carried any, service, layer, environment string, reply Reply) int32
	LoadSecrets(carried any, layer, environment string, reply Reply) int32
}

// RunOptions are the options of a run over a vault.
type RunOptions struct {
	// Team is the team of the run; "" is NULL.
	Team string
	// Files are paths; nil is all files.
	Files []string
	// Overwrite and Check are the flags of kstack_vault_options.
	Overwrite, Check bool
}

// FileReport is the result of a run for one file.
type FileReport struct {
	Path, Message                  string
	Result                         int32
	Readable, Current, PostQuantum bool
}
