"""The container, which wires a client and its parts for the context of the program."""

from kstack_lib._core.container import (
    KStackContainer,
    default_container,
    get_environment_detector,
    get_secrets_provider,
    get_vault_manager,
)

__all__ = [
    "KStackContainer",
    "default_container",
    "get_environment_detector",
    "get_secrets_provider",
    "get_vault_manager",
]
