"""A program's own secrets provider in place of the library's."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Callable

import pytest

from conftest import Project, Run
from helpers import Own, check, in_threads, own
from kstack_lib.any import (
    Client,
    Credentials,
    KStackConflictError,
    KStackError,
    KStackInternalError,
    KStackInvalidArgumentError,
    KStackServiceNotFoundError,
    KStackVaultError,
    Layer,
)


@pytest.fixture(autouse=True)
def collected(clean: Path) -> None:
    """Have the collector free the containers of other tests."""
    gc.collect()


@pytest.fixture
def container() -> Iterator[Client]:
    with Client() as made:
        yield made
    gc.collect()


# Answers


def test_a_provider_answers(container: Client) -> None:
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
    container.get_credentials("smtp", "LAYER0")
    assert provider.asked == [("s3", "layer3", "dev"), ("smtp", "layer0", None)]


def test_a_provider_may_pass_on_credentials(project: Project) -> None:
    wired = Client()
    container = Client()
    container.set_secrets_provider(Own(lambda *asked: wired.get_credentials(*asked)))
    check(container.get_credentials("s3", "layer3", "dev"))


def test_none_restores_the_one_that_is_wired(project: Project) -> None:
    container = Client()
    container.set_secrets_provider(own(key="own"))
    assert dict(container.get_credentials("s3", "layer3")) == {"key": "own"}
    container.set_secrets_provider(None)
    check(container.get_credentials("s3", "layer3"))


def test_what_is_not_a_provider_is_refused(container: Client) -> None:
    wrong: Any
    for wrong in (1, "provider", object()):
        with pytest.raises(TypeError, match="get_credentials"):
            container.set_secrets_provider(wrong)


# Failures


KINDS = [KStackServiceNotFoundError, KStackVaultError, KStackConflictError, KStackInvalidArgumentError]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_of_kstack_arrives_as_it_was_raised(container: Client, kind: type[KStackError]) -> None:
    def answer(*asked: object) -> Mapping[str, str]:
        raise kind("not found\n here: größer")

    container.set_secrets_provider(Own(answer))
    with pytest.raises(kind) as caught:
        container.get_credentials("s3", "layer3")
    assert type(caught.value) is kind
    assert str(caught.value) == "not found? here: größer"


def test_an_error_without_a_message_says_who_raised_it(container: Client) -> None:
    def fail(*asked: object) -> None:
        raise KStackServiceNotFoundError()

    container.set_secrets_provider(Own(fail))
    with pytest.raises(KStackServiceNotFoundError) as caught:
        container.get_credentials("s3", "layer3")
    assert "KStackServiceNotFoundError without a message in fail, test_provider.py:" in str(caught.value)


def test_names_are_looked_for_without_a_copy_of_the_value(container: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    container.set_secrets_provider(own(key="one", octets=b"\xff"))
    copied: list[str] = []
    with container.get_credentials("s3", "layer3") as credentials:
        monkeypatch.setattr(Credentials, "bytes", lambda self, name: copied.append(name))
        assert "octets" in credentials
        assert "key" in credentials
        assert "none" not in credentials
    assert copied == []
    with pytest.raises(KStackInvalidArgumentError, match="closed"):
        assert "key" in credentials


def test_an_error_of_an_unknown_kind_is_internal(container: Client) -> None:
    for code in (0, 99, -1):
        error = KStackError("odd", code)

        def answer(*asked: object, error: KStackError = error) -> Mapping[str, str]:
            raise error

        container.set_secrets_provider(Own(answer))
        with pytest.raises(KStackInternalError, match="odd"):
            container.get_credentials("s3", "layer3")


@pytest.mark.parametrize("kind", [ValueError, KeyError, SystemExit, GeneratorExit, RecursionError])
def test_any_other_exception_is_internal_and_says_its_type_and_place(
    container: Client, kind: type[BaseException]
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
        (None, "not a mapping"),
        (["canary"], "not a mapping"),
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
def test_an_invalid_answer_is_internal(container: Client, given: Any, words: str) -> None:
    container.set_secrets_provider(Own(lambda *asked: given))
    with pytest.raises(KStackInternalError, match=words) as caught:
        container.get_credentials("s3", "layer3")
    assert "canary" not in str(caught.value)


# Lifetimes


def test_a_provider_is_kept_until_it_is_replaced() -> None:
    container = Client()
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


def test_each_container_is_freed_without_the_collector() -> None:
    gc.disable()
    try:
        container = Client()
        provider = own(key="one")
        container.set_secrets_provider(provider)
        gone = weakref.ref(container), weakref.ref(provider)
        del container, provider
        assert [one() for one in gone] == [None, None]
    finally:
        gc.enable()


def test_a_provider_may_replace_itself_and_look_up_again(container: Client) -> None:
    def answer(service: str, layer: str, environment: str | None) -> Mapping[str, str]:
        if service == "deep":
            container.set_secrets_provider(own(key="replaced"))
            return {"key": "deep"}
        return {"key": "outer " + container.get_credentials("deep", layer)["key"]}

    container.set_secrets_provider(Own(answer))
    assert container.get_credentials("s3", "layer3")["key"] == "outer deep"
    assert container.get_credentials("s3", "layer3")["key"] == "replaced"


def test_a_provider_may_close_the_container(container: Client) -> None:
    def answer(*asked: object) -> Mapping[str, str]:
        container.close()
        return {"key": "last"}

    provider = Own(answer)
    gone = weakref.ref(provider)
    container.set_secrets_provider(provider)
    del provider
    assert container.get_credentials("s3", "layer3")["key"] == "last"
    assert container.closed
    gc.collect()
    assert gone() is None


def test_threads_look_up_while_others_replace(container: Client) -> None:
    made: list[weakref.ref[Own]] = []

    def replace(key: str) -> None:
        provider = own(key=key)
        made.append(weakref.ref(provider))
        container.set_secrets_provider(provider)

    def alive() -> int:
        gc.collect()
        return sum(one() is not None for one in made)

    replace("0")

    def work(number: int) -> None:
        for round_ in range(100):
            if number < 2:
                replace(str(round_))
            else:
                with container.get_credentials("s3", "layer3") as credentials:
                    assert credentials["key"].isdigit()

    in_threads(8, work)
    assert len(made) == 201
    assert alive() == 1
    container.close()
    assert alive() == 0


def test_a_running_look_up_keeps_its_provider(container: Client) -> None:
    inside, replaced = threading.Event(), threading.Event()

    def answer(*asked: object) -> Mapping[str, str]:
        inside.set()
        assert replaced.wait(60)
        return {"key": "old"}

    provider = Own(answer)
    gone = weakref.ref(provider)
    container.set_secrets_provider(provider)
    del provider
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(container.get_credentials("s3", "layer3")["key"]))
    thread.start()
    assert inside.wait(60)
    container.set_secrets_provider(own(key="new"))
    assert container.get_credentials("s3", "layer3")["key"] == "new"
    gc.collect()
    assert gone() is not None
    replaced.set()
    thread.join(60)
    assert found == ["old"]
    gc.collect()
    assert gone() is None


AT_EXIT = """
import atexit
from kstack_lib.any import Client
class Own:
    def get_credentials(self, service, layer, environment=None):
        return {"key": "one"}
container = Client()
container.set_secrets_provider(Own())
other = Client()
other.set_secrets_provider(Own())
atexit.register(lambda: print(container.get_credentials("s3", "layer3")["key"]))
"""


def test_the_end_of_the_process_is_clean(run: Run) -> None:
    done = run("-W", "error", "-c", AT_EXIT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "one\n", "")
