// Package kstack gives a program the right credentials for where it runs: on a developer's machine from a vault of YAML
// files encrypted with age, in a Kubernetes pod from Kubernetes Secrets.
//
// It calls libkstack through cgo, on Linux, found with pkg-config; with build tag kstack_bundled it is found when the
// program starts: the file that KSTACK_LIBRARY names, else libkstack.so.0 next to the program, in ../lib, or where the
// loader looks. Without cgo and on other systems the package compiles, and every call that can fail returns one error.
// Package kstacktest helps to test programs that use this one.
//
// A Container is made once and may be used from many goroutines; Credentials and a Vault come from it. All three are
// closed by their owner; finalizers are a backstop only.
//
// Calls that may wait take a context, and return ErrTimeout or ErrCancelled when it ends. At most 64 calls run inside
// the library at a time; others wait for a free slot or for the end of their context.
//
// Every failure is an *Error with a code. Ask for a kind with errors.Is:
//
//	if errors.Is(err, kstack.ErrServiceNotFound) { … }
//
// Where the program runs is decided once, when the library is loaded, and nothing overrides it. Functions for a
// developer's machine fail in a pod with ErrEnvironment.
//
// Values are in locked memory, which Close wipes. Copies from Get, Bytes, Map or JSON are ordinary Go memory.
// Formatting any value of this package never shows a secret.
package kstack
