"""The log, in memory."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from hexkeep.adapters.memory.part import Part
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import AlreadyExists, VersionConflict
from hexkeep.core.kernel.event import Log
from hexkeep.ports.clock import Clock
from hexkeep.ports.event_store import FIRST_EPOCH, Appended, EventStore, Head, Outcome, StoredEvent, Unit


class MemoryEventStore(Part, EventStore):
    """The port ``event_store.EventStore``. Units are judged and written one after the other."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._logs: defaultdict[tuple[str, Log], list[StoredEvent]] = defaultdict(list)
        self._streams: defaultdict[tuple[str, Log, Ref], list[StoredEvent]] = defaultdict(list)
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
        for part in unit.appends:
            actual = self._version(unit.instance, unit.log, part.stream)
            if actual != part.expected_version:
                return VersionConflict(part.expected_version, actual)
        given_back = {(key.kind, key.hash): key.owner for key in unit.releases}
        for key in unit.claims:
            holder = self._owners.get((unit.instance, key.kind, key.hash))
            if holder not in {None, key.owner, given_back.get((key.kind, key.hash))}:
                return AlreadyExists(key.kind)
        return None

    def _write(self, unit: Unit) -> Appended:
        for release in unit.releases:
            if self._owners.get((unit.instance, release.kind, release.hash)) == release.owner:
                del self._owners[unit.instance, release.kind, release.hash]
        for claim in unit.claims:
            self._owners[unit.instance, claim.kind, claim.hash] = claim.owner
        log = self._logs[unit.instance, unit.log]
        first, now = len(log) + 1, self._clock.now()
        created_at = max(now, log[-1].created_at) if log else now
        for event in _stored(unit, first, created_at):
            log.append(event)
            self._streams[unit.instance, unit.log, event.stream].append(event)
        return Appended(first, len(log), FIRST_EPOCH, created_at)

    def _version(self, instance: str, log: Log, stream: Ref) -> int:
        return len(self._streams.get((instance, log, stream), ()))

    async def read_stream(
        self, instance: str, log: Log, stream: Ref, after: int = 0, limit: int = 1000
    ) -> list[StoredEvent]:
        """See the port."""
        return self._streams.get((instance, log, stream), [])[after : after + limit]

    async def read_log(self, instance: str, log: Log, after: int, limit: int) -> list[StoredEvent]:
        """See the port."""
        return self._logs.get((instance, log), [])[after : after + limit]

    async def versions(self, instance: str, streams: Sequence[tuple[Log, Ref]]) -> list[int]:
        """See the port."""
        return [self._version(instance, log, stream) for log, stream in streams]

    async def head(self, instance: str, log: Log) -> Head:
        """See the port."""
        return Head(instance, log, len(self._logs.get((instance, log), ())), FIRST_EPOCH)

    async def heads(self) -> list[Head]:
        """See the port."""
        return [Head(instance, log, len(held), FIRST_EPOCH) for (instance, log), held in self._logs.items() if held]

    async def key_owner(self, instance: str, kind: str, key_hash: bytes) -> Ref | None:
        """See the port."""
        return self._owners.get((instance, kind, key_hash))


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
