"""Runs the program `kstack`: the one inside the wheel, else one that is installed elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path


def candidates() -> Iterator[Path]:
    """Yield the paths where the program may be, except the script that calls this."""
    yield Path(__file__).with_name("bin") / "kstack"
    own = Path(sys.argv[0]).resolve()
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        program = Path(folder) / "kstack"
        # Another environment's script would search in its turn, without end.
        if program.is_file() and program.resolve() != own and not is_script(program):
            yield program


def is_script(program: Path) -> bool:
    """Return whether a file is a script for an interpreter."""
    with program.open("rb") as file:
        return file.read(2) == b"#!"


def main() -> None:
    """Replace this process with the program."""
    refused = "kstack was found neither in this package nor on the PATH: install the wheel, or run make install"
    for program in candidates():
        try:
            os.execv(program, ["kstack", *sys.argv[1:]])
        except OSError as error:
            # Where the program's loader is missing, as on musl, the error is that there is no such file.
            if program.is_file():
                refused = f"{program} does not run here ({error.strerror}): it needs glibc 2.34 or later, on x86-64"
    sys.exit(refused)
