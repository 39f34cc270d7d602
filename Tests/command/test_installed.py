"""What README.md and the pages say about building and installing, on a machine with nothing else of kstack's.

Nothing of the library is built anew: where a page says `make`, that is one which takes what is built as it is, and
installs into a folder of the test.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from compiled import BUILD, STRICT, go_program, go_variables
from pages import block, blocks, inline
from people import REPOSITORY, Ended, Person, script

#: What is on the PATH of every machine, and nothing of kstack's.
SYSTEM = "/usr/sbin:/usr/bin:/sbin:/bin"

VERSION = "#include <kstack.h>\n#include <stdio.h>\nint main(void) { return puts(kstack_version()) < 0; }\n"


def make(folder: Path, *options: str) -> dict[str, str]:
    """Variables with which make is one that builds nothing and has more options, and sudo needs no password."""
    folder.mkdir()
    command = f"make --no-print-directory -C {REPOSITORY} -o all"
    script(folder / "make", [f'PATH={os.environ["PATH"]} exec {command} "$@" {" ".join(options)}'])
    script(folder / "sudo", ['exec "$@"'])
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home where the other prefix of the page has what was built."""
    home = tmp_path_factory.mktemp("installed")
    line = inline("docs/install.md", r"`(make install PREFIX=\S+)`")
    subprocess.run(["sh", "-ec", line], cwd=REPOSITORY, env={"HOME": str(home), "PATH": SYSTEM}, check=True)
    return home / ".local"


@pytest.fixture
def user(shop: Person, prefix: Path) -> Person:
    """A person with a project, who has installed it there."""
    (shop.home / ".local").symlink_to(prefix)
    return shop


@pytest.fixture
def installed(user: Person) -> Callable[[str], Ended]:
    """Runs commands after those by which the page finds what is installed."""
    found = block("docs/install.md", "With another prefix", "sh")
    return lambda commands: user.shell(found + commands, more={"PATH": SYSTEM})


def test_the_two_commands(somebody: Person) -> None:
    """The demo runs; the tests, which this is one of, would."""
    demo, test = block("README.md", "kstack", "sh").splitlines()
    said = somebody.shell(demo, more=make(somebody.home / "bin")).text
    for language in ("C", "Python", "Go"):
        assert f"== {language}\naccess_key_id = AKIAEXAMPLE\n" in said
    said = somebody.shell(test, more=make(somebody.home / "dry", "-n")).text
    assert said.splitlines()[-1] == f"Tests/support/run-tests {BUILD}"


def test_the_quick_start_installs(somebody: Person) -> None:
    commands, _ = blocks("README.md", "Quick start", "sh", 2)
    stage = somebody.home / "stage"
    somebody.shell(commands, more=make(somebody.home / "bin", f"DESTDIR={stage}"))
    (names,) = re.findall(r"# copies (.*) to /usr/local", commands)
    there = {path.name for path in (stage / "usr/local").rglob("*") if path.is_file() or path.is_symlink()}
    assert set(names.split(", ")) <= there


def test_what_is_installed_is_found(user: Person, installed: Callable[[str], Ended]) -> None:
    commands = "kstack --version; pkg-config --modversion kstack; command -v kstack"
    version, same, path = installed(commands).text.split()
    assert (version, path) == (same, str(user.home / ".local/bin/kstack"))
    library = 'import ctypes, os; print(ctypes.CDLL(os.environ["KSTACK_LIBRARY"]).kstack_abi_version())'
    assert installed(f"python3 -c '{library}'").text == "0\n"


def test_programs_in_c(user: Person, installed: Callable[[str], Ended]) -> None:
    (user.project / "program.c").write_text(VERSION)
    shared, static = blocks("docs/install.md", "Installing", "sh", 2)
    version = installed("kstack --version").text
    said = installed(f"{shared}\n./a.out\nldd a.out").text
    assert said.startswith(version)
    assert f"{user.home}/.local/lib/libkstack.so.0" in said
    said = installed(f"{static}\n./a.out\nldd a.out").text
    assert said.startswith(version)
    assert "kstack" not in said


def test_cmake(user: Person, installed: Callable[[str], Ended]) -> None:
    (user.project / "program.c").write_text(VERSION)
    lines = block("docs/install.md", "Installing", "cmake")
    begin = "cmake_minimum_required(VERSION 3.16)\nproject(program C)\nadd_executable(program program.c)\n"
    (user.project / "CMakeLists.txt").write_text(begin + lines)
    commands = "cmake -S . -B made >&2\ncmake --build made >&2\nmade/program\n"
    assert installed(commands).text == installed("kstack --version").text


def test_the_page_of_c(user: Person, installed: Callable[[str], Ended]) -> None:
    """Its command compiles its program, which prints what it says."""
    (user.project / "lookup.c").write_text(block("docs/c.md", "A whole program", "c"))
    run = inline("docs/c.md", r"`(\./lookup .*)`, in the project of the \[quick start\]")
    compile_ = block("docs/c.md", "Compiling and linking", "sh")
    shown = block("docs/c.md", "A whole program", "").replace("…", str(user.project))
    assert installed(f"{compile_}\n{run}\n").text == shown
    installed(f"cc {' '.join(STRICT)} -c lookup.c $(pkg-config --cflags kstack)")


def test_the_page_of_go(user: Person, tmp_path: Path) -> None:
    """A server that is linked, and one that has the library beside it."""
    after = 'fmt.Println(credentials.Get("access_key_id"))\nreturn err'
    program = go_program(block("README.md", "Quick start", "go"), after)
    server = user.project / "cmd/server"
    server.mkdir(parents=True)
    (server / "main.go").write_text(program)
    (user.project / "go.mod").write_text("module shop\n\ngo 1.19\n")
    # The command of the quick start, in the text there, which goes over two lines.
    edit = inline("README.md", r"`(go mod edit -require=\S+\s-replace=\S+)`")
    user.shell(edit.replace("\n", " ").replace("PATH/", f"{REPOSITORY}/"))
    more = {name: value for name, value in go_variables().items() if name in ("GOCACHE", "GOFLAGS", "GOPROXY")}
    # Go's cache takes what was linked from another folder of pkg-config for the same, unless a macro differs.
    more.update(PKG_CONFIG_PATH=str(user.home / ".local/lib/pkgconfig"), CGO_CPPFLAGS=f"-DINSTALLED={user.home}")
    said = user.shell(block("docs/go.md", "How a program finds the library", "sh"), more=more)
    assert said.text == "AKIAEXAMPLE <nil>\n" * 2
    user.call("rm", str(user.project / "dist/libkstack.so.0"))
    assert "libkstack.so.0" in user.call(str(user.project / "dist/server"), code=1).err
