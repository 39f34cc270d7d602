"""Raises KStackEnvironmentError in a pod."""

from kstack_lib._core.context import LOCAL, guard

__all__: list[str] = []

guard(LOCAL)
