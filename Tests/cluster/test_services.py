"""Layer secrets, cloud services and credentials for AWS in a pod: the same answers, from the API server."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from apiserver import StandIn
from pods import Agent, CallError

PREFIX = "/api/v1/namespaces/layer-3-production"

ENVIRONMENT = """\
environment: production
deployment_targets:
  layer3: {provider: cloud}
  layer1: {provider: cloud}
allow_provider_override: true
"""

CLOUD = """\
name: cloud
provider_family: aws
provider_implementation: digitalocean
services:
  s3:
    endpoint_url: https://{{environment}}.{{layer.namespace}}.example.org
    bucket: files
"""

OTHER = """\
name: other
provider_family: gcp
provider_implementation: gcp
services: {s3: {}}
"""


def values(answer: dict[str, Any]) -> dict[str, bytes]:
    """Return the bytes of an answer."""
    return {name: base64.b64decode(value) for name, value in answer["values"].items()}


def failure(agent: Agent, function: str, **arguments: str | None) -> CallError:
    """Call a function, and return how it failed."""
    with pytest.raises(CallError) as failed:
        agent.call(function, **arguments)
    return failed.value


@pytest.fixture
def cloud(server: StandIn) -> StandIn:
    """A cluster with an environment, two providers, and credentials for both."""
    server.objects.put_config_map("kstack-environments", {"production.yaml": ENVIRONMENT})
    server.objects.put_config_map("kstack-providers", {"cloud.yaml": CLOUD, "other.yaml": OTHER})
    server.objects.put_secret("layer3-s3-credentials", {"access_key_id": b"id-canary", "secret": b"secret-canary"})
    server.objects.put_secret("layer3-database-credentials", {"user": b"x"})
    return server


def test_the_secrets_of_a_layer(agent: Agent, server: StandIn) -> None:
    server.objects.put_secret("layer3-secrets", {"api-key": b"canary", "binary": b"\xff\0\n"})
    answer = agent.call("load_secrets", layer="layer3", environment=None)
    assert values(answer) == {"api-key": b"canary", "binary": b"\xff\0\n"}
    assert answer["source"].startswith("Secret layer-3-production/layer3-secrets (resourceVersion ")
    assert values(agent.call("load_secrets", layer="3", environment="production")) == values(answer)
    assert {request.path for request in server.requests} == {f"{PREFIX}/secrets/layer3-secrets"}


def test_a_layer_without_secrets(agent: Agent, server: StandIn) -> None:
    assert failure(agent, "load_secrets", layer="layer3", environment=None).kind == "KStackServiceNotFoundError"
    server.objects.put_secret("layer3-secrets", {})
    assert failure(agent, "load_secrets", layer="layer3", environment=None).kind == "KStackServiceNotFoundError"
    sent = len(server.requests)
    failed = failure(agent, "load_secrets", layer="layer3", environment="dev")
    assert failed.kind == "KStackConfigurationError"
    assert "'dev'" in failed.message
    assert len(server.requests) == sent


def test_a_service_is_resolved(agent: Agent, cloud: StandIn) -> None:
    answer = agent.call("resolve", service="s3", layer="layer3", environment=None, provider=None)
    assert list(values(answer).items()) == [
        ("provider", b"cloud"),
        ("family", b"aws"),
        ("implementation", b"digitalocean"),
        ("endpoint_url", b"https://production.layer-3-global-infra.example.org"),
        ("verify_ssl", b"true"),
        ("access_key_id", b"id-canary"),
        ("secret", b"secret-canary"),
        ("bucket", b"files"),
    ]
    for part in ("cloud.yaml", "kstack-providers", "Secret layer-3-production/layer3-s3-credentials"):
        assert part in answer["source"]
    assert [request.path for request in cloud.requests] == [
        f"{PREFIX}/configmaps/kstack-environments",
        f"{PREFIX}/configmaps/kstack-providers",
        f"{PREFIX}/secrets/layer3-s3-credentials",
    ]


def test_another_provider_has_credentials_under_its_own_name(agent: Agent, cloud: StandIn) -> None:
    cloud.objects.put_config_map("kstack-providers", {"database.yaml": OTHER.replace("other", "database")})
    answer = agent.call("resolve", service="s3", layer="layer3", environment="production", provider="database")
    assert values(answer)["user"] == b"x"
    assert values(answer)["family"] == b"gcp"
    cloud.objects.put_config_map("kstack-environments", {"production.yaml": ENVIRONMENT.replace("true", "false")})
    failed = failure(agent, "resolve", service="s3", layer="layer3", environment=None, provider="database")
    assert failed.kind == "KStackConfigurationError"
    assert "allow_provider_override" in failed.message


def test_what_cannot_be_resolved(agent: Agent, cloud: StandIn) -> None:
    def refused(**arguments: str | None) -> CallError:
        return failure(agent, "resolve", **{"service": "s3", "environment": None, "provider": None, **arguments})

    assert refused(layer="layer0").kind == "KStackLayerAccessError"
    assert refused(layer="layer3", environment="dev").kind == "KStackConfigurationError"
    assert cloud.accepted == 0
    assert refused(layer="layer3", service="sqs").kind == "KStackServiceNotFoundError"
    missing = refused(layer="layer3", provider="third")
    assert missing.kind == "KStackConfigurationError"
    for part in ("third.yaml", "kstack-providers", "cloud.yaml, other.yaml"):
        assert part in missing.message
    cloud.objects.put_config_map(
        "kstack-providers", {"cloud.yaml": CLOUD.replace("aws", "x").replace("files", "'{{x}}'")}
    )
    wrong = refused(layer="layer3")
    assert wrong.kind == "KStackConfigurationError"
    for part in ("kstack-providers", "line 2: provider_family is 'x'", "line 7: services.s3.bucket is a string"):
        assert part in wrong.message
    cloud.objects.remove("configmaps", "kstack-environments")
    assert refused(layer="layer3").kind == "KStackConfigurationError"


def test_credentials_for_aws(agent: Agent, server: StandIn) -> None:
    server.objects.put_secret("layer3-s3-credentials", {"AWS_ACCESS_KEY_ID": b"id", "AWS_SECRET_ACCESS_KEY": b"canary"})
    assert agent.call("credential_process", service="s3", layer="layer3") == {
        "Version": 1,
        "AccessKeyId": "id",
        "SecretAccessKey": "canary",
    }
    server.objects.put_secret("layer3-s3-credentials", {"access_key_id": b"\xff", "secret_access_key": b"canary"})
    failed = failure(agent, "credential_process", service="s3", layer="layer3")
    assert failed.kind == "KStackConfigurationError"
    assert "line break or another character" in failed.message
