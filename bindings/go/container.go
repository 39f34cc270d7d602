package kstack

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"

	"kstack.dev/go/kstack/internal/ffi"
)

// Container is everything that look-ups share: the project, its configuration, unlocked identities. It may be used from
// many goroutines at once. It reads no file until a call needs it, and then notices when files have changed since.
type Container struct {
	handle      handle[*ffi.Container]
	hasProvider atomic.Bool
}

// New makes a Container. It returns ErrInvalidArgument for a string that contains a NUL or is not UTF-8, and ErrIO when
// the project root cannot be opened as a folder.
func New(options Options) (*Container, error) {
	if err := ffi.CheckLibrary(); err != nil {
		return nil, errorFrom(err)
	}
	given, err := options.forLibrary()
	if err != nil {
		return nil, err
	}
	object, err := ffi.NewContainer(given)
	if err != nil {
		return nil, errorFrom(err)
	}
	c := new(Container)
	c.handle.open(object, "container")
	runtime.SetFinalizer(c, (*Container).Close)
	return c, nil
}

// object returns the handle; nil for a nil container.
func (c *Container) object() *handle[*ffi.Container] {
	if c == nil {
		return nil
	}
	return &c.handle
}

// Close wipes the unlocked identities; a second call does nothing. Credentials and vaults from the container stay
// valid. Running calls finish. The error is always nil.
func (c *Container) Close() error {
	c.object().close()
	return nil
}

// String shows the type, and whether the container is closed.
func (c *Container) String() string {
	if c.object().isClosed() {
		return "kstack.Container(closed)"
	}
	return "kstack.Container"
}

// GoString is like String.
func (c *Container) GoString() string { return c.String() }

// Format writes String for every verb.
func (c *Container) Format(state fmt.State, verb rune) { fmt.Fprint(state, c.String()) }

// Environment returns the detected environment: `environment` of .kstack.yaml, or in a pod that of its namespace.
// It returns ErrConfiguration when there is no such file, it names none, is malformed or untrusted, and when the pod's
// namespace is not layer-<number>-<environment>.
func (c *Container) Environment(ctx context.Context) (string, error) {
	return look(ctx, c.object(), (*ffi.Container).Environment)
}

// ConfigRoot returns the absolute path of the folder that holds environments/ and providers/; "" in a pod. It returns
// ErrConfiguration when there is none.
func (c *Container) ConfigRoot(ctx context.Context) (string, error) {
	return look(ctx, c.object(), (*ffi.Container).ConfigRoot)
}

// VaultRoot returns the absolute path of the folder of vaults; "" in a pod. It returns ErrConfiguration when there is
// none or it is untrusted.
func (c *Container) VaultRoot(ctx context.Context) (string, error) {
	return look(ctx, c.object(), (*ffi.Container).VaultRoot)
}

// ActiveRoute returns the active route of a layer, in its long form, such as "production". It returns ErrRoute for an
// unknown route, ErrConfiguration when .kstack.yaml is malformed or untrusted, and in a pod ErrClusterAPI, ErrTimeout
// and ErrCancelled.
func (c *Container) ActiveRoute(ctx context.Context, layer Layer) (string, error) {
	return look(ctx, c.object(), func(container *ffi.Container) (string, error) {
		return container.ActiveRoute(string(layer))
	})
}

// OpenVault opens the vault of an environment; "" is the detected one. The caller closes it; it may outlive the
// container. It returns ErrEnvironment in a pod, ErrConfiguration when there is no vault, no such environment in it or
// it is untrusted, ErrInvalidArgument and ErrIO.
func (c *Container) OpenVault(ctx context.Context, environment string) (*Vault, error) {
	object, err := look(ctx, c.object(), func(container *ffi.Container) (*ffi.Vault, error) {
		return container.OpenVault(environment)
	})
	if err != nil {
		return nil, err
	}
	return newVault(object), nil
}

// ListEnvironments returns the environments that have a vault, sorted. It returns ErrEnvironment in a pod and
// ErrConfiguration when there is no vault.
func (c *Container) ListEnvironments(ctx context.Context) ([]string, error) {
	return look(ctx, c.object(), (*ffi.Container).ListEnvironments)
}
