"""The parts of kstack that a program can replace, in tests and for other sources of secrets."""

from kstack_lib._core.protocols import (
    CloudSessionFactory,
    EnvironmentDetector,
    LayerArgument,
    LogCallable,
    SecretsLookup,
    SecretsProvider,
    Vault,
    VaultManager,
)

__all__ = [
    "CloudSessionFactory",
    "EnvironmentDetector",
    "LayerArgument",
    "LogCallable",
    "SecretsLookup",
    "SecretsProvider",
    "Vault",
    "VaultManager",
]
