"""Views: statements from ``adapters.sql``, run in the schema that the application's role may create tables in.

The tables are named without a schema; the search path of the connections leads to theirs.
"""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine.interfaces import Dialect

from hexkeep.adapters.postgres.database import Connection, Database
from hexkeep.adapters.postgres.part import Part
from hexkeep.adapters.sql.arrays import ArrayWrites
from hexkeep.adapters.sql.cells import DbValue
from hexkeep.adapters.sql.progress import Progress, checkpoints_of, never_run, parked_of
from hexkeep.adapters.sql.statements import Statement, ViewReads
from hexkeep.adapters.sql.writes import Batch, ViewWrites
from hexkeep.core.kernel.view import Projection, Row, Select, Table, Value
from hexkeep.ports.views import Advance, Checkpoint, CheckpointKey, Parked

ENSURE_LOCK = 0x68657877  # "hexw": the class of the advisory locks that order makers of tables
Write = tuple[str, Sequence[object]]


class PostgresViews(Part):
    """The port ``views.Views``."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        dialect: Dialect = PGDialect_psycopg(paramstyle="format")  # type: ignore[no-untyped-call]  # unannotated there
        self._reads = ViewReads(dialect)
        self._writes = ViewWrites(self._reads)
        self._arrays = ArrayWrites()
        self._progress = Progress(dialect)

    async def ensure(self, projections: Sequence[Projection]) -> None:
        """See the port. Nodes that start together take turns: IF NOT EXISTS alone does not protect them."""
        statements = self._reads.ddl(projections)

        async def create(connection: Connection) -> None:
            lock = (ENSURE_LOCK, self._database.schema.views)
            await connection.execute(b"SELECT pg_advisory_xact_lock(%s, hashtext(%s))", lock)
            for statement in statements:
                await connection.execute(statement.encode(), prepare=False)

        await self._database.transaction(create)

    async def apply(self, advance: Advance) -> bool:
        """See the port. The checkpoint is moved first: whoever comes second waits there and finds it elsewhere."""
        move = self._progress.advance(advance)
        writes = list(self._writes_of(advance))

        async def advance_or_leave(connection: Connection) -> bool:
            cursor = await connection.execute(move.sql, move.values)
            if cursor.rowcount != 1:
                return False
            async with connection.pipeline():
                for sql, parameters in writes:
                    await connection.execute(sql, parameters)
            return True

        return await self._database.transaction(advance_or_leave)

    async def checkpoint(self, key: CheckpointKey) -> Checkpoint:
        """See the port."""
        found = checkpoints_of(await self._fetch(self._progress.checkpoint(key)))
        return found[0] if found else never_run(key)

    async def checkpoints(self, projection: str, version: int) -> list[Checkpoint]:
        """See the port."""
        return checkpoints_of(await self._fetch(self._progress.checkpoints(projection, version)))

    async def parked(self, projection: str, version: int, instance: str | None = None) -> list[Parked]:
        """See the port."""
        return parked_of(await self._fetch(self._progress.parked(projection, version, instance)))

    async def get(self, version: int, instance: str, table: Table, key: tuple[Value, ...]) -> Row | None:
        """See the port."""
        fetched = await self._fetch(self._reads.get(version, instance, table, key))
        rows = self._reads.rows(version, table, fetched)
        return rows[0] if rows else None

    async def select(self, version: int, instance: str, query: Select) -> list[Row]:
        """See the port."""
        fetched = await self._fetch(self._reads.select(version, instance, query))
        return self._reads.rows(version, query.table, fetched)

    async def count(self, version: int, instance: str, query: Select) -> int:
        """See the port."""
        fetched = await self._fetch(self._reads.count(version, instance, query))
        return int(fetched[0][0] or 0)

    async def _fetch(self, statement: Statement) -> list[tuple[DbValue, ...]]:
        return await self._database.rows(statement.sql, statement.values)

    def _writes_of(self, advance: Advance) -> Iterator[Write]:
        for batch in self._writes.batches(advance.key.version, advance.key.instance, advance.operations):
            yield from self._batch(batch)
        yield from ((statement.sql, statement.values) for statement in self._progress.park(advance))

    def _batch(self, batch: Batch) -> Iterable[Write]:
        """One statement for all rows; a single row needs no arrays."""
        if batch.kind == "delete_where" or len(batch.rows) == 1:
            return [(batch.sql, row) for row in batch.parameters()]
        return [self._arrays.statement(batch)]
