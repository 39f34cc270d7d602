"""Finds and loads libkstack, and checks that this package can use it."""

from __future__ import annotations

import ctypes
import os
from _ctypes import dlsym

from kstack_lib import __version__
from kstack_lib._ffi.declarations import ABI_VERSION, FUNCTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAME = "libkstack.so.0"


# The glibc that the library needs; older systems cannot load it.
GLIBC = (2, 34)


def _numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, for comparing."""
    # Without re, which nothing else needs at start.
    digits = "".join(character if character in "0123456789" else " " for character in version)
    return tuple(int(part) for part in digits.split()[:3])


def _unfit_system() -> str:
    """Return why the library cannot be loaded on this system; "" if there is no known reason."""
    needs = f"libkstack needs glibc {GLIBC[0]}.{GLIBC[1]} or later, and this system has"
    try:
        found = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (OSError, ValueError):
        return f"{needs} another C library, such as musl"
    return f"{needs} {found}" if _numbers(found)[:2] < GLIBC else ""


class Library(ctypes.CDLL):
    """The library, whose functions have their types; most programs use a few of them."""

    def __getattr__(self, name: str) -> Any:
        """Make a function at its first use."""
        if name not in FUNCTIONS:
            raise AttributeError(name)
        function = self[name]
        function.restype, function.argtypes = FUNCTIONS[name]
        # Not before: another thread would call it without types.
        setattr(self, name, function)
        return function

    def has(self, name: str) -> bool:
        """Return whether it has a function."""
        try:
            return dlsym(self._handle, name) != 0
        except OSError:
            return False


def _check(library: Library) -> None:
    """Raise ImportError for another ABI, an older version or missing functions."""
    missing = [name for name in FUNCTIONS if not library.has(name)]
    version = ""
    if "kstack_version" not in missing:
        version = library.kstack_version().decode("ascii", "replace")
    found = f"version {version}" if version else "another library"
    wanted = f"this package, version {__version__}"
    advice = "install both in one version"
    if "kstack_abi_version" not in missing:
        # The ABI first: it explains missing functions.
        abi = library.kstack_abi_version()
        if abi != ABI_VERSION:
            raise ImportError(f"it is {found} with ABI version {abi}, and {wanted}, needs {ABI_VERSION}; {advice}")
    if missing:
        raise ImportError(f"it is {found}, which lacks {len(missing)} of the functions that {wanted}, needs; {advice}")
    if _numbers(version) < _numbers(__version__):
        raise ImportError(f"it is {found}, which is older than {wanted}; {advice}")


def load() -> Library:
    """Load the library named by KSTACK_LIBRARY, else the one inside the package, else the loader's.

    Raises:
        ImportError: none of them can be used; the message lists each place and why.

    """
    named = os.environ.get("KSTACK_LIBRARY")
    beside = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), NAME)
    # A library that was named is used, or is an error; another one never replaces it.
    places = (
        [(named, "KSTACK_LIBRARY")]
        if named
        else [(beside, "inside the package"), (NAME, "where the loader of the system looks")]
    )
    tried = []
    for path, origin in places:
        try:
            library = Library(path)
            _check(library)
        except (OSError, ImportError) as error:
            if named and not (named.endswith(".so") or ".so." in named):
                # It may be a secret in place of a path.
                tried.append(
                    f"  {origin} ({len(named)} characters) names no shared library: such a file is called *.so"
                )
            else:
                tried.append(f"  {path} ({origin}): {error}")
        else:
            return library
    unfit = _unfit_system()
    if unfit:
        raise ImportError(unfit)
    hint = "" if named else "\n  KSTACK_LIBRARY is not set; it may hold the path of the library"
    raise ImportError("libkstack could not be loaded; tried:\n" + "\n".join(tried) + hint)


lib = load()
