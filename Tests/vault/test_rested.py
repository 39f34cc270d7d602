"""A large plaintext that has rested for a minute is read once, and no edit of it is lost either."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from vaults import Vault, no_tracing, traced

FILE = "layer3/large.bin"

#: Several batches of chunks, and a part of one.
SIZE = 40 * 65536 + 5

#: File systems whose times are believed, as `stat -f` names them.
BELIEVED = {"ext2/ext3", "xfs", "btrfs", "f2fs", "zfs"}


@pytest.fixture
def vault(empty: Vault) -> Iterator[Vault]:
    """A vault on a disk, with a large plaintext that is on it."""
    folder = Path(tempfile.mkdtemp(prefix="kstack-rested-", dir="/var/tmp"))
    vault = empty.copy_to(folder / "project")
    vault.plain(FILE).write_bytes(os.urandom(SIZE))
    os.sync()
    yield vault
    shutil.rmtree(folder)


def later(vault: Vault) -> dict[str, str]:
    """Return the environment of a run two minutes from now."""
    return {**vault.environment, "KSTACK_TEST_SECONDS_LATER": "120"}


def readings(vault: Vault, environment: dict[str, str], log: Path) -> int:
    """Encrypt, and return how many times the plaintext was read whole."""
    done = vault.run("encrypt", under=traced("openat,read", log, "-y"), environment=environment)
    assert done.statuses == ["KSTACK_OK"], done
    lines = [
        line for line in log.read_text(errors="replace").splitlines() if "/large.bin>" in line and " read(" in line
    ]
    return sum(int(line.rsplit("= ", 1)[1]) for line in lines) // SIZE


@pytest.mark.parametrize("rested", [True, False])
def test_it_is_read_once_where_its_times_are_believed(rested: bool, vault: Vault, tmp_path: Path) -> None:
    """Others, and those on other file systems, are read twice."""
    if no_tracing():
        pytest.skip("tracing is not allowed here")
    content = vault.plain(FILE).read_bytes()
    kind = subprocess.run(["stat", "-f", "-c", "%T", vault.root], capture_output=True, text=True, check=True).stdout
    once = rested and kind.strip() in BELIEVED
    environment = later(vault) if rested else vault.environment
    assert readings(vault, environment, tmp_path / "log") == (1 if once else 2)
    assert (vault.held(FILE), vault.plain(FILE).exists()) == (content, False)
    assert vault.run("decrypt", environment=environment).statuses == ["KSTACK_OK"]
    assert vault.plain(FILE).read_bytes() == content


@pytest.mark.parametrize("when", [1, 2, 20, 41])
def test_an_edit_in_place_is_noticed(when: int, vault: Vault) -> None:
    plain = vault.plain(FILE)
    # As many bytes as before, and not the first.
    edit = f"printf edit | dd of='{plain}' bs=1 seek=100000 conv=notrunc status=none"
    done = vault.run("encrypt", after=f"pread:{when}", command=edit, environment=later(vault))
    assert "changed" in done.output.splitlines()
    assert done.statuses == ["KSTACK_ERROR_CONFLICT"], done
    assert plain.read_bytes()[100000:100004] == b"edit"
    assert (vault.secret(FILE).exists(), vault.leftovers()) == (False, [])
