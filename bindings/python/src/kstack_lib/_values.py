"""Plain values: contexts, log levels, status codes, results of a vault operation."""

from __future__ import annotations

import enum
from typing import NamedTuple

__all__ = ["Context", "LogLevel", "StatusCode", "VaultFileResult", "VaultResult"]


class Context(enum.IntEnum):
    """Where the process runs."""

    __module__ = "kstack_lib.any.types"

    LOCAL = 0
    CLUSTER = 1


class LogLevel(enum.IntEnum):
    """The level of a log line."""

    __module__ = "kstack_lib.any.types"

    DEBUG = 0
    INFO = 1
    WARNING = 2


class StatusCode(enum.IntEnum):
    """The failures of the library, as in kstack.h."""

    __module__ = "kstack_lib.any.types"

    OK = 0
    INVALID_ARGUMENT = 1
    ENVIRONMENT = 2
    CONFIGURATION = 3
    SERVICE_NOT_FOUND = 4
    LAYER_ACCESS = 5
    ROUTE = 6
    VAULT = 7
    CLUSTER_API = 8
    IO = 9
    INTERNAL = 10
    CONFLICT = 11
    TIMEOUT = 12
    CANCELLED = 13


class VaultResult(enum.IntEnum):
    """The result for a file of a vault."""

    __module__ = "kstack_lib.any.types"

    UNCHANGED = 0
    WRITTEN = 1
    CONFLICT = 2
    FAILED = 3
    #: rekey(check=True): it is written for other recipients than its team has now.
    STALE = 4
    #: status(): only the encrypted form exists.
    ENCRYPTED = 5
    #: status(): both forms exist, and the plaintext was not edited.
    DECRYPTED = 6
    #: status(): the plaintext was edited since it was decrypted.
    EDITED = 7
    #: status(): only the plaintext exists; it was never encrypted.
    IN_CLEAR = 8

    @classmethod
    def _missing_(cls, value: object) -> VaultResult:
        # A result of a later library: not known to be a success, so a failure.
        return cls.FAILED


class VaultFileResult(NamedTuple):
    """One file of a run over a vault."""

    #: The path of the plaintext, relative to the vault.
    path: str
    #: The result for it.
    result: VaultResult
    #: The reason for a conflict or a failure; else a note, such as that recipients have changed; may be empty.
    message: str
    #: Whether one of your identities opens the encrypted form; only status() checks.
    readable: bool = False
    #: Whether it is written for the recipients that its team has now; only status() and rekey() check.
    current: bool = False
    #: Whether it is written for post-quantum recipients and no others; only status() checks.
    post_quantum: bool = False


VaultFileResult.__module__ = "kstack_lib.any.types"
