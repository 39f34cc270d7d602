"""A program that uses each public name as the documentation says; type checkers read it, and nobody runs it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dependency_injector.wiring import Provide, inject

import kstack_lib
from kstack_lib.any import (
    Client,
    Context,
    Credentials,
    KStackCancelledError,
    KStackClusterError,
    KStackConfigurationError,
    KStackConflictError,
    KStackContainer,
    KStackEnvironment,
    KStackEnvironmentError,
    KStackError,
    KStackInternalError,
    KStackInvalidArgumentError,
    KStackIOError,
    KStackLayer,
    KStackLayerAccessError,
    KStackRouteError,
    KStackServiceNotFoundError,
    KStackTimeoutError,
    KStackVaultError,
    Layer,
    LayerArgument,
    LogCallable,
    LogLevel,
    SecretsLookup,
    SecretsProvider,
    StatusCode,
    VaultFileResult,
    VaultResult,
    context_reason,
    current_context,
    get_active_route,
    get_credentials,
    get_environment_detector,
    get_secrets_provider,
    get_vault_manager,
    guard,
    is_in_cluster,
    load_secrets_for_layer,
    resolve_service,
)
from kstack_lib.any.cal import client as boto_client
from kstack_lib.any.cal import session
from kstack_lib.any.protocols import Vault, VaultManager
from kstack_lib.cluster.config import get_configmap, set_active_route
from kstack_lib.local.security import Identity, KStackVault, generate_identity
from kstack_lib.testing import FakeSecrets, FakeVault


class OwnProvider:
    """A program's own provider, whose values are str or bytes."""

    def get_credentials(self, service: str, layer: str, environment: str | None = None) -> dict[str, str | bytes]:
        return {"key": b"value", "service": f"{service} {layer} {environment}"}

    def load_secrets(self, layer: str, environment: str | None = None) -> Mapping[str, str]:
        return {"key": layer}


def write_line(level: LogLevel, line: str) -> None:
    print(level.name, line)


def number_of(level: int, line: str) -> int:
    return level + len(line)


def look_up(layer: LayerArgument) -> str:
    credentials: Credentials = get_credentials("s3", layer=layer, environment="dev")
    with credentials:
        values: dict[str, str] = dict(credentials)
        data: bytes = credentials.bytes("key")
        print(values, data, credentials.source, credentials.get("other"))
    with load_secrets_for_layer("layer3", auto_export=True) as secrets, resolve_service("s3", "layer3") as service:
        print(len(secrets), service["endpoint_url"])
    return get_active_route(Layer.LAYER3)


def encrypt() -> list[VaultFileResult]:
    vault = KStackVault("dev")
    try:
        report = vault.encrypt()
    except KStackConflictError as error:
        report = error.report
    for file in vault.decrypt() + vault.rekey(check=True) + vault.status(files=["layer3/app.yaml"]):
        if file.result is VaultResult.STALE or not file.readable or not file.current:
            print(file.path, file.message)
    vault.write("layer3", "app.yaml", b"key: value\n")
    print(vault.read(3, "app.yaml"), vault.get_file("3", "app.yaml").read_text(), vault.list_files(encrypted=True))
    return report


class FakeManager:
    """A vault manager for a test."""

    def open(self, environment: str | None = None) -> FakeVault:
        return FakeVault()

    def list_environments(self) -> list[str]:
        return ["dev"]


@inject
def handler(client: Client = Provide[KStackContainer.client]) -> str:
    return client.get_credentials("s3", KStackLayer.LAYER_3_GLOBAL_INFRA, KStackEnvironment.DEVELOPMENT)["key"]


def containers() -> None:
    provider: SecretsProvider = OwnProvider()
    log: LogCallable = write_line
    other: LogCallable = number_of
    vault: Vault = FakeVault()
    manager: VaultManager = FakeManager()
    with KStackContainer(project_root=Path("."), log=log) as container, Client(log=other) as client:
        container.secrets_provider.override(provider)
        container.vault_manager.override(manager)
        with container.override_providers(secrets_provider=OwnProvider()):
            print(container.get_credentials("s3", 3), container.environment, container.vault_root, handler())
        client.set_secrets_provider(provider)
        lookup: SecretsLookup = container.secrets_provider()
        found: Credentials = lookup.get_credentials("s3", Layer.LAYER1)
        for lookup in (client, FakeSecrets({("s3", "layer3"): {"key": b"value"}})):
            print(lookup)
        print(found.source, lookup.load_secrets("layer3"), vault.path, container.vault("dev").read(3, "app.yaml"))
        container.wire(modules=[__name__])
        print(KStackVault("dev", container=container), KStackVault("dev", container=client))
    print(client, session("s3", "layer3"), boto_client("s3", "layer3"))
    print(get_environment_detector().get_environment(), get_secrets_provider(), get_vault_manager().list_environments())
    with KStackVault("dev").decrypted() as folder:
        print(folder / "layer3")


def failures() -> int:
    try:
        guard(Context.LOCAL)
        print(is_in_cluster(), current_context(), context_reason(), get_configmap("layer3", "a", "b"))
        set_active_route("layer3", "staging")
    except (KStackEnvironmentError, KStackConfigurationError, KStackRouteError, KStackLayerAccessError) as error:
        return int(error.code)
    except KStackTimeoutError as error:
        timeout: TimeoutError = error
        print(timeout)
    except KStackCancelledError as error:
        print(error)
    except KStackIOError as error:
        print(error.errno, error.filename)
    except KStackServiceNotFoundError as error:
        key: KeyError = error
        print(key)
    except (KStackInvalidArgumentError, KStackVaultError, KStackClusterError, KStackInternalError) as error:
        return int(error.retryable)
    except KStackError as error:
        return error.code is StatusCode.CONFLICT
    identity: Identity = generate_identity()
    print(identity.recipient, kstack_lib.__version__, kstack_lib.get_credentials)
    return 0
