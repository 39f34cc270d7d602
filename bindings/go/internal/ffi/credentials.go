//go:build cgo && linux

package ffi

// #include "kstack_go.h"
import "C"

import "unsafe"

// Credentials is a kstack_credentials.
type Credentials struct {
	pointer *C.kstack_credentials
}

func takeCredentials(
	call func(out **C.kstack_credentials, failure **C.kstack_error) C.kstack_status,
) (*Credentials, error) {
	var c Credentials
	var failure *C.kstack_error
	if err := failureFrom(call(&c.pointer, &failure), failure); err != nil {
		return nil, err
	}
	return &c, nil
}

// GetCredentials is kstack_get_credentials.
func (c *Container) GetCredentials(service, layer, environment string) (*Credentials, error) {
	var a arguments
	defer a.free()
	givenService, givenLayer, givenEnvironment := a.query(service, layer, environment)
	if a.err != nil {
		return nil, a.err
	}
	return takeCredentials(func(out **C.kstack_credentials, failure **C.kstack_error) C.kstack_status {
		return C.kstack_get_credentials(c.pointer, givenService, givenLayer, givenEnvironment, out, failure)
	})
}

// LoadSecrets is kstack_load_secrets.
func (c *Container) LoadSecrets(layer, environment string) (*Credentials, error) {
	var a arguments
	defer a.free()
	givenLayer := a.add(layer, "layer")
	givenEnvironment := a.optional(environment, "environment")
	if a.err != nil {
		return nil, a.err
	}
	return takeCredentials(func(out **C.kstack_credentials, failure **C.kstack_error) C.kstack_status {
		return C.kstack_load_secrets(c.pointer, givenLayer, givenEnvironment, out, failure)
	})
}

// ResolveService is kstack_resolve_service.
func (c *Container) ResolveService(service, layer, environment, provider string) (*Credentials, error) {
	var a arguments
	defer a.free()
	givenService, givenLayer, givenEnvironment := a.query(service, layer, environment)
	givenProvider := a.optional(provider, "provider")
	if a.err != nil {
		return nil, a.err
	}
	return takeCredentials(func(out **C.kstack_credentials, failure **C.kstack_error) C.kstack_status {
		return C.kstack_resolve_service(c.pointer, givenService, givenLayer, givenEnvironment, givenProvider, out, failure)
	})
}

// AWSCredentialProcess is kstack_aws_credential_process.
func (c *Container) AWSCredentialProcess(service, layer, environment string) ([]byte, error) {
	var a arguments
	defer a.free()
	givenService, givenLayer, givenEnvironment := a.query(service, layer, environment)
	if a.err != nil {
		return nil, a.err
	}
	return takeBytes(func(out **C.char, failure **C.kstack_error) C.kstack_status {
		return C.kstack_aws_credential_process(c.pointer, givenService, givenLayer, givenEnvironment, out, failure)
	})
}

// Names returns the names, in the order of the source.
func (c *Credentials) Names() []string {
	names := make([]string, int(C.kstack_credentials_count(c.pointer)))
	for i := range names {
		names[i] = C.GoString(C.kstack_credentials_name(c.pointer, C.size_t(i)))
	}
	return names
}

// Value returns a copy of the value at an index.
func (c *Credentials) Value(index int) []byte {
	var size C.size_t
	data := C.kstack_credentials_value(c.pointer, C.size_t(index), &size)
	return copyBytes(unsafe.Pointer(data), size)
}

// JSON returns the whole tree; false where a value is not UTF-8.
func (c *Credentials) JSON() (string, bool) {
	tree := C.kstack_credentials_json(c.pointer)
	return C.GoString(tree), tree != nil
}

// Source is kstack_credentials_source.
func (c *Credentials) Source() string { return C.GoString(C.kstack_credentials_source(c.pointer)) }

// AWSKeys is kstack_credentials_aws_keys.
func (c *Credentials) AWSKeys() (*Credentials, error) {
	return takeCredentials(func(out **C.kstack_credentials, failure **C.kstack_error) C.kstack_status {
		return C.kstack_credentials_aws_keys(c.pointer, out, failure)
	})
}

// Environ returns the variables, NAME=value each.
func (c *Credentials) Environ() ([]string, error) {
	variables, err := takeCredentials(func(out **C.kstack_credentials, failure **C.kstack_error) C.kstack_status {
		return C.kstack_credentials_environ(c.pointer, out, failure)
	})
	if err != nil {
		return nil, err
	}
	defer variables.Free()
	result := variables.Names()
	for i, name := range result {
		result[i] = name + "=" + string(variables.Value(i))
	}
	return result, nil
}

// Free wipes and frees the credentials.
func (c *Credentials) Free() { C.kstack_credentials_free(c.pointer) }
