"""The look-ups of a client, which a container has, too."""

from __future__ import annotations

from kstack_lib._core.arguments import layer_text
from kstack_lib._core.credentials import Credentials
from kstack_lib._errors import KStackInternalError
from kstack_lib._ffi.call import call, call_list, call_object, call_text, optional_text, text
from kstack_lib._ffi.handle import Owner
from kstack_lib._ffi.library import lib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, Callable

    from kstack_lib._core.protocols import EnvironmentDetector, LayerArgument
    from kstack_lib._ffi.scope import ScopedHandle


class LookUps(Owner):
    """What is asked of a client or a container. Every public name here exists on both at run time."""

    __slots__ = ()

    _handle: ScopedHandle
    #: Opens vaults with the library's own secrets, even where `_handle` asks a provider of the program.
    _vaults: ScopedHandle
    _detector: EnvironmentDetector | None

    def get_credentials(self, service: str, layer: LayerArgument, environment: str | None = None) -> Credentials:
        """Return the credentials of a service.

        Args:
            service: such as "s3".
            layer: such as "layer3".
            environment: None is the detected one.

        Raises:
            KStackServiceNotFoundError: no such service, or no credentials file.
            KStackConfigurationError: no environment, no vault, malformed YAML, untrusted files; in a pod, an
                environment that is not its own.
            KStackVaultError: no identity fits, or the file is damaged.
            KStackClusterError: the API server could not be reached, or refused the request.
            KStackInvalidArgumentError: a name is invalid.
            KStackIOError: a file could not be read.

        """
        arguments = text(service, "service"), layer_text(layer), self._environment_text(environment)
        return self._credentials(lib.kstack_get_credentials, *arguments)

    def load_secrets(self, layer: LayerArgument, environment: str | None = None) -> Credentials:
        """Return all secrets that a layer may see: its own, and those that other layers share with it.

        Args:
            layer: such as "layer3".
            environment: None is the detected one.

        Raises:
            KStackServiceNotFoundError: there are none.
            KStackConfigurationError: files contradict one another, hold nested values, are malformed or untrusted.
            KStackVaultError: no identity opens one of the layer's own files, or a file is damaged.
            KStackClusterError: in a pod, the API server could not be reached, or refused the request.
            KStackInvalidArgumentError: a name is invalid.
            KStackIOError: a file could not be read.

        """
        arguments = layer_text(layer), self._environment_text(environment)
        return self._credentials(lib.kstack_load_secrets, *arguments)

    def resolve_service(
        self,
        service: str,
        layer: LayerArgument,
        environment: str | None = None,
        provider: str | None = None,
    ) -> Credentials:
        """Return endpoint, region and credentials of a service of the cloud provider that serves a layer.

        The names are provider, family, implementation, region, endpoint_url, presigned_url_domain, verify_ssl ("true"
        or "false"), then the credentials, then what else the service's entry holds; what is not configured is left out.

        Args:
            service: such as "s3".
            layer: "layer1" or "layer3"; the others have no cloud services.
            environment: None is the detected one.
            provider: None is the configured one; any other needs `allow_provider_override: true` there.

        Raises:
            KStackLayerAccessError: the layer has no cloud services.
            KStackConfigurationError: a file is missing or invalid, or another provider is not allowed.
            KStackServiceNotFoundError: the provider does not have the service, or there are no credentials for it.
            KStackError: as get_credentials.

        """
        arguments = text(service, "service"), layer_text(layer), self._environment_text(environment)
        return self._credentials(lib.kstack_resolve_service, *arguments, optional_text(provider, "provider"))

    def get_active_route(self, layer: LayerArgument) -> str:
        """Return the active route of a layer, in its long form, such as "production".

        Raises:
            KStackRouteError: the route is unknown.
            KStackConfigurationError: `.kstack.yaml` is malformed or untrusted.
            KStackClusterError: in a pod, the API server could not be reached, or refused the request.

        """
        name = layer_text(layer)
        with self._handle.call() as container:
            return call_text(lib.kstack_get_active_route, container, name) or ""

    def aws_credential_process(self, service: str, layer: LayerArgument, environment: str | None = None) -> str:
        """Return the credentials of a service as the JSON of AWS's `credential_process`, which is a secret.

        Raises:
            KStackConfigurationError: the access key or the secret key is missing.
            KStackError: as get_credentials.

        """
        arguments = text(service, "service"), layer_text(layer), self._environment_text(environment)
        with self._handle.call() as container:
            return call_text(lib.kstack_aws_credential_process, container, *arguments) or ""

    @property
    def environment(self) -> str:
        """The detected environment: `environment` of `.kstack.yaml`, or in a pod that of its namespace.

        Raises:
            KStackConfigurationError: there is no `.kstack.yaml`, it names none, is malformed or untrusted; or the
                namespace of the pod is not `layer-<number>-<environment>`.

        """
        if self._detector is not None:
            return self._detector.get_environment()
        with self._handle.call() as container:
            return call_text(lib.kstack_get_environment, container) or ""

    @property
    def config_root(self) -> Path | None:
        """The folder that holds `environments/` and `providers/`; None in a pod.

        Raises:
            KStackConfigurationError: there is none.

        """
        if self._detector is not None:
            return self._detector.get_config_root()
        return self._folder(lib.kstack_get_config_root)

    @property
    def vault_root(self) -> Path | None:
        """The folder of vaults; None in a pod.

        Raises:
            KStackConfigurationError: there is none, or it is not trusted.

        """
        if self._detector is not None:
            return self._detector.get_vault_root()
        return self._folder(lib.kstack_get_vault_root)

    def list_environments(self) -> list[str]:
        """Return the environments that have a vault, sorted.

        Raises:
            KStackEnvironmentError: in a pod.
            KStackConfigurationError: there is no vault.

        """
        with self._vaults.call() as container:
            return call_list(lib.kstack_list_environments, container)

    def list_services(self, layer: LayerArgument, environment: str | None = None) -> list[str]:
        """Return the services that a layer has credentials for, in the order of the file.

        Raises:
            KStackEnvironmentError: in a pod.
            KStackError: as get_credentials.

        """
        arguments = layer_text(layer), self._environment_text(environment)
        with self._vaults.call() as container:
            return call_list(lib.kstack_list_services, container, *arguments)

    def get_configmap(self, layer: LayerArgument, name: str, key: str) -> str:
        """Return the value of a key of a config map in a layer's namespace.

        Args:
            layer: such as "layer3".
            name: of the config map, such as "kstack-environments".
            key: such as "production.yaml".

        Raises:
            KStackEnvironmentError: outside a pod.
            KStackServiceNotFoundError: there is no such config map, or no such key in it.
            KStackClusterError: the API server could not be reached, or refused the request.
            KStackConfigurationError: the namespace of the pod is not `layer-<number>-<environment>`.
            KStackInvalidArgumentError: a name is invalid.

        """
        arguments = layer_text(layer), text(name, "name"), text(key, "key")
        with self._handle.call() as container:
            found = call_text(lib.kstack_configmap_get, container, *arguments)
        if found is None:
            raise KStackInternalError("the library returned no value")
        return found

    def set_active_route(self, layer: LayerArgument, route: str) -> None:
        """Set the route of a layer, in the config map `kstack-route` of its namespace, which must exist.

        Args:
            layer: such as "layer3".
            route: such as "staging".

        Raises:
            KStackEnvironmentError: outside a pod.
            KStackRouteError: the route is unknown; nothing was sent.
            KStackServiceNotFoundError: there is no such config map.
            KStackClusterError: the API server could not be reached, or refused the request.
            KStackConfigurationError: the namespace of the pod is not `layer-<number>-<environment>`.

        """
        arguments = layer_text(layer), text(route, "route")
        with self._handle.call() as container:
            call(lib.kstack_set_active_route, container, *arguments)

    def _environment_of(self, environment: str | None) -> str | None:
        """Return the environment of a call; None leaves its detection to the library."""
        if environment is None and self._detector is not None:
            return self._detector.get_environment()
        return environment

    def _environment_text(self, environment: str | None) -> bytes | None:
        return optional_text(self._environment_of(environment), "environment")

    def _credentials(self, function: Callable[..., Any], *arguments: bytes | None) -> Credentials:
        with self._handle.call() as container:
            pointer = call_object(function, container, *arguments)
            if pointer is None:
                raise KStackInternalError("the library returned no credentials")
            return Credentials._of(pointer)

    def _folder(self, function: Callable[..., Any]) -> Path | None:
        from pathlib import Path

        with self._handle.call() as container:
            found = call_text(function, container)
        return None if found is None else Path(found)
