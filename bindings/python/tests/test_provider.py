"""A secrets provider of the program in place of the library's, and the parts of a container."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Callable

import pytest

from conftest import Project, Run
from helpers import check, in_threads
from kstack_lib import _provider
from kstack_lib.any import (
    Credentials,
    KStackConfigurationError,
    KStackConflictError,
    KStackContainer,
    KStackError,
    KStackInternalError,
    KStackInvalidArgumentError,
    KStackServiceNotFoundError,
    KStackVaultError,
    Layer,
    get_credentials,
)
from kstack_lib.any.container import default_container
from kstack_lib.any.protocols import (
    CloudSessionFactory,
    EnvironmentDetector,
    LayerArgument,
    SecretsProvider,
    VaultManager,
)


class Own:
    """A provider that answers by a function, and notes what it was asked."""

    def __init__(self, answer: Callable[..., Any]) -> None:
        self.answer = answer
        self.asked: list[tuple[object, ...]] = []

    def get_credentials(self, service: str, layer: LayerArgument, environment: str | None = None) -> Mapping[str, Any]:
        self.asked.append((service, layer, environment))
        given: Mapping[str, Any] = self.answer(service, layer, environment)
        return given


def own(**values: Any) -> Own:
    return Own(lambda *asked: values)


@pytest.fixture
def container() -> Iterator[KStackContainer]:
    with KStackContainer() as made:
        yield made
    gc.collect()


# Answers


def test_a_provider_answers(container: KStackContainer) -> None:
    provider = own(key="päß☃", octets=b"\xff\0\xfe", area=bytearray(b"x"), empty="")
    container.set_secrets_provider(provider)
    with container.get_credentials("s3", Layer.LAYER3, "dev") as credentials:
        assert isinstance(credentials, Credentials)
        assert list(credentials) == ["key", "octets", "area", "empty"]
        assert credentials["key"] == "päß☃"
        assert credentials.bytes("octets") == b"\xff\0\xfe"
        assert credentials["area"] == "x"
        assert credentials["empty"] == ""
        assert "own secrets provider" in credentials.source
    container.secrets_provider().get_credentials("smtp", "LAYER0")
    assert provider.asked == [("s3", "layer3", "dev"), ("smtp", "layer0", None)]


def test_a_provider_may_hand_on_credentials(project: Project) -> None:
    wired = KStackContainer()
    container = KStackContainer()
    container.set_secrets_provider(Own(lambda *asked: wired.get_credentials(*asked)))
    check(container.get_credentials("s3", "layer3", "dev"))


def test_none_restores_the_one_that_is_wired(project: Project) -> None:
    container = KStackContainer()
    container.set_secrets_provider(own(key="own"))
    assert dict(container.get_credentials("s3", "layer3")) == {"key": "own"}
    container.set_secrets_provider(None)
    check(container.get_credentials("s3", "layer3"))


def test_what_is_no_provider_is_refused(container: KStackContainer) -> None:
    wrong: Any
    for wrong in (1, "provider", object()):
        with pytest.raises(TypeError, match="get_credentials"):
            container.set_secrets_provider(wrong)


# Failures


KINDS = [KStackServiceNotFoundError, KStackVaultError, KStackConflictError, KStackInvalidArgumentError]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_of_kstack_comes_as_it_was_raised(container: KStackContainer, kind: type[KStackError]) -> None:
    def answer(*asked: object) -> Mapping[str, str]:
        raise kind("no such thing\n here: größer")

    container.set_secrets_provider(Own(answer))
    with pytest.raises(kind) as caught:
        container.get_credentials("s3", "layer3")
    assert type(caught.value) is kind
    assert str(caught.value) == "no such thing? here: größer"


def test_an_error_of_an_unknown_kind_is_internal(container: KStackContainer) -> None:
    for code in (0, 99, -1):
        error = KStackError("odd", code)

        def answer(*asked: object, error: KStackError = error) -> Mapping[str, str]:
            raise error

        container.set_secrets_provider(Own(answer))
        with pytest.raises(KStackInternalError, match="odd"):
            container.get_credentials("s3", "layer3")


@pytest.mark.parametrize("kind", [ValueError, KeyError, SystemExit, KeyboardInterrupt, GeneratorExit, RecursionError])
def test_any_other_exception_is_internal_and_says_its_type_and_place(
    container: KStackContainer, kind: type[BaseException]
) -> None:
    def answer(*asked: object) -> Mapping[str, str]:
        raise kind("canary")

    container.set_secrets_provider(Own(answer))
    with pytest.raises(KStackInternalError) as caught:
        container.get_credentials("s3", "layer3")
    assert kind.__name__ in str(caught.value)
    assert "in answer, test_provider.py:" in str(caught.value)
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "no value"),
        (None, "no mapping"),
        (["canary"], "no mapping"),
        ({"port": 5432}, "'port' a value of type int"),
        ({"nested": {"a": "canary"}}, "'nested' a value of type dict"),
        ({"text": "canary\ud800"}, "surrogate"),
        ({1: "canary"}, "name of type int"),
        ({"": "canary"}, "empty"),
        ({"a\0b": "canary"}, "NUL"),
        ({"\ud800": "canary"}, "UTF-8"),
        ({"large": "canary" * (3 << 20)}, "16 MiB"),
    ],
)
def test_what_is_no_answer_is_internal(container: KStackContainer, given: Any, words: str) -> None:
    container.set_secrets_provider(Own(lambda *asked: given))
    with pytest.raises(KStackInternalError, match=words) as caught:
        container.get_credentials("s3", "layer3")
    assert "canary" not in str(caught.value)


# Lifetimes


def test_a_provider_is_kept_until_it_is_replaced() -> None:
    container = KStackContainer()
    leaves: list[Callable[[], None]] = [
        lambda: container.set_secrets_provider(None),
        lambda: container.set_secrets_provider(own(key="other")),
        container.close,
    ]
    for leave in leaves:
        provider = own(key="one")
        gone = weakref.ref(provider)
        container.set_secrets_provider(provider)
        del provider
        gc.collect()
        assert gone() is not None
        assert container.get_credentials("s3", "layer3")["key"] == "one"
        leave()
        gc.collect()
        assert gone() is None
    gc.collect()
    assert _provider._providers == {}


def test_each_container_goes_without_the_collector() -> None:
    gc.disable()
    try:
        container = KStackContainer()
        container.set_secrets_provider(own(key="one"))
        container.secrets_provider(), container.environment_detector()
        gone = weakref.ref(container)
        del container
        assert gone() is None
        assert _provider._providers == {}
    finally:
        gc.enable()


def test_a_provider_may_replace_itself_and_look_up_again(container: KStackContainer) -> None:
    def answer(service: str, layer: str, environment: str | None) -> Mapping[str, str]:
        if service == "deep":
            container.set_secrets_provider(own(key="replaced"))
            return {"key": "deep"}
        return {"key": "outer " + container.get_credentials("deep", layer)["key"]}

    container.set_secrets_provider(Own(answer))
    assert container.get_credentials("s3", "layer3")["key"] == "outer deep"
    assert container.get_credentials("s3", "layer3")["key"] == "replaced"


def test_a_provider_may_close_the_container(container: KStackContainer) -> None:
    def answer(*asked: object) -> Mapping[str, str]:
        container.close()
        return {"key": "last"}

    container.set_secrets_provider(Own(answer))
    assert container.get_credentials("s3", "layer3")["key"] == "last"
    assert container.closed
    assert _provider._providers == {}


def test_threads_look_up_while_others_replace(container: KStackContainer) -> None:
    container.set_secrets_provider(own(key="0"))

    def work(number: int) -> None:
        for round_ in range(100):
            if number < 2:
                container.set_secrets_provider(own(key=str(round_)))
            else:
                with container.get_credentials("s3", "layer3") as credentials:
                    assert credentials["key"].isdigit()

    in_threads(8, work)
    assert len(_provider._providers) == 1
    container.close()
    assert _provider._providers == {}


def test_a_running_look_up_goes_on_with_its_provider(container: KStackContainer) -> None:
    inside, replaced = threading.Event(), threading.Event()

    def answer(*asked: object) -> Mapping[str, str]:
        inside.set()
        assert replaced.wait(60)
        return {"key": "old"}

    container.set_secrets_provider(Own(answer))
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(container.get_credentials("s3", "layer3")["key"]))
    thread.start()
    assert inside.wait(60)
    container.set_secrets_provider(own(key="new"))
    assert container.get_credentials("s3", "layer3")["key"] == "new"
    assert len(_provider._providers) == 2
    replaced.set()
    thread.join(60)
    assert found == ["old"]
    assert len(_provider._providers) == 1
    container.close()


AT_EXIT = """
import atexit
from kstack_lib.any import KStackContainer
class Own:
    def get_credentials(self, service, layer, environment=None):
        return {"key": "one"}
container = KStackContainer()
container.set_secrets_provider(Own())
other = KStackContainer()
other.set_secrets_provider(Own())
atexit.register(lambda: print(container.get_credentials("s3", "layer3")["key"]))
"""


def test_the_end_of_the_process_is_no_end_of_the_world(run: Run) -> None:
    done = run("-W", "error", "-c", AT_EXIT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "one\n", "")


# Parts and overrides


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


def test_override_of_other_parts(container: KStackContainer) -> None:
    manager: Any = object()
    factory: Any = object()
    with container.override(vault_manager=manager, cloud_session_factory=factory):
        assert container.vault_manager() is manager
        assert container.cloud_session_factory() is factory
    assert isinstance(container.vault_manager(), VaultManager)


def test_the_functions_of_the_modules_see_the_override(project: Project) -> None:
    with default_container().override(secrets_provider=own(key="own")):
        assert get_credentials("s3", "layer3")["key"] == "own"
    check(get_credentials("s3", "layer3"))


def test_the_default_container_is_one_for_all_threads(project: Project) -> None:
    found: list[KStackContainer] = []
    in_threads(8, lambda number: found.append(default_container()))
    assert len({id(one) for one in found}) == 1
    assert found[0] is default_container()


def test_the_default_container_may_be_asked_for_from_a_log_function(project: Project) -> None:
    """Nothing of the process is locked while a container is made or while a line is logged."""
    project.identity_file.write_text(f"AGE-PLUGIN-YUBIKEY-1CANARY\n{project.identity}\n")
    seen: list[bool] = []

    def log(level: int, line: str) -> None:
        thread = threading.Thread(target=lambda: seen.append(default_container().closed))
        thread.start()
        thread.join(60)

    with KStackContainer(log=log) as container:
        check(container.get_credentials("s3", "layer3"))
    assert seen and not any(seen)


def test_no_reference_is_left_behind(container: KStackContainer) -> None:
    provider = own(key="one")
    before = sys.getrefcount(provider)
    for _ in range(50):
        with container.override(secrets_provider=provider):
            container.get_credentials("s3", "layer3").close()
    assert sys.getrefcount(provider) == before
