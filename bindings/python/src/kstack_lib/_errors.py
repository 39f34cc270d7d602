"""What kstack raises. Messages say what was looked for, where, and what to do next, and never hold a secret."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from kstack_lib._values import StatusCode, VaultFileResult

__all__ = [
    "KStackCancelledError",
    "KStackClusterError",
    "KStackConfigurationError",
    "KStackConflictError",
    "KStackEnvironmentError",
    "KStackError",
    "KStackIOError",
    "KStackInternalError",
    "KStackInvalidArgumentError",
    "KStackLayerAccessError",
    "KStackRouteError",
    "KStackServiceNotFoundError",
    "KStackTimeoutError",
    "KStackVaultError",
]


class KStackError(Exception):
    """Any failure of kstack; directly used for a kind that this version does not know.

    Attributes:
        code: the number of the failure, a StatusCode; a plain int where this version does not know it.
        retryable: whether the same call may succeed a little later.
        report: the result for each file, where a run over a vault failed; else empty.

    """

    __module__ = "kstack_lib.any.exceptions"

    _default_code: ClassVar[int] = 10

    def __init__(self, message: str = "", code: int | None = None, retryable: bool = False) -> None:
        super().__init__(message)
        self._code = self._default_code if code is None else int(code)
        self.retryable: bool = retryable
        self.report: list[VaultFileResult] = []

    @property
    def code(self) -> StatusCode | int:
        """The number of the failure."""
        # Enumerations take as long to load as the rest of a look-up, so they are loaded on first use.
        from kstack_lib._values import StatusCode

        try:
            return StatusCode(self._code)
        except ValueError:
            return self._code

    def __str__(self) -> str:
        # Not left to the other base: a KeyError would show the message's repr.
        return str(self.args[0]) if self.args else ""


class KStackInvalidArgumentError(KStackError, ValueError):
    """An argument is invalid or not UTF-8, or an object was used after it was closed."""

    __module__ = "kstack_lib.any.exceptions"

    _default_code = 1


class KStackEnvironmentError(KStackError):
    """Wrong context: local code in a pod, or cluster code outside of one."""

    __module__ = "kstack_lib.any.exceptions"

    _default_code = 2


class KStackConfigurationError(KStackError):
    """Configuration is missing, malformed or not trusted, or environments do not match."""

    __module__ = "kstack_lib.any.exceptions"

    _default_code = 3


class KStackServiceNotFoundError(KStackError, KeyError):
    """No such credentials file, service, secret or config map."""

    __module__ = "kstack_lib.any.exceptions"

    _default_code = 4


class KStackLayerAccessError(KStackError):
    """The layer may not have what was asked for."""

    __module__ = "kstack_lib.any.exceptions"

    _default_code = 5


class KStackRouteError(KStackError):
    """The route is unknown."""

    __module__ = "kstack_lib.any.exceptions"

    _default_code = 6


class KStackVaultError(KStackError):
    """No identity fits, or the ciphertext is damaged or forged."""

    __module__ = "kstack_lib.any.exceptions"

    _default_code = 7


class KStackClusterError(KStackError):
    """The Kubernetes API server could not be reached, or refused the request."""

    __module__ = "kstack_lib.any.exceptions"

    _default_code = 8


class KStackIOError(KStackError, OSError):
    """A file could not be read or written; the message names the path and the reason.

    `errno` and `filename` are those of OSError, where a system call on a file failed; else None. `filename` is None,
    too, where it may be, or holds, a secret.
    """

    __module__ = "kstack_lib.any.exceptions"

    _default_code = 9

    def __init__(
        self,
        message: str = "",
        code: int | None = None,
        retryable: bool = False,
        errno: int | None = None,
        filename: str | None = None,
    ) -> None:
        super().__init__(message, code, retryable)
        self.errno = errno
        self.filename = filename

    def __reduce__(self) -> tuple[object, ...]:
        # OSError keeps both outside of the dictionary, and would pass them on only if they were its arguments.
        return type(self), self.args, {**self.__dict__, "errno": self.errno, "filename": self.filename}


class KStackInternalError(KStackError):
    """A defect in the library, or no memory."""

    __module__ = "kstack_lib.any.exceptions"

    _default_code = 10


class KStackConflictError(KStackError):
    """Both a plaintext and its ciphertext changed; nothing was written."""

    __module__ = "kstack_lib.any.exceptions"

    _default_code = 11


class KStackTimeoutError(KStackClusterError, TimeoutError):
    """The time for the API server, a vault's lock or the call's scope ran out; a retry may help."""

    __module__ = "kstack_lib.any.exceptions"

    _default_code = 12


class KStackCancelledError(KStackError):
    """The scope of the call was cancelled."""

    __module__ = "kstack_lib.any.exceptions"

    _default_code = 13


_BY_CODE: dict[int, type[KStackError]] = {
    kind._default_code: kind
    for kind in (
        KStackInvalidArgumentError,
        KStackEnvironmentError,
        KStackConfigurationError,
        KStackServiceNotFoundError,
        KStackLayerAccessError,
        KStackRouteError,
        KStackVaultError,
        KStackClusterError,
        KStackIOError,
        KStackInternalError,
        KStackConflictError,
        KStackTimeoutError,
        KStackCancelledError,
    )
}


def exception_for(code: int, message: str, retryable: bool) -> KStackError:
    """Make the exception for a status; for an unknown one it is a plain KStackError."""
    return _BY_CODE.get(code, KStackError)(message, code, retryable)
