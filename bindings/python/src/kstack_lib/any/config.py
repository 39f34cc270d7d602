"""What is detected of the project of the working directory."""

from __future__ import annotations

from pathlib import Path

from kstack_lib._credentials import Credentials
from kstack_lib.any.container import default_container
from kstack_lib.any.protocols import LayerArgument

__all__ = ["get_active_route", "get_config_root", "get_environment", "get_vault_root", "resolve_service"]


def get_environment() -> str:
    """Give the environment that is detected.

    Raises:
        KStackConfigurationError: none is.

    """
    return default_container().environment


def get_config_root() -> Path | None:
    """Give the folder that holds `environments/` and `providers/`; None in a pod.

    Raises:
        KStackConfigurationError: there is none.

    """
    return default_container().config_root


def get_vault_root() -> Path | None:
    """Give the folder of vaults; None in a pod.

    Raises:
        KStackConfigurationError: there is none, or it is not to be trusted.

    """
    return default_container().vault_root


def get_active_route(layer: LayerArgument) -> str:
    """Give the route that is active for a layer, such as "production".

    Raises:
        KStackError: as KStackContainer.get_active_route.

    """
    return default_container().get_active_route(layer)


def resolve_service(
    service: str,
    layer: LayerArgument,
    environment: str | None = None,
    provider: str | None = None,
) -> Credentials:
    """Give endpoint, region and credentials of a service of the cloud provider that serves a layer.

    Args:
        service: such as "s3".
        layer: "layer1" or "layer3"; the others have no cloud services.
        environment: None is the one that is detected.
        provider: None is the one of the configuration.

    Raises:
        KStackError: as KStackContainer.resolve_service.

    """
    return default_container().resolve_service(service, layer, environment, provider)
