//go:build cgo && linux

package kstack

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
)

// methods calls every method of a value with zero arguments, and checks that those that return an error return
// ErrClosed.
func methods(t *testing.T, value any) {
	t.Helper()
	object := reflect.ValueOf(value)
	for i := 0; i < object.NumMethod(); i++ {
		name := object.Type().Method(i).Name
		if name == "Format" {
			continue
		}
		method := object.Method(i)
		arguments := make([]reflect.Value, method.Type().NumIn())
		for j := range arguments {
			arguments[j] = reflect.Zero(method.Type().In(j))
			if arguments[j].Kind() == reflect.String {
				arguments[j] = reflect.ValueOf("layer3").Convert(arguments[j].Type())
			}
		}
		results := method.Call(arguments)
		if len(results) == 0 || name == "Close" || name == "MarshalJSON" {
			continue
		}
		if err, ok := results[len(results)-1].Interface().(error); ok && !errors.Is(err, ErrClosed) {
			t.Errorf("%T.%s gave %v", value, name, err)
		}
	}
	if text := fmt.Sprintf("%v %+v %#v", value, value, value); text == "" {
		t.Errorf("%T prints nothing", value)
	}
}

func TestMethodsOfNilAndOfZeroValues(t *testing.T) {
	for _, value := range []any{
		(*Container)(nil), (*Vault)(nil), (*Credentials)(nil), &Container{}, &Vault{}, &Credentials{},
	} {
		methods(t, value)
	}
	var container Container
	if err := container.Close(); err != nil {
		t.Error(err)
	}
}

func TestClosingBeforeTheErrorIsChecked(t *testing.T) {
	container, err := New(Options{IdentityFile: "\x00"})
	//lint:ignore SA5001 This tests closing before the error is checked.
	defer container.Close()
	if err == nil {
		t.Fatal("a path with a NUL was taken")
	}
}
