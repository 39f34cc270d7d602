"""Secrets as environment variables."""

from __future__ import annotations

import os

from kstack_lib._core.credentials import Credentials
from kstack_lib._errors import KStackConfigurationError, KStackInternalError
from kstack_lib._ffi.call import call_object
from kstack_lib._ffi.library import lib

__all__: list[str] = []


def variables_of(secrets: Credentials) -> dict[str, str]:
    """Return the variables for secrets, by the library's rule.

    Raises:
        KStackConfigurationError: a name or value cannot be a variable, two names make the same one, or one is reserved.

    """
    with secrets._handle.use() as pointer:
        made = call_object(lib.kstack_credentials_environ, pointer)
    if made is None:
        raise KStackInternalError("the library returned no variables")
    with Credentials._of(made) as variables:
        result = dict(variables)
    for name, value in result.items():
        if not _fits_the_environment(value):
            raise KStackConfigurationError(
                f"the value for {name} in {secrets.source} has a character that the locale of this process "
                "cannot encode; use UTF-8"
            )
    return result


def _fits_the_environment(value: str) -> bool:
    """Return whether the locale can encode a value."""
    # The exception holds the value, so nothing may be raised while it is handled.
    try:
        os.fsencode(value)
    except UnicodeEncodeError:
        return False
    return True
