//go:build cgo && linux

package ffi

/*
#include "kstack_go.h"
#include <string.h>

static kstack_scope kstack_go_scope(uint32_t timeout_ms, kstack_cancellation *cancellation) {
  kstack_scope scope;
  memset(&scope, 0, sizeof scope);
  scope.struct_size = sizeof scope;
  scope.timeout_ms = timeout_ms;
  scope.cancellation = cancellation;
  return scope;
}
*/
import "C"

// Cancellation is a kstack_cancellation.
type Cancellation struct {
	pointer *C.kstack_cancellation
}

// NewCancellation makes a cancellation.
func NewCancellation() (Cancellation, error) {
	var c Cancellation
	var failure *C.kstack_error
	err := failureFrom(C.kstack_cancellation_new(&c.pointer, &failure), failure)
	return c, err
}

// Cancel ends the calls of its scopes.
func (c Cancellation) Cancel() { C.kstack_cancellation_cancel(c.pointer) }

// Free frees the cancellation; scopes keep what they need of it.
func (c Cancellation) Free() { C.kstack_cancellation_free(c.pointer) }

// Scope returns a container that shares everything with this one, and whose calls end when they are cancelled, or after
// a number of milliseconds; 0 for no deadline.
func (c *Container) Scope(milliseconds uint32, cancellation Cancellation) (*Container, error) {
	scope := C.kstack_go_scope(C.uint32_t(milliseconds), cancellation.pointer)
	scoped := &Container{log: c.log}
	var failure *C.kstack_error
	status := C.kstack_container_scope(c.pointer, &scope, &scoped.pointer, &failure)
	if err := failureFrom(status, failure); err != nil {
		return nil, err
	}
	scoped.log.retain()
	return scoped, nil
}

// Scope returns the same vault, whose calls end as those of a scope of a container.
func (v *Vault) Scope(milliseconds uint32, cancellation Cancellation) (*Vault, error) {
	scope := C.kstack_go_scope(C.uint32_t(milliseconds), cancellation.pointer)
	scoped := &Vault{log: v.log}
	var failure *C.kstack_error
	status := C.kstack_vault_scope(v.pointer, &scope, &scoped.pointer, &failure)
	if err := failureFrom(status, failure); err != nil {
		return nil, err
	}
	scoped.log.retain()
	return scoped, nil
}
