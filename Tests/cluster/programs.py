"""The clients in C, compiled against the library."""

from __future__ import annotations

import subprocess
from pathlib import Path

from compiled import pkg_config

HERE = Path(__file__).parent

FLAGS = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1", "-g"]


def compile_program(name: str, folder: Path, *more: Path) -> Path:
    """Compile a client, with more sources, against the library that pkg-config finds."""
    words = pkg_config()
    library = next(word[2:] for word in words if word.startswith("-L"))
    target = folder / name
    command = ["cc", *FLAGS, str(HERE / f"{name}.c"), *map(str, more), "-o", str(target), *words]
    # Bound at load time: the loader would leave pieces of arguments on the stack.
    subprocess.run([*command, f"-Wl,-rpath,{library}", "-Wl,-z,now", "-rdynamic"], check=True)
    return target
