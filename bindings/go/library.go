package kstack

// #include "kstack_go.h"
import "C"

import (
	"fmt"
	"strings"
	"unsafe"
)

// HeaderVersion is the version of the header that this package was compiled with.
const HeaderVersion = C.KSTACK_VERSION

// Version gives the version of the library that was loaded, such as "0.2.0"; "" where none could be loaded.
func Version() string {
	return C.GoString(C.kstack_version())
}

// checkABI refuses a library of another binary interface than that of the header, and tells why none is loaded.
func checkABI() error {
	if problem := libraryProblem(); problem != nil {
		return problem
	}
	if err := checkABIVersion(uint32(C.kstack_abi_version())); err != nil {
		return err
	}
	if err := checkVersion(Version()); err != nil {
		return err
	}
	return nil
}

// checkVersion refuses a library that is older than the header: Go's build cache keeps what was compiled against a header
// that has been replaced since, so the check when compiling cannot tell.
func checkVersion(found string) *Error {
	if compareVersions(found, HeaderVersion) < 0 {
		return newError(CodeConfiguration, fmt.Sprintf(
			"the libkstack that was loaded is version %s, and this program was compiled for %s; install that or a later one",
			found, HeaderVersion), false)
	}
	return nil
}

// compareVersions gives -1, 0 or 1, by the three numbers of each version.
func compareVersions(first, second string) int {
	var a, b [3]int
	fmt.Sscanf(first, "%d.%d.%d", &a[0], &a[1], &a[2])
	fmt.Sscanf(second, "%d.%d.%d", &b[0], &b[1], &b[2])
	for i := range a {
		if a[i] != b[i] {
			if a[i] < b[i] {
				return -1
			}
			return 1
		}
	}
	return 0
}

func checkABIVersion(found uint32) *Error {
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
