"""A process forks while a thread of it is in the library, at any moment of its first call, and the child goes on.

KSTACK_LONG=1 makes 2,000 forks of each kind.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from conftest import Build
from vaults import REPOSITORY, Vault

COUNT = 2000 if os.environ.get("KSTACK_LONG") else 200

#: Like forks.c, in Python, where the import is part of the first call.
PROGRAM = """
import os, signal, sys, threading, time, warnings
warnings.simplefilter("ignore")
from kstack_lib.any import KStackContainer
def look_up():
    with KStackContainer(project_root=sys.argv[1]) as container:
        with container.get_credentials("s3", "layer3", "dev") as credentials:
            return 0 if credentials["key"] == "held" else 1
thread = threading.Thread(target=look_up)
thread.start()
time.sleep(float(sys.argv[2]))
child = os.fork()
if child == 0:
    signal.alarm(5)
    os._exit(look_up())
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
thread.join()
sys.exit(2 if code == -signal.SIGALRM else code & 0xFF)
"""


@pytest.fixture
def vault(empty: Vault) -> Vault:
    empty.encrypt_with_age("layer3/cloud-credentials.yaml", b"s3:\n  key: held\n")
    return empty


@pytest.fixture(scope="module")
def forks(build: Build) -> Path:
    """The program, next to the client and the library."""
    return build("forks")


def codes(vault: Vault, command: list[str | Path], longest: float, unit: float, count: int) -> Counter[int]:
    """Return the exit codes of runs that forked after 0 to `longest` seconds, passed to the program in units."""
    found: Counter[int] = Counter()
    library = REPOSITORY / "build" / "lib" / "libkstack.so.0"
    environment = {**vault.environment, "KSTACK_LIBRARY": os.environ.get("KSTACK_LIBRARY", str(library))}
    for number in range(count):
        delay = longest * ((number * 0.6180339887498949) % 1)
        done = subprocess.run([*command, vault.root, repr(delay / unit)], env=environment, check=False)
        found[done.returncode] += 1
    return found


def test_from_c(vault: Vault, forks: Path) -> None:
    start = time.monotonic()
    subprocess.run([forks, vault.root, "0"], env=vault.environment, check=True)
    # A whole run takes longer than the call in it.
    longest = min(time.monotonic() - start, 0.005)
    assert codes(vault, [forks], longest, 1e-9, COUNT) == {0: COUNT}


def test_from_python(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY / "bindings/python/src"))
    command: list[str | Path] = [sys.executable, "-c", PROGRAM]
    count = COUNT // 5
    assert codes(vault, command, 0.005, 1, count) == {0: count}
