package kstack

// #include "kstack_go.h"
import "C"

import "runtime"

// ConfigMap gives the value of a key of a config map in the namespace of a layer, such as "production.yaml" of
// "kstack-environments". It gives ErrEnvironment outside of a pod; ErrServiceNotFound when there is no such config map,
// or no such key in it; ErrClusterAPI; ErrConfiguration when the pod's namespace has another shape; ErrInvalidArgument.
func (c *Container) ConfigMap(layer, name, key string) (string, error) {
	var arguments texts
	defer arguments.free()
	layerText := arguments.add(layer, "layer")
	nameText := arguments.add(name, "name")
	keyText := arguments.add(key, "key")
	if arguments.err != nil {
		return "", arguments.err
	}
	return c.text(func(container *C.kstack_container, out **C.char, failure **C.kstack_error) C.kstack_status {
		return C.kstack_configmap_get(container, layerText, nameText, keyText, out, failure)
	})
}

// SetActiveRoute sets the route of a layer, in config map kstack-route of its namespace, which has to be there. It gives
// ErrEnvironment outside of a pod; ErrRoute for an unknown route, and then nothing was sent; ErrServiceNotFound when
// there is no such config map; ErrClusterAPI; ErrConfiguration when the pod's namespace has another shape.
func (c *Container) SetActiveRoute(layer, route string) error {
	defer runtime.KeepAlive(c)
	var arguments texts
	defer arguments.free()
	layerText := arguments.add(layer, "layer")
	routeText := arguments.add(route, "route")
	if arguments.err != nil {
		return arguments.err
	}
	container, err := c.object().acquire()
	if err != nil {
		return err
	}
	defer c.object().release()
	var failure *C.kstack_error
	status := C.kstack_set_active_route((*C.kstack_container)(container), layerText, routeText, &failure)
	return errorFrom(status, failure)
}
