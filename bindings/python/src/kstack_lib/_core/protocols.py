"""The parts of kstack that a program can replace, in tests and for other sources of secrets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Protocol, Union, runtime_checkable

from kstack_lib._core.layers import Layer
from kstack_lib._values import LogLevel, VaultFileResult

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from kstack_lib._core.credentials import Credentials
    from kstack_lib._ffi.call import PathArgument

__all__ = [
    "CloudSessionFactory",
    "EnvironmentDetector",
    "LayerArgument",
    "LogCallable",
    "SecretsLookup",
    "SecretsProvider",
    "Vault",
    "VaultManager",
]

#: A layer, any of its names, or its number.
LayerArgument = Union[Layer, str, int]

#: Takes a level and a line that holds no secret.
LogCallable = Callable[[LogLevel, str], object]


@runtime_checkable
class EnvironmentDetector(Protocol):
    """Detects where the program runs.

    An override sets the environment of calls. Its roots are only reported: the library still finds its files by
    `.kstack.yaml`.
    """

    def get_environment(self) -> str:
        """Return the environment of calls that name none.

        Raises:
            KStackConfigurationError: none is detected.

        """
        ...

    def get_config_root(self) -> Path | None:
        """Return the folder that holds `environments/` and `providers/`; None in a pod."""
        ...

    def get_vault_root(self) -> Path | None:
        """Return the folder of vaults; None in a pod."""
        ...


@runtime_checkable
class SecretsProvider(Protocol):
    """What a program implements to answer look-ups of credentials itself.

    It is called with strings (a layer as "layer3"), from any thread, and from several at once. A KStackError that it
    raises reaches the caller with its kind and message; of any other exception, KeyboardInterrupt and SystemExit among
    them, the caller gets the type and the place in a KStackInternalError. A method `load_secrets(layer,
    environment)` is optional, and answers for the secrets of layers.
    """

    def get_credentials(
        self, service: str, layer: str, environment: str | None = None
    ) -> Mapping[str, str] | Mapping[str, bytes] | Mapping[str, str | bytes]:
        """Return the credentials of a service; None is the detected environment.

        Raises:
            KStackError: they are not available.

        """
        ...


@runtime_checkable
class SecretsLookup(Protocol):
    """A source of credentials: Client is one, and `container.secrets_provider()` returns one."""

    def get_credentials(self, service: str, layer: LayerArgument, environment: str | None = None) -> Credentials:
        """Return the credentials of a service; None is the detected environment.

        Raises:
            KStackError: they are not available.

        """
        ...

    def load_secrets(self, layer: LayerArgument, environment: str | None = None) -> Credentials:
        """Return all secrets that a layer may see; None is the detected environment.

        Raises:
            KStackError: they are not available.

        """
        ...


@runtime_checkable
class Vault(Protocol):
    """The interface of a vault, such as KStackVault."""

    @property
    def path(self) -> Path:
        """The absolute path of the vault's folder."""
        ...

    @property
    def environment(self) -> str:
        """The environment of the vault."""
        ...

    def is_encrypted(self) -> bool:
        """Return whether some encrypted file lacks its plaintext."""
        ...

    def decrypt(self, files: Iterable[PathArgument] | None = None, overwrite: bool = False) -> list[VaultFileResult]:
        """Write the plaintext of files."""
        ...

    def encrypt(
        self, files: Iterable[PathArgument] | None = None, team: str | None = None, overwrite: bool = False
    ) -> list[VaultFileResult]:
        """Encrypt plaintext files and remove them."""
        ...

    def read(self, layer: LayerArgument, filename: str) -> bytes:
        """Decrypt one file in memory."""
        ...

    def write(self, layer: LayerArgument, filename: str, data: bytes | bytearray, team: str | None = None) -> None:
        """Encrypt one file from memory."""
        ...

    def get_file(self, layer: LayerArgument, filename: str) -> Path:
        """Return the absolute path of a decrypted file."""
        ...

    def list_files(self, layer: LayerArgument | None = None, encrypted: bool = False) -> list[str]:
        """Return the plaintext or the encrypted files, as sorted paths relative to the vault."""
        ...

    def close(self) -> None:
        """Close it."""
        ...

    def __enter__(self) -> Vault: ...

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


@runtime_checkable
class VaultManager(Protocol):
    """Opens vaults."""

    def open(self, environment: str | None = None) -> Vault:
        """Open the vault of an environment; None is the detected one.

        Raises:
            KStackConfigurationError: there is no vault, no such environment in it, or it is not trusted.

        """
        ...

    def list_environments(self) -> list[str]:
        """Return the environments that have a vault, sorted.

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
        """Make a session whose clients reach the configured service.

        Raises:
            KStackError: as Client.resolve_service; KStackConfigurationError also for a missing package.

        """
        ...

    def create_async_session(
        self, service: str, layer: LayerArgument, environment: str | None = None, provider: str | None = None
    ) -> Any:
        """Make a session for asyncio. Raises as create_session does."""
        ...


# Not in the bodies, where a type checker takes it for a member.
for _protocol in (CloudSessionFactory, EnvironmentDetector, SecretsLookup, SecretsProvider, Vault, VaultManager):
    _protocol.__module__ = "kstack_lib.any.protocols"
