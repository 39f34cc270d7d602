"""People, each with a machine, who run the program."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pexpect

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = REPOSITORY / "build" / "bin" / "kstack"

#: The exit code for each kind of error.
USAGE, INVALID, WRONG_PLACE, CONFIGURATION, NOT_FOUND, LAYER, ROUTE, VAULT, API, FILES, INTERNAL, CONFLICT = (
    2,
    *range(10, 21),
)


def take_signals() -> None:
    """Let signals end a program, even if they are ignored here, as under nohup."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


@dataclass(frozen=True)
class Ended:
    """A finished run."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """The standard output."""
        return self.out.decode()


@dataclass(frozen=True)
class Person:
    """Somebody with their own home, project and git."""

    name: str
    home: Path
    project: Path
    #: Their own memory-backed folder, for what must not reach a disk.
    runtime: Path

    @property
    def environment(self) -> dict[str, str]:
        """Their environment variables."""
        return {
            "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "USER": self.name,
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": self.name,
            "GIT_AUTHOR_EMAIL": f"{self.name}@example.org",
            "GIT_COMMITTER_NAME": self.name,
            "GIT_COMMITTER_EMAIL": f"{self.name}@example.org",
            "GIT_EDITOR": "true",
        }

    @property
    def keys(self) -> Path:
        """Their identity."""
        return self.home / ".config" / "kstack" / "age" / "keys.txt"

    @property
    def key(self) -> str:
        """Their public key."""
        return self.call("age-keygen", "-y", str(self.keys)).text.strip()

    def call(
        self,
        *arguments: str,
        given: str | bytes = b"",
        code: int | None = 0,
        more: dict[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Ended:
        """Run a program in the project, which must exit with a code."""
        data = given.encode() if isinstance(given, str) else given
        ended = subprocess.run(
            arguments,
            input=data,
            capture_output=True,
            cwd=cwd or self.project,
            env={**self.environment, **(more or {})},
            check=False,
        )
        result = Ended(ended.returncode, ended.stdout, ended.stderr.decode())
        assert code is None or result.code == code, (arguments, result)
        return result

    def run(
        self, *arguments: str, given: str | bytes = b"", code: int | None = 0, more: dict[str, str] | None = None
    ) -> Ended:
        """Run kstack."""
        return self.call(str(PROGRAM), *arguments, given=given, code=code, more=more)

    def shell(
        self, commands: str, *, code: int = 0, more: dict[str, str] | None = None, cwd: Path | None = None
    ) -> Ended:
        """Runs lines of a page in bash, which stops at the first that fails."""
        return self.call("bash", "-euo", "pipefail", "-c", commands, code=code, more=more, cwd=cwd)

    def set(self, file: str, key: str, value: str) -> None:
        """Set a value in a file."""
        self.run("set", file, key, given=value)

    def git(self, *arguments: str, code: int | None = 0) -> Ended:
        """Run git."""
        return self.call("git", *arguments, code=code)

    def age(self, file: str) -> str:
        """Return what the age program decrypts with the identity."""
        path = self.project / "vault" / "dev" / file
        return self.call("age", "-d", "-i", str(self.keys), str(path)).text

    def terminal(self, *arguments: str, more: dict[str, str] | None = None) -> pexpect.spawn[str]:
        """Run kstack in a terminal."""
        return pexpect.spawn(
            str(PROGRAM),
            list(arguments),
            cwd=str(self.project),
            env={**self.environment, **(more or {})},
            encoding="utf-8",
            timeout=60,
            preexec_fn=take_signals,
        )


def ended(terminal: pexpect.spawn[str]) -> tuple[str, int]:
    """Return the rest of the output of a program in a terminal, and its exit code."""
    terminal.expect(pexpect.EOF)
    rest = str(terminal.before)
    terminal.close()
    assert terminal.exitstatus is not None, (rest, terminal.signalstatus)
    return rest, terminal.exitstatus


def script(path: Path, lines: Sequence[str]) -> str:
    """Write a shell script, such as an editor."""
    path.write_text("#!/bin/sh\n" + "\n".join(lines) + "\n")
    path.chmod(0o755)
    return str(path)
