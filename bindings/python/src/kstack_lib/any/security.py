"""Credentials, in every context."""

from kstack_lib._core.credentials import Credentials
from kstack_lib._core.functions import get_credentials, load_secrets_for_layer

__all__ = ["Credentials", "get_credentials", "load_secrets_for_layer"]
