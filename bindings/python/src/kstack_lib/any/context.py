"""Where the process runs. The library decides it once, when it is loaded, and nothing overrides it."""

from __future__ import annotations

from kstack_lib._call import call
from kstack_lib._library import lib
from kstack_lib.any.types import Context

__all__ = ["context_reason", "current_context", "guard", "is_in_cluster"]


def is_in_cluster() -> bool:
    """Give whether the process runs in a Kubernetes pod."""
    return bool(lib.kstack_is_in_cluster())


def current_context() -> Context:
    """Give where the process runs."""
    return Context(lib.kstack_current_context())


def context_reason() -> str:
    """Give the signs by which the context was decided, as a sentence."""
    return str(lib.kstack_context_reason().decode("utf-8"))


def guard(required: Context) -> None:
    """Check that the process runs in the context that is needed.

    Raises:
        KStackEnvironmentError: it does not.

    """
    call(lib.kstack_guard, int(required))
