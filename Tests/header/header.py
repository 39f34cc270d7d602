"""Reads Include/kstack.h: its functions by chapter, callbacks, structures and types, with their comments.

The header is regular C, and `Tests/c/Makefile` compiles it. This accepts only the header's own form. A
C parser would drop the comments, which say where NULL is allowed and in which context a function runs.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / "Include" / "kstack.h"


class Parameter(NamedTuple):
    """A parameter or a field, with its comment."""

    type: str
    name: str
    comment: str

    @property
    def is_pointer(self) -> bool:
        """Whether its type is a pointer."""
        return self.type.endswith("*")

    @property
    def is_output(self) -> bool:
        """Whether the function fills it: it points to something that is neither const nor an object of the library."""
        target = self.type[:-1].strip()
        return self.is_pointer and "const" not in target and (target.endswith("*") or target in VALUE_OUTPUTS)

    @property
    def may_be_null(self) -> bool:
        """Whether the header allows NULL, independently of the other arguments."""
        return re.search(r"\bNULL: |\bmay be NULL\b(?! when)", self.comment) is not None


class Function(NamedTuple):
    """A function, or the type of a callback."""

    name: str
    result: str
    parameters: list[Parameter]
    chapter: str
    context: str
    comment: str

    @property
    def can_fail(self) -> bool:
        """Whether it returns an error object."""
        return bool(self.parameters) and self.parameters[-1].type == "kstack_error **"


class Structure(NamedTuple):
    """A structure that the program fills."""

    name: str
    fields: list[Parameter]


class Header(NamedTuple):
    """The whole header."""

    text: str
    abi_version: int
    version: str
    #: The context of each chapter, by its title.
    chapters: dict[str, str]
    functions: list[Function]
    callbacks: list[Function]
    structures: list[Structure]
    #: The opaque types, and those that are numbers.
    objects: list[str]
    numbers: list[str]
    #: The comment of each function and type.
    comments: dict[str, str]


#: Outputs of functions that are not pointers.
VALUE_OUTPUTS = {"bool", "size_t", "kstack_layer"}

COMMENT = r"(?P<comment>/\*\*(?:(?!\*/).)*\*/)\s*"


def pattern(declaration: str) -> re.Pattern[str]:
    """Return the pattern of a declaration at the start of a line, after its comment."""
    return re.compile(COMMENT + "^" + declaration, re.M | re.S)


CHAPTER = re.compile(r"^/\* -+ (?P<title>.*?) \((?P<context>any|local|cluster)\) \*/$", re.M)
FUNCTION = pattern(
    r"KSTACK_API (?:KSTACK_MUST_USE |KSTACK_DEPRECATED\(\"[^\"]*\"\) )*"
    r"(?P<result>[^;(]*?)(?P<name>kstack_\w+)\((?P<parameters>[^;{}]*)\);"
)
CALLBACK = pattern(r"typedef (?P<result>[^;(]*?)\(\*(?P<name>kstack_\w+)\)\((?P<parameters>[^;{}]*)\);")
STRUCTURE = pattern(r"typedef struct (?P<name>kstack_\w+) \{\n(?P<fields>.*?)^\} (?P=name);")
OBJECT = pattern(r"typedef struct (?P<name>kstack_\w+) (?P=name);")
NUMBER = pattern(r"typedef int32_t (?P<name>kstack_\w+);")
DECLARATION = re.compile(r"(?P<type>.*?[\s*])(?P<name>\w+)")


def words(comment: str) -> str:
    """Return the text of a comment, with each paragraph and each tag on one line."""
    lines = [re.sub(r"^\s*(/\*\*|\*/|\*)\s?", "", line).strip() for line in comment.removesuffix("*/").split("\n")]
    return re.sub(r"(?<!\n)\n(?!\n|@)", " ", "\n".join(lines).strip())


def parameters(declarations: str, comment: str = "") -> list[Parameter]:
    """Return the parameters of a function, with their comments."""
    said = dict(re.findall(r"^@param (\w+) (.*)$", words(comment), re.M))
    result = []
    for declaration in [] if declarations == "void" else declarations.split(","):
        found = DECLARATION.fullmatch(" ".join(declaration.split()))
        if not found:
            raise SystemExit(f"{PATH}: {declaration!r} is not understood")
        result.append(Parameter(found["type"].strip(), found["name"], said.get(found["name"], "")))
    return result


def functions(expression: re.Pattern[str], chapter: re.Match[str], body: str) -> list[Function]:
    """Return the functions or the callbacks of a chapter."""
    return [
        Function(
            name=found["name"],
            result=" ".join(found["result"].split()),
            parameters=parameters(found["parameters"], found["comment"]),
            chapter=chapter["title"],
            context=chapter["context"],
            comment=words(found["comment"]),
        )
        for found in expression.finditer(body)
    ]


def structure(found: re.Match[str]) -> Structure:
    """Return the structure of a match."""
    fields = re.sub(r"/\*.*?\*/", "", found["fields"], flags=re.S).strip().strip(";")
    return Structure(found["name"], parameters(fields.replace(";", ",")))


def read(path: Path = PATH) -> Header:
    """Read the header, and fail at anything unknown."""
    text = path.read_text()
    chapters = list(CHAPTER.finditer(text))
    ends = [chapter.start() for chapter in chapters[1:]] + [len(text)]
    bodies = [(chapter, text[chapter.end() : end]) for chapter, end in zip(chapters, ends)]
    all_functions = [function for chapter, body in bodies for function in functions(FUNCTION, chapter, body)]
    callbacks = [function for chapter, body in bodies for function in functions(CALLBACK, chapter, body)]
    declared = len(re.findall(r"^KSTACK_API\b", text, re.M))
    if declared != len(all_functions) or not all_functions:
        raise SystemExit(f"{path}: {declared} functions, of which {len(all_functions)} are understood")
    abi_version = re.search(r"^#define KSTACK_ABI_VERSION (\d+)$", text, re.M)
    version = re.search(r'^#define KSTACK_VERSION "([\d.]+)"$', text, re.M)
    if not abi_version or not version:
        raise SystemExit(f"{path}: no version")
    types = [found for expression in (OBJECT, NUMBER, STRUCTURE) for found in expression.finditer(text)]
    return Header(
        text=text,
        abi_version=int(abi_version[1]),
        version=version[1],
        chapters={chapter["title"]: chapter["context"] for chapter in chapters},
        functions=all_functions,
        callbacks=callbacks,
        structures=[structure(found) for found in STRUCTURE.finditer(text)],
        objects=[found["name"] for found in OBJECT.finditer(text)],
        numbers=[found["name"] for found in NUMBER.finditer(text)],
        comments={found["name"]: words(found["comment"]) for found in types}
        | {function.name: function.comment for function in [*all_functions, *callbacks]},
    )
