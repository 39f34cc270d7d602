"""The code blocks of the pages, for the tests that run them as they stand.

Where a test reads blocks, it names page, section, language and number as literals. So Tests/command/test_pages.py sees
which blocks are read, and fails where a page has another one.

As a program it prints blocks, for scripts: pages.py PAGE SECTION LANGUAGE
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parents[2]

FENCE = re.compile(r" *(`{3,}|~{3,})(.*)")
HEADING = re.compile(r"#+ +(.*)")


class Block(NamedTuple):
    """A block, and where it stands."""

    section: str
    language: str
    text: str


def read(page: str) -> list[Block]:
    """Give the blocks of a page, each with the heading that it stands under."""
    found = []
    section, fence, language = "", "", ""
    lines: list[str] = []
    for line in (REPOSITORY / page).read_text(encoding="utf-8").splitlines():
        mark, heading = FENCE.fullmatch(line), HEADING.fullmatch(line)
        if fence and mark and mark[1] == fence and not mark[2]:
            found.append(Block(section, language, "".join(f"{one}\n" for one in lines)))
            fence = ""
        elif fence:
            lines.append(line)
        elif mark:
            fence, language, lines = mark[1], mark[2].strip(), []
        elif heading:
            section = heading[1]
    assert not fence, f"a block of {page} does not end"
    return found


def blocks(page: str, section: str, language: str, count: int) -> list[str]:
    """Give the blocks of a section in a language, of which there are so many."""
    found = [one.text for one in read(page) if (one.section, one.language) == (section, language)]
    assert len(found) == count, f"{page} has {len(found)} blocks of {language!r} in {section}, not {count}"
    return found


def block(page: str, section: str, language: str) -> str:
    """Give the only block of a section in a language."""
    return blocks(page, section, language, 1)[0]


def inline(page: str, pattern: str) -> str:
    """Give what the only group of a pattern has in the text of a page, where it stands once."""
    (found,) = re.findall(pattern, (REPOSITORY / page).read_text(encoding="utf-8"))
    return str(found)


if __name__ == "__main__":
    page, *place = sys.argv[1:]
    sys.stdout.writelines(one.text for one in read(page) if [one.section, one.language] == place)
