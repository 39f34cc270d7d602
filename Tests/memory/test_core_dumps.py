"""No secret is in a core dump of a Go or Python program that looked credentials up.

This holds while it holds them, since locked memory is kept out of core dumps, and after it closed them. The same search
finds a canary of the program's own, and finds the secrets when gdb also dumps what is kept out.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WINDOW = 8
SIZES = (40, 300, 2000)


class Text:
    """A string with unique pieces of 8 bytes: every fourth byte is a tilde, so that a search is fast."""

    def __init__(self, size: int) -> None:
        alphabet = string.ascii_letters + string.digits
        choose = random.SystemRandom().choice
        self.text = "".join("~" if index % 4 == 0 else choose(alphabet) for index in range(size))
        data = self.text.encode()
        self.windows = {data[start : start + WINDOW] for start in range(size - WINDOW + 1)}


def search(path: Path, texts: list[Text]) -> list[set[bytes]]:
    """Return the pieces of each string in a file. Most of a Go program's gigabyte is zeros, which are skipped."""
    found: list[set[bytes]] = [set() for _ in texts]
    before = b""
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            data = before + block
            before = data[-2 * WINDOW :]
            if b"~" not in data:
                continue
            for match in re.finditer(rb"(?=~[^~]{3}~)", data):
                for start in range(max(match.start() - WINDOW + 5, 0), match.start() + 1):
                    piece = data[start : start + WINDOW]
                    for pieces, text in zip(found, texts):
                        if piece in text.windows:
                            pieces.add(piece)
    return found


class Program:
    """A program that holds credentials, stopped at each line that it prints."""

    def __init__(self, command: list[str], project: Path, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=project,
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.project = project

    def go_on(self, line: str = "") -> str:
        """Send it a line, and return the line that it answers."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def core(self, excluded: str = "off") -> Path:
        """Take a core dump as gcore does: without what the kernel is told to keep out, unless `excluded` is "on"."""
        path = self.project / "core"
        path.unlink(missing_ok=True)
        command = [
            "gdb",
            "--batch",
            "-nx",
            "-ex",
            f"set dump-excluded-mappings {excluded}",
        ]
        command += [
            "-p",
            str(self.process.pid),
            "-ex",
            f"gcore {path}",
            "-ex",
            "detach",
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert path.exists(), done.stdout + done.stderr
        return path

    def end(self) -> int:
        """Let it exit."""
        assert self.go_on() == ""
        return self.process.wait(60)


@pytest.fixture
def secrets() -> list[Text]:
    return [Text(size) for size in SIZES]


@pytest.fixture
def environment(tmp_path: Path, secrets: list[Text]) -> dict[str, str]:
    """Make a project with an encrypted file of secrets, and return the variables to open it."""
    project = tmp_path / "project"
    layer = project / "vault" / "dev" / "layer3"
    old = os.umask(0o022)
    layer.mkdir(parents=True)
    keys = tmp_path / "keys.txt"
    (project / ".kstack.yaml").write_text("environment: dev\n")
    subprocess.run(["age-keygen", "-o", str(keys)], check=True, capture_output=True)
    recipient = subprocess.run(["age-keygen", "-y", str(keys)], check=True, capture_output=True, text=True).stdout
    yaml = "s3:\n" + "".join(f'  secret{len(secret.text)}: "{secret.text}"\n' for secret in secrets)
    target = layer / "secret.cloud-credentials.yaml"
    subprocess.run(
        ["age", "-r", recipient.strip(), "-o", str(target)],
        input=yaml.encode(),
        check=True,
    )
    os.umask(old)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KSTACK_", "SOPS_"))}
    kept["KSTACK_AGE_KEY_FILE"] = str(keys)
    kept["KSTACK_LIBRARY"] = os.environ["KSTACK_LIBRARY"]
    return kept


@pytest.fixture(params=["go", "python"])
def program(request: pytest.FixtureRequest, tmp_path: Path, environment: dict[str, str]) -> Iterator[Program]:
    command = [sys.executable, str(HERE / "holder.py")]
    if request.param == "go":
        binary = tmp_path / "holder"
        command = [str(binary)]
        subprocess.run(
            ["go", "build", "-o", str(binary), str(HERE / "holder.go")],
            cwd=ROOT / "bindings" / "go",
            check=True,
        )
    made = Program(command, tmp_path / "project", environment)
    yield made
    made.process.kill()
    made.process.wait()
    for stream in (made.process.stdin, made.process.stdout):
        if stream is not None and not stream.closed:
            stream.close()


def test_no_secret_is_in_a_core_dump(program: Program, secrets: list[Text]) -> None:
    assert shutil.which("gdb"), "gdb is needed"
    canary = Text(200)
    assert program.go_on(canary.text) == f"held {len(SIZES)}"

    texts = [canary, *secrets]
    nothing: list[set[bytes]] = [set() for _ in secrets]
    assert search(program.core(), texts) == [canary.windows, *nothing]

    # What is kept out of core dumps is what holds them.
    assert search(program.core(excluded="on"), texts) == [text.windows for text in texts]

    # Even a core dump of everything has nothing once all is closed.
    assert program.go_on() == "closed"
    assert search(program.core(excluded="on"), texts) == [canary.windows, *nothing]
    assert program.end() == 0
