"""The tables that projections fill."""

import sqlite3
from collections.abc import Sequence

from sqlalchemy.dialects.sqlite import dialect

from hexkeep.adapters.sql.progress import Progress, checkpoints_of, never_run, parked_of
from hexkeep.adapters.sql.statements import Statement, ViewReads
from hexkeep.adapters.sql.writes import Batch, ViewWrites
from hexkeep.adapters.sqlite.database import Database
from hexkeep.adapters.sqlite.pages import fetch
from hexkeep.adapters.sqlite.part import Part
from hexkeep.adapters.sqlite.row_writes import RowWrites
from hexkeep.core.kernel.view import Projection, Row, Select, Table, Value
from hexkeep.ports.views import Advance, Checkpoint, CheckpointKey, Parked, Views


class SqliteViews(Part, Views):
    """The port ``views.Views``. SQL is compiled by SQLAlchemy Core and run on the storage's own connections."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        sqlite = dialect(paramstyle="qmark")
        self._reads = ViewReads(sqlite)
        self._writes = ViewWrites(self._reads)
        self._progress = Progress(sqlite)
        self._rows = RowWrites()

    async def ensure(self, projections: Sequence[Projection]) -> None:
        """See the port."""
        statements = self._reads.ddl(projections)

        def create(connection: sqlite3.Connection) -> None:
            for statement in statements:
                connection.execute(statement)

        await self._database.write(create)

    async def apply(self, advance: Advance) -> bool:
        """See the port. Raises ``ValueError`` for a row that does not fit its table."""
        move = self._progress.advance(advance)
        batches = self._writes.batches(advance.key.version, advance.key.instance, advance.operations)
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

    async def checkpoints(self, projection: str, version: int) -> list[Checkpoint]:
        """See the port."""
        statement = self._progress.checkpoints(projection, version)
        return checkpoints_of(await self._database.read(lambda one: _rows(one, statement)))

    async def parked(self, projection: str, version: int, instance: str | None = None) -> list[Parked]:
        """See the port."""
        statement = self._progress.parked(projection, version, instance)
        return parked_of(await self._database.read(lambda one: _rows(one, statement)))

    async def get(self, version: int, instance: str, table: Table, key: tuple[Value, ...]) -> Row | None:
        """See the port."""
        statement = self._reads.get(version, instance, table, key)
        found = await self._database.peek(lambda one: _rows(one, statement))
        rows = self._reads.rows(version, table, found)
        return rows[0] if rows else None

    async def select(self, version: int, instance: str, query: Select) -> list[Row]:
        """See the port."""
        statement = self._reads.select(version, instance, query)
        width = len(query.table.all_columns())
        page = await self._database.read(lambda one: list(fetch(one, statement.sql, statement.values, width)))
        return self._reads.rows(version, query.table, page)

    async def count(self, version: int, instance: str, query: Select) -> int:
        """See the port."""
        statement = self._reads.count(version, instance, query)
        ((found,),) = await self._database.read(lambda one: _rows(one, statement))
        return int(found or 0)


def _rows(connection: sqlite3.Connection, statement: Statement) -> list[tuple[str | int | None, ...]]:
    return connection.execute(statement.sql, statement.values).fetchall()
