"""Credentials, wherever the program runs."""

from __future__ import annotations

from kstack_lib._credentials import Credentials
from kstack_lib.any.container import default_container
from kstack_lib.any.protocols import LayerArgument

__all__ = ["Credentials", "get_credentials"]


def get_credentials(service: str, layer: LayerArgument, environment: str | None = None) -> Credentials:
    """Give the credentials of a service, for the project of the working directory.

    Args:
        service: such as "s3".
        layer: such as "layer3".
        environment: None is the one that is detected.

    Raises:
        KStackError: as KStackContainer.get_credentials.

    """
    return default_container().get_credentials(service, layer, environment)
