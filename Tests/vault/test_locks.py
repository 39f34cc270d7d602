"""The lock on a vault belongs to the process that took it, and the wait for it goes by the clock."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from conftest import Build
from vaults import Vault


@pytest.fixture(scope="module")
def locks(build: Build) -> Path:
    return build("locks")


@pytest.fixture
def vault(empty: Vault) -> Vault:
    empty.encrypt_with_age("layer3/a.yaml", b"a: 1\n")
    return empty


def run(locks: Path, vault: Vault, action: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [locks, vault.root, action], env=vault.environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_child_does_not_keep_the_lock_of_a_parent_that_is_dead(locks: Path, vault: Vault) -> None:
    # The child also holds the parent's output, so a pipe would end with the child: a file does not.
    output = vault.root / "output"
    with output.open("w") as file:
        done = subprocess.run(
            [locks, vault.root, "fork-and-die"], env=vault.environment, stdout=file, timeout=60, check=False
        )
    assert done.returncode == -signal.SIGKILL
    child = int(output.read_text())
    try:
        again = subprocess.run(
            [locks, vault.root, "decrypt"], env=vault.environment, timeout=10, capture_output=True, check=False
        )
        assert (again.returncode, again.stderr) == (0, b"")
        os.kill(child, 0)
    finally:
        os.kill(child, signal.SIGKILL)


@pytest.mark.parametrize("action", ["fork-and-go-on", "cancel", "cancel-state", "timer"])
def test_the_lock_is_kept_and_released_by_its_owner(action: str, locks: Path, vault: Vault) -> None:
    done = run(locks, vault, action)
    assert done.stderr == ""
    assert done.returncode == 0


def test_lines_are_logged_without_a_lock_on_the_thread_of_the_call(locks: Path, vault: Vault) -> None:
    state = vault.folder / ".kstack-state"
    state.write_text("of somebody else\n")
    state.chmod(0o600)
    done = run(locks, vault, "log")
    assert done.stderr == ""
    assert done.returncode == 0
