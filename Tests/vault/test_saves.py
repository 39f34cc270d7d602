"""An editor saves by rename while the library works: no save is lost, at any moment, on a disk and in memory.

KSTACK_LONG=1 makes 20,000 saves of each kind.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Build
from vaults import Vault

COUNT = 20_000 if os.environ.get("KSTACK_LONG") else 600


@pytest.fixture(scope="module")
def saves(build: Build) -> Path:
    """The editor, next to the client and the library."""
    return build("saves")


@pytest.fixture(params=["memory", "disk"])
def folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="kstack-saves-", dir="/dev/shm" if request.param == "memory" else "/var/tmp"))
    yield made
    shutil.rmtree(made)


def save(action: str, folder: Path, empty: Vault, saves: Path, count: int) -> tuple[int, int]:
    """Save while the library works; return how many saves there were, and during how many it reported a conflict."""
    vault = empty.copy_to(folder / "project")
    vault.encrypt_with_age("layer3/a.yaml", b"a: before\n")
    done = subprocess.run(
        [saves, vault.root, action, str(count)], env=vault.environment, capture_output=True, text=True, check=False
    )
    print(done.stdout)
    found = re.fullmatch(r"(\d+) saves, (\d+) conflicts, (\d+) lost\n", done.stdout)
    assert found is not None, done
    assert int(found[3]) == 0, done
    assert vault.leftovers() == []
    return int(found[1]), int(found[2])


@pytest.mark.parametrize("action", ["encrypt", "decrypt"])
def test_no_save_is_lost(action: str, folder: Path, empty: Vault, saves: Path) -> None:
    assert save(action, folder, empty, saves, COUNT)[0] == COUNT


@pytest.mark.parametrize("action", ["encrypt", "decrypt"])
def test_no_save_before_a_system_call_is_lost(action: str, folder: Path, empty: Vault, saves: Path) -> None:
    count, conflicts = save(action, folder, empty, saves, 0)
    # Those before the file is replaced meet the run, those at its start and end do not.
    assert count > 40
    assert 10 < conflicts < count
