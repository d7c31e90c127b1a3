"""What decisions about data keys ask for: the engine has the keyring and the master keys."""

from dataclasses import dataclass

from hexkeep.core.kernel.ask import Ask

Place = tuple[str, str, int]
"""Instance, name and version of a data key."""


@dataclass(frozen=True, slots=True)
class RotationBegun:
    """What a rotation goes to, and after how many seconds every node wraps new keys so."""

    master: str
    wait_seconds: float


@dataclass(frozen=True, slots=True)
class BeginRotation(Ask[RotationBegun]):
    """Let new keys be wrapped by the master key that the node is set to use."""


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """How many keys were looked at and wrapped anew, and the last one; ``None`` when there is none behind it."""

    seen: int
    rewrapped: int
    last: Place | None


@dataclass(frozen=True, slots=True)
class RewrapPage(Ask[Rewrapped]):
    """Wrap a page of keys anew, those behind ``after``."""

    after: Place | None
    limit: int


@dataclass(frozen=True, slots=True)
class FinishRotation(Ask[str]):
    """Make sure that nothing is left, and note which master key is the storage's; its id.

    Raises ``FailedPrecondition`` while there is something left.
    """


@dataclass(frozen=True, slots=True)
class RenewKey(Ask[int]):
    """A new version of a data key; its number. Raises ``NotFound`` when there is no such key."""

    instance: str
    name: str
