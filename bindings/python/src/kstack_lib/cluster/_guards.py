"""Raises KStackEnvironmentError outside a pod."""

from kstack_lib._core.context import CLUSTER, guard

__all__: list[str] = []

guard(CLUSTER)
