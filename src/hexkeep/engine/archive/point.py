"""Points: how far history is taken. One lies between two units, for what was written at once happened wholly or not.

A log does not say where its units end, but the events of one have everything in common that a unit says of itself.
Units that cannot be told apart by that are taken as one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from hexkeep.core.kernel.errors import InvalidInput
from hexkeep.core.kernel.event import Log
from hexkeep.engine.archive.records import Adoption, Events, LogBegun, Record
from hexkeep.ports.event_store import Head, StoredEvent


class PositionNotInLog(InvalidInput):
    """An instance is to go back to a position that its archived log does not have, or by which no unit was whole."""

    code = "position_not_in_log"
    title = "The archived log has nothing to restore at that position"


@dataclass(frozen=True, slots=True)
class Point:
    """How far history is taken: everything, all until a time, or the durable log up to a position.

    A position takes the units that are whole by then, and the activity log until the time of the last of them.
    """

    until: datetime | None = None
    position: int | None = None


EVERYTHING = Point()


@dataclass(slots=True)
class Cut:
    """A log on its way in, up to ``until`` or ``last``. ``done`` says that something lies beyond."""

    head: Head
    until: datetime | None = None
    last: int | None = None
    done: bool = False
    held: tuple[StoredEvent, ...] = ()
    """Events of a unit that may go on in the next page, where it matters whether it is whole."""

    def within(self, events: Sequence[StoredEvent]) -> Sequence[StoredEvent]:
        """What of the log is to be taken now that its next events are known."""
        if self.done:
            return ()
        found = [*self.held, *events]
        within = [*takewhile(self._holds, found)]
        self.done = len(within) < len(found)
        if self.last is None:
            return within
        open_, whole = unit_of(found[len(within) if self.done else -1]), len(within)
        while whole and unit_of(within[whole - 1]) == open_:
            whole -= 1
        self.held = () if self.done else tuple(within[whole:])
        return within[:whole]

    def rest(self) -> Sequence[StoredEvent]:
        """What is to be taken as well when no more events of the log come."""
        held, self.held = self.held, ()
        return held

    def _holds(self, event: StoredEvent) -> bool:
        if self.until is not None and event.created_at > self.until:
            return False
        return self.last is None or event.position <= self.last


def unit_of(event: StoredEvent) -> tuple[datetime, str, str, bytes]:
    """What the events of one unit have in common, and neighbours of other units hardly ever."""
    return event.created_at, event.correlation_id, event.actor, event.client


def sought(records: Iterator[Record], instance: str, position: int) -> tuple[list[Record], int]:
    """Go to the log that a position is one of: its first records, and how many events were passed on the way.

    So nothing has been removed yet when the position is found to be none. Raises ``PositionNotInLog``.
    """
    kept, passed = list[Record](), 0
    for record in records:
        match record:
            case Adoption():
                kept.append(record)
            case Events(events):
                passed += len(events)
            case LogBegun(Head(log=Log.DURABLE) as head) if head.instance == instance:
                begun, end = _first_unit(records, head.horizon)
                if not max(end, 1) <= position <= head.position:
                    raise PositionNotInLog(
                        f"The instance {instance} can be restored to the positions {end} to {head.position}",
                        first=str(end),
                        last=str(head.position),
                    )
                return [*kept, record, *begun], passed
            case _:
                pass
    raise PositionNotInLog(f"The archive has no durable log of the instance {instance}")


def _first_unit(records: Iterator[Record], horizon: int) -> tuple[list[Record], int]:
    """The records that the first unit of a log lies in, and its last position: there is nothing to restore before."""
    kept, events = list[Record](), list[StoredEvent]()
    for record in records:
        kept.append(record)
        if not isinstance(record, Events):
            break
        events += record.events
        if unit_of(events[0]) != unit_of(events[-1]):
            break
    own = [event for event in events if unit_of(event) == unit_of(events[0])]
    return kept, own[-1].position if own else horizon
