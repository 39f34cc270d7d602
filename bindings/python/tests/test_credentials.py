"""Credentials: values exactly as written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from conftest import CREDENTIALS, Project
from helpers import EXPECTED, check
from kstack_lib.any import KStackConfigurationError, Layer, get_credentials
from kstack_lib.any.config import get_config_root, get_environment, get_vault_root
from kstack_lib.any.security import Credentials
from kstack_lib.local.config import list_environments, list_services


@pytest.mark.parametrize("armor", [False, True])
def test_from_an_encrypted_vault(project: Project, armor: bool) -> None:
    encrypted = project.encrypt(CREDENTIALS, armor=armor)
    credentials = get_credentials("s3", layer="layer3", environment="dev")
    check(credentials)
    assert credentials.source == str(encrypted)
    assert not (project.folder() / "cloud-credentials.yaml").exists()


def test_names_keep_the_order_of_the_file(project: Project) -> None:
    credentials = get_credentials("s3", "layer3", "dev")
    assert list(credentials) == [*EXPECTED, "nested"]
    assert list(credentials.keys()) == list(credentials)
    assert len(credentials) == len(EXPECTED) + 1


def test_mapping(project: Project) -> None:
    credentials = get_credentials("s3", "layer3", "dev")
    assert isinstance(credentials, Mapping)
    assert "octal" in credentials
    assert "nope" not in credentials
    assert credentials.get("nope") is None
    assert credentials == dict(credentials)
    with pytest.raises(KeyError):
        credentials["nope"]
    with pytest.raises(KeyError):
        credentials.bytes("nope")
    assert credentials.bytes("unicode") == EXPECTED["unicode"].encode()
    assert credentials.bytes("nothing") == b""
    assert {**credentials}["float"] == "1e5"


def test_json_is_the_whole_tree(project: Project) -> None:
    tree = get_credentials("s3", "layer3", "dev").json()
    nested = tree.pop("nested")
    assert tree == EXPECTED
    assert nested == {"hosts": ["a.example", "b.example"], "port": "5432", "tls": "true"}


def test_a_nested_value_is_its_json(project: Project) -> None:
    text = get_credentials("s3", "layer3", "dev")["nested"]
    assert json.loads(text) == {"hosts": ["a.example", "b.example"], "port": "5432", "tls": "true"}


def test_a_nul_inside_of_a_value_is_kept(project: Project) -> None:
    project.encrypt('s3:\n  value: "a\\0b"\n')
    credentials = get_credentials("s3", "layer3", "dev")
    assert credentials.bytes("value") == b"a\0b"
    assert credentials["value"] == "a\0b"


def test_plaintext_is_preferred(project: Project) -> None:
    plaintext = project.plain("s3:\n  access-key: from-plaintext\n")
    credentials = get_credentials("s3", "layer3", "dev")
    assert dict(credentials) == {"access-key": "from-plaintext"}
    assert credentials.source == str(plaintext)


def test_the_environment_is_detected(project: Project) -> None:
    check(get_credentials("s3", "layer3"))
    assert get_environment() == "dev"
    assert get_vault_root() == project.root / "vault"
    assert list_environments() == ["dev"]
    assert list_services("layer3") == ["s3", "database"]


def test_config_root(project: Project) -> None:
    with pytest.raises(KStackConfigurationError):
        get_config_root()
    (project.root / "config" / "environments").mkdir(parents=True)
    assert get_config_root() == project.root / "config"


def test_the_layer_may_be_a_layer_or_any_of_its_names(project: Project) -> None:
    for layer in (Layer.LAYER3, "layer3", "3", "LAYER3", "layer-3-global-infra"):
        assert get_credentials("s3", layer, "dev")["octal"] == "0123"


def test_the_container_follows_the_working_directory(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    get_credentials("s3", "layer3", "dev")
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(KStackConfigurationError):
        get_credentials("s3", "layer3", "dev")
    monkeypatch.chdir(project.folder())
    check(get_credentials("s3", "layer3", "dev"))


def test_a_changed_file_is_seen(project: Project) -> None:
    assert get_credentials("s3", "layer3", "dev")["octal"] == "0123"
    project.encrypt("s3:\n  octal: '0777'\n")
    assert get_credentials("s3", "layer3", "dev")["octal"] == "0777"


@pytest.mark.parametrize("arguments", [(), (0,), (4096,), ("s3",), (b"x",), (None,), (-1,)])
def test_credentials_cannot_be_constructed(arguments: tuple[object, ...]) -> None:
    with pytest.raises(TypeError, match="get_credentials returns them"):
        Credentials(*arguments)
    with pytest.raises(TypeError, match="get_credentials returns them"):
        Credentials(pointer=4096)
