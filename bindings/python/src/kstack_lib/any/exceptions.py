"""What kstack raises. Messages say what was looked for, where, and what to do next, and never hold a secret."""

from kstack_lib._errors import (
    KStackCancelledError,
    KStackClusterError,
    KStackConfigurationError,
    KStackConflictError,
    KStackEnvironmentError,
    KStackError,
    KStackInternalError,
    KStackInvalidArgumentError,
    KStackIOError,
    KStackLayerAccessError,
    KStackRouteError,
    KStackServiceNotFoundError,
    KStackTimeoutError,
    KStackVaultError,
)

__all__ = [
    "KStackCancelledError",
    "KStackClusterError",
    "KStackConfigurationError",
    "KStackConflictError",
    "KStackEnvironmentError",
    "KStackError",
    "KStackIOError",
    "KStackInternalError",
    "KStackInvalidArgumentError",
    "KStackLayerAccessError",
    "KStackRouteError",
    "KStackServiceNotFoundError",
    "KStackTimeoutError",
    "KStackVaultError",
]
