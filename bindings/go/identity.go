package kstack

import (
	"fmt"

	"kstack.dev/go/kstack/internal/ffi"
)

// Identity is an age identity, classical or post-quantum. Formatting it does not show the secret half.
type Identity struct {
	// A pointer: where fmt cannot call methods, in an unexported field of another struct, it shows the address.
	secret    *string
	recipient string
}

// Secret returns the secret half, "AGE-SECRET-KEY-1…" or "AGE-SECRET-KEY-PQ-1…".
func (i Identity) Secret() string {
	if i.secret == nil {
		return ""
	}
	return *i.secret
}

// Recipient returns the public half, "age1…" or "age1pq1…".
func (i Identity) Recipient() string { return i.recipient }

// String shows the public half.
func (i Identity) String() string { return "kstack.Identity{" + i.recipient + "}" }

// GoString is like String.
func (i Identity) GoString() string { return i.String() }

// Format writes String for every verb.
func (i Identity) Format(state fmt.State, verb rune) { fmt.Fprint(state, i.String()) }

// GenerateIdentity makes a new age identity, as age-keygen does. Nothing is written. It returns ErrEnvironment in a
// pod.
func GenerateIdentity() (Identity, error) { return generateIdentity(ffi.GenerateIdentity) }

// GeneratePostQuantumIdentity makes a new post-quantum age identity, as age-keygen -pq does: what is encrypted for it
// alone stays secret from quantum computers, too. It also returns ErrConfiguration where the library was built without
// post-quantum support.
func GeneratePostQuantumIdentity() (Identity, error) {
	return generateIdentity(ffi.GeneratePostQuantumIdentity)
}

func generateIdentity(generate func() (string, string, error)) (Identity, error) {
	if err := ffi.CheckLibrary(); err != nil {
		return Identity{}, errorFrom(err)
	}
	secret, recipient, err := generate()
	if err != nil {
		return Identity{}, errorFrom(err)
	}
	return Identity{secret: &secret, recipient: recipient}, nil
}
