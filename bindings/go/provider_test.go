package kstack_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kstack.dev/go/kstack"
)

// own answers look-ups by a function.
type own func(service, layer, environment string) (map[string]string, error)

func (o own) GetCredentials(_ context.Context, query kstack.Query) (map[string]string, error) {
	return o(query.Service, query.Layer.String(), query.Environment)
}

// ownLayers answers for layers, too.
type ownLayers struct{ own }

func (o ownLayers) LoadSecrets(_ context.Context, layer kstack.Layer, environment string) (map[string]string, error) {
	return o.own("all", layer.String(), environment)
}

func gives(values map[string]string) own {
	return func(string, string, string) (map[string]string, error) { return values, nil }
}

func fails(err error) own {
	return func(string, string, string) (map[string]string, error) { return nil, err }
}

func empty(t *testing.T) *kstack.Container {
	t.Helper()
	container := must[*kstack.Container](t)(kstack.New(kstack.Options{ProjectRoot: t.TempDir()}))
	t.Cleanup(func() { container.Close() })
	return container
}

func set(t *testing.T, container *kstack.Container, provider kstack.SecretsProvider) {
	t.Helper()
	if err := container.SetSecretsProvider(provider); err != nil {
		t.Fatal(err)
	}
}

func key(t *testing.T, container *kstack.Container) string {
	t.Helper()
	credentials := must[*kstack.Credentials](t)(container.GetCredentials(ctx, query("s3", "layer3", "")))
	defer credentials.Close()
	return must[string](t)(credentials.Get("key"))
}

func TestProviderAnswers(t *testing.T) {
	container := empty(t)
	var asked []string
	set(t, container, own(func(service, layer, environment string) (map[string]string, error) {
		asked = append(asked, service+" "+layer+" "+environment)
		return map[string]string{"key": "päß", "a": "\xff\x00\xfe", "empty": ""}, nil
	}))
	credentials := must[*kstack.Credentials](t)(container.GetCredentials(ctx, query("s3", "LAYER3", "dev")))
	defer credentials.Close()
	if !reflect.DeepEqual(credentials.Names(), []string{"a", "empty", "key"}) {
		t.Error(credentials.Names())
	}
	values := must[map[string]string](t)(credentials.Map())
	if !reflect.DeepEqual(values, map[string]string{"key": "päß", "a": "\xff\x00\xfe", "empty": ""}) {
		t.Errorf("%q", values)
	}
	must[*kstack.Credentials](t)(container.GetCredentials(ctx, query("smtp", "0", ""))).Close()
	if !reflect.DeepEqual(asked, []string{"s3 layer3 dev", "smtp layer0 "}) {
		t.Errorf("%q", asked)
	}
}

func TestProviderOfLayers(t *testing.T) {
	container := empty(t)
	set(t, container, gives(map[string]string{"key": "one"}))
	_, err := container.LoadSecrets(ctx, "layer1", "dev")
	want(t, err, kstack.ErrServiceNotFound, "layer1")
	set(t, container, ownLayers{func(service, layer, environment string) (map[string]string, error) {
		return map[string]string{"asked": service + " " + layer + " " + environment}, nil
	}})
	secrets := must[*kstack.Credentials](t)(container.LoadSecrets(ctx, "layer1", "dev"))
	defer secrets.Close()
	if got := must[string](t)(secrets.Get("asked")); got != "all layer1 dev" {
		t.Error(got)
	}
}

func TestProviderErrorWithoutMessage(t *testing.T) {
	container := empty(t)
	set(t, container, fails(kstack.NewError(kstack.ErrServiceNotFound, "")))
	_, err := container.GetCredentials(ctx, query("s3", "layer3", ""))
	want(t, err, kstack.ErrServiceNotFound, "*kstack.Error without a message")
}

func TestNilRestoresTheOwnProvider(t *testing.T) {
	p := newProject(t)
	container := p.container(t)
	set(t, container, gives(map[string]string{"key": "one"}))
	if got := key(t, container); got != "one" {
		t.Error(got)
	}
	set(t, container, nil)
	credentials := must[*kstack.Credentials](t)(container.GetCredentials(ctx, query("s3", "layer3", "")))
	defer credentials.Close()
	if got := must[string](t)(credentials.Get("octal")); got != "0123" {
		t.Error(got)
	}
	container.Close()
	if err := container.SetSecretsProvider(nil); !errors.Is(err, kstack.ErrClosed) {
		t.Error(err)
	}
	if err := new(kstack.Container).SetSecretsProvider(fails(nil)); !errors.Is(err, kstack.ErrClosed) {
		t.Error(err)
	}
}

func TestErrorsOfAProviderReachTheCaller(t *testing.T) {
	container := empty(t)
	var nothing *kstack.Error
	for _, one := range []struct {
		err  error
		kind error
		text string
	}{
		{kstack.NewError(kstack.ErrVault, "because\nso"), kstack.ErrVault, "kstack: because?so"},
		{fmt.Errorf("no redis: %w", kstack.ErrServiceNotFound), kstack.ErrServiceNotFound, "no redis: kstack: not found"},
		{kstack.ErrClusterAPI, kstack.ErrClusterAPI, "Kubernetes API failed"},
		{kstack.NewError(99, "odd"), kstack.ErrInternal, "odd"},
		{kstack.NewError(0, "odd"), kstack.ErrInternal, "odd"},
		{kstack.NewError(kstack.ErrIO, "a\x00b"), kstack.ErrIO, "a?b"},
		{fmt.Errorf("canary: %w", context.DeadlineExceeded), nil, "the deadline of the call passed"},
		{fmt.Errorf("canary: %w", context.Canceled), nil, "the call was cancelled"},
		{errors.New("canary"), kstack.ErrInternal, "*errors.errorString"},
		{&os.PathError{Op: "open", Path: "canary", Err: os.ErrNotExist}, kstack.ErrInternal, "*fs.PathError"},
		{nothing, kstack.ErrInternal, "*kstack.Error"},
	} {
		set(t, container, fails(one.err))
		credentials, err := container.GetCredentials(ctx, query("s3", "layer3", ""))
		if one.kind == nil {
			one.kind = err // A library that does not know these codes says that they are internal.
		}
		want(t, err, one.kind, one.text)
		if credentials != nil || strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), "canary") {
			t.Errorf("%v and %v", credentials, err)
		}
	}
}

func TestInvalidAnswersAreInternalErrors(t *testing.T) {
	container := empty(t)
	var absent map[string]int
	for name, provider := range map[string]own{
		"no value": fails(nil),
		"empty":    gives(map[string]string{"": "canary"}),
		"NUL":      gives(map[string]string{"a\x00b": "canary"}),
		"UTF-8":    gives(map[string]string{"\xff": "canary"}),
		"16 MiB":   gives(map[string]string{"large": strings.Repeat("canary", 3<<20)}),
		"panicked with string in kstack.dev/go/kstack_test.TestInvalidAnswersAreInternalErrors": func(string, string, string) (map[string]string, error) {
			panic("canary")
		},
		"panicked with *errors.errorString in ":               func(string, string, string) (map[string]string, error) { panic(errors.New("canary")) },
		"panicked with runtime.boundsError in ":               func(string, string, string) (map[string]string, error) { return nil, []error{}[len(absent)] },
		"panicked with runtime.plainError":                    func(string, string, string) (map[string]string, error) { absent["canary"] = 1; return nil, nil },
		"ended its goroutine":                                 func(string, string, string) (map[string]string, error) { runtime.Goexit(); return nil, nil },
		"panicked with *kstack_test.panics":                   fails(&panics{}),
		"panicked with *runtime.TypeAssertionError in ":       func(string, string, string) (map[string]string, error) { _ = any(1).(string); return nil, nil },
		"failed with *kstack_test.sayNothing, whose message ": fails(&sayNothing{}),
	} {
		set(t, container, provider)
		_, err := container.GetCredentials(ctx, query("s3", "layer3", ""))
		want(t, err, kstack.ErrInternal, name)
		if strings.Contains(err.Error(), "canary") {
			t.Error(err)
		}
	}
}

// panics is an error that panics when it is inspected.
type panics struct{}

func (p *panics) Error() string    { return "canary" }
func (p *panics) As(any) bool      { panic(p) }
func (p *panics) Is(error) bool    { panic(p) }
func (p *panics) Unwrap() error    { panic(p) }
func (p *panics) String() string   { panic(p) }
func (p *panics) GoString() string { panic(p) }

// sayNothing is an error of the program.
type sayNothing struct{}

func (s *sayNothing) Error() string { return "canary" }

func TestProviderFromInside(t *testing.T) {
	container := empty(t)
	set(t, container, own(func(service, layer, environment string) (map[string]string, error) {
		switch service {
		case "s3":
			deep, err := container.GetCredentials(ctx, query("deep", kstack.Layer(layer), environment))
			if err != nil {
				return nil, err
			}
			defer deep.Close()
			values, err := deep.Map()
			return map[string]string{"key": "outer " + values["key"]}, err
		default:
			if err := container.SetSecretsProvider(gives(map[string]string{"key": "replaced"})); err != nil {
				return nil, err
			}
			return map[string]string{"key": "deep"}, nil
		}
	}))
	if got := key(t, container); got != "outer deep" {
		t.Error(got)
	}
	if got := key(t, container); got != "replaced" {
		t.Error(got)
	}
	set(t, container, own(func(string, string, string) (map[string]string, error) {
		container.Close()
		return map[string]string{"key": "last"}, nil
	}))
	if got := key(t, container); got != "last" {
		t.Error(got)
	}
}

func TestGoroutinesLookUpWhileOthersReplace(t *testing.T) {
	container := empty(t)
	set(t, container, gives(map[string]string{"key": "first"}))
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		replaces := i < 2
		group.Add(1)
		go func() {
			defer group.Done()
			for j := 0; j < 100; j++ {
				if replaces {
					if err := container.SetSecretsProvider(gives(map[string]string{"key": fmt.Sprint(j)})); err != nil {
						t.Error(err)
					}
					continue
				}
				credentials, err := container.GetCredentials(ctx, query("s3", "layer3", ""))
				if err != nil {
					t.Error(err)
					return
				}
				credentials.Close()
			}
		}()
	}
	group.Wait()
}

func TestProviderIsDroppedWithItsContainer(t *testing.T) {
	var dropped atomic.Int32
	func() {
		container := empty(t)
		for i := 0; i < 3; i++ {
			values := &map[string]string{"key": "one"}
			runtime.SetFinalizer(values, func(any) { dropped.Add(1) })
			set(t, container, own(func(string, string, string) (map[string]string, error) { return *values, nil }))
			if got := key(t, container); got != "one" {
				t.Error(got)
			}
		}
		container.Close()
	}()
	for i := 0; i < 100 && dropped.Load() < 3; i++ {
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
	}
	if dropped.Load() != 3 {
		t.Errorf("%d of 3 providers were dropped", dropped.Load())
	}
}
