"""Functions for the kit of ``offload.Offload``, in a module that a process for such work can import."""

import enum
import os
import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from hexkeep.core.kernel.errors import HexkeepError, InvalidInput


class Refused(HexkeepError):
    """An error with a reason."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class Colour(enum.Enum):
    """An enumeration."""

    RED = "red"
    GREEN = "green"


@dataclass(frozen=True, slots=True)
class Thing:
    """A value with a field of each kind."""

    name: str
    content: bytes = b""
    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    colour: Colour = Colour.GREEN
    by_name: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    within: tuple["Thing", ...] = ()


def given(thing: Thing, *, times: int) -> tuple[Thing, ...]:
    """What came, as often as was asked for."""
    return (thing,) * times


def refusing(reason: str) -> str:
    """Nothing: it raises an error with a reason."""
    raise Refused(reason)


def failing(message: str) -> str:
    """Nothing: it raises an error with a message."""
    raise InvalidInput(message)


def secret_failure(secret: str) -> str:
    """Nothing: it fails as code does that is wrong."""
    return dict[str, str]()[secret]


def after(gate: str, number: int) -> int:
    """The number, when something has come by the gate (the path of a named pipe) if there is one."""
    if gate:
        Path(gate).read_bytes()
    return number


def process_id() -> int:
    """Where this runs."""
    return os.getpid()


def variables() -> Mapping[str, str]:
    """The environment."""
    return dict(os.environ)


def reached(folder: str, port: int) -> tuple[str, ...]:
    """What of the machine is within reach that nobody needs to compute something."""
    owner = os.getppid()
    tried: Mapping[str, Callable[[], object]] = {
        "settings": lambda: Path(f"/proc/{owner}/environ").read_bytes(),
        "memory": lambda: Path(f"/proc/{owner}/mem").open("rb").close(),
        "signal": lambda: os.kill(owner, 0),
        "file": lambda: Path(folder, "made").write_text(""),
        "program": lambda: os.execv("/bin/false", ["false"]),  # noqa: S606 - it is not to be run
        "server": lambda: socket.create_connection(("127.0.0.1", port)).close(),
    }
    return tuple(name for name, one in tried.items() if _succeeds(one))


def _succeeds(one: Callable[[], object]) -> bool:
    try:
        one()
    except PermissionError:
        return False
    return True


def dies() -> int:
    """Nothing: the process ends in the middle of it."""
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def grows(octets: int) -> int:
    """How long something in memory is that takes so much of it."""
    return len(bytearray(octets))


def long(octets: int) -> str:
    """A text of that length."""
    return "x" * octets
