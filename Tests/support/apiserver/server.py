"""The stand-in itself: sockets, TLS and requests, with one thread per connection."""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Callable
from urllib.parse import parse_qs, urlsplit

import h11

from apiserver.authority import Authority
from apiserver.objects import Objects
from apiserver.recordings import Recordings
from apiserver.reply import End, Reply

#: How long a thread waits for an idle client, so that a failing test ends.
PATIENCE = 120.0


@dataclass(frozen=True)
class Request:
    """One request as it was received."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    #: The number of its connection, from 1.
    connection: int
    #: When it arrived, on a monotonic clock.
    at: float

    @property
    def token(self) -> str:
        """The token, or ""."""
        return self.headers.get("authorization", "").removeprefix("Bearer ")


class StandIn:
    """A server on its own port of 127.0.0.1.

    Replies passed to `next` are each used once, for the next request or connection. That passed to `always` is used for
    every other request. Without it, `objects` answers.
    """

    def __init__(self, recordings: Recordings, authority: Authority | None = None) -> None:
        self.authority = authority or Authority()
        self.objects = Objects(recordings)
        self.recordings = recordings
        #: For new connections; None speaks HTTP without TLS.
        self.tls: ssl.SSLContext | None = self.authority.context()
        #: Called first for a request; None leaves it to the others.
        self.hook: Callable[[Request], Reply | None] | None = None
        #: Called after a connection is accepted, before anything is sent.
        self.on_accept: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._accepted = 0
        self._handshakes = 0
        self._next: deque[Reply] = deque()
        self._always: Reply | None = None
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._closing = threading.Event()
        self._listener = self._bind(0)
        self.port: int = self._listener.getsockname()[1]
        self._listen()

    # ------------------------------------------------------------------------------------------- what it is to do

    def next(self, *replies: Reply) -> None:
        """Reply with these to the next requests or connections, in order."""
        with self._lock:
            self._next.extend(replies)

    def always(self, reply: Reply | None) -> None:
        """Reply with this to every request; None stops that."""
        with self._lock:
            self._always = reply

    def play(self, recorded: str, **texts: tuple[str, str]) -> Reply:
        """Return a recorded answer as a reply; `texts` are old strings and new ones."""
        recording = self.recordings[recorded]
        if texts:
            recording = recording.replacing(**texts)
        return Reply(recording.data(), End.KEEP if recording.has_length else End.CLOSE)

    def refuse(self) -> None:
        """Refuse new connections, close the existing ones, and keep the port."""
        self._stop_listening()
        self._listener = self._bind(self.port)
        self.drop_connections()

    def accept(self) -> None:
        """Accept connections again."""
        self._listen()

    def drop_connections(self, end: End = End.CLOSE) -> None:
        """Close or reset the existing connections, before returning."""
        with self._lock:
            connections = dict(self._connections)
        for connection, thread in connections.items():
            with contextlib.suppress(OSError):
                if end is End.RESET:
                    linger_not(connection)
                # Sends nothing, but wakes the reading thread, which closes. (Not the method of the TLS
                # socket, which would drop its TLS.)
                socket.socket.shutdown(connection, socket.SHUT_RD)
            thread.join(PATIENCE)

    # ----------------------------------------------------------------------------------------------- what it saw

    @property
    def requests(self) -> list[Request]:
        """All requests so far."""
        with self._lock:
            return list(self._requests)

    @property
    def accepted(self) -> int:
        """The number of accepted connections."""
        with self._lock:
            return self._accepted

    @property
    def handshakes(self) -> int:
        """The number of connections that completed the handshake."""
        with self._lock:
            return self._handshakes

    # --------------------------------------------------------------------------------------------------- its work

    def _bind(self, port: int) -> socket.socket:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        return listener

    def _listen(self) -> None:
        self._listener.listen(128)
        self._stop, stopped = socket.socketpair()
        thread = threading.Thread(target=self._accept, args=(self._listener, stopped), daemon=True)
        self._acceptor = thread
        thread.start()

    def _stop_listening(self) -> None:
        self._stop.close()
        self._acceptor.join(PATIENCE)
        self._listener.close()

    def _accept(self, listener: socket.socket, stopped: socket.socket) -> None:
        with stopped, selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(stopped, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if stopped in ready:
                    return
                connection, _ = listener.accept()
                with self._lock:
                    self._accepted += 1
                    number = self._accepted
                    first = self._next.popleft() if self._next and self._next[0].is_at_accept else None
                thread = threading.Thread(target=self._connection, args=(connection, number, first), daemon=True)
                with self._lock:
                    self._connections[connection] = thread
                thread.start()

    def _connection(self, plain: socket.socket, number: int, first: Reply | None) -> None:
        stream: socket.socket = plain
        try:
            # A client may reset, or refuse the certificate.
            with contextlib.suppress(OSError):
                plain.settimeout(PATIENCE)
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self.on_accept is not None:
                    self.on_accept()
                if first is not None and not self._send(plain, first):
                    return
                if self.tls is not None:
                    stream = self.tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
                    with self._lock:
                        self._connections[stream] = self._connections.pop(plain)
                    stream.do_handshake()
                with self._lock:
                    self._handshakes += 1
                    then = self._next.popleft() if self._next and self._next[0].is_at_handshake else None
                if then is not None and not self._send(stream, then):
                    return
                for request in self._read(stream, number):
                    if not self._send(stream, self._reply(request)):
                        return
        finally:
            with self._lock:
                self._connections.pop(plain, None)
                self._connections.pop(stream, None)
            with contextlib.suppress(OSError):
                stream.close()

    def _read(self, stream: socket.socket, number: int) -> Iterator[Request]:
        """Yield the requests of a connection until it ends."""
        rest = b""
        while True:
            parser = h11.Connection(h11.SERVER)
            if rest:
                parser.receive_data(rest)
            head: h11.Request | None = None
            body = b""
            while True:
                try:
                    event = parser.next_event()
                except h11.RemoteProtocolError:
                    stream.sendall(self.recordings["tls_plain_http_to_tls_port"].data())
                    return
                if event is h11.NEED_DATA:
                    data = stream.recv(65536)
                    if not data:
                        return
                    parser.receive_data(data)
                elif isinstance(event, h11.Request):
                    head = event
                elif isinstance(event, h11.Data):
                    body += bytes(event.data)
                elif isinstance(event, h11.EndOfMessage):
                    break
                else:
                    return
            assert head is not None
            rest = parser.trailing_data[0]
            target = urlsplit(head.target.decode())
            headers = {name.decode(): value.decode() for name, value in head.headers}
            request = Request(
                head.method.decode(), target.path, parse_qs(target.query), headers, body, number, time.monotonic()
            )
            with self._lock:
                self._requests.append(request)
            yield request

    def _reply(self, request: Request) -> Reply:
        if self.hook is not None and (decided := self.hook(request)) is not None:
            return decided
        with self._lock:
            told = self._next.popleft() if self._next and self._next[0].is_for_request else self._always
        return told or self.objects.reply(request.method, request.path, request.headers, request.body)

    def _send(self, stream: socket.socket, reply: Reply) -> bool:
        """Send a reply, and return whether the connection is kept."""
        size = reply.piece if reply.pause else max(len(reply.data), 1)
        for start in range(0, len(reply.data), size):
            stream.sendall(reply.data[start : start + size])
            if reply.pause and self._closing.wait(reply.pause):
                return False
        if reply.end is End.HANG:
            # Until the client disconnects.
            with contextlib.suppress(OSError):
                while stream.recv(4096):
                    pass
        elif reply.end is End.RESET:
            linger_not(stream)
        elif reply.end is End.CLOSE and isinstance(stream, ssl.SSLSocket):
            with contextlib.suppress(OSError):
                stream.settimeout(1)
                stream.unwrap()
        return reply.end is End.KEEP

    def close(self) -> None:
        """Stop the server, and close all connections."""
        self._closing.set()
        self._stop_listening()
        self.drop_connections()

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def linger_not(connection: socket.socket) -> None:
    """Make closing a connection reset it."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
