"""Lets calls that wait end early: at a signal whose handler raises, and when their coroutine is cancelled."""

from __future__ import annotations

import ctypes
import os
from _contextvars import ContextVar
from _thread import get_native_id

from kstack_lib._ffi.call import call_object
from kstack_lib._ffi.declarations import IsInterruptedFunction, Scope
from kstack_lib._ffi.handle import Handle, Use
from kstack_lib._ffi.library import lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any, Callable

#: The cancellation of what the coroutine of this context awaits.
cancellation: ContextVar[Handle | None] = ContextVar("kstack_cancellation", default=None)

#: The exception that a signal handler raised while the library ran on the main thread.
_raised: BaseException | None = None


def new_cancellation() -> Handle:
    """Return a cancellation, which is freed with its last reference."""
    pointer = call_object(lib.kstack_cancellation_new)
    return Handle(pointer or 0, lib.kstack_cancellation_free, "cancellation")


def cancel(handle: Handle) -> None:
    """End the calls in the scopes of a cancellation."""
    with handle.use() as pointer:
        lib.kstack_cancellation_cancel(pointer)


def is_main_thread() -> bool:
    """Return whether this is the thread that runs signal handlers."""
    return get_native_id() == os.getpid()


def raise_later(error: BaseException) -> None:
    """Keep an exception that cannot pass through the library, until the call of the main thread has ended."""
    global _raised
    if is_main_thread():
        _raised = error


def _ask() -> Generator[bool, None, None]:
    """Yield at each step whether the call must end.

    The interpreter runs the handlers of signals when a function begins, before any of its `try` blocks; but a generator
    goes on where it stopped, inside the block.
    """
    answer = False
    while True:
        try:
            yield answer
            answer = False
        except GeneratorExit:
            return
        except BaseException as error:
            raise_later(error)
            answer = True


_asking: Any = _ask()
_function: Any | None = None


def _is_interrupted() -> Any | None:
    """Return the C function for is_interrupted; None where the system forbids writable and executable memory."""
    global _function
    if _function is None:
        next(_asking)
        try:
            _function = IsInterruptedFunction(_asking.send)
        except MemoryError:
            _function = IsInterruptedFunction()
    return _function or None


class ScopedHandle(Handle):
    """Owns a container or a vault, whose calls that wait can end early."""

    __slots__ = ("_interruptible", "_scope")

    def __init__(
        self, pointer: int, free: Callable[[int], Any], scope: Callable[..., Any], what: str, keep: object = None
    ) -> None:
        """Own `pointer`; `scope` is the function of the library that makes a scope of it."""
        super().__init__(pointer, free, what, keep)
        self._scope = scope
        #: The scope for the main thread; 0 where there is none.
        self._interruptible: int | None = None

    def call(self) -> Use:
        """Return a context manager as use(), for calls that may wait.

        A call that is ended by a signal handler ends the `with` block with that handler's exception. Make the owner of
        a result inside the block: where the call had ended already, the result is dropped.
        """
        return _Call(self)

    def interruptible(self, pointer: int) -> int:
        """Return the scope of the main thread."""
        if self._interruptible is None:
            function = _is_interrupted()
            self._interruptible = 0 if function is None else self.scope(pointer, is_interrupted=function)
        return self._interruptible or pointer

    def scope(self, pointer: int, **fields: Any) -> int:
        """Return a new scope."""
        fields = {"struct_size": ctypes.sizeof(Scope), **fields}
        return call_object(self._scope, pointer, ctypes.byref(Scope(**fields))) or 0

    def free(self, pointer: int) -> None:
        """Free the object with its scope."""
        if self._interruptible:
            self._free(self._interruptible)
        self._free(pointer)


class _Call(Use):
    """One call, which may wait."""

    __slots__ = ("_own",)

    _handle: ScopedHandle

    def __enter__(self) -> int:
        pointer = super().__enter__()
        self._own: int | None = None
        try:
            found = cancellation.get()
            if found is not None:
                with found.use() as flag:
                    self._own = self._handle.scope(pointer, cancellation=flag)
                return self._own
            # Not for a handler that calls the library itself.
            if is_main_thread() and not _asking.gi_running:
                return self._handle.interruptible(pointer)
            return pointer
        except BaseException:
            super().__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        global _raised
        if self._own:
            self._handle._free(self._own)
        super().__exit__()
        if _raised is not None and is_main_thread() and not _asking.gi_running:
            raised, _raised = _raised, None
            raise raised from None
