"""Which parts a container hands out, and what is put in their place."""

from __future__ import annotations

import contextlib
import ctypes
import weakref
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar

from kstack_lib import _provider
from kstack_lib._call import call, optional_text
from kstack_lib._handle import Handle, shared_lock
from kstack_lib._library import lib
from kstack_lib.any._parts import ContainerEnvironmentDetector, ContainerSecretsProvider, ContainerVaultManager
from kstack_lib.any.context import guard
from kstack_lib.any.exceptions import KStackInvalidArgumentError
from kstack_lib.any.protocols import (
    CloudSessionFactory,
    EnvironmentDetector,
    LayerSecretsProvider,
    SecretsProvider,
    VaultManager,
)
from kstack_lib.any.types import Context

__all__: list[str] = []

Self = TypeVar("Self", bound="Wiring")


class Overrides(NamedTuple):
    """What is put in place of the parts of a container; None leaves a part as it is."""

    secrets_provider: SecretsProvider | None = None
    environment_detector: EnvironmentDetector | None = None
    vault_manager: VaultManager | None = None
    cloud_session_factory: CloudSessionFactory | None = None


class Wiring:
    """The parts of a container, one of each, resolved when they are first asked for."""

    _handle: Handle

    def _wire(self) -> None:
        """Begin with nothing made and nothing overridden."""
        # Weak, as a part keeps its container: without a cycle both go when the program lets go of them.
        self._parts: weakref.WeakValueDictionary[type[Any], Any] = weakref.WeakValueDictionary()
        self._own = Overrides()
        self._overrides: list[Overrides] = []

    def _unwire(self) -> None:
        """Let go of the provider of a container that is closed."""
        own = Overrides()
        with shared_lock:
            own, self._own = self._own, own
        del own

    def environment_detector(self) -> EnvironmentDetector:
        """Give what detects the environment and the roots; always the same object, where none overrides it."""
        other: EnvironmentDetector | None = self._override_of("environment_detector")
        return self._part(ContainerEnvironmentDetector) if other is None else other

    def secrets_provider(self) -> LayerSecretsProvider:
        """Give what answers look-ups of credentials; always the same object, which asks a provider put in place."""
        found: LayerSecretsProvider = self._part(ContainerSecretsProvider)
        return found

    def vault_manager(self) -> VaultManager:
        """Give what opens vaults; always the same object, where none overrides it.

        Raises:
            KStackEnvironmentError: in a pod.

        """
        guard(Context.LOCAL)
        other: VaultManager | None = self._override_of("vault_manager")
        return self._part(ContainerVaultManager) if other is None else other

    def cloud_session_factory(self) -> CloudSessionFactory:
        """Give what makes sessions of boto3; always the same object, where none overrides it."""
        from kstack_lib.any.cal import BotoSessionFactory

        other: CloudSessionFactory | None = self._override_of("cloud_session_factory")
        return self._part(BotoSessionFactory) if other is None else other

    def set_secrets_provider(self, provider: SecretsProvider | None) -> None:
        """Let a provider of the program answer look-ups, in any context; None restores the one that is wired.

        Every look-up of the container asks it, from any thread; look-ups that run go on with the one they began with.
        What it looks up in this container comes back to it. A provider that has a method `load_secrets` answers for the
        secrets of layers, too; with another they are not found. See SecretsProvider for what becomes of exceptions.

        """
        own = Overrides(secrets_provider=_checked(provider))
        with shared_lock, self._handle.use():
            own, self._own = self._own, own
            self._install()
        # What was replaced goes here, where nothing is locked: its finalizer is the program's.
        del own

    @contextlib.contextmanager
    def override(
        self: Self,
        *,
        secrets_provider: SecretsProvider | None = None,
        environment_detector: EnvironmentDetector | None = None,
        vault_manager: VaultManager | None = None,
        cloud_session_factory: CloudSessionFactory | None = None,
    ) -> Iterator[Self]:
        """Put other parts in place while a `with` block runs; all threads see them. The innermost block counts.

        The parts that are left out stay as they are. Vaults do not ask a secrets provider.

        """
        layer = Overrides(_checked(secrets_provider), environment_detector, vault_manager, cloud_session_factory)
        with shared_lock, self._handle.use():
            # A new list: other threads may be reading the old one.
            self._overrides = [*self._overrides, layer]
            self._install()
        try:
            yield self
        finally:
            # A container that was closed in between has no provider any more.
            with shared_lock, contextlib.suppress(KStackInvalidArgumentError):
                # By identity, as two blocks may hold equal parts; not the last one, as threads may leave out of order.
                self._overrides = [other for other in self._overrides if other is not layer]
                self._install()

    def _install(self) -> None:
        """Hand the secrets provider that counts to the library. The lock is held."""
        provider: SecretsProvider | None = self._override_of("secrets_provider")
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

    def _override_of(self, name: str) -> Any:
        """Give what is in place of a part; None where nothing is."""
        with self._handle.use():
            for layer in (*reversed(self._overrides), self._own):
                found = getattr(layer, name)
                if found is not None:
                    return found
            return None

    def _part(self, kind: type[Any]) -> Any:
        """Give the one part of a kind, made when it is first asked for."""
        with shared_lock, self._handle.use():
            part = self._parts.get(kind)
            if part is None:
                part = self._parts[kind] = kind(self)
            return part

    def _environment(self, environment: str | None) -> str | None:
        """Give the environment of a call that names none, where the program has its own detector."""
        if environment is not None:
            return environment
        detector: EnvironmentDetector | None = self._override_of("environment_detector")
        return None if detector is None else detector.get_environment()

    def _environment_text(self, environment: str | None) -> bytes | None:
        """Give the environment of a call as the library takes it."""
        return optional_text(self._environment(environment), "environment")


def _checked(provider: SecretsProvider | None) -> SecretsProvider | None:
    """Give a provider of the program, or raise TypeError for what is none."""
    if provider is not None and not callable(getattr(provider, "get_credentials", None)):
        raise TypeError(f"a secrets provider has a method get_credentials; {type(provider).__name__} has none")
    return provider
