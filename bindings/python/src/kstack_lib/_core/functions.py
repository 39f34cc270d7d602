"""The functions of public modules, for the project of the working directory."""

from __future__ import annotations

import os

from kstack_lib._core.default import default_client

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from kstack_lib._core.credentials import Credentials
    from kstack_lib._core.protocols import LayerArgument


def get_credentials(service: str, layer: LayerArgument, environment: str | None = None) -> Credentials:
    """Return the credentials of a service, for the project of the working directory.

    Args:
        service: such as "s3".
        layer: such as "layer3".
        environment: None is the detected one.

    Raises:
        KStackError: as Client.get_credentials.

    """
    return default_client().get_credentials(service, layer, environment)


def load_secrets_for_layer(
    layer: LayerArgument,
    environment: str | None = None,
    auto_export: bool = False,
) -> Credentials:
    """Return all secrets that a layer may see, for the project of the working directory.

    Args:
        layer: such as "layer3".
        environment: None is the detected one.
        auto_export: also set them as variables of the process, under their names in upper case with `_` for `-`. A
            variable that is set already stays. If one of them is refused, none is set.

    Raises:
        KStackConfigurationError: with auto_export also for a name or a value that no variable can have, for two names
            of one variable, and for a variable that makes programs run code, such as PATH or LD_PRELOAD.
        KStackError: as Client.load_secrets.

    """
    secrets = default_client().load_secrets(layer, environment)
    if auto_export:
        from kstack_lib._core.variables import variables_of

        try:
            variables = variables_of(secrets)
        except BaseException:
            secrets.close()
            raise
        for variable, value in variables.items():
            os.environ.setdefault(variable, value)
    return secrets


def get_environment() -> str:
    """Return the detected environment.

    Raises:
        KStackConfigurationError: none is detected.

    """
    return default_client().environment


def get_config_root() -> Path | None:
    """Return the folder that holds `environments/` and `providers/`; None in a pod.

    Raises:
        KStackConfigurationError: there is none.

    """
    return default_client().config_root


def get_vault_root() -> Path | None:
    """Return the folder of vaults; None in a pod.

    Raises:
        KStackConfigurationError: there is none, or it is not trusted.

    """
    return default_client().vault_root


def get_active_route(layer: LayerArgument) -> str:
    """Return the active route of a layer, such as "production".

    Raises:
        KStackError: as Client.get_active_route.

    """
    return default_client().get_active_route(layer)


def resolve_service(
    service: str,
    layer: LayerArgument,
    environment: str | None = None,
    provider: str | None = None,
) -> Credentials:
    """Return endpoint, region and credentials of a service of the cloud provider that serves a layer.

    Args:
        service: such as "s3".
        layer: "layer1" or "layer3"; the others have no cloud services.
        environment: None is the detected one.
        provider: None is the configured one.

    Raises:
        KStackError: as Client.resolve_service.

    """
    return default_client().resolve_service(service, layer, environment, provider)


def list_environments() -> list[str]:
    """Return the environments that have a vault, sorted.

    Raises:
        KStackConfigurationError: there is no vault.

    """
    return default_client().list_environments()


def list_services(layer: LayerArgument, environment: str | None = None) -> list[str]:
    """Return the services that a layer has credentials for, in the order of the file.

    Raises:
        KStackError: as Client.get_credentials.

    """
    return default_client().list_services(layer, environment)


def get_configmap(layer: LayerArgument, name: str, key: str) -> str:
    """Return the value of a key of a config map in a layer's namespace.

    Raises:
        KStackError: as Client.get_configmap.

    """
    return default_client().get_configmap(layer, name, key)


def set_active_route(layer: LayerArgument, route: str) -> None:
    """Set the route of a layer, in config map `kstack-route` of its namespace, which must exist.

    Raises:
        KStackError: as Client.set_active_route.

    """
    default_client().set_active_route(layer, route)
