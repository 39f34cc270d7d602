"""Plain values: contexts, layers, log levels, results of a vault operation."""

from kstack_lib._core.layers import KStackEnvironment, KStackLayer, Layer
from kstack_lib._values import Context, LogLevel, StatusCode, VaultFileResult, VaultResult

__all__ = [
    "Context",
    "KStackEnvironment",
    "KStackLayer",
    "Layer",
    "LogLevel",
    "StatusCode",
    "VaultFileResult",
    "VaultResult",
]
