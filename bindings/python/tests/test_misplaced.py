"""A secret in the wrong place, in each argument and in each variable, is not shown by the error."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import pytest

from conftest import REPOSITORY, Project
from kstack_lib.any import KStackContainer, KStackError
from kstack_lib.local.security import KStackVault

#: An identity, a token, a generated password, and a whole file as a shell passes it. None is real.
SECRETS = {
    "identity": "AGE-SECRET-KEY-1CANARYCANARYCANARYCANARYCANARYCANARYCANARYCANARYCANARYCANARY",
    "token": "ghp_canaryCANARY0123456789canaryCANARY0123",
    "jwt": "eyJhbGciOiJSUzI1NiIsImtpZCI6ImNhbmFyeSJ9.eyJjYW5hcnkiOjF9.c2lnbmF0dXJlQ2FuYXJ5",
    "password": "xK9$canary!mQ2#vL8@pW5&",
    "file": "# created: now\n# public key: age1canary\nAGE-SECRET-KEY-1CANARY",
}

CALLS: dict[str, Callable[[KStackContainer, KStackVault, str], Any]] = {
    "service": lambda container, vault, text: container.get_credentials(text, "layer3"),
    "layer": lambda container, vault, text: container.get_credentials("s3", text),
    "environment": lambda container, vault, text: container.get_credentials("s3", "layer3", text),
    "layer of secrets": lambda container, vault, text: container.load_secrets(text),
    "environment of secrets": lambda container, vault, text: container.load_secrets("layer3", text),
    "service to resolve": lambda container, vault, text: container.resolve_service(text, "layer3"),
    "layer to resolve": lambda container, vault, text: container.resolve_service("s3", text),
    "provider": lambda container, vault, text: container.resolve_service("s3", "layer3", provider=text),
    "layer of a route": lambda container, vault, text: container.get_active_route(text),
    "service for AWS": lambda container, vault, text: container.aws_credential_process(text, "layer3"),
    "environment of services": lambda container, vault, text: container.list_services("layer3", text),
    "environment of a vault": lambda container, vault, text: container.vault(text),
    "name of a value": lambda container, vault, text: container.get_credentials("s3", "layer3")[text],
    "file to read": lambda container, vault, text: vault.read("layer3", text),
    "layer to read": lambda container, vault, text: vault.read(text, "app.yaml"),
    "file to write": lambda container, vault, text: vault.write(text, "app.yaml", b"a: 1"),
    "team": lambda container, vault, text: vault.write("layer3", "app.yaml", b"a: 1", team=text),
    "files": lambda container, vault, text: vault.encrypt(files=[text]),
    "path": lambda container, vault, text: vault.get_file("layer3", text),
    "team of rekey": lambda container, vault, text: vault.rekey(team=text),
    "config map": lambda container, vault, text: container.get_configmap("layer3", text, "key"),
    "route": lambda container, vault, text: container.set_active_route("layer3", text),
    "project root": lambda container, vault, text: KStackContainer(project_root=text),
    "identity file": lambda container, vault, text: KStackContainer(identity_file=text).get_credentials("s3", "layer3"),
    "passphrase": lambda container, vault, text: KStackContainer(
        identity_file=str(Path.home() / "locked.txt"), passphrase=text
    ).get_credentials("s3", "layer3"),
}

VARIABLES = (
    "KSTACK_AGE_KEY",
    "KSTACK_AGE_KEY_FILE",
    "SOPS_AGE_KEY",
    "SOPS_AGE_KEY_FILE",
    "KSTACK_AGE_PASSPHRASE",
    "KSTACK_ROUTE",
    "KSTACK_ENVIRONMENT",
    "XDG_CONFIG_HOME",
    "HOME",
    "KSTACK_LIBRARY",
)

PROGRAM = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
from kstack_lib.any import KStackContainer
container = KStackContainer(project_root=sys.argv[1])
for call in (
    lambda: container.get_credentials("s3", "layer3"),
    lambda: container.get_active_route("layer3"),
    lambda: container.vault().encrypt(),
    lambda: container.environment,
):
    try:
        call()
    except Exception as error:
        print(type(error).__name__, error)
"""


def check(text: str) -> None:
    """Assert that a string has nothing of what was planted."""
    shown = text.lower()
    assert "canary" not in shown.replace("test_misplaced", ""), text
    assert "xk9$" not in shown, text


@pytest.fixture
def locked(project: Project) -> Project:
    """A project, and an identity that is encrypted with another passphrase."""
    project.recipients()
    locking = REPOSITORY / "Tests" / "support" / "age-with-passphrase"
    assert locking.exists()
    (project.home / "locked.txt").write_bytes(project.identity_file.read_bytes())
    return project


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("argument", CALLS)
def test_an_argument_is_not_shown(locked: Project, argument: str, kind: str) -> None:
    lines: list[str] = []
    with (
        KStackContainer(log=lambda level, line: lines.append(line)) as container,
        KStackVault(container=container) as vault,
    ):
        try:
            CALLS[argument](container, vault, SECRETS[kind])
        except (KStackError, KeyError, ValueError) as error:
            check(f"{error} {error!r} {getattr(error, 'filename', '')}")
        for line in lines:
            check(line)


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_is_not_shown(locked: Project, variable: str, kind: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "bindings/python/src"), variable: SECRETS[kind]}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(locked.root)], env=environment, capture_output=True, text=True, check=False
    )
    check(done.stdout + done.stderr)
