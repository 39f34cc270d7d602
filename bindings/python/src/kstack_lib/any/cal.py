"""Sessions and clients of boto3 for the services that are configured for a layer, wherever the program runs.

boto3 is not installed with this package: `pip install "kstack-lib[aws]"`, and for asyncio
`pip install "kstack-lib[aws-async]"`.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from kstack_lib._credentials import Credentials
from kstack_lib.any.container import KStackContainer, default_container
from kstack_lib.any.exceptions import KStackConfigurationError
from kstack_lib.any.protocols import CloudSessionFactory, LayerArgument

__all__ = ["BotoSessionFactory", "client", "get_cloud_session_factory", "session"]


class _Field(NamedTuple):
    """A key for AWS, and the names that a credential for it may have, as credential_process takes them."""

    #: What the SDKs call it.
    name: str
    #: The spellings, without `aws`, in lower case, and without what stands between words.
    spellings: tuple[str, ...]
    #: The spellings for a message.
    shown: str


_ACCESS_KEY = _Field("AccessKeyId", ("accesskeyid", "accesskey"), "access_key_id or access_key")
_SECRET_KEY = _Field("SecretAccessKey", ("secretaccesskey", "secretkey"), "secret_access_key or secret_key")
_SESSION_TOKEN = _Field("SessionToken", ("sessiontoken",), "session_token")

# What a session of botocore takes from no variable: a profile would bring other people's settings, and one that does
# not exist is an error even where the keys are given.
_NOT_OF_THE_ENVIRONMENT = {"profile": (None, None, None, None)}


class BotoSessionFactory:
    """Makes sessions of boto3 and aioboto3 from the services that a container resolves.

    A session is for the one service that it was made for: its clients and resources have that service's endpoint,
    region, credentials and TLS setting, unless a call names others. Keys, endpoints and profiles that variables or
    files of AWS name do not count. It keeps the credentials of the moment when it was made; make another one after they
    were rotated.
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
            KStackConfigurationError: boto3 is not installed, the provider is none of AWS's family, the service has no
                endpoint and is not AWS's own, the provider has no keys, or two spellings of one that differ, or one
                with white space or other characters that no key has.
            KStackError: as KStackContainer.resolve_service.

        """
        kind = _session_class("boto3", "aws")
        return self._make(kind, "botocore.session", service, layer, environment, provider)

    def create_async_session(
        self, service: str, layer: LayerArgument, environment: str | None = None, provider: str | None = None
    ) -> Any:
        """Make an aioboto3.Session for a service of a layer. Arguments and failures are those of create_session."""
        kind = _session_class("aioboto3", "aws-async")
        return self._make(kind, "aiobotocore.session", service, layer, environment, provider)

    def _make(
        self, kind: Any, core: str, service: str, layer: LayerArgument, environment: str | None, provider: str | None
    ) -> Any:
        with self._container.resolve_service(service, layer, environment, provider) as resolved:
            family = resolved.get("family", "aws")
            if family != "aws":
                raise KStackConfigurationError(
                    f"service {service!r} of {layer} is served by provider {resolved.get('provider')!r} of family "
                    f"{family!r}; sessions of boto3 are for the family 'aws'"
                )
            implementation = resolved.get("implementation", "aws")
            if implementation != "aws" and "endpoint_url" not in resolved:
                # boto3 would go to the public cloud, and take there what is meant for another place.
                raise KStackConfigurationError(
                    f"service {service!r} of provider {resolved.get('provider')!r} has no endpoint_url, which one "
                    f"of implementation {implementation!r} needs"
                )
            keys = {
                "aws_access_key_id": _required(resolved, _ACCESS_KEY),
                "aws_secret_access_key": _required(resolved, _SECRET_KEY),
                "aws_session_token": _optional(resolved, _SESSION_TOKEN),
            }
            inner = importlib.import_module(core).get_session(_NOT_OF_THE_ENVIRONMENT)
            inner.set_config_variable("ignore_configured_endpoint_urls", True)
            made = kind(botocore_session=inner, region_name=resolved.get("region"), **keys)
            defaults: dict[str, Any] = {}
            if resolved.get("verify_ssl", "true") == "false":
                # Else left out: AWS_CA_BUNDLE may name what to verify by.
                defaults["verify"] = False
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


def _optional(resolved: Credentials, field: _Field) -> str | None:
    """Give the one value of a field that is not empty; None where there is none."""
    found: tuple[str, str] | None = None
    for name in resolved:
        if _plain(name) not in field.spellings or not (value := resolved[name]):
            continue
        if found is not None and found[1] != value:
            raise KStackConfigurationError(
                f"{resolved.source} has more than one {field.name} for AWS, {found[0]!r} and {name!r}, "
                "and they differ; keep one"
            )
        # A key goes into a header, and what cannot stand in one would be quoted by the error of another library.
        if not all("!" <= character <= "~" for character in value):
            raise KStackConfigurationError(
                f"{name!r} of {resolved.source} holds white space, a line break or another character that no "
                f"{field.name} for AWS has; remove it"
            )
        if found is None:
            found = (name, value)
    return None if found is None else found[1]


def _required(resolved: Credentials, field: _Field) -> str:
    """Give a value that must be there."""
    found = _optional(resolved, field)
    if found is None:
        raise KStackConfigurationError(
            f"{resolved.source} has no {field.shown}, in upper or lower case, with or without 'aws_' in front; "
            f"there: {', '.join(resolved)}"
        )
    return found
