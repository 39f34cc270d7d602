"""Files go both ways between kstack, pyrage and the package cryptography; the age program has its own tests."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pyrage
import pytest

import age_hybrid
from conftest import Project, make_post_quantum
from helpers import CHUNK, SIZES
from kstack_lib.local.security import KStackVault


def digest(data: bytes) -> str:
    """A hash, so that a failure does not print the data."""
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize("size", [*SIZES, 100_000_000])
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

        # Without its encrypted form it is encrypted again.
        encrypted.unlink()
        project.recipients(*keys)
        vault.encrypt(["layer3/data.bin"])
    assert not plaintext.exists()
    assert encrypted.read_bytes().count(b"-> X25519 ") == count
    opened = pyrage.decrypt(encrypted.read_bytes(), [pyrage.x25519.Identity.from_str(project.identity)])
    assert digest(opened) == digest(data)


def test_post_quantum_files_both_ways(project: Project) -> None:
    rounds, sizes = 500, random.Random(13)
    made = [make_post_quantum() for _ in range(4)]
    own = made[0]
    project.identity_file.write_text(f"{project.identity}\n{own.identity}\n")
    encrypted: Path = project.folder() / "secret.data.bin"
    with KStackVault("dev") as vault:
        for number in range(rounds):
            data = sizes.randbytes(sizes.choice([0, 1, 100, CHUNK - 1, CHUNK]))
            team = [own, *sizes.sample(made[1:], number % 4)]
            sizes.shuffle(team)
            encrypted.write_bytes(age_hybrid.encrypt(data, [one.recipient for one in team]))
            assert digest(vault.read("layer3", "data.bin")) == digest(data)
            project.recipients(*(one.recipient for one in team))
            encrypted.unlink()
            vault.write("layer3", "data.bin", data)
            written = encrypted.read_bytes()
            for one in team:
                assert digest(age_hybrid.decrypt(written, one.identity)) == digest(data)
