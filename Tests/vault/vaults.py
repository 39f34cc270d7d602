"""A vault of six files, and a client of the library that can be traced, killed and starved."""

from __future__ import annotations

import functools
import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyrage

REPOSITORY = Path(__file__).resolve().parents[2]
SUPPORT = REPOSITORY / "Tests" / "support"

#: The six files by path, with their final contents. Some are written in several pieces, one is empty.
WANTED = {
    "layer0/new.env": b"NEW=1\n",
    "layer1/large.bin": bytes(range(256)) * 700,
    "layer3/cloud-credentials.yaml": b"s3:\n  key: edited\n",
    "layer3/empty": b"",
    "layer3/older.yaml": b"held: by a colleague\n",
    "layer3/same.yaml": b"same: 1\n",
}

#: Variables that would lead the client to the user's own files, or to another library.
OTHERS = ("KSTACK_", "SOPS_", "XDG_", "LD_LIBRARY_PATH")


def traced(call: str, log: Path, *options: str) -> list[str]:
    """Return a command that traces the client's calls of a kind, and does what options say."""
    program = shutil.which("strace")
    assert program is not None, "strace is needed"
    # On one processor, where a run has no other threads: strace counts the calls per thread.
    one = ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0)))]
    return [*one, program, "-f", "-qq", "-o", str(log), "-e", f"trace={call}", *options]


@functools.cache
def no_tracing() -> bool:
    """Return whether tracing is not allowed."""
    command = traced("write", Path("/dev/null"), "-e", "inject=write:signal=SIGKILL:when=1")
    return subprocess.run([*command, "echo"], capture_output=True, check=False).returncode != -signal.SIGKILL


@dataclass(frozen=True)
class Ended:
    """A finished run of the client."""

    code: int
    output: str

    @property
    def statuses(self) -> list[str]:
        """The status of each action."""
        return [line.split("\t")[1] for line in self.output.splitlines() if line.startswith("end\t")]

    @property
    def messages(self) -> str:
        """All messages, of files and actions."""
        lines = (line.split("\t") for line in self.output.splitlines())
        return "\n".join(line[-1] for line in lines if line[0] in ("file", "end"))

    @property
    def causes(self) -> list[tuple[int, str]]:
        """The number of the system's error and its path, for each action; 0 and "" if there was none."""
        lines = (line.split("\t") for line in self.output.splitlines() if line.startswith("cause\t"))
        return [(int(number), path) for _, number, path in lines]

    def files(self) -> dict[str, str]:
        """Return the result of each file."""
        lines = (line.split("\t") for line in self.output.splitlines() if line.startswith("file\t"))
        return {path: result for _, result, path, _ in lines}


@dataclass(frozen=True)
class Vault:
    """A project with a vault for dev, and the only identity that opens it."""

    root: Path
    key: str
    client: Path

    @property
    def folder(self) -> Path:
        return self.root / "vault" / "dev"

    def plain(self, path: str) -> Path:
        return self.folder / path

    def secret(self, path: str) -> Path:
        layer, name = path.split("/")
        return self.folder / layer / f"secret.{name}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables for the client: the identity, and no others of kstack."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OTHERS)}
        return {**kept, "HOME": "/nonexistent", "KSTACK_AGE_KEY": self.key, "KSTACK_TEST_ONE_PROCESSOR": "1"}

    def run(
        self,
        *actions: str,
        under: Sequence[str | Path] = (),
        several_threads: bool = False,
        user: int | None = None,
        after: str | None = None,
        command: str = "",
        environment: dict[str, str] | None = None,
    ) -> Ended:
        """Run the client, optionally under another program, and as another user.

        `after` is a call and its number, such as "fsync:2", after which the client runs a shell command.
        """
        environment = dict(self.environment if environment is None else environment)
        if after is not None:
            environment.update(KSTACK_TEST_AFTER=after, KSTACK_TEST_COMMAND=command)
        if several_threads:
            del environment["KSTACK_TEST_ONE_PROCESSOR"]
        done = subprocess.run(
            [*map(str, under), str(self.client), str(self.root), *actions],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            **({} if user is None else {"user": user, "group": user, "extra_groups": []}),  # type: ignore[call-overload]
        )
        return Ended(done.returncode, done.stdout)

    def encrypt_with_age(self, path: str, data: bytes) -> None:
        """Write `secret.<name>` as a colleague with another program would."""
        self.secret(path).write_bytes(self.encrypted_with_age(data))

    def encrypted_with_age(self, data: bytes) -> bytes:
        """Encrypt a plaintext with another program."""
        recipient = pyrage.x25519.Identity.from_str(self.key).to_public()
        encrypted: bytes = pyrage.encrypt(data, [recipient])
        return encrypted

    def held(self, path: str) -> bytes | None:
        """Decrypt the encrypted form with another program; None if it does not exist."""
        try:
            data = self.secret(path).read_bytes()
        except FileNotFoundError:
            return None
        held: bytes = pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(self.key)])
        return held

    def leftovers(self) -> list[str]:
        return [str(path) for path in self.root.rglob(".kstack-tmp-*")]

    def copy_to(self, root: Path) -> Vault:
        shutil.copytree(self.root, root, symlinks=True)
        return Vault(root, self.key, self.client)


#: The contents of files before the traced run.
BEFORE = {
    "layer1/large.bin": b"before",
    "layer3/cloud-credentials.yaml": b"s3:\n  key: before\n",
    "layer3/older.yaml": b"held: 1\n",
}


def check_intact(vault: Vault) -> None:
    """Assert that every file has one form or the other, and that no form is cut short."""
    for path, wanted in WANTED.items():
        held = vault.held(path)
        plain = vault.plain(path).read_bytes() if vault.plain(path).exists() else None
        assert wanted in (held, plain), path
        assert held in (None, wanted, BEFORE.get(path)), path
        assert plain in (None, wanted, BEFORE.get(path)), path


def check_complete(vault: Vault, action: str) -> None:
    """Assert that a run completed."""
    assert vault.leftovers() == []
    for path, wanted in WANTED.items():
        assert vault.held(path) == wanted, path
        if action.startswith("encrypt"):
            assert not vault.plain(path).exists(), path
        else:
            assert vault.plain(path).read_bytes() == wanted, path
            assert vault.plain(path).stat().st_mode & 0o777 == 0o600, path
