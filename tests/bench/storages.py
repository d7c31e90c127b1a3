"""The storages that are measured, each fresh and with the engine on it."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import psycopg

from hexkeep.adapters.postgres import PostgresSettings, PostgresStorage
from hexkeep.adapters.sqlite import SqliteSettings, SqliteStorage
from hexkeep.adapters.system.clock import SystemClock
from tests.postgres_server import OwnServer, PostgresDatabase, PostgresServer
from tests.unit.engine.notes import SLICE
from tests.unit.engine.rig import Rig, rig_on


@contextmanager
def postgres() -> Iterator[PostgresServer]:
    """A server for this run, whose commits cost what they cost anybody: nothing is promised that a power cut takes."""
    with tempfile.TemporaryDirectory(prefix="hexkeep-pg-") as folder:
        server = OwnServer(Path(folder) / "data", 18, durable=True)
        try:
            allow_connections(server.url)
            server.restart()
            yield server
        finally:
            server.stop()


def allow_connections(url: str) -> None:
    """Room for the floor's hundred clients beside ours."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET max_connections = 200")


@asynccontextmanager
async def on_postgres(
    database: PostgresDatabase, *, append_connections: int = 2, pgbouncer: bool = False
) -> AsyncIterator[Rig]:
    """The engine on PostgreSQL, as the application's role; behind a pooler nobody is woken, so everybody looks."""
    urls = {"url": database.application_url, "owner_url": database.owner_url}
    chosen = {**urls, "append_connections": append_connections, "pgbouncer": pgbouncer}
    storage = PostgresStorage(PostgresSettings.model_validate(chosen))
    await storage.migrate()
    await storage.open()
    try:
        yield rig_on(storage, (SLICE,))
    finally:
        await storage.close()


@asynccontextmanager
async def on_sqlite(folder: Path) -> AsyncIterator[Rig]:
    """The engine on SQLite with its defaults, so with synchronous=FULL."""
    storage = SqliteStorage(SqliteSettings(path=folder / "hexkeep.db"), SystemClock())
    await storage.migrate()
    await storage.open()
    try:
        yield rig_on(storage, (SLICE,))
    finally:
        await storage.close()
