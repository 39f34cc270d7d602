"""The parts of a container, and overrides."""

from __future__ import annotations

import gc
import json
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest
from dependency_injector import containers, providers

from conftest import Project, Run
from helpers import Own, check, in_threads, own
from kstack_lib.any import (
    Client,
    KStackConfigurationError,
    KStackContainer,
    KStackInvalidArgumentError,
)
from kstack_lib.any.protocols import (
    CloudSessionFactory,
    EnvironmentDetector,
    SecretsLookup,
    VaultManager,
)


@pytest.fixture
def container() -> Iterator[KStackContainer]:
    with KStackContainer() as made:
        yield made
    gc.collect()


class Detector:
    def get_environment(self) -> str:
        return "staging"

    def get_config_root(self) -> Path | None:
        return Path("/config")

    def get_vault_root(self) -> Path | None:
        return None


def test_there_is_one_of_each_part_with_its_protocol(container: KStackContainer) -> None:
    parts: list[tuple[Callable[[], Any], type]] = [
        (container.environment_detector, EnvironmentDetector),
        (container.secrets_provider, SecretsLookup),
        (container.vault_manager, VaultManager),
        (container.cloud_session_factory, CloudSessionFactory),
    ]
    found: dict[int, list[object]] = {}

    def work(number: int) -> None:
        found[number] = [part() for part, _ in parts]

    in_threads(8, work)
    for (part, protocol), one in zip(parts, found[0]):
        assert isinstance(one, protocol)
        assert part() is one
        assert "Client" in repr(one)
    assert all(all(a is b for a, b in zip(each, found[0])) for each in found.values())
    assert KStackContainer().secrets_provider() is not found[0][1]


def test_the_parts_of_a_developers_machine(project: Project) -> None:
    container = KStackContainer()
    detector = container.environment_detector()
    assert detector.get_environment() == container.environment == "dev"
    assert detector.get_vault_root() == container.vault_root == project.root / "vault"
    with pytest.raises(KStackConfigurationError):
        detector.get_config_root()
    manager = container.vault_manager()
    assert manager.list_environments() == ["dev"]
    assert manager.open().environment == manager.open("dev").environment == "dev"


IN_A_POD = """
from kstack_lib.any import KStackContainer, KStackEnvironmentError
class Own:
    def get_credentials(self, service, layer, environment=None):
        return {"key": f"{service} {layer} {environment}"}
container = KStackContainer()
try:
    container.vault_manager()
except KStackEnvironmentError as error:
    print("refused")
with container.override_providers(secrets_provider=Own()):
    print(container.get_credentials("s3", "layer3", "production")["key"])
print(container.environment_detector().get_vault_root())
"""


def test_the_parts_of_a_pod(run: Run) -> None:
    done = run("-c", IN_A_POD, pod=())
    assert (done.stdout, done.stderr) == ("refused\ns3 layer3 production\nNone\n", "")


def check_key(container: KStackContainer, key: str) -> None:
    assert container.get_credentials("s3", "layer3")["key"] == key
    with container.client().get_credentials("s3", "layer3") as credentials:
        assert credentials["key"] == key


def test_an_override_is_what_the_container_hands_out_and_asks(project: Project) -> None:
    container = KStackContainer()
    wired = container.secrets_provider()
    outer, inner = own(key="outer"), own(key="inner")
    with container.override_providers(secrets_provider=outer):
        assert id(container.secrets_provider()) == id(outer)
        check_key(container, "outer")
        with container.override_providers(secrets_provider=inner):
            check_key(container, "inner")
            in_threads(2, lambda number: check_key(container, "inner"))
        check_key(container, "outer")
        # The wired part stays as it was, so that an override can ask it.
        check(wired.get_credentials("s3", "layer3"))
    check(container.get_credentials("s3", "layer3"))


def test_an_override_may_ask_what_is_wired(project: Project) -> None:
    with KStackContainer() as container:
        wired = container.secrets_provider()
        asking = Own(lambda service, layer, environment: wired.get_credentials(service, layer, environment))
        container.secrets_provider.override(asking)
        check(container.get_credentials("s3", "layer3"))
        assert asking.asked == [("s3", "layer3", None)]


def test_each_provider_has_the_methods_of_dependency_injector(project: Project) -> None:
    container = KStackContainer()
    container.secrets_provider.override(own(key="one"))
    check_key(container, "one")
    container.secrets_provider.reset_override()
    check(container.get_credentials("s3", "layer3"))
    container.secrets_provider.override(providers.Object(own(key="two")))
    check_key(container, "two")
    container.secrets_provider.reset_last_overriding()
    check(container.get_credentials("s3", "layer3"))
    first = container.wired_client()
    container.reset_singletons()
    assert container.wired_client() is not first
    check(container.get_credentials("s3", "layer3"))


def test_overrides_as_arguments(project: Project) -> None:
    with KStackContainer(project_root=project.root, secrets_provider=own(key="own")) as container:
        check_key(container, "own")


def test_an_override_ends_with_an_exception_and_with_close(project: Project) -> None:
    container = KStackContainer()
    with pytest.raises(RuntimeError), container.override_providers(secrets_provider=own(key="outer")):
        raise RuntimeError
    check(container.get_credentials("s3", "layer3"))
    provider = own(key="outer")
    with container.override_providers(secrets_provider=provider):
        check_key(container, "outer")
        container.close()
        with pytest.raises(KStackInvalidArgumentError, match="closed"):
            container.get_credentials("s3", "layer3")
    gone = weakref.ref(provider)
    del provider
    gc.collect()
    assert gone() is None


def test_an_override_reaches_every_look_up(project: Project) -> None:
    provider = own(
        access_key_id="AKIAOWN", secret_access_key="own", endpoint_url="https://own.example", region="eu-own-1"
    )
    with KStackContainer() as container, container.override_providers(secrets_provider=provider):
        with container.resolve_service("s3", "layer3") as resolved:
            assert resolved["endpoint_url"] == "https://own.example"
        assert json.loads(container.aws_credential_process("s3", "layer3"))["AccessKeyId"] == "AKIAOWN"
        client = container.cloud_session_factory().create_session("s3", "layer3").client("s3")
        assert client.meta.endpoint_url == "https://own.example"
        assert client.meta.region_name == "eu-own-1"


def test_a_container_inside_of_another_one(project: Project) -> None:
    class Application(containers.DeclarativeContainer):
        kstack = providers.Container(KStackContainer)
        key = providers.Callable(lambda client: client.get_credentials("s3", "layer3")["octal"], kstack.client)

    application = Application()
    assert application.key() == "0123"
    application.kstack.secrets_provider.override(own(octal="own"))
    assert application.key() == "own"


def test_override_of_the_environment_detector(container: KStackContainer) -> None:
    provider = own(key="one")
    detector = Detector()
    assert isinstance(detector, EnvironmentDetector)
    with container.override_providers(environment_detector=detector, secrets_provider=provider):
        assert container.environment_detector() is detector
        assert (container.environment, container.config_root) == ("staging", Path("/config"))
        container.get_credentials("s3", "layer3")
        container.get_credentials("s3", "layer3", "dev")
    assert provider.asked == [("s3", "layer3", "staging"), ("s3", "layer3", "dev")]


class Manager:
    """A vault manager that records what it was asked."""

    def __init__(self, vault: Any) -> None:
        self.vault = vault
        self.asked: list[str | None] = []

    def open(self, environment: str | None = None) -> Any:
        self.asked.append(environment)
        return self.vault

    def list_environments(self) -> list[str]:
        return ["own"]


class Factory:
    def create_session(self, service: str, layer: Any, environment: Any = None, provider: Any = None) -> Any:
        return None

    create_async_session = create_session


def test_overrides_of_other_parts(container: KStackContainer) -> None:
    vault = object()
    manager = Manager(vault)
    factory = Factory()
    with container.override_providers(vault_manager=manager, cloud_session_factory=factory):
        assert container.vault_manager() is manager
        assert container.cloud_session_factory() is factory
        assert container.vault("dev") is vault
        assert container.vault() is vault
        assert container.list_environments() == ["own"]
    assert manager.asked == ["dev", None]
    assert isinstance(container.vault_manager(), VaultManager)


def test_the_roots_of_an_own_detector_are_only_handed_out(project: Project) -> None:
    with KStackContainer() as container, container.override_providers(environment_detector=Detector()):
        assert container.config_root == Path("/config")
        assert container.vault("dev").path == project.root / "vault/dev"
        with pytest.raises(KStackConfigurationError, match="staging"):
            container.vault()


def test_what_is_not_a_part_is_refused_by_the_first_look_up(container: KStackContainer) -> None:
    kinds = {"secrets_provider": type(own()), "environment_detector": Detector}
    for name, kind in kinds.items():
        for wrong in (3, object(), providers.Object(kind)):
            with (
                container.override_providers(**{name: wrong}),
                pytest.raises(TypeError, match=name.replace("_", " ")),
            ):
                container.get_credentials("s3", "layer3", "dev")


def test_a_client_and_its_provider_are_freed_without_the_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        client = Client()
        provider = own(key="one")
        assert client._with_overrides(provider, None).get_credentials("s3", "layer3", "dev")["key"] == "one"
        gone = weakref.ref(client), weakref.ref(provider)
        del client, provider
        assert [one() for one in gone] == [None, None]
    finally:
        gc.enable()


def test_no_reference_leaks(project: Project) -> None:
    provider = own(key="one")
    container = KStackContainer()
    before = sys.getrefcount(provider)
    for _ in range(50):
        with container.override_providers(secrets_provider=provider):
            container.get_credentials("s3", "layer3").close()
    # The next look-up releases the last override.
    check(container.get_credentials("s3", "layer3"))
    gc.collect()
    assert sys.getrefcount(provider) == before
