"""What every secrets provider does: the vault's, the pod's, and a program's own behind the container's.

The checks take a provider that has SERVICE under "s3" and LAYER as the secrets of layer3, in the environment
"production", which is the detected one, and nothing under "database". Run as a program, it checks the provider that is
wired where it runs.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Callable

import pytest

from kstack_lib.any import (
    Credentials,
    KStackContainer,
    KStackInvalidArgumentError,
    KStackServiceNotFoundError,
    Layer,
)
from kstack_lib.any.protocols import SecretsLookup, SecretsProvider

SERVICE = {"access-key": "AKIA-canary", "octal": "0123", "empty": "", "multi": "one\ntwo\n", "text": 'päß "☃"\\'}
LAYER = {"smtp-password": "canary too", "api-key": "+1"}


def credentials_of(provider: Any, *arguments: Any) -> Credentials:
    found = provider.get_credentials(*arguments)
    assert isinstance(found, Credentials)
    return found


def check_protocols(provider: Any) -> None:
    assert isinstance(provider, SecretsProvider)
    assert isinstance(provider, SecretsLookup)


def check_values_are_text_as_they_are_stored(provider: Any) -> None:
    with credentials_of(provider, "s3", "layer3", "production") as found:
        assert isinstance(found, Mapping)
        assert dict(found) == SERVICE
        assert found.json() == SERVICE
        assert {name: found.bytes(name).decode() for name in found} == SERVICE
        assert len(found) == len(SERVICE)
        assert "octal" in found and "absent" not in found
        with pytest.raises(KeyError):
            found["absent"]


def check_the_environment_is_detected(provider: Any) -> None:
    assert dict(credentials_of(provider, "s3", "layer3")) == SERVICE
    assert dict(credentials_of(provider, "s3", "layer3", None)) == SERVICE


def check_every_name_of_a_layer(provider: Any) -> None:
    for layer in (Layer.LAYER3, "3", "LAYER3", "layer-3-global-infra"):
        assert dict(credentials_of(provider, "s3", layer)) == SERVICE


def check_secrets_of_a_layer(provider: Any) -> None:
    assert dict(provider.load_secrets("layer3", "production")) == LAYER
    assert dict(provider.load_secrets(Layer.LAYER3)) == LAYER


def check_what_is_not_there(provider: Any) -> None:
    with pytest.raises(KStackServiceNotFoundError) as caught:
        provider.get_credentials("database", "layer3", "production")
    assert "database" in str(caught.value)
    assert "canary" not in str(caught.value)
    assert not caught.value.retryable


def check_invalid_names(provider: Any) -> None:
    for arguments in (("S3", "layer3"), ("s3", "layer9"), ("s3", "layer3", "../production"), ("", "layer3")):
        with pytest.raises(KStackInvalidArgumentError):
            provider.get_credentials(*arguments)


def check_nothing_shows_a_value(provider: Any) -> None:
    with credentials_of(provider, "s3", "layer3") as found:
        for text in (repr(found), str(found), f"{found}", found.source, repr(provider), repr(found.items())):
            assert "canary" not in text
        assert found.source


def check_each_answer_stands_alone(provider: Any) -> None:
    first, second = (credentials_of(provider, "s3", "layer3") for _ in range(2))
    first.close()
    assert dict(second) == SERVICE
    with pytest.raises(KStackInvalidArgumentError):
        dict(first)


def check_threads(provider: Any) -> None:
    right: list[bool] = []

    def work() -> None:
        for _ in range(5):
            with credentials_of(provider, "s3", "layer3") as found:
                right.append(dict(found) == SERVICE)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert right == [True] * 40


CHECKS: dict[str, Callable[[Any], None]] = {
    name: value for name, value in list(globals().items()) if name.startswith("check_")
}


def main() -> None:
    """Check the provider that is wired here, and print the name of each check that passed."""
    with KStackContainer() as container:
        for name, check in CHECKS.items():
            check(container.secrets_provider())
            print(name)


if __name__ == "__main__":
    main()
