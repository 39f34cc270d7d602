"""The right credentials for where a program runs.

`kstack_lib.any` works everywhere, `kstack_lib.local` on a developer's machine and `kstack_lib.cluster` in a Kubernetes
pod. A module of the wrong context raises KStackEnvironmentError when it is imported. What works everywhere is here by
name as well: `from kstack_lib import get_credentials`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kstack_lib.any import *  # noqa: F403

__version__ = "0.2.0"


def __getattr__(name: str) -> Any:
    # Loaded when it is asked for: importing this package alone loads no library.
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import kstack_lib.any as everywhere

    if name in everywhere.__all__:
        return getattr(everywhere, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    import kstack_lib.any as everywhere

    return sorted({*globals(), *everywhere.__all__, "any"})
