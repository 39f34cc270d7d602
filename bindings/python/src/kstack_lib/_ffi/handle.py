"""Objects of the library: who owns them, when they are freed, and that nobody uses a freed one."""

from __future__ import annotations

import os
from _thread import RLock

from kstack_lib._errors import KStackInvalidArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, NoReturn, TypeVar

    Self = TypeVar("Self", bound="Owner")


class _SharedLock:
    """A lock that a forked child replaces: some hosts, such as uWSGI, run no hook before a fork."""

    def __init__(self) -> None:
        self._lock = RLock()

    def renew(self) -> None:
        """Replace the lock, in a child that has one thread."""
        self._lock = RLock()

    def acquire(self) -> None:
        self._lock.acquire()

    def release(self) -> None:
        self._lock.release()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


# One lock for all: it is held for a few instructions, and during no call but the one that replaces a secrets provider.
# It is reentrant, because a finalizer can run at any allocation, and held over a fork, so that the child finds it free.
shared_lock = _SharedLock()
os.register_at_fork(before=shared_lock.acquire, after_in_parent=shared_lock.release, after_in_child=shared_lock.renew)


class Handle:
    """Owns one object of the library.

    Closing it while calls run on other threads lets those finish; the last of them frees the object. The finalizer is
    a backstop, and in a forked child it leaves the object alone.
    """

    __slots__ = ("__weakref__", "_free", "_keep", "_pid", "_pointer", "_users", "_what")

    def __init__(self, pointer: int, free: Callable[[int], Any], what: str, keep: object = None) -> None:
        """Own `pointer`, to be freed by `free`; `what` names it in errors, `keep` lives as long as it."""
        self._pointer: int | None = pointer
        self._free = free
        self._what = what
        self._keep = keep
        self._pid = os.getpid()
        self._users = 0

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._pointer is None

    @property
    def keep(self) -> object:
        """The object that lives as long as this."""
        return self._keep

    def use(self) -> Use:
        """Return a context manager for the pointer, which stays valid inside the `with` block.

        Entering it raises KStackInvalidArgumentError if this is closed.
        """
        return Use(self)

    def close(self) -> None:
        """Free the object, now or when the last running call ends; a second call does nothing."""
        with shared_lock:
            pointer, self._pointer = self._pointer, None
            idle = self._users == 0
        if pointer is not None and idle:
            self.free(pointer)

    def free(self, pointer: int) -> None:
        """Free the object itself, which nobody uses any more."""
        self._free(pointer)

    def __del__(self, getpid: Callable[[], int] = os.getpid) -> None:
        if getattr(self, "_pid", None) == getpid():
            self.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {self._what} cannot be copied or pickled")


class Use:
    """One user of a handle."""

    __slots__ = ("_handle", "_pointer")

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def __enter__(self) -> int:
        handle = self._handle
        with shared_lock:
            pointer = handle._pointer
            if pointer is None:
                raise KStackInvalidArgumentError(f"this {handle._what} is closed")
            handle._users += 1
        self._pointer = pointer
        return pointer

    def __exit__(self, *_: object) -> None:
        handle = self._handle
        with shared_lock:
            handle._users -= 1
            last = handle._users == 0 and handle._pointer is None
        if last:
            handle.free(self._pointer)


class Owner:
    """An object of the library that the program owns: closed by close(), or at the end of a `with` block."""

    __slots__ = ()

    _handle: Handle

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._handle.closed

    def close(self) -> None:
        """Free the object; a second call does nothing."""
        self._handle.close()

    def __enter__(self: Self) -> Self:
        with self._handle.use():
            return self

    def __exit__(self, *_: object) -> None:
        self.close()
