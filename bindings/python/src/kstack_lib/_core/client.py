"""The client: one container of the library."""

from __future__ import annotations

import ctypes
import os

from kstack_lib._core.arguments import check_methods
from kstack_lib._core.logs import to_logging, with_level
from kstack_lib._core.lookups import LookUps
from kstack_lib._errors import KStackInternalError, KStackInvalidArgumentError
from kstack_lib._ffi.call import call, call_object, optional_text, path
from kstack_lib._ffi.declarations import Options
from kstack_lib._ffi.handle import shared_lock
from kstack_lib._ffi.library import lib
from kstack_lib._ffi.log import LogTarget, context_of, trampoline
from kstack_lib._ffi.scope import ScopedHandle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kstack_lib._core.protocols import EnvironmentDetector, LogCallable, SecretsProvider
    from kstack_lib._ffi.call import PathArgument

__all__ = ["Client"]


class Client(LookUps):
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

    def _with_overrides(
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


def _working_directory() -> bytes | None:
    """Return the working directory; None if it is gone."""
    try:
        return os.getcwdb()
    except OSError:
        return None
