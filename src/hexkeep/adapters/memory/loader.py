"""Loading history into memory."""

from collections.abc import Sequence

from hexkeep.adapters.memory.blobs import MemoryBlobs
from hexkeep.adapters.memory.event_store import MemoryEventStore
from hexkeep.adapters.memory.expiring import MemoryExpiring
from hexkeep.adapters.memory.keys import MemoryKeys
from hexkeep.adapters.memory.seals import MemorySeals
from hexkeep.adapters.memory.snapshots import MemorySnapshots
from hexkeep.adapters.memory.views import MemoryViews
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Head, KeyChange, StoredEvent
from hexkeep.ports.seals import Seal
from hexkeep.ports.storage import Loader


class MemoryLoader(Loader):
    """See ``storage.Loader``."""

    def __init__(
        self,
        events: MemoryEventStore,
        views: MemoryViews,
        expiring: MemoryExpiring,
        keys: MemoryKeys,
        seals: MemorySeals,
        *,
        snapshots: MemorySnapshots,
        blobs: MemoryBlobs,
    ) -> None:
        self._events = events
        self._views = views
        self._expiring = expiring
        self._keys = keys
        self._seals = seals
        self._snapshots = snapshots
        self._blobs = blobs

    async def wipe(self, instance: str) -> None:
        """See the port."""
        for part in (self._events, self._views, self._expiring, self._keys, self._seals):
            part.wipe(instance)
        await self._snapshots.forget(instance)
        await self._blobs.forget(instance)

    async def begin(self, head: Head) -> None:
        """See the port."""
        self._events.begin(head)

    async def load(self, instance: str, log: Log, events: Sequence[StoredEvent]) -> None:
        """See the port."""
        data = self._events.kept(instance, log)
        wanted = range(data.position + 1, data.position + 1 + len(events))
        if [event.position for event in events] != [*wanted]:
            raise FailedPrecondition("These events do not follow on the log's head")
        for event in events:
            data.add(event)

    async def load_key_changes(self, instance: str, log: Log, changes: Sequence[KeyChange]) -> None:
        """See the port."""
        for change in changes:
            self._events.change_key(instance, log, change)

    async def load_seals(self, seals: Sequence[Seal]) -> None:
        """See the port."""
        self._seals.load(seals)
