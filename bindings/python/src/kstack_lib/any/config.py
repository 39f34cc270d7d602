"""The project of the working directory."""

from kstack_lib._core.functions import (
    get_active_route,
    get_config_root,
    get_environment,
    get_vault_root,
    resolve_service,
)

__all__ = ["get_active_route", "get_config_root", "get_environment", "get_vault_root", "resolve_service"]
