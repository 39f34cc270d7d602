//go:build cgo && linux

package ffi

// #include "kstack_go.h"
import "C"

import "fmt"

// HeaderVersion is the version of the header that this package was compiled with.
const HeaderVersion = C.KSTACK_VERSION

// Version returns the version of the library that was loaded; "" where none could be loaded.
func Version() string { return C.GoString(C.kstack_version()) }

// CheckLibrary refuses a library that does not fit the header; where none is loaded it returns why.
func CheckLibrary() error {
	problem := Problem()
	if problem == nil {
		problem = checkABIVersion(uint32(C.kstack_abi_version()), Version())
	}
	if problem == nil {
		problem = checkVersion(Version())
	}
	if problem != nil {
		return problem
	}
	return nil
}

func checkABIVersion(found uint32, version string) *Failure {
	if found == C.KSTACK_ABI_VERSION {
		return nil
	}
	return &Failure{Status: statusConfiguration, Message: fmt.Sprintf(
		"the libkstack that was loaded is version %s with ABI version %d, and this program was compiled for %s with %d",
		version, found, HeaderVersion, C.KSTACK_ABI_VERSION)}
}

// checkVersion refuses a library that is older than the header: Go's build cache keeps what was compiled against a
// header that has been replaced since, which the check at compile time cannot detect.
func checkVersion(found string) *Failure {
	if compareVersions(found, HeaderVersion) >= 0 {
		return nil
	}
	return &Failure{Status: statusConfiguration, Message: fmt.Sprintf(
		"the libkstack that was loaded is version %s, and this program was compiled for %s; install that or a later one",
		found, HeaderVersion)}
}

// compareVersions returns -1, 0 or 1, by the three numbers of each version.
func compareVersions(first, second string) int {
	var a, b [3]int
	fmt.Sscanf(first, "%d.%d.%d", &a[0], &a[1], &a[2])
	fmt.Sscanf(second, "%d.%d.%d", &b[0], &b[1], &b[2])
	for i := range a {
		if a[i] < b[i] {
			return -1
		} else if a[i] > b[i] {
			return 1
		}
	}
	return 0
}

// IsInCluster is kstack_is_in_cluster.
func IsInCluster() bool { return bool(C.kstack_is_in_cluster()) }

// CurrentContext is kstack_current_context; -1 where no library could be loaded.
func CurrentContext() int32 { return int32(C.kstack_current_context()) }

// ContextReason is kstack_context_reason, or why no library could be loaded.
func ContextReason() string {
	if problem := Problem(); problem != nil {
		return problem.Message
	}
	return C.GoString(C.kstack_context_reason())
}

// Guard is kstack_guard.
func Guard(required int32) error {
	var failure *C.kstack_error
	return failureFrom(C.kstack_guard(C.kstack_context(required), &failure), failure)
}

// StatusName returns the name of a status in kstack.h.
func StatusName(status int32) string {
	if Problem() != nil && status == statusConfiguration {
		return "KSTACK_ERROR_CONFIGURATION" // The status of problem, since the names are in the library.
	}
	return C.GoString(C.kstack_status_name(C.kstack_status(status)))
}

// ParseLayer returns the number of a layer; -1 for an invalid name.
func ParseLayer(name string) (int32, error) {
	var a arguments
	defer a.free()
	given := a.add(name, "the name of a layer")
	if a.err != nil {
		return -1, a.err
	}
	layer := C.kstack_layer(-1)
	var failure *C.kstack_error
	err := failureFrom(C.kstack_layer_parse(given, &layer, &failure), failure)
	return int32(layer), err
}

// LayerName is kstack_layer_name; "" for an invalid number.
func LayerName(layer int32) string { return C.GoString(C.kstack_layer_name(C.kstack_layer(layer))) }

// LayerNamespace is kstack_layer_namespace; "" for an invalid number.
func LayerNamespace(layer int32) string {
	return C.GoString(C.kstack_layer_namespace(C.kstack_layer(layer)))
}

// LayerDisplayName is kstack_layer_display_name; "" for an invalid number.
func LayerDisplayName(layer int32) string {
	return C.GoString(C.kstack_layer_display_name(C.kstack_layer(layer)))
}

// GenerateIdentity returns both halves of a new age identity, the secret one first.
func GenerateIdentity() (secret, recipient string, err error) {
	var public *C.char
	secret, err = takeString(func(out **C.char, failure **C.kstack_error) C.kstack_status {
		return C.kstack_identity_generate(out, &public, failure)
	})
	defer C.kstack_string_free(public)
	return secret, C.GoString(public), err
}

// GeneratePostQuantumIdentity is GenerateIdentity for an identity that withstands quantum computers.
func GeneratePostQuantumIdentity() (secret, recipient string, err error) {
	var public *C.char
	secret, err = takeString(func(out **C.char, failure **C.kstack_error) C.kstack_status {
		return C.kstack_identity_generate_post_quantum(out, &public, failure)
	})
	defer C.kstack_string_free(public)
	return secret, C.GoString(public), err
}
