"""Token and ca.crt rotate while a program runs, and may be missing."""

from __future__ import annotations

import os

import pytest

from apiserver import Authority, Reply, Request, StandIn
from conftest import SECRET
from pods import TOKEN, Agent, CallError, Pod

NEW_TOKEN = "header.payload-token-canary-9.signature"


def rotate_token(pod: Pod, server: StandIn) -> None:
    """Make another token the valid one, and publish it."""
    server.objects.subjects[NEW_TOKEN] = server.objects.subjects.pop(TOKEN)
    pod.token = NEW_TOKEN
    pod.publish()


def test_a_rotated_token_is_used(agent: Agent, pod: Pod, server: StandIn) -> None:
    assert agent.credentials() == SECRET
    rotate_token(pod, server)
    assert agent.credentials() == SECRET
    assert server.requests[-1].token == NEW_TOKEN


def test_a_token_that_rotates_during_a_call(agent: Agent, pod: Pod, server: StandIn) -> None:
    assert agent.credentials() == SECRET

    def rotate(request: Request) -> Reply | None:
        if request.token == TOKEN:
            rotate_token(pod, server)
        return None

    # The file changes after the request was sent: that one is refused, and the token read again.
    server.hook = rotate
    assert agent.credentials() == SECRET
    assert [request.token for request in server.requests] == [TOKEN, TOKEN, NEW_TOKEN]


def test_a_token_that_is_refused_until_it_changes(agent: Agent, pod: Pod, server: StandIn) -> None:
    subject = server.objects.subjects.pop(TOKEN)
    with pytest.raises(CallError, match="401"):
        agent.credentials()
    server.objects.subjects[NEW_TOKEN] = subject
    pod.token = NEW_TOKEN
    pod.publish()
    assert agent.credentials() == SECRET


def test_a_newline_at_the_end_is_not_part_of_the_token(agent: Agent, pod: Pod, server: StandIn) -> None:
    pod.token = f"{TOKEN}\n"
    pod.publish()
    assert agent.credentials() == SECRET
    assert server.requests[-1].token == TOKEN


@pytest.mark.parametrize("token", ["", "\n", "a b", "a\r\nX-Injected: canary", "päß", "a\0b"], ids=repr)
def test_an_invalid_token_is_never_sent(token: str, pod: Pod, server: StandIn) -> None:
    pod.token = token
    pod.publish()
    agent = Agent(pod)
    with pytest.raises(CallError) as failed:
        agent.credentials()
    assert failed.value.kind in ("KStackClusterError", "KStackConfigurationError")
    assert "serviceaccount/token" in failed.value.message
    assert server.requests == []
    agent.close()


def test_the_last_good_token_is_kept(agent: Agent, pod: Pod, server: StandIn) -> None:
    assert agent.credentials() == SECRET
    for name in ("token", "ca.crt"):
        (pod.service_account / "..data" / name).unlink()
    assert agent.credentials() == SECRET
    assert any("last good token" in line for line in agent.log)
    assert {request.token for request in server.requests} == {TOKEN}


def test_no_token_is_mounted(pod: Pod, server: StandIn) -> None:
    pod.options = ("--no-token",)
    pod.variables["POD_NAMESPACE"] = "layer-3-production"
    agent = Agent(pod)
    assert agent.call("environment") == "production"
    with pytest.raises(CallError) as failed:
        agent.credentials()
    assert failed.value.kind in ("KStackClusterError", "KStackConfigurationError")
    assert "automountServiceAccountToken" in failed.value.message
    assert not failed.value.retryable
    assert server.accepted == 0
    agent.close()


@pytest.mark.parametrize("variable", ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"])
@pytest.mark.parametrize("value", [None, "", "a b", "127.0.0.1/x", "user@host", "99999999", "-1", "[::1"], ids=repr)
def test_variables_that_name_no_server(variable: str, value: str | None, agent: Agent, server: StandIn) -> None:
    agent.call("set_variable", name=variable, value=value)
    with pytest.raises(CallError) as failed:
        agent.credentials()
    assert failed.value.kind in ("KStackClusterError", "KStackConfigurationError")
    if value is None or value == "":
        assert variable in failed.value.message
    assert server.requests == []


# -------------------------------------------------------------------------------------------------------------- ca.crt


def test_the_authority_rotates(agent: Agent, pod: Pod, server: StandIn) -> None:
    assert agent.credentials() == SECRET
    authority = Authority()
    server.tls = authority.context()
    server.drop_connections()
    with pytest.raises(CallError):
        agent.credentials()
    pod.ca = authority.certificate
    pod.publish()
    assert agent.credentials() == SECRET


def test_the_authority_rotates_during_a_call(agent: Agent, pod: Pod, server: StandIn) -> None:
    assert agent.credentials() == SECRET
    authority = Authority()
    server.tls = authority.context()
    server.drop_connections()
    pod.ca = authority.certificate
    # Published after the connection, so that the old file was read: it is read again.
    server.on_accept = pod.publish
    assert agent.credentials() == SECRET


def test_the_certificate_rotates(agent: Agent, server: StandIn) -> None:
    assert agent.credentials() == SECRET
    # The kept connection goes on; a new one finds the new certificate of the same authority.
    server.tls = server.authority.context()
    assert agent.credentials() == SECRET
    assert server.accepted == 1
    server.drop_connections()
    assert agent.credentials() == SECRET
    assert server.accepted == 2


def test_two_authorities_are_trusted_during_a_rotation(agent: Agent, pod: Pod, server: StandIn) -> None:
    authority = Authority()
    pod.ca = server.authority.certificate + authority.certificate
    pod.publish()
    assert agent.credentials() == SECRET
    server.tls = authority.context()
    server.drop_connections()
    assert agent.credentials() == SECRET


def test_a_connection_is_not_kept_for_an_authority_that_is_gone(agent: Agent, pod: Pod, server: StandIn) -> None:
    assert agent.credentials() == SECRET
    pod.ca = Authority().certificate
    pod.publish()
    with pytest.raises(CallError) as failed:
        agent.credentials()
    assert failed.value.kind == "KStackClusterError"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"not a certificate", b"-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n"],
)
def test_an_invalid_authority(content: bytes, pod: Pod, server: StandIn) -> None:
    (pod.service_account / "..data" / "ca.crt").write_bytes(content)
    agent = Agent(pod)
    with pytest.raises(CallError) as failed:
        agent.credentials()
    assert failed.value.kind in ("KStackClusterError", "KStackConfigurationError")
    assert "ca.crt" in failed.value.message
    assert server.requests == []
    agent.close()


def test_without_an_authority_nobody_is_trusted(pod: Pod, server: StandIn) -> None:
    os.unlink(pod.service_account / "ca.crt")
    agent = Agent(pod)
    with pytest.raises(CallError) as failed:
        agent.credentials()
    assert failed.value.kind in ("KStackClusterError", "KStackConfigurationError")
    assert "ca.crt" in failed.value.message
    assert server.requests == []
    agent.close()
