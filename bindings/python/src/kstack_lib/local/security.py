"""The vault of age-encrypted files, and identities to open it with."""

from kstack_lib._core.vault import Identity, KStackVault, generate_identity

__all__ = ["Identity", "KStackVault", "generate_identity"]
