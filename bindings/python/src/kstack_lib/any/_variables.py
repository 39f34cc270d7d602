"""Which variables of the process secrets become."""

from __future__ import annotations

import os

from kstack_lib._call import call_object
from kstack_lib._credentials import Credentials
from kstack_lib._library import lib
from kstack_lib.any.exceptions import KStackConfigurationError, KStackInternalError

__all__: list[str] = []


def variables_of(secrets: Credentials) -> dict[str, str]:
    """Give the variables that stand for secrets, by the library's rule.

    Raises:
        KStackConfigurationError: a name or a value fits none, two names fit the same, or one is reserved.

    """
    with secrets._handle.use() as pointer:
        made = call_object(lib.kstack_credentials_environ, pointer)
    if made is None:
        raise KStackInternalError("the library gave no variables")
    with Credentials._of(made) as variables:
        result = dict(variables)
    for name, value in result.items():
        if not _fits_the_environment(value):
            raise KStackConfigurationError(
                f"the value for {name} in {secrets.source} holds a character that variables cannot hold in the locale "
                "of this process; use UTF-8"
            )
    return result


def _fits_the_environment(value: str) -> bool:
    """Give whether a variable can have a value."""
    # The exception holds the value: nothing may be raised while it is handled.
    try:
        os.fsencode(value)
    except UnicodeEncodeError:
        return False
    return True
