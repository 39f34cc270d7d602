"""The parts that a container is wired with; each asks the library, which knows where the program runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kstack_lib._call import call_list, call_text
from kstack_lib._credentials import Credentials
from kstack_lib._library import lib
from kstack_lib.any.protocols import LayerArgument

if TYPE_CHECKING:
    from kstack_lib.any._lookups import Lookups
    from kstack_lib.local.security import KStackVault

__all__: list[str] = []


class _Part:
    """A part of a container."""

    __slots__ = ("__weakref__", "_lookups")
    _name = "Part"

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    def __repr__(self) -> str:
        return f"<{self._name} of {self._lookups!r}>"


class ContainerSecretsProvider(_Part):
    """Answers look-ups: from the vault, from Kubernetes Secrets, or from what was put in their place."""

    __slots__ = ()
    _name = "SecretsProvider"

    def get_credentials(self, service: str, layer: LayerArgument, environment: str | None = None) -> Credentials:
        """Give the credentials of a service, as KStackContainer.get_credentials."""
        return self._lookups.get_credentials(service, layer, environment)

    def load_secrets(self, layer: LayerArgument, environment: str | None = None) -> Credentials:
        """Give all secrets that a layer may see, as KStackContainer.load_secrets."""
        return self._lookups.load_secrets(layer, environment)


class ContainerEnvironmentDetector(_Part):
    """Detects by `.kstack.yaml`, or in a pod by its namespace."""

    __slots__ = ()
    _name = "EnvironmentDetector"

    def get_environment(self) -> str:
        """Give the environment of calls that name none."""
        with self._lookups._handle.use() as container:
            return call_text(lib.kstack_get_environment, container) or ""

    def get_config_root(self) -> Path | None:
        """Give the folder that holds `environments/` and `providers/`; None in a pod."""
        with self._lookups._handle.use() as container:
            found = call_text(lib.kstack_get_config_root, container)
        return None if found is None else Path(found)

    def get_vault_root(self) -> Path | None:
        """Give the folder of vaults; None in a pod."""
        with self._lookups._handle.use() as container:
            found = call_text(lib.kstack_get_vault_root, container)
        return None if found is None else Path(found)


class ContainerVaultManager(_Part):
    """Opens vaults with the identities of its container."""

    __slots__ = ()
    _name = "VaultManager"

    def open(self, environment: str | None = None) -> KStackVault:
        """Open the vault of an environment, as KStackContainer.vault."""
        return self._lookups.open_vault(environment)

    def list_environments(self) -> list[str]:
        """Give the environments that have a vault, sorted."""
        with self._lookups._handle.use() as container:
            return call_list(lib.kstack_list_environments, container)
