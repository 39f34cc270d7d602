"""What is detected of the project of the working directory."""

from __future__ import annotations

from pathlib import Path

from kstack_lib.any.container import default_container

__all__ = ["get_config_root", "get_environment", "get_vault_root"]


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
