"""For a developer's machine: the vault. Importing it, or anything in it, raises KStackEnvironmentError in a pod."""

from kstack_lib._core.context import LOCAL, guard

__all__: list[str] = []

guard(LOCAL)
