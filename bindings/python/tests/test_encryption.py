"""Writing the vault: encrypting, writing from memory, recipients, and files that other age programs read."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pyrage
import pytest

from conftest import CREDENTIALS, Project, make_identity
from helpers import SIZES
from kstack_lib.any import (
    KStackConfigurationError,
    KStackConflictError,
    KStackError,
    KStackInvalidArgumentError,
    KStackServiceNotFoundError,
    KStackVaultError,
    Layer,
    VaultFileResult,
    VaultResult,
    get_credentials,
)
from kstack_lib.local.security import KStackVault

PATH = "layer3/cloud-credentials.yaml"


def with_age(path: Path, identity_file: Path) -> bytes:
    """Decrypt a file with the age program."""
    return subprocess.run(
        ["age", "-d", "-i", str(identity_file), str(path)], check=True, capture_output=True, timeout=60
    ).stdout


def with_pyrage(path: Path, identity: str) -> bytes:
    return bytes(pyrage.decrypt(path.read_bytes(), [pyrage.x25519.Identity.from_str(identity)]))


def files(root: Path) -> dict[str, bytes]:
    """Return every file below a folder except the state, with its content."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != ".kstack-state"
    }


@pytest.mark.parametrize("size", [*SIZES, 200_000])
def test_round_trip(project: Project, tmp_path: Path, size: int) -> None:
    colleague = tmp_path / "colleague.txt"
    project.recipients(project.recipient, make_identity(colleague))
    data = os.urandom(size)
    plaintext = project.folder() / "data.bin"
    plaintext.write_bytes(data)
    vault = KStackVault("dev")
    assert vault.encrypt(["layer3/data.bin"]) == [VaultFileResult("layer3/data.bin", VaultResult.WRITTEN, "")]
    assert not plaintext.exists()
    written = project.folder() / "secret.data.bin"
    assert with_age(written, project.identity_file) == data
    assert with_age(written, colleague) == data
    assert with_pyrage(written, project.identity) == data
    assert vault.read("layer3", "data.bin") == data
    assert [one.result for one in vault.decrypt(["layer3/data.bin"])] == [VaultResult.WRITTEN]
    assert plaintext.read_bytes() == data


def test_an_edit_is_encrypted_and_the_rest_stays(project: Project) -> None:
    project.recipients()
    project.encrypt(b"other", name="other.txt")
    vault = KStackVault("dev")
    vault.decrypt()
    before = (project.folder() / "secret.other.txt").read_bytes()
    project.plain("s3: {a: edited}\n")
    assert vault.encrypt() == [
        VaultFileResult(PATH, VaultResult.WRITTEN, ""),
        VaultFileResult("layer3/other.txt", VaultResult.UNCHANGED, "plaintext removed"),
    ]
    assert (project.folder() / "secret.other.txt").read_bytes() == before
    assert vault.list_files() == []
    assert vault.is_encrypted()
    assert get_credentials("s3", layer="layer3")["a"] == "edited"
    assert vault.encrypt() == []


def test_encrypt_some_files(project: Project) -> None:
    project.recipients()
    project.plain("a", name="a.txt")
    project.plain("b", name="b.txt", layer="layer0")
    vault = KStackVault("dev")
    assert vault.encrypt([]) == []
    assert [one.path for one in vault.encrypt(iter([Path("layer0/b.txt")]))] == ["layer0/b.txt"]
    assert vault.list_files() == ["layer3/a.txt"]
    with pytest.raises(KStackServiceNotFoundError, match=r"nope\.txt") as caught:
        vault.encrypt(["layer3/nope.txt", "layer3/a.txt"])
    assert [one.result for one in caught.value.report] == [VaultResult.FAILED, VaultResult.WRITTEN]
    wrong: Any
    for wrong in ("layer3/a.txt", b"layer3/a.txt", Path("layer3/a.txt"), [3]):
        with pytest.raises(TypeError):
            vault.encrypt(wrong)
    with pytest.raises(KStackInvalidArgumentError):
        vault.encrypt(["../a.txt"])


def test_a_conflict_is_reported_and_nothing_is_lost(project: Project) -> None:
    project.recipients()
    project.plain("edited: true\n")
    project.plain("new", name="new.txt")
    vault = KStackVault("dev")
    before = files(project.root)
    with pytest.raises(KStackConflictError, match="not known which is newer") as caught:
        vault.encrypt()
    assert caught.value.code == 11
    assert [(one.path, one.result) for one in caught.value.report] == [
        (PATH, VaultResult.CONFLICT),
        ("layer3/new.txt", VaultResult.WRITTEN),
    ]
    conflict, done = caught.value.report
    assert conflict.message
    assert not done.message
    after = files(project.root)
    assert {name: after[name] for name in after if "cloud" in name} == {
        name: before[name] for name in before if "cloud" in name
    }
    assert [one.result for one in vault.encrypt(overwrite=True)] == [VaultResult.WRITTEN]
    assert vault.read("layer3", "cloud-credentials.yaml") == b"edited: true\n"


def test_a_ciphertext_that_cannot_be_read_is_a_conflict(project: Project) -> None:
    project.recipients()
    project.plain("edited: true\n")
    (project.folder() / "secret.cloud-credentials.yaml").write_bytes(b"not an age file")
    before = files(project.root)
    with pytest.raises(KStackConflictError):
        KStackVault("dev").encrypt()
    assert files(project.root) == before


def test_no_recipients(project: Project) -> None:
    project.plain("edited: true\n")
    before = files(project.root)
    vault = KStackVault("dev")
    for call in (lambda: vault.encrypt(team="ops"), lambda: vault.write("layer3", "a", b"b", team="ops")):
        with pytest.raises(KStackConfigurationError) as caught:
            call()
        assert str(project.root / "vault/dev/.recipients/ops.txt") in str(caught.value)
        assert str(project.root / "vault/.recipients/ops.txt") in str(caught.value)
        assert not caught.value.report
    assert files(project.root) == before


@pytest.mark.parametrize(
    "line",
    ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDKgV example", "age1yubikey1qexample", "age1nonsense", "no key"],
)
def test_invalid_recipients(project: Project, line: str) -> None:
    project.recipients(project.recipient, line)
    with pytest.raises(KStackConfigurationError, match=r"dev\.txt"):
        KStackVault("dev").write("layer3", "a.txt", b"x")
    assert not (project.folder() / "secret.a.txt").exists()


def test_recipients_of_the_environment_come_first(project: Project, tmp_path: Path) -> None:
    colleague = tmp_path / "colleague.txt"
    project.recipients(make_identity(tmp_path / "nobody.txt"))
    project.recipients(project.recipient, "# Ben", make_identity(colleague), environment="dev")
    KStackVault("dev").write("layer3", "a.txt", b"x")
    assert with_age(project.folder() / "secret.a.txt", colleague) == b"x"


def test_recipients_that_others_may_write(project: Project) -> None:
    project.recipients().chmod(0o666)
    with pytest.raises(KStackConfigurationError, match="chmod"):
        KStackVault("dev").write("layer3", "a.txt", b"x")


def test_the_default_team(project: Project) -> None:
    project.recipients(team="ops")
    with pytest.raises(KStackConfigurationError, match="'dev'"):
        KStackVault("dev").write("layer3", "a.txt", b"x")
    (project.root / ".kstack.yaml").write_text("environment: dev\nteam: ops\n")
    KStackVault("dev").write("layer3", "a.txt", b"x")
    assert b"-> kstack-recipients ops " in (project.folder() / "secret.a.txt").read_bytes()


def test_a_file_of_another_team(project: Project) -> None:
    project.recipients(team="dev")
    project.recipients(team="ops")
    vault = KStackVault("dev")
    vault.write("layer3", "a.txt", b"of ops", team="ops")
    vault.decrypt(["layer3/a.txt"])
    project.plain("edited", name="a.txt")
    project.plain("new", name="b.txt")
    before = (project.folder() / "secret.a.txt").read_bytes()
    with pytest.raises(KStackConfigurationError, match="ops") as caught:
        vault.encrypt()
    assert [(one.path, one.result) for one in caught.value.report] == [
        ("layer3/a.txt", VaultResult.FAILED),
        ("layer3/b.txt", VaultResult.WRITTEN),
    ]
    with pytest.raises(KStackConfigurationError, match="ops"):
        vault.write("layer3", "a.txt", b"of dev", team="dev")
    assert (project.folder() / "a.txt").read_text() == "edited"
    assert (project.folder() / "secret.a.txt").read_bytes() == before
    assert [one.result for one in vault.encrypt(team="ops")] == [VaultResult.WRITTEN]
    assert vault.read("layer3", "a.txt") == b"edited"
    bad: Any
    for bad in ("", "Dev", "../dev", "a\nb", "x\0y"):
        with pytest.raises(KStackInvalidArgumentError):
            vault.encrypt(team=bad)
        with pytest.raises(KStackInvalidArgumentError):
            vault.write("layer3", "a.txt", b"", team=bad)
    for bad in (3, b"dev"):
        with pytest.raises(TypeError):
            vault.encrypt(team=bad)


def test_a_file_that_the_user_could_not_read(project: Project, tmp_path: Path) -> None:
    project.recipients(make_identity(tmp_path / "colleague.txt"))
    project.plain("new", name="new.txt")
    before = files(project.root)
    vault = KStackVault("dev")
    with pytest.raises(KStackVaultError, match="you could not read") as caught:
        vault.encrypt()
    assert [one.result for one in caught.value.report] == [VaultResult.FAILED]
    with pytest.raises(KStackVaultError, match="you could not read"):
        vault.write("layer3", "other.txt", b"x")
    assert files(project.root) == before


@pytest.mark.parametrize("size", [*SIZES, 200_000])
def test_write(project: Project, size: int) -> None:
    project.recipients()
    data = os.urandom(size)
    vault = KStackVault("dev")
    vault.write("layer1", "data.bin", data)
    written = project.root / "vault/dev/layer1/secret.data.bin"
    assert files(project.root / "vault/dev/layer1").keys() == {"secret.data.bin"}
    assert with_age(written, project.identity_file) == data
    assert with_pyrage(written, project.identity) == data
    assert vault.read("layer1", "data.bin") == data
    content = bytearray(b"of a bytearray")
    vault.write(Layer.LAYER1, "data.bin", content)
    # Nothing references it any more.
    content.clear()
    assert vault.read("layer1", "data.bin") == b"of a bytearray"
    vault.write("layer1", "data.bin", bytearray())
    assert vault.read("layer1", "data.bin") == b""


def test_write_next_to_a_plaintext(project: Project) -> None:
    project.recipients()
    vault = KStackVault("dev")
    vault.decrypt()
    vault.write("layer3", "cloud-credentials.yaml", b"s3: {a: written}\n")
    assert (project.folder() / "cloud-credentials.yaml").read_text() == CREDENTIALS
    # It was not edited, so what was written is newer.
    assert [one.result for one in vault.decrypt()] == [VaultResult.WRITTEN]
    assert get_credentials("s3", layer="layer3")["a"] == "written"


def test_what_cannot_be_written(project: Project) -> None:
    project.recipients()
    vault = KStackVault("dev")
    wrong: Any
    for wrong in ("text", None, 3, [1], memoryview(b"x")):
        with pytest.raises(TypeError, match="data"):
            vault.write("layer3", "a.txt", wrong)
    for wrong in ("", "..", "../x", "a/b", ".hidden", "secret.a", "notes.md", "a\0b", "x" * 201):
        with pytest.raises(KStackInvalidArgumentError):
            vault.write("layer3", wrong, b"")
    with pytest.raises(KStackInvalidArgumentError):
        vault.write("layer4", "a.txt", b"")
    vault.close()
    with pytest.raises(KStackInvalidArgumentError, match="closed"):
        vault.write("layer3", "a.txt", b"")
    with pytest.raises(KStackInvalidArgumentError, match="closed"):
        vault.encrypt()
    with pytest.raises(KStackInvalidArgumentError, match="closed"):
        vault.encrypt([])


def test_what_a_killed_run_left_is_removed(project: Project) -> None:
    project.recipients()
    left = [project.folder() / ".kstack-tmp-0123456789abcdef", project.root / "vault/dev/.kstack-tmp-fedcba9876543210"]
    for path in left:
        path.write_text("part of a file")
    project.plain("x", name="x.txt")
    vault = KStackVault("dev")
    vault.encrypt()
    assert [path for path in left if path.exists()] == []
    assert not list((project.root / "vault").rglob(".kstack-tmp-*"))


def test_no_message_shows_a_secret(project: Project) -> None:
    canary = "AGE-SECRET-KEY-1CANARY"
    project.plain(canary)
    with pytest.raises(KStackError) as caught:
        KStackVault("dev").encrypt()
    messages = [str(caught.value)]
    project.recipients(project.recipient, canary)
    with pytest.raises(KStackError) as caught:
        KStackVault("dev").encrypt()
    messages.append(str(caught.value))
    project.recipients()
    with pytest.raises(KStackConflictError) as caught:
        KStackVault("dev").encrypt()
    messages += [str(caught.value), repr(caught.value.report)]
    assert not [message for message in messages if "CANARY" in message]


def test_decrypted_for_a_block(project: Project) -> None:
    project.recipients()
    vault = KStackVault("dev")
    with vault.decrypted() as folder:
        assert folder == project.root / "vault" / "dev"
        plaintext = folder / "layer3" / "cloud-credentials.yaml"
        plaintext.write_text("s3:\n  key: edited\n")
    assert not plaintext.exists()
    assert vault.read("layer3", "cloud-credentials.yaml") == b"s3:\n  key: edited\n"
    with pytest.raises(RuntimeError, match="of the block"), vault.decrypted(["layer3/cloud-credentials.yaml"]):
        assert plaintext.exists()
        raise RuntimeError("of the block")
    assert not plaintext.exists()


def test_decrypted_reports_what_it_could_not_encrypt(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    project.recipients()
    vault = KStackVault("dev")
    plaintext = project.folder() / "cloud-credentials.yaml"

    def change_both(theirs: str) -> None:
        plaintext.write_text("mine: 1\n")
        project.encrypt(theirs)

    with pytest.raises(KStackConflictError) as caught, vault.decrypted():
        change_both("theirs: 1\n")
    assert [file.path for file in caught.value.report] == ["layer3/cloud-credentials.yaml"]
    assert plaintext.read_text() == "mine: 1\n"
    with pytest.raises(RuntimeError) as raised, vault.decrypted(overwrite=True):
        change_both("theirs: 2\n")
        raise RuntimeError("of the block")
    message = "the vault could not be encrypted again"
    if hasattr(raised.value, "__notes__"):
        assert message in raised.value.__notes__[0]
    assert message in caplog.text
    assert plaintext.read_text() == "mine: 1\n"


def test_decrypted_that_fails_at_the_start_encrypts_only_what_it_wrote(project: Project) -> None:
    project.recipients()
    other = project.encrypt("other: 1\n", "other.yaml").with_name("other.yaml")
    edited = project.plain("edited: 1\n")
    ran: list[int] = []
    with pytest.raises(KStackConflictError), KStackVault("dev").decrypted():
        ran.append(1)
    assert ran == []
    assert not other.exists()
    assert edited.read_text() == "edited: 1\n"
