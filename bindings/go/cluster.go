package kstack

import (
	"context"

	"kstack.dev/go/kstack/internal/ffi"
)

// ActiveRoute returns the active route of a layer, in its long form, such as "production". It returns ErrRoute for an
// unknown route, ErrConfiguration when .kstack.yaml is malformed or untrusted, and in a pod ErrClusterAPI, ErrTimeout
// and ErrCancelled.
func (c *Container) ActiveRoute(ctx context.Context, layer Layer) (string, error) {
	return look(ctx, c.object(), func(container *ffi.Container) (string, error) {
		return container.ActiveRoute(string(layer))
	})
}

// SetActiveRoute sets the route of a layer, in config map kstack-route of its namespace, which must exist. It returns
// ErrEnvironment outside of a pod; ErrRoute for an unknown route, and then nothing was sent; ErrServiceNotFound when
// there is no such config map; ErrClusterAPI; ErrConfiguration when the pod's namespace has another form; ErrTimeout
// and ErrCancelled.
func (c *Container) SetActiveRoute(ctx context.Context, layer Layer, route string) error {
	_, err := complete(ctx, c.object(), func(container *ffi.Container) (struct{}, error) {
		return struct{}{}, container.SetActiveRoute(string(layer), route)
	})
	return err
}

// ConfigMap returns the value of a key of a config map in the namespace of a layer, such as "production.yaml" of
// "kstack-environments". It returns ErrEnvironment outside of a pod; ErrServiceNotFound when there is no such config
// map, or no such key in it; ErrClusterAPI; ErrConfiguration when the pod's namespace has another form; ErrTimeout and
// ErrCancelled; ErrInvalidArgument.
func (c *Container) ConfigMap(ctx context.Context, layer Layer, name, key string) (string, error) {
	return look(ctx, c.object(), func(container *ffi.Container) (string, error) {
		return container.ConfigMap(string(layer), name, key)
	})
}
