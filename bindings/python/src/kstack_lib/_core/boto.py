"""Sessions and clients of boto3, made from resolved services."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from typing import Any, Callable

from kstack_lib._core.client import Client
from kstack_lib._core.credentials import Credentials
from kstack_lib._core.default import default_client, default_object
from kstack_lib._core.protocols import CloudSessionFactory, LayerArgument
from kstack_lib._errors import KStackConfigurationError, KStackInternalError
from kstack_lib._ffi.call import call_object
from kstack_lib._ffi.library import lib

__all__ = ["BotoSessionFactory", "client", "get_cloud_session_factory", "session"]


# A profile would add unrelated settings; a missing one, or a damaged file, is an error even where the keys are given.
_NO_FILES = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}

#: The one AWS setting that counts: the certificate authorities.
_COUNTS = "ca_bundle"


class BotoSessionFactory:
    """Makes sessions of boto3 and aioboto3 from the services that a client resolves.

    A session is for the one service that it was made for: its clients and resources have that service's endpoint,
    region, credentials and TLS setting, unless a call names others. Keys, endpoints and profiles that variables or
    files of AWS name do not count. It keeps the credentials that it was made with; make another one after they
    were rotated.
    """

    __module__ = "kstack_lib.any.cal"
    __slots__ = ("__weakref__", "_client")

    def __init__(self, client: Client | Callable[[], Client]) -> None:
        """Resolve with a client, or with the client that a function returns at each call."""
        self._client: Callable[[], Client] = client if callable(client) else lambda: client

    def create_session(
        self, service: str, layer: LayerArgument, environment: str | None = None, provider: str | None = None
    ) -> Any:
        """Make a boto3.Session for a service of a layer.

        Args:
            service: such as "s3".
            layer: such as "layer3".
            environment: None is the detected one.
            provider: None is the one that serves the layer in that environment.

        Raises:
            KStackConfigurationError: boto3 is not installed, the provider is not of AWS's family, the service has no
                endpoint and is not AWS's own, or the provider's keys are missing, invalid, or there twice with
                different values.
            KStackError: as Client.resolve_service.

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
        with self._client().resolve_service(service, layer, environment, provider) as resolved:
            family = resolved.get("family", "aws")
            if family != "aws":
                raise KStackConfigurationError(
                    f"service {service!r} of {layer} is served by provider {resolved.get('provider')!r} of family "
                    f"{family!r}; sessions of boto3 are for the family 'aws'"
                )
            implementation = resolved.get("implementation", "aws")
            if implementation != "aws" and "endpoint_url" not in resolved:
                # boto3 would connect to the public cloud, with credentials that are meant for another place.
                raise KStackConfigurationError(
                    f"service {service!r} of provider {resolved.get('provider')!r} has no endpoint_url, which one "
                    f"of implementation {implementation!r} needs"
                )
            keys = _keys(resolved)
            inner = importlib.import_module(core).get_session(_NO_FILES)
            _ignore_settings(inner, resolved.get("region"))
            if implementation != "aws":
                inner.set_default_client_config(_compatible(service))
            made = kind(botocore_session=inner, region_name=resolved.get("region"), **keys)
            defaults: dict[str, Any] = {}
            if resolved.get("verify_ssl", "true") == "false":
                # Else left out: AWS_CA_BUNDLE may name the certificate authorities.
                defaults["verify"] = False
            if "endpoint_url" in resolved:
                defaults["endpoint_url"] = resolved["endpoint_url"]
            made._kstack_defaults = defaults
            made._kstack_presigned = _presigned_endpoint(resolved)
            return made

    def __repr__(self) -> str:
        return f"<BotoSessionFactory of {self._client()!r}>"


def get_cloud_session_factory() -> CloudSessionFactory:
    """Return the session factory for the project of the working directory."""
    found = default_object()
    factory: CloudSessionFactory = (
        BotoSessionFactory(default_client) if isinstance(found, Client) else found.cloud_session_factory()
    )
    return factory


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
    """Return a subclass of the package's Session whose clients and resources have our defaults."""
    try:
        module = importlib.import_module(package)
    except ImportError as error:
        raise KStackConfigurationError(
            f'the package {package} is not installed, or cannot be used; run: pip install "kstack-lib[{extra}]"'
        ) from error

    class Session(module.Session):  # type: ignore[name-defined, misc]
        """A session for one service."""

        _kstack_defaults: Mapping[str, Any] = {}

        _kstack_presigned: str | None = None

        def client(self, service_name: str, *positional: Any, **arguments: Any) -> Any:
            """Make a client for the session's service."""
            given = {**self._kstack_defaults, **arguments}
            made = super().client(service_name, *positional, **given)
            if self._kstack_presigned is None or "endpoint_url" in arguments:
                return made
            # The host is part of the signature, so another client signs for it.
            signer = super().client(service_name, *positional, **{**given, "endpoint_url": self._kstack_presigned})
            return _presigning(made, signer)

        def resource(self, service_name: str, *positional: Any, **arguments: Any) -> Any:
            """Make a resource for the session's service."""
            return super().resource(service_name, *positional, **{**self._kstack_defaults, **arguments})

    return Session


def _keys(resolved: Credentials) -> dict[str, str | None]:
    """Return the AWS keys among credentials, by the library's rule."""
    with resolved._handle.use() as pointer:
        made = call_object(lib.kstack_credentials_aws_keys, pointer)
    if made is None:
        raise KStackInternalError("the library returned no keys")
    with Credentials._of(made) as keys:
        return {
            "aws_access_key_id": keys["AccessKeyId"],
            "aws_secret_access_key": keys["SecretAccessKey"],
            "aws_session_token": keys.get("SessionToken"),
        }


def _ignore_settings(inner: Any, region: str | None) -> None:
    """Make a botocore session ignore AWS variables and files."""
    store = inner.get_component("config_store")
    defaults = {name: default for name, (_, _, default, _) in dict(inner.session_var_map).items()}
    # Those that are not variables of a session are sections of files, such as that of S3.
    for name in {*defaults, *getattr(store, "_mapping", ())} - {_COUNTS, "region", *_NO_FILES}:
        store.set_config_variable(name, defaults.get(name))
    if region is None:
        store.set_config_variable("region", None)
    store.set_config_variable("ignore_configured_endpoint_urls", True)


def _compatible(service: str) -> Any:
    """Return the settings for a service that has AWS's API and is not AWS."""
    config = importlib.import_module("botocore.config").Config
    settings: dict[str, Any] = {
        "signature_version": "s3v4" if service == "s3" else "v4",
        "s3": {"addressing_style": "path"},
    }
    checksums = {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}
    try:
        return config(**settings, **checksums)
    except TypeError:
        # An older botocore has no such checksums.
        return config(**settings)


def _presigned_endpoint(resolved: Credentials) -> str | None:
    """Return the endpoint of presigned URLs; None where it is that of all other calls."""
    domain = resolved.get("presigned_url_domain")
    if not domain:
        return None
    if "://" in domain:
        return domain
    scheme = resolved.get("endpoint_url", "https://").split("://", 1)[0]
    return f"{scheme}://{domain}"


def _presigning(made: Any, signer: Any) -> Any:
    """Let a client, or an `async with` that returns one, presign with another client."""
    if hasattr(made, "generate_presigned_url"):
        made.generate_presigned_url = signer.generate_presigned_url
        if hasattr(signer, "generate_presigned_post"):
            made.generate_presigned_post = signer.generate_presigned_post
        return made
    return _AsyncClients(made, signer)


class _AsyncClients:
    """Two clients of aioboto3, one of which signs for the other."""

    def __init__(self, made: Any, signer: Any) -> None:
        self._made = made
        self._signer = signer

    async def __aenter__(self) -> Any:
        made = await self._made.__aenter__()
        try:
            signer = await self._signer.__aenter__()
        except BaseException:
            await self._made.__aexit__(None, None, None)
            raise
        return _presigning(made, signer)

    async def __aexit__(self, *failure: Any) -> Any:
        try:
            await self._signer.__aexit__(*failure)
        finally:
            result = await self._made.__aexit__(*failure)
        return result
