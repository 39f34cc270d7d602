"""How the package's modules import one another, and what a look-up loads."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import kstack_lib
from conftest import Project, Run

SOURCE = Path(kstack_lib.__file__).parent


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in SOURCE.rglob("*.py")}


def parents(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


class Imports(ast.NodeVisitor):
    """Collects what a module imports, also inside functions, but not for type checkers only."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) == "TYPE_CHECKING":
            for statement in node.orelse:
                self.visit(statement)
        else:
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        self.found.update(alias.name for alias in node.names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        assert node.level == 0 and node.module, "imports are absolute"
        self.found.update(f"{node.module}.{alias.name}" for alias in node.names)
        self.found.add(node.module)


def graph() -> dict[str, set[str]]:
    """Return what each module loads: what it imports, and the packages above both."""
    arrows = {}
    for name, path in MODULES.items():
        imports = Imports()
        imports.visit(ast.parse(path.read_text(encoding="utf-8")))
        direct = {one for one in imports.found if one in MODULES}
        arrows[name] = {*direct, *parents(name), *(up for one in direct for up in parents(one))} - {name}
    return arrows


def test_imports_form_no_cycle() -> None:
    left = graph()
    while left:
        ready = [name for name, loads in left.items() if not loads & left.keys()]
        assert ready, f"a cycle goes through {sorted(left)}"
        for name in ready:
            del left[name]


def test_layers_import_downwards_only() -> None:
    public = ("kstack_lib.any", "kstack_lib.local", "kstack_lib.cluster")
    for name, loads in graph().items():
        if name.startswith("kstack_lib._"):
            assert not [one for one in loads if one.startswith(public)], name
        if name.startswith("kstack_lib._ffi"):
            assert not [one for one in loads if one.startswith("kstack_lib._core")], name
    for leaf in ("kstack_lib._values", "kstack_lib._errors"):
        assert graph()[leaf] <= {"kstack_lib", "kstack_lib._values"}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_each_module_can_be_imported_first(name: str, run: Run) -> None:
    done = run("-c", f"import {name}")
    if name.startswith("kstack_lib.cluster"):
        assert "KStackEnvironmentError" in done.stderr
    else:
        assert (done.returncode, done.stderr) == (0, "")


LOADS = """
import sys
before = set(sys.modules)
from kstack_lib.any.security import get_credentials
with get_credentials("s3", layer="layer3", environment="dev") as credentials:
    assert credentials["octal"] == "0123"
print(*sorted(set(sys.modules) - before))
"""

#: What takes longer to load than a look-up, and what only some programs need.
HEAVY = {
    "asyncio",
    "contextlib",
    "dependency_injector",
    "enum",
    "importlib",
    "inspect",
    "json",
    "logging",
    "pathlib",
    "re",
    "threading",
    "traceback",
    "typing",
}


def test_a_look_up_loads_little(project: Project, run: Run) -> None:
    # Without `site`, which loads some of them by itself where packages are installed to be edited.
    done = run("-S", "-c", LOADS)
    assert (done.returncode, done.stderr) == (0, "")
    loaded = set(done.stdout.split())
    assert "kstack_lib._core.client" in loaded and "ctypes" in loaded
    assert {name.partition(".")[0] for name in loaded} & HEAVY == set()


def test_public_classes_name_their_public_module() -> None:
    for module in sorted(MODULES):
        if not module.startswith(("kstack_lib.any", "kstack_lib.local")):
            continue
        public = import_module(module)
        for name in getattr(public, "__all__", ()):
            value = getattr(public, name)
            if isinstance(value, type):
                assert "._" not in value.__module__, name
                assert getattr(import_module(value.__module__), value.__name__) is value
