"""For a Kubernetes pod. Importing it, or anything in it, raises KStackEnvironmentError anywhere else."""

from kstack_lib.cluster import _guards as _guards

__all__: list[str] = []
