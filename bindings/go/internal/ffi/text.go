//go:build cgo && linux

package ffi

/*
#include "kstack_go.h"
#include <stdlib.h>
#include <string.h>

static void kstack_go_free(char *text) {
  // A passphrase may be among the arguments. The barrier keeps the compiler from removing the wiping.
  if (text) {
    memset(text, 0, strlen(text));
    __asm__ __volatile__("" : : "r"(text) : "memory");
    free(text);
  }
}
*/
import "C"

import (
	"strings"
	"syscall"
	"unsafe"
)

// Checks at compile time that the statuses are those of C.
var _ = [1]struct{}{}[statusInvalidArgument-C.KSTACK_ERROR_INVALID_ARGUMENT|
	statusConfiguration-C.KSTACK_ERROR_CONFIGURATION|statusInternal-C.KSTACK_ERROR_INTERNAL]

// failureFrom converts the error of a call, and frees the library's.
func failureFrom(status C.kstack_status, given *C.kstack_error) error {
	if status == C.KSTACK_OK {
		return nil
	}
	if given == nil {
		if problem := Problem(); problem != nil {
			return problem
		}
		return &Failure{Status: int32(status), Message: StatusName(int32(status))}
	}
	defer C.kstack_error_free(given)
	failure := &Failure{
		Status:    int32(status),
		Message:   C.GoString(C.kstack_error_message(given)),
		Retryable: bool(C.kstack_error_is_retryable(given)),
		Path:      C.GoString(C.kstack_error_path(given)),
	}
	if number := C.kstack_error_errno(given); number != 0 {
		failure.Cause = syscall.Errno(number)
	}
	return failure
}

// arguments are C strings, freed together. The first string that cannot be converted is the error.
type arguments struct {
	all []*C.char
	err error
}

// add makes a C string. C would cut it at a NUL, so a NUL is refused.
func (a *arguments) add(value, name string) *C.char {
	if strings.IndexByte(value, 0) >= 0 {
		if a.err == nil {
			a.err = &Failure{Status: statusInvalidArgument, Message: name + " contains a NUL character"}
		}
		return nil
	}
	made := C.CString(value)
	a.all = append(a.all, made)
	return made
}

// optional is add, with NULL for the empty string.
func (a *arguments) optional(value, name string) *C.char {
	if value == "" {
		return nil
	}
	return a.add(value, name)
}

// query makes the C strings of a look-up.
func (a *arguments) query(service, layer, environment string) (*C.char, *C.char, *C.char) {
	return a.add(service, "service"), a.add(layer, "layer"), a.optional(environment, "environment")
}

func (a *arguments) free() {
	for _, one := range a.all {
		C.kstack_go_free(one)
	}
	a.all = nil
}

// takeString calls a function that returns a string, copies the string and frees it in the library.
func takeString(call func(out **C.char, failure **C.kstack_error) C.kstack_status) (string, error) {
	bytes, err := takeBytes(call)
	return string(bytes), err
}

// takeBytes is takeString for a secret, of which a string would be a second copy.
func takeBytes(call func(out **C.char, failure **C.kstack_error) C.kstack_status) ([]byte, error) {
	var out *C.char
	var failure *C.kstack_error
	if err := failureFrom(call(&out, &failure), failure); err != nil || out == nil {
		return nil, err
	}
	defer C.kstack_string_free(out)
	return copyBytes(unsafe.Pointer(out), C.strlen(out)), nil
}

// takeList calls a function that returns a list, copies the list and frees it in the library. A list is never nil.
func takeList(call func(out **C.kstack_string_list, failure **C.kstack_error) C.kstack_status) ([]string, error) {
	var list *C.kstack_string_list
	var failure *C.kstack_error
	if err := failureFrom(call(&list, &failure), failure); err != nil {
		return nil, err
	}
	defer C.kstack_string_list_free(list)
	result := make([]string, int(C.kstack_string_list_count(list)))
	for i := range result {
		result[i] = C.GoString(C.kstack_string_list_get(list, C.size_t(i)))
	}
	return result, nil
}

func copyBytes(data unsafe.Pointer, size C.size_t) []byte {
	result := make([]byte, int(size))
	if data != nil && size > 0 {
		copy(result, unsafe.Slice((*byte)(data), int(size)))
	}
	return result
}
