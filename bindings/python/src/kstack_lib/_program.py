"""Runs the program `kstack` that is inside the wheel."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> None:
    """Become the program; it is found beside this module, in a wheel alone."""
    program = Path(__file__).with_name("bin") / "kstack"
    try:
        os.execv(program, ["kstack", *sys.argv[1:]])
    except FileNotFoundError:
        sys.exit(f"this installation has no {program}: install the wheel, or build the program with make")
