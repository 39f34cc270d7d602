"""Calls of the library: arguments in, results out, failures as exceptions."""

from __future__ import annotations

import contextlib
import ctypes
import os
from typing import Any, Union

from kstack_lib._library import lib
from kstack_lib.any.exceptions import KStackError, KStackInvalidArgumentError, exception_for

PathArgument = Union[str, "os.PathLike[str]"]


def text(value: object, name: str) -> bytes:
    """Give a text argument as the library takes it; `name` is the argument's, for errors.

    Raises:
        KStackInvalidArgumentError: it holds a NUL, at which C would cut it, or cannot be written as UTF-8.
        TypeError: it is no text.

    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be str, not {type(value).__name__}")
    if "\0" in value:
        raise KStackInvalidArgumentError(f"{name} holds a NUL character")
    with contextlib.suppress(UnicodeEncodeError):
        return value.encode("utf-8")
    # Not raised while the other one is handled, which would go along as the context and holds the whole text, perhaps a
    # passphrase.
    raise KStackInvalidArgumentError(f"{name} is not Unicode text: it holds a lone surrogate")


def optional_text(value: object, name: str) -> bytes | None:
    """Give a text argument that may be None."""
    return None if value is None else text(value, name)


def path(value: PathArgument | None, name: str) -> bytes | None:
    """Give a path argument that may be None."""
    return None if value is None else text(os.fspath(value), name)


def error_from(status: int, error: ctypes.c_void_p) -> KStackError:
    """Make the exception for a status that is no success, and free `error`."""
    pointer = error.value
    if pointer is None:
        return exception_for(status, lib.kstack_status_name(status).decode("utf-8", "replace"), False)
    try:
        message = lib.kstack_error_message(pointer).decode("utf-8", "replace")
        return exception_for(status, message, lib.kstack_error_is_retryable(pointer))
    finally:
        lib.kstack_error_free(pointer)


def call(function: Any, *arguments: Any) -> None:
    """Call a function that takes `kstack_error **` last, and raise what it answers."""
    error = ctypes.c_void_p()
    status = function(*arguments, ctypes.byref(error))
    if status != 0:
        raise error_from(status, error)


def call_object(function: Any, *arguments: Any) -> int | None:
    """Call a function whose last argument but the error is an object to fill, and give the object."""
    out = ctypes.c_void_p()
    call(function, *arguments, ctypes.byref(out))
    return out.value


def take_text(pointer: int | None) -> str | None:
    """Copy a text that the library gave away, and free it there."""
    if pointer is None:
        return None
    try:
        return ctypes.string_at(pointer).decode("utf-8")
    finally:
        lib.kstack_string_free(pointer)


def call_text(function: Any, *arguments: Any) -> str | None:
    """Call a function that gives one text."""
    return take_text(call_object(function, *arguments))


def call_list(function: Any, *arguments: Any) -> list[str]:
    """Call a function that gives a list of texts."""
    pointer = call_object(function, *arguments)
    try:
        count = lib.kstack_string_list_count(pointer)
        return [lib.kstack_string_list_get(pointer, index).decode("utf-8") for index in range(count)]
    finally:
        lib.kstack_string_list_free(pointer)
