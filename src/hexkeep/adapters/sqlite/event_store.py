"""The event store."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import lru_cache, partial
from itertools import chain

from hexkeep.adapters.sql.cells import time_out
from hexkeep.adapters.sqlite import horizon, key_changes
from hexkeep.adapters.sqlite.append import EVENT_COLUMNS, append, newest, prune
from hexkeep.adapters.sqlite.database import Database
from hexkeep.adapters.sqlite.pages import Fetched, fetch
from hexkeep.adapters.sqlite.part import Part
from hexkeep.adapters.sqlite.room import give_back
from hexkeep.adapters.sqlite.values import Cell, chunks, numbered
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import Archived
from hexkeep.core.kernel.event import Log
from hexkeep.ports.clock import Clock
from hexkeep.ports.event_store import (
    FIRST_EPOCH,
    EventStore,
    Head,
    KeyChange,
    Outcome,
    Reading,
    StoredEvent,
    Unit,
)

FEW = 64
"""Rows, or streams, that are read on the event loop; what is more goes to a thread."""

_DROPPED_TOGETHER = 1000
"""Rows that a drop removes in one transaction: some ten milliseconds' work."""
_PRUNE_EVERY = 1000
"""Units between two looks at those that may be forgotten; twice as many are, so they never pile up."""

_WIDTH = 12
_BLOBS = (6, 7, 10)  # payload, digest, client
_LOG = "SELECT id FROM logs WHERE instance_id = ? AND log = ?"
_READ_LOG = (
    f"SELECT {EVENT_COLUMNS} FROM events WHERE log_id = ({_LOG} AND horizon <= ?)"  # noqa: S608 - fixed
    " AND position > ? ORDER BY position LIMIT ?"
)
_HORIZON = "SELECT horizon FROM logs WHERE instance_id = ? AND log = ?"
_READ_STREAM = (
    f"SELECT {EVENT_COLUMNS} FROM events WHERE log_id = ({_LOG}) AND aggregate_type = ? AND aggregate_id = ?"  # noqa: S608 - fixed
    " AND version > ? AND +position > (SELECT horizon FROM logs WHERE id = log_id) ORDER BY version LIMIT ?"
)
_HEAD_COLUMNS = "position, epoch, horizon, horizon_at"
_HEAD = f"SELECT {_HEAD_COLUMNS} FROM logs WHERE instance_id = ? AND log = ?"  # noqa: S608 - fixed
_HEADS = f"SELECT instance_id, log, {_HEAD_COLUMNS} FROM logs WHERE position > 0"  # noqa: S608 - fixed
_KEY_OWNER = "SELECT owner_type, owner_id FROM unique_keys WHERE instance_id = ? AND kind = ? AND hash = ?"


class SqliteEventStore(Part, EventStore):
    """The port ``event_store.EventStore``. ``append`` takes a batch as it comes and gives it one transaction."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database)
        self._clock = clock
        self._kept = timedelta(days=database.settings.units_kept_days)
        self._since_pruned = 0

    @property
    def sole_writer(self) -> bool:
        """See ``event_store.SoleWriter``: the file's lock keeps every other process from writing."""
        return True

    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        """See the port."""
        return await self._database.write(lambda connection: self._append(connection, units)) if units else []

    def _append(self, connection: sqlite3.Connection, units: Sequence[Unit]) -> list[Outcome]:
        now = self._clock.now()
        outcomes = append(connection, units, now)
        self._since_pruned += len(units)
        if self._since_pruned >= _PRUNE_EVERY:
            prune(connection, now - self._kept, 2 * self._since_pruned)
            self._since_pruned = 0
        return outcomes

    async def read_stream(
        self, instance: str, log: Log, stream: Ref, after: int = 0, limit: int = 1000
    ) -> list[StoredEvent]:
        """See the port."""
        place = (instance, log.value, *stream)
        events = await self._few(_READ_STREAM, (*place, after, min(limit, FEW)))
        if len(events) == FEW < limit:
            events += await self._many(_READ_STREAM, (*place, events[-1].version, limit - FEW))
            await self._still_there(instance, log, events[FEW - 1].position - 1)
        if events and events[-1].version != after + len(events):
            raise Archived
        return events

    async def read_log(
        self, instance: str, log: Log, after: int, limit: int, reading: Reading = Reading.PRESENT
    ) -> list[StoredEvent]:
        """See the port. What may be old is long as well, so it is read in a thread from the beginning."""
        place, at_once = (instance, log.value), 0 if reading is Reading.HISTORY else FEW
        events: list[StoredEvent] = []
        if at_once:
            events = await self._few(_READ_LOG, (*place, after, after, min(limit, at_once)))
        if len(events) == at_once < limit:
            last = events[-1].position if events else after
            events += await self._many(_READ_LOG, (*place, last, last, limit - at_once))
        if not events:
            await self._still_there(instance, log, after)
        return events

    async def _still_there(self, instance: str, log: Log, after: int) -> None:
        """Raise ``Archived`` when what follows on position ``after`` was dropped: why nothing was found, perhaps."""
        rows = await self._database.peek(lambda one: one.execute(_HORIZON, (instance, log.value)).fetchall())
        if rows and rows[0][0] > after:
            raise Archived

    async def _few(self, sql: str, values: tuple[Cell, ...]) -> list[StoredEvent]:
        return await self._database.peek(lambda connection: _stored(connection.execute(sql, values).fetchall()))

    async def _many(self, sql: str, values: tuple[Cell, ...]) -> list[StoredEvent]:
        return await self._database.read(lambda connection: _stored(fetch(connection, sql, values, _WIDTH, _BLOBS)))

    async def versions(self, instance: str, streams: Sequence[tuple[Log, Ref]]) -> list[int]:
        """See the port."""
        wanted = [(instance, log.value, *ref) for log, ref in streams]
        if len(wanted) <= FEW:
            return await self._database.peek(lambda connection: _versions(connection, wanted))
        return await self._database.read(lambda connection: _versions(connection, wanted))

    async def head(self, instance: str, log: Log) -> Head:
        """See the port."""
        values = (instance, log.value)
        row = await self._database.peek(lambda connection: connection.execute(_HEAD, values).fetchone())
        return _head(instance, log.value, *(row or (0, FIRST_EPOCH, 0, None)))

    async def heads(self) -> list[Head]:
        """See the port."""
        rows = await self._database.read(lambda connection: list(fetch(connection, _HEADS, (), 6)))
        return [_head(*row) for row in rows]

    async def key_owner(self, instance: str, kind: str, key_hash: bytes) -> Ref | None:
        """See the port."""
        values = (instance, kind, key_hash)
        row = await self._database.peek(lambda connection: connection.execute(_KEY_OWNER, values).fetchone())
        return None if row is None else Ref(*row)

    async def key_changes(
        self, instance: str, log: Log, after: tuple[int, str, bytes] | None, limit: int
    ) -> list[KeyChange]:
        """See the port."""
        return await self._database.read(lambda one: key_changes.page(one, instance, log, after, limit))

    async def forget_keys(self, instance: str, owner: Ref) -> None:
        """See the port."""
        await self._database.write(lambda one: key_changes.forget(one, instance, owner))

    async def drop(self, instance: str, upto: int, limit: int = 10_000) -> int:
        """See the port. The rows go in small transactions, between which others have their turn; at last the room."""
        await self._database.write(lambda one: horizon.advance(one, instance, upto))
        dropped = 0
        while dropped < limit:
            most = min(_DROPPED_TOGETHER, limit - dropped)
            gone = await self._database.write(partial(horizon.drop, instance=instance, limit=most), patient=True)
            if not gone:
                await give_back(self._database)
                break
            dropped += gone
        return dropped


def _head(instance: str, log: str, position: int, epoch: int, behind: int, behind_at: int | None) -> Head:
    return Head(instance, Log(log), position, epoch, behind, None if behind_at is None else time_out(behind_at))


def _stored(rows: Iterable[Fetched]) -> list[StoredEvent]:
    return [_event(*row) for row in rows]


def _event(  # noqa: PLR0913, PLR0917 - the columns of a row
    position: int,
    aggregate_type: str,
    aggregate_id: str,
    version: int,
    event_type: str,
    revision: int,
    payload: bytes,
    digest: bytes,
    actor: str,
    correlation_id: str,
    client: bytes,
    created_at: int,
) -> StoredEvent:
    named = (event_type, revision, payload, digest, actor, correlation_id, client)
    return StoredEvent(position, Ref(aggregate_type, aggregate_id), version, *named, time_out(created_at))


@lru_cache
def _versions_of(count: int) -> str:
    return (
        f"WITH wanted (n, instance, log, type, id) AS (VALUES {numbered(count, 4)}) "  # noqa: S608 - placeholders
        f"SELECT {newest('logs.id', 'logs.horizon', 'wanted.type', 'wanted.id')} FROM wanted"
        " LEFT JOIN logs ON logs.instance_id = wanted.instance AND logs.log = wanted.log ORDER BY n"
    )


def _versions(connection: sqlite3.Connection, wanted: Sequence[tuple[Cell, ...]]) -> list[int]:
    """One snapshot, however many statements it takes."""
    connection.execute("BEGIN")
    try:
        found: list[int] = []
        for _, chunk in chunks(wanted, 4):
            rows = connection.execute(_versions_of(len(chunk)), tuple(chain.from_iterable(chunk))).fetchall()
            found.extend(version for (version,) in rows)
    finally:
        connection.execute("COMMIT")
    return found
