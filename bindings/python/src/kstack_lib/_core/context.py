"""Where the process runs. The library decides it once, when it is loaded, and nothing overrides it."""

from __future__ import annotations

from kstack_lib._ffi.call import call
from kstack_lib._ffi.library import lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kstack_lib._values import Context

__all__ = ["context_reason", "current_context", "guard", "is_in_cluster"]

#: The numbers of Context, for code that must not load enumerations.
LOCAL, CLUSTER = 0, 1


def is_in_cluster() -> bool:
    """Return whether the process runs in a Kubernetes pod."""
    return bool(lib.kstack_is_in_cluster())


def current_context() -> Context:
    """Return where the process runs."""
    from kstack_lib._values import Context

    return Context(lib.kstack_current_context())


def context_reason() -> str:
    """Return the signs by which the context was decided, as a sentence."""
    return str(lib.kstack_context_reason().decode("utf-8"))


def guard(required: Context | int) -> None:
    """Check that the process runs in the required context.

    Raises:
        KStackEnvironmentError: it does not.

    """
    call(lib.kstack_guard, int(required))
