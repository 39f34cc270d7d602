package kstack

// #include "kstack_go.h"
// #include <string.h>
import "C"

import (
	"runtime"
	"unsafe"
)

// LoadSecrets gives all secrets that a layer may see: its own, and those that other layers share with it; "" for the
// environment is the one that is detected. The caller closes them.
//
// It gives ErrServiceNotFound when there is none; ErrConfiguration (files that contradict one another, nested values,
// malformed YAML, files not to be trusted); ErrVault (no identity fits an own file, a file is damaged);
// ErrClusterAPI in a pod; ErrInvalidArgument; ErrIO.
func (c *Container) LoadSecrets(layer, environment string) (*Credentials, error) {
	var arguments texts
	defer arguments.free()
	layerText := arguments.add(layer, "layer")
	environmentText := arguments.addOptional(environment, "environment")
	if arguments.err != nil {
		return nil, arguments.err
	}
	return c.credentials(func(
		container *C.kstack_container, out **C.kstack_credentials, failure **C.kstack_error,
	) C.kstack_status {
		return C.kstack_load_secrets(container, layerText, environmentText, out, failure)
	})
}

// ResolveService gives endpoint, region and credentials of a service, such as "s3" in "layer3", of the cloud provider
// that serves the layer; "" for the environment is the one that is detected, and "" for the provider the one of the
// configuration. The names are provider, family, implementation, region, endpoint_url, presigned_url_domain, verify_ssl
// ("true" or "false"), then the credentials, then what else the service's entry holds; what is not configured is left
// out. The caller closes them.
//
// It gives ErrLayerAccess for a layer without cloud services (only layer1 and layer3 have them); ErrConfiguration when a
// file is missing or not as it must be, or the provider may not be named; ErrServiceNotFound when the provider does not
// have the service, or there are no credentials for it; and otherwise fails as GetCredentials does.
func (c *Container) ResolveService(service, layer, environment, provider string) (*Credentials, error) {
	var arguments texts
	defer arguments.free()
	serviceText := arguments.add(service, "service")
	layerText := arguments.add(layer, "layer")
	environmentText := arguments.addOptional(environment, "environment")
	providerText := arguments.addOptional(provider, "provider")
	if arguments.err != nil {
		return nil, arguments.err
	}
	return c.credentials(func(
		container *C.kstack_container, out **C.kstack_credentials, failure **C.kstack_error,
	) C.kstack_status {
		return C.kstack_resolve_service(container, serviceText, layerText, environmentText, providerText, out, failure)
	})
}

// credentials calls a function that gives credentials.
func (c *Container) credentials(
	call func(*C.kstack_container, **C.kstack_credentials, **C.kstack_error) C.kstack_status,
) (*Credentials, error) {
	defer runtime.KeepAlive(c)
	container, err := c.object().acquire()
	if err != nil {
		return nil, err
	}
	defer c.object().release()
	var given *C.kstack_credentials
	var failure *C.kstack_error
	status := call((*C.kstack_container)(container), &given, &failure)
	if err := errorFrom(status, failure); err != nil {
		return nil, err
	}
	return newCredentials(given), nil
}

// ActiveRoute gives the route that is active for a layer, in its long form, such as "production". It gives ErrRoute when
// the one that is named is not known, ErrConfiguration when .kstack.yaml is malformed or not to be trusted, and
// ErrClusterAPI in a pod.
func (c *Container) ActiveRoute(layer string) (string, error) {
	var arguments texts
	defer arguments.free()
	layerText := arguments.add(layer, "layer")
	if arguments.err != nil {
		return "", arguments.err
	}
	return c.text(func(container *C.kstack_container, out **C.char, failure **C.kstack_error) C.kstack_status {
		return C.kstack_get_active_route(container, layerText, out, failure)
	})
}

// AWSCredentialProcess gives the credentials of a service as the JSON of AWS's credential_process convention, which is a
// secret and which the caller may wipe; "" for the environment is the one that is detected. It fails as GetCredentials
// does, and with ErrConfiguration when the access key or the secret key is missing.
func (c *Container) AWSCredentialProcess(service, layer, environment string) ([]byte, error) {
	defer runtime.KeepAlive(c)
	var arguments texts
	defer arguments.free()
	serviceText := arguments.add(service, "service")
	layerText := arguments.add(layer, "layer")
	environmentText := arguments.addOptional(environment, "environment")
	if arguments.err != nil {
		return nil, arguments.err
	}
	container, err := c.object().acquire()
	if err != nil {
		return nil, err
	}
	defer c.object().release()
	var out *C.char
	var failure *C.kstack_error
	status := C.kstack_aws_credential_process((*C.kstack_container)(container), serviceText, layerText,
		environmentText, &out, &failure)
	if err := errorFrom(status, failure); err != nil {
		return nil, err
	}
	defer C.kstack_string_free(out)
	return takeBytes(unsafe.Pointer(out), C.strlen(out)), nil
}
