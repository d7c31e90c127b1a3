"""Schema versions: SQL files in order of name, statement by statement, each of which does nothing the second time.

There is no lock to take turns by and no transaction around DDL. Processes that migrate together do so side by side; one
of them records each file.
"""

import re
from collections.abc import Iterator
from importlib import resources

from psycopg.sql import SQL, Identifier

from hexkeep.adapters.cockroach.database import CockroachDatabase, repeat_schema_change
from hexkeep.adapters.cockroach.roles import grant
from hexkeep.adapters.cockroach.views import cockroach_dialect
from hexkeep.adapters.pgwire.database import Connection
from hexkeep.adapters.pgwire.errors import OUTDATED
from hexkeep.adapters.sql.builds import BuildTable
from hexkeep.adapters.sql.progress import Progress
from hexkeep.core.kernel.errors import FailedPrecondition, StorageUnavailable

LOWEST = (22, 1)
VERSION = re.compile(r"CockroachDB \S+ v(\d+)\.(\d+)")
MIGRATIONS_TABLE = (
    "CREATE TABLE IF NOT EXISTS {schema}.schema_migrations"
    " (name text NOT NULL PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
)


class Migrations:
    """Brings the two schemas to this program's version, as their owner."""

    def __init__(self, database: CockroachDatabase) -> None:
        self._database = database
        sql = database.schema.sql
        self._first = [sql("CREATE SCHEMA IF NOT EXISTS {schema}"), sql("CREATE SCHEMA IF NOT EXISTS {views}")]
        self._table = sql(MIGRATIONS_TABLE)
        self._applied = sql("SELECT name FROM {schema}.schema_migrations")
        self._record = sql(
            "INSERT INTO {schema}.schema_migrations (name) VALUES (%s) ON CONFLICT (name) DO NOTHING RETURNING name"
        )

    async def run(self) -> list[str]:
        """The names of the migrations that this process ran as the first."""
        return await self._database.as_owner(self._run)

    async def check(self) -> None:
        """Raise unless the server is new enough and every migration of this program has run; newer ones do no harm."""

        async def look(connection: Connection) -> None:
            await self._insist_on_version(connection)

        await self._database.run(look)
        applied = {name for (name,) in await self._database.rows(self._applied)}
        if not applied.issuperset(name for name, _ in _files()):
            raise StorageUnavailable(OUTDATED)

    async def _run(self, connection: Connection) -> list[str]:
        await self._insist_on_version(connection)
        await self._database.be_patient(connection)
        for statement in (*self._databases(), *self._first, self._table):
            await repeat_schema_change(connection, statement)
        cursor = await connection.execute(self._applied)
        applied = {name for (name,) in await cursor.fetchall()}
        done: list[str] = []
        for name, text in _files():
            if name not in applied:
                await self._apply(connection, text)
                cursor = await connection.execute(self._record, (name,))
                done += [recorded for (recorded,) in await cursor.fetchall()]
        await grant(connection, self._database.settings)
        return done

    def _databases(self) -> Iterator[bytes]:
        text = self._database.pieces["database"]
        if text:
            yield SQL(text).format(database=Identifier(self._database.name)).as_bytes(None)

    async def _apply(self, connection: Connection, text: str) -> None:
        for statement in self._statements(text):
            await repeat_schema_change(connection, statement)

    def _statements(self, text: str) -> Iterator[bytes]:
        for name in ("spread", "unconstrain"):
            text = text.replace("{" + name + "}", self._database.pieces[name])
        for statement in text.split(";\n"):
            if statement.strip():
                yield self._database.schema.sql(statement)
        dialect = cockroach_dialect()
        for one in (*Progress(dialect).ddl(), *BuildTable(dialect).ddl()):
            yield one.encode()  # the search path leads to the views

    async def _insist_on_version(self, connection: Connection) -> None:
        """Raise ``FailedPrecondition`` for a server that is older, or something else."""
        ((text,),) = await (await connection.execute(self._database.pieces["version"])).fetchall()
        found = VERSION.match(text)
        if found is None or (int(found[1]), int(found[2])) < LOWEST:
            raise FailedPrecondition("This adapter needs CockroachDB 22.1 or later")


def _files() -> Iterator[tuple[str, str]]:
    """Name and text of every migration, oldest first."""
    folder = resources.files("hexkeep.adapters.cockroach") / "migrations"
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".sql"):
            yield file.name.removesuffix(".sql"), file.read_text(encoding="utf-8")
