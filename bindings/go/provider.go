package kstack

/*
#include "kstack_go.h"
#include <stdint.h>
#include <stdlib.h>
*/
import "C"

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/cgo"
	"sort"
	"strings"
)

// SecretsProvider answers look-ups in place of the library: for tests, and for secrets that are kept elsewhere.
//
// It is called from many goroutines at once. The layer is a name such as "layer3"; the environment is "" where the call
// names none. Values may hold any bytes. An error that is an *Error, or wraps one such as ErrServiceNotFound, reaches who
// looked up by its code and its message, which must hold no secret. Of any other error, and of a panic, they are told
// the type only, as an ErrInternal. What it looks up in the container that asks comes back to it.
type SecretsProvider interface {
	// GetCredentials gives the names and values of a service.
	GetCredentials(service, layer, environment string) (map[string]string, error)
}

// LayerSecretsProvider is a SecretsProvider that answers LoadSecrets, too; with another one there are none.
type LayerSecretsProvider interface {
	SecretsProvider
	// LoadSecrets gives all secrets that a layer may see.
	LoadSecrets(layer, environment string) (map[string]string, error)
}

// SetSecretsProvider lets a provider of the program answer look-ups, in any context; nil restores the library's own.
// Calls that run go on with the provider that they began with. Vaults do not ask it. It gives ErrClosed.
//
// The provider is held until it is replaced or the container is closed, where the collector does not see it: one that
// refers to its container keeps both until then, so Close that container.
func (c *Container) SetSecretsProvider(provider SecretsProvider) error {
	defer runtime.KeepAlive(c)
	container, err := c.object().acquire()
	if err != nil {
		return err
	}
	defer c.object().release()
	if provider == nil {
		return setSecretsProvider(container, 0, false)
	}
	_, loads := provider.(LayerSecretsProvider)
	handle := cgo.NewHandle(provider)
	if err := setSecretsProvider(container, uintptr(handle), loads); err != nil {
		handle.Delete()
		return err
	}
	return nil
}

// kstackGoGetCredentials asks a provider for the library.
//
//export kstackGoGetCredentials
func kstackGoGetCredentials(handle C.uintptr_t, service, layer, environment *C.char, reply C.uintptr_t) C.int32_t {
	return C.int32_t(answer(uintptr(reply), func() (map[string]string, error) {
		provider := cgo.Handle(handle).Value().(SecretsProvider)
		return provider.GetCredentials(C.GoString(service), C.GoString(layer), C.GoString(environment))
	}))
}

// kstackGoLoadSecrets asks a provider for the library.
//
//export kstackGoLoadSecrets
func kstackGoLoadSecrets(handle C.uintptr_t, layer, environment *C.char, reply C.uintptr_t) C.int32_t {
	return C.int32_t(answer(uintptr(reply), func() (map[string]string, error) {
		provider := cgo.Handle(handle).Value().(LayerSecretsProvider)
		return provider.LoadSecrets(C.GoString(layer), C.GoString(environment))
	}))
}

// kstackGoRelease drops a provider that the library does not use any more.
//
//export kstackGoRelease
func kstackGoRelease(handle C.uintptr_t) {
	defer func() { _ = recover() }()
	cgo.Handle(handle).Delete()
}

// answer asks a provider and puts what it says into a reply.
//
// The provider runs in a goroutine of its own: runtime.Goexit, which testing's FailNow calls, would end this one with
// the library's frames in between.
func answer(reply uintptr, ask func() (map[string]string, error)) Code {
	var values map[string]string
	code, message := CodeInternal, "the secrets provider ended its goroutine"
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if problem := recover(); problem != nil {
				code, message = CodeInternal, fmt.Sprintf("the secrets provider panicked with %T%s", problem, place())
			}
		}()
		given, err := ask()
		values = given
		code, message = explain(err)
	}()
	<-done
	if code != 0 {
		replySetError(reply, code, strings.ReplaceAll(message, "\x00", "?"))
		return code
	}
	names := make([]string, 0, len(values))
	for name := range values {
		if strings.IndexByte(name, 0) >= 0 {
			replySetError(reply, CodeInternal, "the secrets provider gave a name with a NUL, at which C would cut it")
			return CodeInternal
		}
		names = append(names, name)
	}
	// A map has no order, and credentials have one.
	sort.Strings(names)
	for _, name := range names {
		replySet(reply, name, values[name])
	}
	return 0
}

// explain gives the code and the message for what a provider returned; 0 for no error.
func explain(err error) (Code, string) {
	if err == nil {
		return 0, ""
	}
	var own *Error
	if !errors.As(err, &own) || own == nil {
		return CodeInternal, fmt.Sprintf(
			"the secrets provider failed with %T, whose text may be a secret; return a *kstack.Error to be understood", err)
	}
	code := own.Code
	if code == 0 || code.String() == "KSTACK_ERROR_UNKNOWN" {
		code = CodeInternal
	}
	message := own.message
	if err != error(own) {
		message = err.Error()
	}
	if message == "" {
		message = fmt.Sprintf("the secrets provider failed with %T, which does not say why", err)
	}
	return code, message
}

// place says where the running panic came from; never with what, which may be a secret.
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
