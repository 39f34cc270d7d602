"""After a run is killed at any point, every file has one form or the other, and the next run completes."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from vaults import Ended, Vault, check_complete, check_intact, no_tracing, traced

#: Calls made at least once per file or per run, when encrypting and when decrypting.
CALLS = {"openat": 6, "write": 4, "fsync": 6, "renameat": 1, "renameat2": 4, "unlinkat": 2, "close": 6}

#: No call is made more often.
MOST = 500


def strace(call: str, what: str, when: int) -> list[str]:
    """Return an strace command that does something to the client at the when-th call."""
    return traced(call, Path("/dev/null"), "-e", f"inject={call}:{what}:when={when}")


@pytest.fixture(scope="module", autouse=True)
def traceable() -> None:
    """Skip where tracing is not allowed."""
    if no_tracing():
        pytest.skip("tracing is not allowed here")


def kill_at_every(call: str, action: str, start: Vault, work: Path, several_threads: bool = False) -> int:
    """Kill a run at each call of a kind in turn, and return how often that was possible."""
    for when in range(1, MOST):
        vault = start.copy_to(work / f"{call}-{when}")
        killed = vault.run(action, under=strace(call, "signal=SIGKILL", when), several_threads=several_threads)
        check_intact(vault)
        again = vault.run(action, several_threads=several_threads)
        assert again.statuses == ["KSTACK_OK"], (when, again)
        check_complete(vault, action)
        shutil.rmtree(vault.root)
        if killed.code != -signal.SIGKILL:
            assert killed.code == 0, (when, killed)
            return when - 1
    raise AssertionError(f"{call} is made more than {MOST} times")


@pytest.mark.parametrize("call", CALLS)
def test_encrypting_survives_at_each(call: str, decrypted: Vault, base: Path) -> None:
    assert kill_at_every(call, "encrypt", decrypted, base) >= CALLS[call]


@pytest.mark.parametrize("call", [call for call in CALLS if call != "renameat"])
def test_decrypting_survives_at_each(call: str, encrypted: Vault, base: Path) -> None:
    # One plaintext is replaced, so one file is removed.
    fewest = 1 if call == "unlinkat" else min(CALLS[call], 4)
    assert kill_at_every(call, "decrypt", encrypted, base) >= fewest


def test_decrypting_survives_at_each_rename(encrypted: Vault, base: Path) -> None:
    # Only the older plaintext and the state are replaced.
    assert kill_at_every("renameat", "decrypt", encrypted, base) >= 2


@pytest.mark.parametrize("call", ["fsync", "renameat"])
def test_several_threads_survive_too(call: str, decrypted: Vault, base: Path) -> None:
    # Calls are counted per thread: which ones are hit is up to the kernel, but nothing may be lost.
    kill_at_every(call, "encrypt", decrypted, base, several_threads=True)


def test_the_leftovers_of_a_killed_run_are_not_files(decrypted: Vault) -> None:
    killed = decrypted.run("encrypt", under=strace("renameat", "signal=SIGKILL", 1))
    assert killed.code == -signal.SIGKILL
    assert decrypted.leftovers() != []
    # The other direction removes it as well; an edit is then a conflict, and stays.
    back = decrypted.run("decrypt")
    assert back.statuses == ["KSTACK_ERROR_CONFLICT"]
    assert decrypted.leftovers() == []
    check_intact(decrypted)
    assert decrypted.run("encrypt").statuses == ["KSTACK_OK"]
    check_complete(decrypted, "encrypt")


def test_a_process_that_waits_for_the_lock_gets_it_when_its_holder_is_killed(decrypted: Vault) -> None:
    # Stopped while it holds the lock: in the middle of the first file.
    holder = subprocess.Popen(
        [*strace("fsync", "signal=SIGSTOP", 1), str(decrypted.client), str(decrypted.root), "encrypt"],
        env=decrypted.environment,
        stdout=subprocess.DEVNULL,
    )
    waiter: subprocess.Popen[str] | None = None
    try:
        child = stopped_child(holder)
        waiter = subprocess.Popen(
            [str(decrypted.client), str(decrypted.root), "encrypt"],
            env=decrypted.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        subprocess.run(["kill", "-KILL", str(child)], check=True)
        output, _ = waiter.communicate(timeout=60)
        assert Ended(waiter.returncode, output).statuses == ["KSTACK_OK"]
        check_complete(decrypted, "encrypt")
    finally:
        for process in (waiter, holder):
            if process is not None:
                process.kill()
                process.wait()


def stopped_child(holder: subprocess.Popen[bytes]) -> int:
    """Wait until the traced client holds a lock and is stopped; return its process ID."""
    children = Path(f"/proc/{holder.pid}/task/{holder.pid}/children")
    while holder.poll() is None:
        for child in children.read_text().split():
            state = Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()[0]
            if state in "Tt" and holders_of_locks() >= {child}:
                return int(child)
        time.sleep(0.01)
    raise AssertionError("the run completed")


def locks(waiting: bool) -> list[list[str]]:
    """Return the lines of the kernel's list of locks: either the awaited or the held ones."""
    lines = Path("/proc/locks").read_text().splitlines()
    return [line.replace("->", "").split() for line in lines if ("->" in line) == waiting]


def holders_of_locks() -> set[str]:
    return {line[4] for line in locks(waiting=False)}
