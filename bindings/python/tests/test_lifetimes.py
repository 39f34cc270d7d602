"""Ownership and lifetimes: closing, copies, threads, forks."""

from __future__ import annotations

import copy
import pickle
import threading
from pathlib import Path
from typing import Callable

import pytest

from conftest import Project, Run
from helpers import check, child, in_threads
from kstack_lib.any import (
    Client,
    Credentials,
    KStackContainer,
    KStackInvalidArgumentError,
    SecretsLookup,
    get_credentials,
)
from kstack_lib.local.security import KStackVault


def test_close(project: Project) -> None:
    credentials = get_credentials("s3", "layer3", "dev")
    credentials.close()
    credentials.close()
    assert credentials.closed
    calls: list[Callable[[], object]] = [
        lambda: credentials["octal"],
        lambda: credentials.bytes("octal"),
        lambda: credentials.json(),
        lambda: credentials.source,
        lambda: len(credentials),
        lambda: list(credentials),
        lambda: dict(credentials),
        lambda: "octal" in credentials,
        lambda: credentials.__enter__(),
    ]
    for call in calls:
        with pytest.raises(KStackInvalidArgumentError, match="closed"):
            call()
    assert "closed" in repr(credentials)


def test_context_managers(project: Project) -> None:
    with KStackContainer() as container, container.get_credentials("s3", "layer3") as credentials:
        check(credentials)
    assert container.closed
    assert credentials.closed


def test_credentials_outlive_their_container(project: Project) -> None:
    with KStackContainer() as container:
        credentials = container.get_credentials("s3", "layer3")
    check(credentials)


def test_a_closed_container(project: Project) -> None:
    container = KStackContainer()
    provider = container.secrets_provider()
    container.close()
    container.close()
    calls: list[Callable[[], object]] = [
        lambda: container.get_credentials("s3", "layer3"),
        lambda: provider.get_credentials("s3", "layer3"),
        lambda: container.environment,
        lambda: container.config_root,
        lambda: container.vault_root,
        lambda: container.secrets_provider().get_credentials("s3", "layer3"),
        lambda: container.client().environment,
        lambda: container.vault(),
        lambda: container.list_environments(),
        lambda: container.list_services("layer3"),
        lambda: container.__enter__(),
    ]
    for call in calls:
        with pytest.raises(KStackInvalidArgumentError, match="closed"):
            call()


def test_no_copies(project: Project) -> None:
    credentials = get_credentials("s3", "layer3", "dev")
    for thing in (credentials, Client(), KStackVault("dev")):
        for operation in (copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError):
                operation(thing)
    with pytest.raises(TypeError):
        copy.copy(credentials)


def test_there_is_one_provider(project: Project) -> None:
    container = KStackContainer()
    provider = container.secrets_provider()
    assert provider is container.secrets_provider()
    assert isinstance(provider, SecretsLookup)
    check(provider.get_credentials("s3", "layer3", "dev"))


def test_threads_share_a_container(project: Project) -> None:
    container = KStackContainer()

    def work(number: int) -> None:
        for _ in range(20):
            with container.get_credentials("s3", "layer3", "dev") as credentials:
                check(credentials)

    in_threads(8, work)


def test_close_during_running_calls(project: Project) -> None:
    for _ in range(10):
        container = KStackContainer()
        credentials = container.get_credentials("s3", "layer3", "dev")
        barrier = threading.Barrier(5)

        def work(
            number: int,
            container: KStackContainer = container,
            credentials: Credentials = credentials,
            barrier: threading.Barrier = barrier,
        ) -> None:
            barrier.wait()
            if number == 0:
                container.close()
                credentials.close()
                return
            for _ in range(20):
                try:
                    container.get_credentials("s3", "layer3", "dev").close()
                    assert credentials["octal"] == "0123"
                except KStackInvalidArgumentError as error:
                    assert "closed" in str(error)

        in_threads(5, work)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_fork_after_a_look_up(project: Project) -> None:
    container = KStackContainer()
    credentials = container.get_credentials("s3", "layer3", "dev")

    def work() -> None:
        check(credentials)
        check(container.get_credentials("s3", "layer3", "dev"))
        check(get_credentials("s3", "layer3", "dev"))
        credentials.close()
        container.close()

    assert child(work) == 0
    check(credentials)
    check(container.get_credentials("s3", "layer3", "dev"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_fork_while_threads_look_up(project: Project) -> None:
    container = KStackContainer()
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            container.get_credentials("s3", "layer3", "dev").close()

    threads = [threading.Thread(target=busy) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(10):
            assert child(lambda: check(KStackContainer().get_credentials("s3", "layer3", "dev"))) == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_the_finalizer_leaves_a_childs_objects_alone(project: Project) -> None:
    from kstack_lib._ffi.handle import Handle

    freed: list[int] = []
    handle = Handle(1, freed.append, "thing")
    handle._pid += 1
    del handle
    assert freed == []
    handle = Handle(2, freed.append, "thing")
    del handle
    assert freed == [2]


def test_a_handle_in_use_is_freed_by_its_last_user() -> None:
    from kstack_lib._ffi.handle import Handle

    freed: list[int] = []
    handle = Handle(7, freed.append, "thing")
    with handle.use() as outer:
        with handle.use():
            handle.close()
            assert freed == []
        assert freed == []
        assert outer == 7
    assert freed == [7]
    handle.close()
    assert freed == [7]


FORKS_WITHOUT_A_WORD = """
import ctypes, os, sys
from kstack_lib.any import KStackContainer
container = KStackContainer()
# As uWSGI does: a fork in C, after which Python runs only its hooks for the child.
pid = ctypes.CDLL(None).fork()
if pid == 0:
    ctypes.pythonapi.PyOS_AfterFork_Child()
    container.close()
    KStackContainer().close()
    sys.stdout.write("child\\n")
    sys.stdout.flush()
    os._exit(0)
_, status = os.waitpid(pid, 0)
container.close()
print("parent", status)
"""


def test_a_host_that_forks_in_c(clean: Path, run: Run) -> None:
    done = run("-c", FORKS_WITHOUT_A_WORD)
    assert (done.returncode, done.stdout, done.stderr) == (0, "child\nparent 0\n", "")


WITHOUT_CALLBACKS = """
import kstack_lib.any
from kstack_lib._core import callbacks
from kstack_lib._ffi import log
from kstack_lib.any import Client, KStackInternalError
assert log._trampoline is None and callbacks._functions is None
class Forbidden:
    def __init__(self, function):
        raise MemoryError
log.LogFunction = callbacks.GetCredentialsFunction = Forbidden
client = Client()
for call in (lambda: Client(log=print), lambda: client.set_secrets_provider(client)):
    try:
        call()
    except KStackInternalError as error:
        print("writable and executable" in str(error))
"""


def test_where_callbacks_are_forbidden(clean: Path, run: Run) -> None:
    done = run("-c", WITHOUT_CALLBACKS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\nTrue\n", "")
