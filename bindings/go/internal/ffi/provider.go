//go:build cgo && linux

package ffi

/*
#include "kstack_go.h"
#include <string.h>

// These are in callbacks.go: a file with an export may hold declarations only.
extern int32_t kstackGoGetCredentials(uintptr_t handle, char *service, char *layer, char *environment,
                                      uintptr_t reply);
extern int32_t kstackGoLoadSecrets(uintptr_t handle, char *layer, char *environment, uintptr_t reply);
extern void kstackGoRelease(uintptr_t handle);

static kstack_status kstack_go_get_credentials(void *context, const char *service, const char *layer,
                                               const char *environment, kstack_reply *reply) {
  return kstackGoGetCredentials((uintptr_t)context, (char *)service, (char *)layer, (char *)environment,
                                (uintptr_t)reply);
}

static kstack_status kstack_go_load_secrets(void *context, const char *layer, const char *environment,
                                            kstack_reply *reply) {
  return kstackGoLoadSecrets((uintptr_t)context, (char *)layer, (char *)environment, (uintptr_t)reply);
}

static void kstack_go_release(void *context) {
  kstackGoRelease((uintptr_t)context);
}

// Sets a provider; a handle of 0 restores the library's own.
static kstack_status kstack_go_set_secrets_provider(kstack_container *container, uintptr_t handle, bool loads,
                                                    kstack_error **error) {
  if (!handle) return kstack_container_set_secrets_provider(container, NULL, error);
  kstack_secrets_provider provider;
  memset(&provider, 0, sizeof provider);
  provider.struct_size = sizeof provider;
  provider.context = (void *)handle;
  provider.get_credentials = kstack_go_get_credentials;
  if (loads) provider.load_secrets = kstack_go_load_secrets;
  provider.release = kstack_go_release;
  return kstack_container_set_secrets_provider(container, &provider, error);
}

// To Go a reply is a number, since it may not be a valid pointer. The value is read in place.
static void kstack_go_reply_set(uintptr_t reply, const char *name, _GoString_ value) {
  kstack_reply_set((kstack_reply *)reply, name, _GoStringPtr(value), _GoStringLen(value));
}

static void kstack_go_reply_set_error(uintptr_t reply, kstack_status status, const char *message) {
  kstack_reply_set_error((kstack_reply *)reply, status, message);
}
*/
import "C"

import "runtime/cgo"

// SetSecretsProvider sets a provider; nil restores the library's own. Without loads it is not asked for the secrets of
// a layer.
func (c *Container) SetSecretsProvider(provider Provider, loads bool) error {
	var handle cgo.Handle
	if provider != nil {
		handle = cgo.NewHandle(provider)
	}
	var failure *C.kstack_error
	status := C.kstack_go_set_secrets_provider(c.pointer, C.uintptr_t(handle), C.bool(loads), &failure)
	err := failureFrom(status, failure)
	if err != nil && provider != nil {
		handle.Delete()
	}
	return err
}

// Reply takes the answer of a Provider.
type Reply uintptr

// Set adds a value; an invalid one fails the look-up. A name with a NUL is refused.
func (r Reply) Set(name, value string) error {
	var a arguments
	defer a.free()
	given := a.add(name, "a name")
	if a.err == nil {
		C.kstack_go_reply_set(C.uintptr_t(r), given, value)
	}
	return a.err
}

// SetError sets the error of the look-up.
func (r Reply) SetError(status int32, message string) error {
	var a arguments
	defer a.free()
	given := a.add(message, "a message")
	if a.err == nil {
		C.kstack_go_reply_set_error(C.uintptr_t(r), C.kstack_status(status), given)
	}
	return a.err
}
