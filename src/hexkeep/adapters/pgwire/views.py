"""Views: statements from ``adapters.sql``, run in the schema that the application's role may create tables in.

The tables are named without a schema; the search path of the connections leads to theirs.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy.engine.interfaces import Dialect

from hexkeep.adapters.pgwire.database import Connection, Database
from hexkeep.adapters.pgwire.part import Part
from hexkeep.adapters.sql.arrays import ArrayWrites
from hexkeep.adapters.sql.builds import BuildTable, builds_of, kept, serving
from hexkeep.adapters.sql.cells import DbValue
from hexkeep.adapters.sql.progress import Progress, checkpoints_of, never_run, parked_of
from hexkeep.adapters.sql.statements import Statement, ViewReads
from hexkeep.adapters.sql.writes import Batch, ViewWrites
from hexkeep.core.kernel.view import Row, Select, Table, Value
from hexkeep.ports.views import Advance, Build, BuildState, Checkpoint, CheckpointKey, Parked, ParkedPlace

Write = tuple[str, Sequence[object]]
Fetched = list[tuple[DbValue, ...]]


class WireViews(Part):
    """The port ``views.Views`` but for ``begin`` and ``discard``: databases differ in whether DDL can be taken back."""

    def __init__(self, database: Database, dialect: Dialect) -> None:
        super().__init__(database)
        self.reads = ViewReads(dialect)
        self._writes = ViewWrites(self.reads)
        self._arrays = ArrayWrites()
        self.progress = Progress(dialect)
        self.build_table = BuildTable(dialect)

    async def builds(self) -> list[Build]:
        """See the port."""
        return builds_of(await self._fetch(self.build_table.all()))

    async def switch(self, build: Build) -> bool:
        """See the port."""

        async def switch(connection: Connection) -> bool:
            fetched, now = await self.locked(connection, build.projection)
            found, former = kept(fetched, build), serving(fetched)
            if found is None or found.state is not BuildState.BUILDING:
                return False
            if former is not None:
                await run(connection, self.build_table.change(former, BuildState.RETIRED, now))
            await run(connection, self.build_table.change(found, BuildState.SERVING, now))
            return True

        return await self._database.transaction(switch)

    async def locked(self, connection: Connection, projection: str) -> tuple[Fetched, datetime]:
        """The builds of a projection, which nobody else changes until the transaction ends, and the server's time."""
        raise NotImplementedError

    async def apply(self, advance: Advance) -> bool:
        """See the port. The checkpoint is moved first: whoever comes second waits there and finds it elsewhere."""
        move = self.progress.advance(advance)
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
        found = checkpoints_of(await self._fetch(self.progress.checkpoint(key)))
        return found[0] if found else never_run(key)

    async def checkpoints(self, projection: str, build: int) -> list[Checkpoint]:
        """See the port."""
        return checkpoints_of(await self._fetch(self.progress.checkpoints(projection, build)))

    async def parked(
        self,
        projection: str,
        build: int,
        instance: str | None = None,
        after: ParkedPlace | None = None,
        limit: int = 1000,
    ) -> list[Parked]:
        """See the port."""
        return parked_of(await self._fetch(self.progress.parked(projection, build, instance, after, limit)))

    async def get(self, build: int, instance: str, table: Table, key: tuple[Value, ...]) -> Row | None:
        """See the port."""
        fetched = await self._fetch(self.reads.get(build, instance, table, key))
        rows = self.reads.rows(build, table, fetched)
        return rows[0] if rows else None

    async def select(self, build: int, instance: str, query: Select) -> list[Row]:
        """See the port."""
        fetched = await self._fetch(self.reads.select(build, instance, query))
        return self.reads.rows(build, query.table, fetched)

    async def count(self, build: int, instance: str, query: Select) -> int:
        """See the port."""
        fetched = await self._fetch(self.reads.count(build, instance, query))
        return int(fetched[0][0] or 0)

    async def _fetch(self, statement: Statement) -> list[tuple[DbValue, ...]]:
        return await self._database.rows(statement.sql, statement.values)

    def _writes_of(self, advance: Advance) -> Iterator[Write]:
        for batch in self._writes.batches(advance.key.build, advance.key.instance, advance.operations):
            yield from self._batch(batch)
        yield from ((statement.sql, statement.values) for statement in self.progress.park(advance))

    def _batch(self, batch: Batch) -> Iterable[Write]:
        """One statement for all rows; a single row needs no arrays."""
        if batch.kind == "delete_where" or len(batch.rows) == 1:
            return [(batch.sql, row) for row in batch.parameters()]
        return [self._arrays.statement(batch)]


async def run(connection: Connection, statement: Statement) -> None:
    """Execute a statement inside a transaction."""
    await connection.execute(statement.sql.encode(), statement.values)
