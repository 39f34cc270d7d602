"""What docs/pod.md shows of a pod's own functions, in each language, run in one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from apiserver import StandIn
from compiled import BUILD, C_CONTAINER, C_FREE, GO_CONTAINER, build_c, build_go, c_program, checked, go_program
from pages import block
from pods import Pod, python


@pytest.fixture
def limited(pod: Pod, server: StandIn) -> Iterator[Pod]:
    """A pod with the config map of the page, and the line in the Role."""
    server.objects.put_config_map("limits", {"uploads.yaml": "most: 5\n"})
    server.objects.subjects[pod.token].allowed.add(("get", "configmaps", "layer-3-production", "limits"))
    pod.variables["LD_LIBRARY_PATH"] = str(BUILD / "lib")
    yield pod
    assert pod.written == ["most: 5\n\n", ""]


def test_python(limited: Pod, server: StandIn) -> None:
    limited.python(*python(block("docs/pod.md", "What a pod needs", "python"), "print(limits)"))
    assert server.objects.data("configmaps", "kstack-route")["active-route"] == "staging"


def test_go(limited: Pod, server: StandIn, tmp_path: Path) -> None:
    fragment = checked(block("docs/pod.md", "What a pod needs", "go"))
    limited.run(build_go(go_program(GO_CONTAINER + fragment, "fmt.Println(limits)\nreturn nil"), tmp_path))
    assert server.objects.data("configmaps", "kstack-route")["active-route"] == "staging"


def test_c(limited: Pod, tmp_path: Path) -> None:
    fragment = block("docs/pod.md", "What a pod needs", "c")
    limited.run(build_c(c_program(fragment, C_CONTAINER, C_FREE), tmp_path / "program"))
