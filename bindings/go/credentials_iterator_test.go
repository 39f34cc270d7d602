//go:build go1.23

package kstack_test

import (
	"reflect"
	"testing"

	"kstack.dev/go/kstack"
)

func TestAll(t *testing.T) {
	container := newProject(t).container(t)
	credentials := must[*kstack.Credentials](t)(container.GetCredentials(ctx, query("s3", "layer3", "dev")))
	defer credentials.Close()
	var names []string
	for name, value := range credentials.All() {
		if value != must[string](t)(credentials.Get(name)) {
			t.Errorf("%s: %q", name, value)
		}
		if names = append(names, name); len(names) == 3 {
			break
		}
	}
	if !reflect.DeepEqual(names, credentials.Names()[:3]) {
		t.Error(names)
	}
	credentials.Close()
	for name := range credentials.All() {
		t.Error(name)
	}
}
