//go:build cgo && linux

package ffi

import (
	"runtime"
	"sync"
	"syscall"
)

// carried are values by the thread whose call they belong to: the library calls a provider on the thread of the call,
// and gives it nothing of the call.
var carried sync.Map

// Carry makes a call whose providers get a value.
func Carry(value any, call func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	thread := syscall.Gettid()
	// A log function may have called on this thread.
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

// current gives the value of the call that runs on this thread; nil for none.
func current() any {
	value, _ := carried.Load(syscall.Gettid())
	return value
}
