// Package kstacktest provides fake credentials for the tests of a program.
//
// The program takes a kstack.Source where it would take a *kstack.Container, and its test passes one from New:
//
//	source := kstacktest.New(t)
//	source.Set(kstack.Query{Service: "s3", Layer: kstack.Layer3}, map[string]string{"access_key_id": "AKIATEST"})
package kstacktest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"

	"kstack.dev/go/kstack"
)

// Source is a container of the library whose credentials are those that a test sets. Names are checked and variables
// are refused as in production. Like a Container it may be used from many goroutines at once.
type Source struct {
	*kstack.Container
	t       testing.TB
	answers *answers
}

var _ kstack.Source = (*Source)(nil)

// New makes a Source without credentials, which is closed at the end of the test. The environment that it detects is
// "test".
func New(t testing.TB) *Source {
	t.Helper()
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, ".kstack.yaml"), []byte("environment: test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	container, err := kstack.New(kstack.Options{ProjectRoot: root})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { container.Close() })
	s := &Source{Container: container, t: t, answers: &answers{all: map[kstack.Query]answer{}}}
	if err := container.SetSecretsProvider(s.answers); err != nil {
		t.Fatal(err)
	}
	return s
}

// Set makes look-ups of a query return these values. A query without an environment is for every environment that has
// no values of its own.
func (s *Source) Set(query kstack.Query, values map[string]string) {
	s.t.Helper()
	s.put(query, answer{values: copied(values)})
}

// SetError makes look-ups of a query fail, such as with kstack.NewError(kstack.ErrClusterAPI, "down").
func (s *Source) SetError(query kstack.Query, err error) {
	s.t.Helper()
	s.put(query, answer{err: err})
}

// SetSecrets makes LoadSecrets return these values, as Set does for a query.
func (s *Source) SetSecrets(layer kstack.Layer, environment string, values map[string]string) {
	s.t.Helper()
	s.put(kstack.Query{Layer: layer, Environment: environment}, answer{values: copied(values)})
}

// Queries returns the look-ups so far, in order; one of LoadSecrets has no service.
func (s *Source) Queries() []kstack.Query {
	s.answers.mutex.Lock()
	defer s.answers.mutex.Unlock()
	return append([]kstack.Query(nil), s.answers.asked...)
}

func (s *Source) put(query kstack.Query, given answer) {
	s.t.Helper()
	layer, err := kstack.ParseLayer(string(query.Layer))
	if err != nil {
		s.t.Fatal(err)
	}
	s.answers.mutex.Lock()
	defer s.answers.mutex.Unlock()
	s.answers.all[kstack.Query{Service: query.Service, Layer: layer, Environment: query.Environment}] = given
}

// answer is the result of a look-up. The empty service is for the secrets of a layer.
type answer struct {
	values map[string]string
	err    error
}

// answers is the provider of the container.
type answers struct {
	mutex sync.Mutex
	all   map[kstack.Query]answer
	asked []kstack.Query
}

func (a *answers) GetCredentials(_ context.Context, query kstack.Query) (map[string]string, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.asked = append(a.asked, query)
	found, ok := a.all[query]
	if !ok {
		found, ok = a.all[kstack.Query{Service: query.Service, Layer: query.Layer}]
	}
	if !ok {
		return nil, kstack.NewError(kstack.ErrServiceNotFound, fmt.Sprintf(
			"this test sets nothing for service %q of %s; it has: %s", query.Service, query.Layer, a.names()))
	}
	// A copy, since another goroutine may set other values while the library reads them.
	return copied(found.values), found.err
}

func (a *answers) LoadSecrets(ctx context.Context, layer kstack.Layer, environment string) (map[string]string, error) {
	return a.GetCredentials(ctx, kstack.Query{Layer: layer, Environment: environment})
}

// names lists what was set.
func (a *answers) names() string {
	names := make([]string, 0, len(a.all))
	for query := range a.all {
		names = append(names, strings.TrimSpace(fmt.Sprintf("%s of %s %s", query.Service, query.Layer, query.Environment)))
	}
	sort.Strings(names)
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

func copied(values map[string]string) map[string]string {
	result := make(map[string]string, len(values))
	for name, value := range values {
		result[name] = value
	}
	return result
}
