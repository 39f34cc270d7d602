package kstack

import (
	"context"

	"kstack.dev/go/kstack/internal/ffi"
)

// Query names the credentials to look up.
type Query struct {
	// Service is the name of the service, such as "s3".
	Service string
	// Layer is the layer that needs it, such as Layer3.
	Layer Layer
	// Environment is the name of an environment; "" is the detected one.
	Environment string
	// Provider is a cloud provider, only for ResolveService; "" is the configured one.
	Provider string
}

// Source is where a program looks up credentials: a *Container, or in its tests a Source of package kstacktest.
type Source interface {
	GetCredentials(ctx context.Context, query Query) (*Credentials, error)
	LoadSecrets(ctx context.Context, layer Layer, environment string) (*Credentials, error)
	ResolveService(ctx context.Context, query Query) (*Credentials, error)
}

var _ Source = (*Container)(nil)

// GetCredentials returns the credentials of a service. The caller closes them.
//
// It returns ErrServiceNotFound; ErrConfiguration (no environment, no vault, malformed YAML, untrusted files; in a pod
// another environment than its own); ErrVault (no identity fits, the file is damaged); ErrClusterAPI; ErrTimeout and
// ErrCancelled when the context ends; ErrInvalidArgument; ErrIO.
func (c *Container) GetCredentials(ctx context.Context, query Query) (*Credentials, error) {
	return c.credentials(ctx, func(container *ffi.Container) (*ffi.Credentials, error) {
		if err := query.withoutProvider(); err != nil {
			return nil, err
		}
		return container.GetCredentials(query.Service, string(query.Layer), query.Environment)
	})
}

// LoadSecrets returns all secrets that a layer may see: its own, and those that other layers share with it; "" for the
// environment is the detected one. The caller closes them.
//
// It returns ErrServiceNotFound when there is none; ErrConfiguration (files that contradict one another, nested values,
// malformed YAML, untrusted files); ErrVault (no identity fits an own file, a file is damaged); ErrClusterAPI in a pod;
// ErrTimeout and ErrCancelled when the context ends; ErrInvalidArgument; ErrIO.
func (c *Container) LoadSecrets(ctx context.Context, layer Layer, environment string) (*Credentials, error) {
	return c.credentials(ctx, func(container *ffi.Container) (*ffi.Credentials, error) {
		return container.LoadSecrets(string(layer), environment)
	})
}

// ResolveService returns endpoint, region and credentials of a service, of the cloud provider that serves the layer.
// The names are provider, family, implementation, region, endpoint_url, presigned_url_domain, verify_ssl ("true" or
// "false"), then the credentials, then what else the service's entry holds; what is not configured is left out. The
// caller closes them.
//
// It returns ErrLayerAccess for a layer without cloud services (only layer1 and layer3 have them); ErrConfiguration
// when a file is missing or invalid, or another provider is not allowed; ErrServiceNotFound when the provider does not
// have the service, or there are no credentials for it; and otherwise fails as GetCredentials does.
func (c *Container) ResolveService(ctx context.Context, query Query) (*Credentials, error) {
	return c.credentials(ctx, func(container *ffi.Container) (*ffi.Credentials, error) {
		return container.ResolveService(query.Service, string(query.Layer), query.Environment, query.Provider)
	})
}

// ListServices returns the services that a layer has credentials for, in the order of the file; "" for the environment
// is the detected one. It fails as GetCredentials does, and with ErrEnvironment in a pod.
func (c *Container) ListServices(ctx context.Context, layer Layer, environment string) ([]string, error) {
	return look(ctx, c.object(), func(container *ffi.Container) ([]string, error) {
		return container.ListServices(string(layer), environment)
	})
}

// AWSCredentialProcess returns the credentials of a service as the JSON of AWS's credential_process convention, which
// is a secret and which the caller may wipe. It fails as GetCredentials does, and with ErrConfiguration when the access
// key or the secret key is missing.
func (c *Container) AWSCredentialProcess(ctx context.Context, query Query) ([]byte, error) {
	return look(ctx, c.object(), func(container *ffi.Container) (answer []byte, err error) {
		if err := query.withoutProvider(); err != nil {
			return nil, err
		}
		c.carry(ctx, func() {
			answer, err = container.AWSCredentialProcess(query.Service, string(query.Layer), query.Environment)
		})
		return answer, err
	})
}

// credentials calls a function that looks up credentials.
func (c *Container) credentials(
	ctx context.Context, call func(*ffi.Container) (*ffi.Credentials, error),
) (*Credentials, error) {
	object, err := look(ctx, c.object(), func(container *ffi.Container) (credentials *ffi.Credentials, err error) {
		c.carry(ctx, func() { credentials, err = call(container) })
		return credentials, err
	})
	if err != nil {
		return nil, err
	}
	return newCredentials(object), nil
}

// withoutProvider refuses a query for ResolveService: nothing else takes a provider into account.
func (q Query) withoutProvider() error {
	if q.Provider != "" {
		return NewError(ErrInvalidArgument, "Provider is for ResolveService only")
	}
	return nil
}
