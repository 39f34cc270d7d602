"""The calls of the C tests, Tests/c/calls.c: every function that can fail, with any of its arguments replaced."""

from __future__ import annotations

from header import Function, Header, Parameter

#: By the name of a parameter: a valid argument, and the grammar of a string (in calls.h).
ARGUMENTS = {
    "container": ("call_container", None),
    "vault": ("call_vault", None),
    "credentials": ("call_credentials", None),
    "service": ('"s3"', "NAME"),
    "layer": ('"layer3"', "LAYER"),
    "environment": ('"dev"', "NAME"),
    "provider": ("NULL", "NAME"),
    "team": ("NULL", "NAME"),
    "filename": ('"a.yaml"', "FILENAME"),
    "text": ('"layer3"', "LAYER"),
    "name": ('"a"', "ANY"),
    "key": ('"b"', "ANY"),
    "route": ('"production"', "ANY"),
    "data": ('"x"', None),
    "size": ("1", None),
    "which": ("KSTACK_VAULT_FILES_ENCRYPTED", None),
}

#: The value before a call of an output that is not a pointer, and the condition that a call cleared it.
OUTPUTS = {"bool": ("true", "!{}"), "kstack_layer": ("77", "{} == -1"), "size_t": ("77", "{} == 0")}

#: How to check the result for NULL of a function that cannot fail, if it is not NULL, false or 0.
OF_NULL = {
    "kstack_error_message": 'assert_string_equal({}, "")',
    "kstack_error_path": 'assert_string_equal({}, "")',
    "kstack_vault_report_result": "assert_int_equal({}, KSTACK_VAULT_FAILED)",
    "kstack_reply_set": "assert_int_equal({}, KSTACK_ERROR_INVALID_ARGUMENT)",
    "kstack_reply_set_error": "assert_int_equal({}, KSTACK_ERROR_INVALID_ARGUMENT)",
}


def unknown(function: Function, what: str) -> SystemExit:
    """Return the error for something without a rule here."""
    return SystemExit(f"{function.name}: add to {__file__} {what}")


class Calls:
    """Writes the file."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self.structures = {structure.name for structure in header.structures}

    def output(self, function: Function, parameter: Parameter) -> tuple[str, str]:
        """Return the value of an output before the call, and the condition that it was cleared."""
        target = parameter.type[:-1].strip()
        if target.endswith("*"):
            return f"GARBAGE({target})", "{} == NULL"
        if target not in OUTPUTS:
            raise unknown(function, f"how an output of type {target} is cleared (OUTPUTS)")
        return OUTPUTS[target]

    def sound(self, function: Function, parameter: Parameter) -> str:
        """Return a valid argument."""
        target = parameter.type.removeprefix("const ").removesuffix("*").strip()
        if target in self.structures:
            return "NULL" if parameter.may_be_null else f"&(const {target}){target.upper()}_INIT"
        if parameter.name not in ARGUMENTS:
            raise unknown(function, f"an argument for {parameter.name} (ARGUMENTS)")
        return ARGUMENTS[parameter.name][0]

    def grammar(self, function: Function, parameter: Parameter) -> str:
        """Return the grammar of a string."""
        if parameter.type != "const char *":
            return "NO_STRING"
        grammar = ARGUMENTS[parameter.name][1]
        if grammar is None:
            raise unknown(function, f"the grammar of {parameter.name} (ARGUMENTS)")
        return grammar

    def call(self, function: Function) -> str:
        """Return a C function that calls it."""
        before, arguments, cleared = [], [], []
        for position, parameter in enumerate(function.parameters[:-1]):
            if parameter.is_output:
                value, condition = self.output(function, parameter)
                target = parameter.type[:-1].strip()
                variable = f"to_{parameter.name}"
                before.append(f"  {target}{'' if target.endswith('*') else ' '}{variable} = {value};")
                cleared.append(f"IS_CLEARED({position}, {condition.format(variable)})")
                arguments.append(f"ARGUMENT({position}, &{variable})")
                continue
            sound = self.sound(function, parameter)
            if parameter.type == "const char *":
                arguments.append(f"STRING({position}, {sound})")
            elif parameter.is_pointer:
                arguments.append(f"ARGUMENT({position}, {sound})")
            else:
                arguments.append(sound)
        takes = "const arguments *given, bool *cleared, kstack_error **error"
        return "\n".join(
            [
                f"static kstack_status call_{function.name}({takes}) {{",
                *before,
                f"  kstack_status status = {function.name}({', '.join([*arguments, 'error'])});",
                f"  *cleared = {' && '.join(cleared) or 'true'};",
                "  return status;",
                "}",
            ]
        )

    def row(self, function: Function) -> str:
        """Return its row of the table."""
        parameters = []
        for parameter in function.parameters[:-1]:
            role = "VALUE"
            if parameter.is_pointer:
                role = "OPTIONAL_" * parameter.may_be_null + ("OUTPUT" if parameter.is_output else "INPUT")
            parameters.append(f'{{"{parameter.name}", {role}, {self.grammar(function, parameter)}}}')
        start = f'{{"{function.name}", "{function.context}", call_{function.name}, {len(parameters)},'
        return f"    {start}\n     {{{', '.join(parameters)}}}}},"

    def of_null(self, function: Function) -> list[str]:
        """Return the lines that check the result for NULL of a function that cannot fail."""
        if not any(parameter.is_pointer for parameter in function.parameters):
            return []
        outputs = [parameter for parameter in function.parameters if parameter.is_output]
        if any(parameter.type != "size_t *" for parameter in outputs):
            raise unknown(function, "how its output is cleared")
        check = OF_NULL.get(function.name)
        if check is None:
            checks = {"void": "{}", "bool": "assert_false({})"}
            pointer = "assert_null({})" if function.result.endswith("*") else "assert_int_equal({}, 0)"
            check = checks.get(function.result, pointer)
        lines = []
        for size in ["&size", "NULL"] if outputs else [""]:
            arguments = ", ".join(
                size if parameter.is_output else "NULL" if parameter.is_pointer else "0"
                for parameter in function.parameters
            )
            lines.append(f"  {check.format(f'{function.name}({arguments})')};")
            if size == "&size":
                lines = ["  size = 77;", *lines, "  assert_int_equal(size, 0);"]
        return lines

    def text(self) -> str:
        """Return the file."""
        can_fail = [
            function
            for function in self.header.functions
            if function.can_fail and any(parameter.is_pointer for parameter in function.parameters[:-1])
        ]
        cannot_fail = [function for function in self.header.functions if not function.can_fail]
        return FILE.format(
            calls="\n\n".join(self.call(function) for function in can_fail),
            rows="\n".join(self.row(function) for function in can_fail),
            of_null="\n".join(line for function in cannot_fail for line in self.of_null(function)),
        )


FILE = """// clang-format off
/* Generated from Include/kstack.h by `make generate`; DO NOT EDIT. */
#include "calls.h"

kstack_container *call_container;
kstack_vault *call_vault;
kstack_credentials *call_credentials;

#define IS_NULL(index) ((given->nulls >> (index) & 1u) != 0)
#define IS_CLEARED(index, condition) (IS_NULL(index) || (condition))
#define ARGUMENT(index, sound) (IS_NULL(index) ? NULL : (sound))
#define STRING(index, sound) (given->position == (index) ? given->string : ARGUMENT(index, sound))

{calls}

const api_function api_functions[] = {{
{rows}
}};
const size_t api_function_count = LENGTH(api_functions);

void check_accessors_of_null(void) {{
  size_t size;
{of_null}
}}
"""
