"""The credentials of one service, in the library's locked memory."""

from __future__ import annotations

import ctypes

# These are the classes of collections.abc, without the whole of collections, which takes 1 ms and 0.4 MB.
from _collections_abc import Iterator, Mapping

from kstack_lib._errors import KStackConfigurationError, KStackServiceNotFoundError
from kstack_lib._ffi.handle import Handle, Owner
from kstack_lib._ffi.library import lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class Credentials(Owner, Mapping[str, str]):
    """The credentials of one service: a mapping of names to string values, in the order of their source.

    Values stay in locked memory, which close() wipes. A value that you read is an ordinary Python object and cannot be
    wiped. `dict(credentials)` makes a copy. repr() shows names only.

    After close(), everything but close() and repr() raises KStackInvalidArgumentError.
    """

    __module__ = "kstack_lib.any.security"
    __slots__ = ("_handle", "_indexes", "_source")

    _indexes: dict[str, int]
    _source: str

    def __init__(self, *_arguments: object, **_named: object) -> None:
        """Refuse: an invalid address would crash the process."""
        raise TypeError("credentials cannot be created directly; get_credentials returns them")

    @classmethod
    def _of(cls, pointer: int) -> Credentials:
        """Own an object of the library."""
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
        """Return the bytes of a value, which need not be UTF-8.

        Raises:
            KStackServiceNotFoundError: no value has that name; it is a KeyError.

        """
        with self._handle.use() as pointer:
            size = ctypes.c_size_t()
            index = self._indexes.get(name)
            if index is None:
                import re

                # A name is not secret and helps to find the mistake, but somebody may have passed a secret as a name.
                shown = repr(name) if re.fullmatch(r"[\w.-]{1,32}", name) else f"of a name with {len(name)} characters"
                raise KStackServiceNotFoundError(
                    f"no value {shown} in {self._source}; available: {', '.join(self._indexes) or 'none'}"
                )
            address = lib.kstack_credentials_value(pointer, index, ctypes.byref(size))
            return ctypes.string_at(address, size.value) if address else b""

    def __getitem__(self, name: str) -> str:
        value = self.bytes(name)
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            pass
        # Raised here: inside, the other exception would be its context, which holds the value.
        raise KStackConfigurationError(f"the value of {name!r} is not UTF-8: read it with .bytes({name!r})")

    def __contains__(self, name: object) -> bool:
        # Not left to Mapping, which would copy the secret, and fail for a value that is not UTF-8.
        with self._handle.use():
            return name in self._indexes

    def __iter__(self) -> Iterator[str]:
        with self._handle.use():
            return iter(tuple(self._indexes))

    def __len__(self) -> int:
        with self._handle.use():
            return len(self._indexes)

    def json(self) -> dict[str, Any]:
        """Return the whole tree: nested mappings and lists as they are, every scalar as a string.

        Raises:
            KStackConfigurationError: a value is not UTF-8.

        """
        import json

        with self._handle.use() as pointer:
            text: bytes | None = lib.kstack_credentials_json(pointer)
        if text is None:
            raise KStackConfigurationError("a value is not UTF-8, so the credentials have no JSON form: use .bytes()")
        tree: dict[str, Any] = json.loads(text)
        return tree

    @property
    def source(self) -> str:
        """The source of the credentials: the path of a file, or the Secret with its version."""
        with self._handle.use():
            return self._source

    def close(self) -> None:
        """Wipe the values; a second call does nothing."""
        self._handle.close()

    def __repr__(self) -> str:
        names = ", ".join(f"{name!r}: ***" for name in self._indexes)
        return f"<Credentials {{{names}}}{' closed' if self.closed else ''}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials cannot be copied or pickled; dict(credentials) makes a copy of the values")
