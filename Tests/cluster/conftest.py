"""Fixtures: the stand-in API server, a pod that uses it, and a program in the pod; and checks after every test."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from apiserver import Authority, Recordings, StandIn, Subject
from pods import IN_POD, NO_NAMESPACES, REPOSITORY, TOKEN, Agent, Pod

#: The Secret that most tests define, under the service "s3".
SECRET = {"access-key": b"AKIA-canary-2", "secret-key": b"secret-canary-3/+=\n"}

#: Never in a message nor in a line of the log: the token, the values, and parts of them.
CANARIES = (
    "canary",
    "wJalrXUtnFEMI",
    "AKIAIOSFODNN7EXAMPLE",
    *(base64.b64encode(value).decode().rstrip("=")[:-1] for value in SECRET.values()),
)

#: All that is ever requested.
NAMED = re.compile(r"/api/v1/namespaces/[a-z0-9-]+/(secrets|configmaps)/[a-z0-9.-]+")
VERSION = re.search(r'KSTACK_VERSION "(.*)"', (REPOSITORY / "Include" / "kstack.h").read_text())


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers of these tests."""
    config.addinivalue_line("markers", "other_client: other programs than ours ask the server")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip all tests without recorded answers, or where no pods can be made."""
    why = None
    if "KSTACK_APISERVER_RECORDINGS" not in os.environ:
        why = "KSTACK_APISERVER_RECORDINGS is not a folder of recorded answers"
    elif subprocess.run([IN_POD, "--", "true"], capture_output=True, check=False).returncode == NO_NAMESPACES:
        why = "the kernel allows no namespaces here"
    if why is not None:
        for item in items:
            item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session")
def recordings() -> Recordings:
    """The recorded answers."""
    return Recordings(Path(os.environ["KSTACK_APISERVER_RECORDINGS"]))


@pytest.fixture(scope="session")
def authority() -> Authority:
    """The authority of the cluster."""
    return Authority()


@pytest.fixture
def server(recordings: Recordings, authority: Authority, request: pytest.FixtureRequest) -> Iterator[StandIn]:
    """An API server with a Secret for "s3", and a token whose Role is limited to objects by name.

    After a test it checks that all requests were allowed by our Role, and that nothing unwanted was sent;
    tests of other clients are marked `other_client`.
    """
    with StandIn(recordings, authority) as server:
        server.objects.put_secret("layer3-s3-credentials", SECRET)
        allowed = {("get", kind, "*", name) for kind, name in ALLOWED}
        server.objects.subjects[TOKEN] = Subject(allowed=allowed | {("patch", "configmaps", "*", "kstack-route")})
        yield server
        if request.node.get_closest_marker("other_client") is None:
            check_requests(server)


#: The objects that the Role of most tests names.
ALLOWED = (
    ("secrets", "layer3-s3-credentials"),
    ("secrets", "layer3-database-credentials"),
    ("secrets", "layer3-secrets"),
    ("configmaps", "kstack-route"),
    ("configmaps", "kstack-environments"),
    ("configmaps", "kstack-providers"),
    ("configmaps", "settings"),
)


def check_requests(server: StandIn) -> None:
    """Assert that a Role with two verbs allows all requests, and that they have only the headers that they should."""
    assert VERSION is not None
    for request in server.requests:
        assert NAMED.fullmatch(request.path), request
        assert request.method == "GET" or (
            request.method == "PATCH" and request.path.endswith("/configmaps/kstack-route")
        ), request
        headers = request.headers
        assert headers["user-agent"] == f"kstack/{VERSION[1]}"
        assert headers["host"] in (f"127.0.0.1:{server.port}", f"localhost:{server.port}")
        assert headers["authorization"].startswith("Bearer ")
        assert not {"cookie", "proxy-authorization", "proxy-connection", "referer", "expect"} & set(headers), request
        assert re.fullmatch(r"[0-9]+(ms|s)", request.query["timeout"][0]), request
        assert set(request.query) == {"timeout"}, request
        if request.method == "GET":
            assert request.body == b""
            assert headers.get("accept") == "application/json"


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every user can read, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="kstack-cluster-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def pod(server: StandIn, place: Path) -> Iterator[Pod]:
    """A pod; after a test it checks that no program in it wrote a token or a value."""
    pod = Pod(place, server)
    yield pod
    for text in pod.written:
        for canary in CANARIES:
            assert canary not in text, text


@pytest.fixture
def agent(pod: Pod) -> Iterator[Agent]:
    """A program in the pod, with five seconds per call."""
    agent = Agent(pod)
    yield agent
    agent.close()


@pytest.fixture
def hurried(pod: Pod) -> Iterator[Agent]:
    """A program in the pod with one second per call, for calls that cannot succeed."""
    agent = Agent(pod, timeout_ms=1000)
    yield agent
    agent.close()
