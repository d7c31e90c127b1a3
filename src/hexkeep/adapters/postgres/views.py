"""Views on PostgreSQL: DDL is part of the transaction, and whoever changes builds waits behind an advisory lock."""

from datetime import datetime

from psycopg.sql import SQL, Identifier
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine.interfaces import Dialect

from hexkeep.adapters.pgwire.database import Connection, Database
from hexkeep.adapters.pgwire.views import Fetched, WireViews, run
from hexkeep.adapters.sql.builds import DISCARDED, chosen, kept, new_build, tables_of
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.view import Projection
from hexkeep.ports.views import Build, BuildState

LOCK_TIMEOUT = b"SET LOCAL lock_timeout = '250ms'"
"""So long a table that is to go may keep its readers waiting; then they are let through and it is tried again."""
BUILDS_LOCK = 0x68657877  # "hexw": the class of the advisory locks under which builds are begun, switched, discarded


class PostgresViews(WireViews):
    """The port ``views.Views``."""

    def __init__(self, database: Database) -> None:
        dialect: Dialect = PGDialect_psycopg(paramstyle="format")  # type: ignore[no-untyped-call]  # unannotated there
        super().__init__(database, dialect)

    async def begin(self, projection: Projection, fingerprint: str, *, anew: bool = False) -> Build:
        """See the port. Nodes that start together take turns."""

        async def begin(connection: Connection) -> Build:
            fetched, now = await self.locked(connection, projection.name)
            build = chosen(fetched, projection, fingerprint, anew=anew)
            if build is None:
                build = new_build(fetched, projection, fingerprint, now)
                await run(connection, self.build_table.add(build, self.reads.names(build.number, projection)))
                for statement in self.reads.ddl(build.number, projection):
                    await connection.execute(statement.encode(), prepare=False)
            return build

        return await self._database.transaction(begin)

    async def discard(self, build: Build) -> None:
        """See the port."""

        async def discard(connection: Connection) -> None:
            fetched, now = await self.locked(connection, build.projection)
            found = kept(fetched, build)
            if found is None:
                return
            if found.state is BuildState.SERVING:
                raise FailedPrecondition("This build serves")
            await connection.execute(LOCK_TIMEOUT)
            for table in tables_of(fetched, build):
                await connection.execute(SQL("DROP TABLE IF EXISTS {}").format(Identifier(table)), prepare=False)
            for statement in self.progress.forget(build.projection, build.number):
                await run(connection, statement)
            await run(connection, self.build_table.change(found, DISCARDED, now))

        await self._database.transaction(discard)

    async def locked(self, connection: Connection, projection: str) -> tuple[Fetched, datetime]:
        """See the base."""
        lock = (BUILDS_LOCK, self._database.schema.views)
        await connection.execute(b"SELECT pg_advisory_xact_lock(%s, hashtext(%s))", lock)
        statement = self.build_table.of(projection)
        fetched = await (await connection.execute(statement.sql.encode(), statement.values)).fetchall()
        ((now,),) = await (await connection.execute(b"SELECT clock_timestamp()")).fetchall()
        return fetched, now
