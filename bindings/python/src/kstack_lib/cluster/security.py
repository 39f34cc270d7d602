"""Credentials in a pod, for programs that should fail anywhere else."""

from kstack_lib._core.credentials import Credentials
from kstack_lib._core.functions import get_credentials

__all__ = ["Credentials", "get_credentials"]
