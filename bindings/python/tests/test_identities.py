"""Where identities come from, and what opens them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyrage
import pytest

from conftest import Project, make_identity
from helpers import check
from kstack_lib.any import (
    KStackContainer,
    KStackError,
    KStackVaultError,
    get_credentials,
)


def test_no_identity_lists_all_sources(project: Project) -> None:
    project.identity_file.unlink()
    with pytest.raises(KStackVaultError) as caught:
        get_credentials("s3", "layer3", "dev")
    message = str(caught.value)
    places = [
        "identity_file",
        "KSTACK_AGE_KEY",
        "KSTACK_AGE_KEY_FILE",
        "SOPS_AGE_KEY",
        "SOPS_AGE_KEY_FILE",
        str(project.home / ".config/kstack/age/keys.txt"),
        str(project.home / ".config/sops/age/keys.txt"),
    ]
    at = -1
    for place in places:
        found = message.find(place, at + 1)
        assert found > at, f"{place} is missing or out of order in: {message}"
        at = found


def test_the_order_of_sources(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = project.identity
    good_file = tmp_path / "good.txt"
    good_file.write_text(f"# mine\n\n{good}\n")
    good_file.chmod(0o600)
    wrong_file = tmp_path / "wrong.txt"
    make_identity(wrong_file)
    wrong = next(line for line in wrong_file.read_text().splitlines() if line.startswith("AGE-"))
    project.identity_file.unlink()

    def works(**options: Any) -> bool:
        with KStackContainer(**options) as container:
            try:
                container.get_credentials("s3", "layer3", "dev").close()
            except KStackVaultError as error:
                assert wrong not in str(error)
                return False
            return True

    # From the last source to the first: each that is set decides, whatever follows it.
    assert not works()
    sops_file = project.home / ".config/sops/age/keys.txt"
    sops_file.parent.mkdir(parents=True)
    sops_file.write_text(good)
    sops_file.chmod(0o600)
    assert works()
    project.identity_file.write_text(wrong)
    project.identity_file.chmod(0o600)
    assert not works()
    monkeypatch.setenv("SOPS_AGE_KEY_FILE", str(good_file))
    assert works()
    monkeypatch.setenv("SOPS_AGE_KEY", wrong)
    assert not works()
    monkeypatch.setenv("KSTACK_AGE_KEY_FILE", str(good_file))
    assert works()
    monkeypatch.setenv("KSTACK_AGE_KEY", wrong)
    assert not works()
    assert works(identity_file=good_file)
    monkeypatch.setenv("KSTACK_AGE_KEY", "")
    assert works()
    monkeypatch.setenv("KSTACK_AGE_KEY", good)
    assert works()
    assert not works(identity_file=str(wrong_file))


def test_a_source_that_is_set_but_bad_is_an_error(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KSTACK_AGE_KEY", "AGE-SECRET-KEY-1CANARY")
    with pytest.raises(KStackError) as caught:
        get_credentials("s3", "layer3", "dev")
    assert "KSTACK_AGE_KEY" in str(caught.value)
    assert "CANARY" not in str(caught.value)


def test_an_identity_file_that_others_may_read(project: Project) -> None:
    project.identity_file.chmod(0o644)
    with pytest.raises(KStackError, match="chmod 600"):
        get_credentials("s3", "layer3", "dev")


def test_many_identities_in_one_file(project: Project, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    make_identity(other)
    project.identity_file.write_text(other.read_text() + "\n# and mine\n" + project.identity + "\n")
    check(get_credentials("s3", "layer3", "dev"))


@pytest.fixture
def locked(project: Project, tmp_path: Path) -> Path:
    """The project's identity, only in a file that is encrypted with a passphrase."""
    path = tmp_path / "locked.age"
    path.write_bytes(pyrage.passphrase.encrypt(project.identity_file.read_bytes(), "correct horse canary"))
    path.chmod(0o600)
    project.identity_file.unlink()
    return path


def test_passphrase_as_an_argument(project: Project, locked: Path) -> None:
    with KStackContainer(identity_file=locked, passphrase="correct horse canary") as container:
        check(container.get_credentials("s3", "layer3", "dev"))
        check(container.get_credentials("s3", "layer3", "dev"))
        assert "canary" not in repr(container)


def test_passphrase_in_a_variable(project: Project, locked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KSTACK_AGE_KEY_FILE", str(locked))
    monkeypatch.setenv("KSTACK_AGE_PASSPHRASE", "correct horse canary")
    check(get_credentials("s3", "layer3", "dev"))


@pytest.mark.parametrize("passphrase", [None, "wrong-canary"])
def test_wrong_or_missing_passphrase(project: Project, locked: Path, passphrase: str | None) -> None:
    with (
        KStackContainer(identity_file=locked, passphrase=passphrase) as container,
        pytest.raises(KStackError) as caught,
    ):
        container.get_credentials("s3", "layer3", "dev")
    assert "locked.age" in str(caught.value)
    assert "canary" not in str(caught.value)
