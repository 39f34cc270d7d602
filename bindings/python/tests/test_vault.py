"""The vault: decrypting to disk and in memory, listing, and files of other age programs."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from pathlib import Path
from typing import Any, Callable

import pyrage
import pytest

from conftest import CREDENTIALS, Project, make_identity, make_post_quantum
from helpers import SIZES
from kstack_lib.any import (
    KStackConfigurationError,
    KStackConflictError,
    KStackContainer,
    KStackError,
    KStackInvalidArgumentError,
    KStackServiceNotFoundError,
    KStackVaultError,
    Layer,
    VaultFileResult,
    VaultResult,
)
from kstack_lib.local.security import Identity, KStackVault, generate_identity


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_open(project: Project) -> None:
    vault = KStackVault("dev")
    assert vault.path == project.root / "vault" / "dev"
    assert vault.environment == "dev"
    assert KStackVault().environment == "dev"
    assert KStackContainer().vault().environment == "dev"
    assert "dev" in repr(vault)


def test_a_missing_environment(project: Project) -> None:
    with pytest.raises(KStackConfigurationError) as caught:
        KStackVault("prod")
    assert "prod" in str(caught.value)
    assert "dev" in str(caught.value)


def test_no_vault(clean: Path) -> None:
    with pytest.raises(KStackConfigurationError):
        KStackVault("dev")


def test_is_encrypted_and_decrypt(project: Project) -> None:
    project.encrypt(b"second", name="other.txt", layer="layer0", armor=True)
    vault = KStackVault("dev")
    assert vault.is_encrypted() is True
    report = vault.decrypt()
    assert report == [
        VaultFileResult("layer0/other.txt", VaultResult.WRITTEN, ""),
        VaultFileResult("layer3/cloud-credentials.yaml", VaultResult.WRITTEN, ""),
    ]
    assert vault.is_encrypted() is False
    plaintext = project.folder() / "cloud-credentials.yaml"
    assert plaintext.read_text() == CREDENTIALS
    assert mode(plaintext) == 0o600
    assert (project.folder("layer0") / "other.txt").read_bytes() == b"second"
    assert [one.result for one in vault.decrypt()] == [VaultResult.UNCHANGED] * 2


def test_an_empty_vault_is_not_encrypted(project: Project) -> None:
    (project.folder() / "secret.cloud-credentials.yaml").unlink()
    vault = KStackVault("dev")
    assert vault.is_encrypted() is False
    assert vault.decrypt() == []


def test_decrypt_some_files(project: Project) -> None:
    project.encrypt(b"a", name="a.txt")
    project.encrypt(b"b", name="b.txt")
    vault = KStackVault("dev")
    assert [one.path for one in vault.decrypt(["layer3/a.txt"])] == ["layer3/a.txt"]
    assert not (project.folder() / "b.txt").exists()
    assert [one.path for one in vault.decrypt(iter([Path("layer3/b.txt")]))] == ["layer3/b.txt"]
    assert vault.decrypt([]) == []
    wrong: Any
    for wrong in ("layer3/a.txt", b"layer3/a.txt", Path("layer3/a.txt"), [3], [b"layer3/a.txt"]):
        with pytest.raises(TypeError):
            vault.decrypt(wrong)


def test_decrypt_a_missing_file(project: Project) -> None:
    with pytest.raises(KStackServiceNotFoundError) as caught:
        KStackVault("dev").decrypt(["layer3/nope.yaml"])
    assert "nope.yaml" in str(caught.value)


def test_an_edited_plaintext_is_a_conflict(project: Project) -> None:
    project.encrypt(b"other", name="other.txt")
    plaintext = project.plain("edited: true\n")
    vault = KStackVault("dev")
    with pytest.raises(KStackConflictError) as caught:
        vault.decrypt()
    assert caught.value.code == 11
    report = caught.value.report
    assert [(one.path, one.result) for one in report] == [
        ("layer3/cloud-credentials.yaml", VaultResult.CONFLICT),
        ("layer3/other.txt", VaultResult.WRITTEN),
    ]
    assert report[0].message
    assert plaintext.read_text() == "edited: true\n"
    assert [one.result for one in vault.decrypt(overwrite=True)] == [VaultResult.WRITTEN, VaultResult.UNCHANGED]
    assert plaintext.read_text() == CREDENTIALS


def test_a_file_for_somebody_else_does_not_stop_the_others(project: Project, tmp_path: Path) -> None:
    other = make_identity(tmp_path / "other.txt")
    project.encrypt(b"theirs", name="a-theirs.txt", recipient=other)
    with pytest.raises(KStackVaultError) as caught:
        KStackVault("dev").decrypt()
    assert [(one.path, one.result) for one in caught.value.report] == [
        ("layer3/a-theirs.txt", VaultResult.FAILED),
        ("layer3/cloud-credentials.yaml", VaultResult.WRITTEN),
    ]
    assert caught.value.report[0].message
    assert not (project.folder() / "a-theirs.txt").exists()


def test_read(project: Project) -> None:
    vault = KStackVault("dev")
    assert vault.read("layer3", "cloud-credentials.yaml") == CREDENTIALS.encode()
    assert vault.read(Layer.LAYER3, "cloud-credentials.yaml") == CREDENTIALS.encode()
    assert not (project.folder() / "cloud-credentials.yaml").exists()
    with pytest.raises(KStackServiceNotFoundError, match="nope"):
        vault.read("layer3", "nope")


def test_get_file(project: Project) -> None:
    vault = KStackVault("dev")
    with pytest.raises(KStackServiceNotFoundError, match="encrypted") as caught:
        vault.get_file("layer3", "cloud-credentials.yaml")
    assert isinstance(caught.value, KeyError)
    vault.decrypt()
    assert vault.get_file("layer3", "cloud-credentials.yaml") == project.folder() / "cloud-credentials.yaml"


def test_list_files(project: Project) -> None:
    project.encrypt(b"b", name="b.txt", layer="layer0")
    project.plain("x", name="plain.txt", layer="layer1")
    project.plain("x", name="README.md", layer="layer1")
    vault = KStackVault("dev")
    assert vault.list_files(encrypted=True) == ["layer0/secret.b.txt", "layer3/secret.cloud-credentials.yaml"]
    assert vault.list_files("layer0", encrypted=True) == ["layer0/secret.b.txt"]
    assert vault.list_files() == ["layer1/plain.txt"]
    assert vault.list_files(Layer.LAYER2) == []


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", ".hidden", "a\nb", "x" * 201])
def test_invalid_file_names(project: Project, name: str) -> None:
    vault = KStackVault("dev")
    with pytest.raises(KStackInvalidArgumentError):
        vault.read("layer3", name)
    with pytest.raises(KStackInvalidArgumentError):
        vault.get_file("layer3", name)


def test_links_are_refused(project: Project, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("x")
    (project.folder() / "link.txt").symlink_to(tmp_path / "outside")
    with pytest.raises(KStackConfigurationError, match=r"link\.txt"):
        KStackVault("dev").get_file("layer3", "link.txt")


def test_a_closed_vault(project: Project) -> None:
    vault = KStackVault("dev")
    with vault:
        vault.is_encrypted()
    vault.close()
    calls: list[Callable[[], object]] = [
        lambda: vault.path,
        lambda: vault.environment,
        lambda: vault.is_encrypted(),
        lambda: vault.decrypt(),
        lambda: vault.decrypt([]),
        lambda: vault.read("layer3", "a"),
        lambda: vault.get_file("layer3", "a"),
        lambda: vault.list_files(),
        lambda: vault.__enter__(),
    ]
    for call in calls:
        with pytest.raises(KStackInvalidArgumentError, match="closed"):
            call()
    assert "closed" in repr(vault)


def test_a_vault_outlives_its_container(project: Project) -> None:
    with KStackContainer() as container:
        vault = container.vault("dev")
    assert vault.read("layer3", "cloud-credentials.yaml") == CREDENTIALS.encode()


@pytest.mark.parametrize("armored", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_files_of_pyrage(project: Project, size: int, armored: bool) -> None:
    data = os.urandom(size)
    recipient = pyrage.x25519.Recipient.from_str(project.recipient)
    path = project.folder() / "secret.data.bin"
    path.write_bytes(pyrage.encrypt(data, [recipient], armored=armored))
    vault = KStackVault("dev")
    assert vault.read("layer3", "data.bin") == data
    vault.decrypt(["layer3/data.bin"])
    assert (project.folder() / "data.bin").read_bytes() == data
    assert mode(project.folder() / "data.bin") == 0o600


@pytest.mark.parametrize("size", SIZES)
def test_files_of_age(project: Project, size: int) -> None:
    data = os.urandom(size)
    project.encrypt(data, name="data.bin")
    assert KStackVault("dev").read("layer3", "data.bin") == data


def test_a_file_for_many_recipients(project: Project) -> None:
    recipients = [pyrage.x25519.Identity.generate().to_public() for _ in range(9)]
    recipients.append(pyrage.x25519.Recipient.from_str(project.recipient))
    (project.folder() / "secret.many.txt").write_bytes(pyrage.encrypt(b"for many", recipients))
    assert KStackVault("dev").read("layer3", "many.txt") == b"for many"


def test_a_file_for_a_passphrase_is_refused(project: Project) -> None:
    (project.folder() / "secret.pass.txt").write_bytes(pyrage.passphrase.encrypt(b"x", "y"))
    with pytest.raises(KStackVaultError):
        KStackVault("dev").read("layer3", "pass.txt")


@pytest.mark.parametrize("cut", [1, 16, 17, 100])
def test_a_file_cut_short(project: Project, cut: int) -> None:
    path = project.encrypt(b"x" * 70000, name="data.bin")
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(KStackVaultError):
        KStackVault("dev").read("layer3", "data.bin")
    with pytest.raises(KStackError):
        KStackVault("dev").decrypt(["layer3/data.bin"])
    assert not (project.folder() / "data.bin").exists()


def test_generate_identity(project: Project) -> None:
    made = generate_identity()
    identity, recipient = made
    assert isinstance(made, Identity)
    assert identity.startswith("AGE-SECRET-KEY-1")
    for text in (repr(made), str(made), f"{made}"):
        assert identity not in text
        assert recipient in text
    assert str(pyrage.x25519.Identity.from_str(identity).to_public()) == recipient
    derived = subprocess.run(["age-keygen", "-y"], input=identity + "\n", capture_output=True, text=True, check=True)
    assert derived.stdout.strip() == recipient
    assert generate_identity().identity != identity
    project.identity_file.write_text(identity)
    project.encrypt(b"for the new key", name="new.txt", recipient=recipient)
    assert KStackVault("dev").read("layer3", "new.txt") == b"for the new key"


def test_post_quantum_identities(project: Project) -> None:
    classical = project.identity_file.read_text()
    made = make_post_quantum()
    identity, recipient = made
    assert re.fullmatch(r"AGE-SECRET-KEY-PQ-1[A-Z0-9]{58}", identity)
    assert re.fullmatch(r"age1pq1[a-z0-9]{1952}", recipient)
    assert identity not in repr(made)
    project.identity_file.write_text(f"{classical}\n{identity}\n")
    project.recipients(recipient)
    vault = KStackVault("dev")
    vault.write("layer3", "new.txt", b"for the new key")
    assert vault.read("layer3", "new.txt") == b"for the new key"
    (one,) = vault.status(files=["layer3/new.txt"])
    assert (one.readable, one.current, one.post_quantum) == (True, True, True)
    project.recipients(recipient, project.recipient)
    with pytest.raises(KStackConfigurationError, match=r"post-quantum recipients .* and classical ones"):
        vault.write("layer3", "new.txt", b"for both")
    project.recipients(project.recipient)
    vault.rekey(files=["layer3/new.txt"])
    (one,) = vault.status(files=["layer3/new.txt"])
    assert (one.current, one.post_quantum) == (True, False)
