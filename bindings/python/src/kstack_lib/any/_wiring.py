"""Which parts a container hands out, and what is put in their place."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, TypeVar

from kstack_lib._handle import Handle, shared_lock
from kstack_lib.any._lookups import Lookups, Overrides
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
Part = TypeVar("Part")

_DETECTOR = ("get_environment", "get_config_root", "get_vault_root")


class Wiring:
    """The parts of a container, one of each, resolved when they are first asked for."""

    _lookups: Lookups

    def _wire(self, handle: Handle) -> None:
        """Begin with nothing made and nothing overridden."""
        self._lookups = Lookups(handle)
        self._parts: dict[type[Any], Any] = {}

    def _unwire(self) -> None:
        """Let go of the parts and the provider of a container that is closed."""
        self._lookups.forget()
        with shared_lock:
            parts, self._parts = self._parts, {}
        del parts

    def environment_detector(self) -> EnvironmentDetector:
        """Give what detects the environment and the roots; always the same object, where none overrides it."""
        other: EnvironmentDetector | None = self._lookups.override_of("environment_detector")
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
        other: VaultManager | None = self._lookups.override_of("vault_manager")
        return self._part(ContainerVaultManager) if other is None else other

    def cloud_session_factory(self) -> CloudSessionFactory:
        """Give what makes sessions of boto3; always the same object, where none overrides it."""
        from kstack_lib.any.cal import BotoSessionFactory

        other: CloudSessionFactory | None = self._lookups.override_of("cloud_session_factory")
        return self._part(BotoSessionFactory) if other is None else other

    def set_secrets_provider(self, provider: SecretsProvider | None) -> None:
        """Let a provider of the program answer look-ups, in any context; None restores the one that is wired.

        Every look-up of the container asks it, from any thread; look-ups that run go on with the one they began with.
        What it looks up in this container comes back to it. A provider that has a method `load_secrets` answers for the
        secrets of layers, too; with another they are not found. See SecretsProvider for what becomes of exceptions.

        The library holds the provider until it is replaced or the container is closed, where Python's collector does
        not see it: a provider that refers to its container keeps both until then, so close() that container.

        Raises:
            TypeError: it has no method get_credentials, or is a class.

        """
        self._lookups.set_own(Overrides(secrets_provider=_checked(provider, "a secrets provider", "get_credentials")))

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

        The parts that are left out stay as they are. Vaults do not ask a secrets provider. Of an environment detector
        calls take the environment; its roots are only told on, and files are still found by `.kstack.yaml`.

        Raises:
            TypeError: a part lacks a method of its protocol, or is a class.

        """
        layer = Overrides(
            _checked(secrets_provider, "a secrets provider", "get_credentials"),
            _checked(environment_detector, "an environment detector", *_DETECTOR),
            _checked(vault_manager, "a vault manager", "open", "list_environments"),
            _checked(cloud_session_factory, "a cloud session factory", "create_session", "create_async_session"),
        )
        self._lookups.add(layer)
        try:
            yield self
        finally:
            # A container that was closed in between has no provider any more.
            with contextlib.suppress(KStackInvalidArgumentError):
                self._lookups.remove(layer)

    def _part(self, kind: type[Any]) -> Any:
        """Give the one part of a kind, made when it is first asked for."""
        with shared_lock, self._lookups._handle.use():
            part = self._parts.get(kind)
            if part is None:
                part = self._parts[kind] = kind(self._lookups)
            return part


def _checked(part: Part, what: str, *methods: str) -> Part:
    """Give a part of the program, or raise TypeError for what is none."""
    if part is not None:
        if isinstance(part, type):
            raise TypeError(f"{what} is an object; {part.__name__} is a class")
        missing = [name for name in methods if not callable(getattr(part, name, None))]
        if missing:
            raise TypeError(f"{what} has a method {missing[0]}; {type(part).__name__} has none")
    return part
