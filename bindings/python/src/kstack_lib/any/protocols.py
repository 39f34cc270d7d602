"""What can be put in place of a part of kstack, for tests and for other sources of secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable, Protocol, Union, runtime_checkable

from kstack_lib.any.types import Layer

__all__ = ["LayerArgument", "LogCallable", "SecretsProvider"]

#: A layer, or any of its names.
LayerArgument = Union[Layer, str]

#: Takes a level (a LogLevel, or the number of one that is not known) and a line that holds no secret.
LogCallable = Callable[[int, str], object]


@runtime_checkable
class SecretsProvider(Protocol):
    """Gives credentials."""

    def get_credentials(self, service: str, layer: LayerArgument, environment: str | None = None) -> Mapping[str, str]:
        """Give the credentials of a service; None is the environment that is detected.

        Raises:
            KStackError: they cannot be had.

        """
        ...
