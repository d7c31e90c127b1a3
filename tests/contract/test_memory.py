"""The memory storage under the contract kits."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from hexkeep.adapters.memory import MemorySettings, MemoryStorage
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.kernel.errors import StorageUnavailable
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


class HandMovedClock:
    """The port ``clock.Clock``, which moves when a test moves it."""

    def __init__(self) -> None:
        self.elapsed = 0.0

    def now(self) -> datetime:
        """A day in the past, and what has been added to it."""
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        """The seconds that were added."""
        return self.elapsed

    async def advance(self, seconds: float) -> None:
        """Add to the time."""
        self.elapsed += seconds


@pytest.fixture
def clock() -> HandMovedClock:
    """The clock of the storage under test."""
    return HandMovedClock()


@pytest.fixture
async def storage(clock: HandMovedClock) -> AsyncIterator[MemoryStorage]:
    """An opened, empty storage."""
    storage = MemoryStorage(MemorySettings(), clock)
    await storage.open()
    yield storage
    await storage.close()


class TestEventStore(EventStoreContract):
    @pytest.fixture
    def raw_log(self, storage: MemoryStorage) -> RawLog:
        """The lists behind the adapter."""

        async def rows(instance: str, log: Log) -> list[tuple[int, str, bytes]]:
            held = storage.events.log(instance, log).events
            return [(found.position, found.type, found.payload) for found in held]

        return rows

    async def test_created_at_waits_for_a_clock_that_was_set_back(
        self, storage: MemoryStorage, clock: HandMovedClock
    ) -> None:
        """An event is never dated before the one in front of it, whatever the clock says."""
        outcomes = []
        for seconds in (0, 10, -100, 50, 100):
            await clock.advance(seconds)
            outcomes += await storage.events.append([unit("i", append(stream()))])
        times = [found.created_at for found in outcomes if isinstance(found, Appended)]
        assert len(times) == 5
        assert times == sorted(times)
        assert times[1] == times[2] == times[3]


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
    async def other(self) -> AsyncIterator[MemoryStorage]:
        """A second storage, on the machine's clock."""
        storage = MemoryStorage(MemorySettings(), SystemClock())
        await storage.open()
        yield storage
        await storage.close()


async def test_ping_fails_unless_open(clock: HandMovedClock) -> None:
    """The storage answers from ``open`` to ``close``, and closing twice is no error."""
    storage = MemoryStorage(MemorySettings(), clock)
    with pytest.raises(StorageUnavailable):
        await storage.ping()
    await storage.open()
    await storage.ping()
    assert await storage.migrate() == []
    for _ in range(2):
        await storage.close()
    with pytest.raises(StorageUnavailable):
        await storage.ping()
