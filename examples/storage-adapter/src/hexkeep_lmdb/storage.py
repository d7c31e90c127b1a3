"""The storage: all its ports on one file."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from hexkeep.adapters.memory.pubsub import MemoryPubSub
from hexkeep_lmdb.blobs import LmdbBlobs
from hexkeep_lmdb.data_keys import LmdbKeys
from hexkeep_lmdb.database import Database
from hexkeep_lmdb.event_store import LmdbEventStore
from hexkeep_lmdb.expiring import LmdbExpiring
from hexkeep_lmdb.loader import LmdbLoader
from hexkeep_lmdb.locks import LmdbLocks
from hexkeep_lmdb.seals import LmdbSeals
from hexkeep_lmdb.settings import LmdbSettings
from hexkeep_lmdb.snapshots import LmdbSnapshots
from hexkeep_lmdb.views import LmdbViews


def _now() -> datetime:
    return datetime.now(UTC)


class LmdbStorage:
    """The port ``storage.Storage``, with the ability to be restored to."""

    def __init__(self, settings: LmdbSettings, now: Callable[[], datetime] = _now) -> None:
        self._database = Database(settings)
        self._events = LmdbEventStore(self._database, now)
        self._views = LmdbViews(self._database, now)
        self._pubsub = MemoryPubSub()  # one process: hints need not leave it
        self._locks = LmdbLocks(self._database, now)
        self._expiring = LmdbExpiring(self._database, now)
        self._keys = LmdbKeys(self._database)
        self._seals = LmdbSeals(self._database)
        self._snapshots = LmdbSnapshots(self._database)
        self._blobs = LmdbBlobs(self._database)

    @property
    def events(self) -> LmdbEventStore:
        """The log."""
        return self._events

    @property
    def views(self) -> LmdbViews:
        """The tables that projections fill."""
        return self._views

    @property
    def pubsub(self) -> MemoryPubSub:
        """Hints within this process."""
        return self._pubsub

    @property
    def locks(self) -> LmdbLocks:
        """Leases."""
        return self._locks

    @property
    def expiring(self) -> LmdbExpiring:
        """Short-lived state."""
        return self._expiring

    @property
    def keys(self) -> LmdbKeys:
        """Wrapped data keys."""
        return self._keys

    @property
    def seals(self) -> LmdbSeals:
        """Signed statements over the log."""
        return self._seals

    @property
    def snapshots(self) -> LmdbSnapshots:
        """States of aggregates with long streams."""
        return self._snapshots

    @property
    def blobs(self) -> LmdbBlobs:
        """Opaque bytes, such as pictures."""
        return self._blobs

    @asynccontextmanager
    async def loader(self) -> AsyncIterator[LmdbLoader]:
        """Write history as it was."""
        await self.ping()
        yield LmdbLoader(self._database)

    async def open(self) -> None:
        """See the port. Only one process has the folder, so leases of before are nobody's."""
        await self._database.open()
        await self._locks.free_all()

    async def ping(self) -> None:
        """See the port."""
        await self._database.read(lambda _: None)

    async def close(self) -> None:
        """See the port."""
        await self._pubsub.close()
        await self._database.close()

    async def migrate(self) -> list[str]:
        """Nothing: keys and values are as they were in the first version."""
        return []
