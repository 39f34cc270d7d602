package kstack

/*
#cgo pkg-config: kstack
#include <kstack.h>

#if KSTACK_ABI_VERSION != 0
#error "this package is written for ABI version 0 of libkstack; kstack.h has another one"
#endif
*/
import "C"

import (
	"fmt"
	"strings"
	"unsafe"
)

// HeaderVersion is the version of the header that this package was compiled with.
const HeaderVersion = C.KSTACK_VERSION

// Version gives the version of the library that was loaded, such as "0.1.0".
func Version() string {
	return C.GoString(C.kstack_version())
}

// checkABI refuses a library of another binary interface than that of the header.
func checkABI() error {
	return checkABIVersion(uint32(C.kstack_abi_version()))
}

func checkABIVersion(found uint32) error {
	if found != C.KSTACK_ABI_VERSION {
		return newError(CodeConfiguration, fmt.Sprintf(
			"the libkstack that was loaded has ABI version %d, and this program was compiled for %d",
			found, C.KSTACK_ABI_VERSION), false)
	}
	return nil
}

// text makes a C string of an argument, to be freed with freeText. C would cut it at a NUL, so that is refused.
func text(value, name string) (*C.char, error) {
	if strings.IndexByte(value, 0) >= 0 {
		return nil, newError(CodeInvalidArgument, name+" holds a NUL character", false)
	}
	return C.CString(value), nil
}

// optionalText is text, with NULL for the empty string.
func optionalText(value, name string) (*C.char, error) {
	if value == "" {
		return nil, nil
	}
	return text(value, name)
}

// texts makes C strings of arguments, or of none of them.
type texts struct {
	all []*C.char
	err error
}

func (t *texts) add(value, name string) *C.char {
	return t.keep(text(value, name))
}

func (t *texts) addOptional(value, name string) *C.char {
	return t.keep(optionalText(value, name))
}

func (t *texts) keep(made *C.char, err error) *C.char {
	if err != nil {
		if t.err == nil {
			t.err = err
		}
		return nil
	}
	t.all = append(t.all, made)
	return made
}

func (t *texts) free() {
	for _, one := range t.all {
		freeText(one)
	}
	t.all = nil
}

// takeText copies a text that the library gave away, and frees it there.
func takeText(given *C.char) string {
	if given == nil {
		return ""
	}
	defer C.kstack_string_free(given)
	return C.GoString(given)
}

// takeList copies a list that the library gave away, and frees it there. It is never nil.
func takeList(list *C.kstack_string_list) []string {
	defer C.kstack_string_list_free(list)
	count := C.kstack_string_list_count(list)
	result := make([]string, 0, int(count))
	for index := C.size_t(0); index < count; index++ {
		result = append(result, C.GoString(C.kstack_string_list_get(list, index)))
	}
	return result
}

// takeBytes copies bytes of the library.
func takeBytes(data unsafe.Pointer, size C.size_t) []byte {
	result := make([]byte, int(size))
	if data != nil && size > 0 {
		copy(result, unsafe.Slice((*byte)(data), int(size)))
	}
	return result
}
