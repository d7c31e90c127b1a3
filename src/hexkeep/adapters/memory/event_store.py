"""The log, in memory."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hexkeep.adapters.memory.part import Part
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import AlreadyExists, Archived, FailedPrecondition, VersionConflict
from hexkeep.core.kernel.event import Log
from hexkeep.ports.clock import Clock
from hexkeep.ports.event_store import (
    FIRST_EPOCH,
    Appended,
    EventStore,
    Head,
    KeyChange,
    Outcome,
    Reading,
    StoredEvent,
    Unit,
    key_changes_of,
)

Place = tuple[str, Log]


@dataclass(slots=True)
class LogData:
    """One log. ``events`` holds what has not gone: position ``gone + 1`` is its first.

    What lies between ``gone`` and ``horizon`` was dropped and waits for its end. No stream has it any more.
    """

    epoch: int = FIRST_EPOCH
    horizon: int = 0
    horizon_at: datetime | None = None
    created_at: datetime | None = None
    gone: int = 0
    events: list[StoredEvent] = field(default_factory=list)
    streams: defaultdict[Ref, list[StoredEvent]] = field(default_factory=lambda: defaultdict(list))
    key_changes: list[KeyChange] = field(default_factory=list)

    @property
    def position(self) -> int:
        """Of the newest event."""
        return self.gone + len(self.events)

    def version(self, stream: Ref) -> int:
        """Of the newest event of a stream."""
        events = self.streams.get(stream)
        return events[-1].version if events else 0

    def add(self, event: StoredEvent) -> None:
        """Add an event behind the newest."""
        self.events.append(event)
        self.streams[event.stream].append(event)
        self.created_at = event.created_at

    def drop(self, upto: int, limit: int) -> int:
        """Move the horizon, then remove the oldest events."""
        for event in self.events[self.horizon - self.gone : max(upto, self.horizon) - self.gone]:
            stream = self.streams[event.stream]
            stream.remove(event)
            if not stream:
                del self.streams[event.stream]
            self.horizon, self.horizon_at = event.position, event.created_at
        count = min(limit, max(0, upto - self.gone))
        del self.events[:count]
        self.gone += count
        return count


class MemoryEventStore(Part, EventStore):
    """The port ``event_store.EventStore``. Units are judged and written one after the other."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._logs: dict[Place, LogData] = {}
        self._owners: dict[tuple[str, str, bytes], Ref] = {}
        self._applied: dict[tuple[str, str], Appended] = {}

    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        """See the port."""
        return [self._outcome(unit) for unit in units]

    def _outcome(self, unit: Unit) -> Outcome:
        unit_name = (unit.instance, unit.unit_id)
        if unit_name in self._applied:
            return self._applied[unit_name]
        conflict = self._conflict(unit)
        if conflict is not None:
            return conflict
        self._applied[unit_name] = appended = self._write(unit)
        return appended

    def _conflict(self, unit: Unit) -> VersionConflict | AlreadyExists | None:
        """Why the unit cannot be applied: the first stale stream, else the first taken key."""
        log = self.log(unit.instance, unit.log)
        for part in unit.appends:
            actual = log.version(part.stream)
            if actual != part.expected_version:
                return VersionConflict(part.expected_version, actual)
        given_back = {(key.kind, key.hash): key.owner for key in unit.releases}
        for key in unit.claims:
            holder = self._owners.get((unit.instance, key.kind, key.hash))
            if holder not in {None, key.owner, given_back.get((key.kind, key.hash))}:
                return AlreadyExists(key.kind)
        return None

    def _write(self, unit: Unit) -> Appended:
        log, now = self.kept(unit.instance, unit.log), self._clock.now()
        first, created_at = log.position + 1, max(now, log.created_at or now)
        for event in _stored(unit, first, created_at):
            log.add(event)
        for change in key_changes_of(unit, log.position):
            self.change_key(unit.instance, unit.log, change)
        return Appended(first, log.position, log.epoch, created_at)

    def log(self, instance: str, log: Log) -> LogData:
        """A log, which may be empty; what is done to it then is lost."""
        return self._logs.get((instance, log)) or LogData()

    def kept(self, instance: str, log: Log) -> LogData:
        """A log to write to."""
        return self._logs.setdefault((instance, log), LogData())

    def change_key(self, instance: str, log: Log, change: KeyChange) -> None:
        """Keep a key change and let the key follow."""
        place = (instance, change.kind, change.hash)
        self.kept(instance, log).key_changes.append(change)
        if change.claimed:
            self._owners[place] = change.owner
        elif self._owners.get(place) == change.owner:
            del self._owners[place]

    def begin(self, head: Head) -> None:
        """Begin a log with an epoch and a horizon; raises ``FailedPrecondition`` when it has events."""
        if self.log(head.instance, head.log).position:
            raise FailedPrecondition("The log has events")
        beginning = (head.horizon, head.horizon_at)
        self._logs[head.instance, head.log] = LogData(head.epoch, *beginning, head.horizon_at, gone=head.horizon)

    def wipe(self, instance: str) -> None:
        """Remove everything of an instance."""
        self._logs = {place: data for place, data in self._logs.items() if place[0] != instance}
        self._owners = {key: owner for key, owner in self._owners.items() if key[0] != instance}
        self._applied = {name: applied for name, applied in self._applied.items() if name[0] != instance}

    async def read_stream(
        self, instance: str, log: Log, stream: Ref, after: int = 0, limit: int = 1000
    ) -> list[StoredEvent]:
        """See the port."""
        found = [event for event in self.log(instance, log).streams.get(stream, ()) if event.version > after]
        if found and found[0].version != after + 1:
            raise Archived
        return found[:limit]

    async def read_log(
        self, instance: str, log: Log, after: int, limit: int, reading: Reading = Reading.PRESENT
    ) -> list[StoredEvent]:
        """See the port."""
        data = self.log(instance, log)
        if after < data.horizon:
            raise Archived
        return data.events[after - data.gone : after - data.gone + limit]

    async def versions(self, instance: str, streams: Sequence[tuple[Log, Ref]]) -> list[int]:
        """See the port."""
        return [self.log(instance, log).version(stream) for log, stream in streams]

    async def head(self, instance: str, log: Log) -> Head:
        """See the port."""
        return _head((instance, log), self.log(instance, log))

    async def heads(self) -> list[Head]:
        """See the port."""
        return [_head(place, data) for place, data in self._logs.items() if data.position]

    async def key_owner(self, instance: str, kind: str, key_hash: bytes) -> Ref | None:
        """See the port."""
        return self._owners.get((instance, kind, key_hash))

    async def key_changes(
        self, instance: str, log: Log, after: tuple[int, str, bytes] | None, limit: int
    ) -> list[KeyChange]:
        """See the port."""
        found = sorted(self.log(instance, log).key_changes, key=_order)
        return [change for change in found if after is None or _order(change) > after][:limit]

    async def forget_keys(self, instance: str, owner: Ref) -> None:
        """See the port."""
        kept = {key: holder for key, holder in self._owners.items() if (key[0], holder) != (instance, owner)}
        self._owners = kept
        for log in Log:
            data = self.log(instance, log)
            data.key_changes = [change for change in data.key_changes if change.owner != owner]

    async def drop(self, instance: str, upto: int, limit: int = 10_000) -> int:
        """See the port."""
        data = self.log(instance, Log.ACTIVITY)
        if upto > data.position:
            raise FailedPrecondition("The log does not reach so far")
        return data.drop(upto, limit)


def _head(place: Place, data: LogData) -> Head:
    return Head(*place, data.position, data.epoch, data.horizon, data.horizon_at)


def _order(change: KeyChange) -> tuple[int, str, bytes]:
    return change.position, change.kind, change.hash


def _stored(unit: Unit, first: int, created_at: datetime) -> Iterator[StoredEvent]:
    """The events of a unit as they go into the log, from position ``first`` on."""
    numbered = (
        (part.stream, version, event)
        for part in unit.appends
        for version, event in enumerate(part.events, part.expected_version + 1)
    )
    for position, (stream, version, event) in enumerate(numbered, first):
        yield StoredEvent(
            position,
            stream,
            version,
            event.type,
            event.revision,
            event.payload,
            event.digest,
            unit.actor,
            unit.correlation_id,
            unit.client,
            created_at,
        )
