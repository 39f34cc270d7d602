"""Programs in C, Go and Python that know nothing about pods get their credentials in one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from apiserver import StandIn
from compiled import build_go, pkg_config
from conftest import SECRET
from pods import PROGRAMS, REPOSITORY, Pod, python
from programs import HERE

DEMO = REPOSITORY / "Tests" / "demo"


@pytest.fixture
def dev(pod: Pod, server: StandIn) -> Pod:
    """A pod of the environment that the programs name."""
    pod.namespace = "layer-3-dev"
    pod.publish()
    server.objects.put_secret("layer3-s3-credentials", {"access": b"one", "secret": b"two words"}, "layer-3-dev")
    return pod


def test_the_demo_in_c(dev: Pod, tmp_path: Path) -> None:
    program = tmp_path / "demo"
    subprocess.run(["cc", "-std=c99", "-o", str(program), str(DEMO / "demo.c"), *pkg_config()], check=True)
    dev.variables["LD_LIBRARY_PATH"] = str(REPOSITORY / "build" / "lib")
    done = dev.run(program)
    assert (done.returncode, done.stdout, done.stderr) == (0, "access = one\nsecret = two words\n", "")


def test_the_demo_in_go(dev: Pod, tmp_path: Path) -> None:
    dev.variables["LD_LIBRARY_PATH"] = str(REPOSITORY / "build" / "lib")
    done = dev.run(build_go((DEMO / "demo.go").read_text(), tmp_path, "-race"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "access = one\nsecret = two words\n", "")


def test_the_demo_in_python(dev: Pod) -> None:
    done = dev.python(DEMO / "demo.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, "access = one\nsecret = two words\n", "")


@pytest.mark.parametrize("name", ["get_credentials", "secrets_provider"])
def test_programs_work(name: str, dev: Pod, server: StandIn) -> None:
    done = dev.python(PROGRAMS / f"{name}.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(server.requests) == (1 if name == "get_credentials" else 0)


def test_the_vault_is_refused_at_the_import(dev: Pod, server: StandIn) -> None:
    done = dev.python(PROGRAMS / "decrypt_vault.py")
    assert done.returncode == 1
    assert "line 1" in done.stderr
    assert "KStackEnvironmentError" in done.stderr
    assert server.accepted == 0


def test_the_guard_allows_cluster_code(dev: Pod) -> None:
    done = dev.python(PROGRAMS / "guard.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, "In cluster: True\n", "")


def test_modules_of_python(pod: Pod, server: StandIn) -> None:
    server.objects.put_config_map("settings", {"key": "value"})
    done = pod.python(
        *python(
            "from kstack_lib.any import KStackClusterError, KStackRouteError, KStackServiceNotFoundError, Layer",
            "from kstack_lib.any.config import get_config_root, get_environment, get_vault_root",
            "from kstack_lib.cluster.config import get_configmap, set_active_route",
            "from kstack_lib.cluster.security import get_credentials",
            "print(get_environment(), get_config_root(), get_vault_root())",
            "print(sorted(get_credentials('s3', Layer.LAYER3)))",
            "print(get_configmap('layer3', 'settings', 'key'))",
            "print(set_active_route(Layer.LAYER3, 'staging'))",
            "for call, kind in (",
            "    (lambda: get_configmap('layer3', 'settings', 'other'), KStackServiceNotFoundError),",
            "    (lambda: get_configmap('layer3', 'nobodys', 'key'), KStackClusterError),",
            "    (lambda: set_active_route('layer3', 'nowhere'), KStackRouteError),",
            "    (lambda: get_configmap('layer3', 'a\\0b', 'key'), ValueError),",
            "    (lambda: get_configmap('layer3', 5, 'key'), TypeError),",
            "):",
            "    try:",
            "        call()",
            "    except kind:",
            "        print(kind.__name__)",
        )
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "production None None",
        str(sorted(SECRET)),
        "value",
        "None",
        "KStackServiceNotFoundError",
        "KStackClusterError",
        "KStackRouteError",
        "ValueError",
        "TypeError",
    ]


def test_a_program_in_go(pod: Pod, server: StandIn, tmp_path: Path) -> None:
    server.objects.put_config_map("settings", {"key": "value"})
    pod.variables["LD_LIBRARY_PATH"] = str(REPOSITORY / "build" / "lib")
    done = pod.run(build_go((HERE / "program.go").read_text(), tmp_path, "-race"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "environment production <nil>",
        "config map value <nil>",
        "no key true",
        "forbidden true true",
        "route <nil>",
        "no route true",
        "NUL true",
        "vault true",
        "closed true",
        "closed true",
    ]
    assert server.objects.data("configmaps", "kstack-route")["active-route"] == "staging"
