"""The name of a pod's namespace determines its environment."""

from __future__ import annotations

import pytest

from apiserver import StandIn
from conftest import SECRET
from pods import Agent, CallError, Pod


@pytest.mark.parametrize(
    ("namespace", "environment"),
    [
        ("layer-3-production", "production"),
        ("layer-0-dev", "dev"),
        ("layer-1-data-collection", "data-collection"),
        ("layer-3-global-infra", "global-infra"),
        ("layer-2-x", "x"),
        ("layer-3-production\n", "production"),
    ],
)
def test_environment(namespace: str, environment: str, pod: Pod, server: StandIn) -> None:
    pod.namespace = namespace
    pod.publish()
    agent = Agent(pod)
    assert agent.call("environment") == environment
    assert agent.call("roots") == [None, None]
    agent.close()
    assert server.accepted == 0


@pytest.mark.parametrize(
    "namespace",
    [
        "default",
        "kube-system",
        "layer-4-production",
        "layer-3-",
        "layer-3",
        "layer-33-production",
        "layer3-production",
        "layer--production",
        "Layer-3-production",
        "layer-3-Production",
        "layer-3--production",
        "layer-3-production-",
        "my-layer-3-production",
        "",
    ],
)
def test_an_unknown_form_of_namespace_is_refused(namespace: str, pod: Pod, server: StandIn) -> None:
    pod.namespace = namespace
    pod.publish()
    agent = Agent(pod)
    for call in (lambda: agent.call("environment"), lambda: agent.credentials(environment="production")):
        with pytest.raises(CallError) as failed:
            call()
        assert failed.value.kind == "KStackConfigurationError"
        assert "dangerous" in failed.value.message
        assert "layer-<" in failed.value.message
        assert not failed.value.retryable
    agent.close()
    assert server.accepted == 0


def test_the_detected_environment_may_be_named(agent: Agent) -> None:
    assert agent.credentials(environment="production") == SECRET


@pytest.mark.parametrize("environment", ["dev", "prod", "staging"])
def test_another_environment_is_refused_before_anything_is_sent(
    environment: str, agent: Agent, server: StandIn
) -> None:
    with pytest.raises(CallError) as failed:
        agent.credentials(environment=environment)
    assert failed.value.kind == "KStackConfigurationError"
    assert environment in failed.value.message
    assert "production" in failed.value.message
    assert server.accepted == 0


def test_another_environment_is_refused_before_a_mount_is_read(agent: Agent, pod: Pod) -> None:
    pod.mount("layer3-s3-credentials").publish({"key": b"mounted"})
    with pytest.raises(CallError) as failed:
        agent.credentials(environment="dev")
    assert failed.value.kind == "KStackConfigurationError"


def test_the_file_comes_before_the_variable(pod: Pod) -> None:
    pod.variables["POD_NAMESPACE"] = "layer-3-dev"
    agent = Agent(pod)
    assert agent.call("environment") == "production"
    agent.close()


def test_the_variable_is_used_without_a_file(pod: Pod) -> None:
    pod.namespace = None
    pod.publish()
    pod.variables["POD_NAMESPACE"] = "layer-3-dev"
    agent = Agent(pod)
    assert agent.call("environment") == "dev"
    agent.close()


def test_neither_file_nor_variable(pod: Pod) -> None:
    pod.namespace = None
    pod.publish()
    agent = Agent(pod)
    with pytest.raises(CallError) as failed:
        agent.call("environment")
    assert failed.value.kind == "KStackConfigurationError"
    assert "POD_NAMESPACE" in failed.value.message
    agent.close()


def test_a_project_file_is_ignored(pod: Pod) -> None:
    # A pod may be built from a folder that has one.
    (pod.root / ".kstack.yaml").write_text("environment: dev\n")
    agent = Agent(pod)
    assert agent.call("environment") == "production"
    assert agent.credentials() == SECRET
    agent.close()
