"""The fakes that programs use in their own tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Run
from kstack_lib.any import (
    KStackContainer,
    KStackInvalidArgumentError,
    KStackServiceNotFoundError,
    Layer,
    SecretsLookup,
    SecretsProvider,
    VaultResult,
)
from kstack_lib.any.protocols import Vault, VaultManager
from kstack_lib.testing import FakeSecrets, FakeVault, FakeVaults


def test_fake_secrets() -> None:
    fake = FakeSecrets({("s3", "layer3"): {"key": "value", "pin": b"\xff"}})
    assert isinstance(fake, SecretsProvider) and isinstance(fake, SecretsLookup)
    with KStackContainer() as container:
        container.secrets_provider.override(fake)
        for lookup in (fake, container.secrets_provider(), container.client()):
            for layer in ("layer3", 3, Layer.LAYER3, "layer-3-global-infra"):
                with lookup.get_credentials("s3", layer) as found:
                    assert (found["key"], found.bytes("pin")) == ("value", b"\xff")
            with pytest.raises(KStackServiceNotFoundError, match="no service smtp in layer3"):
                lookup.get_credentials("smtp", "layer3")
            with pytest.raises(KStackInvalidArgumentError):
                lookup.get_credentials("S3", "layer3")
            with pytest.raises(KStackServiceNotFoundError, match="layer0"):
                lookup.load_secrets("layer0")
        fake.put_layer("layer0", {"token": "t"})
        assert dict(container.load_secrets("0")) == {"token": "t"}


def test_fake_vaults() -> None:
    vault = FakeVault("staging")
    vaults = FakeVaults(FakeVault(), vault)
    assert isinstance(vault, Vault) and isinstance(vaults, VaultManager)
    with KStackContainer() as container:
        container.vault_manager.override(vaults)
        opened = container.vault("staging")
        opened.write(Layer.LAYER3, "app.yaml", b"key: value\n")
        assert opened.read("3", "app.yaml") == b"key: value\n"
        assert opened.is_encrypted()
        assert [(one.path, one.result) for one in opened.decrypt()] == [("layer3/app.yaml", VaultResult.WRITTEN)]
        assert not opened.is_encrypted()
        opened.encrypt()
        assert opened.is_encrypted()
        with pytest.raises(KStackServiceNotFoundError):
            opened.read("layer3", "other.yaml")
        assert container.list_environments() == ["dev", "staging"]


USER_TEST = """
from kstack_lib.any import get_credentials

def test_upload(kstack_secrets):
    kstack_secrets.put("s3", "layer3", {"key": "fake"})
    assert get_credentials("s3", layer="layer3", environment="dev")["key"] == "fake"
"""


def test_the_fixture(tmp_path: Path, run: Run) -> None:
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["kstack_lib.testing.fixtures"]\n')
    (tmp_path / "test_user.py").write_text(USER_TEST)
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path))
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
