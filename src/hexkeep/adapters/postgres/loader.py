"""Loading history, as the owner of the schema: for restores and imports. Every transaction is bounded."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from psycopg import errors as pg
from psycopg.sql import Composed

from hexkeep.adapters.pgwire.database import Connection
from hexkeep.adapters.pgwire.errors import mapped
from hexkeep.adapters.pgwire.holders import KeyHistory
from hexkeep.adapters.pgwire.seals import COLUMNS as SEAL_COLUMNS
from hexkeep.adapters.pgwire.seals import seal_row
from hexkeep.adapters.postgres.database import PostgresDatabase
from hexkeep.adapters.postgres.wipes import ROWS_PER_DELETE, Wipes, deletion
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Head, KeyChange, StoredEvent
from hexkeep.ports.seals import Seal
from hexkeep.ports.storage import Loader

TABLES = (
    *("events", "unique_keys", "key_changes", "append_units", "seals", "snapshots", "blobs", "log_heads"),
    *("log_horizons", "expiring", "counters", "keys"),
)
"""All that hold rows of an instance, but for the views."""
EVENT_TYPES = ("int8", "int8", "timestamptz", "int4", *["text"] * 7, *["bytea"] * 3)


class PostgresLoader(Loader):
    """See ``storage.Loader``. Rows of views are removed as the application's role, whose tables these are."""

    def __init__(self, database: PostgresDatabase, owner: Connection) -> None:
        self._database = database
        self._owner = owner
        sql = database.schema.sql
        self._permit = sql("INSERT INTO {schema}.wipes (instance_id) VALUES (%s) ON CONFLICT DO NOTHING")
        self._forbid = sql("DELETE FROM {schema}.wipes WHERE instance_id = %s")
        self._hold = sql("SELECT FROM {schema}.wipes WHERE instance_id = %s FOR UPDATE")
        self._wipes = Wipes(database)
        self._begin = sql(
            "INSERT INTO {schema}.log_heads AS kept (instance_id, log, position, epoch, created_at)"
            " VALUES (%s, %s, %s, %s, coalesce(%s::timestamptz, '-infinity')) ON CONFLICT (instance_id, log) DO UPDATE"
            " SET position = excluded.position, epoch = excluded.epoch, created_at = excluded.created_at"
            " WHERE kept.position = 0 RETURNING 1"
        )
        self._horizon = sql(
            "INSERT INTO {schema}.log_horizons (instance_id, log, horizon, horizon_at) VALUES (%s, %s, %s, %s)"
        )
        self._open_log = sql("INSERT INTO {schema}.log_heads (instance_id, log) VALUES (%s, %s) ON CONFLICT DO NOTHING")
        self._lock = sql("SELECT position FROM {schema}.log_heads WHERE instance_id = %s AND log = %s FOR UPDATE")
        self._copy = sql(
            "COPY {schema}.events (position, version, created_at, revision, instance_id, log, aggregate_type,"
            " aggregate_id, event_type, actor, correlation_id, digest, client, payload) FROM STDIN (FORMAT BINARY)"
        )
        self._advance = sql(
            "UPDATE {schema}.log_heads SET position = %s, created_at = %s WHERE instance_id = %s AND log = %s"
        )
        self._key_history = KeyHistory(database.schema)
        slots = b", ".join([b"%s"] * (SEAL_COLUMNS.count(",") + 1))
        self._seal = sql("INSERT INTO {schema}.seals (") + SEAL_COLUMNS.encode() + b") VALUES (" + slots + b")"

    async def wipe(self, instance: str) -> None:
        """See the port. The trigger of the log lets rows of an instance go while it stands in the table of wipes.

        It stands there until the last row has gone, so whoever opens goes on with what was broken off, or with what was
        not: then they take turns.
        """
        schema, views = self._database.schema.name, self._database.schema.views
        with mapped():
            await self._owner.execute(self._permit, (instance,))
            for table in TABLES:
                await self._clear(self._owner, schema, table, instance)

        async def clear(connection: Connection) -> None:
            for table in await self._wipes.tables(connection):
                await self._clear(connection, views, table, instance)

        await self._database.run(clear)
        with mapped():
            await self._owner.execute(self._forbid, (instance,))

    async def _clear(self, connection: Connection, schema: str, table: str, instance: str) -> None:
        """Remove the rows of an instance; a table that was dropped meanwhile has none."""
        some = deletion(schema, table, ROWS_PER_DELETE)
        try:
            while await self._some(connection, some, instance):
                pass
        except pg.UndefinedTable:
            return

    async def _some(self, connection: Connection, some: Composed, instance: str) -> int:
        """How many rows went. Nobody else is at them meanwhile, or none would, while there are more."""
        async with self._owner.transaction():
            await self._owner.execute(self._hold, (instance,))
            return (await connection.execute(some, (instance,), prepare=False)).rowcount

    async def begin(self, head: Head) -> None:
        """See the port."""
        place = (head.instance, head.log.value)
        with mapped():
            async with self._owner.transaction():
                values = (*place, head.horizon, head.epoch, head.horizon_at)
                if (await self._owner.execute(self._begin, values)).rowcount != 1:
                    raise FailedPrecondition("The log has events")
                if head.horizon:
                    await self._owner.execute(self._horizon, (*place, head.horizon, head.horizon_at))

    async def load(self, instance: str, log: Log, events: Sequence[StoredEvent]) -> None:
        """See the port. By COPY."""
        if not events:
            return
        place = (instance, log.value)
        with mapped():
            async with self._owner.transaction():
                await self._owner.execute(self._open_log, place)
                ((position,),) = await (await self._owner.execute(self._lock, place)).fetchall()
                wanted = range(position + 1, position + 1 + len(events))
                if [event.position for event in events] != [*wanted]:
                    raise FailedPrecondition("These events do not follow on the log's head")
                await self._write(place, events)
                await self._owner.execute(self._advance, (events[-1].position, events[-1].created_at, *place))

    async def _write(self, place: tuple[str, str], events: Sequence[StoredEvent]) -> None:
        async with self._owner.cursor().copy(self._copy) as copy:
            copy.set_types(EVENT_TYPES)
            for one in events:
                numbers = (one.position, one.version, one.created_at, one.revision)
                names = (*place, *one.stream, one.type, one.actor, one.correlation_id)
                await copy.write_row((*numbers, *names, one.digest, one.client, one.payload))

    async def load_key_changes(self, instance: str, log: Log, changes: Sequence[KeyChange]) -> None:
        """See the port."""
        with mapped():
            async with self._owner.transaction():
                await self._key_history.load(self._owner, instance, log, changes)

    async def load_seals(self, seals: Sequence[Seal]) -> None:
        """See the port."""
        with mapped():
            async with self._owner.transaction(), self._owner.cursor() as cursor:
                await cursor.executemany(self._seal, [seal_row(seal) for seal in seals])


@asynccontextmanager
async def loader_on(database: PostgresDatabase) -> AsyncIterator[PostgresLoader]:
    """A loader with a connection of the owner's; raises ``StorageUnavailable`` when the storage is not open."""
    await database.ping()
    connection = await database.connect_as_owner()
    try:
        yield PostgresLoader(database, connection)
    finally:
        await connection.close()
