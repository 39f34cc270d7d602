"""Raises KStackEnvironmentError in a pod: nothing in this package is for there."""

from kstack_lib._core.context import LOCAL, guard

__all__: list[str] = []

guard(LOCAL)
