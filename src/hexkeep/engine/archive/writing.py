"""Writing an archive: from a storage, beside whoever serves it, in bounded ranges.

A log never changes, so what lies before its head when the archive is begun can be read in as many short reads as it
takes. Keys are read last: every key that an event needs is there by then, and one that was destroyed meanwhile is not.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from hexkeep.core.instance.state import SYSTEM_INSTANCE, Instance
from hexkeep.core.kernel.errors import Archived, FailedPrecondition, NotFound, StorageUnavailable
from hexkeep.core.kernel.event import Log
from hexkeep.engine.archive.queue import QueueReading
from hexkeep.engine.archive.records import Adoption, BlobKept, Events, Header, KeyChanges, Keys, LogBegun, Record, Seals
from hexkeep.ports.blobs import Blob, BlobInfo, Blobs
from hexkeep.ports.clock import Clock, Ids
from hexkeep.ports.event_store import EventStore, Head, Reading, StoredEvent
from hexkeep.ports.keys import Keys as KeysPort
from hexkeep.ports.keys import WrappedKey
from hexkeep.ports.seals import Seals as SealsPort
from hexkeep.ports.views import Views

PAGE = 500
PATIENCE, LOOK_AGAIN = 60.0, 0.1
"""Seconds: how long a read of history may lag behind the head, and between two looks."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The logs that go into an archive, each up to its head at one moment."""

    heads: tuple[Head, ...]
    masters: tuple[str, ...]

    @property
    def instances(self) -> tuple[str, ...]:
        """In the order of their sections: the instance ``system`` last, so that what is loaded half is not found."""
        names = {head.instance for head in self.heads}
        return tuple(sorted(names, key=lambda name: (name == SYSTEM_INSTANCE, name)))

    @property
    def events(self) -> int:
        """How many events there are."""
        return sum(head.position - head.horizon for head in self.heads)


class Readable(Protocol):
    """What an archive is made of: parts of a storage, opened for reading at least."""

    @property
    def events(self) -> EventStore:
        """The log."""

    @property
    def views(self) -> Views:
        """Where the queue of deliveries lies."""

    @property
    def keys(self) -> KeysPort:
        """Wrapped data keys."""

    @property
    def seals(self) -> SealsPort:
        """Signed statements over the log."""

    @property
    def blobs(self) -> Blobs:
        """Pictures and other bytes."""


class Writing:
    """Makes the records of one archive."""

    def __init__(self, storage: Readable, clock: Clock, ids: Ids, program: str, outboxes: Iterable[str] = ()) -> None:
        self._events = storage.events
        self._keys = storage.keys
        self._seals = storage.seals
        self._blobs = storage.blobs
        self._queue = QueueReading(storage.views, outboxes)
        self._clock = clock
        self._ids = ids
        self._program = program

    async def cut(self, instance: str = "") -> Cut:
        """Where the archive will end: now, for the whole store or for one instance; raises ``NotFound``."""
        heads = [head for head in await self._events.heads() if instance in {"", head.instance}]
        if not heads:
            raise NotFound("There is nothing to archive")
        masters = {key.master async for page in self._all_keys(instance) for key in page if key.wrapped}
        return Cut(tuple(heads), tuple(sorted(masters)))

    async def store(self, cut: Cut) -> AsyncIterator[Record]:
        """The records of a whole store, without the end."""
        yield self._header(cut, whole=True)
        for instance in cut.instances:
            async for record in self._section(cut, instance):
                yield record

    async def instance(self, cut: Cut, instance: str, state: Instance) -> AsyncIterator[Record]:
        """The records of one instance whose ``state`` in the instance ``system`` is this, without the end."""
        yield self._header(cut, whole=False)
        organization = state.default_organization_id
        yield Adoption(instance, state.name, state.origin, state.hosts, organization, active=state.active)
        async for record in self._section(cut, instance):
            yield record

    def _header(self, cut: Cut, *, whole: bool) -> Header:
        now = self._clock.now()
        return Header(self._ids.new(), self._program, now, whole, cut.instances, cut.masters, cut.events)

    async def _section(self, cut: Cut, instance: str) -> AsyncIterator[Record]:
        """The durable log first: where a restore cuts it says when the other one has to be cut."""
        heads = [head for head in cut.heads if head.instance == instance]
        for head in sorted(heads, key=lambda head: head.log is not Log.DURABLE):
            yield LogBegun(head)
            async for record in self._log(head):
                yield record
        async for record in self._queue.records(instance):
            yield record
        async for blob in self._all_blobs(instance):
            yield BlobKept(blob)
        async for page in self._all_keys(instance):
            yield Keys(tuple(page))

    async def _log(self, head: Head) -> AsyncIterator[Record]:
        position = head.horizon
        while position < head.position:
            events = await self._page(head, position)
            yield Events(tuple(events))
            position = events[-1].position
        after: tuple[int, str, bytes] | None = None
        while changes := await self._events.key_changes(head.instance, head.log, after, PAGE):
            kept = tuple(change for change in changes if change.position <= head.position)
            if kept:
                yield KeyChanges(kept)
            after = (changes[-1].position, changes[-1].kind, changes[-1].hash)
        number = 0
        while seals := await self._seals.list(head.instance, head.log, number, PAGE):
            sealed = tuple(seal for seal in seals if seal.last <= head.position)
            if sealed:
                yield Seals(sealed)
            number = seals[-1].number

    async def _page(self, head: Head, position: int) -> Sequence[StoredEvent]:
        """The next events, for which one may have to wait where history is read from a moment ago."""
        limit = min(PAGE, head.position - position)
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    found = await self._events.read_log(head.instance, head.log, position, limit, Reading.HISTORY)
                    if found:
                        return found
                    await asyncio.sleep(LOOK_AGAIN)
        except Archived as error:
            raise FailedPrecondition("Retention has dropped events meanwhile: begin the archive anew") from error
        except TimeoutError as error:
            raise StorageUnavailable("The storage does not show what is in its log") from error

    async def _all_blobs(self, instance: str) -> AsyncIterator[Blob]:
        """One at a time. One that is removed meanwhile is left out: nothing referred to it any more."""
        after: BlobInfo | None = None
        while page := await self._blobs.list(instance, after, PAGE):
            for info in page:
                blob = await self._blobs.get(instance, info.owner, info.name)
                if blob is not None:
                    yield blob
            after = page[-1]

    async def _all_keys(self, instance: str) -> AsyncIterator[Sequence[WrappedKey]]:
        """All keys, or those of one instance, page by page; destroyed ones too, so that they stay destroyed."""
        after: tuple[str, str, int] | None = (instance, "", 0) if instance else None
        while page := await self._keys.list(after, PAGE):
            own = [key for key in page if instance in {"", key.instance}]
            if own:
                yield own
            if instance and len(own) < len(page):
                return
            after = (page[-1].instance, page[-1].name, page[-1].version)
