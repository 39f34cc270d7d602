"""The functions of public modules as coroutines, each in a worker thread."""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING, Any, Callable, TypeVar

from kstack_lib._core import functions
from kstack_lib._ffi.scope import cancel, cancellation, new_cancellation

if TYPE_CHECKING:
    from pathlib import Path

    from kstack_lib._core.credentials import Credentials
    from kstack_lib._core.protocols import LayerArgument

__all__ = [
    "get_active_route",
    "get_config_root",
    "get_credentials",
    "get_environment",
    "get_vault_root",
    "load_secrets_for_layer",
    "resolve_service",
    "run",
]

Result = TypeVar("Result")


async def run(function: Callable[..., Result], *arguments: Any, **named: Any) -> Result:
    """Await a function of this package, such as `vault.decrypt`, in a worker thread of the event loop.

    Cancelling it, also by asyncio.timeout, returns at once. A call that has not begun is not made. One that waits for
    the API server or a vault's lock, or runs over a vault, ends in its thread within 50 ms: see kstack_container_scope
    in kstack.h. Its result is closed.

    Raises:
        BaseException: what the function raises.

    """
    is_abandoned = False
    flag = new_cancellation()

    def work() -> Any:
        if is_abandoned:
            return None
        cancellation.set(flag)
        result = function(*arguments, **named)
        if is_abandoned:
            _close(result)
        return result

    context = contextvars.copy_context()
    running = asyncio.get_running_loop().run_in_executor(None, context.run, work)
    try:
        # Shielded, so that a finished result is not lost without being closed.
        result: Result = await asyncio.shield(running)
    except asyncio.CancelledError:
        is_abandoned = True
        cancel(flag)
        # Nobody awaits the outcome of the call, so nobody reports it.
        if running.done():
            _forget(running)
        else:
            running.add_done_callback(_forget)
        raise
    return result


def _forget(running: asyncio.Future[Any]) -> None:
    """Close the result of a call that nobody awaits, or retrieve its exception."""
    if not running.cancelled() and running.exception() is None:
        _close(running.result())


def _close(result: object) -> None:
    close = getattr(result, "close", None)
    if callable(close):
        close()


async def get_credentials(service: str, layer: LayerArgument, environment: str | None = None) -> Credentials:
    """Return the credentials of a service, as any.security.get_credentials."""
    return await run(functions.get_credentials, service, layer, environment)


async def load_secrets_for_layer(
    layer: LayerArgument, environment: str | None = None, auto_export: bool = False
) -> Credentials:
    """Return all secrets that a layer may see, as any.security.load_secrets_for_layer."""
    return await run(functions.load_secrets_for_layer, layer, environment, auto_export)


async def resolve_service(
    service: str, layer: LayerArgument, environment: str | None = None, provider: str | None = None
) -> Credentials:
    """Return endpoint, region and credentials of a service, as any.config.resolve_service."""
    return await run(functions.resolve_service, service, layer, environment, provider)


async def get_active_route(layer: LayerArgument) -> str:
    """Return the active route of a layer, as any.config.get_active_route."""
    return await run(functions.get_active_route, layer)


async def get_environment() -> str:
    """Return the detected environment, as any.config.get_environment."""
    return await run(functions.get_environment)


async def get_config_root() -> Path | None:
    """Return the folder of configuration, as any.config.get_config_root."""
    return await run(functions.get_config_root)


async def get_vault_root() -> Path | None:
    """Return the folder of vaults, as any.config.get_vault_root."""
    return await run(functions.get_vault_root)
