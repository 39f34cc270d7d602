package kstack

import (
	"encoding/json"
	"fmt"
	"regexp"
	"runtime"
	"strings"

	"kstack.dev/go/kstack/internal/ffi"
)

// Credentials are the names and values of one service, in the order of their source. A scalar is a string exactly as
// written, null is the empty string, a nested value is its JSON. They are in locked memory, which Close wipes, may be
// used from many goroutines at once, and show only their names when formatted.
type Credentials struct {
	handle handle[*ffi.Credentials]
	names  []string
	index  map[string]int
	source string
}

func newCredentials(object *ffi.Credentials) *Credentials {
	c := &Credentials{names: object.Names(), source: object.Source()}
	c.index = make(map[string]int, len(c.names))
	for i, name := range c.names {
		c.index[name] = i
	}
	c.handle.open(object, "set of credentials")
	runtime.SetFinalizer(c, (*Credentials).Close)
	return c
}

// object returns the handle; nil for nil credentials.
func (c *Credentials) object() *handle[*ffi.Credentials] {
	if c == nil {
		return nil
	}
	return &c.handle
}

// Close wipes the values; a second call does nothing. Running calls finish. The error is always nil.
func (c *Credentials) Close() error {
	c.object().close()
	return nil
}

// Names returns the names, in the order of the source. They are not secret and stay available after Close.
func (c *Credentials) Names() []string {
	if c == nil {
		return nil
	}
	return append([]string(nil), c.names...)
}

// Source returns the source of the credentials: the path of a file, or the Secret with its resourceVersion.
func (c *Credentials) Source() string {
	if c == nil {
		return ""
	}
	return c.source
}

// Lookup returns a value as a string, and whether there is one; after Close there is none.
func (c *Credentials) Lookup(name string) (string, bool) {
	object, err := c.object().acquire()
	if err != nil {
		return "", false
	}
	defer c.object().release()
	index, ok := c.index[name]
	if !ok {
		return "", false
	}
	return string(object.Value(index)), true
}

// Get returns a value as a string. It returns ErrServiceNotFound when no value has the name, and ErrClosed.
func (c *Credentials) Get(name string) (string, error) {
	value, err := c.Bytes(name)
	return string(value), err
}

var plainName = regexp.MustCompile(`^[\w.-]{1,32}$`)

// Bytes returns a copy of a value, which the caller may wipe. It fails as Get does.
func (c *Credentials) Bytes(name string) ([]byte, error) {
	object, err := c.object().acquire()
	if err != nil {
		return nil, err
	}
	defer c.object().release()
	index, ok := c.index[name]
	if !ok {
		// The name may be a secret that was passed by mistake.
		shown := fmt.Sprintf("%q", name)
		if !plainName.MatchString(name) {
			shown = fmt.Sprintf("of a name with %d bytes", len(name))
		}
		return nil, NewError(ErrServiceNotFound, fmt.Sprintf("no value %s in %s; available: %s",
			shown, c.source, strings.Join(c.names, ", ")))
	}
	return object.Value(index), nil
}

// Map returns a copy of all values as strings. It returns ErrClosed.
func (c *Credentials) Map() (map[string]string, error) {
	object, err := c.object().acquire()
	if err != nil {
		return nil, err
	}
	defer c.object().release()
	result := make(map[string]string, len(c.names))
	for index, name := range c.names {
		result[name] = string(object.Value(index))
	}
	return result, nil
}

// JSON returns the whole tree as one JSON object in which every scalar is a string. It returns ErrConfiguration when a
// value is not UTF-8, and ErrClosed.
func (c *Credentials) JSON() (json.RawMessage, error) {
	object, err := c.object().acquire()
	if err != nil {
		return nil, err
	}
	defer c.object().release()
	tree, ok := object.JSON()
	if !ok {
		return nil, NewError(ErrConfiguration, "a value is not UTF-8, so the credentials have no JSON form: use Bytes")
	}
	return json.RawMessage(tree), nil
}

// AWSKeys returns the AWS keys among the values, under the names of the AWS SDKs: AccessKeyId, SecretAccessKey and,
// where they are not empty, SessionToken and Expiration. The caller closes these new credentials. It
// returns ErrConfiguration when the access key or the secret key is missing, and ErrClosed.
func (c *Credentials) AWSKeys() (*Credentials, error) {
	object, err := c.object().acquire()
	if err != nil {
		return nil, err
	}
	defer c.object().release()
	keys, err := object.AWSKeys()
	if err != nil {
		return nil, errorFrom(err)
	}
	return newCredentials(keys), nil
}

// Environ returns the values as variables for exec.Cmd, NAME=value in the order of the source: a name is in upper case
// with _ for -. Of two variables of one name exec.Cmd takes the last, so variables that are already set win with
//
//	command.Env = append(environ, os.Environ()...)
//
// It returns ErrConfiguration for a name or a value that no variable can have, for two names of one variable, and for a
// variable that makes programs run code, such as PATH or LD_PRELOAD; and ErrClosed.
func (c *Credentials) Environ() ([]string, error) {
	object, err := c.object().acquire()
	if err != nil {
		return nil, err
	}
	defer c.object().release()
	variables, err := object.Environ()
	return variables, errorFrom(err)
}

// String shows the names, but no values.
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

// GoString is like String.
func (c *Credentials) GoString() string { return c.String() }

// Format writes String for every verb.
func (c *Credentials) Format(state fmt.State, verb rune) { fmt.Fprint(state, c.String()) }

// MarshalJSON refuses: values are only written on purpose, with JSON.
func (c *Credentials) MarshalJSON() ([]byte, error) {
	return nil, NewError(ErrInvalidArgument, "credentials are not marshalled; call their method JSON")
}
