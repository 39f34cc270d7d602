"""Answers that the API server never gives for the object: from a proxy or another server, broken or endless."""

from __future__ import annotations

import json

import pytest

from apiserver import End, Reply, StandIn, answer, status_body
from conftest import SECRET
from pods import Agent, CallError

NAME = "layer3-s3-credentials"
NAMESPACE = "layer-3-production"


def failure(agent: Agent) -> CallError:
    """Look credentials up, and return how that failed; the message says what was asked for."""
    with pytest.raises(CallError) as failed:
        agent.credentials()
    for part in ("get", "Secret", NAME, NAMESPACE):
        assert part in failed.value.message, failed.value.message
    return failed.value


#: 404s that say nothing about the object: from a proxy, or from the API server for what it does not serve.
OTHER_404S: dict[str, Reply] = {
    "HTML": answer(404, b"<html><body>nginx: body-canary</body></html>", headers={"Content-Type": "text/html"}),
    "text": answer(404, "404 page not found\n"),
    "nothing": answer(404),
    "no details": answer(404, status_body(404, "NotFound")),
    "another name": answer(404, {**status_body(404, "NotFound"), "details": {"name": "x", "kind": "secrets"}}),
    "another kind's": answer(404, {**status_body(404, "NotFound"), "details": {"name": NAME, "kind": "pods"}}),
    "another reason": answer(404, {**status_body(404, "Gone"), "details": {"name": NAME, "kind": "secrets"}}),
}
RECORDED_404S = ("path_wrong_404_api_v2", "path_wrong_404_nonresource_admin", "path_double_slash")


@pytest.mark.parametrize("name", [*OTHER_404S, *RECORDED_404S])
def test_a_404_for_something_else_is_a_wrong_answer(name: str, agent: Agent, server: StandIn) -> None:
    server.always(OTHER_404S[name] if name in OTHER_404S else server.play(name))
    failed = failure(agent)
    assert (failed.kind, failed.retryable) == ("KStackClusterError", False)
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
def test_an_answer_with_another_name(metadata: dict[str, str], agent: Agent, server: StandIn) -> None:
    server.next(answer(200, {"kind": "Secret", "apiVersion": "v1", "metadata": metadata, "data": {"a": "YWJj"}}))
    failed = failure(agent)
    assert (failed.kind, failed.retryable) == ("KStackClusterError", False)
    assert "another name or namespace" in failed.message


WRONG_BODIES: dict[str, Reply] = {
    "no JSON": answer(200, b"body-canary {"),
    "HTML": answer(200, b"<html>body-canary</html>", headers={"Content-Type": "text/html"}),
    "nothing": answer(200, b""),
    "an array": answer(200, b'["body-canary"]'),
    "a string": answer(200, b'"body-canary"'),
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
    "a kind that is not a string": answer(200, {"kind": 1, "data": {"a": "YWJj"}}),
    "YAML": answer(200, b"kind: Secret\ndata:\n  a: YWJj\n", headers={"Content-Type": "application/yaml"}),
}


@pytest.mark.parametrize("name", WRONG_BODIES)
def test_a_body_that_is_not_a_secret(name: str, agent: Agent, server: StandIn) -> None:
    server.always(WRONG_BODIES[name])
    failed = failure(agent)
    assert (failed.kind, failed.retryable) == ("KStackClusterError", False)
    assert len(server.requests) == 1
    server.always(None)
    assert agent.credentials() == SECRET


@pytest.mark.parametrize(
    ("name", "words"),
    [("no JSON", "not JSON"), ("not UTF-8", "not UTF-8"), ("duplicate keys", "a key twice"), ("deep", "too deeply")],
)
def test_what_is_wrong_with_a_body_is_reported(name: str, words: str, agent: Agent, server: StandIn) -> None:
    server.next(WRONG_BODIES[name])
    assert words in failure(agent).message


def test_a_yaml_answer_that_was_recorded(agent: Agent, server: StandIn) -> None:
    server.next(server.play("accept_200_yaml"))
    assert failure(agent).kind == "KStackClusterError"


LIMIT = 8 << 20


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
    assert "8 MiB" in failed.message
    assert len(server.requests) == 1
    server.always(None)
    assert agent.credentials() == SECRET


def test_an_answer_within_the_limit(agent: Agent, server: StandIn) -> None:
    # A Secret holds up to 1 MiB, and base64 and annotations add to that.
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
