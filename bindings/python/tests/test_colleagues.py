"""Two colleagues, each with a clone of one git repository: no edit of either is ever lost."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import REPOSITORY, make_identity
from kstack_lib.any import KStackConflictError, KStackContainer, VaultFileResult, VaultResult
from kstack_lib.local.security import KStackVault

NAME = "cloud-credentials.yaml"
SECRET = f"vault/dev/layer3/secret.{NAME}"


@dataclass
class Person:
    """Somebody with a clone and an identity."""

    clone: Path
    identity_file: Path
    recipient: str

    def git(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.clone, check=check, stdout=subprocess.PIPE, text=True, timeout=60
        )
        return done.stdout

    @property
    def vault(self) -> KStackVault:
        """The vault, opened by a new container, which knows only what is on the disk."""
        container = KStackContainer(project_root=self.clone, identity_file=self.identity_file)
        return KStackVault("dev", container=container)

    @property
    def plaintext(self) -> Path:
        return self.clone / "vault/dev/layer3" / NAME

    @property
    def ciphertext(self) -> bytes:
        return (self.clone / SECRET).read_bytes()

    def edit(self, content: str) -> None:
        self.plaintext.parent.mkdir(parents=True, exist_ok=True)
        self.plaintext.write_text(content)

    def decrypt(self, overwrite: bool = False) -> list[VaultFileResult]:
        return self.vault.decrypt(overwrite=overwrite)

    def encrypt(self, overwrite: bool = False) -> list[VaultFileResult]:
        return self.vault.encrypt(overwrite=overwrite)

    def publish(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        self.git("push", "-q", "origin", "HEAD")

    def change(self, content: str) -> None:
        """Decrypt, edit, encrypt and publish."""
        self.decrypt()
        self.edit(content)
        self.encrypt()
        self.publish("edit")

    def pull(self) -> None:
        self.git("pull", "-q", "--ff-only")

    def tracked(self) -> list[str]:
        return self.git("ls-files", "vault").split()


def results(report: list[VaultFileResult]) -> list[VaultResult]:
    return [one.result for one in report]


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Person, Person]:
    """Ana and Ben, who have the first version of a file, encrypted, and no plaintext."""
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "somebody")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "somebody@example.org")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    shared = tmp_path / "shared.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(shared)], check=True)
    made = []
    for name in ("ana", "ben"):
        keys = tmp_path / f"{name}.txt"
        made.append(Person(tmp_path / name, keys, make_identity(keys)))
    ana, ben = made
    subprocess.run(["git", "clone", "-q", str(shared), str(ana.clone)], check=True, stderr=subprocess.DEVNULL)
    ana.git("checkout", "-q", "-B", "main")
    (ana.clone / ".gitignore").write_text((REPOSITORY / ".gitignore").read_text())
    (ana.clone / ".gitattributes").write_text("secret.* binary\n")
    (ana.clone / ".kstack.yaml").write_text("environment: dev\n")
    (ana.clone / "vault/.recipients").mkdir(parents=True)
    (ana.clone / "vault/.recipients/dev.txt").write_text(f"# Ana\n{ana.recipient}\n# Ben\n{ben.recipient}\n")
    (ana.clone / "vault/dev").mkdir()
    ana.edit("s3: {a: first}\n")
    assert results(ana.encrypt()) == [VaultResult.WRITTEN]
    ana.publish("first")
    subprocess.run(["git", "clone", "-q", str(shared), str(ben.clone)], check=True)
    return ana, ben


def test_only_encrypted_files_and_recipients_are_committed(people: tuple[Person, Person]) -> None:
    ana, ben = people
    ben.decrypt()
    ben.edit("s3: {a: second}\n")
    assert (ben.clone / "vault/dev/.kstack-state").exists()
    assert ben.git("status", "--porcelain") == ""
    for one in (ana, ben):
        one.git("add", "-A")
        assert one.tracked() == ["vault/.recipients/dev.txt", SECRET]


def test_what_one_wrote_the_other_reads(people: tuple[Person, Person]) -> None:
    ana, ben = people
    assert results(ben.decrypt()) == [VaultResult.WRITTEN]
    ben.edit("s3: {a: of ben}\n")
    assert results(ben.encrypt()) == [VaultResult.WRITTEN]
    assert not ben.plaintext.exists()
    ben.publish("edit")
    ana.pull()
    ana.decrypt()
    assert ana.plaintext.read_text() == "s3: {a: of ben}\n"


def test_decrypt_replaces_what_was_not_edited(people: tuple[Person, Person]) -> None:
    ana, ben = people
    ana.decrypt()
    ben.change("s3: {a: of ben}\n")
    ana.pull()
    assert results(ana.decrypt()) == [VaultResult.WRITTEN]
    assert ana.plaintext.read_text() == "s3: {a: of ben}\n"
    assert results(ana.decrypt()) == [VaultResult.UNCHANGED]


def test_encrypt_never_takes_a_colleagues_edit_back(people: tuple[Person, Person]) -> None:
    ana, ben = people
    ana.decrypt()
    ben.change("s3: {a: of ben}\n")
    ana.pull()
    # Ana has the old plaintext and did not edit it.
    assert results(ana.encrypt()) == [VaultResult.UNCHANGED]
    assert not ana.plaintext.exists()
    assert ana.ciphertext == ben.ciphertext
    assert ana.git("status", "--porcelain") == ""


def test_decrypt_leaves_an_edit(people: tuple[Person, Person]) -> None:
    ana, _ = people
    ana.decrypt()
    ana.edit("s3: {a: of ana}\n")
    with pytest.raises(KStackConflictError, match="was edited since it was decrypted"):
        ana.decrypt()
    assert ana.plaintext.read_text() == "s3: {a: of ana}\n"
    assert results(ana.encrypt()) == [VaultResult.WRITTEN]


def both_edited(ana: Person, ben: Person) -> bytes:
    """Publish Ben's edit, leave Ana's in her plaintext, and return Ben's ciphertext."""
    ana.decrypt()
    ana.edit("s3: {a: of ana}\n")
    ben.change("s3: {b: of ben}\n")
    ana.pull()
    return ben.ciphertext


def test_both_edited(people: tuple[Person, Person]) -> None:
    ana, ben = people
    theirs = both_edited(ana, ben)
    for run in (ana.decrypt, ana.encrypt):
        with pytest.raises(KStackConflictError, match=NAME) as caught:
            run()
        report = caught.value.report
        assert [(one.path, one.result) for one in report] == [(f"layer3/{NAME}", VaultResult.CONFLICT)]
        assert "and its encrypted form both changed" in report[0].message
        assert ana.plaintext.read_text() == "s3: {a: of ana}\n"
        assert ana.ciphertext == theirs
    # As the message says: move it away, decrypt, apply the edit again.
    mine = ana.clone / "mine.yaml"
    ana.plaintext.rename(mine)
    assert results(ana.decrypt()) == [VaultResult.WRITTEN]
    assert ana.plaintext.read_text() == "s3: {b: of ben}\n"
    ana.edit("s3: {a: of ana, b: of ben}\n")
    mine.unlink()
    assert results(ana.encrypt()) == [VaultResult.WRITTEN]
    ana.publish("both")
    ben.pull()
    ben.decrypt()
    assert ben.plaintext.read_text() == "s3: {a: of ana, b: of ben}\n"


def test_both_edited_and_the_plaintext_wins(people: tuple[Person, Person]) -> None:
    ana, ben = people
    both_edited(ana, ben)
    assert results(ana.encrypt(overwrite=True)) == [VaultResult.WRITTEN]
    assert ana.vault.read("layer3", NAME) == b"s3: {a: of ana}\n"


def test_both_edited_and_the_ciphertext_wins(people: tuple[Person, Person]) -> None:
    ana, ben = people
    theirs = both_edited(ana, ben)
    assert results(ana.decrypt(overwrite=True)) == [VaultResult.WRITTEN]
    assert ana.plaintext.read_text() == "s3: {b: of ben}\n"
    assert ana.ciphertext == theirs


def test_both_made_the_same_edit(people: tuple[Person, Person]) -> None:
    ana, ben = people
    ana.decrypt()
    ana.edit("s3: {a: same}\n")
    ben.change("s3: {a: same}\n")
    ana.pull()
    assert results(ana.decrypt()) == [VaultResult.UNCHANGED]
    ana.edit("s3: {a: same}\n")
    assert results(ana.encrypt()) == [VaultResult.UNCHANGED]
    assert ana.ciphertext == ben.ciphertext


def test_without_the_state_nothing_is_lost(people: tuple[Person, Person]) -> None:
    ana, ben = people
    ana.decrypt()
    ben.change("s3: {a: of ben}\n")
    ana.pull()
    (ana.clone / "vault/dev/.kstack-state").unlink()
    for run in (ana.decrypt, ana.encrypt):
        with pytest.raises(KStackConflictError, match="not known which is newer"):
            run()
    assert ana.plaintext.read_text() == "s3: {a: first}\n"
    assert ana.ciphertext == ben.ciphertext


def test_both_encrypted_and_git_has_the_conflict(people: tuple[Person, Person]) -> None:
    ana, ben = people
    ana.decrypt()
    ana.edit("s3: {a: of ana}\n")
    ana.encrypt()
    ana.git("commit", "-q", "-a", "-m", "of ana")
    ben.change("s3: {b: of ben}\n")
    ana.git("pull", "-q", "--no-rebase", check=False)
    assert ana.git("diff", "--name-only", "--diff-filter=U").split() == [SECRET]
    # Both versions are whole: neither has git's conflict markers in it.
    mine = ana.vault.read("layer3", NAME)
    assert mine == b"s3: {a: of ana}\n"
    ana.git("checkout", "--theirs", SECRET)
    assert results(ana.decrypt()) == [VaultResult.WRITTEN]
    assert ana.plaintext.read_text() == "s3: {b: of ben}\n"
    ana.edit("s3: {a: of ana, b: of ben}\n")
    ana.encrypt()
    ana.publish("both")
    ben.pull()
    assert ben.vault.read("layer3", NAME) == b"s3: {a: of ana, b: of ben}\n"


def test_a_line_that_is_removed_from_the_recipients(people: tuple[Person, Person]) -> None:
    ana, ben = people
    recipients = ana.clone / "vault/.recipients/dev.txt"
    recipients.write_text(f"{ana.recipient}\n")
    before = ana.ciphertext
    ana.decrypt()
    # Not edited, so not written: removing somebody rewrites nothing, but is reported.
    (report,) = ana.encrypt()
    assert report.result is VaultResult.UNCHANGED
    assert "run rekey" in report.message
    assert ana.ciphertext == before
    assert results(ana.vault.rekey(check=True)) == [VaultResult.STALE]
    assert ana.ciphertext == before
    assert results(ana.vault.rekey()) == [VaultResult.WRITTEN]
    assert results(ana.vault.rekey()) == [VaultResult.UNCHANGED]
    ana.publish("without ben")
    ben.pull()
    with pytest.raises(Exception, match="none of your age keys"):
        ben.vault.read("layer3", NAME)
    # The history stays readable.
    (ben.clone / SECRET).write_bytes(before)
    assert ben.vault.read("layer3", NAME) == b"s3: {a: first}\n"


def test_rekeying_is_no_conflict_for_a_colleague(people: tuple[Person, Person]) -> None:
    ana, ben = people
    ben.decrypt()
    ben.edit("s3: {a: of ben}\n")
    (ana.clone / "vault/.recipients/dev.txt").write_text(f"# the team\n{ben.recipient}\n{ana.recipient}\n# Ana\n")
    assert results(ana.vault.rekey(check=True)) == [VaultResult.UNCHANGED]
    new = make_identity(ana.clone / "new.txt")
    with (ana.clone / "vault/.recipients/dev.txt").open("a") as file:
        file.write(f"{new}\n")
    assert results(ana.vault.rekey()) == [VaultResult.WRITTEN]
    (ana.clone / "new.txt").unlink()
    ana.publish("somebody new")
    ben.pull()
    (status,) = ben.vault.status()
    assert (status.result, status.readable, status.current) == (VaultResult.EDITED, True, True)
    assert results(ben.encrypt()) == [VaultResult.WRITTEN]
    assert ben.vault.read("layer3", NAME) == b"s3: {a: of ben}\n"
    (status,) = ben.vault.status(files=[f"layer3/{NAME}"])
    assert status.result is VaultResult.ENCRYPTED
