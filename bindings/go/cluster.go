package kstack

import (
	"context"

	"kstack.dev/go/kstack/internal/ffi"
)

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
