"""The parts of a container, and others in their place for a while."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest

from conftest import Project, Run
from helpers import check, in_threads, own
from kstack_lib import _provider
from kstack_lib.any import (
    KStackConfigurationError,
    KStackContainer,
    KStackInvalidArgumentError,
)
from kstack_lib.any.protocols import (
    CloudSessionFactory,
    EnvironmentDetector,
    SecretsProvider,
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


def test_each_part_is_one_and_has_its_protocol(container: KStackContainer) -> None:
    parts: list[tuple[Callable[[], Any], type]] = [
        (container.environment_detector, EnvironmentDetector),
        (container.secrets_provider, SecretsProvider),
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
        assert "KStackContainer" in repr(one)
    assert all(all(a is b for a, b in zip(each, found[0])) for each in found.values())
    assert KStackContainer().secrets_provider() is not found[0][1]
    container.close()
    for part, _ in parts:
        with pytest.raises(KStackInvalidArgumentError, match="closed"):
            part()


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
with container.override(secrets_provider=Own()):
    print(container.get_credentials("s3", "layer3", "production")["key"])
print(container.environment_detector().get_vault_root())
"""


def test_the_parts_of_a_pod(run: Run) -> None:
    done = run("-c", IN_A_POD, pod=())
    assert (done.stdout, done.stderr) == ("refused\ns3 layer3 production\nNone\n", "")


def test_override(project: Project) -> None:
    container = KStackContainer()
    facade = container.secrets_provider()
    with container.override(secrets_provider=own(key="outer")) as same:
        assert same is container
        assert container.secrets_provider() is facade
        assert facade.get_credentials("s3", "layer3")["key"] == "outer"
        with container.override(secrets_provider=own(key="inner")):
            assert facade.get_credentials("s3", "layer3")["key"] == "inner"
            in_threads(2, lambda number: check_key(container, "inner"))
        check_key(container, "outer")
    check(container.get_credentials("s3", "layer3"))


def check_key(container: KStackContainer, key: str) -> None:
    assert container.get_credentials("s3", "layer3")["key"] == key


def test_override_ends_with_an_exception_and_with_close(project: Project) -> None:
    container = KStackContainer()
    with pytest.raises(RuntimeError), container.override(secrets_provider=own(key="outer")):
        raise RuntimeError
    check(container.get_credentials("s3", "layer3"))
    with container.override(secrets_provider=own(key="outer")):
        container.close()
    assert _provider._providers == {}


def test_override_restores_what_was_set(container: KStackContainer) -> None:
    container.set_secrets_provider(own(key="set"))
    with container.override(secrets_provider=own(key="outer")):
        check_key(container, "outer")
        container.set_secrets_provider(own(key="set inside"))
        check_key(container, "outer")
    check_key(container, "set inside")


def test_overrides_may_end_in_any_order(container: KStackContainer) -> None:
    first = container.override(secrets_provider=own(key="first"))
    second = container.override(secrets_provider=own(key="second"))
    with first:
        second.__enter__()
        check_key(container, "second")
    check_key(container, "second")
    second.__exit__(None, None, None)
    assert _provider._providers == {}


def test_override_of_the_environment_detector(container: KStackContainer) -> None:
    provider = own(key="one")
    detector = Detector()
    assert isinstance(detector, EnvironmentDetector)
    with container.override(environment_detector=detector, secrets_provider=provider):
        assert container.environment_detector() is detector
        assert (container.environment, container.config_root) == ("staging", Path("/config"))
        container.get_credentials("s3", "layer3")
        container.get_credentials("s3", "layer3", "dev")
    assert provider.asked == [("s3", "layer3", "staging"), ("s3", "layer3", "dev")]


class Manager:
    """A vault manager that notes what it was asked."""

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


def test_override_of_other_parts(container: KStackContainer) -> None:
    vault = object()
    manager = Manager(vault)
    factory = Factory()
    with container.override(vault_manager=manager, cloud_session_factory=factory):
        assert container.vault_manager() is manager
        assert container.cloud_session_factory() is factory
        assert container.vault("dev") is vault
        assert container.vault() is vault
        assert container.list_environments() == ["own"]
    assert manager.asked == ["dev", None]
    assert isinstance(container.vault_manager(), VaultManager)


def test_the_roots_of_an_own_detector_are_only_told_on(project: Project) -> None:
    with KStackContainer() as container, container.override(environment_detector=Detector()):
        assert container.config_root == Path("/config")
        assert container.vault("dev").path == project.root / "vault/dev"
        with pytest.raises(KStackConfigurationError, match="staging"):
            container.vault()


@pytest.mark.parametrize("name", ["secrets_provider", "environment_detector", "vault_manager", "cloud_session_factory"])
def test_what_is_no_part_is_refused(container: KStackContainer, name: str) -> None:
    kinds = {
        "secrets_provider": type(own()),
        "environment_detector": Detector,
        "vault_manager": Manager,
        "cloud_session_factory": Factory,
    }
    for wrong in (3, object(), kinds[name]):
        parts: Any = {name: wrong}
        with pytest.raises(TypeError, match=name.replace("_", " ")), container.override(**parts):
            pass
    wrong_provider: Any = type(own())
    with pytest.raises(TypeError, match="is a class"):
        container.set_secrets_provider(wrong_provider)


def test_a_part_is_the_same_when_nobody_kept_it(container: KStackContainer) -> None:
    for part in (
        container.environment_detector,
        container.secrets_provider,
        container.vault_manager,
        container.cloud_session_factory,
    ):
        first = weakref.ref(part())
        gc.collect()
        assert first() is part()


def test_a_part_and_its_container_go_without_the_collector(project: Project) -> None:
    gc.collect()
    gc.disable()
    try:
        container = KStackContainer()
        provider = container.secrets_provider()
        gone = weakref.ref(container)
        part = weakref.ref(container.cloud_session_factory())
        del container
        assert gone() is None and part() is None
        check(provider.get_credentials("s3", "layer3"))
    finally:
        gc.enable()


def test_a_closed_container_keeps_no_part() -> None:
    container = KStackContainer()
    part = weakref.ref(container.secrets_provider())
    container.close()
    gc.collect()
    assert part() is None


def test_no_reference_is_left_behind(container: KStackContainer) -> None:
    provider = own(key="one")
    before = sys.getrefcount(provider)
    for _ in range(50):
        with container.override(secrets_provider=provider):
            container.get_credentials("s3", "layer3").close()
    assert sys.getrefcount(provider) == before
