package kstack

import (
	"context"

	"kstack.dev/go/kstack/internal/ffi"
)

// maxCalls is how many calls run inside the library at a time. Each of them holds a thread of the operating system
// while it waits, and a process has a limited number of those; further calls wait as goroutines.
const maxCalls = 64

var slots = make(chan struct{}, maxCalls)

// takeSlot waits for a slot, or for the end of the context.
func takeSlot(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return contextError(err)
	}
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return contextError(ctx.Err())
	}
}

func giveSlot() { <-slots }

// withoutSlot runs a function of the program that the library called. It may call the library itself, so it must not
// hold a slot that such a call could wait for.
func withoutSlot(function func()) {
	select {
	case <-slots:
		defer func() { slots <- struct{}{} }()
	default: // New holds none.
	}
	function()
}

// result is the result of a call of the library.
type result[R any] struct {
	value R
	err   error
}

// look makes a call that changes nothing. When the context ends it returns at once, whatever a provider of the program
// does; the call ends soon after, and keeps its slot and its object until then. A context that cannot end costs
// nothing.
func look[T scoper[T], R any](ctx context.Context, h *handle[T], call func(T) (R, error)) (R, error) {
	ctx = orBackground(ctx)
	if ctx.Done() == nil {
		return complete(ctx, h, call)
	}
	var none R
	object, err := h.acquire()
	if err != nil {
		return none, err
	}
	if err := takeSlot(ctx); err != nil {
		h.release()
		return none, err
	}
	results := make(chan result[R])
	go func() {
		defer h.release()
		defer giveSlot()
		value, err := callWithin(ctx, object, call)
		select {
		case results <- result[R]{value, errorFrom(err)}:
		case <-ctx.Done():
			drop(value, err)
		}
	}()
	select {
	case done := <-results:
		return done.value, done.err
	case <-ctx.Done():
		return none, contextError(ctx.Err())
	}
}

// drop frees or wipes a result that nobody waits for any more.
func drop(value any, err error) {
	switch value := value.(type) {
	case freer:
		if err == nil {
			value.Free()
		}
	case []byte:
		for i := range value {
			value[i] = 0
		}
	}
}

// complete makes a call that may write, and waits for its result.
func complete[T scoper[T], R any](ctx context.Context, h *handle[T], call func(T) (R, error)) (R, error) {
	var none R
	object, err := h.acquire()
	if err != nil {
		return none, err
	}
	defer h.release()
	if err := takeSlot(orBackground(ctx)); err != nil {
		return none, err
	}
	defer giveSlot()
	value, err := callWithin(orBackground(ctx), object, call)
	return value, errorFrom(err)
}

// callWithin makes a call that ends with its context. A deadline has one error, whichever clock notices it first.
func callWithin[T scoper[T], R any](ctx context.Context, object T, call func(T) (R, error)) (R, error) {
	scoped, end, err := within(ctx, object)
	if err != nil {
		var none R
		return none, err
	}
	defer end()
	value, err := call(scoped)
	if failure, ok := err.(*ffi.Failure); ok && Code(failure.Status) == ErrCancelled && ctx.Err() != nil {
		err = contextError(ctx.Err())
	}
	return value, err
}

// orBackground replaces nil with the background context.
func orBackground(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}

// carry passes the context of a call on to a provider of the program, if there is one.
func (c *Container) carry(ctx context.Context, call func()) {
	if ctx == nil || ctx == context.Background() || !c.hasProvider.Load() {
		call()
		return
	}
	ffi.Carry(ctx, call)
}
