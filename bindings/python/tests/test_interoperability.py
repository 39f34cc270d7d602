"""Files go both ways between us and pyrage; the age program has its own tests."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pyrage
import pytest

from conftest import Project
from kstack_lib.local.security import KStackVault

SIZES = [0, 1, 65535, 65536, 65537, 100_000_000]


def digest(data: bytes) -> str:
    """A hash, so that a failure does not print the data."""
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize("size", SIZES)
def test_both_ways(project: Project, size: int, count: int) -> None:
    data = random.Random(size).randbytes(size)
    others = [str(pyrage.x25519.Identity.generate().to_public()) for _ in range(count - 1)]
    keys = [*others, project.recipient]
    encrypted: Path = project.folder() / "secret.data.bin"
    plaintext: Path = project.folder() / "data.bin"
    with KStackVault("dev") as vault:
        encrypted.write_bytes(pyrage.encrypt(data, [pyrage.x25519.Recipient.from_str(key) for key in keys]))
        vault.decrypt(["layer3/data.bin"])
        assert digest(plaintext.read_bytes()) == digest(data)

        # Without its encrypted form it is encrypted anew.
        encrypted.unlink()
        project.recipients(*keys)
        vault.encrypt(["layer3/data.bin"])
    assert not plaintext.exists()
    assert encrypted.read_bytes().count(b"-> X25519 ") == count
    opened = pyrage.decrypt(encrypted.read_bytes(), [pyrage.x25519.Identity.from_str(project.identity)])
    assert digest(opened) == digest(data)
