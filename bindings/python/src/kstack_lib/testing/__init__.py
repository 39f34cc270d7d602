"""Fakes for the tests of programs that use this package; `kstack_lib.testing.fixtures` has a fixture of pytest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Union

from kstack_lib._core.client import Client
from kstack_lib._core.credentials import Credentials
from kstack_lib._core.layers import Layer
from kstack_lib._core.protocols import LayerArgument
from kstack_lib._errors import KStackConfigurationError, KStackServiceNotFoundError
from kstack_lib._values import VaultFileResult, VaultResult

if TYPE_CHECKING:
    from kstack_lib._ffi.call import PathArgument

__all__ = ["FakeSecrets", "FakeVault", "FakeVaults"]

Values = Mapping[str, Union[str, bytes]]


class FakeSecrets:
    """Secrets from memory: a SecretsProvider that can override a container's, and a SecretsLookup by itself.

    It checks names as the library does, and returns real Credentials. It ignores the environment.

    Args:
        services: the credentials by service and layer, as for put().

    """

    def __init__(self, services: Mapping[tuple[str, LayerArgument], Values] | None = None) -> None:
        self._table = _Table()
        self._client = Client()
        self._client.set_secrets_provider(self._table)
        for (service, layer), values in (services or {}).items():
            self.put(service, layer, values)

    def put(self, service: str, layer: LayerArgument, values: Values) -> None:
        """Set the credentials of a service."""
        self._table.services[service, _name(layer)] = dict(values)

    def put_layer(self, layer: LayerArgument, values: Values) -> None:
        """Set the secrets of a layer, for load_secrets()."""
        self._table.layers[_name(layer)] = dict(values)

    def get_credentials(self, service: str, layer: LayerArgument, environment: str | None = None) -> Credentials:
        """Return the credentials that were put.

        Raises:
            KStackServiceNotFoundError: there are none.

        """
        return self._client.get_credentials(service, layer, environment)

    def load_secrets(self, layer: LayerArgument, environment: str | None = None) -> Credentials:
        """Return the secrets that were put for the layer.

        Raises:
            KStackServiceNotFoundError: there are none.

        """
        return self._client.load_secrets(layer, environment)


class _Table:
    """The secrets of a fake."""

    def __init__(self) -> None:
        self.services: dict[tuple[str, str], Values] = {}
        self.layers: dict[str, Values] = {}

    def get_credentials(self, service: str, layer: str, environment: str | None = None) -> Values:
        found = self.services.get((service, layer))
        if found is None:
            raise KStackServiceNotFoundError(f"the fake has no service {service} in {layer}: put() it there")
        return found

    def load_secrets(self, layer: str, environment: str | None = None) -> Values:
        found = self.layers.get(layer)
        if found is None:
            raise KStackServiceNotFoundError(f"the fake has no secrets for {layer}: put_layer() them there")
        return found


class FakeVault:
    """A vault in memory, which holds files by layer and plaintext name. Its path does not exist."""

    def __init__(self, environment: str = "dev") -> None:
        self.path = Path("/nonexistent/vault") / environment
        self.environment = environment
        self.files: dict[tuple[str, str], bytes] = {}
        self._decrypted = False

    def is_encrypted(self) -> bool:
        """Return whether there are files, and decrypt() was not called after encrypt()."""
        return bool(self.files) and not self._decrypted

    def decrypt(self, files: Iterable[PathArgument] | None = None, overwrite: bool = False) -> list[VaultFileResult]:
        """Return a result for each file."""
        results = self._results(not self._decrypted)
        self._decrypted = True
        return results

    def encrypt(
        self, files: Iterable[PathArgument] | None = None, team: str | None = None, overwrite: bool = False
    ) -> list[VaultFileResult]:
        """Return a result for each file."""
        results = self._results(self._decrypted)
        self._decrypted = False
        return results

    def read(self, layer: LayerArgument, filename: str) -> bytes:
        """Return a file.

        Raises:
            KStackServiceNotFoundError: there is none.

        """
        found = self.files.get((_name(layer), filename))
        if found is None:
            raise KStackServiceNotFoundError(f"the fake vault has no file {filename} in {_name(layer)}")
        return found

    def write(self, layer: LayerArgument, filename: str, data: bytes | bytearray, team: str | None = None) -> None:
        """Set a file."""
        self.files[_name(layer), filename] = bytes(data)

    def get_file(self, layer: LayerArgument, filename: str) -> Path:
        """Raise KStackServiceNotFoundError: a file in memory has no path."""
        raise KStackServiceNotFoundError(f"the fake vault has no decrypted file {filename}: use read()")

    def list_files(self, layer: LayerArgument | None = None, encrypted: bool = False) -> list[str]:
        """Return the files, plaintext ones after decrypt()."""
        if not (encrypted or self._decrypted):
            return []
        prefix = "secret." if encrypted else ""
        wanted = None if layer is None else _name(layer)
        return sorted(f"{of}/{prefix}{name}" for of, name in self.files if wanted in (None, of))

    def close(self) -> None:
        """Do nothing."""

    def __enter__(self) -> FakeVault:
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing."""

    def _results(self, changes: bool) -> list[VaultFileResult]:
        result = VaultResult.WRITTEN if changes else VaultResult.UNCHANGED
        return [VaultFileResult(f"{layer}/{name}", result, "") for layer, name in sorted(self.files)]


class FakeVaults:
    """A VaultManager of fake vaults."""

    def __init__(self, *vaults: FakeVault) -> None:
        self._vaults = {vault.environment: vault for vault in vaults}

    def open(self, environment: str | None = None) -> FakeVault:
        """Return the vault of an environment; None is the first one.

        Raises:
            KStackConfigurationError: there is none.

        """
        name = next(iter(self._vaults), "") if environment is None else environment
        if name not in self._vaults:
            raise KStackConfigurationError(f"no fake vault {name!r}; available: {', '.join(self._vaults)}")
        return self._vaults[name]

    def list_environments(self) -> list[str]:
        """Return the environments, sorted."""
        return sorted(self._vaults)


def _name(layer: LayerArgument) -> str:
    """Return the name of a layer, such as "layer3"."""
    return str(layer if isinstance(layer, Layer) else Layer.parse(str(layer)))
