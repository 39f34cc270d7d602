"""For asyncio: the functions of `config` and `security` as coroutines, each in a worker thread."""

from kstack_lib._core.aio import (
    get_active_route,
    get_config_root,
    get_credentials,
    get_environment,
    get_vault_root,
    load_secrets_for_layer,
    resolve_service,
    run,
)

__all__ = [
    "get_active_route",
    "get_config_root",
    "get_credentials",
    "get_environment",
    "get_vault_root",
    "load_secrets_for_layer",
    "resolve_service",
    "run",
]
