"""What can be put in place of a part of kstack, for tests and for other sources of secrets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Protocol, Union, runtime_checkable

from kstack_lib.any.types import Layer, LogLevel

if TYPE_CHECKING:
    from kstack_lib.local.security import KStackVault

__all__ = [
    "CloudSessionFactory",
    "EnvironmentDetector",
    "LayerArgument",
    "LayerSecretsProvider",
    "LogCallable",
    "SecretsProvider",
    "VaultManager",
]

#: A layer, any of its names, or its number.
LayerArgument = Union[Layer, str, int]

#: Takes a level and a line that holds no secret.
LogCallable = Callable[[LogLevel, str], object]


@runtime_checkable
class EnvironmentDetector(Protocol):
    """Tells what is detected of where the program runs.

    Of one that is put in place of the library's, calls take the environment. Its roots are only told on: the library
    goes on finding its files by `.kstack.yaml`.
    """

    def get_environment(self) -> str:
        """Give the environment of calls that name none.

        Raises:
            KStackConfigurationError: none is detected.

        """
        ...

    def get_config_root(self) -> Path | None:
        """Give the folder that holds `environments/` and `providers/`; None in a pod."""
        ...

    def get_vault_root(self) -> Path | None:
        """Give the folder of vaults; None in a pod."""
        ...


@runtime_checkable
class SecretsProvider(Protocol):
    """Gives credentials.

    One that is put in place of the library's is called with text (a layer as "layer3"), from any thread, and from
    several at once. It gives values as str or bytes. A KStackError that it raises reaches the caller by its kind and
    message; of any other exception, KeyboardInterrupt and SystemExit among them, the caller is told the type and the
    place, and gets a KStackInternalError.
    """

    def get_credentials(self, service: str, layer: str, environment: str | None = None) -> Mapping[str, Any]:
        """Give the credentials of a service; None is the environment that is detected.

        Raises:
            KStackError: they cannot be had.

        """
        ...


@runtime_checkable
class LayerSecretsProvider(SecretsProvider, Protocol):
    """What a container hands out: it takes a layer in any form, and gives the secrets of whole layers, too."""

    def get_credentials(self, service: str, layer: LayerArgument, environment: str | None = None) -> Mapping[str, Any]:
        """Give the credentials of a service; None is the environment that is detected.

        Raises:
            KStackError: they cannot be had.

        """
        ...

    def load_secrets(self, layer: LayerArgument, environment: str | None = None) -> Mapping[str, Any]:
        """Give all secrets that a layer may see; None is the environment that is detected.

        Raises:
            KStackError: they cannot be had.

        """
        ...


@runtime_checkable
class VaultManager(Protocol):
    """Opens vaults."""

    def open(self, environment: str | None = None) -> KStackVault:
        """Open the vault of an environment; None is the one that is detected.

        Raises:
            KStackConfigurationError: there is no vault, no such environment in it, or it is not to be trusted.

        """
        ...

    def list_environments(self) -> list[str]:
        """Give the environments that have a vault, sorted.

        Raises:
            KStackConfigurationError: there is no vault.

        """
        ...


@runtime_checkable
class CloudSessionFactory(Protocol):
    """Makes sessions of a cloud's own library for the services of a layer."""

    def create_session(
        self, service: str, layer: LayerArgument, environment: str | None = None, provider: str | None = None
    ) -> Any:
        """Make a session, whose clients reach the service that is configured.

        Raises:
            KStackError: as KStackContainer.resolve_service; KStackConfigurationError also for a missing package.

        """
        ...

    def create_async_session(
        self, service: str, layer: LayerArgument, environment: str | None = None, provider: str | None = None
    ) -> Any:
        """Make a session for asyncio. It fails as create_session does."""
        ...
