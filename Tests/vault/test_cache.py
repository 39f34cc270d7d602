"""What was read of a large file leaves the system's cache when as much is written."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from vaults import Vault, no_tracing, traced

FILE = "layer3/large.bin"
SIZE = 100 * 65536 + 5
BLOCK = 1 << 20

#: The kernel keeps a file in blocks of up to this size, each at a multiple of its size, and drops whole ones only.
LARGEST = 2 * BLOCK


def test_whole_blocks_are_dropped(empty: Vault, tmp_path: Path) -> None:
    if no_tracing():
        pytest.skip("tracing is not allowed here")
    content = os.urandom(SIZE)
    empty.encrypt_with_age(FILE, content)
    size = empty.secret(FILE).stat().st_size
    log = tmp_path / "log"
    assert empty.run("decrypt", under=traced("fadvise64", log, "-y")).statuses == ["KSTACK_OK"]
    assert empty.plain(FILE).read_bytes() == content
    calls = re.findall(r"fadvise64\(\d+<([^>]*)>, (\d+), (\d+), POSIX_FADV_DONTNEED\) = 0", log.read_text())
    assert {Path(path) for path, _, _ in calls} == {empty.secret(FILE)}
    ranges = [(int(start), int(start) + int(count)) for _, start, count in calls]
    assert all(start % BLOCK == 0 and end % BLOCK == 0 for start, end in ranges)
    for block in (BLOCK, LARGEST):
        for start in range(0, size - block, block):
            assert any(first <= start and start + block <= end for first, end in ranges)
