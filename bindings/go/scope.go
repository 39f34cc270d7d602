package kstack

import (
	"context"
	"math"
	"time"

	"kstack.dev/go/kstack/internal/ffi"
)

// scoper is an object of the library whose calls can be made to end early.
type scoper[T any] interface {
	freer
	Scope(milliseconds uint32, cancellation ffi.Cancellation) (T, error)
}

// within returns an object whose calls end with a context, and a function that frees it.
func within[T scoper[T]](ctx context.Context, object T) (T, func(), error) {
	if ctx.Done() == nil {
		return object, func() {}, nil
	}
	cancellation, err := ffi.NewCancellation()
	if err != nil {
		return object, nil, err
	}
	scoped, err := object.Scope(untilDeadline(ctx), cancellation)
	if err != nil {
		cancellation.Free()
		return object, nil, err
	}
	done := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
			cancellation.Cancel()
		case <-done:
		}
		cancellation.Free()
	}()
	return scoped, func() {
		close(done)
		scoped.Free()
	}, nil
}

// untilDeadline returns the milliseconds until the deadline of a context; 0 for none.
func untilDeadline(ctx context.Context) uint32 {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	left := time.Until(deadline).Milliseconds() + 1
	if left > math.MaxUint32 {
		return 0 // The context itself ends the call.
	}
	if left < 1 {
		return 1
	}
	return uint32(left)
}
