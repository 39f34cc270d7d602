package kstack

// #include "kstack_go.h"
import "C"

import (
	"runtime"
	"unsafe"
)

// Environ gives the values as variables for exec.Cmd, NAME=value in the order of the source: a name is in upper case with
// _ for -. Of two variables of one name exec.Cmd takes the last, so what is set already wins with
//
//	command.Env = append(environ, os.Environ()...)
//
// It gives ErrConfiguration for a name or a value that no variable can have, for two names of one variable, and for a
// variable by which programs are made to run code, such as PATH or LD_PRELOAD; and ErrClosed.
func (c *Credentials) Environ() ([]string, error) {
	defer runtime.KeepAlive(c)
	given, err := c.object().acquire()
	if err != nil {
		return nil, err
	}
	defer c.object().release()
	var variables *C.kstack_credentials
	var failure *C.kstack_error
	status := C.kstack_credentials_environ((*C.kstack_credentials)(given), &variables, &failure)
	if err := errorFrom(status, failure); err != nil {
		return nil, err
	}
	defer C.kstack_credentials_free(variables)
	result := make([]string, int(C.kstack_credentials_count(variables)))
	for i := range result {
		name := C.GoString(C.kstack_credentials_name(variables, C.size_t(i)))
		result[i] = name + "=" + string(valueAt(unsafe.Pointer(variables), i))
	}
	return result, nil
}
