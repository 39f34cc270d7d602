"""The container: a client and its parts, wired for the context by dependency-injector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

try:
    from dependency_injector import containers, providers
except ModuleNotFoundError as error:
    raise ImportError(
        "KStackContainer needs the package dependency-injector: run pip install dependency-injector; "
        "kstack_lib.any.Client works without it"
    ) from error

from kstack_lib._core import default
from kstack_lib._core.boto import BotoSessionFactory
from kstack_lib._core.client import Client
from kstack_lib._core.context import is_in_cluster
from kstack_lib._core.lookups import LookUps
from kstack_lib._core.parts import (
    KubernetesSecrets,
    NamespaceDetector,
    ProjectDetector,
    VaultOpener,
    VaultSecrets,
    no_vault,
)
from kstack_lib._core.protocols import (
    CloudSessionFactory,
    EnvironmentDetector,
    LogCallable,
    SecretsLookup,
    Vault,
    VaultManager,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kstack_lib._ffi.call import PathArgument

    # A container passes look-ups on to its client; see _Instance.
    _LookUps = LookUps
else:

    class _LookUps:
        pass


__all__ = [
    "KStackContainer",
    "default_container",
    "get_environment_detector",
    "get_secrets_provider",
    "get_vault_manager",
]

#: What a container passes on to its client.
_PASSED_ON = frozenset(name for name in vars(LookUps) if not name.startswith("_"))


def _context() -> str:
    """Name the context for selectors."""
    return "cluster" if is_in_cluster() else "local"


def _client(wired: Client, secrets_provider: Any, environment_detector: Any) -> Client:
    """Return the client that asks the wired parts, or their overrides."""

    def own(part: Any) -> Any:
        return None if isinstance(part, _WIRED) and part.is_of(wired) else part

    return wired._with_overrides(own(secrets_provider), own(environment_detector))


_WIRED = (KubernetesSecrets, NamespaceDetector, ProjectDetector, VaultSecrets)


class _Instance(containers.DynamicContainer):
    """What KStackContainer() returns: the providers, the client's look-ups, and close()."""

    def __getattr__(self, name: str) -> Any:
        if name in _PASSED_ON:
            return getattr(self.client(), name)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def vault(self, environment: str | None = None) -> Vault:
        """Open the vault of an environment with the vault manager."""
        opened: Vault = self.vault_manager().open(environment)
        return opened

    def list_environments(self) -> list[str]:
        """Return the environments that have a vault, from the vault manager."""
        found: list[str] = self.vault_manager().list_environments()
        return found

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return bool(self.wired_client().closed)

    def close(self) -> None:
        """Wipe the unlocked identities; a second call does nothing."""
        self.wired_client().close()

    def __enter__(self) -> _Instance:
        self.wired_client().__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<KStackContainer{' closed' if self.closed else ''}>"


class KStackContainer(_LookUps, containers.DeclarativeContainer):
    """A client and its parts, wired for the context of the process.

    It is a container of the library dependency-injector: `container.secrets_provider.override(fake)`,
    `container.override_providers(secrets_provider=fake)`, `reset_override()`, `reset_singletons()` and `wire()` work,
    and so does `Provide[KStackContainer.client]`. An override of the secrets provider or the environment detector
    reaches all look-ups of the container, and the cloud sessions that it makes. Vaults do not ask a secrets provider.
    An environment detector sets the environment of calls; files are still found by `.kstack.yaml`.

    It also has the look-ups of Client. It may be used from many threads at once. After close(), or outside its `with`
    block, look-ups raise KStackInvalidArgumentError.

    Args:
        project_root: as Client.
        identity_file: as Client.
        passphrase: as Client.
        timeout_ms: as Client.
        log: as Client.
        overriding_providers: overrides by name, such as `secrets_provider=fake`.

    Raises:
        KStackError: as Client.

    """

    __module__ = "kstack_lib.any.container"
    instance_type = _Instance

    #: "local" or "cluster".
    context: providers.Provider[str] = providers.Callable(_context)
    #: The library's own secrets and detection, whatever is overridden.
    wired_client: providers.Provider[Client] = providers.Singleton(Client)
    #: Answers look-ups of credentials; override it with any SecretsProvider.
    secrets_provider: providers.Provider[SecretsLookup] = providers.Selector(
        context,
        local=providers.Singleton(VaultSecrets, wired_client),
        cluster=providers.Singleton(KubernetesSecrets, wired_client),
    )
    #: Detects the environment and the roots.
    environment_detector: providers.Provider[EnvironmentDetector] = providers.Selector(
        context,
        local=providers.Singleton(ProjectDetector, wired_client),
        cluster=providers.Singleton(NamespaceDetector, wired_client),
    )
    #: All look-ups, which ask the two parts above.
    client: providers.Provider[Client] = providers.Callable(
        _client, wired_client, secrets_provider, environment_detector
    )
    #: Opens vaults; raises KStackEnvironmentError in a pod.
    vault_manager: providers.Provider[VaultManager] = providers.Selector(
        context,
        local=providers.Singleton(VaultOpener, client.provider),
        cluster=providers.Callable(no_vault),
    )
    #: Makes sessions of boto3 and aioboto3.
    cloud_session_factory: providers.Provider[CloudSessionFactory] = providers.Singleton(
        BotoSessionFactory, client.provider
    )

    if TYPE_CHECKING:

        def __init__(
            self,
            project_root: PathArgument | None = None,
            identity_file: PathArgument | None = None,
            passphrase: str | None = None,
            timeout_ms: int = 0,
            log: LogCallable | None = None,
            **overriding_providers: Any,
        ) -> None: ...

        def vault(self, environment: str | None = None) -> Vault:
            """Open the vault of an environment with the vault manager."""
            ...

        def __getattr__(self, name: str) -> object:  # type: ignore[override]
            """Make no provider of any name, as dependency-injector's types do: a misspelt one cannot be called."""
            ...

    else:

        def __new__(cls, project_root=None, identity_file=None, passphrase=None, timeout_ms=0, log=None, **overriding):
            made = super().__new__(cls, **overriding)
            options = {
                "project_root": project_root,
                "identity_file": identity_file,
                "passphrase": passphrase,
                "timeout_ms": timeout_ms,
                "log": log,
            }
            # Not for overrides, which have their own arguments.
            made.wired_client.add_kwargs(**options)
            made.wired_client()
            return made


def default_container() -> KStackContainer:
    """Return the container of the working directory, which module functions use from then on.

    It is kept until the working directory changes; one with an override stays.

    Raises:
        KStackError: as Client.
        KStackIOError: the working directory is gone.

    """
    default.use_containers(KStackContainer, _is_overridden)
    found: KStackContainer = default.default_object()
    return found


def get_environment_detector() -> EnvironmentDetector:
    """Return the environment detector of the default container."""
    return default_container().environment_detector()


def get_secrets_provider() -> SecretsLookup:
    """Return the secrets provider of the default container."""
    return default_container().secrets_provider()


def get_vault_manager() -> VaultManager:
    """Return the vault manager of the default container; raises KStackEnvironmentError in a pod."""
    return default_container().vault_manager()


def _is_overridden(container: KStackContainer) -> bool:
    found: Iterator[providers.Provider[Any]] = container.traverse()
    return any(provider.overridden for provider in found)
