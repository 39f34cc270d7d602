"""Calls of the library: arguments in, results out, failures as exceptions."""

from __future__ import annotations

import ctypes
import os

from kstack_lib._errors import KStackError, KStackInvalidArgumentError, KStackIOError, exception_for
from kstack_lib._ffi.library import lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Union

    PathArgument = Union[str, "os.PathLike[str]"]


def text(value: object, name: str) -> bytes:
    """Encode a string argument; `name` is the argument's, for errors.

    Raises:
        KStackInvalidArgumentError: it has a NUL character, where C would cut it, or a lone surrogate.
        TypeError: it is not a string.

    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be str, not {type(value).__name__}")
    if "\0" in value:
        raise KStackInvalidArgumentError(f"{name} has a NUL character")
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError:
        pass
    # Raised here: inside, the other exception would be its context, which holds the value, perhaps a passphrase.
    raise KStackInvalidArgumentError(f"{name} cannot be encoded as UTF-8: it has a lone surrogate")


def optional_text(value: object, name: str) -> bytes | None:
    """Encode a string argument that may be None."""
    return None if value is None else text(value, name)


def path(value: PathArgument | None, name: str) -> bytes | None:
    """Encode a path argument that may be None."""
    return None if value is None else text(os.fspath(value), name)


def error_from(status: int, error: ctypes.c_void_p) -> KStackError:
    """Make the exception for a failed call, and free `error`."""
    pointer = error.value
    if pointer is None:
        return exception_for(status, lib.kstack_status_name(status).decode("utf-8", "replace"), False)
    try:
        message = lib.kstack_error_message(pointer).decode("utf-8", "replace")
        failure = exception_for(status, message, lib.kstack_error_is_retryable(pointer))
        number = lib.kstack_error_errno(pointer)
        if number and isinstance(failure, KStackIOError):
            failure.errno = number
            failure.filename = lib.kstack_error_path(pointer).decode("utf-8", "replace") or None
        return failure
    finally:
        lib.kstack_error_free(pointer)


def call(function: Any, *arguments: Any) -> None:
    """Call a function whose last parameter is `kstack_error **`, and raise its error."""
    error = ctypes.c_void_p()
    status = function(*arguments, ctypes.byref(error))
    if status != 0:
        raise error_from(status, error)


def call_object(function: Any, *arguments: Any) -> int | None:
    """Call a function that returns an object through its last parameter but the error."""
    out = ctypes.c_void_p()
    call(function, *arguments, ctypes.byref(out))
    return out.value


def take_text(pointer: int | None) -> str | None:
    """Copy a string that the library returned, and free it."""
    if pointer is None:
        return None
    try:
        return ctypes.string_at(pointer).decode("utf-8")
    finally:
        lib.kstack_string_free(pointer)


def call_text(function: Any, *arguments: Any) -> str | None:
    """Call a function that returns one string."""
    return take_text(call_object(function, *arguments))


def call_list(function: Any, *arguments: Any) -> list[str]:
    """Call a function that returns a list of strings."""
    pointer = call_object(function, *arguments)
    try:
        count = lib.kstack_string_list_count(pointer)
        return [lib.kstack_string_list_get(pointer, index).decode("utf-8") for index in range(count)]
    finally:
        lib.kstack_string_list_free(pointer)
