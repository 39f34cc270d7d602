"""Runs in a pod and calls the library on request: one JSON object per line in, and one out.

Uses the Python binding as any program does, so it sees what a user sees.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import sys
import threading
from typing import Any, Callable

from kstack_lib.any import KStackContainer, KStackError, aio
from kstack_lib.any.security import Credentials

log: list[str] = []
containers: list[KStackContainer] = []


def container() -> KStackContainer:
    """Return the current container."""
    return containers[-1]


def shown(credentials: Credentials) -> dict[str, Any]:
    """Return credentials in a form for JSON."""
    with credentials:
        values = {name: base64.b64encode(credentials.bytes(name)).decode() for name in credentials}
        return {"values": values, "source": credentials.source, "repr": repr(credentials)}


def new(timeout_ms: int) -> None:
    """Make another container, and close the previous one."""
    for old in containers:
        old.close()
    containers[:] = [KStackContainer(timeout_ms=timeout_ms, log=lambda level, line: log.append(f"{level} {line}"))]


def credentials(service: str, layer: str, environment: str | None) -> dict[str, Any]:
    """Look credentials up."""
    return shown(container().get_credentials(service, layer, environment))


def many(service: str, layer: str, times: int) -> None:
    """Look credentials up several times."""
    for _ in range(times):
        container().get_credentials(service, layer).close()


def watch(service: str, layer: str, until: str) -> dict[str, list[Any]]:
    """Look credentials up until a file exists and once more, and return the distinct answers in order."""
    answers: list[Any] = []
    errors: list[Any] = []
    is_over = False
    while not is_over:
        is_over = os.path.exists(until)
        try:
            values = credentials(service, layer, None)["values"]
        except KStackError as error:
            failed = {"kind": type(error).__name__, "message": str(error), "retryable": error.retryable}
            if failed not in errors:
                errors.append(failed)
        else:
            if answers[-1:] != [values]:
                answers.append(values)
    return {"answers": answers, "errors": errors}


def threads(services: list[str], layer: str, times: int) -> dict[str, list[dict[str, Any]]]:
    """Look credentials up on one thread per service, and return all that was found."""
    found: dict[str, list[dict[str, Any]]] = {service: [] for service in services}
    barrier = threading.Barrier(len(services))

    def work(service: str) -> None:
        barrier.wait()
        for _ in range(times):
            found[service].append(credentials(service, layer, None))

    workers = [threading.Thread(target=work, args=(service,)) for service in services]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return found


def interrupted(service: str, layer: str) -> str:
    """Look credentials up until a signal arrives, and return what its handler raised."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        credentials(service, layer, None)
    except KeyboardInterrupt as error:
        return type(error).__name__
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return "nothing"


def cancelled(service: str, layer: str) -> str:
    """Look credentials up in a coroutine that is cancelled, and return how the call ended in its thread."""
    ended: list[str] = []

    def look_up() -> None:
        try:
            credentials(service, layer, None)
        except KStackError as error:
            ended.append(type(error).__name__)
            raise

    async def work() -> None:
        try:
            await asyncio.wait_for(aio.run(look_up), 0.3)
        except asyncio.TimeoutError:
            await asyncio.get_running_loop().shutdown_default_executor()

    asyncio.run(work())
    return ended[0]


def environment() -> str:
    """Return the detected environment."""
    return container().environment


def roots() -> list[Any]:
    """Return the roots, which a pod does not have."""
    return [container().config_root, container().vault_root]


def config_map(layer: str, name: str, key: str) -> str:
    """Read a key of a config map."""
    return container().get_configmap(layer, name, key)


def set_route(layer: str, route: str) -> None:
    """Set the active route."""
    container().set_active_route(layer, route)


def active_route(layer: str) -> str:
    """Return the active route of a layer."""
    return container().get_active_route(layer)


def load_secrets(layer: str, environment: str | None) -> dict[str, Any]:
    """Return all secrets of a layer."""
    return shown(container().load_secrets(layer, environment))


def resolve(service: str, layer: str, environment: str | None, provider: str | None) -> dict[str, Any]:
    """Resolve a service of a cloud provider."""
    return shown(container().resolve_service(service, layer, environment, provider))


def credential_process(service: str, layer: str) -> Any:
    """Return the JSON that AWS's SDKs read from a program."""
    return json.loads(container().aws_credential_process(service, layer))


def set_variable(name: str, value: str | None) -> None:
    """Set a variable of the process."""
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def process() -> dict[str, Any]:
    """Return the mapped libraries, and how many descriptors and threads there are."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        mapped = sorted({line.split(maxsplit=5)[5].strip() for line in maps if len(line.split(maxsplit=5)) == 6})
    return {"mapped": mapped, "open": len(os.listdir("/proc/self/fd")), "threads": threading.active_count()}


FUNCTIONS: list[Callable[..., Any]] = [
    new,
    credentials,
    many,
    watch,
    threads,
    interrupted,
    cancelled,
    environment,
    roots,
    config_map,
    set_route,
    active_route,
    load_secrets,
    resolve,
    credential_process,
    set_variable,
    process,
]


def main() -> None:
    """Answer until the input ends."""
    functions = {function.__name__: function for function in FUNCTIONS}
    for line in sys.stdin:
        arguments = json.loads(line)
        answer: dict[str, Any] = {}
        try:
            answer["result"] = functions[arguments.pop("function")](**arguments)
        except KStackError as error:
            answer["error"] = {
                "kind": type(error).__name__,
                "code": error.code,
                "message": str(error),
                "retryable": error.retryable,
            }
        answer["log"] = log[:]
        log.clear()
        print(json.dumps(answer), flush=True)
    for open_one in containers:
        open_one.close()


if __name__ == "__main__":
    main()
