"""What the project of the working directory has."""

from __future__ import annotations

from kstack_lib.any.container import default_container
from kstack_lib.any.protocols import LayerArgument
from kstack_lib.local import _guards as _guards

__all__ = ["list_environments", "list_services"]


def list_environments() -> list[str]:
    """Give the environments that have a vault, sorted.

    Raises:
        KStackConfigurationError: there is no vault.

    """
    return default_container().list_environments()


def list_services(layer: LayerArgument, environment: str | None = None) -> list[str]:
    """Give the services that a layer has credentials for, in the order of the file; None is the detected environment.

    Raises:
        KStackError: as KStackContainer.get_credentials.

    """
    return default_container().list_services(layer, environment)
