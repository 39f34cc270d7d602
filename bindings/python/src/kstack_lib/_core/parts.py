"""The parts that a container is wired with; each asks the container's client."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

from kstack_lib._core.client import Client
from kstack_lib._core.context import LOCAL, guard
from kstack_lib._core.credentials import Credentials
from kstack_lib._core.protocols import LayerArgument
from kstack_lib._core.vault import KStackVault

__all__: list[str] = []


class _Part:
    """A part of a container."""

    __slots__ = ("__weakref__", "_client")

    def __init__(self, client: Client) -> None:
        self._client = client

    def is_of(self, client: Client) -> bool:
        """Return whether this asks a client, and so does not override anything in it."""
        return self._client is client

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._client!r}>"


class _Secrets(_Part):
    """Answers look-ups as the client does."""

    __slots__ = ()

    def get_credentials(self, service: str, layer: LayerArgument, environment: str | None = None) -> Credentials:
        """Return the credentials of a service, as Client.get_credentials."""
        return self._client.get_credentials(service, layer, environment)

    def load_secrets(self, layer: LayerArgument, environment: str | None = None) -> Credentials:
        """Return all secrets that a layer may see, as Client.load_secrets."""
        return self._client.load_secrets(layer, environment)


class VaultSecrets(_Secrets):
    """Secrets from the vault."""

    __slots__ = ()


class KubernetesSecrets(_Secrets):
    """Secrets from Kubernetes."""

    __slots__ = ()


class _Detector(_Part):
    """Detects as the client does."""

    __slots__ = ()

    def get_environment(self) -> str:
        """Return the environment of calls that name none."""
        return self._client.environment

    def get_config_root(self) -> Path | None:
        """Return the folder that holds `environments/` and `providers/`; None in a pod."""
        return self._client.config_root

    def get_vault_root(self) -> Path | None:
        """Return the folder of vaults; None in a pod."""
        return self._client.vault_root


class ProjectDetector(_Detector):
    """Detects by `.kstack.yaml`."""

    __slots__ = ()


class NamespaceDetector(_Detector):
    """Detects by the namespace of the pod."""

    __slots__ = ()


class VaultOpener:
    """Opens vaults with the identities of its container."""

    __slots__ = ("__weakref__", "_client")

    def __init__(self, client: Callable[[], Client]) -> None:
        self._client = client

    def open(self, environment: str | None = None) -> KStackVault:
        """Open the vault of an environment; None is the detected one."""
        return KStackVault(environment, container=self._client())

    def list_environments(self) -> list[str]:
        """Return the environments that have a vault, sorted."""
        return self._client().list_environments()

    def __repr__(self) -> str:
        return f"<VaultOpener of {self._client()!r}>"


def no_vault() -> None:
    """Raise KStackEnvironmentError: a pod has no vault."""
    guard(LOCAL)
