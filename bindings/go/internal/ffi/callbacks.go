//go:build cgo && linux

package ffi

// #include "kstack_go.h"
import "C"

import (
	"runtime/cgo"
	"sync"
)

// logTarget is a log function that a container shares with the vaults opened from it; the last of them drops it. A nil
// target logs nothing.
type logTarget struct {
	function func(level int32, message string)
	handle   cgo.Handle
	mutex    sync.Mutex
	users    int
}

func newLogTarget(function func(int32, string)) *logTarget {
	if function == nil {
		return nil
	}
	t := &logTarget{function: function, users: 1}
	t.handle = cgo.NewHandle(t)
	return t
}

func (t *logTarget) number() uintptr {
	if t == nil {
		return 0
	}
	return uintptr(t.handle)
}

func (t *logTarget) retain() {
	if t != nil {
		t.mutex.Lock()
		t.users++
		t.mutex.Unlock()
	}
}

func (t *logTarget) release() {
	if t == nil {
		return
	}
	t.mutex.Lock()
	t.users--
	last := t.users == 0
	t.mutex.Unlock()
	if last {
		t.handle.Delete()
	}
}

// kstackGoLog takes a line from the library. A panic ends here: it must not unwind through C.
//
//export kstackGoLog
func kstackGoLog(handle C.uintptr_t, level C.int32_t, message *C.char) {
	logLine(uintptr(handle), int32(level), C.GoString(message))
}

func logLine(handle uintptr, level int32, message string) {
	defer func() { _ = recover() }()
	if target, ok := cgo.Handle(handle).Value().(*logTarget); ok {
		target.function(level, message)
	}
}

// kstackGoGetCredentials asks a provider for the library.
//
//export kstackGoGetCredentials
func kstackGoGetCredentials(handle C.uintptr_t, service, layer, environment *C.char, reply C.uintptr_t) C.int32_t {
	provider := cgo.Handle(handle).Value().(Provider)
	return C.int32_t(provider.GetCredentials(current(), C.GoString(service), C.GoString(layer), C.GoString(environment), Reply(reply)))
}

// kstackGoLoadSecrets asks a provider for the library.
//
//export kstackGoLoadSecrets
func kstackGoLoadSecrets(handle C.uintptr_t, layer, environment *C.char, reply C.uintptr_t) C.int32_t {
	provider := cgo.Handle(handle).Value().(Provider)
	return C.int32_t(provider.LoadSecrets(current(), C.GoString(layer), C.GoString(environment), Reply(reply)))
}

// kstackGoRelease drops a provider that the library no longer uses.
//
//export kstackGoRelease
func kstackGoRelease(handle C.uintptr_t) {
	defer func() { _ = recover() }()
	cgo.Handle(handle).Delete()
}
