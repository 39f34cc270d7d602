"""What a container and its parts share: the library's object, and what the program put in place of parts."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from kstack_lib import _provider
from kstack_lib._call import call, call_object, optional_text, text
from kstack_lib._credentials import Credentials
from kstack_lib._handle import Handle, shared_lock
from kstack_lib._library import lib
from kstack_lib.any.exceptions import KStackInternalError
from kstack_lib.any.protocols import (
    CloudSessionFactory,
    EnvironmentDetector,
    LayerArgument,
    SecretsProvider,
    VaultManager,
)
from kstack_lib.any.types import Layer

if TYPE_CHECKING:
    from kstack_lib.local.security import KStackVault

__all__: list[str] = []


class Overrides(NamedTuple):
    """What is put in place of the parts of a container; None leaves a part as it is."""

    secrets_provider: SecretsProvider | None = None
    environment_detector: EnvironmentDetector | None = None
    vault_manager: VaultManager | None = None
    cloud_session_factory: CloudSessionFactory | None = None


class Lookups:
    """Look-ups in one object of the library.

    A container and its parts keep one, and it keeps neither of them: a container can hold on to its parts, and a part
    outlive its container, without a cycle.
    """

    __slots__ = ("_handle", "_overrides", "_own")

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._own = Overrides()
        self._overrides: list[Overrides] = []

    @property
    def closed(self) -> bool:
        """Whether the container was closed."""
        return self._handle.closed

    @property
    def is_overridden(self) -> bool:
        """Whether anything of the program is in place of a part."""
        return bool(self._overrides) or self._own != Overrides()

    def get_credentials(self, service: str, layer: LayerArgument, environment: str | None = None) -> Credentials:
        """Give the credentials of a service, as KStackContainer.get_credentials."""
        arguments = text(service, "service"), layer_text(layer), self.environment_text(environment)
        return self._credentials(lib.kstack_get_credentials, *arguments)

    def load_secrets(self, layer: LayerArgument, environment: str | None = None) -> Credentials:
        """Give all secrets that a layer may see, as KStackContainer.load_secrets."""
        arguments = layer_text(layer), self.environment_text(environment)
        return self._credentials(lib.kstack_load_secrets, *arguments)

    def resolve_service(
        self, service: str, layer: LayerArgument, environment: str | None = None, provider: str | None = None
    ) -> Credentials:
        """Give endpoint, region and credentials of a service, as KStackContainer.resolve_service."""
        arguments = text(service, "service"), layer_text(layer), self.environment_text(environment)
        return self._credentials(lib.kstack_resolve_service, *arguments, optional_text(provider, "provider"))

    def open_vault(self, environment: str | None = None) -> KStackVault:
        """Open the vault of an environment with the identities of the container."""
        from kstack_lib.local.security import KStackVault

        owner: Any = self
        return KStackVault(self.environment(environment), container=owner)

    def _credentials(self, function: Callable[..., Any], *arguments: bytes | None) -> Credentials:
        """Call a function that gives credentials."""
        with self._handle.use() as container:
            pointer = call_object(function, container, *arguments)
        if pointer is None:
            raise KStackInternalError("the library gave no credentials")
        return Credentials._of(pointer)

    def environment(self, environment: str | None) -> str | None:
        """Give the environment of a call that names none, where the program has its own detector."""
        if environment is not None:
            return environment
        detector: EnvironmentDetector | None = self.override_of("environment_detector")
        return None if detector is None else detector.get_environment()

    def environment_text(self, environment: str | None) -> bytes | None:
        """Give the environment of a call as the library takes it."""
        return optional_text(self.environment(environment), "environment")

    def override_of(self, name: str) -> Any:
        """Give what is in place of a part; None where nothing is."""
        with self._handle.use():
            for layer in (*reversed(self._overrides), self._own):
                found = getattr(layer, name)
                if found is not None:
                    return found
            return None

    def set_own(self, own: Overrides) -> None:
        """Put parts in place for good."""
        with shared_lock, self._handle.use():
            own, self._own = self._own, own
            self._install()
        # What was replaced goes here, where nothing is locked: its finalizer is the program's.
        del own

    def add(self, layer: Overrides) -> None:
        """Put parts in place before all others."""
        with shared_lock, self._handle.use():
            # A new list: other threads may be reading the old one.
            self._overrides = [*self._overrides, layer]
            self._install()

    def remove(self, layer: Overrides) -> None:
        """Take parts away that add() put in place."""
        with shared_lock, self._handle.use():
            # By identity, as two blocks may hold equal parts; not the last one, as threads may leave out of order.
            self._overrides = [other for other in self._overrides if other is not layer]
            self._install()

    def forget(self) -> None:
        """Let go of what set_own() put in place, of a container that is closed."""
        own = Overrides()
        with shared_lock:
            own, self._own = self._own, own
        del own

    def _install(self) -> None:
        """Hand the secrets provider that counts to the library. The lock is held."""
        provider: SecretsProvider | None = self.override_of("secrets_provider")
        with self._handle.use() as container:
            if provider is None:
                call(lib.kstack_container_set_secrets_provider, container, None)
                return
            functions = _provider.functions_of(provider)
            try:
                call(lib.kstack_container_set_secrets_provider, container, ctypes.byref(functions))
            except BaseException:
                _provider.forget(functions)
                raise

    def __repr__(self) -> str:
        return f"<KStackContainer{' closed' if self.closed else ''}>"


def layer_text(layer: LayerArgument) -> bytes:
    """Give a layer as the library takes it."""
    if isinstance(layer, int) and not isinstance(layer, bool):
        return str(layer).encode("ascii")
    return text(str(layer) if isinstance(layer, Layer) else layer, "layer")
