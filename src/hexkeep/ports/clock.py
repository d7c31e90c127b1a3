"""Clock and identifiers: the two things that a pure core must be given."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The port for time."""

    def now(self) -> datetime:
        """The present time, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never go backwards; only differences mean something."""


class Ids(Protocol):
    """The port for identifiers."""

    def new(self) -> str:
        """A fresh identifier, URL-safe, time-ordered (UUID version 7, RFC 9562) so that index inserts stay local."""
