"""Statements and retries of the CockroachDB adapter under the contract kits, but on PostgreSQL at SERIALIZABLE.

This is no test on CockroachDB. It executes what both servers understand, with the few other pieces exchanged (see
tests/cockroach_pieces.py); tests/contract/test_cockroach.py is the real one.
"""

from collections.abc import AsyncIterator

import psycopg
import pytest

from hexkeep.adapters.cockroach import CockroachSettings, CockroachStorage
from hexkeep.core.kernel.event import Log
from hexkeep.testing.blobs import BlobsContract
from hexkeep.testing.event_store import EventStoreContract, RawLog
from hexkeep.testing.expiring import ExpiringContract
from hexkeep.testing.keys import KeysContract
from hexkeep.testing.loader import LoaderContract
from hexkeep.testing.locks import LocksContract
from hexkeep.testing.model import ModelContract
from hexkeep.testing.pubsub import PubSubContract
from hexkeep.testing.seals import SealsContract
from hexkeep.testing.snapshots import SnapshotsContract
from hexkeep.testing.twins import Connect
from hexkeep.testing.views import ViewsContract
from tests.cockroach_pieces import ON_POSTGRES
from tests.postgres_server import PostgresDatabase

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def settings(postgres_database: PostgresDatabase) -> CockroachSettings:
    """Settings for the module's database, with both roles."""
    urls = {"url": postgres_database.application_url, "owner_url": postgres_database.owner_url}
    return CockroachSettings.model_validate({**urls, "schema_name": "portable"})


@pytest.fixture
async def storage(settings: CockroachSettings) -> AsyncIterator[CockroachStorage]:
    """An opened storage."""
    storage = CockroachStorage(settings, ON_POSTGRES)
    await storage.migrate()
    await storage.open()
    yield storage
    await storage.close()


class TestEventStore(EventStoreContract):
    @pytest.fixture
    def raw_log(self, postgres_database: PostgresDatabase) -> RawLog:
        """The table, read by its owner."""

        async def rows(instance: str, log: Log) -> list[tuple[int, str, bytes]]:
            async with await psycopg.AsyncConnection.connect(postgres_database.owner_url) as connection:
                cursor = await connection.execute(
                    "SELECT position, event_type, payload FROM portable.events"
                    " WHERE instance_id = %s AND log = %s ORDER BY position",
                    (instance, log.value),
                )
                return await cursor.fetchall()

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


class TestModel(ModelContract):
    histories = 10

    @pytest.fixture
    def connect(self, settings: CockroachSettings) -> Connect:
        """Storages on one database."""
        return lambda: CockroachStorage(settings, ON_POSTGRES)
