"""The examples for CI, pre-commit and Compose, in a project; those for Kubernetes are with the tests of pods."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from compiled import BUILD
from people import REPOSITORY, WRONG_PLACE, Person, script

CONTAINER = REPOSITORY / "examples" / "container"
CHECKS = [*sorted((REPOSITORY / "examples" / "ci").glob("*.yaml")), REPOSITORY / ".pre-commit-hooks.yaml"]

#: What the jobs install.
WHEEL = "kstack_lib-1.2.3-py3-none-manylinux_2_34_x86_64.whl"


def commands(path: Path, key: str) -> tuple[str, dict[str, str]]:
    """The lines of a definition, and the variables that it gives them."""
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.name == "github.yaml":
        (job,) = read["jobs"].values()
        steps = [step for step in job["steps"] if "run" in step]
        # A secret that nobody set is empty there.
        values = {"${{ vars.KSTACK_WHEEL }}": WHEEL, "${{ secrets.KSTACK_AGE_KEY }}": key}
        variables = {name: values[value] for step in steps for name, value in step.get("env", {}).items()}
        return "\n".join(step["run"] for step in steps), variables
    if path.name == "gitlab.yaml":
        (job,) = read.values()
        assert job["variables"] == {"KSTACK_WHEEL": ""}
        given = {"KSTACK_WHEEL": WHEEL, **({"KSTACK_AGE_KEY": key} if key else {})}
        return "\n".join([*job["before_script"], *job["script"]]), given
    (hook,) = read
    assert (hook["language"], hook["always_run"], hook["pass_filenames"]) == ("system", True, False)
    return hook["entry"], {"KSTACK_AGE_KEY": key} if key else {}


@pytest.fixture
def checkout(person: Person) -> Person:
    """Somebody, or a runner, with a clone of a project and no identity in a file."""
    person.set("layer3/app.yaml", "token", "canary")
    person.git("add", ".")
    person.git("commit", "-qm", "Begin")
    runner = replace(person, home=person.home / "runner", project=person.home / "clone")
    (runner.home / "bin").mkdir(parents=True)
    person.git("clone", "-q", str(person.project), str(runner.project))
    # What a runner would install; kstack itself is on the PATH.
    for name in ("pip", "pipx"):
        script(runner.home / "bin" / name, [f'test "$*" = "install {WHEEL}"'])
    script(runner.home / "bin" / "apt-get", ['test "$*" = update || test "$1" = install'])
    return runner


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: path.name)
@pytest.mark.parametrize("has_key", [False, True], ids=["without a key", "with a key"])
def test_a_check_fails_for_what_must_not_come_in(path: Path, has_key: bool, person: Person, checkout: Person) -> None:
    lines, given = commands(path, person.keys.read_text() if has_key else "")
    more = {**given, "PATH": f"{checkout.home}/bin:{checkout.environment['PATH']}"}
    said = checkout.shell(lines, more=more)
    assert ("encrypted, readable, current  dev/layer3/app.yaml\n" in said.text) == has_key
    assert said.err == ""

    # A plaintext that git has.
    leak = checkout.project / "vault/dev/layer3/leak.yaml"
    leak.write_text("a: canary\n")
    checkout.git("add", "-f", str(leak))
    assert "git has dev/layer3/leak.yaml in clear" in checkout.shell(lines, more=more, code=1).err
    checkout.git("rm", "-qf", str(leak))

    # Another recipient, for whom nothing was encrypted anew.
    person.run("keygen", "-o", "other.txt")
    key = person.call("age-keygen", "-y", "other.txt").text.strip()
    with (checkout.project / "vault/.recipients/dev.txt").open("a") as file:
        file.write(f"{key}\n")
    assert "app.yaml is stale" in checkout.shell(lines, more=more, code=1).err


def test_a_runner_that_is_a_pod_has_no_vault(checkout: Person) -> None:
    """The comment of GitLab's example says so."""
    in_pod = str(REPOSITORY / "Tests" / "support" / "in-pod")
    said = checkout.call(in_pod, "--", "kstack", "status", "--check", code=WRONG_PLACE)
    assert "never in a Kubernetes pod" in said.err


def test_compose(shop: Person) -> None:
    """The files that it names are there, the identity is where the program looks, and the program runs so."""
    read: dict[str, Any] = yaml.safe_load((CONTAINER / "compose.yaml").read_text(encoding="utf-8"))
    (service,) = read["services"].values()
    assert set(service) == {
        *("build", "command", "environment", "read_only", "secrets", "user", "volumes", "working_dir"),
    }
    containerfile = CONTAINER / service["build"]["context"] / service["build"]["dockerfile"]
    (program,) = re.findall(r"^COPY (\w+\.py) ", containerfile.read_text(), re.M)
    (volume,) = service["volumes"]
    assert volume == f"./project:{service['working_dir']}:ro"
    (name,) = service["secrets"]
    assert service["environment"] == {"KSTACK_AGE_KEY_FILE": f"/run/secrets/{name}"}
    assert read["secrets"] == {name: {"file": str(shop.keys).replace(str(shop.home), "${HOME}")}}

    more = {
        "HOME": "/nonexistent",
        "KSTACK_AGE_KEY_FILE": str(shop.keys),
        "KSTACK_LIBRARY": str(BUILD / "lib/libkstack.so.0"),
    }
    said = shop.call(sys.executable, str(containerfile.parent / program), *service["command"], more=more)
    assert said.text == "['access_key_id', 'secret_access_key']\n"


def test_the_images_are_those_that_the_packages_are_tried_with() -> None:
    """packaging/test-containers makes both and runs what is in them; a new file needs a test."""
    tried = (REPOSITORY / "packaging" / "test-containers").read_text(encoding="utf-8")
    files = {path.name for path in CONTAINER.iterdir()}
    assert files == {"Containerfile", "Containerfile.distroless", "app.py", "compose.yaml"}
    assert {name for name in files if f'EXAMPLES / "{name}"' in tried} == files - {"compose.yaml"}
