"""The vault of age-encrypted files."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kstack_lib._core.arguments import layer_text
from kstack_lib._core.client import Client
from kstack_lib._core.default import default_client
from kstack_lib._core.logs import to_logging
from kstack_lib._errors import KStackError, KStackInternalError
from kstack_lib._ffi.call import (
    call,
    call_list,
    call_object,
    call_text,
    error_from,
    optional_text,
    text,
)
from kstack_lib._ffi.declarations import VaultOptions
from kstack_lib._ffi.handle import Owner
from kstack_lib._ffi.library import lib
from kstack_lib._ffi.scope import ScopedHandle
from kstack_lib._values import LogLevel, VaultFileResult, VaultResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kstack_lib._core.container import KStackContainer
    from kstack_lib._core.protocols import LayerArgument
    from kstack_lib._ffi.call import PathArgument

__all__ = ["KStackVault"]

_OVERWRITE = 1
_CHECK = 2
_READABLE, _CURRENT, _POST_QUANTUM = 1, 2, 4
_DECRYPTED, _ENCRYPTED = 0, 1


class KStackVault(Owner):
    """The vault of one environment: age-encrypted files in the folders of the layers.

    It may be used from many threads at once. Everything but close() and repr() raises KStackInvalidArgumentError when
    it is closed.

    Args:
        environment: such as "dev"; None is the detected one.
        container: the KStackContainer or Client whose identities open it; None is that of the working directory. It may
            be closed before the vault.

    Raises:
        KStackConfigurationError: there is no vault, no such environment in it, or it is not trusted.
        KStackInvalidArgumentError: the name is invalid.
        KStackIOError: the file system refused.

    """

    __module__ = "kstack_lib.local.security"

    _handle: ScopedHandle

    def __init__(self, environment: str | None = None, *, container: Client | KStackContainer | None = None) -> None:
        given = default_client() if container is None else container
        client = given if isinstance(given, Client) else given.client()
        name = client._environment_text(environment)
        owner = client._vaults
        # Not from a scope, which ends: the vault's calls have their own.
        with owner.use() as opened:
            pointer = call_object(lib.kstack_vault_open, opened, name)
        if pointer is None:
            raise KStackInternalError("the library returned no vault")
        self._handle = ScopedHandle(pointer, lib.kstack_vault_free, lib.kstack_vault_scope, "vault", keep=owner.keep)

    @property
    def path(self) -> Path:
        """The absolute path of the vault's folder."""
        with self._handle.use() as vault:
            return Path(lib.kstack_vault_path(vault).decode("utf-8"))

    @property
    def environment(self) -> str:
        """The environment of the vault."""
        with self._handle.use() as vault:
            return str(lib.kstack_vault_environment(vault).decode("utf-8"))

    def is_encrypted(self) -> bool:
        """Return whether some encrypted file lacks its plaintext; False for a vault without encrypted files.

        Raises:
            KStackConfigurationError: there is a link in the vault, or files are not trusted.
            KStackIOError: the file system refused.

        """
        out = ctypes.c_bool()
        with self._handle.call() as vault:
            call(lib.kstack_vault_is_encrypted, vault, ctypes.byref(out))
        return out.value

    def decrypt(self, files: Iterable[PathArgument] | None = None, overwrite: bool = False) -> list[VaultFileResult]:
        """Write the plaintext of the vault's files next to them, for the owner only (mode 0600).

        A file that fails does not stop the others. A plaintext that was not edited since it was decrypted is replaced
        by what is newer; an edited one stays and is a conflict.

        Args:
            files: paths relative to the vault such as "layer3/cloud-credentials.yaml", by plaintext name; None is all.
            overwrite: the ciphertext wins over a plaintext that differs, and the edit is lost.

        Returns:
            The result for each file.

        Raises:
            KStackConflictError: a plaintext was edited; it is unchanged.
            KStackError: of the kind of the first file that failed; `report` of the exception has all.

        """
        return self._run(lib.kstack_vault_decrypt, files, None, _OVERWRITE if overwrite else 0)

    def encrypt(
        self, files: Iterable[PathArgument] | None = None, team: str | None = None, overwrite: bool = False
    ) -> list[VaultFileResult]:
        """Encrypt the vault's plaintext files for a team, and remove them.

        A file that fails does not stop the others. A plaintext that was not edited since it was decrypted is only
        removed: its encrypted form stays, even one that a colleague made since. What was written is read back whole
        before a plaintext goes. Where both forms changed, both stay and that is a conflict.

        Args:
            files: paths relative to the vault such as "layer3/cloud-credentials.yaml", by plaintext name; None is all.
            team: who can read the files: the lines of `.recipients/<team>.txt` of the environment, else of the folder
                of vaults. None is `team` of `.kstack.yaml`, else "dev".
            overwrite: the plaintext wins over a ciphertext that somebody else changed, and that change is lost.

        Returns:
            The result for each file.

        Raises:
            KStackConflictError: both forms of a file changed; both are unchanged.
            KStackConfigurationError: the team has no recipients, or a file was written for another team.
            KStackVaultError: none of your own identities could read the result.
            KStackError: of the kind of the first file that failed; `report` of the exception has all.

        """
        return self._run(lib.kstack_vault_encrypt, files, optional_text(team, "team"), _OVERWRITE if overwrite else 0)

    @contextlib.contextmanager
    def decrypted(
        self, files: Iterable[PathArgument] | None = None, team: str | None = None, overwrite: bool = False
    ) -> Iterator[Path]:
        """Decrypt the vault's files for a `with` block, and encrypt them at its end, also after an exception.

        The block gets the vault's folder. Where a file cannot be decrypted, the block does not run, and what was
        decrypted is encrypted again.

        Args:
            files: as for decrypt() and encrypt().
            team: as for encrypt().
            overwrite: as for decrypt().

        Raises:
            KStackError: a file could not be decrypted, or could not be encrypted at the end; `report` of the exception
                names it. After an exception of the block that one is raised; a note on it (Python 3.11 or later) and
                a warning of the logger "kstack_lib" report the failure.

        """
        chosen = None if files is None else list(files)
        try:
            self.decrypt(chosen, overwrite)
        except KStackError as error:
            # Only what this call wrote: earlier plaintexts stay as they are.
            written = [file.path for file in error.report if file.result is VaultResult.WRITTEN]
            self._encrypt_after(error, written, team)
            raise
        try:
            yield self.path
        except BaseException as error:
            self._encrypt_after(error, chosen, team)
            raise
        self.encrypt(chosen, team)

    def _encrypt_after(self, error: BaseException, files: Iterable[PathArgument] | None, team: str | None) -> None:
        """Encrypt while an exception propagates, which then also reports a failure of this."""
        try:
            self.encrypt(files, team)
        except KStackError as failure:
            message = f"the vault could not be encrypted again: {failure}"
            if hasattr(error, "add_note"):
                error.add_note(message)
            to_logging(LogLevel.WARNING, message)

    def rekey(
        self, files: Iterable[PathArgument] | None = None, team: str | None = None, check: bool = False
    ) -> list[VaultFileResult]:
        """Re-encrypt every file that is written for other recipients than its team has now.

        From ciphertext to ciphertext, in memory. Plaintexts are not touched, and nobody gets a conflict because
        somebody else rekeyed. Whoever could read a file before can still read what git has of it: change the secrets
        that they knew.

        Args:
            files: paths relative to the vault such as "layer3/cloud-credentials.yaml", by plaintext name; None is all.
            team: the team of files that name none themselves, as those of other programs. None is as for encrypt().
            check: nothing is written, and a file that would be is VaultResult.STALE.

        Returns:
            The result for each file.

        Raises:
            KStackVaultError: none of your own identities opens a file, or could read the result.
            KStackConfigurationError: a team has no recipients.
            KStackError: of the kind of the first file that failed; `report` of the exception has all.

        """
        return self._run(lib.kstack_vault_rekey, files, optional_text(team, "team"), _CHECK if check else 0)

    def status(self, files: Iterable[PathArgument] | None = None, team: str | None = None) -> list[VaultFileResult]:
        """Return in which forms each file exists, and who can read it; nothing is changed.

        The results are ENCRYPTED, DECRYPTED, EDITED, IN_CLEAR and CONFLICT. No identity is needed: without one no file
        is `readable`.

        Args:
            files: paths relative to the vault such as "layer3/cloud-credentials.yaml", by plaintext name; None is all.
            team: the team of files that name none themselves, as those of other programs. None is as for encrypt().

        Raises:
            KStackError: of the kind of the first file that cannot be checked; `report` of the exception has all.

        """
        return self._run(lib.kstack_vault_status, files, optional_text(team, "team"), 0)

    def _run(
        self, function: Any, files: Iterable[PathArgument] | None, team: bytes | None, flags: int
    ) -> list[VaultFileResult]:
        """Run over the vault, and return the result for each file."""
        options = VaultOptions(struct_size=ctypes.sizeof(VaultOptions), team=team, flags=flags)
        if files is not None:
            if isinstance(files, (str, bytes, os.PathLike)):
                raise TypeError('files must be a list of paths, such as ["layer3/app.yaml"]')
            paths = [text(os.fspath(one), "a path of files") for one in files]
            if not paths:
                # No files are wanted; to the library no paths could mean all.
                with self._handle.use():
                    return []
            options.files = (ctypes.c_char_p * len(paths))(*paths)
            options.file_count = len(paths)
        report = ctypes.c_void_p()
        error = ctypes.c_void_p()
        with self._handle.call() as vault:
            try:
                status = function(vault, ctypes.byref(options), ctypes.byref(report), ctypes.byref(error))
                results = [_file_result(report, index) for index in range(lib.kstack_vault_report_count(report))]
            finally:
                lib.kstack_vault_report_free(report)
        if status != 0:
            failure = error_from(status, error)
            failure.report = results
            raise failure
        return results

    def read(self, layer: LayerArgument, filename: str) -> bytes:
        """Decrypt one file in memory; nothing is written.

        Args:
            layer: such as "layer3".
            filename: the plaintext name, such as "cloud-credentials.yaml"; what is read is `secret.<filename>`.

        Raises:
            KStackServiceNotFoundError: there is no such file.
            KStackVaultError: no identity fits, or the file is damaged.
            KStackConfigurationError: it is not trusted, or more than 64 MiB.
            KStackIOError: the file system refused.

        """
        arguments = layer_text(layer), text(filename, "filename")
        with self._handle.call() as vault:
            secret = call_object(lib.kstack_vault_read, vault, *arguments)
            try:
                data = lib.kstack_secret_data(secret)
                return ctypes.string_at(data, lib.kstack_secret_size(secret)) if data else b""
            finally:
                lib.kstack_secret_free(secret)

    def write(self, layer: LayerArgument, filename: str, data: bytes | bytearray, team: str | None = None) -> None:
        """Encrypt one file from memory; no plaintext touches the disk.

        It replaces the encrypted file of that name; a plaintext next to it stays as it is.

        Args:
            layer: such as "layer3"; its folder is created if it is missing.
            filename: the plaintext name, such as "cloud-credentials.yaml"; what is written is `secret.<filename>`.
            data: the content; a bytearray can be wiped afterwards.
            team: who can read the file, as for encrypt().

        Raises:
            KStackConfigurationError: the team has no recipients, or the file was written for another team.
            KStackVaultError: none of your own identities could read the result.
            KStackConflictError: the file changed meanwhile.
            KStackIOError: the file system refused.

        """
        if not isinstance(data, (bytes, bytearray)):
            raise TypeError(f"data must be bytes or bytearray, not {type(data).__name__}")
        arguments = layer_text(layer), text(filename, "filename")
        name = optional_text(team, "team")
        # Neither is copied.
        content = data if isinstance(data, bytes) else (ctypes.c_char * len(data)).from_buffer(data)
        with self._handle.call() as vault:
            call(lib.kstack_vault_write, vault, *arguments, content, len(data), name)

    def get_file(self, layer: LayerArgument, filename: str) -> Path:
        """Return the absolute path of a decrypted file.

        Raises:
            KStackServiceNotFoundError: there is no such file, or only its encrypted form, and then the message says so.
            KStackConfigurationError: it is not trusted.
            KStackIOError: the file system refused.

        """
        arguments = layer_text(layer), text(filename, "filename")
        with self._handle.call() as vault:
            found = call_text(lib.kstack_vault_get_file, vault, *arguments)
        if found is None:
            raise KStackInternalError("the library returned no path")
        return Path(found)

    def list_files(self, layer: LayerArgument | None = None, encrypted: bool = False) -> list[str]:
        """Return the plaintext or the encrypted files, as sorted paths relative to the vault; None is all layers.

        Raises:
            KStackConfigurationError: there is a link in the vault, or files are not trusted.
            KStackIOError: the file system refused.

        """
        name = None if layer is None else layer_text(layer)
        with self._handle.call() as vault:
            return call_list(lib.kstack_vault_list, vault, name, _ENCRYPTED if encrypted else _DECRYPTED)

    def close(self) -> None:
        """Close it; a second call does nothing. Nothing in the file system changes."""
        self._handle.close()

    def __repr__(self) -> str:
        if self.closed:
            return "<KStackVault closed>"
        return f"<KStackVault {self.environment!r} at {str(self.path)!r}>"


def _file_result(report: ctypes.c_void_p, index: int) -> VaultFileResult:
    flags = lib.kstack_vault_report_flags(report, index)
    return VaultFileResult(
        lib.kstack_vault_report_path(report, index).decode("utf-8"),
        VaultResult(lib.kstack_vault_report_result(report, index)),
        lib.kstack_vault_report_message(report, index).decode("utf-8", "replace"),
        bool(flags & _READABLE),
        bool(flags & _CURRENT),
        bool(flags & _POST_QUANTUM),
    )
