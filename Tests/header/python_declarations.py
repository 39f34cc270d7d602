"""Python's declarations of the C API: bindings/python/src/kstack_lib/_ffi/declarations.py."""

from __future__ import annotations

from header import Function, Header, Structure

WIDTH = 120

#: Types whose names would clash with others in Python.
NAMES = {"kstack_secrets_provider": "SecretsProviderFunctions"}

SCALARS = {"bool": "c_bool", "size_t": "c_size_t", "int32_t": "c_int32", "uint32_t": "c_uint32"}


def python_name(name: str) -> str:
    """Return the Python name of a structure or a callback."""
    return NAMES.get(name) or "".join(word.capitalize() for word in name.split("_")[1:])


class Declarations:
    """Writes the module."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self.structures = {structure.name for structure in header.structures}
        self.callbacks = {callback.name for callback in header.callbacks}
        self.scalars = SCALARS | dict.fromkeys(header.numbers, "c_int32")

    def type(self, c_type: str, pointer: str = "c_void_p") -> str:
        """Return the ctypes type; `pointer` is the name for a pointer to an object of the library."""
        if c_type == "void":
            return "None"
        if c_type == "const char *":
            return "c_char_p"
        if c_type == "const char *const *":
            return "POINTER(c_char_p)"
        if c_type == "kstack_error **":
            return "_Error"
        bare = c_type.replace("const ", "")
        target = bare.removesuffix("*").strip()
        if bare in self.scalars:
            return self.scalars[bare]
        if bare in self.callbacks:
            return python_name(bare)
        if bare.endswith("**"):
            return "_Out"
        if target in self.structures:
            return f"POINTER({python_name(target)})"
        if target in self.scalars:
            return f"POINTER({self.scalars[target]})"
        if target == "void":
            return "c_void_p"
        if target in self.header.objects or target == "char":
            return pointer
        raise SystemExit(f"kstack.h has a type unknown to {__file__}: {c_type}")

    def callback(self, callback: Function) -> str:
        """Return the type of a callback."""
        types = [self.type(callback.result)] + [self.type(parameter.type) for parameter in callback.parameters]
        return f"{python_name(callback.name)} = CFUNCTYPE({', '.join(types)})"

    def structure(self, structure: Structure) -> str:
        """Return the class of a structure."""
        fields = "\n".join(f'        ("{field.name}", {self.type(field.type)}),' for field in structure.fields)
        return (
            f'class {python_name(structure.name)}(Structure):\n    """{structure.name}."""\n\n'
            f"    _fields_ = (\n{fields}\n    )\n"
        )

    def function(self, function: Function) -> str:
        """Return the entry of a function, formatted as ruff does."""
        types = [self.type(parameter.type, "_Object") for parameter in function.parameters]
        arguments = f"({', '.join(types)}{',' * (len(types) == 1)})"
        result = self.type(function.result)
        line = f'    "{function.name}": ({result}, {arguments}),'
        if len(line) <= WIDTH:
            return line
        return f'    "{function.name}": (\n        {result},\n        {arguments},\n    ),'

    def text(self) -> str:
        """Return the module."""
        lines = []
        for chapter in self.header.chapters:
            lines.append(f"    # {chapter}")
            lines += [self.function(function) for function in self.header.functions if function.chapter == chapter]
        return MODULE.format(
            abi_version=self.header.abi_version,
            callbacks="\n".join(self.callback(callback) for callback in self.header.callbacks),
            structures="\n\n".join(self.structure(structure) for structure in self.header.structures),
            functions="\n".join(lines),
        )


MODULE = '''"""The C API, as in kstack.h: structures, and the types of every function.

Generated from Include/kstack.h by `make generate`; DO NOT EDIT.
"""

from __future__ import annotations

from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_bool,
    c_char_p,
    c_int32,
    c_size_t,
    c_uint32,
    c_void_p,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

ABI_VERSION: Final = {abi_version}

{callbacks}


{structures}

# A pointer to an object, which stays a number: c_char_p would copy the string and lose the pointer.
_Object = c_void_p
_Out = POINTER(c_void_p)
_Error = POINTER(c_void_p)

#: name: (type of the result, types of the arguments)
FUNCTIONS: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {{
{functions}
}}
'''
