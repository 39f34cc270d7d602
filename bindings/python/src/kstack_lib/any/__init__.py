"""What works everywhere."""

from __future__ import annotations

from kstack_lib._lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kstack_lib._core.client import Client
    from kstack_lib._core.container import (
        KStackContainer,
        get_environment_detector,
        get_secrets_provider,
        get_vault_manager,
    )
    from kstack_lib._core.context import context_reason, current_context, guard, is_in_cluster
    from kstack_lib._core.credentials import Credentials
    from kstack_lib._core.functions import get_active_route, get_credentials, load_secrets_for_layer, resolve_service
    from kstack_lib._core.layers import KStackEnvironment, KStackLayer, Layer
    from kstack_lib._core.protocols import LayerArgument, LogCallable, SecretsLookup, SecretsProvider
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
    from kstack_lib._values import Context, LogLevel, StatusCode, VaultFileResult, VaultResult

__all__ = [
    "Client",
    "Context",
    "Credentials",
    "KStackCancelledError",
    "KStackClusterError",
    "KStackConfigurationError",
    "KStackConflictError",
    "KStackContainer",
    "KStackEnvironment",
    "KStackEnvironmentError",
    "KStackError",
    "KStackIOError",
    "KStackInternalError",
    "KStackInvalidArgumentError",
    "KStackLayer",
    "KStackLayerAccessError",
    "KStackRouteError",
    "KStackServiceNotFoundError",
    "KStackTimeoutError",
    "KStackVaultError",
    "Layer",
    "LayerArgument",
    "LogCallable",
    "LogLevel",
    "SecretsLookup",
    "SecretsProvider",
    "StatusCode",
    "VaultFileResult",
    "VaultResult",
    "context_reason",
    "current_context",
    "get_active_route",
    "get_credentials",
    "get_environment_detector",
    "get_secrets_provider",
    "get_vault_manager",
    "guard",
    "is_in_cluster",
    "load_secrets_for_layer",
    "resolve_service",
]

# Loaded on first use: enumerations, protocols and dependency-injector take longer to load than a look-up.
_HOMES = {
    "kstack_lib._core.client": ("Client",),
    "kstack_lib._core.container": (
        "KStackContainer",
        "get_environment_detector",
        "get_secrets_provider",
        "get_vault_manager",
    ),
    "kstack_lib._core.context": ("context_reason", "current_context", "guard", "is_in_cluster"),
    "kstack_lib._core.credentials": ("Credentials",),
    "kstack_lib._core.functions": ("get_active_route", "get_credentials", "load_secrets_for_layer", "resolve_service"),
    "kstack_lib._core.layers": ("KStackEnvironment", "KStackLayer", "Layer"),
    "kstack_lib._core.protocols": ("LayerArgument", "LogCallable", "SecretsLookup", "SecretsProvider"),
    "kstack_lib._errors": (
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
    ),
    "kstack_lib._values": ("Context", "LogLevel", "StatusCode", "VaultFileResult", "VaultResult"),
}
_MODULES = ("aio", "cal", "config", "container", "context", "exceptions", "protocols", "security", "types")

__getattr__, __dir__ = lazy_names(
    globals(),
    {
        **{name: home for home, names in _HOMES.items() for name in names},
        **{name: f"{__name__}.{name}" for name in _MODULES},
    },
)
