"""Each block of each page is read by a test, which runs it or compares with it."""

from __future__ import annotations

import ast
import subprocess
from collections import Counter
from typing import NamedTuple

import pages
from pages import REPOSITORY

#: Page, section and language.
Place = tuple[str, str, str]

#: Draws a block anew, and is run by the lint.
DRAWING = "Tests/support/targets"


class Reading(NamedTuple):
    """A function that reads so many blocks of a place."""

    file: str
    function: str
    place: Place
    number: int


def tracked(pattern: str) -> list[str]:
    """What git tracks, and what it will."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", pattern]
    listed = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [name for name in listed.splitlines() if (REPOSITORY / name).exists()]


def there_is() -> Counter[Place]:
    """How many blocks each place has."""
    return Counter((page, one.section, one.language) for page in tracked("*.md") for one in pages.read(page))


def readings() -> tuple[list[Reading], set[str]]:
    """What is read by which function, and the names of all parameters: those that are fixtures are run for them."""
    found, parameters = [], set()
    for file in [*tracked("*.py"), DRAWING]:
        if file == "Tests/support/pages.py":
            continue
        for function in ast.walk(ast.parse((REPOSITORY / file).read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef):
                continue
            parameters |= {one.arg for one in function.args.args}
            for call in ast.walk(function):
                name = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else None
                if isinstance(call, ast.Call) and name in ("block", "blocks"):
                    page, section, language, *count = (ast.literal_eval(one) for one in call.args)
                    found.append(Reading(file, function.name, (page, section, language), *(count or [1])))
    return found, parameters


def unread(there: Counter[Place]) -> Counter[Place]:
    """The places that no test reads, or of which another number of blocks."""
    read = {(one.place, one.number) for one in readings()[0]}
    return Counter({place: count for place, count in there.items() if (place, count) not in read})


def test_each_block_is_read() -> None:
    assert unread(there_is()) == {}, "a test has to read these with Tests/support/pages.py, and run them"


def test_what_reads_is_run() -> None:
    found, parameters = readings()
    idle = [
        one
        for one in found
        if not (one.function.startswith("test_") or one.function in parameters or one.file == DRAWING)
    ]
    assert idle == []


def test_a_new_block_is_seen() -> None:
    there = there_is()
    new = [("docs/team.md", "Moving to post-quantum keys", "sh"), ("docs/limits.md", "Memory", "c"), ("new.md", "", "")]
    there.update(new)
    assert set(new) <= set(unread(there))


def test_the_readme_fits_on_two_screens() -> None:
    """The rest is for pages of its own."""
    lines = (REPOSITORY / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 100
