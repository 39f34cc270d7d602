"""What works everywhere."""

from kstack_lib.any.config import get_active_route, resolve_service
from kstack_lib.any.container import KStackContainer
from kstack_lib.any.context import context_reason, current_context, guard, is_in_cluster
from kstack_lib.any.exceptions import (
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
from kstack_lib.any.protocols import LayerArgument, LogCallable, SecretsProvider
from kstack_lib.any.security import Credentials, get_credentials, load_secrets_for_layer
from kstack_lib.any.types import Context, Layer, LogLevel, StatusCode, VaultFileResult, VaultResult

__all__ = [
    "Context",
    "Credentials",
    "KStackClusterError",
    "KStackConfigurationError",
    "KStackConflictError",
    "KStackContainer",
    "KStackEnvironmentError",
    "KStackError",
    "KStackIOError",
    "KStackInternalError",
    "KStackInvalidArgumentError",
    "KStackLayerAccessError",
    "KStackRouteError",
    "KStackServiceNotFoundError",
    "KStackVaultError",
    "Layer",
    "LayerArgument",
    "LogCallable",
    "LogLevel",
    "SecretsProvider",
    "StatusCode",
    "VaultFileResult",
    "VaultResult",
    "context_reason",
    "current_context",
    "get_active_route",
    "get_credentials",
    "guard",
    "is_in_cluster",
    "load_secrets_for_layer",
    "resolve_service",
]
