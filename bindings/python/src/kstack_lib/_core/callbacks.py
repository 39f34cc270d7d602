"""Passes look-ups of the library to secrets providers written in Python."""

from __future__ import annotations

import ctypes
import itertools
import os
from collections.abc import Mapping

from kstack_lib._core.credentials import Credentials
from kstack_lib._errors import KStackError, KStackInternalError
from kstack_lib._ffi.declarations import (
    GetCredentialsFunction,
    LoadSecretsFunction,
    ReleaseFunction,
    SecretsProviderFunctions,
)
from kstack_lib._ffi.handle import shared_lock
from kstack_lib._ffi.library import lib
from kstack_lib._ffi.log import NO_CALLBACKS
from kstack_lib._ffi.scope import raise_later

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from kstack_lib._core.protocols import SecretsProvider

_INTERNAL = KStackInternalError._default_code

# The library holds a number of this table, which is never reused, not the address of a Python object. An entry is
# removed when the library reports that the last running call has ended.
_numbers = itertools.count(1)
_providers: dict[int, SecretsProvider] = {}


def _text(given: bytes | None) -> str | None:
    """Decode an argument of the library."""
    return None if given is None else given.decode("utf-8")


def _value(name: str, value: object) -> bytes:
    """Encode a value."""
    if isinstance(value, str):
        try:
            return value.encode("utf-8")
        except UnicodeEncodeError:
            pass
        # Raised here: inside, the other exception would be its context, which holds the value.
        raise KStackInternalError(f"the secrets provider gave {name!r} a string with a lone surrogate")
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    kind = type(value).__name__
    raise KStackInternalError(f"the secrets provider gave {name!r} a value of type {kind}; values are str or bytes")


def _fill(reply: int | None, given: object) -> int:
    """Put names and values into a reply."""
    if not isinstance(given, Mapping):
        kind = type(given).__name__
        raise KStackInternalError(f"the secrets provider gave an object of type {kind}, which is not a mapping")
    for name in given:
        if not isinstance(name, str):
            kind = type(name).__name__
            raise KStackInternalError(f"the secrets provider gave a name of type {kind}; names are str")
        if "\0" in name:
            raise KStackInternalError("the secrets provider gave a name with a NUL character, where C would cut it")
        # Credentials of the library may not be UTF-8.
        value = given.bytes(name) if isinstance(given, Credentials) else _value(name, given[name])
        lib.kstack_reply_set(reply, name.encode("utf-8", "surrogatepass"), value, len(value))
    # The library checks the rest: names, sizes, and that there is a value.
    return 0


def _where(error: BaseException) -> str:
    """Return where an exception was raised; its message may hold a secret."""
    import traceback

    place = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        place = f" in {frame.f_code.co_name}, {os.path.basename(frame.f_code.co_filename)}:{line}"
    return place


def _refuse(reply: int | None, status: int, message: str) -> int:
    """Answer with an error."""
    lib.kstack_reply_set_error(reply, status, message.encode("utf-8", "replace").replace(b"\0", b"?"))
    return status


def _answer(reply: int | None, ask: Callable[[], object]) -> int:
    """Ask a provider and fill the reply with its answer; nothing may unwind into the library."""
    try:
        try:
            return _fill(reply, ask())
        except KStackError as error:
            known = lib.kstack_status_name(error.code) != b"KSTACK_ERROR_UNKNOWN" and error.code != 0
            kind = type(error).__qualname__
            message = str(error) or f"the secrets provider raised {kind} without a message{_where(error)}"
            return _refuse(reply, error.code if known else _INTERNAL, message)
        except BaseException as error:
            # Also SystemExit and KeyboardInterrupt: they cannot pass through the library. Ctrl-C continues afterwards.
            if isinstance(error, KeyboardInterrupt):
                raise_later(KeyboardInterrupt())
            name = type(error).__qualname__
            return _refuse(reply, _INTERNAL, f"the secrets provider raised {name}{_where(error)}")
    except BaseException:
        return _INTERNAL


def _get_credentials(
    context: int | None, service: bytes | None, layer: bytes | None, environment: bytes | None, reply: int | None
) -> int:
    def ask() -> object:
        provider: Any = _providers[context or 0]
        return provider.get_credentials(_text(service), _text(layer), _text(environment))

    return _answer(reply, ask)


def _load_secrets(context: int | None, layer: bytes | None, environment: bytes | None, reply: int | None) -> int:
    def ask() -> object:
        provider: Any = _providers[context or 0]
        return provider.load_secrets(_text(layer), _text(environment))

    return _answer(reply, ask)


def _release(context: int | None) -> None:
    try:
        _providers.pop(context or 0, None)
    except BaseException:
        return


_functions: tuple[Any, Any, Any] | None = None


def _callbacks() -> tuple[Any, Any, Any]:
    """Return the C functions; they are made on first use and never freed: the library may call them at any time.

    Raises:
        KStackInternalError: the system forbids memory that is writable and executable.

    """
    global _functions
    with shared_lock:
        if _functions is None:
            try:
                _functions = (
                    GetCredentialsFunction(_get_credentials),
                    LoadSecretsFunction(_load_secrets),
                    ReleaseFunction(_release),
                )
            except MemoryError:
                raise KStackInternalError(NO_CALLBACKS) from None
        return _functions


def functions_of(provider: SecretsProvider) -> SecretsProviderFunctions:
    """Return the functions for a provider, which is kept until the library releases it, or forget()."""
    callbacks = _callbacks()
    number = next(_numbers)
    _providers[number] = provider
    functions = SecretsProviderFunctions(struct_size=ctypes.sizeof(SecretsProviderFunctions), context=number)
    functions.get_credentials, load_secrets, functions.release = callbacks
    if callable(getattr(provider, "load_secrets", None)):
        functions.load_secrets = load_secrets
    return functions


def forget(functions: SecretsProviderFunctions) -> None:
    """Drop a provider that the library did not accept."""
    _release(functions.context)
