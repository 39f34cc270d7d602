"""Fixtures: a person with an empty folder, and one with a project."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pages import blocks
from people import Person

Meet = Callable[[str], Person]


@pytest.fixture
def meet(tmp_path: Path) -> Iterator[Meet]:
    """Make people with machines; after a test, check that nothing is left in their memory."""
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="kstack-command-") as memory:

        def one(name: str) -> Person:
            person = Person(name, tmp_path / name, tmp_path / name / "shop", Path(memory) / name)
            person.project.mkdir(parents=True)
            person.runtime.mkdir(mode=0o700)
            return person

        yield one
        assert list(Path(memory).glob("*/*")) == []


@pytest.fixture
def somebody(meet: Meet) -> Person:
    """A person with an empty folder."""
    return meet("ada")


@pytest.fixture
def person(somebody: Person) -> Person:
    """A person with a project under git."""
    somebody.git("init", "-q", "-b", "main")
    somebody.run("init", "--git")
    return somebody


@pytest.fixture
def shop(somebody: Person) -> Person:
    """A person with the project of the quick start of README.md, and a second team."""
    _, commands = blocks("README.md", "Quick start", "sh", 2)
    somebody.shell(commands)
    recipients = somebody.project / "vault/.recipients"
    (recipients / "ops.txt").write_text((recipients / "dev.txt").read_text())
    return somebody
