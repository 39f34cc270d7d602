"""The right credentials for where a program runs.

`kstack_lib.any` works everywhere, `kstack_lib.local` on a developer's machine and `kstack_lib.cluster` in a Kubernetes
pod. A module of the wrong context raises KStackEnvironmentError when it is imported. What works everywhere is here by
name as well: `from kstack_lib import get_credentials`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kstack_lib.any import *  # noqa: F403

__version__ = "0.2.0"


def __getattr__(name: str) -> Any:
    # Loaded on first use: importing this package alone loads no library.
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    everywhere = import_module("kstack_lib.any")
    if name in everywhere.__all__:
        return getattr(everywhere, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    from importlib import import_module

    return sorted({*globals(), *import_module("kstack_lib.any").__all__, "any"})
