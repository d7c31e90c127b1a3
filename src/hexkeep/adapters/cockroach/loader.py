"""Loading history, as the owner of the schema: for restores and imports. Every transaction is bounded."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from typing import LiteralString

from psycopg import errors as pg
from psycopg.sql import SQL, Composed, Identifier

from hexkeep.adapters.cockroach.database import CockroachDatabase
from hexkeep.adapters.pgwire.database import Connection, T, Work
from hexkeep.adapters.pgwire.holders import KeyHistory
from hexkeep.adapters.pgwire.seals import COLUMNS as SEAL_COLUMNS
from hexkeep.adapters.pgwire.seals import seal_row
from hexkeep.adapters.sql.builds import BuildTable, builds_of, tables_of
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Head, KeyChange, StoredEvent
from hexkeep.ports.seals import Seal
from hexkeep.ports.storage import Loader

ROWS_PER_DELETE = 5_000
Runner = Callable[[Work[int]], Awaitable[int]]
TABLES: tuple[tuple[LiteralString, LiteralString], ...] = (
    ("events", "log, position"),
    ("unique_keys", "kind, hash"),
    ("key_changes", "log, position, kind, hash"),
    ("append_units", "unit_id"),
    ("seals", "log, number"),
    ("log_heads", "log"),
    ("log_horizons", "log"),
    ("snapshots", "aggregate_type, aggregate_id"),
    ("blobs", "owner_type, owner_id, name"),
    ("expiring", "kind, scope, key"),
    ("counters", "bucket"),
    ("keys", "name, version"),
)
"""What belongs to an instance, and in which order it goes."""
LOAD: LiteralString = (
    "INSERT INTO {schema}.events (instance_id, log, position, version, created_at, revision, aggregate_type,"
    " aggregate_id, event_type, actor, correlation_id, digest, client, payload) SELECT %s, %s, w.* FROM unnest("
    "%s::int8[], %s::int8[], %s::timestamptz[], %s::int8[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],"
    " %s::bytea[], %s::bytea[], %s::bytea[]) AS w(position, version, created_at, revision, aggregate_type,"
    " aggregate_id, event_type, actor, correlation_id, digest, client, payload)"
)


class CockroachLoader(Loader):
    """See ``storage.Loader``. Views belong to the application's role and are emptied as that role."""

    def __init__(self, database: CockroachDatabase, owner: Connection, builds: BuildTable) -> None:
        self._database = database
        self._owner = owner
        self._builds = builds
        sql = database.schema.sql
        self._head = sql("SELECT position FROM {schema}.log_heads WHERE instance_id = %s AND log = %s FOR UPDATE")
        self._begin = sql(
            "INSERT INTO {schema}.log_heads AS kept (instance_id, log, position, epoch, created_at)"
            " VALUES (%s, %s, %s, %s, coalesce(%s::timestamptz, '1970-01-01 00:00:00+00'))"
            " ON CONFLICT (instance_id, log) DO UPDATE"
            " SET position = excluded.position, epoch = excluded.epoch, created_at = excluded.created_at"
            " WHERE kept.position = 0 RETURNING 1"
        )
        self._horizon = sql(
            "INSERT INTO {schema}.log_horizons (instance_id, log, horizon, horizon_at) VALUES (%s, %s, %s, %s)"
        )
        self._load = sql(LOAD)
        self._advance = sql(
            "INSERT INTO {schema}.log_heads (instance_id, log, position, epoch, created_at) VALUES (%s, %s, %s, 1, %s)"
            " ON CONFLICT (instance_id, log) DO UPDATE"
            " SET position = excluded.position, created_at = excluded.created_at"
        )
        self._key_history = KeyHistory(database.schema)
        some = database.pieces["delete"].replace("{condition}", "instance_id = %s").replace("{order}", "instance_id")
        self._rows = SQL(some)
        slots = b", ".join([b"%s"] * (SEAL_COLUMNS.count(",") + 1))
        self._seal = sql("INSERT INTO {schema}.seals (") + SEAL_COLUMNS.encode() + b") VALUES (" + slots + b")"

    async def wipe(self, instance: str) -> None:
        """See the port. In pieces: what was begun and broken off is finished by the next."""
        for table, order in TABLES:
            await self._clear(self._as_owner, self._database.delete(table, "instance_id = %s", order), instance)
        statement = self._builds.all()
        fetched = await self._database.rows(statement.sql, statement.values)
        filled = [table for build in builds_of(fetched) for table in tables_of(fetched, build)]

        for table in ("checkpoints", "parked", *filled):
            await self._clear(self._database.run, self._rows.format(table=Identifier(table)), instance)

    async def _clear(self, run: Runner, some: bytes | Composed, instance: str) -> None:
        """Remove the rows of an instance, some at a time; a table that was dropped meanwhile has none."""

        async def remove(connection: Connection) -> int:
            try:
                return (await connection.execute(some, (instance, ROWS_PER_DELETE), prepare=False)).rowcount
            except pg.UndefinedTable:
                return 0

        while await run(remove):
            pass

    async def _as_owner(self, work: Work[T]) -> T:
        return await self._database.retried(lambda: nullcontext(self._owner), work, repeatable=False)

    async def _transaction(self, work: Work[None]) -> None:
        async def whole(connection: Connection) -> None:
            async with connection.transaction():
                await work(connection)

        await self._as_owner(whole)

    async def begin(self, head: Head) -> None:
        """See the port."""
        place = (head.instance, head.log.value)

        async def begin(connection: Connection) -> None:
            values = (*place, head.horizon, head.epoch, head.horizon_at)
            if (await connection.execute(self._begin, values)).rowcount != 1:
                raise FailedPrecondition("The log has events")
            if head.horizon:
                await connection.execute(self._horizon, (*place, head.horizon, head.horizon_at))

        await self._transaction(begin)

    async def load(self, instance: str, log: Log, events: Sequence[StoredEvent]) -> None:
        """See the port."""
        if not events:
            return
        place = (instance, log.value)
        columns = [[*column] for column in zip(*map(_cells, events), strict=True)]

        async def load(connection: Connection) -> None:
            found = await (await connection.execute(self._head, place)).fetchall()
            position = found[0][0] if found else 0
            wanted = range(position + 1, position + 1 + len(events))
            if [event.position for event in events] != [*wanted]:
                raise FailedPrecondition("These events do not follow on the log's head")
            await connection.execute(self._load, (*place, *columns))
            await connection.execute(self._advance, (*place, events[-1].position, events[-1].created_at))

        await self._transaction(load)

    async def load_key_changes(self, instance: str, log: Log, changes: Sequence[KeyChange]) -> None:
        """See the port."""
        await self._transaction(lambda connection: self._key_history.load(connection, instance, log, changes))

    async def load_seals(self, seals: Sequence[Seal]) -> None:
        """See the port."""

        async def load(connection: Connection) -> None:
            async with connection.cursor() as cursor:
                await cursor.executemany(self._seal, [seal_row(seal) for seal in seals])

        await self._transaction(load)


def _cells(event: StoredEvent) -> tuple[object, ...]:
    """An event in the order of the arrays of ``LOAD``."""
    numbers = (event.position, event.version, event.created_at, event.revision)
    names = (*event.stream, event.type, event.actor, event.correlation_id)
    return (*numbers, *names, event.digest, event.client, event.payload)


@asynccontextmanager
async def loader_on(database: CockroachDatabase, builds: BuildTable) -> AsyncIterator[CockroachLoader]:
    """A loader with a connection of the owner's; raises ``StorageUnavailable`` when the storage is not open."""
    await database.ping()
    async with database.owner() as connection:
        yield CockroachLoader(database, connection, builds)
