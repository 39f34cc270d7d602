"""The four layers."""

from __future__ import annotations

import ctypes
import enum

from kstack_lib._ffi.call import call, text
from kstack_lib._ffi.library import lib

__all__ = ["KStackEnvironment", "KStackLayer", "Layer"]


class Layer(enum.Enum):
    """A layer; its value is its number."""

    __module__ = "kstack_lib.any.types"

    LAYER0 = 0
    LAYER1 = 1
    LAYER2 = 2
    LAYER3 = 3

    # The predecessor's names.
    LAYER_0_APPLICATIONS = 0
    LAYER_1_TENANT_INFRA = 1
    LAYER_2_GLOBAL_SERVICES = 2
    LAYER_3_GLOBAL_INFRA = 3

    @classmethod
    def parse(cls, name: str) -> Layer:
        """Read "layer0" to "layer3", "0" to "3" or the name of a namespace, in upper or lower case.

        Raises:
            KStackInvalidArgumentError: for any other string.

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
        """The name of the layer for people, such as "Layer 3: Global Infrastructure"."""
        return str(lib.kstack_layer_display_name(self.value).decode("utf-8"))

    def __str__(self) -> str:
        return str(lib.kstack_layer_name(self.value).decode("utf-8"))


#: The predecessor's name.
KStackLayer = Layer


class KStackEnvironment(str, enum.Enum):
    """The known environments, by the predecessor's names; any other valid name is a plain string."""

    __module__ = "kstack_lib.any.types"

    DEVELOPMENT = "dev"
    TESTING = "test"
    STAGING = "staging"
    PRODUCTION = "prod"
    SCRATCH = "scratch"
    DATA_COLLECTION = "data-collection"

    def __str__(self) -> str:
        return self.value
