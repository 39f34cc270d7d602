"""Replies, and what happens to the connection afterwards."""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class End(enum.Enum):
    """What happens to a connection after a reply."""

    #: It is kept for the next request.
    KEEP = "keep"
    #: It is closed normally.
    CLOSE = "close"
    #: It is reset.
    RESET = "reset"
    #: Nothing more is sent while the client waits.
    HANG = "hang"


@dataclass(frozen=True)
class Reply:
    """Bytes, and what happens after them."""

    data: bytes = b""
    end: End = End.KEEP
    #: Seconds between pieces of `data`; 0 sends it at once.
    pause: float = 0
    #: The size of a piece, with pauses.
    piece: int = 64
    #: Sent on a new connection before TLS, not to a request.
    is_at_accept: bool = False
    #: Sent on a new connection after TLS, not to a request.
    is_at_handshake: bool = False

    @property
    def is_for_request(self) -> bool:
        """Whether it answers a request."""
        return not self.is_at_accept and not self.is_at_handshake


def answer(
    status: int,
    body: bytes | str | Mapping[str, Any] = b"",
    *,
    headers: Mapping[str, str] | None = None,
    length: int | None = None,
    end: End = End.KEEP,
    cut: int | None = None,
    pause: float = 0,
) -> Reply:
    """Make the reply for a status and a body.

    Args:
        status: such as 503.
        body: bytes, a string, or a value for JSON.
        headers: more headers, or a replacement for `Content-Type`.
        length: a false `Content-Length`.
        end: what happens to the connection.
        cut: the number of bytes to send; None sends all.
        pause: seconds between pieces.

    """
    content = {"Content-Type": "application/json"}
    if isinstance(body, Mapping):
        data = json.dumps(body).encode()
    elif isinstance(body, str):
        data = body.encode()
        content["Content-Type"] = "text/plain; charset=utf-8"
    else:
        data = body
    content.update(headers or {})
    lines = [f"HTTP/1.1 {status} Status", *(f"{name}: {value}" for name, value in content.items())]
    lines.append(f"Content-Length: {len(data) if length is None else length}")
    whole = "\r\n".join([*lines, "", ""]).encode() + data
    return Reply(whole[:cut], end, pause)


def status_body(code: int, reason: str | None = None, message: str = "a message of the server") -> dict[str, Any]:
    """Return the Status object of an API server's failure."""
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "code": code}
    return body if reason is None else {**body, "reason": reason}


def trickling(reply: Reply, pause: float, piece: int = 64) -> Reply:
    """Return a reply that is sent in pieces."""
    return Reply(reply.data, reply.end, pause, piece)
