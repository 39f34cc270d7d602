"""Looks up in a process, in children of it, and in it again: forking.py fork|spawn|forkserver|threads."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
import warnings
from typing import NoReturn

from kstack_lib.any import KStackContainer, KStackError

#: The container of the parent, which a forked child inherits.
container: KStackContainer | None = None


def given() -> KStackContainer:
    """Return the container; a child that was not forked makes its own."""
    global container
    if container is None:
        container = KStackContainer()
    return container


def count(service: str) -> int:
    """Return the number of values of a service."""
    with given().get_credentials(service, "layer3") as credentials:
        return len(credentials)


def child() -> None:
    """Look up several times in a child."""
    print("child", count("database"), count("database"), count("database"), flush=True)
    if container is not None:
        container.close()


def look_up_around_children(method: str) -> None:
    """Look up before, between and after two children."""
    context = multiprocessing.get_context(method)
    print("parent", count("s3"), flush=True)
    for _ in range(2):
        process = context.Process(target=child)  # type: ignore[attr-defined]
        process.start()
        process.join()
        assert process.exitcode == 0, process.exitcode
        print("parent", count("s3"), flush=True)


def look_up_once() -> NoReturn:
    """Look up in a child and end it, and print a failure."""
    code = 1
    try:
        code = 0 if count("s3") == 2 else 2
    except KStackError as error:
        print(error, file=sys.stderr, flush=True)
    finally:
        os._exit(code)


def look_up_while_forking() -> None:
    """Fork many times while other threads look up; each child looks up once."""
    # Forking with threads is dangerous; that is what this tests.
    warnings.simplefilter("ignore", DeprecationWarning)
    count("s3")
    done = threading.Event()

    def work(is_new: bool) -> None:
        while not done.is_set():
            if is_new:
                # A new connection, since OpenSSL takes most locks when it starts one.
                with KStackContainer() as own, own.get_credentials("s3", "layer3") as credentials:
                    assert len(credentials) == 2
            else:
                assert count("s3") == 2

    workers = [threading.Thread(target=work, args=(number > 0,)) for number in range(3)]
    for worker in workers:
        worker.start()
    try:
        for _ in range(100):
            pid = os.fork()
            if pid == 0:
                look_up_once()
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    finally:
        done.set()
        for worker in workers:
            worker.join()
    print("done")


if __name__ == "__main__":
    if sys.argv[1] == "threads":
        look_up_while_forking()
    else:
        look_up_around_children(sys.argv[1])
