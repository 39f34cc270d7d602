"""The container of the working directory, which the modules' functions use."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from conftest import Project
from helpers import check, in_threads, own
from kstack_lib.any import KStackContainer, get_credentials
from kstack_lib.any.container import default_container


def test_an_override_of_the_default_container_outlasts_a_change_of_folder(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    container = default_container()
    with container.override_providers(secrets_provider=own(key="own")):
        monkeypatch.chdir(tmp_path)
        assert default_container() is container
        assert get_credentials("s3", "layer3", "dev")["key"] == "own"
        monkeypatch.chdir(project.root)
        assert get_credentials("s3", "layer3", "dev")["key"] == "own"
        monkeypatch.chdir(tmp_path)
    assert default_container() is not container
    other = default_container()
    other.secrets_provider.override(own(key="set"))
    monkeypatch.chdir(project.root)
    assert get_credentials("s3", "layer3", "dev")["key"] == "set"
    other.secrets_provider.reset_override()
    check(get_credentials("s3", "layer3", "dev"))


def test_the_functions_of_the_modules_see_the_override(project: Project) -> None:
    with default_container().override_providers(secrets_provider=own(key="own")):
        assert get_credentials("s3", "layer3")["key"] == "own"
    check(get_credentials("s3", "layer3"))


def test_the_default_container_is_one_for_all_threads(project: Project) -> None:
    found: list[KStackContainer] = []
    in_threads(8, lambda number: found.append(default_container()))
    assert len({id(one) for one in found}) == 1
    assert found[0] is default_container()


def test_a_log_function_may_ask_for_the_default_container(project: Project) -> None:
    """No lock is held while a container is made or a line is logged."""
    project.identity_file.write_text(f"AGE-PLUGIN-YUBIKEY-1CANARY\n{project.identity}\n")
    seen: list[bool] = []

    def log(level: int, line: str) -> None:
        thread = threading.Thread(target=lambda: seen.append(default_container().closed))
        thread.start()
        thread.join(60)

    with KStackContainer(log=log) as container:
        check(container.get_credentials("s3", "layer3"))
    assert seen and not any(seen)
