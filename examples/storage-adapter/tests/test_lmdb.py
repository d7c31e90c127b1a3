"""The storage under every kit, and what is special about it."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import lmdb
import pytest
from hexkeep_lmdb.event_store import EVENTS
from hexkeep_lmdb.order import number_at_end, packed
from hexkeep_lmdb.settings import LmdbSettings
from hexkeep_lmdb.storage import LmdbStorage

from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep.core.kernel.event import Log
from hexkeep.testing.blobs import BlobsContract
from hexkeep.testing.event_store import EventStoreContract, RawLog
from hexkeep.testing.expiring import ExpiringContract
from hexkeep.testing.golden import GoldenContract
from hexkeep.testing.instances import inhabit
from hexkeep.testing.keys import KeysContract
from hexkeep.testing.loader import LoaderContract
from hexkeep.testing.locks import LocksContract
from hexkeep.testing.model import ModelContract
from hexkeep.testing.pubsub import PubSubContract
from hexkeep.testing.seals import SealsContract
from hexkeep.testing.snapshots import SnapshotsContract
from hexkeep.testing.twins import Connect
from hexkeep.testing.units import append, stream, unit
from hexkeep.testing.views import ViewsContract

KILLED = """
import asyncio, sys
from pathlib import Path
from hexkeep.testing.units import append, stream, unit
from hexkeep_lmdb.settings import LmdbSettings
from hexkeep_lmdb.storage import LmdbStorage

async def main():
    storage = LmdbStorage(LmdbSettings(folder=Path(sys.argv[1])))
    await storage.open()
    while True:
        [done] = await storage.events.append([unit("i", append(stream()), append(stream()))])
        print(done.last, flush=True)

asyncio.run(main())
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the file lies."""
    return tmp_path / "lmdb"


@pytest.fixture
async def storage(folder: Path) -> AsyncIterator[LmdbStorage]:
    """An opened, empty storage."""
    storage = LmdbStorage(LmdbSettings(folder=folder))
    await storage.open()
    yield storage
    await storage.close()


class TestEventStore(EventStoreContract):
    @pytest.fixture
    def raw_log(self, storage: LmdbStorage) -> RawLog:
        """The file itself, past the adapter."""

        async def rows(instance: str, log: Log) -> list[tuple[int, str, bytes]]:
            environment: lmdb.Environment = storage._database._environment  # noqa: SLF001 - this is the back door
            prefix, found = packed("event", instance, log.value), []
            with environment.begin() as at, at.cursor() as cursor:
                there = cursor.set_range(prefix)
                while there and cursor.key().startswith(prefix):
                    event = EVENTS.read(cursor.value())
                    found.append((number_at_end(cursor.key()), event.type, event.payload))
                    there = cursor.next()
            return found

        return rows


class TestViews(ViewsContract):
    pass


class TestPubSub(PubSubContract):
    pass


class TestLocks(LocksContract):
    pass


class TestExpiring(ExpiringContract):
    pass


class TestKeys(KeysContract):
    pass


class TestSeals(SealsContract):
    pass


class TestSnapshots(SnapshotsContract):
    pass


class TestBlobs(BlobsContract):
    pass


class TestLoader(LoaderContract):
    pass


class TestGolden(GoldenContract):
    pass


class TestModel(ModelContract):
    @pytest.fixture
    def connect(self, folder: Path) -> Connect:
        """Storages on one file."""
        return lambda: LmdbStorage(LmdbSettings(folder=folder))


async def test_killed_process_leaves_what_it_had_acknowledged(folder: Path) -> None:
    """Killed while it appends: all that was told is there, positions are whole, and the folder is free at once."""
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, str(folder), stdout=PIPE)
    assert other.stdout is not None
    told = [int(await other.stdout.readline()) for _ in range(50)]
    other.kill()
    rest = (await other.communicate())[0].split()
    storage = LmdbStorage(LmdbSettings(folder=folder))
    await storage.open()
    events = await storage.events.read_log("i", Log.DURABLE, 0, 1_000_000)
    assert [event.position for event in events] == [*range(1, len(events) + 1)]
    assert len(events) >= max(told[-1], *map(int, rest[:-1] or [0]))
    assert len(events) % 2 == 0
    await storage.close()


async def test_folder_has_one_owner(storage: LmdbStorage, folder: Path) -> None:
    """A second storage on the folder is refused, and does not disturb the first."""
    with pytest.raises(StorageUnavailable):
        await LmdbStorage(LmdbSettings(folder=folder)).open()
    await storage.events.append([unit("i", append(stream()))])


async def test_full_file_is_unavailable_and_loses_nothing(folder: Path) -> None:
    """What does not fit is refused whole; what was there can be read, and the storage goes on when it has room."""
    storage = LmdbStorage(LmdbSettings(folder=folder, most_bytes=1 << 20))
    await storage.open()
    with pytest.raises(StorageUnavailable):
        await _append_for_ever(storage)
    head = await storage.events.head("i", Log.DURABLE)
    assert len(await storage.events.read_log("i", Log.DURABLE, 0, 1000)) == head.position > 0
    await storage.close()
    larger = LmdbStorage(LmdbSettings(folder=folder, most_bytes=8 << 20))
    await larger.open()
    await larger.events.append([unit("i", append(stream(), 0, bytes(50_000)))])
    assert (await larger.events.head("i", Log.DURABLE)).position == head.position + 1
    await larger.close()


async def _append_for_ever(storage: LmdbStorage) -> None:
    for _ in range(100):
        await storage.events.append([unit("i", append(stream(), 0, bytes(50_000)))])


async def test_wiped_instance_leaves_no_byte(storage: LmdbStorage) -> None:
    """Its name is in no key and in no value, also of what no port shows."""
    await inhabit(storage, "the-wiped-one")
    assert await _holding(storage, b"the-wiped-one")
    async with storage.loader() as loader:
        await loader.wipe("the-wiped-one")
    assert await _holding(storage, b"the-wiped-one") == []


async def _holding(storage: LmdbStorage, text: bytes) -> list[bytes]:
    """The keys that contain a text, or whose values do."""
    environment: lmdb.Environment = storage._database._environment  # noqa: SLF001 - this is the back door
    with environment.begin() as at, at.cursor() as cursor:
        return [key for key, value in cursor if text in key or text in value]


async def test_closed_storage_is_unavailable(storage: LmdbStorage) -> None:
    """After the end nothing is answered; closing again does nothing."""
    for _ in range(2):
        await storage.close()
    with pytest.raises(StorageUnavailable):
        await storage.ping()
