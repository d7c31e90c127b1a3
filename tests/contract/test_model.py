"""Random histories on every storage, compared with memory: the machine of ``hexkeep.testing.model``."""

from pathlib import Path

import pytest

from hexkeep.adapters.memory import MemorySettings, MemoryStorage
from hexkeep.adapters.postgres import PostgresSettings, PostgresStorage
from hexkeep.adapters.sqlite import SqliteSettings, SqliteStorage
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.testing.model import ModelContract
from hexkeep.testing.twins import Connect


class TestMemory(ModelContract):
    histories = 40

    @pytest.fixture
    def connect(self) -> Connect:
        """One storage, for what it holds is lost with it."""
        storage = MemoryStorage(MemorySettings(), SystemClock())
        return lambda: storage


class TestSqlite(ModelContract):
    @pytest.fixture
    def connect(self, tmp_path: Path) -> Connect:
        """Storages on one file."""
        settings = SqliteSettings(path=tmp_path / "hexkeep.db")
        return lambda: SqliteStorage(settings, SystemClock())


@pytest.mark.postgres
class TestPostgres(ModelContract):
    @pytest.fixture
    def connect(self, postgres_settings: PostgresSettings) -> Connect:
        """Storages on one database."""
        return lambda: PostgresStorage(postgres_settings)


@pytest.mark.slow
@pytest.mark.timeout(600)
class TestSqliteAtLength(TestSqlite):
    histories = 150
    length = 60
    same_each_time = False


@pytest.mark.slow
@pytest.mark.timeout(600)
class TestPostgresAtLength(TestPostgres):
    histories = 150
    length = 60
    same_each_time = False
