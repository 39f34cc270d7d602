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
// written, null is the empty string, a nested value is its JSON. They lie in locked memory, which Close wipes, may be
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

// object gives the handle; nil for nil credentials.
func (c *Credentials) object() *handle[*ffi.Credentials] {
	if c == nil {
		return nil
	}
	return &c.handle
}

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

// Lookup gives a value as a string, and whether there is one; there is none any more when the credentials are closed.
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

// Get gives a value as a string. It gives ErrServiceNotFound when there is none of that name, and ErrClosed.
func (c *Credentials) Get(name string) (string, error) {
	value, err := c.Bytes(name)
	return string(value), err
}

var plainName = regexp.MustCompile(`^[\w.-]{1,32}$`)

// Bytes gives a copy of a value, which the caller may wipe. It fails as Get does.
func (c *Credentials) Bytes(name string) ([]byte, error) {
	object, err := c.object().acquire()
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
		return nil, NewError(ErrServiceNotFound, fmt.Sprintf("there is no value %s in %s; there are: %s",
			shown, c.source, strings.Join(c.names, ", ")))
	}
	return object.Value(index), nil
}

// Map gives a copy of all values as strings. It gives ErrClosed.
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

// JSON gives the whole tree as one JSON object in which every scalar is a string. It gives ErrConfiguration when a
// value is not UTF-8, and ErrClosed.
func (c *Credentials) JSON() (json.RawMessage, error) {
	object, err := c.object().acquire()
	if err != nil {
		return nil, err
	}
	defer c.object().release()
	tree, ok := object.JSON()
	if !ok {
		return nil, NewError(ErrConfiguration, "a value is not UTF-8, so there is no JSON: use Bytes")
	}
	return json.RawMessage(tree), nil
}

// AWSKeys gives the keys for AWS among the values, as the SDKs of AWS call them: AccessKeyId, SecretAccessKey and, where
// they are there and not empty, SessionToken and Expiration. They are new credentials, with a Close of their own. It
// gives ErrConfiguration when the access key or the secret key is missing, and ErrClosed.
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

// Environ gives the values as variables for exec.Cmd, NAME=value in the order of the source: a name is in upper case with
// _ for -. Of two variables of one name exec.Cmd takes the last, so what is set already wins with
//
//	command.Env = append(environ, os.Environ()...)
//
// It gives ErrConfiguration for a name or a value that no variable can have, for two names of one variable, and for a
// variable by which programs are made to run code, such as PATH or LD_PRELOAD; and ErrClosed.
func (c *Credentials) Environ() ([]string, error) {
	object, err := c.object().acquire()
	if err != nil {
		return nil, err
	}
	defer c.object().release()
	variables, err := object.Environ()
	return variables, errorFrom(err)
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
	return nil, NewError(ErrInvalidArgument, "credentials are not marshalled; ask for their JSON")
}
