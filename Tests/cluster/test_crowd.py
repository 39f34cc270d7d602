"""A rollout: clients that start at once, each with its own connection, and an overloaded server.

KSTACK_LONG=1 starts 5,000 clients.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from apiserver import Reply, Request, StandIn, answer
from pages import block
from pods import Pod
from programs import compile_program

COUNT = 5000 if os.environ.get("KSTACK_LONG") else 600
PROCESSES = 4
#: The timeout of a call: 5,000 handshakes take about a minute on two busy processors.
TIMEOUT_MS = 120_000 if os.environ.get("KSTACK_LONG") else 30_000
OUTAGE = 2.0
#: When the last retry is due: a call that failed just before the end of the outage waits for at most three seconds.
LAST = OUTAGE + 3.0
WINDOW = 0.1
#: Descriptors that a client needs: its socket, and those of its libcurl.
DESCRIPTORS = 8


@pytest.fixture
def descriptors() -> Iterator[None]:
    """Allow this process and its children as many descriptors as the clients need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = max(soft, COUNT + 1000, COUNT // PROCESSES * DESCRIPTORS + 1000)
    if hard != resource.RLIM_INFINITY and hard < needed:
        pytest.skip(f"{needed} descriptors are needed, and {hard} allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Crowd:
    """The server's answers to each client, and the times of the requests.

    Each client is refused for two seconds from its first request, however long it takes until all are connected.
    """

    def __init__(self) -> None:
        self.asked: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    def reply(self, request: Request) -> Reply | None:
        """Decide on a request."""
        name = request.path.rsplit("/", 1)[1]
        with self._lock:
            times = self.asked.setdefault(name, [])
            times.append(request.at)
            if request.at - times[0] >= OUTAGE:
                return None
        # Half of the clients are told when to retry.
        if int(name.split("-")[1][1:]) % 2 == 0:
            return answer(429, "too many requests", headers={"Retry-After": "1"})
        return answer(503, "not now")

    def retries(self) -> list[float]:
        """Return the time of each retry since its client's first request.

        So the load of the machine, which may delay the first requests, does not matter.
        """
        return [time - times[0] for times in self.asked.values() for time in times[1:]]


def windows(times: list[float]) -> list[int]:
    """Return the counts in windows of 100 ms, until the last retry is due."""
    counts = [0] * round(LAST / WINDOW)
    for time_ in times:
        if time_ < LAST:
            counts[int(time_ / WINDOW)] += 1
    return counts


def table(found: int, retries: int, mean: float, most: int, clients: int = COUNT) -> str:
    """Return the table of a run, as the page shows it."""
    rows = (
        ("clients", clients),
        ("have their credentials", found),
        ("retries", retries),
        (f"in {WINDOW * 1000:.0f} ms, the mean", round(mean)),
        (f"in {WINDOW * 1000:.0f} ms, at the most", most),
    )
    return "\n".join(f"{name:44}{number:10,}" for name, number in rows) + f"    {most / mean:.1f} times the mean\n"


def test_the_page_shows_such_a_run() -> None:
    shown = block("docs/at-scale.md", "How retries are spread", "")
    numbers = [int(number.replace(",", "")) for number in re.findall(r"  ([\d,]+)(?:\n|    )", shown)]
    clients, found, retries, _, most = numbers
    mean = retries / (LAST / WINDOW)
    assert shown == table(found, retries, mean, most, clients)
    assert found == clients
    assert most <= 3 * mean


def test_the_retries_of_a_crowd_are_spread(descriptors: None, pod: Pod, server: StandIn, tmp_path: Path) -> None:
    program = compile_program("crowd", tmp_path)
    crowd = Crowd()
    server.hook = crowd.reply
    server.objects.subjects[pod.token].allowed.add(("get", "secrets", "layer-3-production", "*"))
    for number in range(COUNT):
        server.objects.put_secret(f"layer3-c{number}-credentials", {"key": b"value"})
    share = COUNT // PROCESSES
    processes = [
        subprocess.Popen(
            pod.command(program, str(first), str(share), str(TIMEOUT_MS)),
            env=pod.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for first in range(0, COUNT, share)
    ]
    try:
        for process in processes:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
        start = time.monotonic()
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        lines = []
        for process in processes:
            output, _ = process.communicate(timeout=TIMEOUT_MS / 1000 + 120)
            lines += output.splitlines()
            assert process.returncode == 0
    finally:
        for process in processes:
            process.kill()
    took = time.monotonic() - start
    pod.written += lines
    found = sum(int(line.split()[1]) for line in lines if line.startswith("found "))
    failed = [line for line in lines if not line.startswith("found ")]
    # Each has its credentials, or a retryable failure.
    assert found + len(failed) == COUNT
    assert [line for line in failed if line.split()[1] != "later"] == []
    retries = crowd.retries()
    counts = windows(retries)
    mean = sum(counts) / len(counts)
    print(f"{took:.1f} s\n" + table(found, len(retries), mean, max(counts)), end="")
    # A client that is refused again retries again, unless its time is over.
    assert len(retries) >= found
    assert max(counts) <= 3 * mean, counts
