"""Secrets stay where they are."""

from __future__ import annotations

import pickle
import pprint
import traceback

import pytest

from conftest import CANARIES, CREDENTIALS, Project
from helpers import every_failure
from kstack_lib.any import (
    KStackContainer,
    KStackError,
)


def test_nothing_shows_a_value(project: Project) -> None:
    container = KStackContainer(passphrase="passphrase-canary")
    vault = container.vault("dev")
    credentials = container.get_credentials("s3", "layer3", "dev")
    shown: list[str] = []
    for thing in (container, container.secrets_provider(), vault, credentials, credentials.keys(), credentials.items()):
        shown += [repr(thing), str(thing), f"{thing}", pprint.pformat(thing)]
    for failure in every_failure(project):
        shown += [
            repr(failure),
            str(failure),
            *traceback.format_exception(type(failure), failure, failure.__traceback__),
        ]
    project.plain(CREDENTIALS + "# edited\n")
    with pytest.raises(KStackError) as caught:
        vault.decrypt()
    shown += [repr(caught.value), str(caught.value), repr(caught.value.report)]
    assert "'secret-key': ***" in repr(credentials)
    for text in shown:
        for canary in (*CANARIES, project.identity):
            assert canary not in text


def test_failures_can_be_pickled(project: Project) -> None:
    for failure in every_failure(project):
        again = pickle.loads(pickle.dumps(failure))
        assert type(again) is type(failure)
        assert str(again) == str(failure)
