"""Connections to the server: reuse, retries, certificates and deadlines."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable

import pytest

from apiserver import Authority, End, Recordings, Reply, StandIn, answer, trickling
from conftest import SECRET
from pods import Agent, CallError, Pod

NAME = "layer3-s3-credentials"


def failure(agent: Agent, kind: str = "KStackClusterError") -> CallError:
    """Look credentials up, and return the failure, which is of the kind and names the object."""
    with pytest.raises(CallError) as failed:
        agent.credentials()
    assert failed.value.kind == kind
    for part in ("get", "Secret", NAME, "layer-3-production"):
        assert part in failed.value.message, failed.value.message
    return failed.value


# ----------------------------------------------------------------------------------------------------------- kept alive


def test_one_connection_serves_many_calls(agent: Agent, server: StandIn) -> None:
    agent.call("many", service="s3", layer="layer3", times=50)
    assert len(server.requests) == 50
    assert server.accepted == 1


@pytest.mark.parametrize("end", [End.CLOSE, End.RESET])
def test_a_connection_that_was_dropped_meanwhile(end: End, agent: Agent, server: StandIn) -> None:
    for _ in range(3):
        assert agent.credentials() == SECRET
        server.drop_connections(end)
    assert agent.credentials() == SECRET
    assert len({request.connection for request in server.requests}) == 4


def test_a_connection_is_not_kept_beyond_its_container(agent: Agent, server: StandIn) -> None:
    before = agent.call("process")["open"]
    assert agent.credentials() == SECRET
    agent.call("new", timeout_ms=0)
    assert agent.call("process")["open"] == before
    assert agent.credentials() == SECRET
    assert {request.connection for request in server.requests} == {1, 2}


def test_eight_threads(agent: Agent, server: StandIn) -> None:
    values = {f"service-{number}": {"key": f"value canary {number}".encode()} for number in range(8)}
    for service, secret in values.items():
        server.objects.put_secret(f"layer3-{service}-credentials", secret)
        server.objects.subjects[agent.pod.token].allowed.add(("get", "secrets", "*", f"layer3-{service}-credentials"))
    found = agent.call("threads", services=list(values), layer="layer3", times=25)
    for service in values:
        given = found[service]
        assert len(given) == 25
        assert {str(one["values"]) for one in given} == {str(given[0]["values"])}
        assert f"layer3-{service}-credentials" in given[0]["source"]
    assert {service: set(found[service][0]["values"]) for service in values} == {service: {"key"} for service in values}
    # Connections are shared: no more of them than threads.
    assert len(server.requests) == 200
    assert server.accepted <= 8


# ------------------------------------------------------------------------------------------------------- tried again


BROKEN = {
    "reset before TLS": Reply(end=End.RESET, is_at_accept=True),
    "closed before TLS": Reply(end=End.CLOSE, is_at_accept=True),
    "reset before the answer": Reply(end=End.RESET),
    "closed before the answer": Reply(end=End.CLOSE),
}
CUT = {
    "reset in the headers": Reply(answer(200, {"kind": "Secret"}).data[:30], End.RESET),
    "reset in the body": answer(200, b'{"kind": "Secret", "data"', length=500, end=End.RESET),
    "closed in the headers": Reply(answer(200, {"kind": "Secret"}).data[:30], End.CLOSE),
    "closed in the body": answer(200, b'{"kind": "Secret", "data"', length=500, end=End.CLOSE),
    "closed in a chunk": Reply(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n500\r\n{", End.CLOSE),
    "an invalid chunk": Reply(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{", End.CLOSE),
    "no HTTP": Reply(b"SSH-2.0-canary\r\n\r\n", End.CLOSE),
    "a length that is too short": answer(200, b'{"kind": "Secret", "data": {"a": "YWJj"}}', length=20, end=End.CLOSE),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_reset_connection_is_retried(name: str, agent: Agent, server: StandIn) -> None:
    server.next(BROKEN[name], BROKEN[name])
    assert agent.credentials() == SECRET
    assert server.accepted >= 3


@pytest.mark.parametrize("name", CUT)
def test_half_an_answer_is_never_returned(name: str, hurried: Agent, server: StandIn) -> None:
    server.always(CUT[name])
    failure(hurried)
    server.always(None)
    assert hurried.credentials() == SECRET


def test_a_refused_connection_is_retried_until_the_deadline(hurried: Agent, server: StandIn) -> None:
    server.refuse()
    failed = failure(hurried)
    assert failed.retryable
    assert f"127.0.0.1:{server.port}" in failed.message
    server.accept()
    assert hurried.credentials() == SECRET


def test_an_ipv6_address_is_in_brackets(hurried: Agent, server: StandIn) -> None:
    # Nobody listens there, or there is no IPv6: the message names the server.
    server.refuse()
    hurried.call("set_variable", name="KUBERNETES_SERVICE_HOST", value="::1")
    assert f"[::1]:{server.port}" in failure(hurried).message


def test_a_server_that_comes_back_within_the_deadline(agent: Agent, server: StandIn) -> None:
    # Only the second and later connections get an answer.
    server.next(*[Reply(end=End.RESET, is_at_accept=True)] * 3)
    assert agent.credentials() == SECRET
    assert server.accepted == 4


# ----------------------------------------------------------------------------------------------------------- deadline


STUCK = {
    "at accept": Reply(end=End.HANG, is_at_accept=True),
    "before the answer": Reply(end=End.HANG),
    "in the headers": Reply(answer(200, {"kind": "Secret"}).data[:30], End.HANG),
    "in the body": answer(200, b'{"kind": "Secret", "data"', length=500, end=End.HANG),
    "a byte at a time": trickling(answer(200, b" " * 100_000), pause=0.05, piece=1),
}


@pytest.mark.parametrize("name", STUCK)
def test_a_server_that_is_stuck(name: str, hurried: Agent, server: StandIn) -> None:
    # Tests that the call ends at all: the server waits for two minutes.
    server.next(STUCK[name])
    failed = failure(hurried, "KStackTimeoutError")
    assert failed.retryable
    # Two different causes: no connection, or a server that hangs.
    assert ("there was no connection" if name == "at accept" else "did not answer within") in failed.message
    assert re.search(r"within \d+ ms", failed.message)
    assert hurried.credentials() == SECRET


def test_an_answer_in_pieces(agent: Agent, server: StandIn) -> None:
    server.next(trickling(server.play("secret_get_200"), pause=0.002))
    assert set(agent.credentials()) == {"aws_access_key_id", "aws_secret_access_key"}


@pytest.mark.parametrize(("timeout_ms", "least", "most"), [(0, 1, 5), (3000, 1, 3), (60_000, 30, 60)])
def test_the_server_is_told_the_deadline(timeout_ms: int, least: int, most: int, pod: Pod, server: StandIn) -> None:
    agent = Agent(pod, timeout_ms=timeout_ms)
    assert agent.credentials() == SECRET
    agent.close()
    told = server.requests[0].query["timeout"][0]
    seconds = int(told[:-2]) / 1000 if told.endswith("ms") else int(told[:-1])
    assert least <= seconds <= most


# ---------------------------------------------------------------------------------------------------- whom it trusts


CERTIFICATES: dict[str, Callable[[Authority], ssl.SSLContext]] = {
    "is not signed by ca.crt": lambda authority: Authority().context(),
    "is for another name": lambda authority: authority.context("kubernetes.default.svc", "other.example", "127.0.0.2"),
    "has expired or is not valid yet": lambda authority: authority.context(has_expired=True),
    "has expired or is not valid yet; check the clock": lambda authority: authority.context(is_early=True),
    "is too weak for the TLS settings": lambda authority: authority.context(is_weak=True),
}


@pytest.mark.parametrize("words", CERTIFICATES)
def test_a_certificate_that_is_not_the_servers(words: str, agent: Agent, server: StandIn) -> None:
    server.tls = CERTIFICATES[words](server.authority)
    failed = failure(agent)
    assert not failed.retryable
    assert server.requests == []
    assert words in failed.message
    assert "restart" not in failed.message
    server.tls = server.authority.context()
    assert agent.credentials() == SECRET


def test_nobody_else_is_trusted(agent: Agent, pod: Pod, server: StandIn) -> None:
    # Variables that name certificates for other programs are ignored.
    authority = Authority()
    path = authority.write(pod.root / "other.crt")
    for variable in ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        agent.call("set_variable", name=variable, value=str(path))
    agent.call("set_variable", name="SSL_CERT_DIR", value=str(pod.root))
    assert agent.credentials() == SECRET
    server.tls = authority.context()
    server.drop_connections()
    failure(agent)
    assert len(server.requests) == 1


#: A machine whose OpenSSL accepts every version and cipher.
LENIENT = """\
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = lenient
[lenient]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
"""


def test_tls_settings_that_no_server_meets(pod: Pod, server: StandIn) -> None:
    strict = LENIENT.replace("SECLEVEL=0", "SECLEVEL=4").replace("TLSv1\n", "TLSv1.2\n")
    (pod.root / "openssl.cnf").write_text(strict)
    pod.variables["OPENSSL_CONF"] = str(pod.root / "openssl.cnf")
    agent = Agent(pod)
    failed = failure(agent)
    assert not failed.retryable
    assert "OPENSSL_CONF" in failed.message
    assert "does not speak TLS" not in failed.message
    agent.close()


def test_tls_1_1_is_refused(pod: Pod, server: StandIn) -> None:
    (pod.root / "openssl.cnf").write_text(LENIENT)
    pod.variables["OPENSSL_CONF"] = str(pod.root / "openssl.cnf")
    agent = Agent(pod)
    server.tls = server.authority.old_context()
    assert not failure(agent).retryable
    assert server.requests == []
    server.tls = server.authority.context()
    assert agent.credentials() == SECRET
    agent.close()


def test_a_server_without_tls(hurried: Agent, server: StandIn) -> None:
    server.tls = None
    failure(hurried)
    # The server received no readable request, and no token.
    assert server.requests == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(
    status: int, agent: Agent, server: StandIn, recordings: Recordings, authority: Authority
) -> None:
    with StandIn(recordings, authority) as other:
        location = f"https://127.0.0.1:{other.port}/api/v1/namespaces/layer-3-production/secrets/{NAME}"
        server.always(answer(status, "canary", headers={"Location": location}))
        failed = failure(agent)
        assert not failed.retryable
        assert str(status) in failed.message
        assert location not in failed.message
        assert (len(server.requests), other.accepted) == (1, 0)


def test_cookies_are_not_kept(agent: Agent, server: StandIn) -> None:
    # A check after each test asserts that none is sent.
    server.next(answer(422, "canary", headers={"Set-Cookie": "session=canary"}))
    assert "422" in failure(agent).message
    assert agent.credentials() == SECRET


def test_proxies_are_not_asked(pod: Pod, server: StandIn) -> None:
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0)
        proxy = f"http://user:canary@127.0.0.1:{trap.getsockname()[1]}"
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            pod.variables[name] = proxy
            pod.variables[name.upper()] = proxy
        agent = Agent(pod)
        assert agent.credentials() == SECRET
        agent.close()
        with pytest.raises(BlockingIOError):
            trap.accept()


def test_netrc_is_not_read(pod: Pod, server: StandIn) -> None:
    for name in (".netrc", "_netrc", ".curlrc"):
        (pod.root / name).write_text("machine 127.0.0.1 login canary password canary\n")
        (pod.root / name).chmod(0o600)
    pod.variables["NETRC"] = str(pod.root / ".netrc")
    agent = Agent(pod)
    assert agent.credentials() == SECRET
    agent.close()
    assert server.requests[0].headers["authorization"] == f"Bearer {pod.token}"


def test_the_name_of_the_service_is_in_the_certificate(pod: Pod, server: StandIn) -> None:
    # A pod has an address; localhost is the only name that resolves in the test.
    server.tls = server.authority.context("localhost")
    pod.variables["KUBERNETES_SERVICE_HOST"] = "localhost"
    agent = Agent(pod)
    assert agent.credentials() == SECRET
    agent.close()
    assert server.requests[0].headers["host"] == f"localhost:{server.port}"


@pytest.mark.parametrize("host", [":::", "1:2", "::1::", "::1.2.3.400"])
def test_a_host_that_is_not_an_address(host: str, pod: Pod, server: StandIn) -> None:
    pod.variables["KUBERNETES_SERVICE_HOST"] = host
    agent = Agent(pod)
    with pytest.raises(CallError) as failed:
        agent.credentials()
    agent.close()
    assert failed.value.kind == "KStackConfigurationError"
    assert "KUBERNETES_SERVICE_HOST" in failed.value.message
    assert server.accepted == 0
