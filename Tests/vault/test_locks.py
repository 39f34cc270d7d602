"""The lock on a vault belongs to the process that took it, and whoever waits for it waits by the clock."""

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
    # What is printed by the parent ends with the child, which has the pipe: so it goes to a file.
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
def test_the_lock_is_kept_and_given_back_by_its_owner(action: str, locks: Path, vault: Vault) -> None:
    done = run(locks, vault, action)
    assert done.stderr == ""
    assert done.returncode == 0


def test_lines_of_the_log_come_with_no_lock_held_on_the_thread_of_the_call(locks: Path, vault: Vault) -> None:
    state = vault.folder / ".kstack-state"
    state.write_text("of somebody else\n")
    state.chmod(0o600)
    done = run(locks, vault, "log")
    assert done.stderr == ""
    assert done.returncode == 0
