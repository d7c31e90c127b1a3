"""The log: appends by one function call in autocommit, reads by index."""

from collections.abc import Sequence
from datetime import datetime

import psycopg

from hexkeep.adapters.pgwire.database import Connection
from hexkeep.adapters.pgwire.errors import is_collision
from hexkeep.adapters.postgres.append import Round, Verdict, outcomes
from hexkeep.adapters.postgres.database import PostgresDatabase
from hexkeep.adapters.postgres.part import Part
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import Archived, FailedPrecondition
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import FIRST_EPOCH, Head, KeyChange, Outcome, Reading, StoredEvent, Unit

UNITS_PER_CALL = 1024
EVENT_COLUMNS = (
    "position, aggregate_type, aggregate_id, version, event_type, revision, payload, digest, actor, correlation_id,"
    " client, created_at"
)
BEHIND = b" WHERE instance_id = %s AND log = %s AND position > %s ORDER BY position LIMIT %s"
HeadRow = tuple[str, str, int, int, int, datetime | None]
EventRow = tuple[int, str, str, int, str, int, bytes, bytes, str, str, bytes, datetime]


class PostgresEventStore(Part):
    """The port ``event_store.EventStore``.

    An append may be sent again whatever happened to the first sending: the function recognises unit ids that it has
    applied. So a lost connection is no question of guessing.
    """

    def __init__(self, database: PostgresDatabase) -> None:
        super().__init__(database)
        sql = database.schema.sql
        self._append = sql("SELECT * FROM {schema}.append_units(%s, %s, %s, %s, %s, %s)")
        self._open_logs = sql(
            "INSERT INTO {schema}.log_heads (instance_id, log) SELECT i, l FROM json_to_recordset(%s::json)"
            " AS w(i text, l text) ORDER BY 1, 2 ON CONFLICT DO NOTHING"
        )
        columns = EVENT_COLUMNS.encode()
        self._read_stream = b"SELECT " + columns + sql(" FROM {schema}.read_stream(%s, %s, %s, %s, %s, %s)")
        self._read_log = b"SELECT " + columns + sql(" FROM {schema}.events") + BEHIND
        self._read_activity = (
            b"SELECT e.*, coalesce(z.horizon, 0) FROM (VALUES (1)) AS one"
            + sql(" LEFT JOIN {schema}.log_horizons z ON z.instance_id = %s AND z.log = %s")
            + b" LEFT JOIN LATERAL (SELECT "
            + columns
            + sql(" FROM {schema}.events")
            + BEHIND
            + b") e ON true ORDER BY e.position"
        )
        self._versions = sql("SELECT * FROM {schema}.stream_versions(%s, %s, %s, %s)")
        heads = sql(
            "SELECT instance_id, log, position, epoch, coalesce(horizon, 0), horizon_at"
            " FROM {schema}.log_heads LEFT JOIN {schema}.log_horizons USING (instance_id, log)"
        )
        self._head = heads + b" WHERE instance_id = %s AND log = %s"
        self._heads = heads + b" WHERE position > 0"
        self._key_owner = sql(
            "SELECT aggregate_type, aggregate_id FROM {schema}.unique_keys"
            " WHERE instance_id = %s AND kind = %s AND hash = %s"
        )
        self._key_changes = sql(
            "SELECT position, kind, hash, aggregate_type, aggregate_id, claimed FROM {schema}.key_changes"
            " WHERE instance_id = %s AND log = %s AND (position, kind, hash) > (%s, %s, %s)"
            " ORDER BY position, kind, hash LIMIT %s"
        )
        self._forget_keys = sql("SELECT {schema}.forget_keys(%s, %s, %s)")
        self._drop = sql("SELECT {schema}.drop_events(%s, %s, %s)")

    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        """See the port."""
        result: list[Outcome] = []
        for begin in range(0, len(units), UNITS_PER_CALL):
            result += await self._append_some(units[begin : begin + UNITS_PER_CALL])
        return result

    async def _append_some(self, units: Sequence[Unit]) -> list[Outcome]:
        arguments = Round.of(units).arguments()

        async def call(connection: Connection) -> list[Verdict] | None:
            try:
                return await self._call(connection, arguments)
            except psycopg.Error as error:
                if len(units) > 1 and is_collision(error):
                    return None
                raise

        verdicts = await self._database.run(call, pool="append")
        if verdicts is None:  # units that exclude each other met in one call: one after the other, then
            return [(await self._append_some([unit]))[0] for unit in units]
        return outcomes(units, verdicts)

    async def _call(self, connection: Connection, arguments: tuple[str, str, str, str, str, bytes]) -> list[Verdict]:
        verdicts = await self._send(connection, arguments)
        if not verdicts:  # the first events of a log: it has no head to lock yet
            await connection.execute(self._open_logs, arguments[:1])
            verdicts = await self._send(connection, arguments)
        return verdicts

    async def _send(self, connection: Connection, arguments: tuple[str, str, str, str, str, bytes]) -> list[Verdict]:
        prepare = self._database.prepare
        cursor = await connection.execute(self._append, arguments, prepare=prepare, binary=True)
        return await cursor.fetchall()

    async def read_stream(
        self, instance: str, log: Log, stream: Ref, after: int = 0, limit: int = 1000
    ) -> list[StoredEvent]:
        """See the port."""
        found = await self._read(self._read_stream, (instance, log.value, *stream, after, limit))
        if found and found[0].version != after + 1:
            raise Archived
        return found

    async def read_log(
        self, instance: str, log: Log, after: int, limit: int, reading: Reading = Reading.PRESENT
    ) -> list[StoredEvent]:
        """See the port. Every reading is a present one: a snapshot holds nobody up, and old rows are found by index."""
        place = (instance, log.value)
        if log is Log.DURABLE:
            return await self._read(self._read_log, (*place, after, limit))
        rows = await self._database.rows(self._read_activity, (*place, *place, after, limit))
        if after < rows[0][-1]:
            raise Archived
        return [_stored(row[:-1]) for row in rows if row[0] is not None]

    async def versions(self, instance: str, streams: Sequence[tuple[Log, Ref]]) -> list[int]:
        """See the port."""
        if not streams:
            return []
        logs, types, ids = zip(*((log.value, ref.type, ref.id) for log, ref in streams), strict=True)
        rows = await self._database.rows(self._versions, (instance, list(logs), list(types), list(ids)))
        return [version for (version,) in rows]

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
        behind = after or (0, "", b"")
        rows = await self._database.rows(self._key_changes, (instance, log.value, *behind, limit))
        return [KeyChange(row[0], row[1], row[2], Ref(row[3], row[4]), claimed=row[5]) for row in rows]

    async def forget_keys(self, instance: str, owner: Ref) -> None:
        """See the port."""
        await self._database.rows(self._forget_keys, (instance, *owner))

    async def drop(self, instance: str, upto: int, limit: int = 10_000) -> int:
        """See the port."""
        ((dropped,),) = await self._database.rows(self._drop, (instance, upto, limit))
        if dropped < 0:
            raise FailedPrecondition("The log does not reach so far")
        return int(dropped)

    async def _read(self, statement: bytes, parameters: tuple[str | int, ...]) -> list[StoredEvent]:
        return [_stored(row) for row in await self._database.rows(statement, parameters)]


def _stored(row: EventRow) -> StoredEvent:
    return StoredEvent(row[0], Ref(row[1], row[2]), *row[3:])


def _head(row: HeadRow) -> Head:
    return Head(row[0], Log(row[1]), *row[2:])
