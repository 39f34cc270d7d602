"""Passes log lines to `logging`, or to a function of the program."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from kstack_lib._core.protocols import LogCallable

# LogLevel's numbers; an unknown level counts as a warning.
_LEVEL_NAMES = {0: "DEBUG", 1: "INFO"}

_is_silent_by_default = False


def to_logging(level: int, line: str) -> None:
    """Pass a line to the logger "kstack_lib"."""
    global _is_silent_by_default
    # Imported here: most processes never log a line, and `logging` takes longer to load than a look-up.
    import logging

    logger = logging.getLogger("kstack_lib")
    if not _is_silent_by_default:
        # Without configuration, nothing is shown.
        logger.addHandler(logging.NullHandler())
        _is_silent_by_default = True
    logger.log(getattr(logging, _LEVEL_NAMES.get(level, "WARNING")), "%s", line)


def with_level(function: LogCallable) -> Callable[[int, str], object]:
    """Wrap a function of the program, which takes a LogLevel."""
    from kstack_lib._values import LogLevel

    def receive(level: int, line: str) -> object:
        try:
            known = LogLevel(level)
        except ValueError:
            # A newer library may have more levels.
            known = LogLevel.WARNING
        return function(known, line)

    return receive
