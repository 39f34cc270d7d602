"""Age identities."""

from __future__ import annotations

import ctypes
from typing import NamedTuple

from kstack_lib._ffi.call import call, take_text
from kstack_lib._ffi.library import lib

__all__ = ["Identity", "generate_identity"]


class Identity(NamedTuple):
    """An age identity; repr() does not show the secret half."""

    #: The secret half, "AGE-SECRET-KEY-1…" or "AGE-SECRET-KEY-PQ-1…".
    identity: str
    #: The public half, "age1…" or "age1pq1…".
    recipient: str

    def __repr__(self) -> str:
        return f"Identity(identity=***, recipient={self.recipient!r})"


Identity.__module__ = "kstack_lib.local.security"


def generate_identity(*, post_quantum: bool = False) -> Identity:
    """Make a new age identity, as age-keygen does. Nothing is written.

    Args:
        post_quantum: make one as age-keygen -pq does; files for such recipients alone withstand quantum computers.

    Raises:
        KStackConfigurationError: the library was built without post-quantum support.

    """
    identity = ctypes.c_void_p()
    recipient = ctypes.c_void_p()
    generate = lib.kstack_identity_generate_post_quantum if post_quantum else lib.kstack_identity_generate
    call(generate, ctypes.byref(identity), ctypes.byref(recipient))
    return Identity(take_text(identity.value) or "", take_text(recipient.value) or "")
