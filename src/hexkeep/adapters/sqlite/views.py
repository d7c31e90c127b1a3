"""The tables that projections fill."""

import sqlite3
from collections.abc import Sequence

from sqlalchemy.dialects.sqlite import dialect

from hexkeep.adapters.sql.builds import DISCARDED, BuildTable, builds_of, chosen, kept, new_build, serving, tables_of
from hexkeep.adapters.sql.progress import Progress, checkpoints_of, never_run, parked_of
from hexkeep.adapters.sql.statements import Statement, ViewReads
from hexkeep.adapters.sql.writes import Batch, ViewWrites
from hexkeep.adapters.sqlite.database import Database
from hexkeep.adapters.sqlite.pages import fetch
from hexkeep.adapters.sqlite.part import Part
from hexkeep.adapters.sqlite.room import give_back
from hexkeep.adapters.sqlite.row_writes import RowWrites
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.view import Projection, Row, Select, Table, Value
from hexkeep.ports.clock import Clock
from hexkeep.ports.views import Advance, Build, BuildState, Checkpoint, CheckpointKey, Parked, ParkedPlace, Views


class SqliteViews(Part, Views):
    """The port ``views.Views``. SQL is compiled by SQLAlchemy Core and run on the storage's own connections."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database)
        self._clock = clock
        sqlite = dialect(paramstyle="qmark")
        self._reads = ViewReads(sqlite)
        self._writes = ViewWrites(self._reads)
        self._progress = Progress(sqlite)
        self._builds = BuildTable(sqlite)
        self._rows = RowWrites()

    async def builds(self) -> list[Build]:
        """See the port."""
        return builds_of(await self._database.read(lambda one: _rows(one, self._builds.all())))

    async def begin(self, projection: Projection, fingerprint: str, *, anew: bool = False) -> Build:
        """See the port."""

        def begin(connection: sqlite3.Connection) -> Build:
            fetched = _rows(connection, self._builds.of(projection.name))
            build = chosen(fetched, projection, fingerprint, anew=anew)
            if build is None:
                build = new_build(fetched, projection, fingerprint, self._clock.now())
                _run(connection, self._builds.add(build, self._reads.names(build.number, projection)))
                for statement in self._reads.ddl(build.number, projection):
                    connection.execute(statement)
            return build

        return await self._database.write(begin)

    async def switch(self, build: Build) -> bool:
        """See the port."""

        def switch(connection: sqlite3.Connection) -> bool:
            fetched = _rows(connection, self._builds.of(build.projection))
            found, former = kept(fetched, build), serving(fetched)
            if found is None or found.state is not BuildState.BUILDING:
                return False
            now = self._clock.now()
            if former is not None:
                _run(connection, self._builds.change(former, BuildState.RETIRED, now))
            _run(connection, self._builds.change(found, BuildState.SERVING, now))
            return True

        return await self._database.write(switch)

    async def discard(self, build: Build) -> None:
        """See the port."""

        def discard(connection: sqlite3.Connection) -> None:
            fetched = _rows(connection, self._builds.of(build.projection))
            found = kept(fetched, build)
            if found is None:
                return
            if found.state is BuildState.SERVING:
                raise FailedPrecondition("This build serves")
            for table in tables_of(fetched, build):
                connection.execute(f'DROP TABLE IF EXISTS "{table}"')
            for statement in self._progress.forget(build.projection, build.number):
                _run(connection, statement)
            _run(connection, self._builds.change(found, DISCARDED, self._clock.now()))

        await self._database.write(discard)
        await give_back(self._database)

    async def apply(self, advance: Advance) -> bool:
        """See the port. Raises ``ValueError`` for a row that does not fit its table."""
        move = self._progress.advance(advance)
        batches = self._writes.batches(advance.key.build, advance.key.instance, advance.operations)
        parking = self._progress.park(advance)
        return await self._database.write(lambda one: self._advance(one, move, batches, parking), patient=True)

    def _advance(
        self, connection: sqlite3.Connection, move: Statement, batches: Sequence[Batch], parking: Sequence[Statement]
    ) -> bool:
        """The checkpoint moves first, so that who comes too late has changed nothing."""
        if connection.execute(move.sql, move.values).rowcount != 1:
            return False
        for batch in batches:
            self._rows.run(connection, batch)
        for statement in parking:
            connection.execute(statement.sql, statement.values)
        return True

    async def checkpoint(self, key: CheckpointKey) -> Checkpoint:
        """See the port."""
        statement = self._progress.checkpoint(key)
        rows = await self._database.peek(lambda one: one.execute(statement.sql, statement.values).fetchall())
        return checkpoints_of(rows)[0] if rows else never_run(key)

    async def checkpoints(self, projection: str, build: int) -> list[Checkpoint]:
        """See the port."""
        statement = self._progress.checkpoints(projection, build)
        return checkpoints_of(await self._database.read(lambda one: _rows(one, statement)))

    async def parked(
        self,
        projection: str,
        build: int,
        instance: str | None = None,
        after: ParkedPlace | None = None,
        limit: int = 1000,
    ) -> list[Parked]:
        """See the port."""
        statement = self._progress.parked(projection, build, instance, after, limit)
        return parked_of(await self._database.read(lambda one: _rows(one, statement)))

    async def get(self, build: int, instance: str, table: Table, key: tuple[Value, ...]) -> Row | None:
        """See the port."""
        statement = self._reads.get(build, instance, table, key)
        found = await self._database.peek(lambda one: _rows(one, statement))
        rows = self._reads.rows(build, table, found)
        return rows[0] if rows else None

    async def select(self, build: int, instance: str, query: Select) -> list[Row]:
        """See the port."""
        statement = self._reads.select(build, instance, query)
        width = len(query.table.all_columns())
        page = await self._database.read(lambda one: list(fetch(one, statement.sql, statement.values, width)))
        return self._reads.rows(build, query.table, page)

    async def count(self, build: int, instance: str, query: Select) -> int:
        """See the port."""
        statement = self._reads.count(build, instance, query)
        ((found,),) = await self._database.read(lambda one: _rows(one, statement))
        return int(found or 0)


def _rows(connection: sqlite3.Connection, statement: Statement) -> list[tuple[str | int | None, ...]]:
    return connection.execute(statement.sql, statement.values).fetchall()


def _run(connection: sqlite3.Connection, statement: Statement) -> None:
    connection.execute(statement.sql, statement.values)
