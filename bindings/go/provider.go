package kstack

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sort"
	"strings"

	"kstack.dev/go/kstack/internal/ffi"
)

// SecretsProvider answers look-ups in place of the library: for tests, and for secrets that are kept elsewhere.
//
// It is called from many goroutines at once, with the context of the call that looks up. The layer of a query is in its
// canonical form such as Layer3; the environment is "" where the call names none. Values may hold any bytes. An error
// that is an *Error, or wraps one or a code such as ErrServiceNotFound, reaches the caller by its code and its message,
// which must hold no secret. Of any other error, and of a panic, the caller gets the type only, in an ErrInternal.
// Its own look-ups in the container that asks it come back to it.
type SecretsProvider interface {
	// GetCredentials returns the names and values of a service.
	GetCredentials(ctx context.Context, query Query) (map[string]string, error)
}

// LayerSecretsProvider is a SecretsProvider that answers LoadSecrets, too; any other has no secrets of layers.
type LayerSecretsProvider interface {
	SecretsProvider
	// LoadSecrets returns all secrets that a layer may see.
	LoadSecrets(ctx context.Context, layer Layer, environment string) (map[string]string, error)
}

// SetSecretsProvider lets a provider of the program answer look-ups, in any context; nil restores the library's own.
// Running calls keep the provider that they began with. Vaults do not ask it. It returns ErrClosed.
//
// The provider is held until it is replaced or the container is closed, where the garbage collector does not see it:
// one that refers to its container keeps both until then, so Close that container.
func (c *Container) SetSecretsProvider(provider SecretsProvider) error {
	container, err := c.object().acquire()
	if err != nil {
		return err
	}
	defer c.object().release()
	if provider == nil {
		return errorFrom(container.SetSecretsProvider(nil, false))
	}
	_, loads := provider.(LayerSecretsProvider)
	c.hasProvider.Store(true)
	return errorFrom(container.SetSecretsProvider(bridge{provider}, loads))
}

// bridge lets the library ask a provider.
type bridge struct{ provider SecretsProvider }

func (b bridge) GetCredentials(carried any, service, layer, environment string, reply ffi.Reply) int32 {
	return answer(carried, reply, func(ctx context.Context) (map[string]string, error) {
		return b.provider.GetCredentials(ctx, Query{Service: service, Layer: Layer(layer), Environment: environment})
	})
}

func (b bridge) LoadSecrets(carried any, layer, environment string, reply ffi.Reply) int32 {
	return answer(carried, reply, func(ctx context.Context) (map[string]string, error) {
		return b.provider.(LayerSecretsProvider).LoadSecrets(ctx, Layer(layer), environment)
	})
}

// answer asks a provider and puts its answer into a reply.
func answer(carried any, reply ffi.Reply, ask func(context.Context) (map[string]string, error)) int32 {
	ctx, ok := carried.(context.Context)
	if !ok {
		ctx = context.Background()
	}
	var values map[string]string
	var code Code
	var message string
	withoutSlot(func() { values, code, message = askProvider(ctx, ask) })
	// A map has no order, and credentials have one.
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if code == 0 && reply.Set(name, values[name]) != nil {
			code, message = ErrInternal, "the secrets provider gave a name with a NUL, where C would cut it"
		}
	}
	if code != 0 {
		// Without a NUL there is no error.
		_ = reply.SetError(int32(code), strings.ReplaceAll(message, "\x00", "?"))
	}
	return int32(code)
}

// askProvider returns the answer of a provider, or the code and the message of its failure.
//
// The provider runs in its own goroutine: runtime.Goexit, which testing's FailNow calls, would end this one, which has
// frames of the library.
func askProvider(
	ctx context.Context, ask func(context.Context) (map[string]string, error),
) (values map[string]string, code Code, message string) {
	code, message = ErrInternal, "the secrets provider ended its goroutine"
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if problem := recover(); problem != nil {
				values, code = nil, ErrInternal
				message = fmt.Sprintf("the secrets provider panicked with %T%s", problem, place())
			}
		}()
		given, err := ask(ctx)
		code, message = explain(err)
		if code == 0 {
			values = given
		}
	}()
	<-done
	return values, code, message
}

// explain returns the code and the message for what a provider returned; 0 for no error.
func explain(err error) (Code, string) {
	if err == nil {
		return 0, ""
	}
	var own *Error
	var code Code
	if errors.As(err, &own) && own != nil {
		code = own.Code
	} else if errors.As(err, &code) {
		// Its message is that of err.
	} else if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		ended := contextError(err)
		code, err = ended.Code, ended
	} else {
		return ErrInternal, fmt.Sprintf(
			"the secrets provider failed with %T, whose message may be a secret; return a *kstack.Error instead", err)
	}
	if code == 0 || code.String() == "KSTACK_ERROR_UNKNOWN" {
		code = ErrInternal
	}
	message := strings.TrimPrefix(err.Error(), "kstack: ") // The error of the look-up adds it again.
	if message == "" {
		message = fmt.Sprintf("the secrets provider failed with %T without a message", err)
	}
	return code, message
}

// place returns where the running panic came from, but not its value, which may be a secret.
func place() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	panicking := false
	for {
		frame, more := frames.Next()
		inside := strings.HasPrefix(frame.Function, "runtime.")
		if panicking && !inside && frame.Function != "" {
			return fmt.Sprintf(" in %s, %s:%d", frame.Function, filepath.Base(frame.File), frame.Line)
		}
		panicking = panicking || frame.Function == "runtime.gopanic"
		if !more {
			return ""
		}
	}
}
