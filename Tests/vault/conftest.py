"""Fixtures: the client, and vaults with six files."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyrage
import pytest

from vaults import REPOSITORY, WANTED, Vault

CLIENT_SOURCE = Path(__file__).with_name("client.c")


@pytest.fixture(scope="session")
def client() -> Iterator[Path]:
    """The client, built against the library that pkg-config finds, with a copy of it that every user can read."""
    folder = Path(tempfile.mkdtemp(prefix="kstack-client-"))
    folder.chmod(0o755)
    environment = {**os.environ, "PKG_CONFIG_PATH": str(REPOSITORY / "build" / "pkgconfig")}
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "kstack"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    library = Path(next(flag[2:] for flag in flags if flag.startswith("-L")))
    shutil.copyfile(library / "libkstack.so.0", folder / "libkstack.so.0")
    target = folder / "client"
    command = ["cc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1", "-g", str(CLIENT_SOURCE), "-o", str(target)]
    subprocess.run([*command, *flags, "-Wl,-rpath,$ORIGIN", "-pthread", "-ldl"], check=True)
    yield target
    shutil.rmtree(folder)


Build = Callable[[str], Path]


@pytest.fixture(scope="session")
def build(client: Path) -> Build:
    """A function that builds another program of this folder next to the client and the library."""

    def compiled(name: str) -> Path:
        target = client.with_name(name)
        source = Path(__file__).with_name(f"{name}.c")
        command = ["cc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1", "-g", str(source), "-o", str(target)]
        flags = [f"-I{REPOSITORY / 'Include'}", str(client.with_name("libkstack.so.0")), "-Wl,-rpath,$ORIGIN"]
        subprocess.run([*command, *flags, "-pthread", "-ldl"], check=True)
        return target

    return compiled


@pytest.fixture
def base() -> Iterator[Path]:
    """A folder that every user can read, unlike pytest's own; in memory if possible, as fsync is slow."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="kstack-vault-", dir=memory if os.access(memory, os.W_OK) else None))
    folder.chmod(0o755)
    yield folder
    subprocess.run(["chmod", "-R", "u+rwX", str(folder)], check=True)
    shutil.rmtree(folder)


@pytest.fixture
def empty(base: Path, client: Path) -> Vault:
    """A vault without files, for one identity."""
    umask = os.umask(0o022)
    identity = pyrage.x25519.Identity.generate()
    vault = Vault(base / "project", str(identity), client)
    for layer in ("layer0", "layer1", "layer2", "layer3"):
        (vault.folder / layer).mkdir(parents=True)
    recipients = vault.root / "vault" / ".recipients" / "dev.txt"
    recipients.parent.mkdir()
    recipients.write_text(f"{identity.to_public()}\n")
    (vault.root / ".kstack.yaml").write_text("environment: dev\n")
    os.umask(umask)
    return vault


@pytest.fixture
def encrypted(empty: Vault) -> Vault:
    """All six files encrypted; one has an older plaintext, one an equal plaintext."""
    empty.encrypt_with_age("layer3/older.yaml", b"held: 1\n")
    empty.encrypt_with_age("layer3/same.yaml", WANTED["layer3/same.yaml"])
    assert empty.run("decrypt").statuses == ["KSTACK_OK"]
    for path, data in WANTED.items():
        if path != "layer3/same.yaml":
            empty.encrypt_with_age(path, data)
    return empty


@pytest.fixture
def decrypted(empty: Vault) -> Vault:
    """All six files as plaintext: two new, two edited, one older than its encrypted form, one equal to it."""
    empty.encrypt_with_age("layer1/large.bin", b"before")
    empty.encrypt_with_age("layer3/cloud-credentials.yaml", b"s3:\n  key: before\n")
    empty.encrypt_with_age("layer3/older.yaml", b"held: 1\n")
    empty.encrypt_with_age("layer3/same.yaml", WANTED["layer3/same.yaml"])
    assert empty.run("decrypt").statuses == ["KSTACK_OK"]
    for path in ("layer0/new.env", "layer1/large.bin", "layer3/cloud-credentials.yaml", "layer3/empty"):
        empty.plain(path).write_bytes(WANTED[path])
    empty.encrypt_with_age("layer3/older.yaml", WANTED["layer3/older.yaml"])
    return empty
