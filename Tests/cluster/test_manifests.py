"""The shipped manifests allow all that the library requests, and no more."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from apiserver import StandIn, Subject
from conftest import SECRET
from pages import block
from pods import REPOSITORY, Agent, CallError, Pod

FOLDER = REPOSITORY / "examples" / "kubernetes"
NAMESPACE = "layer-3-production"


def load(name: str) -> list[dict[str, Any]]:
    """Return the objects of a file."""
    return [dict(one) for one in yaml.safe_load_all((FOLDER / name).read_text())]


def of_kind(objects: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """Return the only object of a kind."""
    (found,) = (one for one in objects if one["kind"] == kind)
    return found


def subject(*files: str) -> Subject:
    """Return what the Roles in some files allow."""
    allowed = {
        (verb, resource, role["metadata"]["namespace"], name)
        for file in files
        for role in load(file)
        if role["kind"] == "Role"
        for rule in role["rules"]
        for verb in rule["verbs"]
        for resource in rule["resources"]
        for name in rule["resourceNames"]
    }
    return Subject(allowed=allowed)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.name)
def test_objects_agree(path: Path) -> None:
    objects = load(path.name)
    assert objects
    for one in objects:
        assert one["metadata"]["namespace"] == NAMESPACE
        if one["kind"] == "RoleBinding":
            assert one["roleRef"] == {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "Role",
                "name": of_kind(objects, "Role")["metadata"]["name"],
            }
            account = of_kind(load("role.yaml"), "ServiceAccount")["metadata"]
            assert one["subjects"] == [{"kind": "ServiceAccount", **account}]
        if one["kind"] == "Role":
            for rule in one["rules"]:
                assert set(rule) == {"apiGroups", "resources", "resourceNames", "verbs"}
                assert rule["apiGroups"] == [""]
                assert set(rule["verbs"]) <= {"get", "patch"}
                assert rule["verbs"] == ["get"] or rule["resourceNames"] == ["kstack-route"]
                assert rule["resources"] in (["secrets"], ["configmaps"])


def test_the_role_is_enough(agent: Agent, pod: Pod, server: StandIn) -> None:
    server.objects.subjects[pod.token] = subject("role.yaml")
    server.objects.put_config_map("kstack-environments", {"production.yaml": "environment: production\n"})
    server.objects.put_config_map("kstack-providers", {"aws.yaml": "name: aws\n"})
    server.objects.put_secret("layer3-secrets", {"a": b"1"})
    assert agent.credentials() == SECRET
    for name, key in (("kstack-environments", "production.yaml"), ("kstack-providers", "aws.yaml")):
        assert agent.call("config_map", layer="layer3", name=name, key=key)
    assert set(agent.call("load_secrets", layer="layer3", environment=None)["values"]) == {"a"}
    assert agent.call("active_route", layer="layer3") == "development"


def test_the_role_allows_nothing_else(agent: Agent, pod: Pod, server: StandIn) -> None:
    server.objects.subjects[pod.token] = subject("role.yaml")
    for call in (
        lambda: agent.credentials("database"),
        lambda: agent.credentials(layer="layer1"),
        lambda: agent.call("config_map", layer="layer3", name="settings", key="key"),
        lambda: agent.call("set_route", layer="layer3", route="staging"),
    ):
        with pytest.raises(CallError, match="403"):
            call()


def test_the_writer_of_routes(agent: Agent, pod: Pod, server: StandIn) -> None:
    shipped = of_kind(load("route-writer.yaml"), "ConfigMap")
    server.objects.put_config_map(shipped["metadata"]["name"], shipped["data"])
    server.objects.subjects[pod.token] = subject("route-writer.yaml")
    agent.call("set_route", layer="layer3", route="staging")
    assert server.objects.data("configmaps", "kstack-route") == {"active-route": "staging"}


def spec_of(name: str) -> dict[str, Any]:
    """Return the specification of the pod in a file, or of the pods of a Deployment."""
    (found,) = load(name)
    spec: dict[str, Any] = found["spec"] if found["kind"] == "Pod" else found["spec"]["template"]["spec"]
    return spec


@pytest.mark.parametrize("name", ["pod.yaml", "pod-mounted.yaml", "deployment.yaml"])
def test_pods_have_no_more_than_they_need(name: str) -> None:
    spec = spec_of(name)
    assert spec["securityContext"]["runAsNonRoot"] is True
    for container in spec["containers"]:
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        # No secrets in variables: those stay readable for the life of the process.
        assert not any("secretKeyRef" in one.get("valueFrom", {}) for one in container.get("env", []))
        assert "envFrom" not in container


@pytest.mark.parametrize("name", ["pod.yaml", "deployment.yaml"])
def test_the_pod_has_the_service_account_of_the_role(name: str) -> None:
    spec = spec_of(name)
    assert spec["serviceAccountName"] == of_kind(load("role.yaml"), "ServiceAccount")["metadata"]["name"]
    assert spec["automountServiceAccountToken"] is True


def test_the_deployment_selects_its_pods() -> None:
    (deployment,) = load("deployment.yaml")
    assert deployment["apiVersion"] == "apps/v1"
    assert deployment["spec"]["selector"]["matchLabels"] == deployment["spec"]["template"]["metadata"]["labels"]


def test_the_pod_with_a_mount(pod: Pod, server: StandIn) -> None:
    spec = spec_of("pod-mounted.yaml")
    (volume,) = spec["volumes"]
    (container,) = spec["containers"]
    (mounted,) = container["volumeMounts"]
    assert mounted["name"] == volume["name"]
    assert mounted["mountPath"] == f"/var/run/secrets/kstack/{volume['secret']['secretName']}"
    assert "subPath" not in mounted
    # As in the pod: no token, the variable, and the mounted Secret.
    assert spec["automountServiceAccountToken"] is False
    assert container["env"] == [
        {"name": "POD_NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}}
    ]
    pod.options = ("--no-token",)
    pod.variables["POD_NAMESPACE"] = NAMESPACE
    pod.mount(Path(mounted["mountPath"]).name).publish(SECRET)
    agent = Agent(pod)
    assert agent.credentials() == SECRET
    agent.close()
    assert server.accepted == 0


#: Stands for a kubectl without a server: it keeps what it would send, and says what it would apply.
KUBECTL = f"""#!/bin/sh
case "$*" in
*" create "*) exec {shutil.which("kubectl")} "$@" --dry-run=client -o json >created.json ;;
"apply "*) echo "$*" ;;
*) exit 1 ;;
esac
"""


def test_the_commands_of_the_page(agent: Agent, pod: Pod, server: StandIn, tmp_path: Path) -> None:
    """The Secret that kubectl makes of files is found, and the Role that is applied is enough."""
    values = {"access_key_id": b"AKIA-canary-2", "secret_access_key": b"\xff canary-3\n"}
    for name, value in values.items():
        (tmp_path / name).write_bytes(value)
    (tmp_path / "examples").symlink_to(REPOSITORY / "examples")
    (tmp_path / "kubectl").write_text(KUBECTL)
    (tmp_path / "kubectl").chmod(0o755)
    commands = block("docs/pod.md", "What a pod needs", "sh")
    path = f"{tmp_path}:/usr/local/bin:/usr/bin:/bin"
    command = ["bash", "-euc", commands]
    said = subprocess.run(command, cwd=tmp_path, env={"PATH": path}, stdout=subprocess.PIPE, text=True, check=True)

    assert said.stdout.split()[:2] == ["apply", "-f"]
    files = [Path(word).name for word in said.stdout.split() if word.startswith("examples/kubernetes/")]
    assert files == ["role.yaml", "pod.yaml"]
    server.objects.remove("secrets", "layer3-s3-credentials")
    server.objects.apply([json.loads((tmp_path / "created.json").read_text())])
    server.objects.subjects[pod.token] = subject(*files)
    assert agent.credentials() == values
