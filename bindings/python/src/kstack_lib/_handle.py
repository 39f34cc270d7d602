"""Objects of the library: who owns them, when they are freed, and that nobody uses a freed one."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Any, Callable, NoReturn

from kstack_lib.any.exceptions import KStackInvalidArgumentError


# One lock for all: it is held for a few instructions, and across no call but the one that swaps a secrets provider. A
# thread may enter it twice, because a finalizer can run at any allocation, and it is held over a fork, so that the
# child finds it free.
class _SharedLock:
    """A lock that a forked child has a new one of: some hosts, such as uWSGI, fork without a word before it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    def renew(self) -> None:
        """Make the lock anew, in a child that has one thread."""
        self._lock = threading.RLock()

    def acquire(self) -> None:
        self._lock.acquire()

    def release(self) -> None:
        self._lock.release()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


shared_lock = _SharedLock()
os.register_at_fork(before=shared_lock.acquire, after_in_parent=shared_lock.release, after_in_child=shared_lock.renew)


class Handle:
    """Owns one object of the library.

    Closing it while calls run on other threads lets those finish; the last of them frees the object. The finalizer is
    a backstop, and in a forked child it leaves the object alone.
    """

    __slots__ = ("__weakref__", "_free", "_keep", "_pid", "_pointer", "_users", "_what")

    def __init__(self, pointer: int, free: Callable[[int], Any], what: str, keep: object = None) -> None:
        """Take over `pointer`, to be freed by `free`; `what` names it in errors, `keep` lives as long as it."""
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
        """What was given as `keep`."""
        return self._keep

    @contextlib.contextmanager
    def use(self) -> Iterator[int]:
        """Give the pointer, which is good inside of the `with` block.

        Raises:
            KStackInvalidArgumentError: it is closed.

        """
        with shared_lock:
            pointer = self._pointer
            if pointer is None:
                raise KStackInvalidArgumentError(f"this {self._what} is closed")
            self._users += 1
        try:
            yield pointer
        finally:
            with shared_lock:
                self._users -= 1
                last = self._users == 0 and self._pointer is None
            if last:
                self._free(pointer)

    def close(self) -> None:
        """Free the object, now or when the last running call is done; more than once does nothing."""
        with shared_lock:
            pointer, self._pointer = self._pointer, None
            idle = self._users == 0
        if pointer is not None and idle:
            self._free(pointer)

    def __del__(self, getpid: Callable[[], int] = os.getpid) -> None:
        if getattr(self, "_pid", None) == getpid():
            self.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {self._what} cannot be copied or pickled")
