"""Raises KStackEnvironmentError outside of a pod: nothing of this package is for there."""

from kstack_lib.any.context import guard
from kstack_lib.any.types import Context

__all__: list[str] = []

guard(Context.CLUSTER)
