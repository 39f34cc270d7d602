//go:build !cgo || !linux

package ffi

// HeaderVersion is empty: no header was compiled.
const HeaderVersion = ""

// problem is the error of every function that can fail.
var problem = &Failure{Status: statusConfiguration,
	Message: "this program was built without libkstack; build it on Linux with CGO_ENABLED=1 and a C compiler"}

// Container cannot be made.
type Container struct{}

// Vault cannot be opened.
type Vault struct{}

// Credentials cannot be made.
type Credentials struct{}

// Cancellation cannot be made.
type Cancellation struct{}

// Reply is never given.
type Reply uintptr

// Problem is why no library is loaded.
func Problem() *Failure { return problem }

// Most functions are in stub_functions.go, which is generated. All are documented in the files with cgo.

func ContextReason() string { return problem.Message }

func Carry(_ any, call func()) { call() }

func StatusName(status int32) string {
	if status == statusConfiguration {
		return "KSTACK_ERROR_CONFIGURATION"
	}
	return "KSTACK_ERROR_UNKNOWN"
}
