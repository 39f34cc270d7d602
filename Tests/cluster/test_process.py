"""Effects on the process: signals, descriptors, mappings, memory, and missing libraries."""

from __future__ import annotations

import base64
import json
import os
import random
import string
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from apiserver import Authority, End, Reply, StandIn, answer, status_body
from conftest import SECRET
from pods import PATIENCE, Agent, CallError, Pod
from programs import FLAGS, HERE, compile_program


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled client."""
    return compile_program("client", tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="session")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client that searches its memory."""
    return compile_program("memory", tmp_path_factory.mktemp("memory"), HERE.parent / "support" / "memory_scan.c")


# -------------------------------------------------------------------------------------------------------------- SIGPIPE


@pytest.fixture
def asking(client: Path, pod: Pod) -> Iterator[subprocess.Popen[str]]:
    """The client, waiting for services to look up."""
    process = subprocess.Popen(
        pod.command(client, "look-up"),
        env=pod.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    output, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, output) == (0, "")
    pod.written.append(errors)


def ask(process: subprocess.Popen[str], service: str = "s3") -> str:
    """Have the client look up, and return its output."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(f"{service}\n")
    process.stdin.flush()
    return process.stdout.readline()


@pytest.mark.parametrize("end", [End.CLOSE, End.RESET])
def test_no_sigpipe_from_a_connection_that_is_gone(end: End, asking: subprocess.Popen[str], server: StandIn) -> None:
    for _ in range(20):
        assert ask(asking) == "KSTACK_OK 2\n"
        server.drop_connections(end)


@pytest.mark.parametrize("when", ["accept", "handshake", "request"])
def test_no_sigpipe_from_a_reset_in_the_middle(when: str, asking: subprocess.Popen[str], server: StandIn) -> None:
    for _ in range(20):
        server.drop_connections()
        server.next(Reply(end=End.RESET, is_at_accept=when == "accept", is_at_handshake=when == "handshake"))
        assert ask(asking) == "KSTACK_OK 2\n"


def test_no_sigpipe_when_the_container_closes_a_connection_that_is_gone(
    asking: subprocess.Popen[str], server: StandIn
) -> None:
    # Then the client ends by itself.
    assert ask(asking) == "KSTACK_OK 2\n"
    server.drop_connections(End.RESET)


# ------------------------------------------------------------------------------------------------------- nothing grows


def test_ten_thousand_look_ups_leak_nothing(client: Path, pod: Pod, server: StandIn) -> None:
    done = pod.run(client, "soak", "10000")
    assert (done.returncode, done.stderr) == (0, "")
    before, after = ([int(word) for word in line.split()] for line in done.stdout.splitlines())
    assert len(server.requests) == 10_000
    assert server.accepted == 1
    assert after[:2] == before[:2], (before, after)
    assert abs(after[2] - before[2]) <= 1024, (before, after)


def test_failed_look_ups_leak_nothing(agent: Agent, server: StandIn) -> None:
    server.objects.remove("secrets", "layer3-s3-credentials")
    for _ in range(20):
        with pytest.raises(CallError):
            agent.credentials()
    before = agent.call("process")["open"]
    for _ in range(50):
        with pytest.raises(CallError):
            agent.credentials()
        server.drop_connections()
    server.drop_connections()
    assert agent.call("process")["open"] <= before


# ------------------------------------------------------------------------------------------------------------- libcurl


def test_without_libcurl(pod: Pod, server: StandIn, tmp_path: Path) -> None:
    audit = tmp_path / "hide_curl.so"
    command = ["cc", *FLAGS, "-fPIC", "-shared", str(HERE / "hide_curl.c"), "-o", str(audit)]
    subprocess.run(command, check=True)
    pod.variables["LD_AUDIT"] = str(audit)
    agent = Agent(pod)
    assert agent.call("environment") == "production"
    with pytest.raises(CallError) as failed:
        agent.credentials()
    assert failed.value.kind in ("KStackClusterError", "KStackConfigurationError")
    assert "libcurl.so.4" in failed.value.message
    assert "install" in failed.value.message
    assert "libcurl4" in failed.value.message
    assert not failed.value.retryable
    # A mount needs none.
    pod.mount("layer3-s3-credentials").publish({"key": b"mounted"})
    assert agent.credentials() == {"key": b"mounted"}
    agent.close()
    assert server.accepted == 0


@pytest.fixture
def with_old_libcurl(pod: Pod, tmp_path: Path) -> Iterator[Agent]:
    """A program whose libcurl reads certificates only from a file."""
    found = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    pod.variables["REAL_LIBCURL"] = next(line.split()[-1] for line in found.splitlines() if "libcurl.so.4 " in line)
    old = tmp_path / "libcurl.so.4"
    subprocess.run(["cc", *FLAGS, "-fPIC", "-shared", str(HERE / "old_curl.c"), "-o", str(old)], check=True)
    pod.variables["LD_LIBRARY_PATH"] = f"{tmp_path}:{os.environ.get('LD_LIBRARY_PATH', '')}"
    agent = Agent(pod)
    assert agent.credentials() == SECRET
    assert str(old) in agent.call("process")["mapped"]
    yield agent
    agent.close()


def test_a_libcurl_before_7_77_keeps_its_connection(with_old_libcurl: Agent, server: StandIn) -> None:
    agent = with_old_libcurl
    before = agent.call("process")["open"]
    agent.call("many", service="s3", layer="layer3", times=20)
    assert agent.call("process")["open"] == before
    assert server.accepted == 1
    agent.call("new", timeout_ms=0)
    assert agent.call("process")["open"] < before


def test_a_libcurl_before_7_77_trusts_nobody_else(with_old_libcurl: Agent, server: StandIn) -> None:
    server.tls = Authority().context()
    server.drop_connections()
    with pytest.raises(CallError) as failed:
        with_old_libcurl.credentials()
    assert failed.value.kind == "KStackClusterError"
    assert "certificate" in failed.value.message


@pytest.mark.parametrize("drops", [False, True])
def test_a_libcurl_before_7_77_drops_an_authority_that_is_gone(
    drops: bool, with_old_libcurl: Agent, pod: Pod, server: StandIn
) -> None:
    # The new authority signed neither the open connection nor the TLS session.
    pod.ca = Authority().certificate
    pod.publish()
    if drops:
        server.drop_connections()
    with pytest.raises(CallError) as failed:
        with_old_libcurl.credentials()
    assert failed.value.kind == "KStackClusterError"
    assert "certificate" in failed.value.message


def test_the_keys_of_connections_are_not_logged(pod: Pod, server: StandIn) -> None:
    keys = pod.root / "keys"
    pod.variables["SSLKEYLOGFILE"] = str(keys)
    agent = Agent(pod)
    assert agent.credentials() == SECRET
    agent.close()
    assert not keys.exists() or keys.read_text() == ""


# --------------------------------------------------------------------------------------------------------------- memory


def random_text(size: int) -> bytes:
    """Return a random string that is nowhere else."""
    return "".join(random.SystemRandom().choices(string.ascii_letters + string.digits, k=size)).encode()


def write_needles(path: Path, needles: list[bytes]) -> Path:
    """Write secrets for the program that searches for them."""
    mask = random.SystemRandom().randrange(0x80, 0x100)
    hidden = [bytes(byte ^ mask for byte in needle) for needle in needles]
    path.write_bytes(bytes([mask]) + b"".join(len(one).to_bytes(2, "little") + one for one in hidden))
    return path


@pytest.mark.parametrize(
    "case",
    ["answers", "not found", "forbidden", "not JSON", "cut", "another kind", "too large", "bad base64", "refused"],
)
def test_nothing_is_left_in_memory(case: str, memory: Path, pod: Pod, server: StandIn) -> None:
    values = {"short": random_text(40), "middle": random_text(300), "long": random_text(2000)}
    encoded = [base64.b64encode(value) for value in values.values()]
    # Three parts like a token's, and no word that libraries also have.
    token = b".".join(random_text(size) for size in (80, 700, 340))
    note = random_text(100)
    subject = server.objects.subjects.pop(pod.token)
    server.objects.subjects[token.decode()] = subject
    pod.token = token.decode()
    pod.publish()
    body = {
        "kind": "Secret",
        "apiVersion": "v1",
        "metadata": {
            "name": "layer3-s3-credentials",
            "namespace": "layer-3-production",
            "resourceVersion": "1",
            # As `kubectl apply` leaves it.
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": note.decode()},
        },
        "data": dict(zip(values, (one.decode() for one in encoded))),
    }
    whole = json.dumps(body)
    good = answer(200, whole.encode())
    details = {"details": {"name": "layer3-s3-credentials", "kind": "secrets"}}
    status = json.dumps({**status_body(404, "NotFound", whole), **details})
    bad = {
        "answers": [],
        "not found": [answer(404, status)],
        "forbidden": [answer(403, status)],
        "not JSON": [answer(200, whole + "}")],
        "cut": [answer(200, whole.encode(), cut=2500, end=End.CLOSE)],
        "another kind": [answer(200, whole.replace('"Secret"', '"ConfigMap"'))],
        "too large": [answer(200, whole + " " * (5 << 20))],
        "bad base64": [answer(200, whole.replace(encoded[0].decode(), "*" + encoded[0].decode()))],
        "refused": [answer(401, status), answer(401, status)],
    }[case]
    server.always(good)
    server.next(*bad)
    needles = [token, note, *values.values(), *encoded]
    done = pod.run(memory, write_needles(pod.root / "needles", needles), "s3")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[2].split()[:2] == ["s3", "KSTACK_OK"], lines
    counts = [[int(word) for word in line.split()] for line in lines[3:]]
    assert len(counts) == len(needles)
    # The search finds what is held.
    for number in (0, 2, 3, 4):
        assert counts[number][1] > 0
    assert ([freed for _, _, freed in counts], done.stderr) == ([0] * len(needles), "")
