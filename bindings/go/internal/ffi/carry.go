//go:build cgo && linux

package ffi

import (
	"runtime"
	"sync"
	"syscall"
)

// carried are values by the thread of their call: the library calls a provider on the thread of the call, and passes
// nothing of the call to it.
var carried sync.Map

// Carry makes a call, and passes a value to its providers.
func Carry(value any, call func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	thread := syscall.Gettid()
	// A log function may have made this call on the thread of another.
	previous, isNested := carried.Load(thread)
	carried.Store(thread, value)
	defer func() {
		if isNested {
			carried.Store(thread, previous)
		} else {
			carried.Delete(thread)
		}
	}()
	call()
}

// current returns the value of the call that runs on this thread; nil for none.
func current() any {
	value, _ := carried.Load(syscall.Gettid())
	return value
}
