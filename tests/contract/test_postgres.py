"""The PostgreSQL storage under the contract kits, as the application's role, on a real server."""

from collections.abc import AsyncIterator

import psycopg
import pytest

from hexkeep.adapters.postgres import PostgresSettings, PostgresStorage
from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep.core.kernel.event import Log
from hexkeep.testing.blobs import BlobsContract
from hexkeep.testing.event_store import EventStoreContract, RawLog
from hexkeep.testing.expiring import ExpiringContract
from hexkeep.testing.golden import GoldenContract
from hexkeep.testing.keys import KeysContract
from hexkeep.testing.loader import LoaderContract
from hexkeep.testing.locks import LocksContract
from hexkeep.testing.pubsub import PubSubContract
from hexkeep.testing.seals import SealsContract
from hexkeep.testing.snapshots import SnapshotsContract
from hexkeep.testing.views import ViewsContract
from tests.postgres_server import PostgresDatabase, on_every_version

pytestmark = pytest.mark.postgres


@pytest.fixture
async def storage(postgres_settings: PostgresSettings) -> AsyncIterator[PostgresStorage]:
    """An opened storage on the module's database."""
    storage = PostgresStorage(postgres_settings)
    await storage.migrate()
    await storage.open()
    yield storage
    await storage.close()


@on_every_version
class TestEventStore(EventStoreContract):
    @pytest.fixture
    def raw_log(self, postgres_database: PostgresDatabase) -> RawLog:
        """The table, read by its owner."""

        async def rows(instance: str, log: Log) -> list[tuple[int, str, bytes]]:
            async with await psycopg.AsyncConnection.connect(postgres_database.owner_url) as connection:
                cursor = await connection.execute(
                    "SELECT position, event_type, payload FROM hexkeep.events"
                    " WHERE instance_id = %s AND log = %s ORDER BY position",
                    (instance, log.value),
                )
                return await cursor.fetchall()

        return rows


@on_every_version
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


class TestGolden(GoldenContract):
    pass


class TestSnapshots(SnapshotsContract):
    pass


class TestBlobs(BlobsContract):
    pass


@on_every_version
class TestLoader(LoaderContract):
    pass


async def test_ping_fails_unless_open(postgres_settings: PostgresSettings) -> None:
    """The storage answers from ``open`` to ``close``, and closing twice is no error."""
    storage = PostgresStorage(postgres_settings)
    with pytest.raises(StorageUnavailable):
        await storage.ping()
    await storage.migrate()
    assert await storage.migrate() == []
    await storage.open()
    await storage.ping()
    for _ in range(2):
        await storage.close()
    with pytest.raises(StorageUnavailable):
        await storage.ping()
