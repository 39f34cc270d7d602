"""One version: each file that names it is held to that of kstack.h."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from people import REPOSITORY

CHECK = REPOSITORY / "Tests" / "support" / "check-version"


def test_each_place_that_stays_behind_is_named(tmp_path: Path) -> None:
    names = re.findall(r"^([\w./]+\.\w+) ", CHECK.read_text(), re.M)
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((REPOSITORY / name).read_bytes())
    assert subprocess.run([CHECK, tmp_path], check=False).returncode == 0
    header = tmp_path / "Include" / "kstack.h"
    header.write_text(re.sub(r'(define KSTACK_VERSION) ".*"', r'\1 "97.98.99"', header.read_text()))
    done = subprocess.run([CHECK, tmp_path], stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert [line.split()[0] for line in done.stderr.splitlines()] == names
