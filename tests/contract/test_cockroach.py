"""The CockroachDB storage under the contract kits, as the application's role, on a real CockroachDB or not at all."""

from collections.abc import AsyncIterator

import psycopg
import pytest

from hexkeep.adapters.cockroach import CockroachSettings, CockroachStorage
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import KeyClaim, KeyRelease
from hexkeep.testing.blobs import BlobsContract
from hexkeep.testing.contract import fresh
from hexkeep.testing.event_store import EventStoreContract, RawLog
from hexkeep.testing.expiring import ExpiringContract
from hexkeep.testing.golden import GoldenContract
from hexkeep.testing.keys import KeysContract
from hexkeep.testing.loader import LoaderContract
from hexkeep.testing.locks import LocksContract
from hexkeep.testing.model import ModelContract
from hexkeep.testing.pubsub import PubSubContract
from hexkeep.testing.seals import SealsContract
from hexkeep.testing.snapshots import SnapshotsContract
from hexkeep.testing.twins import Connect
from hexkeep.testing.units import append, applied, key_hash, stream, unit
from hexkeep.testing.views import ViewsContract
from tests.cockroach_server import cockroach_settings, cockroach_url

__all__ = ["cockroach_settings", "cockroach_url"]
pytestmark = pytest.mark.cockroach


@pytest.fixture
async def storage(cockroach_settings: CockroachSettings) -> AsyncIterator[CockroachStorage]:
    """An opened storage."""
    storage = CockroachStorage(cockroach_settings)
    await storage.migrate()
    await storage.open()
    yield storage
    await storage.close()


class TestEventStore(EventStoreContract):
    @pytest.fixture
    def raw_log(self, cockroach_settings: CockroachSettings) -> RawLog:
        """The table, read by its owner."""
        assert cockroach_settings.owner_url is not None
        url = cockroach_settings.owner_url.get_secret_value()

        async def rows(instance: str, log: Log) -> list[tuple[int, str, bytes]]:
            async with await psycopg.AsyncConnection.connect(url) as connection:
                cursor = await connection.execute(
                    "SELECT position, event_type, payload FROM hexkeep.events"
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


class TestGolden(GoldenContract):
    pass


class TestSnapshots(SnapshotsContract):
    pass


class TestBlobs(BlobsContract):
    pass


class TestLoader(LoaderContract):
    pass


class TestModel(ModelContract):
    @pytest.fixture
    def connect(self, cockroach_settings: CockroachSettings) -> Connect:
        """Storages on one database."""
        return lambda: CockroachStorage(cockroach_settings)


async def test_migrations_run_once(cockroach_settings: CockroachSettings, storage: CockroachStorage) -> None:
    """What was done is not done again; the database, both schemas and the role came with the first run."""
    assert await CockroachStorage(cockroach_settings).migrate() == []
    await storage.ping()


async def test_events_cannot_be_changed_by_the_application(
    cockroach_settings: CockroachSettings, storage: CockroachStorage
) -> None:
    """Its role may add to the log and read it, no more."""
    await applied(storage.events, unit(fresh("instance"), append(stream())))
    url = cockroach_settings.url.get_secret_value()
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for attempt in ("UPDATE hexkeep.events SET payload = ''", "DELETE FROM hexkeep.events"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await connection.execute(attempt.encode())


async def test_key_that_was_given_back_goes_with_the_next_sweep(storage: CockroachStorage) -> None:
    """It is free at once, and stays free when its row has gone."""
    instance, ref, key = fresh("instance"), stream(), ("kit_name", key_hash("given back"))
    await applied(storage.events, unit(instance, append(ref), claims=[KeyClaim(*key, ref)]))
    await applied(storage.events, unit(instance, append(ref, 1), releases=[KeyRelease(*key, ref)]))
    await storage.expiring.sweep()
    assert await storage.events.key_owner(instance, *key) is None
    await applied(storage.events, unit(instance, append(ref, 2), claims=[KeyClaim(*key, ref)]))
    assert await storage.events.key_owner(instance, *key) == ref
