"""History: what has happened to one aggregate, and what it was at a point of its log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.event import Log


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a log: behind the event at ``position``, at a ``time``, or, with neither, its end.

    At a time everything has happened that was recorded then or before.
    """

    position: int | None = None
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of an aggregate, fit to be shown: what is hidden is replaced, what was erased is blank."""

    type: str
    revision: int
    version: int
    position: int
    created_at: datetime
    actor: str
    correlation_id: str
    surface: str
    address: str
    user_agent: str
    fields: Mapping[str, JsonValue] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Then:
    """What an aggregate was at a point: version 0 and nothing else when it did not exist.

    ``position`` and ``created_at`` are those of the event that made it so. ``state`` is what decisions were made on,
    ``rows`` what queries showed, by view. In both, hidden values are replaced.
    """

    log: Log
    version: int = 0
    position: int = 0
    created_at: datetime | None = None
    state: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)
    rows: Mapping[str, Mapping[str, JsonValue]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class HistoryOf(Ask[tuple[Happened, ...]]):
    """A page of the events of one aggregate with versions above ``after``.

    Raises ``NotFound`` for an unknown type, ``Archived`` for what was dropped.
    """

    lasting = False

    type: str
    id: str
    after: int
    limit: int


@dataclass(frozen=True, slots=True)
class ThenOf(Ask[Then]):
    """What an aggregate was at a point; raises as ``HistoryOf`` does."""

    lasting = False

    type: str
    id: str
    point: Point
