package kstack

/*
#include "kstack_go.h"
#include <stdint.h>
#include <stdlib.h>

extern void kstackGoLog(uintptr_t handle, int32_t level, char *message);
*/
import "C"

import "runtime/cgo"

// LogLevel is how much a line of the log matters.
type LogLevel int32

const (
	// LogDebug is for finding a fault.
	LogDebug LogLevel = C.KSTACK_LOG_DEBUG
	// LogInfo is worth knowing.
	LogInfo LogLevel = C.KSTACK_LOG_INFO
	// LogWarning: something was passed over, or is not as it should be.
	LogWarning LogLevel = C.KSTACK_LOG_WARNING
)

// String gives "debug", "info" or "warning".
func (l LogLevel) String() string {
	switch l {
	case LogDebug:
		return "debug"
	case LogInfo:
		return "info"
	case LogWarning:
		return "warning"
	}
	return "unknown"
}

// logTarget is a log function that a container and the vaults opened from it share; the last of them drops it.
type logTarget struct {
	function func(LogLevel, string)
}

// kstackGoLog takes a line from the library. A panic ends here: it must not unwind through C.
//
//export kstackGoLog
func kstackGoLog(handle C.uintptr_t, level C.int32_t, message *C.char) {
	defer func() { _ = recover() }()
	target, ok := cgo.Handle(handle).Value().(*logTarget)
	if ok {
		target.function(LogLevel(level), C.GoString(message))
	}
}

// logForTest sends a line in from Go, because a file of tests cannot use cgo.
func logForTest(handle uintptr, level LogLevel, message string) {
	given := C.CString(message)
	defer freeText(given)
	kstackGoLog(C.uintptr_t(handle), C.int32_t(level), given)
}
