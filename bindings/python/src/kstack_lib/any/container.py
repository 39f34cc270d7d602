"""The container: everything that look-ups share, wired for where the process runs."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from kstack_lib import _log
from kstack_lib._call import PathArgument, call, call_list, call_object, call_text, optional_text, path, text
from kstack_lib._credentials import Credentials
from kstack_lib._declarations import Options
from kstack_lib._handle import Handle, shared_lock
from kstack_lib._library import lib
from kstack_lib.any._lookups import layer_text
from kstack_lib.any._wiring import Wiring
from kstack_lib.any.exceptions import KStackInternalError, KStackInvalidArgumentError, KStackIOError
from kstack_lib.any.protocols import (
    LayerArgument,
    LogCallable,
)

if TYPE_CHECKING:
    from kstack_lib.local.security import KStackVault

__all__ = ["KStackContainer", "default_container"]


class KStackContainer(Wiring):
    """Everything that look-ups share: the project, its configuration, unlocked identities.

    It may be used from many threads at once. It reads no file until a call needs it, and then notices when files have
    changed since. close() wipes the identities that it unlocked; using it afterwards raises KStackInvalidArgumentError.

    Args:
        project_root: the folder from which `.kstack.yaml` and the vault are looked for, upwards; None is the working
            directory.
        identity_file: a file of age identities, before all other sources of identities.
        passphrase: the passphrase of an encrypted identity file; None is the variable KSTACK_AGE_PASSPHRASE.
        timeout_ms: how long a call to the Kubernetes API server may take; 0 is 5000.
        log: takes a level and a line of the log, which holds no secret; called from the thread of the call that logs.
            None hands lines to the logger "kstack_lib" of `logging`, which is silent until the program configures it.

    Raises:
        KStackInvalidArgumentError: an argument holds a NUL, is not Unicode or is out of range.
        KStackIOError: the project root is no folder that can be opened.

    """

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
        options = Options(struct_size=ctypes.sizeof(Options))
        options.project_root = path(project_root, "project_root")
        options.identity_file = path(identity_file, "identity_file")
        options.passphrase = optional_text(passphrase, "passphrase")
        options.timeout_ms = timeout_ms
        target = _log.LogTarget(_log.to_logging if log is None else log)
        try:
            options.log = _log.trampoline()
            options.log_context = _log.context_of(target)
        except KStackInternalError:
            # Nobody asked for lines of the log, so nothing is missing without them.
            if log is not None:
                raise
        pointer = call_object(lib.kstack_container_new, ctypes.byref(options))
        if pointer is None:
            raise KStackInternalError("the library gave no container")
        # A vault logs to where its container did, and may outlive it: whoever may log keeps the target.
        self._handle = Handle(pointer, lib.kstack_container_free, "container", keep=target)
        self._wire(self._handle)

    def get_credentials(self, service: str, layer: LayerArgument, environment: str | None = None) -> Credentials:
        """Give the credentials of a service.

        Args:
            service: such as "s3".
            layer: such as "layer3".
            environment: None is the one that is detected.

        Raises:
            KStackServiceNotFoundError: there is no such service, or no file of credentials.
            KStackConfigurationError: no environment, no vault, malformed YAML, files not to be trusted; in a pod
                another environment than its own.
            KStackVaultError: no identity fits, or the file is damaged.
            KStackClusterError: the API server could not be reached, or refused.
            KStackInvalidArgumentError: a name is out of grammar.
            KStackIOError: the file system refused.

        """
        return self._lookups.get_credentials(service, layer, environment)

    def load_secrets(self, layer: LayerArgument, environment: str | None = None) -> Credentials:
        """Give all secrets that a layer may see: its own, and those that other layers share with it.

        Args:
            layer: such as "layer3".
            environment: None is the one that is detected.

        Raises:
            KStackServiceNotFoundError: there is none.
            KStackConfigurationError: files contradict one another, hold nested values, are malformed or not to be
                trusted.
            KStackVaultError: no identity fits an own file, or a file is damaged.
            KStackClusterError: in a pod, what the API server answers.
            KStackInvalidArgumentError: a name is out of grammar.
            KStackIOError: the file system refused.

        """
        return self._lookups.load_secrets(layer, environment)

    def resolve_service(
        self,
        service: str,
        layer: LayerArgument,
        environment: str | None = None,
        provider: str | None = None,
    ) -> Credentials:
        """Give endpoint, region and credentials of a service of the cloud provider that serves a layer.

        The names are provider, family, implementation, region, endpoint_url, presigned_url_domain, verify_ssl ("true"
        or "false"), then the credentials, then what else the service's entry holds; what is not configured is left out.

        Args:
            service: such as "s3".
            layer: "layer1" or "layer3"; the others have no cloud services.
            environment: None is the one that is detected.
            provider: None is the one of the configuration; another one needs `allow_provider_override: true` there.

        Raises:
            KStackLayerAccessError: the layer has no cloud services.
            KStackConfigurationError: a file is missing or not as it must be, or the provider may not be named.
            KStackServiceNotFoundError: the provider does not have the service, or there are no credentials for it.
            KStackError: as get_credentials.

        """
        return self._lookups.resolve_service(service, layer, environment, provider)

    def get_active_route(self, layer: LayerArgument) -> str:
        """Give the route that is active for a layer, in its long form, such as "production".

        Raises:
            KStackRouteError: the route that is named is not known.
            KStackConfigurationError: `.kstack.yaml` is malformed or not to be trusted.
            KStackClusterError: in a pod, what the API server answers.

        """
        name = layer_text(layer)
        with self._handle.use() as container:
            return call_text(lib.kstack_get_active_route, container, name) or ""

    def aws_credential_process(self, service: str, layer: LayerArgument, environment: str | None = None) -> str:
        """Give the credentials of a service as the JSON of AWS's `credential_process` convention, which is a secret.

        Raises:
            KStackConfigurationError: the access key or the secret key is missing.
            KStackError: as get_credentials.

        """
        arguments = text(service, "service"), layer_text(layer), self._lookups.environment_text(environment)
        with self._handle.use() as container:
            return call_text(lib.kstack_aws_credential_process, container, *arguments) or ""

    @property
    def environment(self) -> str:
        """The environment that is detected: `environment` of `.kstack.yaml`, or in a pod that of its namespace.

        Raises:
            KStackConfigurationError: there is no `.kstack.yaml`, it names none, is malformed or not to be trusted; or
                the namespace of the pod has another shape than `layer-<number>-<environment>`.

        """
        return self.environment_detector().get_environment()

    @property
    def config_root(self) -> Path | None:
        """The folder that holds `environments/` and `providers/`; None in a pod.

        Raises:
            KStackConfigurationError: there is none.

        """
        return self.environment_detector().get_config_root()

    @property
    def vault_root(self) -> Path | None:
        """The folder of vaults; None in a pod.

        Raises:
            KStackConfigurationError: there is none, or it is not to be trusted.

        """
        return self.environment_detector().get_vault_root()

    def vault(self, environment: str | None = None) -> KStackVault:
        """Open the vault of an environment, by the vault manager; None is the one that is detected.

        Raises:
            KStackEnvironmentError: in a pod.
            KStackConfigurationError: there is no vault, no such environment in it, or it is not to be trusted.

        """
        return self.vault_manager().open(environment)

    def list_environments(self) -> list[str]:
        """Give the environments that have a vault, sorted.

        Raises:
            KStackEnvironmentError: in a pod.
            KStackConfigurationError: there is no vault.

        """
        return self.vault_manager().list_environments()

    def list_services(self, layer: LayerArgument, environment: str | None = None) -> list[str]:
        """Give the services that a layer has credentials for, in the order of the file.

        Raises:
            KStackEnvironmentError: in a pod.
            KStackError: as get_credentials.

        """
        arguments = layer_text(layer), self._lookups.environment_text(environment)
        with self._handle.use() as container:
            return call_list(lib.kstack_list_services, container, *arguments)

    def get_configmap(self, layer: LayerArgument, name: str, key: str) -> str:
        """Give the value of a key of a config map in a layer's namespace.

        Args:
            layer: such as "layer3".
            name: of the config map, such as "kstack-environments".
            key: such as "production.yaml".

        Raises:
            KStackEnvironmentError: outside of a pod.
            KStackServiceNotFoundError: there is no such config map, or no such key in it.
            KStackClusterError: the API server could not be reached, or refused.
            KStackConfigurationError: the namespace of the pod has another shape.
            KStackInvalidArgumentError: a name is out of grammar.

        """
        arguments = layer_text(layer), text(name, "name"), text(key, "key")
        with self._handle.use() as container:
            found = call_text(lib.kstack_configmap_get, container, *arguments)
        if found is None:
            raise KStackInternalError("the library gave no value")
        return found

    def set_active_route(self, layer: LayerArgument, route: str) -> None:
        """Set the route of a layer, in config map `kstack-route` of its namespace, which has to be there.

        Args:
            layer: such as "layer3".
            route: such as "staging".

        Raises:
            KStackEnvironmentError: outside of a pod.
            KStackRouteError: the route is unknown; nothing was sent.
            KStackServiceNotFoundError: there is no such config map.
            KStackClusterError: the API server could not be reached, or refused.
            KStackConfigurationError: the namespace of the pod has another shape.

        """
        arguments = layer_text(layer), text(route, "route")
        with self._handle.use() as container:
            call(lib.kstack_set_active_route, container, *arguments)

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._handle.closed

    def close(self) -> None:
        """Wipe what was unlocked; more than once does nothing. Credentials and vaults that it gave stay good."""
        self._handle.close()
        self._unwire()

    def __enter__(self) -> KStackContainer:
        with self._handle.use():
            return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return repr(self._lookups)


_default: tuple[str, KStackContainer] | None = None


def default_container() -> KStackContainer:
    """Give the container of the working directory, which module functions use; it is kept until that changes.

    One with a provider of the program, or inside of an override(), stays when the working directory changes.

    Raises:
        KStackError: as KStackContainer.
        KStackIOError: there is no working directory any more.

    """
    global _default
    made: tuple[str, KStackContainer] | None = None
    while True:
        with shared_lock:
            kept = _default
            if kept is not None and not kept[1].closed and kept[1]._lookups.is_overridden:
                return kept[1]
            folder = _working_directory()
            if kept is not None and not kept[1].closed and kept[0] == folder:
                return kept[1]
            if made is not None and made[0] == folder:
                # What is replaced goes at the return, outside of the lock.
                _default = made
                return made[1]
        # Outside of the lock: it opens the folder, and a log function may be called. Of two threads one loses its own.
        made = (folder, KStackContainer(project_root=folder or None))


def _working_directory() -> str:
    """Give the working directory; "" in a pod, where it plays no part.

    Raises:
        KStackIOError: it is gone.

    """
    if lib.kstack_is_in_cluster():
        return ""
    try:
        return os.getcwd()
    except OSError as error:
        raise KStackIOError(
            f"the working directory is gone ({error.strerror}, errno {error.errno}): change to one that is there, or "
            "give project_root"
        ) from None
