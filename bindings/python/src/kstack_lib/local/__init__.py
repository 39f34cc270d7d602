"""For a developer's machine: the vault. Importing it, or anything in it, raises KStackEnvironmentError in a pod."""

from kstack_lib.local import _guards as _guards

__all__: list[str] = []
