"""Views: statements from ``adapters.sql``, run in the schema that the application's role may create tables in.

The tables are named without a schema; the search path of the connections leads to theirs.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from psycopg.sql import SQL, Identifier
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine.interfaces import Dialect

from hexkeep.adapters.postgres.database import Connection, Database
from hexkeep.adapters.postgres.part import Part
from hexkeep.adapters.sql.arrays import ArrayWrites
from hexkeep.adapters.sql.builds import DISCARDED, BuildTable, builds_of, chosen, kept, new_build, serving, tables_of
from hexkeep.adapters.sql.cells import DbValue
from hexkeep.adapters.sql.progress import Progress, checkpoints_of, never_run, parked_of
from hexkeep.adapters.sql.statements import Statement, ViewReads
from hexkeep.adapters.sql.writes import Batch, ViewWrites
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.view import Projection, Row, Select, Table, Value
from hexkeep.ports.views import Advance, Build, BuildState, Checkpoint, CheckpointKey, Parked

BUILDS_LOCK = 0x68657877  # "hexw": the class of the advisory locks under which builds are begun, switched, discarded
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
        self._builds = BuildTable(dialect)

    async def builds(self) -> list[Build]:
        """See the port."""
        return builds_of(await self._fetch(self._builds.all()))

    async def begin(self, projection: Projection, fingerprint: str, *, anew: bool = False) -> Build:
        """See the port. Nodes that start together take turns."""

        async def begin(connection: Connection) -> Build:
            fetched, now = await self._locked(connection, projection.name)
            build = chosen(fetched, projection, fingerprint, anew=anew)
            if build is None:
                build = new_build(fetched, projection, fingerprint, now)
                await _run(connection, self._builds.add(build, self._reads.names(build.number, projection)))
                for statement in self._reads.ddl(build.number, projection):
                    await connection.execute(statement.encode(), prepare=False)
            return build

        return await self._database.transaction(begin)

    async def switch(self, build: Build) -> bool:
        """See the port."""

        async def switch(connection: Connection) -> bool:
            fetched, now = await self._locked(connection, build.projection)
            found, former = kept(fetched, build), serving(fetched)
            if found is None or found.state is not BuildState.BUILDING:
                return False
            if former is not None:
                await _run(connection, self._builds.change(former, BuildState.RETIRED, now))
            await _run(connection, self._builds.change(found, BuildState.SERVING, now))
            return True

        return await self._database.transaction(switch)

    async def discard(self, build: Build) -> None:
        """See the port."""

        async def discard(connection: Connection) -> None:
            fetched, now = await self._locked(connection, build.projection)
            found = kept(fetched, build)
            if found is None:
                return
            if found.state is BuildState.SERVING:
                raise FailedPrecondition("This build serves")
            for table in tables_of(fetched, build):
                await connection.execute(SQL("DROP TABLE IF EXISTS {}").format(Identifier(table)), prepare=False)
            for statement in self._progress.forget(build.projection, build.number):
                await _run(connection, statement)
            await _run(connection, self._builds.change(found, DISCARDED, now))

        await self._database.transaction(discard)

    async def _locked(self, connection: Connection, projection: str) -> tuple[list[tuple[DbValue, ...]], datetime]:
        """The builds of a projection, which nobody else changes until the transaction ends, and the server's time."""
        lock = (BUILDS_LOCK, self._database.schema.views)
        await connection.execute(b"SELECT pg_advisory_xact_lock(%s, hashtext(%s))", lock)
        statement = self._builds.of(projection)
        fetched = await (await connection.execute(statement.sql.encode(), statement.values)).fetchall()
        ((now,),) = await (await connection.execute(b"SELECT clock_timestamp()")).fetchall()
        return fetched, now

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

    async def checkpoints(self, projection: str, build: int) -> list[Checkpoint]:
        """See the port."""
        return checkpoints_of(await self._fetch(self._progress.checkpoints(projection, build)))

    async def parked(self, projection: str, build: int, instance: str | None = None) -> list[Parked]:
        """See the port."""
        return parked_of(await self._fetch(self._progress.parked(projection, build, instance)))

    async def get(self, build: int, instance: str, table: Table, key: tuple[Value, ...]) -> Row | None:
        """See the port."""
        fetched = await self._fetch(self._reads.get(build, instance, table, key))
        rows = self._reads.rows(build, table, fetched)
        return rows[0] if rows else None

    async def select(self, build: int, instance: str, query: Select) -> list[Row]:
        """See the port."""
        fetched = await self._fetch(self._reads.select(build, instance, query))
        return self._reads.rows(build, query.table, fetched)

    async def count(self, build: int, instance: str, query: Select) -> int:
        """See the port."""
        fetched = await self._fetch(self._reads.count(build, instance, query))
        return int(fetched[0][0] or 0)

    async def _fetch(self, statement: Statement) -> list[tuple[DbValue, ...]]:
        return await self._database.rows(statement.sql, statement.values)

    def _writes_of(self, advance: Advance) -> Iterator[Write]:
        for batch in self._writes.batches(advance.key.build, advance.key.instance, advance.operations):
            yield from self._batch(batch)
        yield from ((statement.sql, statement.values) for statement in self._progress.park(advance))

    def _batch(self, batch: Batch) -> Iterable[Write]:
        """One statement for all rows; a single row needs no arrays."""
        if batch.kind == "delete_where" or len(batch.rows) == 1:
            return [(batch.sql, row) for row in batch.parameters()]
        return [self._arrays.statement(batch)]


async def _run(connection: Connection, statement: Statement) -> None:
    await connection.execute(statement.sql.encode(), statement.values)
