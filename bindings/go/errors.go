package kstack

import (
	"context"
	"errors"

	"kstack.dev/go/kstack/internal/ffi"
)

// Code is a kind of failure, by its number in kstack.h. It is an error itself, for errors.Is:
//
//	errors.Is(err, kstack.ErrServiceNotFound)
//
// Later versions may have more codes: treat an unknown one as a failure.
type Code int32

// The kinds of failure.
const (
	// ErrInvalidArgument: a name is invalid, or a string is not UTF-8.
	ErrInvalidArgument Code = 1
	// ErrEnvironment: wrong context, such as a vault in a pod.
	ErrEnvironment Code = 2
	// ErrConfiguration: configuration is missing, malformed or untrusted, or environments do not match.
	ErrConfiguration Code = 3
	// ErrServiceNotFound: no such credentials file, service, secret or config map.
	ErrServiceNotFound Code = 4
	// ErrLayerAccess: the layer may not have what was asked for.
	ErrLayerAccess Code = 5
	// ErrRoute: the route is unknown.
	ErrRoute Code = 6
	// ErrVault: no identity fits, or the ciphertext is damaged or forged.
	ErrVault Code = 7
	// ErrClusterAPI: the Kubernetes API server could not be reached, or refused the request.
	ErrClusterAPI Code = 8
	// ErrIO: the file system refused.
	ErrIO Code = 9
	// ErrInternal: a defect in the library, or no memory.
	ErrInternal Code = 10
	// ErrConflict: both a plaintext and its ciphertext changed; nothing was written.
	ErrConflict Code = 11
	// ErrTimeout: the deadline of the call passed; it is a context.DeadlineExceeded, too.
	ErrTimeout Code = 12
	// ErrCancelled: the context of the call was cancelled; it is a context.Canceled, too.
	ErrCancelled Code = 13
)

var codeMessages = map[Code]string{
	ErrInvalidArgument: "invalid argument",
	ErrEnvironment:     "not in this context",
	ErrConfiguration:   "bad configuration",
	ErrServiceNotFound: "not found",
	ErrLayerAccess:     "not for this layer",
	ErrRoute:           "unknown route",
	ErrVault:           "vault cannot be opened",
	ErrClusterAPI:      "Kubernetes API failed",
	ErrIO:              "file system failed",
	ErrInternal:        "internal error",
	ErrConflict:        "conflict",
	ErrTimeout:         "deadline exceeded",
	ErrCancelled:       "cancelled",
}

// Error returns a message for the kind of failure.
func (c Code) Error() string {
	if message, known := codeMessages[c]; known {
		return "kstack: " + message
	}
	return "kstack: " + c.String()
}

// Is makes ErrTimeout a context.DeadlineExceeded and ErrCancelled a context.Canceled.
func (c Code) Is(target error) bool {
	return c == ErrTimeout && target == context.DeadlineExceeded || c == ErrCancelled && target == context.Canceled
}

// String returns the name of a code in kstack.h, such as "KSTACK_ERROR_VAULT".
func (c Code) String() string { return ffi.StatusName(int32(c)) }

// ErrClosed is returned by calls of a closed Container, Vault or Credentials; it is an ErrInvalidArgument, too.
var ErrClosed = errors.New("kstack: closed")

// Error is a failure of this package. Its message says what was looked for, where, and what to do next, and never
// holds a secret.
//
// Where a system call on a file failed, the error is the system's, too:
//
//	errors.Is(err, fs.ErrPermission)
type Error struct {
	// Code is the kind of the failure.
	Code Code
	// Retryable reports whether the same call may succeed a little later.
	Retryable bool
	// Path is the file whose system call failed; empty for other failures, and
	// where it may be, or holds, a secret.
	Path string

	message string
	cause   error
}

// NewError makes an Error for a SecretsProvider to return. The message is passed on to the caller: it must hold no
// secret.
func NewError(code Code, message string) *Error {
	return &Error{Code: code, message: message}
}

func closedError(what string) *Error {
	if what == "" {
		what = "object"
	}
	return &Error{Code: ErrInvalidArgument, message: "this " + what + " is closed", cause: ErrClosed}
}

// contextError makes the error for the cause that ended a context.
func contextError(cause error) *Error {
	if errors.Is(cause, context.DeadlineExceeded) {
		return &Error{Code: ErrTimeout, Retryable: true, message: "the deadline of the call passed"}
	}
	return &Error{Code: ErrCancelled, message: "the call was cancelled"}
}

// errorFrom converts an error of package ffi.
func errorFrom(err error) error {
	failure, ok := err.(*ffi.Failure)
	if !ok {
		return err
	}
	return &Error{
		Code:      Code(failure.Status),
		Retryable: failure.Retryable,
		Path:      failure.Path,
		message:   failure.Message,
		cause:     failure.Cause,
	}
}

// Error returns the message.
func (e *Error) Error() string { return "kstack: " + e.message }

// Is reports whether target is the code of the error.
func (e *Error) Is(target error) bool {
	return e != nil && (target == error(e.Code) || e.Code.Is(target))
}

// As sets a target that is a *Code to the code of the error, which Unwrap does not always return.
func (e *Error) As(target any) bool {
	code, ok := target.(*Code)
	if e == nil || !ok {
		return false
	}
	*code = e.Code
	return true
}

// Unwrap returns ErrClosed for the use of a closed object, the system's error for a file, else the code.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil // A provider may return it by mistake.
	}
	if e.cause != nil {
		return e.cause
	}
	return e.Code
}
