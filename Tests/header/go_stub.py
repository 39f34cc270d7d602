"""What Go compiles where there is no cgo, in place of the functions of bindings/go/internal/ffi.

stub_functions.go has the exported functions of the files with cgo, and each one returns nothing but `problem`. Those
that do something else there stand in stub.go, which is written by hand.
"""

from __future__ import annotations

import re
from pathlib import Path

BUILD = "//go:build cgo && linux\n"

FUNCTION = re.compile(r"^func (\(\w+ \*?\w+\) )?([A-Z]\w*)(\([^)]*\)) ?([^{\n]*?) ?\{", re.M)
RECEIVER = re.compile(r"^\(\w+ (.*)\) $")

#: The result of a type; that of a pointer and of a slice is nil.
RESULTS = {"error": "problem", "string": '""', "bool": "false", "int32": "-1", "Cancellation": "Cancellation{}"}

BEGINNING = """//go:build !cgo || !linux

// Code generated from the files with cgo by `make generate`; DO NOT EDIT.

package ffi
"""


def result_types(results: str) -> list[str]:
    """Return the types of results, which may have names."""
    words = [one.split() for one in results.strip("()").split(",") if one.strip()]
    types: list[str] = []
    for one in reversed(words):
        # Of `secret, recipient string` the first has the type of the second.
        is_name_alone = len(one) == 1 and any(len(other) == 2 for other in words)
        types.insert(0, types[0] if is_name_alone else one[-1])
    return types


def value(type_name: str) -> str:
    """Return the Go expression for a result of a type."""
    if type_name.startswith(("*", "[]")):
        return "nil"
    if type_name not in RESULTS:
        raise SystemExit(f"add {type_name} to {__file__}, for builds without cgo")
    return RESULTS[type_name]


def functions(text: str) -> dict[str, tuple[str, str]]:
    """Return the exported functions of a file: signature and results by receiver and name."""
    found = {}
    for match in FUNCTION.finditer(text):
        receiver, name, parameters, results = match.groups()
        of = RECEIVER.sub(r"(\1) ", receiver or "")
        found[of + name] = (f"func {of}{name}{parameters}" + (f" {results}" if results else ""), results)
    return found


def stub(folder: Path) -> str:
    """Return the Go file."""
    by_hand = functions((folder / "stub.go").read_text())
    written = [BEGINNING]
    for path in sorted(folder.glob("*.go")):
        text = path.read_text()
        if not text.startswith(BUILD) or path.name.endswith("_test.go"):
            continue
        for name, (signature, results) in functions(text).items():
            if name in by_hand:
                continue
            values = ", ".join(value(one) for one in result_types(results))
            written.append(f"{signature} {{\n\treturn {values}\n}}\n" if values else f"{signature} {{}}\n")
    return "\n".join(written)
