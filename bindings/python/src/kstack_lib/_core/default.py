"""The client of the working directory, which module functions use."""

from __future__ import annotations

import os

from kstack_lib._core.client import Client
from kstack_lib._errors import KStackIOError
from kstack_lib._ffi.handle import shared_lock
from kstack_lib._ffi.library import lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

_kept: tuple[str, Any] | None = None
_make: Callable[[str | None], Any] = Client
_stays: Callable[[Any], bool] | None = None


def default_client() -> Client:
    """Return the client of the working directory, which is kept until that changes.

    Once the program asked for the default container, this is that container's client, with its overrides.

    Raises:
        KStackError: as Client.
        KStackIOError: the working directory is gone.

    """
    found = default_object()
    return found if isinstance(found, Client) else found.client()


def use_containers(make: Callable[[str | None], Any], stays: Callable[[Any], bool]) -> None:
    """Let default_object() return containers from `make`; one for which `stays` is true outlasts its folder."""
    global _kept, _make, _stays
    with shared_lock:
        if _stays is None:
            _make, _stays = make, stays
            _kept = None


def default_object() -> Any:
    """Return the default client, or the default container after use_containers()."""
    global _kept
    made: tuple[str, Any] | None = None
    while True:
        with shared_lock:
            kept, make, stays = _kept, _make, _stays
            if kept is not None and kept[1].closed:
                kept = None
            if kept is not None and stays is not None and stays(kept[1]):
                return kept[1]
            folder = _working_directory()
            if kept is not None and kept[0] == folder:
                return kept[1]
            if made is not None and made[0] == folder and isinstance(made[1], Client) == (stays is None):
                # The old one is released on return, outside the lock.
                _kept = made
                return made[1]
        # Outside the lock: it opens the folder and may call a log function. Of two threads, one loses its own.
        made = (folder, make(folder or None))


def _working_directory() -> str:
    """Return the working directory; "" in a pod, where it does not matter."""
    if lib.kstack_is_in_cluster():
        return ""
    try:
        return os.getcwd()
    except OSError as error:
        raise KStackIOError(
            f"the working directory is gone ({error.strerror}, errno {error.errno}): change to another one, or pass "
            "project_root",
            errno=error.errno,
        ) from None
