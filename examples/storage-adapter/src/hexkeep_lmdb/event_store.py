"""The event store. One transaction takes all units of a call, judged and written one after the other."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import AlreadyExists, Archived, FailedPrecondition, VersionConflict
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import (
    FIRST_EPOCH,
    Appended,
    Head,
    KeyChange,
    Outcome,
    Reading,
    StoredEvent,
    Unit,
    key_changes_of,
)
from hexkeep_lmdb.database import Database, Form, Port, Transaction
from hexkeep_lmdb.order import number_at_end, packed

PRUNE_EVERY = 1000
"""Units between two looks at those that may be forgotten."""


@dataclass(frozen=True, slots=True)
class LogHead:
    """Where a log begins and ends. ``dropped`` events are behind the horizon and gone; the others are still to go."""

    head: Head
    created_at: datetime | None = None
    dropped: int = 0


HEADS: Form[LogHead] = Form(LogHead)
EVENTS: Form[StoredEvent] = Form(StoredEvent)
CHANGES: Form[KeyChange] = Form(KeyChange)
OUTCOMES: Form[Appended] = Form(Appended)
REFS: Form[Ref] = Form(Ref)
HELD: Form[tuple[str, bytes]] = Form(tuple[str, bytes])
"""Kind and hash of a unique key."""


def head_of(at: Transaction, instance: str, log: Log) -> LogHead:
    """The head of a log, which may be empty."""
    kept = at.get("head", instance, log.value)
    return HEADS.read(kept) if kept else LogHead(Head(instance, log, 0, FIRST_EPOCH))


def put_head(at: Transaction, found: LogHead) -> None:
    """Keep a head."""
    at.put(HEADS.write(found), "head", found.head.instance, found.head.log.value)


def put_event(at: Transaction, instance: str, log: Log, event: StoredEvent) -> None:
    """Keep an event, by position and by stream."""
    at.put(EVENTS.write(event), "event", instance, log.value, event.position)
    at.put(event.position.to_bytes(8, "big"), "stream", instance, log.value, *event.stream, event.version)


def change_key(at: Transaction, instance: str, log: Log, change: KeyChange) -> None:
    """Keep a key change and let the key follow."""
    at.put(CHANGES.write(change), "change", instance, log.value, change.position, change.kind, change.hash)
    holder = owner_of(at, instance, change.kind, change.hash)
    if holder is not None and (change.claimed or holder == change.owner):
        at.delete("owner", instance, change.kind, change.hash)
        at.delete("held", instance, *holder, change.kind, change.hash)
    if change.claimed:
        at.put(REFS.write(change.owner), "owner", instance, change.kind, change.hash)
        at.put(HELD.write((change.kind, change.hash)), "held", instance, *change.owner, change.kind, change.hash)


def owner_of(at: Transaction, instance: str, kind: str, key_hash: bytes) -> Ref | None:
    """Who holds a unique key."""
    kept = at.get("owner", instance, kind, key_hash)
    return REFS.read(kept) if kept else None


def _version(at: Transaction, found: LogHead, stream: Ref) -> int:
    """Of the newest event of a stream that was not dropped."""
    last = at.last("stream", found.head.instance, found.head.log.value, *stream)
    if last is None or int.from_bytes(last[1], "big") <= found.head.horizon:
        return 0
    return number_at_end(last[0])


class LmdbEventStore(Port):
    """The port ``event_store.EventStore``."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        super().__init__(database)
        self._now = now
        self._since_pruned = 0

    @property
    def sole_writer(self) -> bool:
        """See ``event_store.SoleWriter``: the folder belongs to one process."""
        return True

    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        """See the port."""
        return await self._database.write(lambda at: self._append(at, units)) if units else []

    def _append(self, at: Transaction, units: Sequence[Unit]) -> list[Outcome]:
        now = self._now()
        self._since_pruned += len(units)
        if self._since_pruned >= PRUNE_EVERY:
            self._since_pruned = 0
            _prune(at, now - timedelta(days=self._database.settings.units_kept_days))
        return [_outcome(at, unit, now) for unit in units]

    async def read_stream(
        self, instance: str, log: Log, stream: Ref, after: int = 0, limit: int = 1000
    ) -> list[StoredEvent]:
        """See the port."""

        def read(at: Transaction) -> list[StoredEvent]:
            horizon, found = head_of(at, instance, log).head.horizon, list[StoredEvent]()
            for _, raw in at.scan("stream", instance, log.value, *stream, after=(after,)):
                position = int.from_bytes(raw, "big")
                if len(found) == limit:
                    break
                if position > horizon:
                    found.append(_event(at, instance, log, position))
            if found and found[0].version != after + 1:
                raise Archived
            return found

        return await self._database.read(read)

    async def read_log(
        self, instance: str, log: Log, after: int, limit: int, reading: Reading = Reading.PRESENT
    ) -> list[StoredEvent]:
        """See the port. All readings are of the present."""

        def read(at: Transaction) -> list[StoredEvent]:
            if after < head_of(at, instance, log).head.horizon:
                raise Archived
            found = list[StoredEvent]()
            for _, raw in at.scan("event", instance, log.value, after=(after,)):
                if len(found) == limit:
                    break
                found.append(EVENTS.read(raw))
            return found

        return await self._database.read(read)

    async def versions(self, instance: str, streams: Sequence[tuple[Log, Ref]]) -> list[int]:
        """See the port."""
        return await self._database.read(
            lambda at: [_version(at, head_of(at, instance, log), stream) for log, stream in streams]
        )

    async def head(self, instance: str, log: Log) -> Head:
        """See the port."""
        return (await self._database.read(lambda at: head_of(at, instance, log))).head

    async def heads(self) -> list[Head]:
        """See the port."""
        found = await self._database.read(lambda at: [HEADS.read(raw).head for _, raw in at.scan("head")])
        return [head for head in found if head.position]

    async def key_owner(self, instance: str, kind: str, key_hash: bytes) -> Ref | None:
        """See the port."""
        return await self._database.read(lambda at: owner_of(at, instance, kind, key_hash))

    async def key_changes(
        self, instance: str, log: Log, after: tuple[int, str, bytes] | None, limit: int
    ) -> list[KeyChange]:
        """See the port."""

        def read(at: Transaction) -> list[KeyChange]:
            changes = at.scan("change", instance, log.value, after=after or ())
            return [CHANGES.read(raw) for (_, raw), _ in zip(changes, range(limit), strict=False)]

        return await self._database.read(read)

    async def forget_keys(self, instance: str, owner: Ref) -> None:
        """See the port."""

        def forget(at: Transaction) -> None:
            for kind, key_hash in [HELD.read(raw) for _, raw in at.scan("held", instance, *owner)]:
                at.delete("owner", instance, kind, key_hash)
                at.delete("held", instance, *owner, kind, key_hash)
            at.remove([key for key, raw in at.scan("change", instance) if CHANGES.read(raw).owner == owner])

        await self._database.write(forget)

    async def drop(self, instance: str, upto: int, limit: int = 10_000) -> int:
        """See the port."""
        return await self._database.write(lambda at: _drop(at, instance, upto, limit))


def _event(at: Transaction, instance: str, log: Log, position: int) -> StoredEvent:
    return EVENTS.read(at.get("event", instance, log.value, position) or b"")


def _outcome(at: Transaction, unit: Unit, now: datetime) -> Outcome:
    known = at.get("unit", unit.instance, unit.unit_id)
    if known is not None:
        return OUTCOMES.read(known)
    found = head_of(at, unit.instance, unit.log)
    for part in unit.appends:
        actual = _version(at, found, part.stream)
        if actual != part.expected_version:
            return VersionConflict(part.expected_version, actual)
    given_back = {(key.kind, key.hash): key.owner for key in unit.releases}
    for key in unit.claims:
        holder = owner_of(at, unit.instance, key.kind, key.hash)
        if holder not in {None, key.owner, given_back.get((key.kind, key.hash))}:
            return AlreadyExists(key.kind)
    return _write(at, unit, found, now)


def _write(at: Transaction, unit: Unit, found: LogHead, now: datetime) -> Appended:
    first, created_at = found.head.position + 1, max(now, found.created_at or now)
    position = found.head.position
    for part in unit.appends:
        if not part.expected_version:  # what waits for its end behind the horizon is no part of a stream that begins
            at.remove([key for key, _ in at.scan("stream", unit.instance, unit.log.value, *part.stream)])
    for event in _stored(unit, first, created_at):
        put_event(at, unit.instance, unit.log, event)
        position = event.position
    if position > found.head.position:
        head = dataclasses.replace(found.head, position=position)
        put_head(at, dataclasses.replace(found, head=head, created_at=created_at))
    for change in key_changes_of(unit, position):
        change_key(at, unit.instance, unit.log, change)
    appended = Appended(first, position, found.head.epoch, created_at)
    at.put(OUTCOMES.write(appended), "unit", unit.instance, unit.unit_id)
    at.put(b"", "unit_at", int(now.timestamp()), unit.instance, unit.unit_id)
    return appended


def _stored(unit: Unit, first: int, created_at: datetime) -> Iterator[StoredEvent]:
    position = first
    for part in unit.appends:
        for version, new in enumerate(part.events, part.expected_version + 1):
            named = (new.type, new.revision, new.payload, new.digest, unit.actor, unit.correlation_id, unit.client)
            yield StoredEvent(position, part.stream, version, *named, created_at)
            position += 1


def _drop(at: Transaction, instance: str, upto: int, limit: int) -> int:
    """The horizon first, in the same transaction as the oldest rows; the others go with the next calls."""
    found = head_of(at, instance, Log.ACTIVITY)
    if upto > found.head.position:
        raise FailedPrecondition("The log does not reach so far")
    if upto > found.head.horizon:
        moment = _event(at, instance, Log.ACTIVITY, upto).created_at
        found = dataclasses.replace(found, head=dataclasses.replace(found.head, horizon=upto, horizon_at=moment))
    last = min(found.dropped + limit, upto, found.head.horizon)
    gone = [_event(at, instance, Log.ACTIVITY, position) for position in range(found.dropped + 1, last + 1)]
    for event in gone:
        at.delete("event", instance, Log.ACTIVITY.value, event.position)
        place = ("stream", instance, Log.ACTIVITY.value, *event.stream, event.version)
        if at.get(*place) == event.position.to_bytes(8, "big"):  # otherwise the stream has begun anew
            at.delete(*place)
    put_head(at, dataclasses.replace(found, dropped=max(last, found.dropped)))
    return len(gone)


def _units(at: Transaction) -> Iterator[tuple[bytes, int, bytes]]:
    """When units were applied, the oldest first: the key of that, the time, the packed instance and unit id."""
    for key, _ in at.scan("unit_at"):
        rest = key[len(b"unit_at\0") :]
        yield key, int.from_bytes(rest[:8], "big") - (1 << 63), rest[8:]


def _prune(at: Transaction, before: datetime) -> None:
    """Forget units from before a time."""
    old = list(takewhile(lambda unit: unit[1] < int(before.timestamp()), _units(at)))
    for key, _, name in old:
        at.remove([b"unit\0" + name, key])


def forget_units(at: Transaction, instance: str) -> None:
    """Forget the units of an instance."""
    for key, _, name in [unit for unit in _units(at) if unit[2].startswith(packed(instance))]:
        at.remove([b"unit\0" + name, key])
