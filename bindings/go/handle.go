package kstack

import "sync"

// freer is an object of the library.
type freer interface{ Free() }

// handle owns an object of the library. Close lets running calls finish: the last of them frees the object. The zero
// value counts as closed.
type handle[T freer] struct {
	mutex  sync.Mutex
	object T
	what   string
	users  int
	isOpen bool
	// isHeld reports whether the object must still be freed.
	isHeld bool
}

func (h *handle[T]) open(object T, what string) {
	h.object, h.what, h.isOpen, h.isHeld = object, what, true, true
}

// acquire returns the object, until release is called.
func (h *handle[T]) acquire() (T, error) {
	var none T
	if h == nil {
		return none, closedError("object")
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if !h.isOpen {
		return none, closedError(h.what)
	}
	h.users++
	return h.object, nil
}

func (h *handle[T]) release() {
	h.mutex.Lock()
	h.users--
	h.freeAndUnlock()
}

// close frees the object, now or when the last running call is done; a second call does nothing.
func (h *handle[T]) close() {
	if h == nil {
		return
	}
	h.mutex.Lock()
	h.isOpen = false
	h.freeAndUnlock()
}

// freeAndUnlock frees the object if nothing needs it any more.
func (h *handle[T]) freeAndUnlock() {
	isLast := h.isHeld && !h.isOpen && h.users == 0
	if isLast {
		h.isHeld = false
	}
	h.mutex.Unlock()
	if isLast {
		h.object.Free()
	}
}

func (h *handle[T]) isClosed() bool {
	if h == nil {
		return true
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return !h.isOpen
}
