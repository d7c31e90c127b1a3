"""Wipes that were broken off, and going on with them: every node does when it opens, as the application's role."""

from psycopg import errors as pg
from psycopg.sql import SQL, Composed, Identifier

from hexkeep.adapters.pgwire.database import Connection
from hexkeep.adapters.postgres.database import PostgresDatabase

ROWS_PER_DELETE = 10_000


class Wipes:
    """See migrations/0011_wipes.sql. The rows of views are removed here, for the tables are this role's."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database
        self._begun = database.schema.sql("SELECT {schema}.begun_wipe()")
        self._more = database.schema.sql("SELECT {schema}.wipe_more(%s, %s)")
        self._tables = database.schema.sql("SELECT tables::json FROM {views}.builds WHERE state <> 'discarded'")

    async def end(self) -> None:
        """Go on with every wipe that was begun, in bounded transactions, unless another node is at it."""
        while await self._database.transaction(self._some):
            pass

    async def tables(self, connection: Connection) -> list[str]:
        """The tables that hold rows of views, or say where these are."""
        fetched = await (await connection.execute(self._tables)).fetchall()
        return ["checkpoints", "parked", *(name for (names,) in fetched for name in names)]

    async def _some(self, connection: Connection) -> bool:
        """Whether there was something to do. The instance is locked until the transaction ends."""
        ((instance,),) = await (await connection.execute(self._begun)).fetchall()
        if instance is None:
            return False
        left = ROWS_PER_DELETE
        for table in await self.tables(connection):
            left -= await self._clear(connection, table, instance, left)
            if left <= 0:
                return True
        await connection.execute(self._more, (instance, left))
        return True

    async def _clear(self, connection: Connection, table: str, instance: str, most: int) -> int:
        """How many rows went; a table that was dropped meanwhile has none."""
        try:
            async with connection.transaction():
                some = deletion(self._database.schema.views, table, most)
                return (await connection.execute(some, (instance,), prepare=False)).rowcount
        except pg.UndefinedTable:
            return 0


def deletion(schema: str, table: str, most: int) -> Composed:
    """A statement that removes so many rows of an instance."""
    return SQL(
        "DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE instance_id = %s LIMIT {most}))"
    ).format(table=Identifier(schema, table), most=most)
