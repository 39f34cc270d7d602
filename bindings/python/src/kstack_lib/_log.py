"""Takes the library's log lines to Python functions."""

from __future__ import annotations

import ctypes
import itertools
import logging
import threading
import traceback
import weakref
from typing import Any

from kstack_lib._declarations import LogFunction
from kstack_lib.any.exceptions import KStackInternalError
from kstack_lib.any.protocols import LogCallable
from kstack_lib.any.types import LogLevel

#: Why a Python function cannot be called by C here.
NO_CALLBACKS = (
    "this process may not have memory that is writable and executable, which Python functions that C calls need "
    "(SELinux, PaX or systemd's MemoryDenyWriteExecute); use neither a log function nor a secrets provider of your own"
)

_numbers = itertools.count(1)
_targets: weakref.WeakValueDictionary[int, LogTarget] = weakref.WeakValueDictionary()
_lock = threading.Lock()
_trampoline: Any | None = None


class LogTarget:
    """One Python function that takes log lines; what may log keeps it alive, and only its number goes to C."""

    __slots__ = ("__weakref__", "function", "number")

    def __init__(self, function: LogCallable) -> None:
        self.function = function
        self.number = next(_numbers)
        _targets[self.number] = self


_LOGGER = logging.getLogger("kstack_lib")
# A program that does not configure logging sees nothing.
_LOGGER.addHandler(logging.NullHandler())

_LEVELS: dict[int, int] = {
    LogLevel.DEBUG: logging.DEBUG,
    LogLevel.INFO: logging.INFO,
    LogLevel.WARNING: logging.WARNING,
}


def to_logging(level: int, line: str) -> None:
    """Hand a line to `logging`; a level that is not known counts as a warning."""
    _LOGGER.log(_LEVELS.get(level, logging.WARNING), "%s", line)


def _receive(context: int | None, level: int, message: bytes | None) -> None:
    # Nothing may unwind into the library, whatever the function raises.
    try:
        target = _targets.get(context or 0)
        if target is not None:
            try:
                known = LogLevel(level)
            except ValueError:
                # Of a later library.
                known = LogLevel.WARNING
            target.function(known, (message or b"").decode("utf-8", "replace"))
    except BaseException:
        try:
            traceback.print_exc()
        except BaseException:
            return


def trampoline() -> Any:
    """Give the C function for all targets; made when first needed, and never freed.

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
    """Give what the library is to hand to the trampoline."""
    return ctypes.c_void_p(target.number)
