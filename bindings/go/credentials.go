package kstack

// #include "kstack_go.h"
import "C"

import (
	"encoding/json"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"unsafe"
)

// Credentials are the names and values of one service, in the order of their source. A scalar is its text exactly as
// written, null is empty text, a nested value is its JSON text. They lie in locked memory, which Close wipes, may be
// used from many goroutines at once, and show only their names when formatted.
type Credentials struct {
	handle handle
	names  []string
	index  map[string]int
	source string
}

func newCredentials(given *C.kstack_credentials) *Credentials {
	count := int(C.kstack_credentials_count(given))
	c := &Credentials{
		names:  make([]string, count),
		index:  make(map[string]int, count),
		source: C.GoString(C.kstack_credentials_source(given)),
	}
	for i := range c.names {
		c.names[i] = C.GoString(C.kstack_credentials_name(given, C.size_t(i)))
		c.index[c.names[i]] = i
	}
	c.handle.what = "set of credentials"
	c.handle.pointer = unsafe.Pointer(given)
	c.handle.free = func(pointer unsafe.Pointer) { C.kstack_credentials_free((*C.kstack_credentials)(pointer)) }
	runtime.SetFinalizer(c, (*Credentials).finalize)
	return c
}

// object gives the handle; nil for nil credentials.
func (c *Credentials) object() *handle {
	if c == nil {
		return nil
	}
	return &c.handle
}

func (c *Credentials) finalize() { c.object().close() }

// Close wipes the values; more than once does nothing. Running calls finish. The error is always nil.
func (c *Credentials) Close() error {
	c.object().close()
	return nil
}

// Names gives the names, in the order of the source. They are no secret and stay known when the credentials are closed.
func (c *Credentials) Names() []string {
	if c == nil {
		return nil
	}
	return append([]string(nil), c.names...)
}

// Source says where the credentials are from: the path of the file.
func (c *Credentials) Source() string {
	if c == nil {
		return ""
	}
	return c.source
}

// Get gives a value as text. It gives ErrServiceNotFound when there is none of that name, and ErrClosed.
func (c *Credentials) Get(name string) (string, error) {
	value, err := c.Bytes(name)
	if err != nil {
		return "", err
	}
	return string(value), nil
}

var plainName = regexp.MustCompile(`^[\w.-]{1,32}$`)

// Bytes gives a copy of a value, which the caller may wipe. It fails as Get does.
func (c *Credentials) Bytes(name string) ([]byte, error) {
	defer runtime.KeepAlive(c)
	given, err := c.object().acquire()
	if err != nil {
		return nil, err
	}
	defer c.object().release()
	index, ok := c.index[name]
	if !ok {
		// What is asked for may be a secret in the place of a name.
		shown := fmt.Sprintf("%q", name)
		if !plainName.MatchString(name) {
			shown = fmt.Sprintf("of a name with %d bytes", len(name))
		}
		return nil, newError(CodeServiceNotFound, fmt.Sprintf("there is no value %s in %s; there are: %s",
			shown, c.source, strings.Join(c.names, ", ")), false)
	}
	return valueAt(given, index), nil
}

func valueAt(given unsafe.Pointer, index int) []byte {
	var size C.size_t
	data := C.kstack_credentials_value((*C.kstack_credentials)(given), C.size_t(index), &size)
	return takeBytes(data, size)
}

// Map gives a copy of all values as text. It gives ErrClosed.
func (c *Credentials) Map() (map[string]string, error) {
	defer runtime.KeepAlive(c)
	given, err := c.object().acquire()
	if err != nil {
		return nil, err
	}
	defer c.object().release()
	result := make(map[string]string, len(c.names))
	for index, name := range c.names {
		result[name] = string(valueAt(given, index))
	}
	return result, nil
}

// JSON gives the whole tree as one JSON object in which every scalar is a string. It gives ErrConfiguration when a
// value is not UTF-8, and ErrClosed.
func (c *Credentials) JSON() (json.RawMessage, error) {
	defer runtime.KeepAlive(c)
	given, err := c.object().acquire()
	if err != nil {
		return nil, err
	}
	defer c.object().release()
	tree := C.kstack_credentials_json((*C.kstack_credentials)(given))
	if tree == nil {
		return nil, newError(CodeConfiguration, "a value is not UTF-8, so there is no JSON: use Bytes", false)
	}
	return json.RawMessage(C.GoString(tree)), nil
}

// String shows the names, and no value.
func (c *Credentials) String() string {
	var b strings.Builder
	b.WriteString("kstack.Credentials{")
	for i, name := range c.Names() {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s: ***", name)
	}
	b.WriteString("}")
	return b.String()
}

// GoString is String.
func (c *Credentials) GoString() string { return c.String() }

// Format is String, whatever the verb.
func (c *Credentials) Format(state fmt.State, verb rune) { fmt.Fprint(state, c.String()) }

// MarshalJSON refuses: values are written out on purpose only, with JSON.
func (c *Credentials) MarshalJSON() ([]byte, error) {
	return nil, newError(CodeInvalidArgument, "credentials are not marshalled; ask for their JSON", false)
}
