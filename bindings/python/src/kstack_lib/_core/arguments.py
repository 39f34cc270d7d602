"""Arguments that callers give as their own types: layers, and objects with certain methods."""

from __future__ import annotations

from kstack_lib._ffi.call import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kstack_lib._core.protocols import LayerArgument

__all__: list[str] = []


def layer_text(layer: LayerArgument) -> bytes:
    """Encode a layer argument."""
    if not isinstance(layer, str):
        if isinstance(layer, int) and not isinstance(layer, bool):
            return str(layer).encode("ascii")
        # Imported here: enumerations take as long to load as a look-up, and whoever passes a Layer has loaded them.
        from kstack_lib._core.layers import Layer

        if isinstance(layer, Layer):
            return str(layer).encode("ascii")
    return text(layer, "layer")


def check_methods(part: object, what: str, *methods: str) -> None:
    """Raise TypeError unless an object of the program has the methods."""
    if isinstance(part, type):
        raise TypeError(f"{what} is an object; {part.__name__} is a class")
    for name in methods:
        if not callable(getattr(part, name, None)):
            raise TypeError(f"{what} has a method {name}; {type(part).__name__} has none")
