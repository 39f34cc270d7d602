"""Measures encrypting and decrypting a folder of files, with kstack, the age program (one process per file) or pyrage.

    bench_vault.py kstack|age|pyrage FOLDER IDENTITY_FILE RECIPIENTS_FILE COUNT SIZE ROUNDS REST

Each round waits REST seconds between making the files and encrypting them. Prints the medians over the rounds of the seconds that all files took, and for kstack also what `status` and
`rekey --check` took, and by how many bytes the memory of this process grew at its peak. Each round begins with new
files of random bytes in FOLDER, which must not exist.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable

LAYER = "layer3"
BLOCK = 1 << 20


class Files:
    """A project with a vault whose layer3 holds plaintext files."""

    def __init__(self, root: Path, count: int, size: int) -> None:
        self.root = root
        self.folder = root / "vault/dev" / LAYER
        self.names = [f"{number:04}.bin" for number in range(count)]
        self.size = size

    def make(self, recipients: Path, rest: float) -> None:
        """Write new files, wait until they are on the disk, and `rest` seconds more."""
        self.folder.mkdir(parents=True)
        (self.root / ".kstack.yaml").write_text("environment: dev\n", encoding="utf-8")
        (self.root / "vault/.recipients").mkdir()
        shutil.copy(recipients, self.root / "vault/.recipients/dev.txt")
        for name in self.names:
            with (self.folder / name).open("wb") as file:
                for start in range(0, self.size, BLOCK):
                    file.write(os.urandom(min(BLOCK, self.size - start)))
        os.sync()
        time.sleep(rest)

    def pairs(self) -> list[tuple[Path, Path]]:
        """Return the plaintext and the encrypted path of each file."""
        return [(self.folder / name, self.folder / f"secret.{name}") for name in self.names]

    def remove_plaintexts(self) -> None:
        """Leave the encrypted forms alone; kstack does so itself."""
        for plaintext, _ in self.pairs():
            plaintext.unlink(missing_ok=True)
        os.sync()


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def memory(field: str) -> int:
    """Return a line of this process's status in bytes."""
    found = re.search(
        rf"^{field}:\s*(\d+) kB",
        Path("/proc/self/status").read_text(encoding="utf-8"),
        re.M,
    )
    if found is None:
        raise SystemExit(f"bench_vault: /proc/self/status has no {field}")
    return int(found[1]) * 1024


def growth(work: Callable[[], object]) -> tuple[float, int]:
    """Return the seconds that a call takes, and the growth of memory at its peak."""
    # Resets the peak to the current use.
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")
    before = memory("VmRSS")
    seconds = timed(work)
    return seconds, max(memory("VmHWM") - before, 0)


def with_kstack(files: Files, identity_file: Path) -> dict[str, float]:
    """Encrypt and decrypt with runs over the vault."""
    from kstack_lib.any.container import KStackContainer

    with KStackContainer(project_root=files.root, identity_file=identity_file) as container:
        vault = container.vault("dev")
        encrypt, encrypt_memory = growth(vault.encrypt)
        files.remove_plaintexts()
        # Once before, so that the system caches the folders.
        vault.status()
        status, check = timed(vault.status), timed(lambda: vault.rekey(check=True))
        decrypt, decrypt_memory = growth(vault.decrypt)
    return {
        "encrypt": encrypt,
        "decrypt": decrypt,
        "status": status,
        "check": check,
        "encrypt-memory": encrypt_memory,
        "decrypt-memory": decrypt_memory,
    }


def with_age(files: Files, identity_file: Path) -> dict[str, float]:
    """Encrypt and decrypt with a loop in a shell that syncs each file to the disk."""
    recipients = files.root / "vault/.recipients/dev.txt"

    def loop(body: str, key: Path) -> Callable[[], object]:
        script = f"key=$1; shift; for name; do {{ {body}; }} || exit; done"
        command = ["sh", "-c", script, "sh", str(key), *files.names]
        return lambda: subprocess.run(command, cwd=files.folder, check=True)

    encrypt = timed(loop('age -R "$key" -o "secret.$name" "$name" && sync "secret.$name"', recipients))
    files.remove_plaintexts()
    return {
        "encrypt": encrypt,
        "decrypt": timed(loop('age -d -i "$key" -o "$name" "secret.$name" && sync "$name"', identity_file)),
    }


def with_pyrage(files: Files, identity_file: Path) -> dict[str, float]:
    """Encrypt and decrypt with pyrage, which streams from file to file."""
    import pyrage

    lines = identity_file.read_text(encoding="utf-8").splitlines()
    identity = pyrage.x25519.Identity.from_str(next(line for line in lines if line.startswith("AGE-SECRET-KEY-1")))
    recipients = [
        pyrage.x25519.Recipient.from_str(line)
        for line in (files.root / "vault/.recipients/dev.txt").read_text(encoding="utf-8").split()
    ]

    def encrypt() -> None:
        for plaintext, encrypted in files.pairs():
            pyrage.encrypt_file(str(plaintext), str(encrypted), recipients)

    def decrypt() -> None:
        for plaintext, encrypted in files.pairs():
            pyrage.decrypt_file(str(encrypted), str(plaintext), [identity])

    seconds = timed(encrypt)
    files.remove_plaintexts()
    return {"encrypt": seconds, "decrypt": timed(decrypt)}


def main() -> None:
    """Measure what the first argument names."""
    what, folder, identity_file, recipients = (
        sys.argv[1],
        Path(sys.argv[2]),
        Path(sys.argv[3]),
        Path(sys.argv[4]),
    )
    count, size, rounds = (int(argument) for argument in sys.argv[5:8])
    rest = float(sys.argv[8])
    work = {"kstack": with_kstack, "age": with_age, "pyrage": with_pyrage}[what]
    found: dict[str, list[float]] = {}
    os.umask(0o022)
    for _ in range(rounds):
        files = Files(folder, count, size)
        try:
            files.make(recipients, rest)
            for name, value in work(files, identity_file).items():
                found.setdefault(name, []).append(value)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    for name, values in found.items():
        print(f"{name} {statistics.median(values):.6f}")


if __name__ == "__main__":
    main()
