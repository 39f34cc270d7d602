//go:build cgo

package kstack

import (
	"sync"
	"unsafe"
)

// handle owns an object of the library. Close lets running calls finish: the last of them frees the object.
type handle struct {
	mutex   sync.Mutex
	pointer unsafe.Pointer
	users   int
	closed  bool
	free    func(unsafe.Pointer)
	what    string
}

// acquire gives the object, until release is called. What is nil or was never made counts as closed.
func (h *handle) acquire() (unsafe.Pointer, error) {
	if h == nil || h.free == nil {
		return nil, closedError("object")
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.closed || h.pointer == nil {
		return nil, closedError(h.what)
	}
	h.users++
	return h.pointer, nil
}

func (h *handle) release() {
	h.mutex.Lock()
	h.users--
	pointer := h.take()
	h.mutex.Unlock()
	if pointer != nil {
		h.free(pointer)
	}
}

// close frees the object, now or when the last running call is done; more than once does nothing.
func (h *handle) close() {
	if h == nil {
		return
	}
	h.mutex.Lock()
	h.closed = true
	pointer := h.take()
	h.mutex.Unlock()
	if pointer != nil {
		h.free(pointer)
	}
}

// take gives the object if it is to be freed now. The mutex is held.
func (h *handle) take() unsafe.Pointer {
	if !h.closed || h.users > 0 {
		return nil
	}
	pointer := h.pointer
	h.pointer = nil
	return pointer
}

func (h *handle) isClosed() bool {
	if h == nil {
		return true
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.closed || h.pointer == nil
}
