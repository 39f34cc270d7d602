"""A program that uses each public name passes the type checkers."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import kstack_lib
import kstack_lib.any
from conftest import REPOSITORY, Project, Run
from kstack_lib.any import Client, KStackConfigurationError, KStackContainer

CONSUMER = Path(__file__).with_name("consumer.py")


@pytest.mark.parametrize(
    "command",
    [("mypy", "--strict", "--no-incremental"), ("pyright", "--pythonpath", sys.executable)],
    ids=lambda one: one[0],
)
def test_the_type_checkers_accept_it(command: tuple[str, ...], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command, str(CONSUMER)],
        cwd=REPOSITORY / "bindings/python",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_container_has_what_mypy_accepts_on_it(project: Project, tmp_path: Path) -> None:
    names = sorted(name for name in {*dir(Client), "vault"} if not name.startswith("_"))
    begin = "from kstack_lib.any import KStackContainer\n\ndef use(container: KStackContainer) -> None:\n"
    program = tmp_path / "program.py"
    program.write_text(begin + "".join(f"    reveal_type(container.{name})\n" for name in names))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", str(program)],
        cwd=REPOSITORY / "bindings/python",
        capture_output=True,
        text=True,
    )
    types = re.findall(r'Revealed type is "(.*)"', done.stdout)
    assert len(types) == len(names), done.stdout + done.stderr
    # What no class declares is an object, which cannot be called or used.
    refused = {name for name, kind in zip(names, types) if kind in ("object", "builtins.object")}
    assert refused == {"set_secrets_provider"}
    with KStackContainer() as container:
        for name in names:
            # A property that fails is there.
            with contextlib.suppress(KStackConfigurationError):
                assert hasattr(container, name) == (name not in refused), name


def test_it_uses_each_name() -> None:
    text = CONSUMER.read_text(encoding="utf-8")
    assert [name for name in kstack_lib.any.__all__ if name not in text] == []


def test_names_are_found_in_the_package(run: Run) -> None:
    assert kstack_lib.get_credentials is kstack_lib.any.get_credentials
    assert {"get_credentials", "KStackContainer", "any"} <= set(dir(kstack_lib))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        kstack_lib.nothing  # noqa: B018
    # Importing the package alone does not load the library.
    done = run("-c", "import kstack_lib; print(kstack_lib.__version__)", KSTACK_LIBRARY="/nowhere")
    assert (done.returncode, done.stdout.strip()) == (0, kstack_lib.__version__)
