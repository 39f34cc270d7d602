//go:build go1.23

package kstack

import "iter"

// All returns the names and values in the order of the source; none after Close.
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
