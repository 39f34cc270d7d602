package kstack

// #include "kstack_go.h"
import "C"

import (
	"fmt"
	"math"
	"runtime"
	"runtime/cgo"
	"sync"
	"time"
	"unsafe"
)

// Options say how a Container is made. The zero value of each field is its default.
type Options struct {
	// ProjectRoot is the folder from which .kstack.yaml and the vault are looked for, upwards; "" is the working
	// directory.
	ProjectRoot string
	// IdentityFile is a file of age identities, before all other sources of identities.
	IdentityFile string
	// Passphrase opens an encrypted identity file; "" is the variable KSTACK_AGE_PASSPHRASE.
	Passphrase string
	// Timeout is how long a call to the Kubernetes API server may take; 0 is five seconds.
	Timeout time.Duration
	// Log takes lines of the log, which hold no secret. It is called from the goroutine of the call that logs; a panic
	// in it is dropped. nil logs nothing.
	Log func(level LogLevel, message string)
}

// String shows everything but the passphrase.
func (o Options) String() string {
	passphrase := ""
	if o.Passphrase != "" {
		passphrase = "***"
	}
	return fmt.Sprintf("kstack.Options{ProjectRoot: %q, IdentityFile: %q, Passphrase: %q, Timeout: %v}",
		o.ProjectRoot, o.IdentityFile, passphrase, o.Timeout)
}

// GoString is String.
func (o Options) GoString() string { return o.String() }

// Format is String, whatever the verb.
func (o Options) Format(state fmt.State, verb rune) { fmt.Fprint(state, o.String()) }

// Container is everything that look-ups share: the project, its configuration, unlocked identities. It may be used from
// many goroutines at once. It reads no file until a call needs it, and then notices when files have changed since.
type Container struct {
	handle handle
	log    *logReference
}

// logReference counts who may log through a target: a container and the vaults opened from it.
type logReference struct {
	mutex  sync.Mutex
	handle cgo.Handle
	users  int
}

func newLogReference(function func(LogLevel, string)) *logReference {
	if function == nil {
		return nil
	}
	return &logReference{handle: cgo.NewHandle(&logTarget{function: function}), users: 1}
}

func (r *logReference) number() uintptr {
	if r == nil {
		return 0
	}
	return uintptr(r.handle)
}

func (r *logReference) retain() {
	if r != nil {
		r.mutex.Lock()
		r.users++
		r.mutex.Unlock()
	}
}

func (r *logReference) release() {
	if r != nil {
		r.mutex.Lock()
		r.users--
		last := r.users == 0
		r.mutex.Unlock()
		if last {
			r.handle.Delete()
		}
	}
}

// New makes a Container. It gives ErrInvalidArgument for a text that holds a NUL or is not UTF-8, and ErrIO when the
// project root is no folder that can be opened.
func New(options Options) (*Container, error) {
	if err := checkABI(); err != nil {
		return nil, err
	}
	milliseconds := (options.Timeout + time.Millisecond - 1) / time.Millisecond
	if options.Timeout < 0 || milliseconds < 0 || milliseconds > math.MaxUint32 {
		return nil, newError(CodeInvalidArgument, "Timeout is negative or too long", false)
	}
	var arguments texts
	defer arguments.free()
	projectRoot := arguments.addOptional(options.ProjectRoot, "ProjectRoot")
	identityFile := arguments.addOptional(options.IdentityFile, "IdentityFile")
	passphrase := arguments.addOptional(options.Passphrase, "Passphrase")
	if arguments.err != nil {
		return nil, arguments.err
	}
	log := newLogReference(options.Log)
	pointer, err := containerNew(projectRoot, identityFile, passphrase, uint32(milliseconds), log.number())
	if err != nil {
		log.release()
		return nil, err
	}
	container := &Container{log: log}
	container.handle.what = "container"
	container.handle.pointer = pointer
	container.handle.free = func(pointer unsafe.Pointer) {
		C.kstack_container_free((*C.kstack_container)(pointer))
		log.release()
	}
	runtime.SetFinalizer(container, (*Container).finalize)
	return container, nil
}

// object gives the handle; nil for a nil container.
func (c *Container) object() *handle {
	if c == nil {
		return nil
	}
	return &c.handle
}

func (c *Container) finalize() { c.object().close() }

// Close wipes the identities that were unlocked; more than once does nothing. Credentials and vaults that came from the
// container stay good. Running calls finish. The error is always nil.
func (c *Container) Close() error {
	c.object().close()
	return nil
}

// String says what it is.
func (c *Container) String() string {
	if c.object().isClosed() {
		return "kstack.Container(closed)"
	}
	return "kstack.Container"
}

// GoString is String.
func (c *Container) GoString() string { return c.String() }

// Format is String, whatever the verb.
func (c *Container) Format(state fmt.State, verb rune) { fmt.Fprint(state, c.String()) }

// GetCredentials gives the credentials of a service, such as "s3" in "layer3"; "" for the environment is the one that
// is detected. The caller closes them.
//
// It gives ErrServiceNotFound; ErrConfiguration (no environment, no vault, malformed YAML, files not to be trusted; in a
// pod another environment than its own); ErrVault (no identity fits, the file is damaged); ErrClusterAPI;
// ErrInvalidArgument; ErrIO.
func (c *Container) GetCredentials(service, layer, environment string) (*Credentials, error) {
	var arguments texts
	defer arguments.free()
	serviceText := arguments.add(service, "service")
	layerText := arguments.add(layer, "layer")
	environmentText := arguments.addOptional(environment, "environment")
	if arguments.err != nil {
		return nil, arguments.err
	}
	return c.credentials(func(
		container *C.kstack_container, out **C.kstack_credentials, failure **C.kstack_error,
	) C.kstack_status {
		return C.kstack_get_credentials(container, serviceText, layerText, environmentText, out, failure)
	})
}

// Environment gives the environment that is detected: `environment` of .kstack.yaml, or in a pod that of its namespace.
// It gives ErrConfiguration when there is no such file, it names none, is malformed or not to be trusted, and when the
// pod's namespace has another shape than layer-<number>-<environment>.
func (c *Container) Environment() (string, error) {
	return c.text(func(container *C.kstack_container, out **C.char, failure **C.kstack_error) C.kstack_status {
		return C.kstack_get_environment(container, out, failure)
	})
}

// ConfigRoot gives the absolute path of the folder that holds environments/ and providers/; "" in a pod. It gives
// ErrConfiguration when there is none.
func (c *Container) ConfigRoot() (string, error) {
	return c.text(func(container *C.kstack_container, out **C.char, failure **C.kstack_error) C.kstack_status {
		return C.kstack_get_config_root(container, out, failure)
	})
}

// VaultRoot gives the absolute path of the folder of vaults; "" in a pod. It gives ErrConfiguration when there is none
// or it is not to be trusted.
func (c *Container) VaultRoot() (string, error) {
	return c.text(func(container *C.kstack_container, out **C.char, failure **C.kstack_error) C.kstack_status {
		return C.kstack_get_vault_root(container, out, failure)
	})
}

func (c *Container) text(
	call func(*C.kstack_container, **C.char, **C.kstack_error) C.kstack_status,
) (string, error) {
	defer runtime.KeepAlive(c)
	container, err := c.object().acquire()
	if err != nil {
		return "", err
	}
	defer c.object().release()
	var out *C.char
	var failure *C.kstack_error
	status := call((*C.kstack_container)(container), &out, &failure)
	if err := errorFrom(status, failure); err != nil {
		return "", err
	}
	return takeText(out), nil
}

// OpenVault opens the vault of an environment; "" is the one that is detected. The caller closes it; it may outlive the
// container. It gives ErrEnvironment in a pod, ErrConfiguration when there is no vault, no such environment in it or it
// is not to be trusted, ErrInvalidArgument and ErrIO.
func (c *Container) OpenVault(environment string) (*Vault, error) {
	defer runtime.KeepAlive(c)
	var arguments texts
	defer arguments.free()
	environmentText := arguments.addOptional(environment, "environment")
	if arguments.err != nil {
		return nil, arguments.err
	}
	container, err := c.object().acquire()
	if err != nil {
		return nil, err
	}
	defer c.object().release()
	var given *C.kstack_vault
	var failure *C.kstack_error
	status := C.kstack_vault_open((*C.kstack_container)(container), environmentText, &given, &failure)
	if err := errorFrom(status, failure); err != nil {
		return nil, err
	}
	return newVault(given, c.log), nil
}

// ListEnvironments gives the environments that have a vault, sorted. It gives ErrEnvironment in a pod and
// ErrConfiguration when there is no vault.
func (c *Container) ListEnvironments() ([]string, error) {
	return c.list(func(
		container *C.kstack_container, out **C.kstack_string_list, failure **C.kstack_error,
	) C.kstack_status {
		return C.kstack_list_environments(container, out, failure)
	})
}

// ListServices gives the services that a layer has credentials for, in the order of the file; "" for the environment is
// the one that is detected. It fails as GetCredentials does, and with ErrEnvironment in a pod.
func (c *Container) ListServices(layer, environment string) ([]string, error) {
	var arguments texts
	defer arguments.free()
	layerText := arguments.add(layer, "layer")
	environmentText := arguments.addOptional(environment, "environment")
	if arguments.err != nil {
		return nil, arguments.err
	}
	return c.list(func(
		container *C.kstack_container, out **C.kstack_string_list, failure **C.kstack_error,
	) C.kstack_status {
		return C.kstack_list_services(container, layerText, environmentText, out, failure)
	})
}

// list calls a function that gives a list.
func (c *Container) list(
	call func(*C.kstack_container, **C.kstack_string_list, **C.kstack_error) C.kstack_status,
) ([]string, error) {
	defer runtime.KeepAlive(c)
	container, err := c.object().acquire()
	if err != nil {
		return nil, err
	}
	defer c.object().release()
	var list *C.kstack_string_list
	var failure *C.kstack_error
	status := call((*C.kstack_container)(container), &list, &failure)
	if err := errorFrom(status, failure); err != nil {
		return nil, err
	}
	return takeList(list), nil
}
