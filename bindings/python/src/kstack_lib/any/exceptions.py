"""What kstack raises. Messages say what was looked for, where, and what to do next, and never hold a secret."""

from kstack_lib._errors import (
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
    KStackVaultError,
)

__all__ = [
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
    "KStackVaultError",
]
