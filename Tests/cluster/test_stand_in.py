"""Clients that know nothing about kstack work with the stand-in, and it fails on request."""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Callable

import kubernetes
import pytest

from apiserver import Authority, End, Recordings, Reply, StandIn, Subject, answer
from conftest import SECRET
from pods import TOKEN

pytestmark = pytest.mark.other_client

NAME = "layer3-s3-credentials"
PATH = f"/api/v1/namespaces/layer-3-production/secrets/{NAME}"


@pytest.fixture
def ca(server: StandIn, tmp_path: Path) -> Path:
    """The certificate of the server's authority, in a file."""
    return server.authority.write(tmp_path / "ca.crt")


def kubectl(server: StandIn, ca: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run kubectl, with nothing of the user's own configuration."""
    return subprocess.run(
        [
            "kubectl",
            f"--server=https://127.0.0.1:{server.port}",
            f"--certificate-authority={ca}",
            f"--token={TOKEN}",
            f"--cache-dir={ca.parent / 'cache'}",
            "--request-timeout=20s",
            *arguments,
        ],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(ca.parent), "KUBECONFIG": "/dev/null"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_kubectl_reads_a_secret(server: StandIn, ca: Path) -> None:
    done = kubectl(server, ca, "get", "secret", NAME, "-n", "layer-3-production", "-o", "json")
    assert (done.returncode, done.stderr) == (0, "")
    data = json.loads(done.stdout)["data"]
    assert {name: base64.b64decode(value) for name, value in data.items()} == SECRET


def test_kubectl_understands_its_errors(server: StandIn, ca: Path) -> None:
    denied = kubectl(server, ca, "get", "secret", "nobodys", "-n", "layer-3-production")
    assert denied.returncode == 1
    assert (
        'Error from server (Forbidden): secrets "nobodys" is forbidden: User "system:serviceaccount:' in denied.stderr
    )
    server.objects.remove("secrets", NAME)
    gone = kubectl(server, ca, "get", "secret", NAME, "-n", "layer-3-production")
    assert gone.stderr == f'Error from server (NotFound): secrets "{NAME}" not found\n'


def test_the_kubernetes_client_reads_a_secret_and_writes_a_config_map(server: StandIn, ca: Path) -> None:
    configuration = kubernetes.client.Configuration()
    configuration.host = f"https://127.0.0.1:{server.port}"
    configuration.ssl_ca_cert = str(ca)
    configuration.api_key = {"authorization": f"Bearer {TOKEN}"}
    with kubernetes.client.ApiClient(configuration) as client:
        core = kubernetes.client.CoreV1Api(client)
        secret = core.read_namespaced_secret(NAME, "layer-3-production")
        assert secret.data is not None
        assert {name: base64.b64decode(value) for name, value in secret.data.items()} == SECRET
        with pytest.raises(kubernetes.client.ApiException) as failed:
            core.read_namespaced_secret("nobodys", "layer-3-production")
        assert failed.value.status == 403
        core.patch_namespaced_config_map(
            "kstack-route",
            "layer-3-production",
            {"data": {"active-route": "staging"}},
            _content_type="application/merge-patch+json",
        )
        written = core.read_namespaced_config_map("kstack-route", "layer-3-production").data
        assert written is not None and written["active-route"] == "staging"


# ------------------------------------------------------------------------------------------- failures on request


Connect = Callable[[], http.client.HTTPSConnection]


@pytest.fixture
def connect(server: StandIn) -> Iterator[Connect]:
    """A function that connects, trusting the server's authority."""
    context = ssl.create_default_context(cadata=server.authority.certificate.decode())
    made: list[http.client.HTTPSConnection] = []

    def connect() -> http.client.HTTPSConnection:
        made.append(http.client.HTTPSConnection("127.0.0.1", server.port, context=context, timeout=30))
        return made[-1]

    yield connect
    for connection in made:
        connection.close()


def get(connection: http.client.HTTPConnection, path: str = PATH, token: str | None = TOKEN) -> tuple[int, bytes]:
    """Ask for something."""
    connection.request("GET", path, headers={} if token is None else {"Authorization": f"Bearer {token}"})
    response = connection.getresponse()
    return response.status, response.read()


def test_recorded_answers_are_replayed_exactly(server: StandIn, connect: Connect, recordings: Recordings) -> None:
    connection = connect()
    server.objects.subjects[TOKEN] = Subject(allowed={("*", "*", "*", "*")})
    for path, name in {
        "/version": "version_200",
        "/api/v1/namespaces/layer-3-production/secrets/no-such-secret": "secret_get_404_any_secret_sa",
        "/api/v1/namespaces/layer-3-production/configmaps/no-such-map": "configmap_get_404",
        "/api/v1/namespaces/layer-3-production/configmaps/kstack-route": "configmap_get_200",
        "/api/v1/namespaces/layer-3-production/secrets": "secret_list_403",
    }.items():
        assert get(connection, path)[1] == recordings[name].body, name
    server.objects.subjects[TOKEN] = Subject()
    for kind, name, recorded in (
        ("secrets", "no-such-secret", "secret_get_403_absent_name"),
        ("secrets", "other-secret", "secret_get_403_other_name"),
        ("configmaps", "kube-root-ca.crt", "configmap_get_403_other_name"),
    ):
        path = f"/api/v1/namespaces/layer-3-production/{kind}/{name}"
        assert get(connection, path) == (403, recordings[recorded].body)
    server.objects.subjects[TOKEN] = Subject("system:serviceaccount:layer-3-production:nobody")
    assert get(connection) == (403, recordings["secret_get_403_sa_without_role"].body)
    assert get(connection, token=None) == (401, recordings["auth_401_no_token"].body)
    assert get(connection, token="other") == (401, recordings["auth_401_garbage_token"].body)
    # All on one connection.
    assert {request.connection for request in server.requests} == {1}


#: The names of all recordings.
NAMES = sorted(path.stem for path in Path(os.environ.get("KSTACK_APISERVER_RECORDINGS", "/nonexistent")).glob("*.txt"))


@pytest.mark.parametrize("recording", NAMES)
def test_every_recording_can_be_replayed(
    recording: str, server: StandIn, connect: Connect, recordings: Recordings
) -> None:
    if recording == "tls_plain_http_to_tls_port":
        plain = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        server.tls = None
        server.next(server.play(recording))
        assert get(plain)[1] == recordings[recording].body
        plain.close()
        return
    server.next(server.play(recording))
    status, body = get(connect())
    assert (str(status).encode(), body) == (recordings[recording].head.split()[1], recordings[recording].body)


def test_resets_cuts_and_refusals(server: StandIn, connect: Connect) -> None:
    whole = answer(200, {"kind": "Secret"})
    for reply, failure in (
        (Reply(end=End.RESET, is_at_accept=True), ConnectionResetError),
        (Reply(end=End.RESET), ConnectionResetError),
        (Reply(whole.data[:10], End.RESET), (OSError, http.client.HTTPException)),
        (Reply(whole.data[:-3], End.RESET), (OSError, http.client.HTTPException)),
        (Reply(whole.data[:-3], End.CLOSE), http.client.IncompleteRead),
        (answer(200, b"short", length=100, end=End.CLOSE), http.client.IncompleteRead),
        (Reply(end=End.CLOSE), http.client.RemoteDisconnected),
    ):
        server.next(reply)
        with pytest.raises(failure):
            get(connect())
    server.refuse()
    with pytest.raises(ConnectionRefusedError):
        get(connect())
    server.accept()
    assert get(connect())[0] == 200


def test_connections_that_are_kept_are_dropped(server: StandIn, connect: Connect) -> None:
    connection = connect()
    for end in (End.CLOSE, End.RESET):
        assert get(connection)[0] == 200
        server.drop_connections(end)
        # The failure depends on whether the write or the read notices.
        with pytest.raises(OSError):
            get(connection)
        connection.close()


def test_trickling_arrives_whole(server: StandIn, connect: Connect) -> None:
    server.next(answer(200, b"x" * 500, pause=0.001))
    assert get(connect()) == (200, b"x" * 500)


def test_certificates(server: StandIn, connect: Connect) -> None:
    for context, part in (
        (Authority().context(), "unable to get local issuer|self.signed"),
        (server.authority.context("other.example"), "IP address mismatch"),
        (server.authority.context(has_expired=True), "expired"),
    ):
        server.tls = context
        with pytest.raises(ssl.SSLCertVerificationError, match=part):
            get(connect())


def test_old_tls(server: StandIn, connect: Connect) -> None:
    server.tls = server.authority.old_context()
    with pytest.raises(ssl.SSLError):
        get(connect())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=server.authority.certificate.decode())
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    plain = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    with context.wrap_socket(plain, server_hostname="127.0.0.1") as secured:
        assert secured.version() == "TLSv1.1"
