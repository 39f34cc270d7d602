"""What the server answers that is no Secret: each its status, a message for the person on call, and no more."""

from __future__ import annotations

import json

import pytest

from apiserver import End, Reply, StandIn, Subject, answer, status_body
from conftest import SECRET
from pods import Agent, CallError, Pod

NAME = "layer3-s3-credentials"
NAMESPACE = "layer-3-production"


def failure(agent: Agent) -> CallError:
    """Look credentials up, and give how that failed."""
    with pytest.raises(CallError) as failed:
        agent.credentials()
    return failed.value


def check_names(message: str) -> None:
    """The message says what was asked for, so that nobody has to guess."""
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


#: 404s that tell nothing of the object: what a proxy answers, and the API server for what it does not serve.
OTHER_404S: dict[str, Reply] = {
    "HTML": answer(404, b"<html><body>nginx: body-canary</body></html>", headers={"Content-Type": "text/html"}),
    "text": answer(404, "404 page not found\n"),
    "nothing": answer(404),
    "no details": answer(404, status_body(404, "NotFound")),
    "of another name": answer(404, {**status_body(404, "NotFound"), "details": {"name": "x", "kind": "secrets"}}),
    "of another kind": answer(404, {**status_body(404, "NotFound"), "details": {"name": NAME, "kind": "pods"}}),
    "another reason": answer(404, {**status_body(404, "Gone"), "details": {"name": NAME, "kind": "secrets"}}),
}
RECORDED_404S = ("path_wrong_404_api_v2", "path_wrong_404_nonresource_admin", "path_double_slash")


@pytest.mark.parametrize("name", [*OTHER_404S, *RECORDED_404S])
def test_a_404_of_something_else_is_a_wrong_answer(name: str, agent: Agent, server: StandIn) -> None:
    server.always(OTHER_404S[name] if name in OTHER_404S else server.play(name))
    failed = failure(agent)
    assert (failed.kind, failed.retryable) == ("KStackClusterError", False)
    check_names(failed.message)
    assert "404" in failed.message
    assert "not the API server" in failed.message
    assert len(server.requests) == 1
    for function, arguments in {
        "active_route": {},
        "set_route": {"route": "staging"},
        "config_map": {"name": "kstack-route", "key": "route"},
    }.items():
        with pytest.raises(CallError) as other:
            agent.call(function, layer="layer3", **arguments)
        assert (other.value.kind, other.value.retryable) == ("KStackClusterError", False)
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    "metadata",
    [{}, {"name": "other", "namespace": NAMESPACE}, {"name": NAME, "namespace": "layer-3-dev"}, {"name": NAME}],
    ids=str,
)
def test_an_answer_of_another_name(metadata: dict[str, str], agent: Agent, server: StandIn) -> None:
    server.next(answer(200, {"kind": "Secret", "apiVersion": "v1", "metadata": metadata, "data": {"a": "YWJj"}}))
    failed = failure(agent)
    assert (failed.kind, failed.retryable) == ("KStackClusterError", False)
    assert "another name or namespace" in failed.message


def test_a_secret_that_is_gone_is_not_found(agent: Agent, server: StandIn) -> None:
    server.objects.remove("secrets", NAME)
    failed = failure(agent)
    assert failed.kind == "KStackServiceNotFoundError"
    # It is back at the next call.
    server.objects.put_secret(NAME, SECRET)
    assert agent.credentials() == SECRET


def test_403_may_mean_that_it_does_not_exist(agent: Agent, server: StandIn) -> None:
    server.objects.subjects[agent.pod.token] = Subject()
    failed = failure(agent)
    assert (failed.kind, failed.retryable) == ("KStackClusterError", False)
    check_names(failed.message)
    assert "403" in failed.message
    assert "exist" in failed.message
    assert len(server.requests) == 1


@pytest.mark.parametrize("name", ["secret_get_403_sa_without_role", "namespace_unknown_403_secret"])
def test_other_403s(name: str, agent: Agent, server: StandIn) -> None:
    server.next(server.play(name))
    failed = failure(agent)
    assert (failed.kind, failed.retryable) == ("KStackClusterError", False)
    check_names(failed.message)


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
    # Once more with the token read again, and no more than that.
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
def test_the_next_try_succeeds(status: int, agent: Agent, server: StandIn) -> None:
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
    # There is no point in another try before the server wants one.
    assert len(server.requests) == 1


@pytest.mark.parametrize("value", ["", "soon", "-1", "Wed, 21 Oct 2015 07:28:00 GMT", "1e3", "0x10", "0"])
def test_a_retry_after_that_says_nothing(value: str, agent: Agent, server: StandIn) -> None:
    server.next(answer(429, "not now", headers={"Retry-After": value}))
    assert agent.credentials() == SECRET


# ------------------------------------------------------------------------------------------- answers that are no Secret


WRONG_BODIES: dict[str, Reply] = {
    "no JSON": answer(200, b"body-canary {"),
    "HTML": answer(200, b"<html>body-canary</html>", headers={"Content-Type": "text/html"}),
    "nothing": answer(200, b""),
    "an array": answer(200, b'["body-canary"]'),
    "a text": answer(200, b'"body-canary"'),
    "null": answer(200, b"null"),
    "NUL": answer(200, b"\0" * 100),
    "not UTF-8": answer(200, b'{"kind": "Secret", "data": {"\xff\xfe": "YWJj"}}'),
    "cut JSON": answer(200, b'{"kind": "Secret", "data": {"a": "body-canary'),
    "two documents": answer(200, b'{"kind": "Secret"}{"kind": "Secret"}'),
    "duplicate keys": answer(200, b'{"kind": "Secret", "data": {"a": "YWJj", "a": "YWJk"}}'),
    "deep": answer(200, b"[" * 100_000),
    "deep objects": answer(200, b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "no kind": answer(200, {"data": {"a": "YWJj"}}),
    "another kind": answer(200, {"kind": "ConfigMap", "apiVersion": "v1", "data": {"a": "body-canary"}}),
    "a list": answer(200, {"kind": "SecretList", "apiVersion": "v1", "items": []}),
    "a status": answer(200, status_body(200, "Fine", "body-canary")),
    "a kind that is no text": answer(200, {"kind": 1, "data": {"a": "YWJj"}}),
    "YAML": answer(200, b"kind: Secret\ndata:\n  a: YWJj\n", headers={"Content-Type": "application/yaml"}),
}


@pytest.mark.parametrize("name", WRONG_BODIES)
def test_a_body_that_is_no_secret(name: str, agent: Agent, server: StandIn) -> None:
    server.always(WRONG_BODIES[name])
    failed = failure(agent)
    assert (failed.kind, failed.retryable) == ("KStackClusterError", False)
    check_names(failed.message)
    assert len(server.requests) == 1
    server.always(None)
    assert agent.credentials() == SECRET


@pytest.mark.parametrize(
    ("name", "words"),
    [("no JSON", "not JSON"), ("not UTF-8", "not UTF-8"), ("duplicate keys", "a key twice"), ("deep", "too deeply")],
)
def test_what_is_wrong_with_a_body_is_told(name: str, words: str, agent: Agent, server: StandIn) -> None:
    server.next(WRONG_BODIES[name])
    assert words in failure(agent).message


def test_a_yaml_answer_that_was_recorded(agent: Agent, server: StandIn) -> None:
    server.next(server.play("accept_200_yaml"))
    assert failure(agent).kind == "KStackClusterError"


LIMIT = 4 << 20


@pytest.mark.parametrize("form", ["length", "chunked", "endless"])
def test_an_answer_beyond_the_limit(form: str, agent: Agent, server: StandIn) -> None:
    huge = json.dumps({"kind": "Secret", "data": {"a": "QUJD" * (LIMIT // 4)}}).encode()
    if form == "length":
        reply = answer(200, huge)
    else:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        if form == "chunked":
            head += b"Transfer-Encoding: chunked\r\n\r\n"
            pieces = [huge[start : start + 65536] for start in range(0, len(huge), 65536)]
            reply = Reply(head + b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in pieces) + b"0\r\n\r\n")
        else:
            reply = Reply(head + b"\r\n" + huge * 3, End.CLOSE)
    server.always(reply)
    failed = failure(agent)
    assert (failed.kind, failed.retryable) == ("KStackClusterError", False)
    check_names(failed.message)
    assert "4 MiB" in failed.message
    assert len(server.requests) == 1
    server.always(None)
    assert agent.credentials() == SECRET


def test_an_answer_within_the_limit(agent: Agent, server: StandIn) -> None:
    # A Secret holds up to a mebibyte, which base64 and its annotations make more of.
    values = {f"key-{number}": bytes([number]) * 100_000 for number in range(10)}
    server.objects.put_secret(NAME, values)
    assert agent.credentials() == values


def test_endless_headers(agent: Agent, server: StandIn) -> None:
    server.always(Reply(b"HTTP/1.1 200 OK\r\n" + b"X-Padding: body-canary\r\n" * 200_000, End.CLOSE))
    failed = failure(agent)
    assert failed.kind == "KStackClusterError"


def test_an_error_with_an_endless_body(agent: Agent, server: StandIn) -> None:
    server.next(answer(403, b"body-canary" * (1 << 20)))
    failed = failure(agent)
    assert failed.kind == "KStackClusterError"
    assert len(failed.message) < 2000


# ------------------------------------------------------------------------------------------ what is safe to be shown


def test_the_reason_of_the_server_is_shown(agent: Agent, server: StandIn) -> None:
    server.next(answer(403, status_body(403, "Forbidden", "body-canary")))
    assert "Forbidden" in failure(agent).message


def test_the_reason_of_something_else_is_not_shown(agent: Agent, server: StandIn) -> None:
    for body in ({"reason": "Canary"}, {"kind": "Secret", "reason": "Canary"}):
        server.next(answer(403, body))
        assert "Canary" not in failure(agent).message


@pytest.mark.parametrize(
    "reason", ["a canary", "x" * 5000, "line\nbreak", "\x1b[31mred", "canary/../x", "päß", "<script>"], ids=repr
)
def test_a_reason_that_is_no_word_is_not_shown(reason: str, agent: Agent, server: StandIn) -> None:
    server.next(answer(403, status_body(403, reason, "body-canary")))
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
    # The checks of the pod look for canaries in all of this.
    for status in (200, 400, 403, 404, 422):
        server.next(answer(status, status_body(status, "Canary" if status == 400 else None, "body-canary")))
        failure(agent)
    assert agent.credentials() == SECRET
    assert agent.log is not None
