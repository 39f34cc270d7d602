"""The functions as coroutines."""

from __future__ import annotations

import asyncio
import fcntl
import os
import threading
import time
from collections.abc import Iterator, Mapping

import pytest

from conftest import Project
from helpers import Own, check
from kstack_lib.any import Client, Credentials, KStackCancelledError, KStackServiceNotFoundError, aio
from kstack_lib.local.security import KStackVault


def test_the_functions(project: Project) -> None:
    async def work() -> None:
        found = await asyncio.gather(*(aio.get_credentials("s3", "layer3") for _ in range(8)))
        for credentials in found:
            check(credentials)
        assert await aio.get_environment() == "dev"
        assert await aio.get_vault_root() == project.root / "vault"
        assert await aio.get_active_route("layer3") == "development"
        with pytest.raises(KStackServiceNotFoundError):
            await aio.get_credentials("nope", "layer3")
        assert [file.path for file in await aio.run(KStackVault("dev").decrypt)] == ["layer3/cloud-credentials.yaml"]

    asyncio.run(work())


class Slow:
    """A client whose provider waits until it is released."""

    def __init__(self) -> None:
        self.inside, self.go, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.found: list[Credentials] = []
        self.client = Client()
        self.client.set_secrets_provider(Own(self.answer))

    def answer(self, *asked: object) -> Mapping[str, str]:
        self.inside.set()
        assert self.go.wait(60)
        return {"key": "value"}

    def look_up(self) -> Credentials:
        credentials = self.client.get_credentials("s3", "layer3", "dev")
        self.found.append(credentials)
        self.ended.set()
        return credentials


@pytest.fixture
def slow() -> Iterator[Slow]:
    made = Slow()
    yield made
    made.go.set()
    made.client.close()


def test_cancelling_returns_at_once_and_closes_what_comes_later(slow: Slow) -> None:
    async def work() -> None:
        task = asyncio.ensure_future(aio.run(slow.look_up))
        while not slow.inside.is_set():
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not slow.go.is_set()
        slow.go.set()

    # Returns when the worker threads have ended.
    asyncio.run(work())
    assert [one.closed for one in slow.found] == [True]


def test_a_deadline(slow: Slow) -> None:
    async def work() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(aio.run(slow.look_up), 0.05)
        slow.go.set()

    asyncio.run(work())
    assert [one.closed for one in slow.found] == [True]


def test_a_call_cancelled_before_it_begins_is_not_made() -> None:
    made: list[int] = []
    go = threading.Event()

    async def work() -> None:
        from concurrent.futures import ThreadPoolExecutor

        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        first = asyncio.ensure_future(aio.run(go.wait, 60))
        second = asyncio.ensure_future(aio.run(made.append, 1))
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        go.set()
        await first

    asyncio.run(work())
    assert made == []


def test_cancelling_ends_the_call_in_its_thread(project: Project) -> None:
    """Otherwise the loop would wait for it when it closes: half a minute, for a lock."""
    descriptor = os.open(project.root / "vault" / "dev", os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    ended: list[BaseException] = []

    def decrypt(vault: KStackVault) -> None:
        try:
            vault.decrypt()
        except BaseException as error:
            ended.append(error)
            raise

    async def work() -> None:
        with KStackVault("dev") as vault:
            task = asyncio.ensure_future(aio.run(decrypt, vault))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.get_running_loop().shutdown_default_executor()
            assert [type(error) for error in ended] == [KStackCancelledError]

    try:
        start = time.monotonic()
        asyncio.run(work())
        assert time.monotonic() - start < 10
    finally:
        os.close(descriptor)
