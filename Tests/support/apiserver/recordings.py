"""Recorded answers of a real API server."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Recording:
    """One answer as it came over the wire."""

    head: bytes
    body: bytes

    @property
    def is_chunked(self) -> bool:
        """Whether it was chunked; the body was recorded without the lines of chunks."""
        return b"transfer-encoding: chunked" in self.head.lower()

    @property
    def has_length(self) -> bool:
        """Whether its end is known before the connection ends."""
        return self.is_chunked or b"content-length:" in self.head.lower()

    def data(self) -> bytes:
        """Return the bytes as they were sent, without the sizes of chunks."""
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(self.body), self.body) if self.is_chunked else self.body
        return self.head + body

    def json(self) -> Any:
        """Return the parsed body."""
        return json.loads(self.body)

    def with_body(self, body: bytes) -> Recording:
        """Return a copy with another body and its length."""
        head = re.sub(rb"(?i)content-length: \d+", b"Content-Length: %d" % len(body), self.head)
        return Recording(head, body)

    def replacing(self, **texts: tuple[str, str]) -> Recording:
        """Return a copy with strings replaced; each pair is an old string and a new one."""
        body = self.body.decode()
        for old, new in texts.values():
            body = body.replace(old, new)
        return self.with_body(body.encode())


class Recordings:
    """A folder of answers, one per file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __getitem__(self, name: str) -> Recording:
        """Return the answer in a file; `name` has no suffix."""
        head, _, body = (self.folder / f"{name}.txt").read_bytes().partition(b"\r\n\r\n")
        head += b"\r\n\r\n"
        length = re.search(rb"(?i)content-length: (\d+)", head)
        return Recording(head, body[: int(length[1])] if length else body)
