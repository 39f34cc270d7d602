//go:build !kstack_bundled

package kstack

// #cgo pkg-config: kstack
import "C"

// libraryProblem is why no library is loaded; never with a library that is linked.
func libraryProblem() *Error { return nil }
