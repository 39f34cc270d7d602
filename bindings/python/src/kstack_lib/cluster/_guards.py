"""Raises KStackEnvironmentError outside a pod: nothing in this package is for there."""

from kstack_lib._core.context import CLUSTER, guard

__all__: list[str] = []

guard(CLUSTER)
