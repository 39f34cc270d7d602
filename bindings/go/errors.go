package kstack

// #include "kstack_go.h"
import "C"

import "errors"

// Code is the number of a failure, as in kstack.h. Later versions may have more: take an unknown one for a failure.
type Code int32

// The codes of failures.
const (
	CodeInvalidArgument Code = C.KSTACK_ERROR_INVALID_ARGUMENT
	CodeEnvironment     Code = C.KSTACK_ERROR_ENVIRONMENT
	CodeConfiguration   Code = C.KSTACK_ERROR_CONFIGURATION
	CodeServiceNotFound Code = C.KSTACK_ERROR_SERVICE_NOT_FOUND
	CodeLayerAccess     Code = C.KSTACK_ERROR_LAYER_ACCESS
	CodeRoute           Code = C.KSTACK_ERROR_ROUTE
	CodeVault           Code = C.KSTACK_ERROR_VAULT
	CodeClusterAPI      Code = C.KSTACK_ERROR_CLUSTER_API
	CodeIO              Code = C.KSTACK_ERROR_IO
	CodeInternal        Code = C.KSTACK_ERROR_INTERNAL
	CodeConflict        Code = C.KSTACK_ERROR_CONFLICT
)

// String gives the name of a code in kstack.h, such as "KSTACK_ERROR_VAULT".
func (c Code) String() string {
	if libraryProblem() != nil && c == CodeConfiguration {
		return "KSTACK_ERROR_CONFIGURATION" // The one that tells of the problem; the names are the library's.
	}
	return C.GoString(C.kstack_status_name(C.kstack_status(c)))
}

// Kinds of failure, for errors.Is.
var (
	// ErrInvalidArgument: a name is out of grammar, or a text is not UTF-8.
	ErrInvalidArgument = &Error{Code: CodeInvalidArgument, message: "invalid argument"}
	// ErrEnvironment: wrong context, such as a vault in a pod.
	ErrEnvironment = &Error{Code: CodeEnvironment, message: "not in this context"}
	// ErrConfiguration: configuration is missing, malformed or not to be trusted, or environments do not match.
	ErrConfiguration = &Error{Code: CodeConfiguration, message: "bad configuration"}
	// ErrServiceNotFound: there is no such file of credentials, service, secret or config map.
	ErrServiceNotFound = &Error{Code: CodeServiceNotFound, message: "not found"}
	// ErrLayerAccess: the layer may not have what was asked for.
	ErrLayerAccess = &Error{Code: CodeLayerAccess, message: "not for this layer"}
	// ErrRoute: the route is unknown.
	ErrRoute = &Error{Code: CodeRoute, message: "unknown route"}
	// ErrVault: no identity fits, or the ciphertext is damaged or forged.
	ErrVault = &Error{Code: CodeVault, message: "vault cannot be opened"}
	// ErrClusterAPI: the Kubernetes API server could not be reached or refused.
	ErrClusterAPI = &Error{Code: CodeClusterAPI, message: "Kubernetes API failed"}
	// ErrIO: the file system refused.
	ErrIO = &Error{Code: CodeIO, message: "file system failed"}
	// ErrInternal: a defect in the library, or no memory.
	ErrInternal = &Error{Code: CodeInternal, message: "internal error"}
	// ErrConflict: both a plaintext and its ciphertext changed; nothing was written.
	ErrConflict = &Error{Code: CodeConflict, message: "conflict"}
)

// ErrClosed is what a call of a closed Container, Vault or Credentials gives; it is an ErrInvalidArgument, too.
var ErrClosed = errors.New("kstack: closed")

// Error is any failure of this package. Its message says what was looked for, where, and what to do next, and never
// holds a secret.
type Error struct {
	// Code is the number of the failure.
	Code Code
	// Retryable tells whether the same call may succeed a little later.
	Retryable bool

	message string
	cause   error
}

func newError(code Code, message string, retryable bool) *Error {
	return &Error{Code: code, Retryable: retryable, message: message}
}

// NewError makes an Error for a SecretsProvider to return. The message is passed on to who looked up: it must hold no
// secret.
func NewError(code Code, message string) *Error {
	return newError(code, message, false)
}

func closedError(what string) *Error {
	return &Error{Code: CodeInvalidArgument, message: "this " + what + " is closed", cause: ErrClosed}
}

// Error gives the message.
func (e *Error) Error() string {
	return "kstack: " + e.message
}

// Is tells whether target is an *Error of the same code.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code
}

// Unwrap gives ErrClosed for the use of something closed, else nil.
func (e *Error) Unwrap() error {
	return e.cause
}

// errorFrom makes an error of what a call answered, and frees the library's.
func errorFrom(status C.kstack_status, given *C.kstack_error) error {
	if status == C.KSTACK_OK {
		return nil
	}
	if given == nil {
		if problem := libraryProblem(); problem != nil {
			return problem
		}
		return newError(Code(status), Code(status).String(), false)
	}
	defer C.kstack_error_free(given)
	return newError(Code(status), C.GoString(C.kstack_error_message(given)), bool(C.kstack_error_is_retryable(given)))
}
