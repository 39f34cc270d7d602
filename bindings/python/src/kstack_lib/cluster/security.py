"""Credentials in a pod, for programs that are to fail anywhere else."""

from __future__ import annotations

from kstack_lib.any.security import Credentials, get_credentials
from kstack_lib.cluster import _guards as _guards

__all__ = ["Credentials", "get_credentials"]
