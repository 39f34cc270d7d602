"""Measures a look-up through the Python binding, or pyrage on the same file.

    bench_lookup.py lookup PROJECT IDENTITY_FILE SERVICE LAYER ROUNDS ITERATIONS
    bench_lookup.py pyrage FILE    IDENTITY_FILE SERVICE LAYER ROUNDS ITERATIONS

Prints the median over the rounds of the microseconds that one of them took.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import Callable


def measure(work: Callable[[], object], rounds: int, iterations: int) -> float:
    """Return the median time of one call in microseconds."""
    times = []
    # The first round warms up.
    for _ in range(rounds + 1):
        start = time.perf_counter()
        for _ in range(iterations):
            work()
        times.append((time.perf_counter() - start) / iterations * 1e6)
    return statistics.median(times[1:])


def lookup(project: str, identity_file: str, service: str, layer: str) -> Callable[[], object]:
    """Return a function that looks up."""
    from kstack_lib.any.container import KStackContainer

    container = KStackContainer(project_root=project, identity_file=identity_file)

    def work() -> object:
        return container.get_credentials(service, layer)["key"]

    return work


def decryption(file: str, identity_file: str) -> Callable[[], object]:
    """Return a function that reads and decrypts the file with pyrage, with the identity parsed beforehand."""
    import pyrage

    lines = Path(identity_file).read_text(encoding="utf-8").splitlines()
    identity = pyrage.x25519.Identity.from_str(next(line for line in lines if line.startswith("AGE-SECRET-KEY-1")))

    def work() -> object:
        return pyrage.decrypt(Path(file).read_bytes(), [identity])

    return work


def main() -> None:
    """Measure what the first argument names."""
    what, first, identity_file, service, layer = sys.argv[1:6]
    rounds, iterations = int(sys.argv[6]), int(sys.argv[7])
    work = lookup(first, identity_file, service, layer) if what == "lookup" else decryption(first, identity_file)
    print(f"{what} {measure(work, rounds, iterations):.3f}")


if __name__ == "__main__":
    main()
