"""The vault of age-encrypted files, and identities to open it with."""

from kstack_lib._core.identity import Identity, generate_identity
from kstack_lib._core.vault import KStackVault

__all__ = ["Identity", "KStackVault", "generate_identity"]
