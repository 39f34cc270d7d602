"""Fixtures: a person with an empty folder, and one with a project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from people import Person

Meet = Callable[[str], Person]


@pytest.fixture
def meet(tmp_path: Path) -> Meet:
    """Gives people machines."""

    def one(name: str) -> Person:
        person = Person(name, tmp_path / name, tmp_path / name / "shop")
        person.project.mkdir(parents=True)
        return person

    return one


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
