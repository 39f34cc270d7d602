"""Layer secrets, services of cloud providers, the route, and credentials for AWS's own SDK."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from conftest import Project, Run, make_identity
from kstack_lib.any import (
    Credentials,
    KStackConfigurationError,
    KStackContainer,
    KStackInvalidArgumentError,
    KStackLayerAccessError,
    KStackRouteError,
    KStackServiceNotFoundError,
    KStackVaultError,
    Layer,
)
from kstack_lib.any.config import get_active_route, resolve_service
from kstack_lib.any.security import load_secrets_for_layer

ENVIRONMENT = """\
environment: dev
deployment_targets:
  layer3: {provider: localstack}
allow_provider_override: true
"""

LOCALSTACK = """\
name: localstack
provider_family: aws
provider_implementation: localstack
region: us-east-1
services:
  s3:
    endpoint_url: http://localstack.{{layer.namespace}}:4566
    verify_ssl: false
    bucket: "{{environment}}-files"
"""

CREDENTIALS = """\
s3:
  access_key_id: AKIAEXAMPLE
  secret_access_key: made-up-canary-4711
temporary:
  AWS_ACCESS_KEY_ID: ASIAEXAMPLE
  AWS_SECRET_ACCESS_KEY: made-up-canary-4711
  AWS_SESSION_TOKEN: token-canary-4711
  EXPIRATION: 2999-01-01T00:00:00Z
half:
  access_key_id: AKIAEXAMPLE
providers:
  localstack:
    access_key_id: test
    secret_access_key: canary-4711
"""


def put(project: Project, name: str, content: str) -> Path:
    """Write a configuration file of the project."""
    path = project.root / "config" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


@pytest.fixture
def cloud(project: Project) -> Project:
    """A project with an environment, a provider and credentials for it."""
    put(project, "environments/dev.yaml", ENVIRONMENT)
    put(project, "providers/localstack.yaml", LOCALSTACK)
    project.encrypt(CREDENTIALS)
    return project


# -- layer secrets


def test_a_layer_gets_its_own_secrets_and_those_shared_with_it(project: Project) -> None:
    project.encrypt("api-key: own\npin: 0123\n", "app.yaml")
    project.encrypt("shared_with: [layer0, layer3]\nDB_PASSWORD: shared\n", "db.yaml", layer="layer1")
    for layer in ("layer3", "3", Layer.LAYER3):
        with load_secrets_for_layer(layer) as secrets:
            assert isinstance(secrets, Credentials)
            assert list(secrets.items()) == [("api-key", "own"), ("pin", "0123"), ("DB_PASSWORD", "shared")]
            assert secrets.source.endswith("vault/dev: layer3/secret.app.yaml, layer1/secret.db.yaml")
    assert dict(load_secrets_for_layer("layer0", environment="dev")) == {"DB_PASSWORD": "shared"}
    with KStackContainer() as container:
        assert container.load_secrets("layer1", "dev").json() == {"DB_PASSWORD": "shared"}
    with pytest.raises(KStackServiceNotFoundError, match="no secrets for layer2 in environment 'dev'"):
        load_secrets_for_layer("layer2")


def test_contradictions_and_closed_files(project: Project, tmp_path: Path) -> None:
    first = project.encrypt("shared_with: [layer3]\nkey: canary-4711\n", "a.yaml", layer="layer1")
    second = project.encrypt("shared_with: [layer3]\nkey: canary-4711\n", "a.yaml", layer="layer2")
    with pytest.raises(KStackConfigurationError) as caught:
        load_secrets_for_layer("layer3")
    assert str(first) in str(caught.value)
    assert str(second) in str(caught.value)
    assert "canary" not in str(caught.value)
    second.unlink()
    lines: list[str] = []
    other = make_identity(tmp_path / "other.txt")
    project.encrypt("key: own\n", "a.yaml")
    project.encrypt("shared_with: [layer3]\nkey: x\n", "a.yaml", layer="layer0", recipient=other)
    with KStackContainer(log=lambda level, line: lines.append(line)) as container:
        assert dict(container.load_secrets("layer3")) == {"key": "own"}
    assert len(lines) == 1
    assert "layer0/secret.a.yaml" in lines[0]
    project.encrypt("key: x\n", "b.yaml", recipient=other)
    with pytest.raises(KStackVaultError):
        load_secrets_for_layer("layer3")


# -- services


def test_a_service_is_resolved(cloud: Project) -> None:
    with resolve_service("s3", "layer3") as service:
        assert list(service.items()) == [
            ("provider", "localstack"),
            ("family", "aws"),
            ("implementation", "localstack"),
            ("region", "us-east-1"),
            ("endpoint_url", "http://localstack.layer-3-global-infra:4566"),
            ("verify_ssl", "false"),
            ("access_key_id", "test"),
            ("secret_access_key", "canary-4711"),
            ("bucket", "dev-files"),
        ]
        assert service.json() == dict(service)
        assert "canary" not in repr(service)
        configured = cloud.root / "config/providers/localstack.yaml"
        assert service.source == f"{configured} and {cloud.root}/vault/dev/layer3/secret.cloud-credentials.yaml"


def test_another_provider_may_be_named_where_that_is_allowed(cloud: Project) -> None:
    put(
        cloud,
        "providers/gcs.yaml",
        "name: gcs\nprovider_family: gcp\nprovider_implementation: gcp\nservices: {s3: {}}\n",
    )
    cloud.encrypt(CREDENTIALS + "  gcs: {key: x}\n")
    assert resolve_service("s3", "layer3", "dev", provider="gcs")["family"] == "gcp"
    put(cloud, "environments/dev.yaml", ENVIRONMENT.replace("true", "false"))
    with pytest.raises(KStackConfigurationError, match="'gcs' is not the one of layer3"):
        resolve_service("s3", "layer3", provider="gcs")
    assert resolve_service("s3", "layer3", provider="localstack")["family"] == "aws"


def test_what_cannot_be_resolved(cloud: Project) -> None:
    with pytest.raises(KStackLayerAccessError, match="layer0 has no cloud services"):
        resolve_service("s3", "layer0")
    with pytest.raises(KStackServiceNotFoundError, match="available: s3"):
        resolve_service("sqs", "layer3")
    with pytest.raises(KStackInvalidArgumentError):
        resolve_service("s3", "layer3", provider="../x")
    put(cloud, "providers/localstack.yaml", LOCALSTACK.replace("us-east-1", "[a]").replace("false", "no"))
    with pytest.raises(KStackConfigurationError) as caught:
        resolve_service("s3", "layer3")
    assert "line 4: region is a list" in str(caught.value)
    assert "line 8: services.s3.verify_ssl is 'no', expected true, false" in str(caught.value)


# -- route


def test_the_active_route(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert get_active_route("layer3") == "development"
    (project.root / ".kstack.yaml").write_text("environment: dev\nroute: prod\n")
    assert get_active_route(Layer.LAYER0) == "production"
    monkeypatch.setenv("KSTACK_ROUTE", "staging")
    assert get_active_route("layer0") == "staging"
    monkeypatch.setenv("KSTACK_ROUTE", "nowhere")
    with pytest.raises(KStackRouteError, match="KSTACK_ROUTE: invalid route 'nowhere'"):
        get_active_route("layer0")


# -- AWS


def test_the_json_for_credential_process(cloud: Project) -> None:
    with KStackContainer() as container:
        assert json.loads(container.aws_credential_process("s3", "layer3")) == {
            "Version": 1,
            "AccessKeyId": "AKIAEXAMPLE",
            "SecretAccessKey": "made-up-canary-4711",
        }
        with pytest.raises(KStackConfigurationError, match="no SecretAccessKey"):
            container.aws_credential_process("half", "layer3", "dev")


def test_the_command_prints_it(cloud: Project, run: Run, tmp_path: Path) -> None:
    command = ["-W", "error", "-m", "kstack_lib", "credential-process", "--service", "temporary", "--layer", "layer3"]
    done = run(*command)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["SessionToken"] == "token-canary-4711"
    elsewhere = subprocess.run(
        [sys.executable, *command, "--environment", "dev", "--project-root", str(cloud.root)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert elsewhere.stdout == done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--service", "none", "--layer", "layer3"), 1, "kstack: no service 'none'"),
        (("--service", "half", "--layer", "layer3"), 1, "has no SecretAccessKey for AWS"),
        (("--service", "S 3", "--layer", "layer3"), 1, "kstack: invalid service name 'S 3'"),
        (("--service", "s3", "--layer", "layer3", "--environment", "none"), 1, "no environment 'none'"),
        (("--service", "s3", "--layer", "layer3", "--project-root", "/nowhere"), 1, "kstack: the project root"),
        (("--service", "s3"), 2, "--layer"),
        ((), 2, "--service"),
    ],
)
def test_the_command_fails_on_standard_error(
    cloud: Project, run: Run, arguments: tuple[str, ...], code: int, message: str
) -> None:
    done = run("-m", "kstack_lib", "credential-process", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert "canary" not in done.stderr


def test_boto3_reads_a_profile_that_runs_the_command(cloud: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    import kstack_lib

    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHONPATH", str(Path(kstack_lib.__file__).resolve().parents[1]))
    profiles = cloud.root / "aws-config"
    command = f"{sys.executable} -m kstack_lib credential-process --layer layer3 --project-root {cloud.root} --service"
    profiles.write_text(
        f"[profile fixed]\ncredential_process = {command} s3\n"
        f"[profile temporary]\ncredential_process = {command} temporary\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(profiles))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(cloud.root / "none"))
    fixed = boto3.Session(profile_name="fixed").get_credentials().get_frozen_credentials()
    assert tuple(fixed)[:3] == ("AKIAEXAMPLE", "made-up-canary-4711", None)
    temporary = boto3.Session(profile_name="temporary").get_credentials().get_frozen_credentials()
    assert tuple(temporary)[:3] == ("ASIAEXAMPLE", "made-up-canary-4711", "token-canary-4711")
