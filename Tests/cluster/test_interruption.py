"""Signals and cancelled coroutines end calls that wait for the server."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from apiserver import End, Reply, StandIn, answer, trickling
from conftest import SECRET
from pods import Agent, Pod

#: How long a call would otherwise wait, in seconds, and a shorter time.
DEADLINE, SOON = 60, 20

WAITS = {
    "for TLS": Reply(end=End.HANG, is_at_accept=True),
    "for the answer": Reply(end=End.HANG),
    "for the rest of the answer": answer(200, b'{"kind": "Secret", "data"', length=500, end=End.HANG),
    "for an answer a byte at a time": trickling(answer(200, b" " * 100_000), pause=0.05, piece=1),
    "before another attempt": answer(429, "not now", headers={"Retry-After": "30"}),
}


@pytest.fixture
def patient(pod: Pod) -> Iterator[Agent]:
    """A program in the pod, with one minute per call."""
    agent = Agent(pod, timeout_ms=DEADLINE * 1000)
    yield agent
    agent.close()


@pytest.mark.parametrize("wait", WAITS)
@pytest.mark.parametrize(
    ("way", "ended"), [("interrupted", "KeyboardInterrupt"), ("cancelled", "KStackCancelledError")]
)
def test_a_wait_is_ended(way: str, ended: str, wait: str, patient: Agent, server: StandIn) -> None:
    server.next(WAITS[wait])
    start = time.monotonic()
    assert patient.call(way, service="s3", layer="layer3") == ended
    assert time.monotonic() - start < SOON
    assert patient.credentials() == SECRET
