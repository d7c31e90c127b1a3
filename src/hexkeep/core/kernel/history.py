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
    """One event of an aggregate, fit to be shown: what is hidden is replaced, what was erased is blank.

    ``actor`` is a user id, ``system``, or empty for nobody in particular. ``client_id`` is the application whose token
    was presented, ``surface`` the API it came by.
    """

    log: Log
    aggregate_type: str
    aggregate_id: str
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
    client_id: str
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


@dataclass(frozen=True, slots=True)
class Sought:
    """Which events are looked for: those that fit everything that is given.

    ``types`` are event types, or families such as ``user.*``; one of them has to fit. ``since`` is included, ``until``
    is not. ``organization`` leaves those of resources that belong to it for certain; ``person`` those that a user
    caused or that happened to it.
    """

    aggregate_type: str = ""
    aggregate_id: str = ""
    types: tuple[str, ...] = ()
    actor: str = ""
    client_id: str = ""
    surface: str = ""
    correlation_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    organization: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a search has come in one log: the event at ``position`` was the last it looked at."""

    log: Log
    epoch: int
    position: int


@dataclass(frozen=True, slots=True)
class Found:
    """Some of the events that were looked for, and the places from where the search goes on.

    There may be few of them, or none, though there is ``more``: the work of one call is bounded.
    """

    events: tuple[Happened, ...]
    places: tuple[Place, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class EventsOf(Ask[Found]):
    """Search both logs of the instance behind ``places``, by time as far as two logs have an order.

    Without places it begins at the beginning, or when ``descending`` at the end; with ``from_now_on`` it finds nothing
    but the places where what happens next will be. Raises ``NotFound`` for an unknown aggregate type, ``Archived`` for
    a place behind the horizon, ``PositionSuperseded`` for one from before a restore.
    """

    lasting = False

    sought: Sought
    limit: int
    descending: bool = False
    places: tuple[Place, ...] = ()
    from_now_on: bool = False
