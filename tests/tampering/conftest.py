"""The same attacks on every storage."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hexkeep.adapters.memory import MemorySettings, MemoryStorage
from hexkeep.adapters.postgres import PostgresSettings, PostgresStorage
from hexkeep.adapters.sqlite import SqliteSettings, SqliteStorage
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.adapters.system.ids import SystemIds
from hexkeep.ports.storage import Storage
from tests.postgres_server import PostgresDatabase
from tests.tampering.back_doors import BackDoor, MemoryBackDoor, PostgresBackDoor, SqliteBackDoor
from tests.tampering.site import Site
from tests.unit.engine.notes import SLICE
from tests.unit.engine.rig import rig_on

Opened = tuple[Storage, BackDoor]


@asynccontextmanager
async def on_memory() -> AsyncIterator[Opened]:
    """A memory storage."""
    storage = MemoryStorage(MemorySettings(), SystemClock())
    await storage.open()
    yield storage, MemoryBackDoor(storage)
    await storage.close()


@asynccontextmanager
async def on_sqlite(path: Path) -> AsyncIterator[Opened]:
    """A SQLite file."""
    storage = SqliteStorage(SqliteSettings(path=path), SystemClock())
    await storage.migrate()
    await storage.open()
    yield storage, SqliteBackDoor(path)
    await storage.close()


@asynccontextmanager
async def on_postgres(settings: PostgresSettings, database: PostgresDatabase) -> AsyncIterator[Opened]:
    """The module's database, as the application's role."""
    storage = PostgresStorage(settings)
    await storage.migrate()
    await storage.open()
    yield storage, PostgresBackDoor(database.owner_url)
    await storage.close()


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def site(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Site]:
    """A log of 14 events, of which 12 are under three seals."""
    if request.param == "memory":
        opened = on_memory()
    elif request.param == "sqlite":
        opened = on_sqlite(tmp_path / "hexkeep.db")
    else:
        names = ("postgres_settings", "postgres_database")
        opened = on_postgres(*(request.getfixturevalue(name) for name in names))
    async with opened as (storage, door):
        site = Site(rig_on(storage, (SLICE,)), storage, door, SystemIds().new())
        await site.write(12)
        await site.sealer().seal()
        await site.write(2)
        yield site
