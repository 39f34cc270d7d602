"""The right credentials for where a program runs.

`kstack_lib.any` works everywhere, `kstack_lib.local` on a developer's machine and `kstack_lib.cluster` in a Kubernetes
pod. A module of the wrong context raises KStackEnvironmentError when it is imported.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]
