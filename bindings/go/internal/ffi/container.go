//go:build cgo && linux

package ffi

/*
#include "kstack_go.h"
#include <string.h>

extern void kstackGoLog(uintptr_t handle, int32_t level, char *message);

static void kstack_go_log(void *context, kstack_log_level level, const char *message) {
  kstackGoLog((uintptr_t)context, level, (char *)message);
}

// Options are built in C: they hold pointers to C memory only, and a handle that is a number and not a pointer.
static kstack_status kstack_go_container_new(const char *project_root, const char *identity_file,
                                             const char *passphrase, uint32_t timeout_ms, uintptr_t log_handle,
                                             kstack_container **out, kstack_error **error) {
  kstack_options options;
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.project_root = project_root;
  options.identity_file = identity_file;
  options.passphrase = passphrase;
  options.timeout_ms = timeout_ms;
  if (log_handle) {
    options.log = kstack_go_log;
    options.log_context = (void *)log_handle;
  }
  return kstack_container_new(&options, out, error);
}
*/
import "C"

// Container is a kstack_container.
type Container struct {
	pointer *C.kstack_container
	log     *logTarget
}

// NewContainer makes a container.
func NewContainer(options Options) (*Container, error) {
	var a arguments
	defer a.free()
	projectRoot := a.optional(options.ProjectRoot, "ProjectRoot")
	identityFile := a.optional(options.IdentityFile, "IdentityFile")
	passphrase := a.optional(options.Passphrase, "Passphrase")
	if a.err != nil {
		return nil, a.err
	}
	c := &Container{log: newLogTarget(options.Log)}
	var failure *C.kstack_error
	status := C.kstack_go_container_new(projectRoot, identityFile, passphrase, C.uint32_t(options.Milliseconds),
		C.uintptr_t(c.log.number()), &c.pointer, &failure)
	if err := failureFrom(status, failure); err != nil {
		c.log.release()
		return nil, err
	}
	return c, nil
}

// Free frees the container.
func (c *Container) Free() {
	C.kstack_container_free(c.pointer)
	c.log.release()
}

// Environment is kstack_get_environment.
func (c *Container) Environment() (string, error) {
	return takeString(func(out **C.char, failure **C.kstack_error) C.kstack_status {
		return C.kstack_get_environment(c.pointer, out, failure)
	})
}

// ConfigRoot is kstack_get_config_root; "" for NULL.
func (c *Container) ConfigRoot() (string, error) {
	return takeString(func(out **C.char, failure **C.kstack_error) C.kstack_status {
		return C.kstack_get_config_root(c.pointer, out, failure)
	})
}

// VaultRoot is kstack_get_vault_root; "" for NULL.
func (c *Container) VaultRoot() (string, error) {
	return takeString(func(out **C.char, failure **C.kstack_error) C.kstack_status {
		return C.kstack_get_vault_root(c.pointer, out, failure)
	})
}

// ActiveRoute is kstack_get_active_route.
func (c *Container) ActiveRoute(layer string) (string, error) {
	var a arguments
	defer a.free()
	given := a.add(layer, "layer")
	if a.err != nil {
		return "", a.err
	}
	return takeString(func(out **C.char, failure **C.kstack_error) C.kstack_status {
		return C.kstack_get_active_route(c.pointer, given, out, failure)
	})
}

// SetActiveRoute is kstack_set_active_route.
func (c *Container) SetActiveRoute(layer, route string) error {
	var a arguments
	defer a.free()
	givenLayer := a.add(layer, "layer")
	givenRoute := a.add(route, "route")
	if a.err != nil {
		return a.err
	}
	var failure *C.kstack_error
	return failureFrom(C.kstack_set_active_route(c.pointer, givenLayer, givenRoute, &failure), failure)
}

// ConfigMap is kstack_configmap_get.
func (c *Container) ConfigMap(layer, name, key string) (string, error) {
	var a arguments
	defer a.free()
	givenLayer := a.add(layer, "layer")
	givenName := a.add(name, "name")
	givenKey := a.add(key, "key")
	if a.err != nil {
		return "", a.err
	}
	return takeString(func(out **C.char, failure **C.kstack_error) C.kstack_status {
		return C.kstack_configmap_get(c.pointer, givenLayer, givenName, givenKey, out, failure)
	})
}

// ListEnvironments is kstack_list_environments.
func (c *Container) ListEnvironments() ([]string, error) {
	return takeList(func(out **C.kstack_string_list, failure **C.kstack_error) C.kstack_status {
		return C.kstack_list_environments(c.pointer, out, failure)
	})
}

// ListServices is kstack_list_services.
func (c *Container) ListServices(layer, environment string) ([]string, error) {
	var a arguments
	defer a.free()
	givenLayer := a.add(layer, "layer")
	givenEnvironment := a.optional(environment, "environment")
	if a.err != nil {
		return nil, a.err
	}
	return takeList(func(out **C.kstack_string_list, failure **C.kstack_error) C.kstack_status {
		return C.kstack_list_services(c.pointer, givenLayer, givenEnvironment, out, failure)
	})
}
