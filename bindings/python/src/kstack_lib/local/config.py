"""What the project of the working directory has."""

from kstack_lib._core.functions import list_environments, list_services

__all__ = ["list_environments", "list_services"]
