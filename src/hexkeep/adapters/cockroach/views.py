"""Views on CockroachDB, where DDL is no part of a transaction: a build is announced, made, and only then begun.

A build whose tables are being made is a row that nobody else sees. Whoever is broken off leaves it, and the next who
wants the same build goes on with it; what nobody wants any more is removed with the next build of that projection. A
build that is discarded is retired first, so that it cannot serve any more.
"""

from datetime import datetime, timedelta

from psycopg.sql import SQL, Identifier
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy_cockroachdb.psycopg import (  # type: ignore[import-untyped]  # it has no types
    CockroachDBDialect_psycopg,
)

from hexkeep.adapters.cockroach.database import CockroachDatabase
from hexkeep.adapters.pgwire.database import Connection
from hexkeep.adapters.pgwire.views import Fetched, WireViews, run
from hexkeep.adapters.sql.builds import DISCARDED, PREPARING, abandoned, announced, chosen, kept, new_build, tables_of
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.view import Projection
from hexkeep.ports.views import Build, BuildState

ABANDONED = timedelta(hours=1)
"""How long, at least, nobody may have gone on with a build before it is taken to be abandoned."""
DDL_STATEMENTS = 50
"""More than a projection has: so many times the longest that one may take is longer than any build is in the making."""


def cockroach_dialect() -> Dialect:
    """How SQLAlchemy writes for CockroachDB."""
    dialect: Dialect = CockroachDBDialect_psycopg(paramstyle="format")
    return dialect


class CockroachViews(WireViews):
    """The port ``views.Views``."""

    def __init__(self, database: CockroachDatabase) -> None:
        super().__init__(database, cockroach_dialect())
        self._server = database

    async def begin(self, projection: Projection, fingerprint: str, *, anew: bool = False) -> Build:
        """See the port."""

        async def announce(connection: Connection) -> tuple[Build, bool]:
            fetched, now = await self.locked(connection, projection.name)
            build = chosen(fetched, projection, fingerprint, anew=anew)
            if build is not None:
                return build, True
            build = announced(fetched, projection, fingerprint)
            if build is None:
                build = new_build(fetched, projection, fingerprint, now)
                row = self.build_table.add(build, self.reads.names(build.number, projection))
                await run(connection, row)
                await run(connection, self.build_table.change(build, PREPARING, now))
            return build, False

        build, begun = await self._server.transaction(announce)
        if begun:
            return build
        await self._remove_abandoned(projection.name)
        await self._server.change_schema([one.encode() for one in self.reads.ddl(build.number, projection)])

        async def begin(connection: Connection) -> Build | None:
            fetched, now = await self.locked(connection, projection.name)
            still = announced(fetched, projection, fingerprint)
            if still is not None and still.number == build.number:
                await run(connection, self.build_table.change(build, BuildState.BUILDING, now))
                fetched, _ = await self.locked(connection, projection.name)
            return kept(fetched, build)

        return await self._server.transaction(begin) or await self.begin(projection, fingerprint, anew=anew)

    async def discard(self, build: Build) -> None:
        """See the port."""

        async def retire(connection: Connection) -> list[str]:
            fetched, now = await self.locked(connection, build.projection)
            found = kept(fetched, build)
            if found is None:
                return []
            if found.state is BuildState.SERVING:
                raise FailedPrecondition("This build serves")
            await run(connection, self.build_table.change(found, BuildState.RETIRED, now))
            return tables_of(fetched, build)

        await self._remove(build, await self._server.transaction(retire))

    async def _remove_abandoned(self, projection: str) -> None:
        async def look(connection: Connection) -> list[tuple[Build, list[str]]]:
            fetched, now = await self.locked(connection, projection)
            making = timedelta(seconds=DDL_STATEMENTS * self._server.settings.schema_timeout)
            return abandoned(fetched, now - max(ABANDONED, making))

        for build, tables in await self._server.transaction(look):
            await self._remove(build, tables)

    async def _remove(self, build: Build, tables: list[str]) -> None:
        """Drop the tables of a build that serves nobody, then forget it; nothing happens when it has none."""
        if not tables:
            return
        drops = [SQL("DROP TABLE IF EXISTS {}").format(Identifier(table)) for table in tables]
        await self._server.change_schema(drops)

        async def forget(connection: Connection) -> None:
            _, now = await self.locked(connection, build.projection)
            for statement in self.progress.forget(build.projection, build.number):
                await run(connection, statement)
            await run(connection, self.build_table.change(build, DISCARDED, now))

        await self._server.transaction(forget)

    async def locked(self, connection: Connection, projection: str) -> tuple[Fetched, datetime]:
        """See the base. SERIALIZABLE keeps others out; the lock makes them wait instead of beginning again."""
        statement = self.build_table.of(projection)
        cursor = await connection.execute(f"{statement.sql} FOR UPDATE".encode(), statement.values)
        fetched = await cursor.fetchall()
        ((now,),) = await (await connection.execute(b"SELECT clock_timestamp()")).fetchall()
        return fetched, now
