"""Fixtures: a project folder with a vault, made with the age program, and a clean environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import pytest

from kstack_lib._core import default
from kstack_lib.any import KStackConfigurationError
from kstack_lib.local.security import Identity, generate_identity
from pages import blocks

REPOSITORY = Path(__file__).resolve().parents[3]
PROGRAMS = REPOSITORY / "Tests" / "programs"
IN_POD = REPOSITORY / "Tests" / "support" / "in-pod"

# The exit code of in-pod where it cannot do its work.
NO_NAMESPACES = 77

CREDENTIALS = """\
s3:
  access-key: AKIAEXAMPLE
  secret-key: wJalrXUtnFEMI-canary-4711
  octal: 0123
  float: 1e5
  bool: yes
  signed: +1
  nothing: null
  tilde: ~
  empty: ""
  quoted: "0x1F"
  unicode: "päßwörd ☃ 日本語 \\U0001F511"
  multi: |
    line one
    line two
  nested:
    hosts: [a.example, b.example]
    port: 5432
    tls: true
database:
  user: app
  password: other-canary-0815
"""

#: Parts of the values above that no repr and no message may show.
CANARIES = ("canary", "AKIAEXAMPLE", "0815", "päßwörd", "a.example")


@dataclass
class Project:
    """A folder with `.kstack.yaml`, a vault for dev and an identity that opens it."""

    root: Path
    identity_file: Path
    recipient: str
    environment: str = "dev"
    home: Path = field(default_factory=Path)

    def folder(self, layer: str = "layer3", environment: str | None = None) -> Path:
        path = self.root / "vault" / (environment or self.environment) / layer
        path.mkdir(parents=True, exist_ok=True)
        return path

    def encrypt(
        self,
        data: bytes | str,
        name: str = "cloud-credentials.yaml",
        layer: str = "layer3",
        environment: str | None = None,
        armor: bool = False,
        recipient: str | None = None,
    ) -> Path:
        """Write `secret.<name>` with the age program."""
        target = self.folder(layer, environment) / f"secret.{name}"
        target.unlink(missing_ok=True)
        subprocess.run(
            ["age", *(["-a"] if armor else []), "-r", recipient or self.recipient, "-o", str(target)],
            input=data.encode() if isinstance(data, str) else data,
            check=True,
        )
        return target

    def plain(self, data: str, name: str = "cloud-credentials.yaml", layer: str = "layer3") -> Path:
        target = self.folder(layer) / name
        target.write_text(data, encoding="utf-8")
        target.chmod(0o600)
        return target

    def recipients(self, *keys: str, team: str = "dev", environment: str | None = None) -> Path:
        """Write a team's recipients file, for all environments or for one; without keys it holds the project's."""
        folder = self.root / "vault" / (environment or "") / ".recipients"
        folder.mkdir(exist_ok=True)
        path = folder / f"{team}.txt"
        path.write_text("".join(f"{key}\n" for key in keys or [self.recipient]))
        return path

    @property
    def identity(self) -> str:
        return next(line for line in self.identity_file.read_text().splitlines() if line.startswith("AGE-SECRET-KEY-"))


def make_post_quantum() -> Identity:
    """Make a post-quantum identity; skip the test where the library says that it cannot."""
    try:
        return generate_identity(post_quantum=True)
    except KStackConfigurationError as error:
        assert "does not have post-quantum support" in str(error)
        pytest.skip("built with PQ=0")


def make_identity(path: Path) -> str:
    """Make an identity file with age-keygen and return its recipient."""
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["age-keygen", "-o", str(path)], check=True, capture_output=True)
    path.chmod(0o600)
    return subprocess.run(["age-keygen", "-y", str(path)], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """No user configuration, no default container of another test, and an empty working directory."""
    monkeypatch.setattr(default, "_kept", None)
    for name in list(os.environ):
        if name.startswith(("KSTACK_", "SOPS_", "KUBERNETES_")) and name != "KSTACK_LIBRARY":
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    empty = tmp_path / "empty"
    home.mkdir()
    empty.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.chdir(empty)
    previous = os.umask(0o022)
    yield home
    os.umask(previous)


@pytest.fixture
def project(tmp_path: Path, clean: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project in the working directory, whose identity is where kstack looks."""
    root = tmp_path / "project"
    root.mkdir()
    (root / ".kstack.yaml").write_text("environment: dev\n")
    identity_file = clean / ".config" / "kstack" / "age" / "keys.txt"
    made = Project(root=root, identity_file=identity_file, recipient=make_identity(identity_file), home=clean)
    made.encrypt(CREDENTIALS)
    monkeypatch.chdir(root)
    return made


def shell(commands: str, folder: Path) -> None:
    """Run the commands of a page, with this Python as python3, and the program that was built."""
    path = f"{REPOSITORY / 'build' / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    subprocess.run(["bash", "-euc", commands], cwd=folder, env=environment, check=True, capture_output=True, timeout=60)


@pytest.fixture
def quick_start(tmp_path: Path, clean: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder made by the commands of the quick start of README.md, as the working directory."""
    _, commands = blocks("README.md", "Quick start", "sh", 2)
    folder = tmp_path / "readme"
    folder.mkdir()
    shell(commands, folder)
    monkeypatch.chdir(folder)
    return folder


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run() -> Run:
    """Run Python in a process of its own, with the package that this process uses."""

    def runner(
        *arguments: str, pod: tuple[str, ...] | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        import kstack_lib

        package = str(Path(kstack_lib.__file__).resolve().parents[1])
        prefix: list[str] = []
        if pod is not None:
            assert IN_POD.exists(), f"{IN_POD} is needed"
            prefix = [str(IN_POD), *pod]
        done = subprocess.run(
            [*prefix, sys.executable, *arguments],
            env={**os.environ, "PYTHONPATH": package, **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if pod is not None and done.returncode == NO_NAMESPACES:
            pytest.skip("the kernel allows no namespaces here")
        return done

    return runner
