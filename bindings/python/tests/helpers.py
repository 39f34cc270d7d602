"""Shared by several tests: the values of the project's file, and work in threads and children."""

from __future__ import annotations

import json
import os
import threading
import traceback
from collections.abc import Mapping
from typing import Any, Callable

import pytest

from conftest import Project
from kstack_lib.any import (
    KStackContainer,
    KStackError,
)
from kstack_lib.any.protocols import LayerArgument

#: The plaintext size of a chunk of an age file, and sizes around it.
CHUNK = 65536
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1]

EXPECTED = {
    "access-key": "AKIAEXAMPLE",
    "secret-key": "wJalrXUtnFEMI-canary-4711",
    "octal": "0123",
    "float": "1e5",
    "bool": "yes",
    "signed": "+1",
    "nothing": "",
    "tilde": "",
    "empty": "",
    "quoted": "0x1F",
    "unicode": "päßwörd ☃ 日本語 \U0001f511",
    "multi": "line one\nline two\n",
}


def check(credentials: Mapping[str, str]) -> None:
    values = dict(credentials)
    nested = json.loads(values.pop("nested"))
    assert values == EXPECTED
    assert list(nested) == ["hosts", "port", "tls"]
    assert nested["hosts"] == ["a.example", "b.example"]


def every_failure(project: Project) -> list[BaseException]:
    with KStackContainer() as container:
        calls: list[Callable[[], object]] = [
            lambda: container.get_credentials("nope", "layer3", "dev"),
            lambda: container.get_credentials("s3", "layer3", "nope"),
            lambda: container.get_credentials("s3", "layer9", "dev"),
            lambda: container.get_credentials("s3", "layer0", "dev"),
            lambda: container.get_credentials("s3", "layer3", "dev")["nope"],
            lambda: container.vault("nope"),
            lambda: container.vault("dev").read("layer3", "nope"),
            lambda: container.vault("dev").get_file("layer3", "cloud-credentials.yaml"),
            lambda: container.vault("dev").decrypt(["layer3/nope.yaml"]),
            lambda: KStackContainer(identity_file=project.root / "nope").get_credentials("s3", "layer3", "dev"),
        ]
        failures: list[BaseException] = []
        for call in calls:
            with pytest.raises((KStackError, KeyError)) as caught:
                call()
            failures.append(caught.value)
    return failures


def in_threads(count: int, work: Callable[[int], None]) -> None:
    failures: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert failures == []


def child(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class Own:
    """A provider that answers with a function, and records what it was asked."""

    def __init__(self, answer: Callable[..., Any]) -> None:
        self.answer = answer
        self.asked: list[tuple[object, ...]] = []

    def get_credentials(self, service: str, layer: LayerArgument, environment: str | None = None) -> Mapping[str, Any]:
        self.asked.append((service, layer, environment))
        given: Mapping[str, Any] = self.answer(service, layer, environment)
        return given


def own(**values: Any) -> Own:
    return Own(lambda *asked: values)
