"""Processes that fork, and when a process loads libcurl."""

from __future__ import annotations

from pathlib import Path

import pytest

from apiserver import StandIn
from conftest import SECRET
from pods import Agent, Pod, python

NAME = "layer3-s3-credentials"

FORKING = Path(__file__).with_name("forking.py")


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_parent_and_child_look_up_again(method: str, pod: Pod, server: StandIn) -> None:
    server.objects.put_secret("layer3-database-credentials", {"key": b"for the child"})
    done = pod.python(FORKING, method)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["parent 2", "child 1 1 1", "parent 2", "child 1 1 1", "parent 2"]
    parents = {request.connection for request in server.requests if request.path.endswith(NAME)}
    children = {request.connection for request in server.requests if not request.path.endswith(NAME)}
    assert len(parents) == 1
    assert len(children) == 2
    assert not parents & children


def test_a_thread_that_looks_up_while_another_forks(pod: Pod) -> None:
    done = pod.python(FORKING, "threads")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "done\n"


CLOSING = """
import os, sys
from kstack_lib.any import KStackContainer
container = KStackContainer()
assert len(container.get_credentials("s3", "layer3")) == 2
child = os.fork() if sys.argv[1] == "child" else 0
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
# As daemons do: closes everything, and opens files with the same numbers.
os.closerange(3, 256)
files = [os.open(f"mine-{number}", os.O_RDWR | os.O_CREAT) for number in range(20)]
before = [os.fstat(file).st_ino for file in files]
assert len(container.get_credentials("s3", "layer3")) == 2
container.close()
assert [os.fstat(file).st_ino for file in files] == before
assert [os.fstat(file).st_size for file in files] == [0] * len(files)
os._exit(0)
"""


@pytest.mark.parametrize("who", ["child", "itself"])
def test_a_process_that_closes_all_files_keeps_its_own(who: str, pod: Pod, tmp_path: Path) -> None:
    program = tmp_path / "closing.py"
    program.write_text(CLOSING)
    done = pod.python(program, who)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_local_process_maps_no_libcurl(pod: Pod) -> None:
    folder = pod.root / "project" / "vault" / "dev" / "layer3"
    folder.mkdir(parents=True)
    credentials = folder / "cloud-credentials.yaml"
    credentials.write_text("s3:\n  key: local\n")
    credentials.chmod(0o600)
    pod.options = ("--hide",)
    for name in ("KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        pod.variables[name] = ""
    done = pod.python(
        *python(
            "from kstack_lib.any import Client",
            "container = Client(project_root='project')",
            "assert container.get_credentials('s3', 'layer3', 'dev')['key'] == 'local'",
            "print(open('/proc/self/maps').read())",
        )
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "libkstack" in done.stdout
    for library in ("libcurl", "libssl", "libgnutls", "libnss", "libmbedtls"):
        assert library not in done.stdout


def test_libcurl_is_loaded_by_the_first_call_that_needs_it(agent: Agent) -> None:
    assert agent.call("environment") == "production"
    assert not any("libcurl" in path for path in agent.call("process")["mapped"])
    assert agent.credentials() == SECRET
    assert any("libcurl.so.4" in path for path in agent.call("process")["mapped"])
