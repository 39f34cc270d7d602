//go:build !cgo

package kstack

// Without cgo there is nothing that this package could do, so it does not compile, and the compiler's message is this.
var _ = kstack_needs_cgo__set_CGO_ENABLED_1_and_install_a_C_compiler
