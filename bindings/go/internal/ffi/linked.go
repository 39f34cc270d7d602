//go:build cgo && linux && !kstack_bundled

package ffi

// #cgo pkg-config: kstack
import "C"

// Problem is why no library is loaded; never with a library that is linked.
func Problem() *Failure { return nil }
