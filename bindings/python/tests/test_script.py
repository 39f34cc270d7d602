"""The script `kstack` that the wheel installs: it becomes the program inside the package, or one that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kstack_lib

SAYS = """
#include <stdio.h>
int main(int argc, char **argv) { return printf("%s %s %s", WHO, argv[0], argv[argc - 1]) < 0; }
"""


def program(path: Path, who: str, *flags: str) -> Path:
    """Compile a program that says who it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    command = ["cc", f'-DWHO="{who}"', "-x", "c", "-", "-o", str(path), *flags]
    subprocess.run(command, input=SAYS, text=True, check=True)
    return path


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with nothing in it but what the script calls."""
    folder = tmp_path / "package" / "kstack_lib"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    shutil.copy(Path(kstack_lib.__file__).with_name("_program.py"), folder)
    return folder


def run(package: Path, *path: Path) -> subprocess.CompletedProcess[str]:
    """Run the script."""
    script = package.parent / "kstack"
    script.write_text(f"#!{sys.executable}\nfrom kstack_lib._program import main\nmain()\n")
    script.chmod(0o755)
    found = os.pathsep.join(map(str, [script.parent, *path]))
    return subprocess.run(
        [script, "argument"],
        env={"PATH": found, "PYTHONPATH": str(package.parent)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_program_inside_comes_first(package: Path, tmp_path: Path) -> None:
    program(package / "bin" / "kstack", "inside")
    program(tmp_path / "bin" / "kstack", "installed")
    assert run(package, tmp_path / "bin").stdout == "inside kstack argument"


def test_else_one_that_is_installed_and_is_no_script(package: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "kstack"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\necho another script\n")
    other.chmod(0o755)
    program(tmp_path / "bin" / "kstack", "installed")
    assert run(package, other.parent, tmp_path / "bin").stdout == "installed kstack argument"


def test_without_any_it_says_what_to_do(package: Path, tmp_path: Path) -> None:
    done = run(package, tmp_path / "nothing")
    assert (done.returncode, done.stdout) == (1, "")
    assert "install the wheel, or run make install" in done.stderr


def test_one_that_does_not_run_is_told(package: Path) -> None:
    """As on musl: the loader that the program names is not there."""
    inside = program(package / "bin" / "kstack", "inside", "-Wl,--dynamic-linker=/nowhere/ld-linux-x86-64.so.2")
    done = run(package)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{inside} does not run here (No such file or directory): it needs glibc 2.34")
