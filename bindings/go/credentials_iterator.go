//go:build go1.23

package kstack

import "iter"

// All gives the names and values in the order of the source; none when the credentials are closed.
func (c *Credentials) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, name := range c.Names() {
			value, ok := c.Lookup(name)
			if !ok || !yield(name, value) {
				return
			}
		}
	}
}
