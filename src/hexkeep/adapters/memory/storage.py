"""The memory storage: its parts, opened and closed as one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hexkeep.adapters.memory.blobs import MemoryBlobs
from hexkeep.adapters.memory.event_store import MemoryEventStore
from hexkeep.adapters.memory.expiring import MemoryExpiring
from hexkeep.adapters.memory.keys import MemoryKeys
from hexkeep.adapters.memory.loader import MemoryLoader
from hexkeep.adapters.memory.locks import MemoryLocks
from hexkeep.adapters.memory.pubsub import MemoryPubSub
from hexkeep.adapters.memory.seals import MemorySeals
from hexkeep.adapters.memory.settings import MemorySettings
from hexkeep.adapters.memory.snapshots import MemorySnapshots
from hexkeep.adapters.memory.views import MemoryViews
from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep.ports.clock import Clock
from hexkeep.ports.storage import Storage


class MemoryStorage(Storage):
    """The port ``storage.Storage``. What it holds is lost with it."""

    def __init__(self, settings: MemorySettings, clock: Clock) -> None:
        self._settings = settings
        self._opened = False
        self._events = MemoryEventStore(clock)
        self._views = MemoryViews(clock)
        self._pubsub = MemoryPubSub()
        self._locks = MemoryLocks(clock)
        self._expiring = MemoryExpiring(clock)
        self._keys = MemoryKeys()
        self._seals = MemorySeals()
        self._snapshots = MemorySnapshots()
        self._blobs = MemoryBlobs()

    @property
    def events(self) -> MemoryEventStore:
        """The log."""
        return self._events

    @property
    def views(self) -> MemoryViews:
        """The tables that projections fill."""
        return self._views

    @property
    def pubsub(self) -> MemoryPubSub:
        """Hints within this process."""
        return self._pubsub

    @property
    def locks(self) -> MemoryLocks:
        """Leases on the given clock."""
        return self._locks

    @property
    def expiring(self) -> MemoryExpiring:
        """Short-lived state on the given clock."""
        return self._expiring

    @property
    def keys(self) -> MemoryKeys:
        """Wrapped data keys."""
        return self._keys

    @property
    def seals(self) -> MemorySeals:
        """Signed statements over the log."""
        return self._seals

    @property
    def snapshots(self) -> MemorySnapshots:
        """States of aggregates with long streams."""
        return self._snapshots

    @property
    def blobs(self) -> MemoryBlobs:
        """Opaque bytes, such as pictures."""
        return self._blobs

    @asynccontextmanager
    async def loader(self) -> AsyncIterator[MemoryLoader]:
        """Write history as it was."""
        await self.ping()
        parts = (self._events, self._views, self._expiring, self._keys, self._seals)
        yield MemoryLoader(*parts, snapshots=self._snapshots, blobs=self._blobs)

    async def open(self) -> None:
        """Be open from now on."""
        self._opened = True

    async def ping(self) -> None:
        """Raise ``StorageUnavailable`` unless the storage is open."""
        if not self._opened:
            raise StorageUnavailable("The memory storage is not open")

    async def close(self) -> None:
        """End the subscriptions."""
        self._opened = False
        await self._pubsub.close()

    async def migrate(self) -> list[str]:
        """Nothing to bring up to date: memory starts with this program."""
        return []
