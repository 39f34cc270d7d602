"""Which variables of the process secrets may become."""

from __future__ import annotations

import os
import re

from kstack_lib._credentials import Credentials
from kstack_lib.any.exceptions import KStackConfigurationError

__all__: list[str] = []

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")

# Variables by which the loader, a shell or an interpreter is made to run code. A secret may come from a file that
# another layer shares, and whoever writes that file is not to run code here. The Go binding has the same names, and
# docs/layer-secrets.md lists them.
RESERVED_PREFIXES = ("BASH_FUNC_", "DYLD_", "GIT_CONFIG", "KSTACK_", "LD_", "LUA_", "PERL5", "PYTHON")
RESERVED = frozenset(
    {
        "BASHOPTS",
        "BASH_ENV",
        "BROWSER",
        "BUNDLE_GEMFILE",
        "CDPATH",
        "CLASSPATH",
        "CORECLR_ENABLE_PROFILING",
        "CORECLR_PROFILER",
        "CORECLR_PROFILER_PATH",
        "DOTNET_STARTUP_HOOKS",
        "EDITOR",
        "ENV",
        "GCONV_PATH",
        "GEM_HOME",
        "GEM_PATH",
        "GIT_ASKPASS",
        "GIT_EDITOR",
        "GIT_EXEC_PATH",
        "GIT_EXTERNAL_DIFF",
        "GIT_PAGER",
        "GIT_PROXY_COMMAND",
        "GIT_SEQUENCE_EDITOR",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_TEMPLATE_DIR",
        "GLIBC_TUNABLES",
        "GOFLAGS",
        "HOME",
        "IFS",
        "JAVA_TOOL_OPTIONS",
        "JDK_JAVA_OPTIONS",
        "LESSCLOSE",
        "LESSOPEN",
        "LOCPATH",
        "NLSPATH",
        "NODE_OPTIONS",
        "NODE_PATH",
        "OPENSSL_CONF",
        "OPENSSL_ENGINES",
        "OPENSSL_MODULES",
        "PAGER",
        "PATH",
        "PERLLIB",
        "PHPRC",
        "PHP_INI_SCAN_DIR",
        "PROMPT_COMMAND",
        "PS4",
        "RUBYLIB",
        "RUBYOPT",
        "R_ENVIRON",
        "R_ENVIRON_USER",
        "R_PROFILE",
        "R_PROFILE_USER",
        "SHELL",
        "SHELLOPTS",
        "VISUAL",
        "ZDOTDIR",
        "_JAVA_OPTIONS",
    }
)


def variables_of(secrets: Credentials) -> dict[str, str]:
    """Give the variables that stand for secrets.

    Raises:
        KStackConfigurationError: a name or a value fits none, two names fit the same, or one is reserved.

    """
    names: dict[str, str] = {}
    variables: dict[str, str] = {}
    for number, name in enumerate(secrets, 1):
        place = f"{name!r}, name {number} of {secrets.source},"
        # ASCII only: what is upper case of another letter differs from language to language.
        if not _NAME.match(name):
            raise KStackConfigurationError(
                f"{place} is no name for a variable: it begins with a letter of ASCII or '_', and more of them, "
                "digits, '_' and '-' follow"
            )
        variable = name.upper().replace("-", "_")
        if variable in RESERVED or variable.startswith(RESERVED_PREFIXES):
            raise KStackConfigurationError(
                f"{place} would be the variable {variable}, by which programs are made to run code, and which no "
                "secret may set; give it another name"
            )
        if variable in names:
            raise KStackConfigurationError(
                f"{names[variable]!r} and {name!r} of {secrets.source} are both for the variable {variable}"
            )
        names[variable] = name
        value = secrets[name]
        if "\0" in value:
            raise KStackConfigurationError(f"{place} holds a NUL, which no variable can hold")
        if not _fits_the_environment(value):
            raise KStackConfigurationError(
                f"{place} holds a character that variables cannot hold in the locale of this process; use UTF-8"
            )
        variables[variable] = value
    return variables


def _fits_the_environment(value: str) -> bool:
    """Give whether a variable can have a value."""
    # The exception holds the value: nothing may be raised while it is handled.
    try:
        os.fsencode(value)
    except UnicodeEncodeError:
        return False
    return True
