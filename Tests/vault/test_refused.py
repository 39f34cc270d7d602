"""When a system call fails, nothing is lost, the error says what and where, and the lock is free again."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from vaults import SUPPORT, Ended, Vault, check_complete, check_intact, no_tracing, traced

#: Calls that may fail, and their errors.
REFUSALS = {
    "write": ("ENOSPC", "EIO"),
    "fsync": ("EIO",),
    "renameat": ("EIO",),
    "renameat2": ("EIO",),
    "openat": ("EMFILE",),
    "read": ("EIO",),
    "getdents64": ("EIO",),
    "flock": ("ENOLCK",),
    "unlinkat": ("EACCES",),
}

NOBODY = 65534


def check_cause(done: Ended, number: int, folder: Path) -> None:
    """Assert that the first action failed with an error of the system, for a path in a folder."""
    assert done.statuses[0] == "KSTACK_ERROR_IO", done
    assert os.strerror(number) in done.messages, done
    found, path = done.causes[0]
    assert found == number, done
    assert Path(path).is_relative_to(folder), done


def calls_of(call: str, action: str, vault: Vault) -> list[str]:
    """Return the lines of a whole run for a call, with the paths of the descriptors."""
    log = vault.root.parent / f"{vault.root.name}.log"
    done = vault.run(action, under=traced(call, log, "-y"))
    assert done.statuses == ["KSTACK_OK"], done
    return [line for line in log.read_text().splitlines() if f"{call}(" in line]


@pytest.mark.parametrize(("call", "error"), [(call, error) for call, errors in REFUSALS.items() for error in errors])
@pytest.mark.parametrize("action", ["encrypt", "decrypt"])
def test_each_call_may_fail(call: str, error: str, action: str, request: pytest.FixtureRequest) -> None:
    if no_tracing():
        pytest.skip("tracing is not allowed here")
    start: Vault = request.getfixturevalue("decrypted" if action == "encrypt" else "encrypted")
    work = start.root.parent
    lines = calls_of(call, action, start.copy_to(work / "counted"))
    # Those of the vault, but not the release of the lock, which closing its file also does.
    part = str(work / "counted" / "vault")
    ours = [when for when, line in enumerate(lines, 1) if part in line and "LOCK_UN" not in line]
    assert ours
    for when in ours:
        vault = start.copy_to(work / f"refused-{when}")
        inject = f"inject={call}:error={error}:when={when}"
        # The second run in the same process would wait forever for a lock that was not released.
        done = vault.run(action, action, under=traced(call, Path("/dev/null"), "-e", inject))
        # If the vault could not be opened, there was none.
        again = done.statuses[1:] or vault.run(action).statuses
        assert again == ["KSTACK_OK"], (when, done)
        check_complete(vault, action)
        if call == "unlinkat" and done.statuses[0] == "KSTACK_OK":
            # The run could not remove a temporary file of its own, which the next run removes.
            assert ".kstack-tmp-" in lines[when - 1]
        else:
            assert done.statuses[0] == "KSTACK_ERROR_IO", (when, lines[when - 1], done)
            check_cause(done, getattr(errno, error), vault.root)
            assert str(vault.root) in done.messages, done
        shutil.rmtree(vault.root)


@pytest.mark.parametrize(("call", "error"), [("write", "ENOSPC"), ("fsync", "EIO"), ("renameat", "EIO")])
@pytest.mark.parametrize("action", ["encrypt", "decrypt"])
def test_nothing_is_lost_when_all_fail(call: str, error: str, action: str, request: pytest.FixtureRequest) -> None:
    if no_tracing():
        pytest.skip("tracing is not allowed here")
    vault: Vault = request.getfixturevalue("decrypted" if action == "encrypt" else "encrypted")
    inject = f"inject={call}:error={error}"
    done = vault.run(action, under=traced(call, Path("/dev/null"), "-e", inject))
    assert done.code != 0, done
    check_intact(vault)
    again = vault.run(action)
    assert again.statuses == ["KSTACK_OK"], again
    check_complete(vault, action)


@pytest.mark.parametrize("error", ["EINVAL", "ENOSYS"])
@pytest.mark.parametrize("action", ["encrypt", "decrypt"])
def test_a_file_system_without_flags_for_renames(action: str, error: str, request: pytest.FixtureRequest) -> None:
    if no_tracing():
        pytest.skip("tracing is not allowed here")
    vault: Vault = request.getfixturevalue("decrypted" if action == "encrypt" else "encrypted")
    done = vault.run(action, under=traced("renameat2", Path("/dev/null"), "-e", f"inject=renameat2:error={error}"))
    assert done.statuses == ["KSTACK_OK"], done
    check_complete(vault, action)


@pytest.mark.parametrize("error", ["EINVAL", "ENOTSUP"])
@pytest.mark.parametrize("action", ["encrypt", "decrypt", "write:layer2/new.yaml=a: 1"])
def test_a_file_system_that_cannot_synchronize_folders(action: str, error: str, request: pytest.FixtureRequest) -> None:
    if no_tracing():
        pytest.skip("tracing is not allowed here")
    vault: Vault = request.getfixturevalue("encrypted" if action == "decrypt" else "decrypted")
    environment = {**vault.environment, "KSTACK_TEST_FOLDERS_FAIL": str(getattr(errno, error))}
    done = vault.run(action, environment=environment)
    assert done.statuses == ["KSTACK_OK"], done
    if not action.startswith("write"):
        check_complete(vault, action)


@pytest.mark.parametrize("action", ["encrypt", "decrypt"])
def test_a_read_only_mount(action: str, request: pytest.FixtureRequest) -> None:
    vault: Vault = request.getfixturevalue("decrypted" if action == "encrypt" else "encrypted")
    read_only: list[str | Path] = [SUPPORT / "with-mounts", "--read-only", vault.root / "vault", "--"]
    done = vault.run(action, under=read_only)
    if done.code == 77:
        pytest.skip("no mount namespaces here")
    check_cause(done, errno.EROFS, vault.folder)
    check_intact(vault)
    # It is fine if there is nothing to write.
    assert vault.run(action).statuses == ["KSTACK_OK"]
    done = vault.run(action, under=read_only)
    assert done.statuses == ["KSTACK_OK"], done
    check_complete(vault, action)


@pytest.mark.parametrize("action", ["encrypt", "decrypt"])
def test_folders_that_may_not_be_written(action: str, request: pytest.FixtureRequest) -> None:
    vault: Vault = request.getfixturevalue("decrypted" if action == "encrypt" else "encrypted")
    # Root may write everything, so the test runs as somebody else.
    user = NOBODY if os.geteuid() == 0 else None
    if user is not None:
        for path in [vault.root, *vault.root.rglob("*")]:
            os.chown(path, user, user)
    folders = [vault.folder, *sorted(vault.folder.glob("layer*"))]
    for folder in folders:
        folder.chmod(0o555)
    check_cause(vault.run(action, user=user), errno.EACCES, vault.folder)
    for folder in folders:
        folder.chmod(0o755)
    check_intact(vault)
    # One unreadable file does not stop the others.
    unreadable = (vault.plain if action == "encrypt" else vault.secret)("layer3/cloud-credentials.yaml")
    unreadable.chmod(0)
    done = vault.run(action, user=user)
    check_cause(done, errno.EACCES, unreadable)
    assert done.files()["layer3/cloud-credentials.yaml"] == "failed"
    assert done.files()["layer3/empty"] == "written"
    unreadable.chmod(0o600)
    assert vault.run(action, user=user).statuses == ["KSTACK_OK"]
    check_complete(vault, action)


@pytest.fixture
def small_disk(base: Path) -> Iterator[tuple[Path, list[str], Path]]:
    """A disk of 1 MiB: its place, the command that runs a program that sees it, and where we see it."""
    place = base / "disk"
    place.mkdir()
    unshare = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
    script = 'mount -t tmpfs -o size=1m,mode=0755 tmpfs "$0" && echo mounted && exec sleep infinity'
    keeper = subprocess.Popen([*unshare, "sh", "-c", script, str(place)], stdout=subprocess.PIPE, text=True)
    assert keeper.stdout is not None
    if keeper.stdout.readline() != "mounted\n":
        keeper.stdout.close()
        keeper.wait()
        pytest.skip("no mount namespaces here")
    enter = ["nsenter", "-t", str(keeper.pid), "-m"]
    if os.geteuid() != 0:
        enter[3:] = ["-U", "--preserve-credentials", "-m"]
    yield place, enter, Path(f"/proc/{keeper.pid}/root{place}")
    keeper.stdout.close()
    keeper.kill()
    keeper.wait()


@pytest.mark.parametrize("action", ["encrypt", "decrypt"])
def test_a_disk_that_is_full(
    action: str, small_disk: tuple[Path, list[str], Path], request: pytest.FixtureRequest
) -> None:
    start: Vault = request.getfixturevalue("decrypted" if action == "encrypt" else "encrypted")
    place, enter, seen = small_disk
    refused = 0
    # From no free page to more than the run needs.
    for free in range(0, 120, 6):
        start.copy_to(seen / "project")
        vault = Vault(place / "project", start.key, start.client)
        outside = Vault(seen / "project", start.key, start.client)
        fill(seen / "filler", free)
        done = vault.run(action, under=enter)
        check_intact(outside)
        if done.statuses == ["KSTACK_OK"]:
            check_complete(outside, action)
        else:
            refused += 1
            check_cause(done, errno.ENOSPC, vault.folder)
            assert outside.leftovers() == []
        (seen / "filler").unlink()
        assert vault.run(action, under=enter).statuses == ["KSTACK_OK"]
        check_complete(outside, action)
        shutil.rmtree(seen / "project")
    assert 3 <= refused < 20, refused


def fill(path: Path, free: int) -> None:
    """Fill a disk, except for some pages."""
    status = os.statvfs(path.parent)
    size = (status.f_bavail - free) * status.f_frsize
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(size, 1))


@pytest.mark.parametrize("variable", ["KSTACK_AGE_KEY_FILE", "SOPS_AGE_KEY_FILE"])
@pytest.mark.parametrize("shape", ["{}", "# created\n# public key: age1\n{}\n", "{}\n"])
def test_a_key_in_place_of_its_path_is_not_shown(variable: str, shape: str, encrypted: Vault) -> None:
    environment = {name: value for name, value in encrypted.environment.items() if name != "KSTACK_AGE_KEY"}
    environment[variable] = shape.format(encrypted.key)
    done = encrypted.run("decrypt", environment=environment)
    assert done.statuses == ["KSTACK_ERROR_CONFIGURATION"], done
    assert encrypted.key[len("AGE-SECRET-KEY-1") :] not in done.output
    assert f"{variable} holds a key, not a path; use KSTACK_AGE_KEY" in done.messages


def test_a_yaml_file_with_a_mistake_is_not_encrypted(empty: Vault) -> None:
    plain = empty.plain("layer3/cloud-credentials.yaml")
    plain.write_text("s3:\n  key: 1\n  key: 2\n")
    done = empty.run("encrypt")
    assert done.statuses == ["KSTACK_ERROR_CONFIGURATION"], done
    assert str(plain) in done.messages
    assert "line 3" in done.messages
    assert plain.exists() and not empty.secret("layer3/cloud-credentials.yaml").exists()
    assert empty.run("write:layer3/b.yaml=a: [").statuses == ["KSTACK_ERROR_CONFIGURATION"]
    assert not empty.secret("layer3/b.yaml").exists()
    plain.write_text("s3:\n  key: 1\n")
    assert empty.run("encrypt").statuses == ["KSTACK_OK"]


def test_after_a_run_as_root_the_owner_can_go_on(encrypted: Vault) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make files for others")
    for path in [encrypted.root, *encrypted.root.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
    assert encrypted.run("decrypt").statuses == ["KSTACK_OK"]
    assert {path.stat().st_uid for path in encrypted.root.rglob("*")} == {NOBODY}
    assert encrypted.run("encrypt", user=NOBODY).statuses == ["KSTACK_OK"]
    # An unreadable state counts as lost.
    assert encrypted.run("decrypt", user=NOBODY).statuses == ["KSTACK_OK"]
    os.chown(encrypted.folder / ".kstack-state", 0, 0)
    done = encrypted.run("encrypt", user=NOBODY)
    assert done.statuses == ["KSTACK_OK"], done
