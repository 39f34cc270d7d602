"""Sessions and clients of boto3 for the services that are configured for a layer, wherever the program runs.

boto3 is not installed with this package: `pip install "kstack-lib[aws]"`, and for asyncio
`pip install "kstack-lib[aws-async]"`.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from kstack_lib._credentials import Credentials
from kstack_lib.any.container import KStackContainer, default_container
from kstack_lib.any.exceptions import KStackConfigurationError
from kstack_lib.any.protocols import CloudSessionFactory, LayerArgument

__all__ = ["BotoSessionFactory", "client", "get_cloud_session_factory", "session"]


class BotoSessionFactory:
    """Makes sessions of boto3 and aioboto3 from the services that a container resolves.

    A session is for the one service that it was made for: its clients and resources have that service's endpoint,
    region, credentials and TLS setting, unless a call names others. It keeps the credentials of the moment when it was
    made; make another one after they were rotated.
    """

    __slots__ = ("__weakref__", "_container")

    def __init__(self, container: KStackContainer) -> None:
        self._container = container

    def create_session(
        self, service: str, layer: LayerArgument, environment: str | None = None, provider: str | None = None
    ) -> Any:
        """Make a boto3.Session for a service of a layer.

        Args:
            service: such as "s3".
            layer: such as "layer3".
            environment: None is the one that is detected.
            provider: None is the one that serves the layer in that environment.

        Raises:
            KStackConfigurationError: boto3 is not installed, the provider is none of AWS's family, it has no keys.
            KStackError: as KStackContainer.resolve_service.

        """
        kind = _session_class("boto3", "aws")
        return self._make(kind, service, layer, environment, provider)

    def create_async_session(
        self, service: str, layer: LayerArgument, environment: str | None = None, provider: str | None = None
    ) -> Any:
        """Make an aioboto3.Session for a service of a layer. Arguments and failures are those of create_session."""
        kind = _session_class("aioboto3", "aws-async")
        return self._make(kind, service, layer, environment, provider)

    def _make(
        self, kind: Any, service: str, layer: LayerArgument, environment: str | None, provider: str | None
    ) -> Any:
        with self._container.resolve_service(service, layer, environment, provider) as resolved:
            family = resolved.get("family", "aws")
            if family != "aws":
                raise KStackConfigurationError(
                    f"service {service!r} of {layer} is served by provider {resolved.get('provider')!r} of family "
                    f"{family!r}; sessions of boto3 are for the family 'aws'"
                )
            made = kind(
                aws_access_key_id=_required(resolved, "access_key_id", "access_key"),
                aws_secret_access_key=_required(resolved, "secret_access_key", "secret_key"),
                aws_session_token=_optional(resolved, "session_token"),
                region_name=resolved.get("region"),
            )
            defaults: dict[str, Any] = {"verify": resolved.get("verify_ssl", "true") != "false"}
            if "endpoint_url" in resolved:
                defaults["endpoint_url"] = resolved["endpoint_url"]
            made._kstack_defaults = defaults
            return made

    def __repr__(self) -> str:
        return f"<BotoSessionFactory of {self._container!r}>"


def get_cloud_session_factory() -> CloudSessionFactory:
    """Give what makes sessions for the project of the working directory."""
    return default_container().cloud_session_factory()


def session(service: str, layer: LayerArgument, environment: str | None = None, provider: str | None = None) -> Any:
    """Make a boto3.Session for a service of a layer, as BotoSessionFactory.create_session."""
    return get_cloud_session_factory().create_session(service, layer, environment, provider)


def client(
    service: str,
    layer: LayerArgument,
    environment: str | None = None,
    provider: str | None = None,
    **arguments: Any,
) -> Any:
    """Make a boto3 client of the same name for a service of a layer.

    `arguments` go to `boto3.Session.client`, such as `config`. Failures are those of BotoSessionFactory.create_session.

    """
    return session(service, layer, environment, provider).client(service, **arguments)


def _session_class(package: str, extra: str) -> Any:
    """Give the package's Session whose clients and resources have our defaults."""
    try:
        module = importlib.import_module(package)
    except ImportError as error:
        raise KStackConfigurationError(
            f'the package {package} is not installed, or cannot be used; run: pip install "kstack-lib[{extra}]"'
        ) from error

    class Session(module.Session):  # type: ignore[name-defined, misc]
        """A session for one service."""

        _kstack_defaults: Mapping[str, Any] = {}

        def client(self, service_name: str, *positional: Any, **arguments: Any) -> Any:
            """Make a client, which reaches what the session is for."""
            return super().client(service_name, *positional, **{**self._kstack_defaults, **arguments})

        def resource(self, service_name: str, *positional: Any, **arguments: Any) -> Any:
            """Make a resource, which reaches what the session is for."""
            return super().resource(service_name, *positional, **{**self._kstack_defaults, **arguments})

    return Session


def _plain(name: str) -> str:
    """Give a name as it is compared: lower case, nothing between words, without `aws` in front."""
    plain = name.lower().replace("-", "").replace("_", "")
    return plain[3:] if plain.startswith("aws") else plain


def _optional(resolved: Mapping[str, str], *names: str) -> str | None:
    """Give the first value of these names that is there and not empty; spellings are those of credential_process."""
    wanted = [_plain(name) for name in names]
    for name in resolved:
        if _plain(name) in wanted and resolved[name]:
            return resolved[name]
    return None


def _required(resolved: Credentials, *names: str) -> str:
    """Give a value that must be there."""
    found = _optional(resolved, *names)
    if found is None:
        raise KStackConfigurationError(
            f"{resolved.source} has no {' or '.join(names)}, in upper or lower case, with or without 'aws_' in front; "
            f"there: {', '.join(resolved)}"
        )
    return found
