"""Passes the library's log lines to Python functions."""

from __future__ import annotations

import ctypes
import itertools
from _thread import allocate_lock

# The class of weakref, without the rest of that module, which takes 0.2 MB.
from _weakref import ref

from kstack_lib._errors import KStackInternalError
from kstack_lib._ffi.declarations import LogFunction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

#: The message where C cannot call Python functions.
NO_CALLBACKS = (
    "this process may not have memory that is writable and executable, which calls from C to Python need "
    "(SELinux, PaX or systemd's MemoryDenyWriteExecute); use neither a log function nor a secrets provider of your own"
)

_numbers = itertools.count(1)
_targets: dict[int, ref[LogTarget]] = {}
_lock = allocate_lock()
_trampoline: Any | None = None


class LogTarget:
    """One Python function that takes log lines; whatever may log keeps it alive, and only its number goes to C."""

    __slots__ = ("__weakref__", "function", "number")

    def __init__(self, function: Callable[[int, str], object]) -> None:
        self.function = function
        self.number = number = next(_numbers)
        # Not a global in the function: it may be gone when the interpreter ends.
        forget = _targets.pop
        _targets[number] = ref(self, lambda _: forget(number, None))


def _receive(context: int | None, level: int, message: bytes | None) -> None:
    # Nothing may unwind into the library, whatever the function raises.
    try:
        found = _targets.get(context or 0)
        target = None if found is None else found()
        if target is not None:
            target.function(level, (message or b"").decode("utf-8", "replace"))
    except BaseException:
        try:
            import traceback

            traceback.print_exc()
        except BaseException:
            return


def trampoline() -> Any:
    """Return the C function for all targets; it is made on first use and never freed.

    Raises:
        KStackInternalError: the system forbids memory that is writable and executable.

    """
    global _trampoline
    with _lock:
        if _trampoline is None:
            try:
                _trampoline = LogFunction(_receive)
            except MemoryError:
                raise KStackInternalError(NO_CALLBACKS) from None
        return _trampoline


def context_of(target: LogTarget) -> ctypes.c_void_p:
    """Return what the library passes to the trampoline."""
    return ctypes.c_void_p(target.number)
