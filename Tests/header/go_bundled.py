"""What Go's build tag kstack_bundled compiles in place of an installed library, in bindings/go/internal/ffi.

kstack_bundled.h is the header with hidden functions; bundled_functions.c defines them, by pointers into a library that
is loaded when the program runs.
"""

from __future__ import annotations

import re

from header import Function, Header

#: The result of a function while no library is loaded. A status has no error object: failureFrom explains it.
MISSING = {
    "kstack_status": "KSTACK_ERROR_CONFIGURATION",
    "kstack_context": "(kstack_context)-1",
    "int32_t": "-1",
    "uint32_t": "0",
    "size_t": "0",
    "bool": "false",
    "kstack_vault_result": "KSTACK_VAULT_FAILED",
}

GENERATED = "// Code generated from Include/kstack.h by `make generate`; DO NOT EDIT."

EXPORTED = re.compile(r'^#define KSTACK_API .*visibility\("default"\).*$', re.M)


def header_copy(header: Header) -> str:
    """Return the header with hidden functions: otherwise the program would export them, and the library call those."""
    text, count = EXPORTED.subn('#define KSTACK_API __attribute__((visibility("hidden")))', header.text)
    if count != 1:
        raise SystemExit("kstack.h does not define KSTACK_API as expected")
    return f"{GENERATED}\n{text}"


def declaration(c_type: str, name: str) -> str:
    """Return a declaration in C's form: no space after a star."""
    return c_type + ("" if c_type.endswith("*") else " ") + name


def forwarder(index: int, function: Function) -> str:
    """Return a function that calls the library's."""
    parameters = ", ".join(declaration(parameter.type, parameter.name) for parameter in function.parameters) or "void"
    arguments = ", ".join(parameter.name for parameter in function.parameters)
    call = f"((__typeof__(&{function.name}))functions[{index}])({arguments})"
    if function.result == "void":
        body = f"if (functions[{index}]) {call};"
    else:
        other = "NULL" if function.result.endswith("*") else MISSING.get(function.result)
        if other is None:
            raise SystemExit(f"{function.name}: add {function.result} to {__file__}, for a missing library")
        body = f"return functions[{index}] ? {call} : {other};"
    return f"{declaration(function.result, function.name)}({parameters}) {{\n  {body}\n}}\n"


def functions(header: Header) -> str:
    """Return the C file."""
    names = "".join(f'  "{function.name}",\n' for function in header.functions)
    forwarders = "\n".join(forwarder(index, function) for index, function in enumerate(header.functions))
    return f"""// clang-format off
//go:build kstack_bundled && cgo && linux

{GENERATED}

#include "kstack_go.h"

#include <dlfcn.h>

enum {{ function_count = {len(header.functions)} }};

static const char *const names[function_count] = {{
{names}}};

// Filled once, when the package is initialized, and by then complete.
static void *functions[function_count];

// Takes the functions of a library. Where some are missing it takes none, and gives how many and the first one's name.
__attribute__((visibility("hidden"))) int kstack_go_bind(void *library, const char **first) {{
  void *found[function_count];
  int missing = 0;
  for (int i = 0; i < function_count; i++) {{
    found[i] = dlsym(library, names[i]);
    if (!found[i] && missing++ == 0) *first = names[i];
  }}
  for (int i = 0; i < function_count && !missing; i++) functions[i] = found[i];
  return missing;
}}

{forwarders}"""
