"""The stand-in itself: sockets, TLS and requests; one thread a connection."""

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

#: How long a thread waits for a client that does nothing, so that a test that fails ends.
PATIENCE = 120.0


@dataclass(frozen=True)
class Request:
    """One request, as it came."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    #: The number of the connection that it came over, from 1.
    connection: int
    #: When it was there, by a clock that only goes forward.
    at: float

    @property
    def token(self) -> str:
        """The token; "" where there is none."""
        return self.headers.get("authorization", "").removeprefix("Bearer ")


class StandIn:
    """A server on an own port of 127.0.0.1.

    What it is told is done to the next request, or the next connection, once; what it is told to do always is done to
    every request for which there is nothing else. Everything else is answered from `objects`.
    """

    def __init__(self, recordings: Recordings, authority: Authority | None = None) -> None:
        self.authority = authority or Authority()
        self.objects = Objects(recordings)
        self.recordings = recordings
        #: For new connections; None speaks HTTP without TLS.
        self.tls: ssl.SSLContext | None = self.authority.context()
        #: Decides on a request before anything else does; None leaves it to the rest.
        self.hook: Callable[[Request], Reply | None] | None = None
        #: Called when a connection was accepted, before anything is sent.
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

    # ------------------------------------------------------------------------------------------- what it is told

    def next(self, *replies: Reply) -> None:
        """Reply so to the next requests or connections, one after another."""
        with self._lock:
            self._next.extend(replies)

    def always(self, reply: Reply | None) -> None:
        """Reply so to every request; None ends that."""
        with self._lock:
            self._always = reply

    def play(self, recorded: str, **texts: tuple[str, str]) -> Reply:
        """Give a recorded answer as a reply; `texts` are old strings and new ones."""
        recording = self.recordings[recorded]
        if texts:
            recording = recording.replacing(**texts)
        return Reply(recording.data(), End.KEEP if recording.has_length else End.CLOSE)

    def refuse(self) -> None:
        """Refuse new connections, and close those that there are; the port stays ours."""
        self._stop_listening()
        self._listener = self._bind(self.port)
        self.drop_connections()

    def accept(self) -> None:
        """Accept connections again."""
        self._listen()

    def drop_connections(self, end: End = End.CLOSE) -> None:
        """Close or reset the connections that there are; they are when this returns."""
        with self._lock:
            connections = dict(self._connections)
        for connection, thread in connections.items():
            with contextlib.suppress(OSError):
                if end is End.RESET:
                    linger_not(connection)
                # Nothing is sent by that: it wakes the thread that reads, which closes. (Not the method of a TLS
                # socket, which forgets its TLS.)
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
        """How many connections were accepted."""
        with self._lock:
            return self._accepted

    @property
    def handshakes(self) -> int:
        """How many connections got as far as a request could be sent."""
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
            # A client that resets, or does not like the certificate, is none of this thread's business.
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
        """Give the requests of a connection until it ends."""
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
        """Send a reply; give whether the connection goes on."""
        size = reply.piece if reply.pause else max(len(reply.data), 1)
        for start in range(0, len(reply.data), size):
            stream.sendall(reply.data[start : start + size])
            if reply.pause and self._closing.wait(reply.pause):
                return False
        if reply.end is End.HANG:
            # Until the client goes.
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
        """End it; all connections are closed."""
        self._closing.set()
        self._stop_listening()
        self.drop_connections()

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def linger_not(connection: socket.socket) -> None:
    """Let closing a connection reset it."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
