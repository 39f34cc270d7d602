"""Environments and services of the working directory's project."""

from kstack_lib._core.functions import list_environments, list_services

__all__ = ["list_environments", "list_services"]
