"""Credentials in a pod: from a Secret through the API server, or from where it is mounted."""

from __future__ import annotations

import base64
import threading

import pytest

from apiserver import StandIn
from conftest import SECRET
from pods import Agent, CallError, Pod

NAME = "layer3-s3-credentials"
PATH = f"/api/v1/namespaces/layer-3-production/secrets/{NAME}"


def test_a_secret(agent: Agent, server: StandIn) -> None:
    assert agent.credentials() == SECRET
    (request,) = server.requests
    assert (request.method, request.path) == ("GET", PATH)
    assert request.token == agent.pod.token


def test_the_recorded_secret(agent: Agent, server: StandIn) -> None:
    server.next(server.play("secret_get_200"))
    given = agent.call("credentials", service="s3", layer="layer3", environment=None)
    assert {name: base64.b64decode(value) for name, value in given["values"].items()} == {
        "aws_access_key_id": b"AKIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key": b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    }
    # The name and the version, to tell which rotation a program has seen.
    assert NAME in given["source"]
    assert "253" in given["source"]


@pytest.mark.parametrize("layer", ["layer3", "3", "layer-3-global-infra", "LAYER3"])
def test_names_of_the_layer(layer: str, agent: Agent) -> None:
    assert agent.credentials(layer=layer) == SECRET


def test_another_layer_is_in_the_namespace_of_the_pod(agent: Agent, server: StandIn) -> None:
    server.objects.subjects[agent.pod.token].allowed.add(("get", "secrets", "*", "layer1-s3-credentials"))
    server.objects.put_secret("layer1-s3-credentials", {"key": b"one"})
    assert agent.credentials(layer="layer1") == {"key": b"one"}
    assert server.requests[-1].path == "/api/v1/namespaces/layer-3-production/secrets/layer1-s3-credentials"


VALUES = {
    "all": bytes(range(256)),
    "empty": b"",
    "newline": b"kept\n",
    "nul": b"a\0b",
    "spaces": b"  kept  ",
    "utf8": "päßwörd ☃ \U0001f511".encode(),
    "not-utf8": b"\xff\xfe\x00",
    "large": bytes(range(256)) * 2048,
    "One_name.of-all.kinds": b"1",
}


def test_bytes_are_exact(agent: Agent, server: StandIn) -> None:
    server.objects.put_secret(NAME, VALUES)
    assert agent.credentials() == VALUES


def test_a_rotated_secret_is_seen_at_the_next_call(agent: Agent, server: StandIn) -> None:
    assert agent.credentials() == SECRET
    server.objects.put_secret(NAME, {"key": b"rotated"})
    assert agent.credentials() == {"key": b"rotated"}


@pytest.mark.parametrize("data", [None, {}], ids=["no data", "empty data"])
def test_a_secret_without_data_is_not_found(data: dict[str, bytes] | None, agent: Agent, server: StandIn) -> None:
    server.objects.put_secret(NAME, data)
    with pytest.raises(CallError) as failed:
        agent.credentials()
    assert failed.value.kind == "KStackServiceNotFoundError"
    assert NAME in failed.value.message
    assert not failed.value.retryable


#: Base64 that violates the standard, each of which some decoder accepts.
BAD_BASE64 = {
    "no padding": "YWI",
    "too much padding": "YWI==",
    "padding inside": "YW=I",
    "a character outside": "YW*j",
    "the URL alphabet": "_-_-",
    "a line break": "YWJj\nYWJj",
    "a space": "YWJj ",
    "bits left over": "YWJ=",
    "only padding": "====",
    "one character": "Y",
}


@pytest.mark.parametrize("name", BAD_BASE64)
def test_base64_is_strict(name: str, agent: Agent, server: StandIn) -> None:
    server.objects.put_raw("secrets", NAME, {"data": {"good": "YWJj", "broken-key": BAD_BASE64[name]}})
    with pytest.raises(CallError) as failed:
        agent.credentials()
    assert failed.value.kind == "KStackClusterError"
    assert NAME in failed.value.message
    assert "broken-key" in failed.value.message
    assert BAD_BASE64[name] not in failed.value.message.replace("broken-key", "")
    assert not failed.value.retryable


@pytest.mark.parametrize("value", [1, None, True, ["YWJj"], {"a": "YWJj"}], ids=repr)
def test_a_value_that_is_not_a_string_is_refused(value: object, agent: Agent, server: StandIn) -> None:
    server.objects.put_raw("secrets", NAME, {"data": {"broken-key": value}})
    with pytest.raises(CallError) as failed:
        agent.credentials()
    assert failed.value.kind == "KStackClusterError"


@pytest.mark.parametrize("data", ["text", [1], 5, True], ids=repr)
def test_data_that_is_not_an_object_is_refused(data: object, agent: Agent, server: StandIn) -> None:
    server.objects.put_raw("secrets", NAME, {"data": data})
    with pytest.raises(CallError) as failed:
        agent.credentials()
    assert failed.value.kind == "KStackClusterError"


@pytest.mark.parametrize(
    ("service", "layer", "environment"),
    [
        ("", "layer3", None),
        ("S3", "layer3", None),
        ("../s3", "layer3", None),
        ("s3/../../x", "layer3", None),
        ("s3?watch=1", "layer3", None),
        ("s3%2f", "layer3", None),
        ("s" * 64, "layer3", None),
        ("s3", "layer4", None),
        ("s3", "layer3", "Production"),
    ],
)
def test_invalid_names_are_never_sent(
    service: str, layer: str, environment: str | None, agent: Agent, server: StandIn
) -> None:
    with pytest.raises(CallError) as failed:
        agent.credentials(service, layer, environment)
    assert failed.value.kind == "KStackInvalidArgumentError"
    assert server.accepted == 0


# ------------------------------------------------------------------------------------------------------------- mounted


def test_a_mount_comes_first(agent: Agent, pod: Pod, server: StandIn) -> None:
    pod.mount(NAME).publish(VALUES)
    assert agent.credentials() == VALUES
    assert server.accepted == 0
    given = agent.call("credentials", service="s3", layer="layer3", environment=None)
    assert f"/var/run/secrets/kstack/{NAME}" in given["source"]


def test_a_mount_rotates(agent: Agent, pod: Pod, server: StandIn) -> None:
    folder = pod.mount(NAME)
    folder.publish({"key": b"before", "gone": b"1"})
    assert agent.credentials() == {"key": b"before", "gone": b"1"}
    folder.publish({"key": b"after", "new": b"2"})
    assert agent.credentials() == {"key": b"after", "new": b"2"}
    assert server.accepted == 0


#: How often the rotation is repeated; the assertions hold however fast either side is.
PUBLISHES = 1500


def rotation(number: int) -> dict[str, bytes]:
    """Return the files of a version, each with its number; every other version has fewer."""
    return {f"key-{key}": str(number).encode() for key in range(20 - number % 2)}


def test_no_answer_is_part_of_a_version_or_a_mixture(agent: Agent, pod: Pod, server: StandIn) -> None:
    folder = pod.mount(NAME)
    folder.publish(rotation(0))
    until = pod.root / "over"

    def publish() -> None:
        try:
            for number in range(1, PUBLISHES + 1):
                folder.publish(rotation(number))
        finally:
            until.touch()

    publisher = threading.Thread(target=publish)
    publisher.start()
    try:
        seen = agent.call("watch", service="s3", layer="layer3", until=str(until))
    finally:
        publisher.join()
    answers = [{key: base64.b64decode(value) for key, value in values.items()} for values in seen["answers"]]
    numbers = [int(values.get("key-0", b"-1")) for values in answers]
    assert answers == [rotation(number) for number in numbers]
    assert numbers == sorted(numbers)
    # A call may fail as retryable, but never as not found.
    assert [error for error in seen["errors"] if (error["kind"], error["retryable"]) != ("KStackIOError", True)] == []
    assert numbers[-1] == PUBLISHES
    assert server.accepted == 0


@pytest.mark.parametrize("published", [True, False], ids=["published", "never published"])
def test_an_empty_mount_is_not_found(published: bool, agent: Agent, pod: Pod, server: StandIn) -> None:
    folder = pod.mount(NAME)
    if published:
        folder.publish({})
    with pytest.raises(CallError) as failed:
        agent.credentials()
    assert failed.value.kind == "KStackServiceNotFoundError"
    assert NAME in failed.value.message
    assert server.accepted == 0


def test_a_plain_folder_is_a_mount_too(agent: Agent, pod: Pod, server: StandIn) -> None:
    # A volume with single items, or one that an init container writes.
    folder = pod.mount(NAME)
    (folder.path / "key").write_bytes(b"plain")
    assert agent.credentials() == {"key": b"plain"}
    assert server.accepted == 0


def test_the_mount_of_another_service_is_not_used(agent: Agent, pod: Pod, server: StandIn) -> None:
    pod.mount("layer3-database-credentials").publish({"key": b"other"})
    assert agent.credentials() == SECRET
    assert agent.credentials("database") == {"key": b"other"}
    assert len(server.requests) == 1


def test_a_mount_serves_without_a_token(server: StandIn, pod: Pod) -> None:
    pod.mount(NAME).publish({"key": b"mounted"})
    pod.options = ("--no-token",)
    pod.variables["POD_NAMESPACE"] = "layer-3-production"
    agent = Agent(pod)
    assert agent.credentials() == {"key": b"mounted"}
    agent.close()
    assert server.accepted == 0
