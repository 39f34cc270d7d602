"""Whatever somebody changes during a run, and at any moment, no edit is lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from vaults import Vault, no_tracing, traced

#: The only file in these vaults.
FILE = "layer3/a.yaml"

#: Calls after which somebody makes a change.
CALLS = (
    "openat",
    "read",
    "pread",
    "write",
    "lseek",
    "fsync",
    "fchmod",
    "flock",
    "fstatat",
    "renameat2",
    "renameat",
    "unlinkat",
)

BEFORE = b"a: before\n"
MINE = b"a: mine\n"
THEIRS = b"a: a colleague's\n"
MEANWHILE = b"a: saved meanwhile\n"


def change(vault: Vault, command: str) -> str:
    """Return a shell command that makes a change."""
    plain, secret = vault.plain(FILE), vault.secret(FILE)
    return {
        # As editors and git do: replace the file by a new one.
        "saved": f"printf 'a: saved meanwhile\\n' >'{plain}.new' && mv '{plain}.new' '{plain}'",
        "saved in place": f"printf 'a: saved meanwhile\\n' >'{plain}'",
        "pulled": f"cp '{vault.root}/pulled' '{secret}.new' && mv '{secret}.new' '{secret}'",
        # Only if the other form exists.
        "removed": f"! test -e '{plain}' || rm -f '{secret}'",
    }[command]


def there(vault: Vault) -> set[bytes | None]:
    """Return the contents of the two forms of the file."""
    plain = vault.plain(FILE)
    return {vault.held(FILE), plain.read_bytes() if plain.exists() else None}


def edited(vault: Vault) -> None:
    """Decrypted and edited."""
    vault.encrypt_with_age(FILE, BEFORE)
    assert vault.run("decrypt").statuses == ["KSTACK_OK"]
    vault.plain(FILE).write_bytes(MINE)


def unedited(vault: Vault) -> None:
    """Decrypted."""
    vault.encrypt_with_age(FILE, MINE)
    assert vault.run("decrypt").statuses == ["KSTACK_OK"]


def newer(vault: Vault) -> None:
    """Decrypted, and re-encrypted by a colleague."""
    vault.encrypt_with_age(FILE, BEFORE)
    assert vault.run("decrypt").statuses == ["KSTACK_OK"]
    vault.encrypt_with_age(FILE, MINE)


def fresh(vault: Vault) -> None:
    """Encrypted only."""
    vault.encrypt_with_age(FILE, MINE)


def new(vault: Vault) -> None:
    """Plaintext only."""
    vault.plain(FILE).write_bytes(MINE)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("action", "start", "what", "kept"),
    [
        ("encrypt", edited, "saved", MEANWHILE),
        ("encrypt", edited, "saved in place", MEANWHILE),
        ("encrypt", unedited, "saved", MEANWHILE),
        ("encrypt", newer, "saved", MEANWHILE),
        ("encrypt", new, "saved", MEANWHILE),
        ("encrypt", edited, "pulled", THEIRS),
        ("encrypt", unedited, "pulled", THEIRS),
        ("encrypt", new, "pulled", THEIRS),
        ("encrypt", edited, "removed", MINE),
        ("encrypt", unedited, "removed", MINE),
        ("encrypt", new, "removed", MINE),
        ("decrypt", newer, "saved", MEANWHILE),
        ("decrypt", unedited, "saved", MEANWHILE),
        ("decrypt", fresh, "saved", MEANWHILE),
        ("decrypt", newer, "pulled", THEIRS),
    ],
    ids=lambda value: str(getattr(value, "__name__", value)),
)
def test_no_change_is_lost_whenever_it_comes(
    action: str, start: Callable[[Vault], None], what: str, kept: bytes, call: str, empty: Vault
) -> None:
    start(empty)
    (empty.root / "pulled").write_bytes(empty.encrypted_with_age(THEIRS))
    for when in range(1, 1000):
        vault = empty.copy_to(empty.root.parent / f"changed-{when}")
        done = vault.run(action, after=f"{call}:{when}", command=change(vault, what))
        if "changed" not in done.output.splitlines():
            assert done.statuses == ["KSTACK_OK"], done
            break
        now = there(vault)
        assert vault.leftovers() == []
        assert kept in now, (when, done, now)
        shutil.rmtree(vault.root)
    assert when > 1 or call not in ("openat", "read")


@pytest.mark.parametrize("call", ["fstatat", "renameat2", "fsync", "unlinkat", "close"])
@pytest.mark.parametrize(("action", "start"), [("decrypt", newer), ("encrypt", edited), ("encrypt", unedited)])
def test_a_save_outlives_a_run_that_is_killed(
    action: str, start: Callable[[Vault], None], call: str, empty: Vault
) -> None:
    """Somebody saves just before the file is moved aside, and the run is killed at each later call."""
    if no_tracing():
        pytest.skip("tracing is not allowed here")
    start(empty)
    # Not `mv`, which makes the same calls and would be killed instead.
    traced_call = "newfstatat" if call == "fstatat" else call
    for when in range(1, 200):
        vault = empty.copy_to(empty.root.parent / f"killed-{when}")
        under = traced(traced_call, Path("/dev/null"), "-e", f"inject={traced_call}:signal=SIGKILL:when={when}")
        plain = vault.plain(FILE)
        rename = "perl -e 'rename $ARGV[0], $ARGV[1]'"
        save = f"printf 'a: saved meanwhile\\n' >'{plain}.new' && {rename} '{plain}.new' '{plain}'"
        killed = vault.run(action, under=under, after="renameat:1", command=save)
        if killed.code != -signal.SIGKILL:
            break
        was_saved = MEANWHILE in there(vault) or any(Path(one).read_bytes() == MEANWHILE for one in vault.leftovers())
        vault.run(action)
        assert not was_saved or MEANWHILE in there(vault), when
        assert vault.leftovers() == []
        assert vault.run("encrypt-over").statuses == ["KSTACK_OK"]
        shutil.rmtree(vault.root)
    assert when > 1


#: Changes a file through a page that it has stored to before, which changes none of the file's times.
MAPPER = """
import mmap, sys
plain, begin, end = sys.argv[1:]
with open(plain, "r+b") as file:
    memory = mmap.mmap(file.fileno(), 0)
    memory[:] = memory[:]
    print("ready", flush=True)
    with open(begin): pass
    memory[:] = b"a: new!\\n"
    with open(end, "w"): pass
"""


def test_a_change_that_no_time_shows_is_noticed_by_reading_again(empty: Vault) -> None:
    plain = empty.plain(FILE)
    plain.write_bytes(MINE)
    fifos = [empty.root.parent / name for name in ("begin", "end")]
    for fifo in fifos:
        os.mkfifo(fifo)
    with subprocess.Popen([sys.executable, "-c", MAPPER, plain, *fifos], stdout=subprocess.PIPE) as mapper:
        assert mapper.stdout is not None and mapper.stdout.readline() == b"ready\n"
        before = plain.stat()
        # What was written is read back then, so the plaintext was read.
        done = empty.run("encrypt", after="pread:1", command=f": >'{fifos[0]}'; cat '{fifos[1]}'")
        assert mapper.wait() == 0
    assert done.statuses == ["KSTACK_ERROR_CONFLICT"], done
    assert "was changed while it was encrypted" in done.output
    after = plain.stat()
    assert (before.st_mtime_ns, before.st_ctime_ns) == (after.st_mtime_ns, after.st_ctime_ns)
    assert (plain.read_bytes(), empty.secret(FILE).exists()) == (b"a: new!\n", False)


def test_a_plaintext_that_was_removed_meanwhile_is_encrypted(empty: Vault) -> None:
    empty.plain(FILE).write_bytes(MINE)
    done = empty.run("encrypt", after="pread:1", command=f"rm '{empty.plain(FILE)}'")
    assert "changed" in done.output.splitlines(), done
    assert (empty.held(FILE), empty.plain(FILE).exists()) == (MINE, False)


def test_what_was_set_aside_comes_back(empty: Vault) -> None:
    aside = empty.plain(FILE).with_name(".kstack-tmp-00000000-0000000000000000.a.yaml")
    aside.write_bytes(MINE)
    assert empty.run("encrypt").statuses == ["KSTACK_OK"]
    assert (empty.held(FILE), empty.leftovers()) == (MINE, [])


@pytest.mark.parametrize("action", ["encrypt", "decrypt", "encrypt-over"])
def test_what_was_set_aside_stays_where_something_newer_has_its_name(action: str, empty: Vault) -> None:
    aside = empty.plain(FILE).with_name(".kstack-tmp-00000000-0000000000000000.a.yaml")
    aside.write_bytes(MINE)
    empty.plain(FILE).write_bytes(THEIRS)
    done = empty.run(action)
    assert done.statuses == ["KSTACK_ERROR_CONFLICT"], done
    assert str(aside) in done.messages and f"{empty.plain(FILE)} is newer" in done.messages
    assert (aside.read_bytes(), empty.plain(FILE).read_bytes()) == (MINE, THEIRS)
    aside.unlink()
    assert empty.run("encrypt").statuses == ["KSTACK_OK"]
