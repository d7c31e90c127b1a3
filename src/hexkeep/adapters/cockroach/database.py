"""CockroachDB's connections: SERIALIZABLE, typed as it likes it, and the owner's beside the pools."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import ClassVar, LiteralString

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.crdb import AsyncCrdbConnection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Literal
from pydantic import SecretStr

from hexkeep.adapters.cockroach.only import Pieces
from hexkeep.adapters.cockroach.settings import CockroachSettings
from hexkeep.adapters.pgwire.database import Connection, Database, T, Work
from hexkeep.adapters.pgwire.errors import is_contention

MADE_BY_ANOTHER = frozenset({"23505", "42P06", "42P07", "42701", "42710"})
"""Two who make the same thing at once, IF NOT EXISTS or not: whoever comes second looks again and finds it."""
SCHEMA_TRIES = 20


class CockroachDatabase(Database):
    """Connections to CockroachDB."""

    settings: CockroachSettings
    connection_class: ClassVar[type[Connection]] = AsyncCrdbConnection[TupleRow]

    def __init__(self, settings: CockroachSettings, pieces: Pieces) -> None:
        super().__init__(settings)
        self.pieces = pieces
        self.contention_tries = settings.contention_tries

    def session(self, connection: Connection) -> dict[str, str]:  # all versions know these
        """Session settings."""
        settings = self.settings
        return {
            "search_path": self.schema.views,
            "timezone": "UTC",
            "default_transaction_isolation": "serializable",
            "statement_timeout": f"{settings.statement_timeout * 1000:.0f}",
            "idle_in_transaction_session_timeout": f"{settings.transaction_timeout * 1000:.0f}",
        }

    def recently(self) -> LiteralString:
        """The clause for reads a little in the past, which never push a writer."""
        return self.pieces["recent"].replace("{milliseconds}", str(self.settings.recent_milliseconds))

    def delete(self, table: LiteralString, condition: LiteralString, order: LiteralString) -> bytes:
        """A statement that deletes the first rows in an order, as many as its last argument says."""
        text = self.pieces["delete"].replace("{condition}", condition).replace("{order}", order)
        return self.schema.sql(text.replace("{table}", "{schema}." + table))

    @property
    def owner_url(self) -> SecretStr:
        """Of the role that may migrate, drop and load."""
        return self.settings.owner_url or self.settings.url

    @property
    def name(self) -> str:
        """Of the database itself."""
        return str(conninfo_to_dict(self.owner_url.get_secret_value()).get("dbname") or "defaultdb")

    @asynccontextmanager
    async def owner(self) -> AsyncIterator[Connection]:
        """A connection of the owner's, for as long as the block runs."""
        connection = await self.connect(self.owner_url.get_secret_value())
        try:
            await self._configure(connection)
            yield connection
        finally:
            await connection.close()

    async def as_owner(self, work: Work[T]) -> T:
        """What ``work``, which may be repeated, returns on a connection of the owner's."""
        return await self.retried(self.owner, work, repeatable=True)

    async def change_schema(self, statements: Sequence[Composed | bytes]) -> None:
        """Run DDL statement by statement, on a connection of the application's role that may take its time.

        DDL is not part of a transaction there, so every statement has to be one that does nothing the second time.
        """

        @asynccontextmanager
        async def patient() -> AsyncIterator[Connection]:
            connection = await self.connect(self.settings.url.get_secret_value())
            try:
                await self._configure(connection)
                await self.be_patient(connection)
                yield connection
            finally:
                await connection.close()

        async def change(connection: Connection) -> None:
            for statement in statements:
                await repeat_schema_change(connection, statement)

        await self.retried(patient, change, repeatable=True)

    async def be_patient(self, connection: Connection) -> None:
        """Let the statements of this session take as long as schema changes do."""
        milliseconds = Literal(f"{self.settings.schema_timeout * 1000:.0f}")
        await connection.execute(SQL("SET statement_timeout = {}").format(milliseconds))


async def repeat_schema_change(connection: Connection, statement: Composed | bytes) -> None:
    """Run one statement that does nothing the second time, again where somebody else was at the same."""
    for attempt in range(1, SCHEMA_TRIES + 1):
        try:
            await connection.execute(statement, prepare=False)
        except psycopg.Error as error:
            if attempt == SCHEMA_TRIES or not (is_contention(error) or error.sqlstate in MADE_BY_ANOTHER):
                raise
        else:
            return
