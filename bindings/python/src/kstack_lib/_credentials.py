"""The credentials of one service, in the library's locked memory."""

from __future__ import annotations

import contextlib
import ctypes
import json
import re
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, NoReturn

from kstack_lib._handle import Handle
from kstack_lib._library import lib
from kstack_lib.any.exceptions import KStackConfigurationError, KStackServiceNotFoundError


class Credentials(Mapping[str, str]):
    """The credentials of one service: a mapping of names to values as text, in the order of their source.

    Values stay in locked memory until they are asked for, and that memory is wiped by close(). What was asked for is an
    ordinary Python object and cannot be wiped. `dict(credentials)` gives a copy. A representation shows names only.

    Everything but close() and repr() raises KStackInvalidArgumentError when the credentials are closed.
    """

    __slots__ = ("_handle", "_indexes", "_source")

    _handle: Handle
    _indexes: dict[str, int]
    _source: str

    def __init__(self, *_arguments: object, **_named: object) -> None:
        """Refuse: credentials are given by get_credentials. Of an address made up by hand the process would die."""
        raise TypeError("credentials cannot be made by hand; get_credentials gives them")

    @classmethod
    def _of(cls, pointer: int) -> Credentials:
        """Take over an object of the library."""
        self = cls.__new__(cls)
        self._handle = Handle(pointer, lib.kstack_credentials_free, "credentials object")
        self._indexes = {
            lib.kstack_credentials_name(pointer, index).decode("utf-8"): index
            for index in range(lib.kstack_credentials_count(pointer))
        }
        source: bytes | None = lib.kstack_credentials_source(pointer)
        self._source = (source or b"").decode("utf-8", "replace")
        return self

    def bytes(self, name: str) -> bytes:
        """Give the bytes of a value, whatever they are.

        Raises:
            KStackServiceNotFoundError: there is no value of that name; it is a KeyError.

        """
        with self._handle.use() as pointer:
            size = ctypes.c_size_t()
            index = self._indexes.get(name)
            if index is None:
                # Names are no secrets, and say which was meant; what is asked for may be one in the place of a name.
                shown = repr(name) if re.fullmatch(r"[\w.-]{1,32}", name) else f"of a name with {len(name)} characters"
                raise KStackServiceNotFoundError(
                    f"no value {shown} in {self._source}; available: {', '.join(self._indexes) or 'none'}"
                )
            address = lib.kstack_credentials_value(pointer, index, ctypes.byref(size))
            return ctypes.string_at(address, size.value) if address else b""

    def __getitem__(self, name: str) -> str:
        value = self.bytes(name)
        with contextlib.suppress(UnicodeDecodeError):
            return value.decode("utf-8")
        # Not raised while the other one is handled, which would go along as the context and holds the value.
        raise KStackConfigurationError(f"the value of {name!r} is not text: ask for it with .bytes({name!r})")

    def __contains__(self, name: object) -> bool:
        # Not left to Mapping, which would copy the secret, and fail for a value that is not text.
        with self._handle.use():
            return name in self._indexes

    def __iter__(self) -> Iterator[str]:
        with self._handle.use():
            return iter(tuple(self._indexes))

    def __len__(self) -> int:
        with self._handle.use():
            return len(self._indexes)

    def json(self) -> dict[str, Any]:
        """Give the whole tree: nested mappings and lists as they are, every scalar as text.

        Raises:
            KStackConfigurationError: a value is not text.

        """
        with self._handle.use() as pointer:
            text: bytes | None = lib.kstack_credentials_json(pointer)
        if text is None:
            raise KStackConfigurationError("a value is not text, so the credentials have no JSON form: use .bytes()")
        tree: dict[str, Any] = json.loads(text)
        return tree

    @property
    def source(self) -> str:
        """Where the credentials are from: the path of the file."""
        with self._handle.use():
            return self._source

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._handle.closed

    def close(self) -> None:
        """Wipe the values; more than once does nothing."""
        self._handle.close()

    def __enter__(self) -> Credentials:
        with self._handle.use():
            return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        names = ", ".join(f"{name!r}: ***" for name in self._indexes)
        return f"<Credentials {{{names}}}{' closed' if self.closed else ''}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials cannot be copied or pickled; dict(credentials) makes a copy of the values")
