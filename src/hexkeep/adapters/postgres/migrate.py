"""Schema versions: SQL files in order of name, each in a transaction, one process at a time.

Nodes of the version before go on serving meanwhile. So a migration never waits in front of a table for long, because
whoever comes next waits behind it: it gives up after ``LOCK_TIMEOUT``, lets the others through and comes again, now and
then with more patience. A file that begins with ``AUTOCOMMIT`` is one statement that commits by itself as it goes on,
and can be repeated.
"""

import asyncio
import random
from collections.abc import Iterator
from importlib import resources

from psycopg import errors as pg

from hexkeep.adapters.pgwire.database import Connection
from hexkeep.adapters.pgwire.errors import OUTDATED, mapped
from hexkeep.adapters.postgres.database import PostgresDatabase
from hexkeep.adapters.postgres.roles import grant
from hexkeep.core.kernel.errors import StorageUnavailable

LOCK = 0x6865786B  # "hexk": the class of our advisory locks
LOCK_TIMEOUT = b"SET LOCAL lock_timeout = '250ms'"
LOCK_TRIES = 60
VACUUM_TIMEOUT = b"SET LOCAL lock_timeout = '1500ms'"
"""Longer than ``deadlock_timeout``, which is a second: only then does a vacuum of the server's own give way."""
VACUUM_EVERY = 10
"""How many tries have one that waits for that."""
AUTOCOMMIT = "-- in autocommit"


class Migrations:
    """Brings the two schemas to this program's version, as their owner."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database
        sql = database.schema.sql
        self._schemas = {
            database.schema.name: sql("CREATE SCHEMA {schema}"),
            database.schema.views: sql("CREATE SCHEMA {views}"),
        }
        self._table = sql(
            "CREATE TABLE IF NOT EXISTS {schema}.schema_migrations"
            " (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        self._applied = sql("SELECT name FROM {schema}.schema_migrations")
        self._record = sql("INSERT INTO {schema}.schema_migrations (name) VALUES (%s)")

    async def run(self) -> list[str]:
        """The names of the migrations that ran. Waits while another process migrates."""
        settings = self._database.settings
        connection = await self._database.connect_as_owner()
        try:
            with mapped():
                await connection.execute(b"SELECT pg_advisory_lock(%s, hashtext(%s))", (LOCK, settings.schema_name))
                done = await self._run(connection)
                await grant(connection, self._database)
                return done
        finally:
            await connection.close()  # which also gives the lock back

    async def check(self) -> None:
        """Raise ``StorageUnavailable`` unless every migration of this program has run; newer ones do no harm."""
        applied = {name for (name,) in await self._database.rows(self._applied)}
        if not applied.issuperset(name for name, _ in _files()):
            raise StorageUnavailable(OUTDATED)

    async def _run(self, connection: Connection) -> list[str]:
        for schema, create in self._schemas.items():  # IF NOT EXISTS would ask for the right to create one all the same
            cursor = await connection.execute(b"SELECT to_regnamespace(quote_ident(%s)) IS NULL", (schema,))
            if await cursor.fetchone() == (True,):
                await connection.execute(create)
        await connection.execute(self._table)
        cursor = await connection.execute(self._applied)
        applied = {name for (name,) in await cursor.fetchall()}
        missing = [(name, text) for name, text in _files() if name not in applied]
        for name, text in missing:
            await self._apply(connection, name, text)
        return [name for name, _ in missing]

    async def _apply(self, connection: Connection, name: str, text: str) -> None:
        statement = self._database.schema.sql(text)
        if text.startswith(AUTOCOMMIT):
            await connection.execute(statement)
            await connection.execute(self._record, (name,))
            return
        for tries in range(1, LOCK_TRIES + 1):
            try:
                async with connection.transaction():
                    await connection.execute(LOCK_TIMEOUT if tries % VACUUM_EVERY else VACUUM_TIMEOUT)
                    await connection.execute(statement)
                    await connection.execute(self._record, (name,))
            except (pg.LockNotAvailable, pg.DeadlockDetected):
                if tries == LOCK_TRIES:
                    raise
                await asyncio.sleep(random.uniform(0.05, 0.5))  # noqa: S311  # no secret depends on it
            else:
                return


def _files() -> Iterator[tuple[str, str]]:
    """Name and text of every migration, oldest first."""
    folder = resources.files("hexkeep.adapters.postgres") / "migrations"
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".sql"):
            yield file.name.removesuffix(".sql"), file.read_text(encoding="utf-8")
