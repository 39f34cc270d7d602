// Package kstack gives a program the right credentials for where it runs: on a developer's machine from a vault of YAML
// files encrypted with age, in a Kubernetes pod from Kubernetes Secrets.
//
// It calls libkstack through cgo, on Linux, found with pkg-config; with build tag kstack_bundled it is found when the
// program starts: the file that KSTACK_LIBRARY names, else libkstack.so.0 beside the program, in ../lib, or where the
// loader looks. Without cgo and on other systems the package compiles, and every call that can fail gives one error.
// Package kstacktest is for the tests of programs.
//
// A Container is made once and may be used from many goroutines; Credentials and a Vault come from it. All three are
// closed by their owner; finalizers are a backstop only.
//
// Calls that may wait take a context, and what ends it is an ErrTimeout or an ErrCancelled. At most 64 calls run inside the
// library at a time; others wait for their turn or for the end of their context.
//
// Every failure is an *Error with a code. Ask for a kind with errors.Is:
//
//	if errors.Is(err, kstack.ErrServiceNotFound) { … }
//
// Where the program runs is decided once, when the library is loaded, and nothing overrides it. What belongs to a
// developer's machine fails in a pod with ErrEnvironment.
//
// Values lie in locked memory, which Close wipes. What was taken out of it by Get, Bytes, Map or JSON is ordinary Go
// memory. Formatting any value of this package never shows a secret.
package kstack
