"""Refusals of the server: each with a status and a message for the person on call, and no more."""

from __future__ import annotations

import json

import pytest

from apiserver import StandIn, Subject, answer, status_body
from conftest import SECRET
from pods import Agent, CallError, Pod

NAME = "layer3-s3-credentials"
NAMESPACE = "layer-3-production"


def failure(agent: Agent) -> CallError:
    """Look credentials up, and return how that failed."""
    with pytest.raises(CallError) as failed:
        agent.credentials()
    return failed.value


def check_names(message: str) -> None:
    """Assert that a message names the requested object."""
    for part in ("get", "Secret", NAME, NAMESPACE):
        assert part in message, message


# ----------------------------------------------------------------------------------------- recorded, and not retried


@pytest.mark.parametrize("name", ["secret_get_404_any_secret_sa", "secret_get_404_deleted_named_secret"])
def test_404_is_not_found(name: str, agent: Agent, server: StandIn) -> None:
    server.next(server.play(name, name=("no-such-secret", NAME)))
    failed = failure(agent)
    assert (failed.kind, failed.retryable) == ("KStackServiceNotFoundError", False)
    for part in ("Secret", NAME, NAMESPACE):
        assert part in failed.message
    assert len(server.requests) == 1


def test_a_secret_that_is_gone_is_not_found(agent: Agent, server: StandIn) -> None:
    server.objects.remove("secrets", NAME)
    failed = failure(agent)
    assert failed.kind == "KStackServiceNotFoundError"
    # The next call finds it again.
    server.objects.put_secret(NAME, SECRET)
    assert agent.credentials() == SECRET


def test_403_may_mean_that_it_does_not_exist(agent: Agent, server: StandIn) -> None:
    server.objects.subjects[agent.pod.token] = Subject()
    failed = failure(agent)
    assert (failed.kind, failed.retryable) == ("KStackClusterError", False)
    check_names(failed.message)
    assert "403" in failed.message
    assert "exist" in failed.message
    # The connection is new, so the server may have just started.
    assert len(server.requests) == 3
    failure(agent)
    assert len(server.requests) == 4


@pytest.mark.parametrize("name", ["secret_get_403_sa_without_role", "namespace_unknown_403_secret"])
def test_other_403s(name: str, agent: Agent, server: StandIn) -> None:
    server.always(server.play(name))
    failed = failure(agent)
    assert (failed.kind, failed.retryable) == ("KStackClusterError", False)
    check_names(failed.message)
    assert "API server that has just started" in failed.message


def test_a_server_that_has_just_started(agent: Agent, server: StandIn) -> None:
    # It denies everything until its rules are loaded, with the same answer as later.
    server.next(*[server.play("secret_get_403_sa_without_role")] * 2)
    assert agent.credentials() == SECRET
    assert len(server.requests) == 3
    # On an existing connection a 403 is final.
    server.next(server.play("secret_get_403_sa_without_role"))
    assert "403" in failure(agent).message
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    "name",
    [
        "auth_401_deleted_serviceaccount",
        "auth_401_expired_token",
        "auth_401_garbage_token",
        "auth_401_no_token",
        "auth_401_wrong_audience",
    ],
)
def test_401_twice(name: str, agent: Agent, server: StandIn) -> None:
    server.always(server.play(name))
    failed = failure(agent)
    assert failed.kind == "KStackClusterError"
    check_names(failed.message)
    assert "401" in failed.message
    assert "token" in failed.message
    # Once more with the token read again, and no further time.
    assert 1 <= len(server.requests) <= 2


# ------------------------------------------------------------------------------------------------- statuses, made up


@pytest.mark.parametrize("status", [400, 405, 406, 409, 410, 415, 422, 501, 505])
@pytest.mark.parametrize("form", ["status", "text", "empty"])
def test_statuses_that_are_not_retried(status: int, form: str, agent: Agent, server: StandIn) -> None:
    body = {
        "status": json.dumps(status_body(status, "Because", "body-canary")),
        "text": "body-canary",
        "empty": "",
    }[form]
    server.always(answer(status, body))
    failed = failure(agent)
    assert (failed.kind, failed.retryable) == ("KStackClusterError", False)
    check_names(failed.message)
    assert str(status) in failed.message
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("form", ["status", "text", "empty"])
def test_statuses_that_are_retried(status: int, form: str, hurried: Agent, server: StandIn) -> None:
    body = {"status": json.dumps(status_body(status, None, "body-canary")), "text": "body-canary", "empty": ""}[form]
    server.always(answer(status, body))
    failed = failure(hurried)
    assert (failed.kind, failed.retryable) == ("KStackClusterError", True)
    check_names(failed.message)
    assert str(status) in failed.message
    assert len(server.requests) > 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_the_next_attempt_succeeds(status: int, agent: Agent, server: StandIn) -> None:
    server.next(answer(status, "not now"), answer(status, "not now"))
    assert agent.credentials() == SECRET
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "name",
    ["overload_429_get", "fault_etcd_frozen_get", "fault_etcd_frozen_get_timeout_param", "fault_etcd_frozen_patch"],
)
def test_recorded_faults_are_retried(name: str, agent: Agent, server: StandIn) -> None:
    server.next(server.play(name))
    assert agent.credentials() == SECRET
    assert len(server.requests) == 2


def test_retry_after_is_honoured(agent: Agent, server: StandIn) -> None:
    server.next(server.play("overload_429_get"))
    assert agent.credentials() == SECRET
    first, second = server.requests
    assert second.at - first.at >= 1


@pytest.mark.parametrize("value", ["3600", "4294967296", "99999999999999999999", "60"])
def test_retry_after_beyond_the_deadline(value: str, agent: Agent, server: StandIn) -> None:
    server.always(answer(429, "not now", headers={"Retry-After": value}))
    failed = failure(agent)
    assert (failed.kind, failed.retryable) == ("KStackClusterError", True)
    assert "429" in failed.message
    # No other attempt before the server wants one.
    assert len(server.requests) == 1


@pytest.mark.parametrize("value", ["", "soon", "-1", "Wed, 21 Oct 2015 07:28:00 GMT", "1e3", "0x10", "0"])
def test_an_invalid_retry_after(value: str, agent: Agent, server: StandIn) -> None:
    server.next(answer(429, "not now", headers={"Retry-After": value}))
    assert agent.credentials() == SECRET


# ------------------------------------------------------------------------------------------ what is safe to show


def test_the_reason_of_the_server_is_shown(agent: Agent, server: StandIn) -> None:
    server.next(answer(422, status_body(422, "Forbidden", "body-canary")))
    assert "Forbidden" in failure(agent).message


def test_the_reason_of_something_else_is_not_shown(agent: Agent, server: StandIn) -> None:
    for body in ({"reason": "Canary"}, {"kind": "Secret", "reason": "Canary"}):
        server.next(answer(422, body))
        assert "Canary" not in failure(agent).message


@pytest.mark.parametrize(
    "reason", ["a canary", "x" * 5000, "line\nbreak", "\x1b[31mred", "canary/../x", "päß", "<script>"], ids=repr
)
def test_a_reason_that_is_not_a_word_is_not_shown(reason: str, agent: Agent, server: StandIn) -> None:
    server.next(answer(422, status_body(422, reason, "body-canary")))
    message = failure(agent).message
    assert reason not in message
    assert message.isprintable()
    assert len(message) < 2000


def test_a_422_that_echoes_the_object(agent: Agent, server: StandIn, pod: Pod) -> None:
    server.next(server.play("configmap_patch_422_non_string_value"))
    failed = failure(agent)
    assert "last-applied" not in failed.message
    assert "uid" not in failed.message


def test_nothing_of_a_body_is_logged(agent: Agent, server: StandIn) -> None:
    # The checks of the pod search all of this for canaries.
    for status in (200, 400, 403, 404, 422):
        server.next(answer(status, status_body(status, "Canary" if status == 400 else None, "body-canary")))
        failure(agent)
    assert agent.credentials() == SECRET
    assert agent.log is not None
