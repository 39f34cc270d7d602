"""Look-ups that fail: the error, and what it says to do."""

from __future__ import annotations

import errno
import os
import pickle
from pathlib import Path
from typing import Any, Callable

import pytest

from conftest import CREDENTIALS, Project
from helpers import check
from kstack_lib.any import (
    KStackConfigurationError,
    KStackContainer,
    KStackInvalidArgumentError,
    KStackIOError,
    KStackServiceNotFoundError,
    KStackVaultError,
    Layer,
    get_credentials,
)


def test_a_missing_service_lists_the_available_ones(project: Project) -> None:
    with pytest.raises(KStackServiceNotFoundError) as caught:
        get_credentials("redis", "layer3", "dev")
    message = str(caught.value)
    assert isinstance(caught.value, KeyError)
    assert caught.value.code == 4
    assert caught.value.retryable is False
    assert not message.startswith(("'", '"')), "the message, not its repr"
    for part in ("redis", "s3", "database"):
        assert part in message


def test_a_missing_file_is_not_found(project: Project) -> None:
    project.folder("layer1")
    with pytest.raises(KStackServiceNotFoundError, match="layer1"):
        get_credentials("s3", "layer1", "dev")


def test_a_wrong_environment_lists_the_available_ones(project: Project) -> None:
    with pytest.raises(KStackConfigurationError) as caught:
        get_credentials("s3", "layer3", "staging")
    assert caught.value.code == 3
    assert "staging" in str(caught.value)
    assert "dev" in str(caught.value)


def test_no_environment_says_what_to_write(project: Project) -> None:
    (project.root / ".kstack.yaml").unlink()
    with pytest.raises(KStackConfigurationError, match=r"\.kstack\.yaml"):
        get_credentials("s3", "layer3")
    check(get_credentials("s3", "layer3", "dev"))


@pytest.mark.parametrize("mode", [0o666, 0o646])
def test_a_vault_that_others_may_write_is_refused(project: Project, mode: int) -> None:
    project.plain("s3:\n  a: b\n")
    (project.folder() / "cloud-credentials.yaml").chmod(mode)
    with pytest.raises(KStackConfigurationError):
        get_credentials("s3", "layer3", "dev")


@pytest.mark.parametrize(
    ("service", "layer", "environment"),
    [
        ("S3", "layer3", "dev"),
        ("", "layer3", "dev"),
        ("../s3", "layer3", "dev"),
        ("s3", "layer4", "dev"),
        ("s3", "", "dev"),
        ("s3", "layer3", "../dev"),
        ("s3", "layer3", ""),
        ("a" * 64, "layer3", "dev"),
    ],
)
def test_invalid_names(project: Project, service: str, layer: str, environment: str) -> None:
    with pytest.raises(KStackInvalidArgumentError) as caught:
        get_credentials(service, layer, environment)
    assert isinstance(caught.value, ValueError)
    assert caught.value.code == 1


@pytest.mark.parametrize("bad", ["s3\0evil", "\ud800"])
def test_strings_that_c_cannot_take(project: Project, bad: str) -> None:
    container = KStackContainer()
    calls: list[Callable[[], object]] = [
        lambda: container.get_credentials(bad, "layer3"),
        lambda: container.get_credentials("s3", bad),
        lambda: container.get_credentials("s3", "layer3", bad),
        lambda: container.list_services(bad),
        lambda: container.vault(bad),
        lambda: container.vault("dev").read("layer3", bad),
        lambda: container.vault("dev").get_file(bad, "a"),
        lambda: container.vault("dev").list_files(bad),
        lambda: container.vault("dev").decrypt([bad]),
        lambda: KStackContainer(project_root=bad),
        lambda: KStackContainer(identity_file=bad),
        lambda: KStackContainer(passphrase=bad),
        lambda: Layer.parse(bad),
    ]
    for call in calls:
        with pytest.raises(KStackInvalidArgumentError) as caught:
            call()
        assert bad not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_a_layer_may_be_a_number(project: Project) -> None:
    project.encrypt(CREDENTIALS)
    assert get_credentials("s3", 3)["access-key"] == get_credentials("s3", "layer3")["access-key"]
    with pytest.raises(KStackInvalidArgumentError, match="invalid layer '7'"):
        get_credentials("s3", 7)


def test_a_missing_name_lists_the_available_ones(project: Project) -> None:
    project.encrypt("s3: {a: canary, b: canary}\n")
    with get_credentials("s3", "layer3") as credentials:
        with pytest.raises(KStackServiceNotFoundError, match=r"no value 'c' in .*; available: a, b") as caught:
            credentials["c"]
        assert isinstance(caught.value, KeyError)
        assert "canary" not in str(caught.value)
        assert credentials.get("c") is None


def test_an_error_of_the_file_system_has_its_number_and_name(tmp_path: Path) -> None:
    with pytest.raises(KStackIOError) as caught:
        KStackContainer(project_root=tmp_path / "missing")
    assert caught.value.errno == errno.ENOENT
    assert caught.value.filename == str(tmp_path / "missing")
    reason = f"{os.strerror(errno.ENOENT)} (errno {errno.ENOENT})"
    assert f"{tmp_path / 'missing'}: {reason}" in str(caught.value)

    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.errno, again.filename) == (errno.ENOENT, str(tmp_path / "missing"))


def test_an_error_of_the_file_system_names_the_very_path(tmp_path: Path) -> None:
    """Messages show control characters as question marks."""
    path = tmp_path / "a: b (errno 5)\n" / "missing"
    path.parent.mkdir()
    with pytest.raises(KStackIOError) as caught:
        KStackContainer(project_root=path)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOENT, str(path))


def test_an_error_of_the_file_system_without_a_file_has_neither() -> None:
    error = KStackIOError("/a: no (errno 5)")
    assert (error.errno, error.filename) == (None, None)


def test_a_working_directory_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(KStackIOError, match="the working directory is gone") as caught:
        get_credentials("s3", "layer3", "dev")
    assert caught.value.errno == errno.ENOENT
    monkeypatch.chdir(tmp_path)


def test_wrong_types() -> None:
    container = KStackContainer()
    wrong: Any
    for wrong in (None, b"s3", 3.0, True):
        with pytest.raises(TypeError):
            container.get_credentials(wrong, "layer3")
        with pytest.raises(TypeError):
            container.get_credentials("s3", wrong)
    with pytest.raises(KStackInvalidArgumentError):
        KStackContainer(timeout_ms=-1)
    with pytest.raises(KStackInvalidArgumentError):
        KStackContainer(timeout_ms=1 << 32)


def test_a_project_root_that_is_not_a_folder(tmp_path: Path) -> None:
    with pytest.raises(KStackIOError) as caught:
        KStackContainer(project_root=tmp_path / "missing")
    assert isinstance(caught.value, OSError)
    assert "missing" in str(caught.value)
    assert caught.value.code == 9


@pytest.mark.parametrize(
    "text",
    [
        "s3: {a: b, a: canary}\n",
        "s3:\n  <<: {a: canary}\n",
        "- canary\n",
        "s3: {a: canary\n",
        "a: &a [canary]\nb: &b [*a, *a]\n" * 2,
        "s3:\n\tkey: canary\n",
    ],
    ids=["duplicate", "merge", "no-mapping", "unfinished", "aliases", "tab"],
)
def test_malformed_yaml(project: Project, text: str) -> None:
    encrypted = project.encrypt(text)
    with pytest.raises(KStackConfigurationError) as caught:
        get_credentials("s3", "layer3", "dev")
    assert encrypted.name in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("value", ["canary", "[canary]", "null"])
def test_a_service_that_is_not_a_mapping_is_not_a_service(project: Project, value: str) -> None:
    encrypted = project.encrypt(f"s3: {value}\n")
    with pytest.raises((KStackServiceNotFoundError, KStackConfigurationError), match=r"mapping|is empty") as caught:
        get_credentials("s3", "layer3", "dev")
    assert encrypted.name in str(caught.value)
    assert "canary" not in str(caught.value).replace(str(project.root), "")


def test_a_damaged_file(project: Project) -> None:
    encrypted = project.encrypt(CREDENTIALS)
    data = bytearray(encrypted.read_bytes())
    data[-1] ^= 1
    encrypted.write_bytes(data)
    with pytest.raises(KStackVaultError) as caught:
        get_credentials("s3", "layer3", "dev")
    assert caught.value.code == 7
    assert encrypted.name in str(caught.value)
