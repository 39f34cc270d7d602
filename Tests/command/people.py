"""People with a machine each, who run the program."""

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

#: What an error of each kind ends with.
USAGE, INVALID, WRONG_PLACE, CONFIGURATION, NOT_FOUND, LAYER, ROUTE, VAULT, API, FILES, INTERNAL, CONFLICT = (
    2,
    *range(10, 21),
)


def take_signals() -> None:
    """Lets signals end a program, which whoever runs the tests may ignore, as nohup does."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """What went to standard output."""
        return self.out.decode()


@dataclass(frozen=True)
class Person:
    """Somebody with a home, a project and a git of their own."""

    name: str
    home: Path
    project: Path
    #: Memory of their own, for what must not reach a disk.
    runtime: Path

    @property
    def environment(self) -> dict[str, str]:
        """The variables that they have."""
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
        """Runs a program in the project, which must end with a code."""
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
        """Runs the program."""
        return self.call(str(PROGRAM), *arguments, given=given, code=code, more=more)

    def shell(
        self, commands: str, *, code: int = 0, more: dict[str, str] | None = None, cwd: Path | None = None
    ) -> Ended:
        """Runs lines of a page in bash, which stops at the first that fails."""
        return self.call("bash", "-euo", "pipefail", "-c", commands, code=code, more=more, cwd=cwd)

    def set(self, file: str, key: str, value: str) -> None:
        """Puts a value into a file."""
        self.run("set", file, key, given=value)

    def git(self, *arguments: str, code: int | None = 0) -> Ended:
        """Runs git."""
        return self.call("git", *arguments, code=code)

    def age(self, file: str) -> str:
        """What the age program reads in an encrypted file with the identity."""
        path = self.project / "vault" / "dev" / file
        return self.call("age", "-d", "-i", str(self.keys), str(path)).text

    def terminal(self, *arguments: str, more: dict[str, str] | None = None) -> pexpect.spawn[str]:
        """Runs the program in a terminal."""
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
    """The rest of what a program in a terminal says, and its exit code."""
    terminal.expect(pexpect.EOF)
    rest = str(terminal.before)
    terminal.close()
    assert terminal.exitstatus is not None, (rest, terminal.signalstatus)
    return rest, terminal.exitstatus


def script(path: Path, lines: Sequence[str]) -> str:
    """A program for the shell, such as an editor."""
    path.write_text("#!/bin/sh\n" + "\n".join(lines) + "\n")
    path.chmod(0o755)
    return str(path)
