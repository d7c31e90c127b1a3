"""The log as it is read, by one statement each, and the holders and the history of unique keys."""

from collections.abc import Iterable
from datetime import datetime
from typing import LiteralString, NamedTuple

from hexkeep.adapters.pgwire.database import Database
from hexkeep.adapters.pgwire.part import Part
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import Archived
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import FIRST_EPOCH, Head, KeyChange, Reading, StoredEvent

EVENT_COLUMNS: LiteralString = (
    "position, aggregate_type, aggregate_id, version, event_type, revision, payload, digest, actor, correlation_id,"
    " client, created_at"
)
HEADS: LiteralString = (
    "SELECT instance_id, log, position, epoch, coalesce(horizon, 0), horizon_at"
    " FROM {schema}.log_heads LEFT JOIN {schema}.log_horizons USING (instance_id, log)"
)
PAGE: LiteralString = (
    "FROM {schema}.events WHERE instance_id = %s AND log = %s AND position > %s ORDER BY position LIMIT %s"
)
EventRow = tuple[int, str, str, int, str, int, bytes, bytes, str, str, bytes, datetime]
HeadRow = tuple[str, str, int, int, int, datetime | None]


class LogReads(NamedTuple):
    """The statements of one way of reading a log."""

    durable: bytes
    activity: bytes


class WireLog(Part):
    """The part of the port ``event_store.EventStore`` that reads, but for what needs the versions of streams."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        sql = database.schema.sql
        self._reads = {reading: self._log_reads(reading) for reading in Reading}
        self._head = sql(HEADS + " WHERE instance_id = %s AND log = %s")
        self._heads = sql(HEADS + " WHERE position > 0")
        self._key_owner = sql(
            "SELECT aggregate_type, aggregate_id FROM {schema}.unique_keys"
            " WHERE instance_id = %s AND kind = %s AND hash = %s AND aggregate_type IS NOT NULL"
        )
        self._key_changes = sql(
            "SELECT position, kind, hash, aggregate_type, aggregate_id, claimed FROM {schema}.key_changes"
            " WHERE instance_id = %s AND log = %s AND (position, kind, hash) > (%s, %s, %s)"
            " ORDER BY position, kind, hash LIMIT %s"
        )

    def moment(self, reading: Reading) -> LiteralString:  # for servers that know one moment alone
        """The clause behind FROM that says as of when to read; empty for now."""
        return ""

    def _log_reads(self, reading: Reading) -> LogReads:
        """A page; of an activity log with its horizon as of the same moment, in one row at least."""
        sql, moment = self._database.schema.sql, self.moment(reading)
        page: LiteralString = "(SELECT " + EVENT_COLUMNS + " " + PAGE + ") e"
        return LogReads(
            sql("SELECT e.* FROM " + page + moment + " ORDER BY e.position"),  # noqa: S608  # of our own texts
            sql(
                "SELECT e.*, coalesce(z.horizon, 0) FROM (VALUES (1)) AS one (one)"  # noqa: S608  # as above
                " LEFT JOIN {schema}.log_horizons z ON z.instance_id = %s AND z.log = %s"
                " LEFT JOIN " + page + " ON true" + moment + " ORDER BY e.position"
            ),
        )

    async def read_log(
        self, instance: str, log: Log, after: int, limit: int, reading: Reading = Reading.PRESENT
    ) -> list[StoredEvent]:
        """See the port."""
        place = (instance, log.value)
        if log is Log.DURABLE:
            rows = await self._database.rows(self._reads[reading].durable, (*place, after, limit))
            return [stored(row) for row in rows]
        rows = await self._database.rows(self._reads[reading].activity, (*place, *place, after, limit))
        if after < rows[0][-1]:
            raise Archived
        return [stored(row[:-1]) for row in rows if row[0] is not None]

    async def head(self, instance: str, log: Log) -> Head:
        """See the port."""
        rows = await self._database.rows(self._head, (instance, log.value))
        return _head(rows[0]) if rows else Head(instance, log, 0, FIRST_EPOCH)

    async def heads(self) -> list[Head]:
        """See the port."""
        return [_head(row) for row in await self._database.rows(self._heads)]

    async def key_owner(self, instance: str, kind: str, key_hash: bytes) -> Ref | None:
        """See the port."""
        rows = await self._database.rows(self._key_owner, (instance, kind, key_hash))
        return Ref(*rows[0]) if rows else None

    async def key_changes(
        self, instance: str, log: Log, after: tuple[int, str, bytes] | None, limit: int
    ) -> list[KeyChange]:
        """See the port."""
        behind = after or (-1, "", b"")
        rows = await self._database.rows(self._key_changes, (instance, log.value, *behind, limit))
        return [KeyChange(row[0], row[1], row[2], Ref(row[3], row[4]), claimed=row[5]) for row in rows]


def stored(row: EventRow) -> StoredEvent:
    """An event out of a row of ``EVENT_COLUMNS``."""
    return StoredEvent(row[0], Ref(row[1], row[2]), *row[3:])


def in_sequence(found: Iterable[StoredEvent], after: int) -> list[StoredEvent]:
    """The events of a stream behind version ``after``, without dropped ones; raises ``Archived`` if the next is one."""
    events = [*found]
    if events and events[0].version != after + 1:
        raise Archived
    return events


def _head(row: HeadRow) -> Head:
    return Head(row[0], Log(row[1]), *row[2:])
