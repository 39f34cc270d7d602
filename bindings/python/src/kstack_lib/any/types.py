"""Plain values: contexts, layers, log levels, what became of a file of a vault."""

from __future__ import annotations

import ctypes
import enum
from typing import NamedTuple

from kstack_lib._call import call, text
from kstack_lib._library import lib

__all__ = ["Context", "Layer", "LogLevel", "StatusCode", "VaultFileResult", "VaultResult"]


class Context(enum.IntEnum):
    """Where the process runs."""

    LOCAL = 0
    CLUSTER = 1


class LogLevel(enum.IntEnum):
    """How much a line of the log matters."""

    DEBUG = 0
    INFO = 1
    WARNING = 2


class StatusCode(enum.IntEnum):
    """The failures of the library, as in kstack.h."""

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


class Layer(enum.Enum):
    """A layer; its value is its number."""

    LAYER0 = 0
    LAYER1 = 1
    LAYER2 = 2
    LAYER3 = 3

    @classmethod
    def parse(cls, name: str) -> Layer:
        """Read "layer0" to "layer3", "0" to "3" or the name of a namespace, in upper or lower case.

        Raises:
            KStackInvalidArgumentError: it is none of these.

        """
        number = ctypes.c_int32()
        call(lib.kstack_layer_parse, text(name, "name"), ctypes.byref(number))
        return cls(number.value)

    @property
    def number(self) -> int:
        """The number, 0 to 3."""
        return int(self.value)

    @property
    def namespace(self) -> str:
        """The fixed name of the layer's namespace, such as "layer-3-global-infra"."""
        return str(lib.kstack_layer_namespace(self.value).decode("utf-8"))

    @property
    def display_name(self) -> str:
        """What to call the layer, such as "Layer 3: Global Infrastructure"."""
        return str(lib.kstack_layer_display_name(self.value).decode("utf-8"))

    def __str__(self) -> str:
        return str(lib.kstack_layer_name(self.value).decode("utf-8"))


class VaultResult(enum.IntEnum):
    """What became of a file of a vault."""

    UNCHANGED = 0
    WRITTEN = 1
    CONFLICT = 2
    FAILED = 3
    #: rekey(check=True): it is written for other recipients than its team has now.
    STALE = 4
    #: status(): only the encrypted form is there.
    ENCRYPTED = 5
    #: status(): both forms are there, and the plaintext was not edited.
    DECRYPTED = 6
    #: status(): the plaintext was edited since it was decrypted.
    EDITED = 7
    #: status(): only the plaintext is there; it was never encrypted.
    IN_CLEAR = 8

    @classmethod
    def _missing_(cls, value: object) -> VaultResult:
        # A result of a later library: not known to be a success, so none.
        return cls.FAILED


class VaultFileResult(NamedTuple):
    """One file of a run over a vault."""

    #: The path of the plaintext, relative to the vault.
    path: str
    #: What became of it.
    result: VaultResult
    #: Why, for a conflict or a failure; else what there is to tell, or nothing.
    message: str
    #: Whether one of your identities opens the encrypted form; only status() looks.
    readable: bool = False
    #: Whether it is written for the recipients that its team has now; only status() and rekey() look.
    current: bool = False
