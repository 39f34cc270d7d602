"""The client: look-ups in one container of the library."""

from __future__ import annotations

import ctypes
import os

from kstack_lib._core.arguments import check_methods, layer_text
from kstack_lib._core.credentials import Credentials
from kstack_lib._core.logs import to_logging, with_level
from kstack_lib._errors import KStackInternalError, KStackInvalidArgumentError
from kstack_lib._ffi.call import call, call_list, call_object, call_text, optional_text, path, text
from kstack_lib._ffi.declarations import Options
from kstack_lib._ffi.handle import Owner, shared_lock
from kstack_lib._ffi.library import lib
from kstack_lib._ffi.log import LogTarget, context_of, trampoline
from kstack_lib._ffi.scope import ScopedHandle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, Callable

    from kstack_lib._core.protocols import EnvironmentDetector, LayerArgument, LogCallable, SecretsProvider
    from kstack_lib._ffi.call import PathArgument

__all__ = ["Client"]


class Client(Owner):
    """Look-ups, and what they share: the project, its configuration, unlocked identities.

    It may be used from many threads at once. It reads no file until a call needs it, and notices later changes.
    close() wipes the identities that it unlocked; using it afterwards raises KStackInvalidArgumentError.

    Args:
        project_root: the folder where the search for `.kstack.yaml` and the vault begins, upwards; None is the working
            directory.
        identity_file: a file of age identities, which comes before all other sources of identities.
        passphrase: the passphrase of an encrypted identity file; None is the variable KSTACK_AGE_PASSPHRASE.
        timeout_ms: how long a call to the Kubernetes API server may take; 0 is 5000.
        log: takes a level and a log line, which holds no secret; called on the thread of the call that logs. None
            passes lines to the logger "kstack_lib" of `logging`, which is silent until the program configures it.

    Raises:
        KStackInvalidArgumentError: an argument has a NUL character, is not Unicode or is out of range.
        KStackIOError: the project root is not a folder that can be opened.

    """

    __module__ = "kstack_lib.any"
    _handle: ScopedHandle

    __slots__ = ("__weakref__", "_detector", "_handle", "_log", "_override", "_root", "_timeout", "_vaults")

    def __init__(
        self,
        project_root: PathArgument | None = None,
        identity_file: PathArgument | None = None,
        passphrase: str | None = None,
        timeout_ms: int = 0,
        log: LogCallable | None = None,
    ) -> None:
        if not 0 <= timeout_ms <= 0xFFFFFFFF:
            raise KStackInvalidArgumentError("timeout_ms must be from 0 to 4294967295")
        target = LogTarget(to_logging if log is None else with_level(log))
        self._log: LogTarget | None = target
        try:
            trampoline()
        except KStackInternalError:
            # Nobody asked for log lines, so nothing is missing without them.
            if log is not None:
                raise
            self._log = None
        self._root = path(project_root, "project_root")
        self._timeout = timeout_ms
        self._detector: EnvironmentDetector | None = None
        self._override: tuple[SecretsProvider | None, EnvironmentDetector | None, Client] | None = None
        self._handle = self._open(path(identity_file, "identity_file"), optional_text(passphrase, "passphrase"))
        if self._root is None:
            self._root = _working_directory()
        #: Opens vaults with the library's own secrets, even where `_handle` asks a provider of the program.
        self._vaults = self._handle

    def _open(self, identity_file: bytes | None = None, passphrase: bytes | None = None) -> ScopedHandle:
        """Make a container of the library."""
        options = Options(struct_size=ctypes.sizeof(Options))
        options.project_root = self._root
        options.identity_file = identity_file
        options.passphrase = passphrase
        options.timeout_ms = self._timeout
        if self._log is not None:
            options.log = trampoline()
            options.log_context = context_of(self._log)
        pointer = call_object(lib.kstack_container_new, ctypes.byref(options))
        if pointer is None:
            raise KStackInternalError("the library returned no container")
        # A vault logs to its container's target, and may outlive it: whatever may log keeps the target alive.
        return ScopedHandle(pointer, lib.kstack_container_free, lib.kstack_container_scope, "container", keep=self._log)

    def with_overrides(
        self, secrets_provider: SecretsProvider | None, environment_detector: EnvironmentDetector | None
    ) -> Client:
        """Return a client of the same project that asks these parts instead; vaults are opened as before.

        The same arguments as last time return the same client.

        Raises:
            TypeError: one lacks a method of its protocol, or is a class.

        """
        if secrets_provider is None and environment_detector is None:
            self._override = None
            return self
        kept = self._override
        if kept is not None and kept[0] is secrets_provider and kept[1] is environment_detector:
            return kept[2]
        if environment_detector is not None:
            check_methods(environment_detector, "an environment detector", "get_environment")
        made = Client.__new__(Client)
        made._log, made._root, made._timeout, made._vaults = self._log, self._root, self._timeout, self._vaults
        made._override = None
        made._detector = environment_detector
        made._handle = self._handle
        if secrets_provider is not None:
            with self._handle.use():
                made._handle = self._open()
            made.set_secrets_provider(secrets_provider)
        self._override = (secrets_provider, environment_detector, made)
        return made

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

    def set_secrets_provider(self, provider: SecretsProvider | None) -> None:
        """Let a provider of the program answer look-ups, in any context; None restores the library's own.

        Every look-up of this client asks it, from any thread; running look-ups keep the provider that they
        began with. A provider with a method `load_secrets` answers for the secrets of layers, too; with any other they
        are not found. See SecretsProvider about exceptions. Vaults do not ask it.

        The library holds the provider until it is replaced or the client is closed, where Python's garbage collector
        does not see it: a provider that refers to its client keeps both alive until then, so close() that client.

        Raises:
            TypeError: it has no method get_credentials, or is a class.

        """
        if provider is None:
            with shared_lock, self._handle.use() as container:
                call(lib.kstack_container_set_secrets_provider, container, None)
            return
        check_methods(provider, "a secrets provider", "get_credentials")
        # Imported here: few processes have a provider of their own.
        from kstack_lib._core.callbacks import forget, functions_of

        functions = functions_of(provider)
        try:
            with shared_lock, self._handle.use() as container:
                call(lib.kstack_container_set_secrets_provider, container, ctypes.byref(functions))
        except BaseException:
            forget(functions)
            raise

    def close(self) -> None:
        """Wipe the unlocked identities; a second call does nothing. Credentials and vaults stay valid."""
        self._handle.close()
        override, self._override = self._override, None
        if override is not None and override[2]._handle is not self._handle:
            override[2].close()

    def __repr__(self) -> str:
        return f"<Client{' closed' if self.closed else ''}>"

    def __reduce__(self) -> str:
        raise TypeError("a client cannot be copied or pickled")

    def environment_of(self, environment: str | None) -> str | None:
        """Return the environment of a call; None leaves its detection to the library."""
        if environment is None and self._detector is not None:
            return self._detector.get_environment()
        return environment

    def _environment_text(self, environment: str | None) -> bytes | None:
        return optional_text(self.environment_of(environment), "environment")

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


def _working_directory() -> bytes | None:
    """Return the working directory; None if it is gone."""
    try:
        return os.getcwdb()
    except OSError:
        return None
