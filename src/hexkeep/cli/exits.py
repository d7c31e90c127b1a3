"""Exit codes: what a script can tell from the end of a command."""

import enum

from hexkeep.bootstrap.errors import ConfigurationError
from hexkeep.core.kernel.errors import HexkeepError, Unavailable


class Exit(enum.IntEnum):
    """How a command ended."""

    OK = 0
    FAILED = 1
    """The request was refused; the error's code says why."""
    USAGE = 2
    """The command line is wrong."""
    CONFIGURATION = 3
    """Settings, plugins or adapters do not fit."""
    UNAVAILABLE = 4
    """The storage or the server does not answer; the same command may succeed later."""


def exit_of(error: HexkeepError) -> Exit:
    """The exit code for an error."""
    if isinstance(error, ConfigurationError):
        return Exit.CONFIGURATION
    return Exit.UNAVAILABLE if isinstance(error, Unavailable) else Exit.FAILED
