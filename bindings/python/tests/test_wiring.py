"""Handlers of a web framework, into which dependency-injector injects parts."""

from __future__ import annotations

from collections.abc import Iterator

import flask
import pytest
from dependency_injector.wiring import Provide, inject

from conftest import Project
from helpers import own
from kstack_lib.any import Client, KStackContainer, SecretsLookup


@inject
def octal(client: Client = Provide[KStackContainer.client]) -> str:
    with client.get_credentials("s3", "layer3") as credentials:
        return credentials["octal"]


@inject
def key(secrets: SecretsLookup = Provide[KStackContainer.secrets_provider]) -> str:
    return secrets.get_credentials("s3", "layer3")["octal"]


@pytest.fixture
def container(project: Project) -> Iterator[KStackContainer]:
    with KStackContainer() as made:
        made.wire(modules=[__name__])
        yield made
        made.unwire()


def test_a_handler_of_flask(container: KStackContainer) -> None:
    application = flask.Flask(__name__)
    application.add_url_rule("/octal", view_func=octal)
    application.add_url_rule("/key", view_func=key)
    browser = application.test_client()
    assert (browser.get("/octal").text, browser.get("/key").text) == ("0123", "0123")
    with container.override_providers(secrets_provider=own(octal="own")):
        assert (browser.get("/octal").text, browser.get("/key").text) == ("own", "own")
    assert (browser.get("/octal").text, browser.get("/key").text) == ("0123", "0123")


def test_a_plain_function(container: KStackContainer) -> None:
    assert octal() == "0123"
    container.secrets_provider.override(own(octal="own"))
    assert octal() == key() == "own"
