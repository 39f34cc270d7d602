"""Credentials, wherever the program runs."""

from __future__ import annotations

import os

from kstack_lib._credentials import Credentials
from kstack_lib.any._variables import variables_of
from kstack_lib.any.container import default_container
from kstack_lib.any.protocols import LayerArgument

__all__ = ["Credentials", "get_credentials", "load_secrets_for_layer"]


def get_credentials(service: str, layer: LayerArgument, environment: str | None = None) -> Credentials:
    """Give the credentials of a service, for the project of the working directory.

    Args:
        service: such as "s3".
        layer: such as "layer3".
        environment: None is the one that is detected.

    Raises:
        KStackError: as KStackContainer.get_credentials.

    """
    return default_container().get_credentials(service, layer, environment)


def load_secrets_for_layer(
    layer: LayerArgument,
    environment: str | None = None,
    auto_export: bool = False,
) -> Credentials:
    """Give all secrets that a layer may see, for the project of the working directory.

    Args:
        layer: such as "layer3".
        environment: None is the one that is detected.
        auto_export: also set them as variables of the process, under their names in upper case with `_` for `-`. A
            variable that is set stays as it is. Nothing is set when one of them cannot be.

    Raises:
        KStackConfigurationError: with auto_export also for a name or a value that no variable can have, for two names
            of one variable, and for a variable by which programs are made to run code, such as PATH or LD_PRELOAD.
        KStackError: as KStackContainer.load_secrets.

    """
    secrets = default_container().load_secrets(layer, environment)
    if auto_export:
        try:
            variables = variables_of(secrets)
        except BaseException:
            secrets.close()
            raise
        for variable, value in variables.items():
            os.environ.setdefault(variable, value)
    return secrets
