"""The command in a pod: look-ups work, and everything for a developer's machine is refused."""

from __future__ import annotations

import base64
import json

import pytest

from apiserver import StandIn
from conftest import SECRET
from pods import REPOSITORY, Pod

PROGRAM = REPOSITORY / "build" / "bin" / "kstack"

#: A call of each command that is refused in a pod.
LOCAL = (
    "init",
    "status",
    "cat layer3/app.yaml",
    "edit layer3/app.yaml",
    "set layer3/app.yaml token",
    "unset layer3/app.yaml token",
    "import --layer layer3",
    "encrypt",
    "decrypt",
    "ls",
    "recipients",
    "rekey",
    "keygen",
    "manifests --force",
)


def test_look_ups_answer(pod: Pod, server: StandIn) -> None:
    server.objects.put_secret("layer3-secrets", {"TOKEN": b"x"})
    said = pod.run(PROGRAM, "get", "s3", "--layer", "layer3", "access-key")
    assert said.stdout.encode() == SECRET["access-key"]
    found = json.loads(pod.run(PROGRAM, "secrets", "--layer", "3").stdout)
    assert found == {"TOKEN": "x"}
    said = pod.run(PROGRAM, "exec", "--layer", "3", "--", "sh", "-c", "echo $TOKEN; exit 5")
    assert (said.returncode, said.stdout) == (5, "x\n")
    assert pod.run(PROGRAM, "context").stdout == "cluster\n"
    # The requested value is printed; the fixture checks that nothing else is.
    pod.written.clear()


def test_the_route_is_set_and_read(pod: Pod, server: StandIn) -> None:
    server.objects.put_config_map("kstack-route", {})
    assert pod.run(PROGRAM, "route", "get", "--layer", "layer3").stdout == "development\n"
    assert pod.run(PROGRAM, "route", "set", "staging", "--layer", "layer3").returncode == 0
    assert pod.run(PROGRAM, "route", "get", "--layer", "layer3").stdout == "staging\n"


def test_failures_have_their_exit_codes(pod: Pod, server: StandIn) -> None:
    assert pod.run(PROGRAM, "get", "database", "--layer", "layer3").returncode == 13
    assert pod.run(PROGRAM, "get", "s3", "--layer", "layer3", "--environment", "dev").returncode == 12
    assert pod.run(PROGRAM, "get", "queue", "--layer", "layer3").returncode == 17
    assert base64.b64encode(SECRET["secret-key"]) not in "".join(pod.written).encode()


@pytest.mark.parametrize("command", LOCAL)
def test_the_vault_is_refused(pod: Pod, command: str) -> None:
    said = pod.run(PROGRAM, *command.split())
    assert said.returncode == 11, said
    assert said.stdout == ""
    assert "pod" in said.stderr
    assert not list(pod.root.glob("**/.kstack.yaml"))
