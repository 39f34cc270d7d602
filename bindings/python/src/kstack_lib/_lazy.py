"""Names of a package that are loaded on first use."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from typing import Any, Callable


def lazy_names(
    module: MutableMapping[str, Any], homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` for the globals of a package whose names are defined in other modules."""
    package: str = module["__name__"]

    def find(name: str) -> Any:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        from importlib import import_module

        found = import_module(home)
        # A module of that name is the value itself. Cached, so that this runs once for each name.
        module[name] = found if home == f"{package}.{name}" else getattr(found, name)
        return module[name]

    def names() -> list[str]:
        return sorted({*module, *homes})

    return find, names
