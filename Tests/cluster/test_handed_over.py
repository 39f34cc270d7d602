"""With what kstack manifests prints, pods answer as the developer's machine does."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kstack_lib.any import KStackContainer, KStackServiceNotFoundError
from kstack_lib.any.security import Credentials

from apiserver import StandIn, Subject
from pods import REPOSITORY, TOKEN, Agent, Pod

PROGRAM = REPOSITORY / "build" / "bin" / "kstack"
LAYERS = ("layer0", "layer1", "layer2", "layer3")

CREDENTIALS = """\
s3:
  access_key_id: AKIA-1
  secret_access_key: 'it''s "quoted" \\ and {{braces}}'
  number: 0123
  float: 1.50
  yes: yes
  empty: ''
  nothing:
  nested: {a: 1, b: [x, {c: 'ü'}]}
  list: [1, 'two']
  multi: |
    -----BEGIN-----
    lines
  Upper.dotted-name_1: v
database:
  password: "\\u0001\\x7f \\U0001F5DD"
"""
SECRETS = "token: canary-less\nport: 0443\nmulti: |\n  a\n  b\nempty: ''\n"
FILES = {
    "vault/production/layer3/cloud-credentials.yaml": CREDENTIALS,
    "vault/production/layer3/app.yaml": SECRETS,
    "vault/production/layer1/cloud-credentials.yaml": "queue:\n  password: q\n",
    "vault/production/layer0/app.yaml": "name: zero\n",
    "environments/production.yaml": (
        "environment: production\ndeployment_targets:\n  layer3:\n    provider: cloud\n  layer1:\n    provider: cloud\n"
    ),
    "providers/cloud.yaml": (
        "name: cloud\nprovider_family: aws\nprovider_implementation: aws\nregion: eu-central-1\n"
        "services:\n  s3:\n    endpoint_url: https://{{environment}}.example.org\n    bucket: files\n  queue:\n"
    ),
}


@pytest.fixture
def project(place: Path) -> Iterator[Path]:
    """A project whose vault has every kind of value."""
    folder = place / "project"
    folder.mkdir()
    call(folder, "init", "--environment", "production")
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    call(folder, "encrypt")
    yield folder


def call(project: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    environment = {"HOME": str(project.parent), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    done = subprocess.run(
        [PROGRAM, *arguments], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done
    return done


def local(project: Path) -> KStackContainer:
    """Return a container as the developer has it."""
    keys = project.parent / ".config" / "kstack" / "age" / "keys.txt"
    return KStackContainer(project_root=str(project), identity_file=str(keys))


def values(credentials: Credentials) -> dict[str, bytes]:
    """Return the bytes of all values."""
    with credentials:
        return {name: credentials.bytes(name) for name in credentials}


def decoded(answer: dict[str, Any]) -> dict[str, bytes]:
    """Return the bytes of all values that a pod found."""
    return {name: base64.b64decode(value) for name, value in answer["values"].items()}


def namespace(layer: str) -> str:
    """Return the namespace of a layer's pods."""
    return f"layer-{layer[-1]}-production"


def rights(items: list[dict[str, Any]], space: str) -> Subject:
    """Return what the Role of a namespace allows."""
    allowed = {
        (verb, resource, space, name)
        for item in items
        if item["kind"] == "Role" and item["metadata"]["namespace"] == space
        for rule in item["rules"]
        for verb in rule["verbs"]
        for resource in rule["resources"]
        for name in rule["resourceNames"]
    }
    return Subject(allowed=allowed)


def test_pods_answer_as_the_machine_does(project: Path, server: StandIn, tmp_path: Path) -> None:
    printed = call(project, "manifests", "--environment", "production")
    assert printed.stderr == ""
    listed = json.loads(printed.stdout)
    assert (listed["apiVersion"], listed["kind"]) == ("v1", "List")
    server.objects.remove("secrets", "layer3-s3-credentials")
    server.objects.apply(listed["items"])
    seen = 0
    for layer in LAYERS:
        space = namespace(layer)
        if not any(item["metadata"]["namespace"] == space for item in listed["items"]):
            continue
        server.objects.subjects[TOKEN] = rights(listed["items"], space)
        folder = tmp_path / layer
        folder.mkdir()
        agent = Agent(Pod(folder, server, namespace=space))
        with local(project) as container:
            for service in ("s3", "database", "queue"):
                try:
                    wanted = values(container.get_credentials(service, layer))
                except KStackServiceNotFoundError:
                    continue
                assert decoded(agent.call("credentials", service=service, layer=layer, environment=None)) == wanted
                seen += 1
            try:
                wanted = values(container.load_secrets(layer))
            except KStackServiceNotFoundError:
                pass
            else:
                assert decoded(agent.call("load_secrets", layer=layer, environment=None)) == wanted
                seen += 1
            for service in ("s3", "queue"):
                if (service, layer) in (("s3", "layer3"), ("queue", "layer1")):
                    wanted = values(container.resolve_service(service, layer))
                    found = agent.call("resolve", service=service, layer=layer, environment=None, provider=None)
                    assert decoded(found) == wanted
                    seen += 1
        agent.close()
    assert seen == 7


def test_the_output_is_for_server_side_apply(project: Path) -> None:
    text = call(project, "manifests").stdout
    items = json.loads(text)["items"]
    assert "stringData" not in text
    assert "last-applied" not in text
    for item in items:
        assert item["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "kstack"}
    spaces = {item["metadata"]["namespace"] for item in items}
    assert spaces == {"layer-0-production", "layer-1-production", "layer-3-production"}
    only = json.loads(call(project, "manifests", "--layer", "layer1").stdout)["items"]
    assert {item["metadata"]["namespace"] for item in only} == {"layer-1-production"}
    for space in spaces:
        role = next(one for one in items if one["kind"] == "Role" and one["metadata"]["namespace"] == space)
        for rule in role["rules"]:
            assert rule["verbs"] == ["get"]
            assert rule["resourceNames"]
    fixed = json.loads(call(project, "manifests", "--fixed-namespaces").stdout)["items"]
    assert "layer-3-production" not in {item["metadata"]["namespace"] for item in fixed}


@pytest.mark.parametrize(
    ("name", "content", "parts"),
    [
        ("cloud-credentials.yaml", "s3:\n  'a b': canary\n", ("cloud-credentials.yaml", "line 2", "'a b'")),
        ("cloud-credentials.yaml", "S3_x:\n  a: canary\n", ("cloud-credentials.yaml", "S3_x")),
        ("app.yaml", "'../x': canary\n", ("app.yaml", "line 1", "'../x'")),
        ("app.yaml", "big: " + "canary" * 200_000 + "\n", ("1 MiB", "line 1")),
    ],
)
def test_what_a_secret_cannot_hold_is_an_error(project: Path, name: str, content: str, parts: tuple[str, ...]) -> None:
    call(project, "decrypt")
    (project / "vault/production/layer3" / name).write_text(content)
    call(project, "encrypt")
    said = call(project, "manifests", code=12)
    assert said.stdout == ""
    assert "canary" not in said.stderr
    for part in parts:
        assert part in said.stderr, said.stderr
    # status reports it before the hand-over.
    assert "canary" not in call(project, "status").stdout
    told = call(project, "status").stdout
    assert "a Secret" in told or "the name of a Secret" in told


def test_files_that_no_look_up_could_read_are_left_out(project: Path) -> None:
    wanted = call(project, "manifests").stdout
    for name in ("my cloud.yaml", "Cloud.yaml", ".yaml", ".#cloud.yaml"):
        (project / "providers" / name).write_text("name: other\n")
    done = call(project, "manifests")
    assert done.stdout == wanted
    lines = done.stderr.splitlines()
    assert len(lines) == 4
    assert any("/providers/my cloud.yaml' is left out" in line for line in lines), lines


def test_a_config_map_that_is_too_large(project: Path) -> None:
    (project / "providers" / "big.yaml").write_text("name: big\n" + "# filler\n" * 120_000)
    said = call(project, "manifests", code=12)
    assert said.stdout == ""
    assert "/providers: " in said.stderr
    assert "at most 1 MiB" in said.stderr


def test_a_namespace_name_that_is_too_long(project: Path) -> None:
    name = "e" * 56
    (project / "environments" / f"{name}.yaml").write_text(f"environment: {name}\n")
    said = call(project, "manifests", "--environment", name, code=12)
    assert said.stdout == ""
    assert f"layer-0-{name}" in said.stderr
    assert "--fixed-namespaces" in said.stderr


def test_nested_secrets_of_a_layer_are_reported(project: Path) -> None:
    call(project, "decrypt")
    file = project / "vault/production/layer3/app.yaml"
    metadata = "shared_with: []\ndescription: {why: [a, b]}\nmigration: [1]\n"
    file.write_text(metadata + SECRETS)
    call(project, "encrypt")
    assert "nested" not in call(project, "status").stdout
    call(project, "manifests")
    call(project, "decrypt")
    file.write_text(metadata + SECRETS + "deep: {a: canary}\nlist:\n  - canary\n")
    call(project, "encrypt")
    call(project, "secrets", "--layer", "layer3", code=12)
    told = call(project, "status").stdout
    said = call(project, "manifests", code=12)
    assert said.stdout == ""
    for text in (told, said.stderr):
        assert "canary" not in text
        for line, key in ((10, "deep"), (11, "list")):
            assert f"line {line}: the value of '{key}' is nested" in text, text
        assert "write its parts as keys of their own" in text
