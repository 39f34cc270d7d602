"""Where the process runs."""

from kstack_lib._core.context import context_reason, current_context, guard, is_in_cluster

__all__ = ["context_reason", "current_context", "guard", "is_in_cluster"]
