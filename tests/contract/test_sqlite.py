"""The SQLite storage under the contract kits."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hexkeep.adapters.sqlite import SqliteSettings, SqliteStorage
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Appended
from hexkeep.testing.blobs import BlobsContract
from hexkeep.testing.contract import PassingTime
from hexkeep.testing.event_store import EventStoreContract, RawLog
from hexkeep.testing.expiring import ExpiringContract
from hexkeep.testing.golden import GoldenContract
from hexkeep.testing.keys import KeysContract
from hexkeep.testing.loader import LoaderContract
from hexkeep.testing.locks import LocksContract
from hexkeep.testing.pubsub import PubSubContract
from hexkeep.testing.seals import SealsContract
from hexkeep.testing.snapshots import SnapshotsContract
from hexkeep.testing.units import append, stream, unit
from hexkeep.testing.views import ViewsContract

RAW = """
SELECT events.position, event_type, payload FROM events JOIN logs ON logs.id = events.log_id
WHERE instance_id = ? AND log = ? ORDER BY events.position
"""


class HandMovedClock(SystemClock):
    """The machine's clock, with what a test has added to it."""

    def __init__(self) -> None:
        self.added = timedelta()

    def now(self) -> datetime:
        """The machine's time and what has been added."""
        return datetime.now(UTC) + self.added

    async def advance(self, seconds: float) -> None:
        """Add to the time."""
        self.added += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> HandMovedClock:
    """The clock of the storage under test."""
    return HandMovedClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file is going to be."""
    return tmp_path / "data" / "hexkeep.db"


@pytest.fixture
async def storage(path: Path, clock: HandMovedClock) -> AsyncIterator[SqliteStorage]:
    """An opened storage on a new file."""
    storage = SqliteStorage(SqliteSettings(path=path), clock)
    await storage.open()
    yield storage
    await storage.close()


class TestEventStore(EventStoreContract):
    @pytest.fixture
    def raw_log(self, storage: SqliteStorage, path: Path) -> RawLog:
        """The rows of the file, read by a connection of our own."""

        async def rows(instance: str, log: Log) -> list[tuple[int, str, bytes]]:
            connection = sqlite3.connect(path)
            try:
                return connection.execute(RAW, (instance, log.value)).fetchall()
            finally:
                connection.close()

        return rows

    async def test_created_at_waits_for_a_clock_that_was_set_back(
        self, storage: SqliteStorage, clock: HandMovedClock
    ) -> None:
        """An event is never dated before the one in front of it, whatever the clock says."""
        outcomes = []
        for seconds in (0, 1000, -10_000, 5000, 10_000):
            await clock.advance(seconds)
            outcomes += await storage.events.append([unit("i", append(stream()))])
        times = [found.created_at for found in outcomes if isinstance(found, Appended)]
        assert len(times) == 5
        assert times == sorted(times)
        assert times[1] == times[2] == times[3] < times[4]


class TestViews(ViewsContract):
    pass


class TestPubSub(PubSubContract):
    pass


class TestLocks(LocksContract):
    @pytest.fixture
    def time(self, clock: HandMovedClock) -> PassingTime:
        """The clock that the test moves."""
        return clock


class TestExpiring(ExpiringContract):
    @pytest.fixture
    def time(self, clock: HandMovedClock) -> PassingTime:
        """The clock that the test moves."""
        return clock


class TestKeys(KeysContract):
    pass


class TestSeals(SealsContract):
    pass


class TestGolden(GoldenContract):
    pass


class TestSnapshots(SnapshotsContract):
    pass


class TestBlobs(BlobsContract):
    pass


class TestLoader(LoaderContract):
    @pytest.fixture
    async def other(self, tmp_path: Path) -> AsyncIterator[SqliteStorage]:
        """A second storage on a file of its own, on the machine's clock."""
        storage = SqliteStorage(SqliteSettings(path=tmp_path / "other" / "hexkeep.db"), SystemClock())
        await storage.open()
        yield storage
        await storage.close()
