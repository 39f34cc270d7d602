"""For a Kubernetes pod. Importing it, or anything in it, raises KStackEnvironmentError anywhere else."""

from kstack_lib._core.context import CLUSTER, guard

__all__: list[str] = []

guard(CLUSTER)
