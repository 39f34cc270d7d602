"""A program that uses each public name passes the type checkers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import kstack_lib
import kstack_lib.any
from conftest import REPOSITORY, Run

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
