"""The tables of runs over whole vaults, for `bench`."""

from __future__ import annotations

import os
import statistics
from typing import Protocol

SMALL_SIZE, SMALL_ROUNDS = 1024, 3
LARGE_ROUNDS = 5
# After so many seconds kstack believes the times of a file, and reads it once.
REST = 62
SMALL_COUNTS = (1000, 20000)
# The sizes in the picture, and how many files of each are measured.
PICTURE = {1 << 10: 200, 32 << 10: 200, 1 << 20: 50, 16 << 20: 8, 256 << 20: 2}


class Bench(Protocol):
    """The measuring part of `bench`."""

    @property
    def programs(self) -> list[str]:
        """The programs that encrypt and decrypt files here."""

    @property
    def has_memory(self) -> bool:
        """Whether there is a file system in memory with enough room."""

    def vault(
        self,
        program: str,
        count: int,
        size: int,
        rounds: int = 1,
        *,
        pq: bool = False,
        rest: float = 0,
        in_memory: bool = False,
    ) -> dict[str, float]:
        """Return the seconds that each operation of a program takes with `count` files of `size` bytes."""


def measure(bench: Bench, count: int, size: int, rounds: int = 1) -> dict[str, dict[str, float]]:
    """Encrypt and decrypt with each program."""
    return {program: bench.vault(program, count, size, rounds) for program in bench.programs}


def print_comparison(found: dict[str, dict[str, float]], count: int, size: int, rounds: int) -> None:
    """Print kstack's times and those of the others."""
    ours = found["kstack"]
    others = {program: times for program, times in found.items() if program != "kstack"}
    print(f"\n{count} files of {size} bytes, {os.cpu_count()} processors, one recipient, rounds: {rounds}\n")
    print(f"{'':10}{'kstack s':>10}{'MB/s':>9}{'files/s':>10}{'memory MB':>12}", end="")
    print("".join(f"{f'{name} s':>12}{f'of {name}':>12}" for name in others))
    for what in ("encrypt", "decrypt"):
        time = ours[what]
        print(f"{what:10}{time:>10.3f}{count * size / time / 1e6:>9.1f}{count / time:>10.1f}", end="")
        print(f"{ours[f'{what}-memory'] / 1e6:>12.1f}", end="")
        print("".join(f"{times[what]:>12.3f}{time / times[what]:>11.2f}x" for times in others.values()))


def print_small(bench: Bench) -> None:
    """Measure many small files, also twenty times as many, and those for a post-quantum recipient."""
    few, many = SMALL_COUNTS
    print_comparison(measure(bench, few, SMALL_SIZE, SMALL_ROUNDS), few, SMALL_SIZE, SMALL_ROUNDS)
    if not bench.has_memory:
        print("\nkstack in tmpfs: not run, since /dev/shm has too little room")
        return
    # Some file systems get slower with the number of files, or with those that were removed before.
    ours = bench.vault("kstack", few, SMALL_SIZE, SMALL_ROUNDS, in_memory=True)
    more = bench.vault("kstack", many, SMALL_SIZE, SMALL_ROUNDS, in_memory=True)
    hybrid = bench.vault("kstack", few, SMALL_SIZE, SMALL_ROUNDS, pq=True, in_memory=True)
    disk = bench.vault("kstack", many, SMALL_SIZE)
    print(f"\n{'kstack in tmpfs, seconds':24}{few:>10}{many:>10}{'of them':>10}{f'{few} post-quantum':>22}")
    for what, label in (
        ("encrypt", "encrypt"),
        ("decrypt", "decrypt"),
        ("status", "status, warm"),
        ("check", "rekey --check, warm"),
    ):
        print(f"{label:24}{ours[what]:>10.3f}{more[what]:>10.3f}{more[what] / ours[what]:>9.1f}x", end="")
        print(f"{hybrid[what]:>14.3f}{hybrid[what] / ours[what]:>7.1f}x")
    print(f"{many} files on the disk: encrypt {disk['encrypt']:.3f} s, decrypt {disk['decrypt']:.3f} s")


def print_large(bench: Bench, size: int) -> None:
    """Measure a few large files, and one of their total size; kstack also with files that were just saved.

    The programs take turns, since the machine may become slower or faster.
    """
    for count, each in ((4, size), (1, 4 * size)):
        rounds: list[dict[str, dict[str, float]]] = []
        for _ in range(LARGE_ROUNDS):
            found = measure(bench, count, each)
            found["saved"] = found["kstack"]
            found["kstack"] = {**found["saved"], **encrypted(bench.vault("kstack", count, each, rest=REST))}
            rounds.append(found)
        found = {
            program: {what: statistics.median(one[program][what] for one in rounds) for what in times}
            for program, times in rounds[0].items()
        }
        saved = found.pop("saved")["encrypt"]
        print_comparison(found, count, each, LARGE_ROUNDS)
        others = "".join(
            f"{saved / times['encrypt']:>23.2f}x" for program, times in found.items() if program != "kstack"
        )
        print(f"saved just now, encrypt: {saved:.3f} s{others}")
    print(
        "\nage is one process per file and sync(1), pyrage one thread that waits for nothing; "
        "memory is growth at the peak."
    )


def encrypted(times: dict[str, float]) -> dict[str, float]:
    """Return the times of encrypting alone."""
    return {what: value for what, value in times.items() if what.startswith("encrypt")}


def times_over_size(bench: Bench) -> dict[str, dict[str, list[tuple[int, float]]]]:
    """Measure the time for a file of several sizes, by program and direction."""
    found: dict[str, dict[str, list[tuple[int, float]]]] = {}
    for size, count in PICTURE.items():
        for program, times in measure(bench, count, size).items():
            for what in ("encrypt", "decrypt"):
                found.setdefault(program, {"encrypt": [], "decrypt": []})[what].append((size, times[what] / count))
    return found
