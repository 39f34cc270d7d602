"""Signals end calls that wait, as they end any other wait of a program."""

from __future__ import annotations

import fcntl
import gc
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from conftest import Project
from kstack_lib.any import Client, KStackCancelledError, KStackInternalError
from kstack_lib.local.security import KStackVault

#: Far more seconds than a call needs to end, and far less than the half minute for which it waits for a vault's lock.
SOON = 10

#: On a busy machine one call may need longer than this, but not all of ten.
FASTEST = 0.3


class AlarmError(Exception):
    """What the handler of a signal raises."""


@pytest.fixture
def alarm() -> Iterator[None]:
    """Raise AlarmError in the main thread, a moment from now."""

    def handler(number: int, frame: object) -> None:
        raise AlarmError

    before = signal.signal(signal.SIGALRM, handler)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def lock(project: Project) -> Iterator[int]:
    """Lock the vault, as another program does, and return the descriptor that holds the lock."""
    descriptor = os.open(project.root / "vault" / "dev", os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def test_a_signal_ends_a_wait_for_the_lock(alarm: None, project: Project, lock: int) -> None:
    with KStackVault("dev") as vault:
        start = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(AlarmError) as caught:
            vault.decrypt()
        assert time.monotonic() - start < SOON
        assert caught.value.__suppress_context__
        assert not isinstance(caught.value, KStackCancelledError)
        # Only that one call.
        assert vault.list_files(encrypted=True) == ["layer3/secret.cloud-credentials.yaml"]


def test_ctrl_c_ends_a_wait_for_the_lock(project: Project, lock: int) -> None:
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    delay = 0.1
    waits: list[float] = []
    try:
        with KStackVault("dev") as vault:
            for _ in range(10):
                start = time.monotonic()
                signal.setitimer(signal.ITIMER_REAL, delay)
                with pytest.raises(KeyboardInterrupt):
                    vault.decrypt()
                waits.append(time.monotonic() - start - delay)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert max(waits) < SOON
    assert min(waits) < FASTEST
    assert not (project.root / "vault" / "dev" / "layer3" / "cloud-credentials.yaml").exists()


def test_a_handler_that_returns_does_not_end_the_call(project: Project, lock: int) -> None:
    """It may also use the library, whose calls are then not interrupted."""
    seen: list[str] = []

    def handler(number: int, frame: object) -> None:
        with other.get_credentials("s3", "layer3", "dev") as found:
            seen.append(found["octal"])
        if len(seen) == 2:
            fcntl.flock(lock, fcntl.LOCK_UN)

    before = signal.signal(signal.SIGALRM, handler)
    try:
        with KStackVault("dev") as vault, Client() as other:
            signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
            files = vault.decrypt()
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert [file.path for file in files] == ["layer3/cloud-credentials.yaml"]
    assert len(seen) >= 2


def test_ctrl_c_in_a_provider_goes_on_after_the_call(project: Project) -> None:
    class Interrupted:
        def get_credentials(
            self, service: str, layer: str, environment: str | None = None
        ) -> Mapping[str, str | bytes]:
            raise KeyboardInterrupt("canary")

    with Client() as client:
        client.set_secrets_provider(Interrupted())
        with pytest.raises(KeyboardInterrupt) as caught:
            client.get_credentials("s3", "layer3")
        assert "canary" not in str(caught.value)
        assert caught.value.__suppress_context__
        failures: list[BaseException] = []

        def look_up() -> None:
            try:
                client.get_credentials("s3", "layer3")
            except BaseException as error:
                failures.append(error)

        # On any other thread there is no caller to pass it on to.
        thread = threading.Thread(target=look_up)
        thread.start()
        thread.join()
        assert [type(failure) for failure in failures] == [KStackInternalError]
        client.set_secrets_provider(None)
        client.get_credentials("s3", "layer3", "dev").close()


def test_calls_of_other_threads_are_not_ended(alarm: None, project: Project, lock: int) -> None:
    """Signals go to the main thread; another thread keeps waiting."""
    failures: list[BaseException] = []
    with KStackVault("dev") as vault:

        def decrypt() -> None:
            try:
                vault.decrypt()
            except BaseException as error:
                failures.append(error)

        thread = threading.Thread(target=decrypt)
        thread.start()
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(AlarmError):
            vault.decrypt()
        assert thread.is_alive()
        fcntl.flock(lock, fcntl.LOCK_UN)
        thread.join(SOON)
    assert not failures


def test_scopes_do_not_leak(project: Project) -> None:
    def memory() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1])

    def use() -> None:
        with Client() as client:
            client.get_credentials("s3", "layer3", "dev").close()

    for _ in range(200):
        use()
    gc.collect()
    before = memory()
    for _ in range(1000):
        use()
    gc.collect()
    assert memory() - before < 1000
