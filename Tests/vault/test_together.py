"""Many processes and threads at once, and folders that are swapped meanwhile."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

from vaults import WANTED, Ended, Vault, check_complete, check_intact

#: How often each process goes back and forth.
ROUNDS = 20


def start(vault: Vault, *actions: str) -> subprocess.Popen[str]:
    """Start the client, with any number of threads."""
    environment = vault.environment
    del environment["KSTACK_TEST_ONE_PROCESSOR"]
    command = [str(vault.client), str(vault.root), *actions]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def wait(process: subprocess.Popen[str]) -> Ended:
    """Wait for a client to end."""
    output, _ = process.communicate(timeout=120)
    return Ended(process.returncode, output)


def test_two_processes_lose_nothing(decrypted: Vault) -> None:
    # One starts in each direction, so the edits of the vault are encrypted first.
    assert decrypted.run("encrypt").statuses == ["KSTACK_OK"]
    processes = [
        start(decrypted, *["decrypt", "encrypt"] * ROUNDS),
        start(decrypted, *["encrypt", "decrypt"] * ROUNDS),
    ]
    for process in processes:
        done = wait(process)
        assert set(done.statuses) == {"KSTACK_OK"}, done
        assert len(done.statuses) == 2 * ROUNDS
    check_intact(decrypted)
    assert decrypted.run("encrypt").statuses == ["KSTACK_OK"]
    check_complete(decrypted, "encrypt")


def test_two_processes_encrypt_the_same_edits(decrypted: Vault) -> None:
    processes = [start(decrypted, "encrypt") for _ in range(2)]
    results = [wait(process) for process in processes]
    assert [done.statuses for done in results] == [["KSTACK_OK"]] * 2, results
    # Each edit was encrypted once, by one or the other.
    written = sorted(path for done in results for path, result in done.files().items() if result == "written")
    edited = ["layer0/new.env", "layer1/large.bin", "layer3/cloud-credentials.yaml", "layer3/empty"]
    assert written == edited
    check_complete(decrypted, "encrypt")


def test_writers_in_two_processes_do_not_lose_each_others_files(empty: Vault) -> None:
    names = [f"f{index}" for index in range(8)]
    processes = [
        start(empty, *[f"write:layer{which}/{name}={which} of {name}" for name in names], "decrypt", "encrypt")
        for which in (0, 3)
    ]
    for process in processes:
        done = wait(process)
        assert set(done.statuses) == {"KSTACK_OK"}, done
    for which in (0, 3):
        for name in names:
            assert empty.held(f"layer{which}/{name}") == f"{which} of {name}".encode()
    assert empty.leftovers() == []


def test_eight_threads_lose_nothing(encrypted: Vault) -> None:
    done = encrypted.run("threads:8:3", "encrypt", several_threads=True)
    assert done.statuses == ["KSTACK_OK", "KSTACK_OK"], done
    for number in range(8):
        assert encrypted.held(f"layer2/thread-{number}") == f"thread {number}, round 2\n".encode()
    check_complete(encrypted, "encrypt")


def test_eight_threads_and_two_processes_lose_nothing(encrypted: Vault) -> None:
    processes = [start(encrypted, "threads:8:2"), start(encrypted, *["decrypt", "encrypt"] * ROUNDS)]
    for process in processes:
        done = wait(process)
        assert set(done.statuses) == {"KSTACK_OK"}, done
    assert encrypted.run("encrypt").statuses == ["KSTACK_OK"]
    check_complete(encrypted, "encrypt")


def test_a_folder_that_is_swapped_for_a_link(decrypted: Vault) -> None:
    # The target of the link has the same names; nothing there is ever read or written.
    decoy = decrypted.root.parent / "decoy"
    decoy.mkdir()
    for path in WANTED:
        name = path.split("/")[1]
        (decoy / name).write_bytes(b"decoy")
        (decoy / f"secret.{name}").write_bytes(decrypted.secret("layer3/same.yaml").read_bytes())
    (decoy / ".kstack-tmp-0").write_bytes(b"decoy")
    before = contents(decoy)
    # An edit would be a conflict where only one of the two directions found the folder.
    assert decrypted.run("encrypt").statuses == ["KSTACK_OK"]
    folder = decrypted.folder / "layer3"
    aside = decrypted.folder / "aside"
    done = threading.Event()
    swaps = 0

    def swap() -> None:
        nonlocal swaps
        while not done.is_set():
            os.rename(folder, aside)
            os.symlink(decoy, folder)
            os.unlink(folder)
            os.rename(aside, folder)
            swaps += 1

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        processes = [start(decrypted, *["encrypt", "decrypt"] * ROUNDS) for _ in range(2)]
        results = [wait(process) for process in processes]
    finally:
        done.set()
        swapper.join()
    assert swaps > 0
    for result in results:
        # A link is refused; between two swaps there is no such folder.
        assert set(result.statuses) <= {"KSTACK_OK", "KSTACK_ERROR_CONFIGURATION", "KSTACK_ERROR_SERVICE_NOT_FOUND"}
        assert "decoy" not in result.output
    assert contents(decoy) == before
    check_intact(decrypted)
    assert decrypted.run("encrypt").statuses == ["KSTACK_OK"]
    check_complete(decrypted, "encrypt")


def test_a_folder_that_stays_swapped_is_refused_and_the_others_are_done(decrypted: Vault) -> None:
    target = decrypted.root.parent / "target"
    folder = decrypted.folder / "layer3"
    folder.rename(target)
    folder.symlink_to(target)
    before = contents(target)
    done = decrypted.run("encrypt")
    assert done.statuses == ["KSTACK_ERROR_CONFIGURATION"], done
    assert done.files() == {"layer0/new.env": "written", "layer1/large.bin": "written", "layer3": "failed"}
    assert "link" in done.messages
    assert contents(target) == before
    folder.unlink()
    target.rename(folder)
    assert decrypted.run("encrypt").statuses == ["KSTACK_OK"]
    check_complete(decrypted, "encrypt")


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return every file of a folder, with its time of change."""
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
