//go:build kstack_bundled && cgo && linux

package ffi

/*
#cgo CFLAGS: -DKSTACK_GO_BUNDLED
#cgo LDFLAGS: -ldl
#include "kstack_go.h"
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/auxv.h>

// In bundled_functions.c.
extern __attribute__((visibility("hidden"))) int kstack_go_bind(void *library, const char **first);

// A program that runs with more rights than its caller.
static bool kstack_go_is_privileged(void) { return getauxval(AT_SECURE) != 0; }

static void *kstack_go_open(const char *path, const char **why) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) *why = dlerror();
  return library;
}

static int kstack_go_library_abi_version(void *library) {
  uint32_t (*version)(void) = (uint32_t (*)(void))dlsym(library, "kstack_abi_version");
  return version ? (int)version() : -1;
}

static const char *kstack_go_library_version(void *library) {
  const char *(*version)(void) = (const char *(*)(void))dlsym(library, "kstack_version");
  return version ? version() : NULL;
}
*/
import "C"

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unsafe"
)

// libraryName is the name by which the loader knows the library.
var libraryName = fmt.Sprintf("libkstack.so.%d", C.KSTACK_ABI_VERSION)

// problem is why no library is loaded. It is loaded when the program starts, like a linked one: nothing that the
// program does later changes its context.
var problem = loadLibrary()

// Problem is why no library is loaded, else nil.
func Problem() *Failure { return problem }

// libraryPlace is where a library may be.
type libraryPlace struct{ path, origin string }

// loadLibrary loads the first library that can be used: the one that KSTACK_LIBRARY names and no other, else the one in
// the folder of the program, in ../lib from there, or where the loader looks.
func loadLibrary() *Failure {
	var places []libraryPlace
	var tried []string
	named := ""
	if C.kstack_go_is_privileged() {
		// The caller controls the variable, and by a hard link also the folder.
		tried = append(tried, "not KSTACK_LIBRARY and the folder of the program, because the program has more rights than its caller")
	} else if named = os.Getenv("KSTACK_LIBRARY"); named != "" {
		places = append(places, libraryPlace{named, "KSTACK_LIBRARY"})
	} else if program, err := os.Executable(); err == nil {
		folder := filepath.Dir(program)
		places = append(places,
			libraryPlace{filepath.Join(folder, libraryName), "next to the program"},
			libraryPlace{filepath.Join(folder, "..", "lib", libraryName), "in ../lib from the program"})
	} else {
		tried = append(tried, "the folder of the program, which is unknown: "+err.Error())
	}
	if named == "" {
		places = append(places, libraryPlace{libraryName, "where the loader of the system looks"})
	}
	for _, place := range places {
		why := tryLibrary(place.path)
		if why == "" {
			return nil
		}
		if place.path == named && !strings.HasSuffix(named, ".so") && !strings.Contains(named, ".so.") {
			// It may be a secret in place of a path.
			tried = append(tried, fmt.Sprintf("KSTACK_LIBRARY (%d characters), which names no shared library: such a file is called *.so",
				len(named)))
			continue
		}
		tried = append(tried, fmt.Sprintf("%s (%s): %s", place.path, place.origin, why))
	}
	hint := ""
	if os.Getenv("KSTACK_LIBRARY") == "" {
		hint = "; KSTACK_LIBRARY is not set, and may hold the path of the library"
	}
	return &Failure{Status: statusConfiguration,
		Message: "libkstack could not be loaded; tried: " + strings.Join(tried, "; ") + hint}
}

// tryLibrary loads a library and takes its functions; on failure it returns the reason.
func tryLibrary(path string) string {
	if strings.IndexByte(path, 0) >= 0 {
		return "the path holds a NUL character"
	}
	given := C.CString(path)
	defer C.free(unsafe.Pointer(given))
	var reason *C.char
	library := C.kstack_go_open(given, &reason)
	if library == nil {
		return strings.TrimPrefix(C.GoString(reason), path+": ")
	}
	// It is never closed, since it cannot be unloaded.
	abi, version := C.kstack_go_library_abi_version(library), C.GoString(C.kstack_go_library_version(library))
	if abi < 0 || version == "" {
		return "it is another library: it has no version of libkstack"
	}
	if err := checkABIVersion(uint32(abi), version); err != nil {
		return err.Message
	}
	if err := checkVersion(version); err != nil {
		return err.Message
	}
	var first *C.char
	if missing := C.kstack_go_bind(library, &first); missing > 0 {
		return fmt.Sprintf("it says that it is version %s, and lacks %d functions of it, the first being %s",
			version, missing, C.GoString(first))
	}
	return ""
}
