"""Loading an archive: history as it was, up to a point, into logs of a new epoch.

What is loaded half is not found by anybody: the instance ``system``, which says what instances there are, comes last,
and a mark (see ``hexkeep.engine.archive.mark``) keeps every node from serving until the work is done.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from hexkeep.core.kernel.errors import AlreadyExists, FailedPrecondition, InvalidInput, NotFound
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Row
from hexkeep.engine.archive.lines import ArchiveDamaged
from hexkeep.engine.archive.mark import Mark, RestoreUnderWay
from hexkeep.engine.archive.point import EVERYTHING, Cut, Point, sought
from hexkeep.engine.archive.queue import rows_of
from hexkeep.engine.archive.records import (
    Adoption,
    BlobKept,
    Deliveries,
    End,
    Events,
    Header,
    KeyChanges,
    Keys,
    LogBegun,
    Outboxes,
    Record,
    Seals,
)
from hexkeep.engine.archive.wrapping import Wrapping
from hexkeep.ports.blobs import LARGEST, Blob, Blobs
from hexkeep.ports.event_store import EventStore, Head, StoredEvent
from hexkeep.ports.keys import Keys as KeysPort
from hexkeep.ports.keys import WrappedKey
from hexkeep.ports.storage import Loader


@dataclass(slots=True)
class Loaded:
    """What came of loading an archive."""

    header: Header
    heads: list[Head] = field(default_factory=list)
    adoption: Adoption | None = None
    reached: dict[tuple[str, str, Log], int] = field(default_factory=dict)
    """How far each outbox had come, by outbox, instance and log."""


Hold = Callable[[str, Iterable[Row]], Awaitable[None]]
"""Keeps rows of an instance's queue, without anybody who delivers them before all of the instance is there."""


async def following(records: Iterator[Record]) -> Record | None:
    """The next record. Whoever sends it may take their time: nothing else that this process does waits for that."""
    return await asyncio.to_thread(next, records, None)


async def nowhere(_: str, __: Iterable[Row]) -> None:
    """Leaves the queue out."""


class Loading:
    """Loads one archive. Of the queue, too, it never has more than a page at hand."""

    def __init__(
        self,
        loader: Loader,
        events: EventStore,
        keys: KeysPort,
        wrapping: Wrapping,
        mark: Mark | None = None,
        hold: Hold = nowhere,
        *,
        blobs: Blobs | None = None,
    ) -> None:
        """With a ``mark`` nobody serves the storage from when the first thing is removed, until it is taken away.

        Blobs are left out where none are given.
        """
        self._blobs = blobs
        self._hold = hold
        self._loader = loader
        self._mark = mark
        self._events = events
        self._keys = keys
        self._wrapping = wrapping
        self._epochs: dict[tuple[str, Log], int] = {}
        self._log: Cut | None = None
        self._cut_at: datetime | None = None
        """When the last event happened of a durable log that is cut by a position."""

    async def run(
        self,
        records: Iterable[Record],
        point: Point = EVERYTHING,
        only: str = "",
        *,
        adopting: bool = False,
        replace_present: bool = False,
        progress: Callable[[int, int], None] = lambda _, __: None,
    ) -> Loaded:
        """Load a whole store, ``only`` one instance of it, or an instance that is being adopted.

        ``progress`` hears how many events were passed, and of how many. Raises ``AlreadyExists`` when there is
        something already and it is not to be replaced, ``NotFound`` when the archive does not hold what is wanted,
        ``PositionNotInLog``, ``MasterKeyMissing``, ``RestoreUnderWay`` while another instance is half restored, and
        ``ArchiveDamaged`` for an archive that is not whole.
        """
        walk = iter(records)
        header = await following(walk)
        if not isinstance(header, Header):
            raise ArchiveDamaged("An archive begins with its header")
        wanted = _wanted(header, point, only, adopting=adopting)
        self._wrapping.insist(header.masters)
        passed = 0
        if point.position is not None:
            begun, passed = await asyncio.to_thread(sought, walk, wanted[0], point.position)
            walk = chain(begun, walk)
        await self._make_room(wanted, only, replace_present=replace_present)
        loaded = Loaded(header)
        while (record := await following(walk)) is not None:
            if adopting and isinstance(record, Seals):
                continue  # signed with a key of the store where they were made: here the log is sealed anew
            await self._take(record, wanted, point, loaded)
            if isinstance(record, Events):
                passed += len(record.events)
                progress(passed, header.events)
        await self._end(loaded)
        await self._leave_behind(loaded)
        return loaded

    async def _leave_behind(self, loaded: Loaded) -> None:
        """A log that was replaced by nothing begins anew as well: not in the epoch that it had."""
        begun = {(head.instance, head.log) for head in loaded.heads}
        for place, epoch in self._epochs.items():
            if epoch and place not in begun:
                head = Head(*place, 0, epoch + 1)
                await self._loader.begin(head)
                loaded.heads.append(head)

    async def _make_room(self, wanted: Sequence[str], only: str, *, replace_present: bool) -> None:
        """An epoch is never used twice, so what is replaced says where the new ones begin.

        What a restore that was broken off has loaded is nobody's, and may always be replaced; before that is done,
        nothing else is restored but a whole store.
        """
        begun = await self._mark.epochs() if self._mark is not None else {}
        others = sorted({instance for instance, _ in begun}.difference(wanted))
        if only and others:  # half there, without the mark that the end of this restore takes away
            raise RestoreUnderWay(f"A restore of {', '.join(others)} was broken off: run that again first, to its end")
        heads = {(instance, log): await self._events.head(instance, log) for instance in wanted for log in Log}
        if any(head.position for place, head in heads.items() if place not in begun) and not replace_present:
            raise AlreadyExists("instance")
        there = {place: head.epoch if head.position else 0 for place, head in heads.items()}
        self._epochs = {place: max(epoch, begun.get(place, 0)) for place, epoch in there.items()}
        if self._mark is not None:
            await self._mark.make(begun | self._epochs)
        for instance in wanted:
            await self._loader.wipe(instance)
            if self._blobs is not None:  # they may lie elsewhere
                await self._blobs.forget(instance)

    async def _take(  # noqa: C901 - one case a record
        self, record: Record, wanted: Sequence[str], point: Point, loaded: Loaded
    ) -> None:
        if self._log is not None and not isinstance(record, Events):
            await self._load(self._log, self._log.rest())
        match record:
            case LogBegun(head):
                await self._end(loaded)
                self._log = await self._begun(head, point) if head.instance in wanted else None
            case Events() | KeyChanges() | Seals():
                if self._log is not None:
                    await self._take_of_log(self._log, record)
            case Keys(keys):
                await self._take_keys(key for key in keys if key.instance in wanted)
            case Outboxes(instance) | Deliveries(instance):
                if instance in wanted:
                    await self._take_of_queue(record, point, loaded)
            case BlobKept(blob):
                await self._take_blob(blob, wanted)
            case Adoption():
                loaded.adoption = record
            case Header() | End():
                raise ArchiveDamaged("A header or an end stands in the middle of the archive")

    async def _take_blob(self, blob: Blob, wanted: Sequence[str]) -> None:
        """One that was damaged when it was archived stays so: whoever reads it is told."""
        if self._blobs is not None and blob.info.instance in wanted:
            if len(blob.content) > LARGEST:
                raise ArchiveDamaged("The archive holds a blob that is larger than any may be")
            await self._blobs.put(blob)

    async def _take_keys(self, keys: Iterable[WrappedKey]) -> None:
        for key in keys:
            own = await self._wrapping.rewrapped(key)
            if await self._keys.add(own) != own:  # what the archive has sealed under its own could never be read
                raise FailedPrecondition("Somebody works on what is being loaded; load it again when nobody does")

    async def _take_of_log(self, log: Cut, record: Events | KeyChanges | Seals) -> None:
        match record:
            case Events(events):
                await self._load(log, log.within(events))
            case KeyChanges(changes):
                head = log.head
                kept = [change for change in changes if change.position <= head.position]
                await self._loader.load_key_changes(head.instance, head.log, kept)
            case Seals(seals):
                await self._loader.load_seals([seal for seal in seals if seal.last <= log.head.position])

    async def _take_of_queue(self, record: Outboxes | Deliveries, point: Point, loaded: Loaded) -> None:
        match record:
            case Outboxes(instance, reached):
                loaded.reached |= {(one.outbox, instance, one.log): one.position for one in reached}
            case Deliveries(instance):
                until = point.until if point.position is None else self._cut_at
                await self._hold(instance, rows_of(record, until))

    async def _begun(self, head: Head, point: Point) -> Cut:
        epoch = 1 + max(head.epoch, self._epochs.get((head.instance, head.log), 0))
        begun = replace(head, position=head.horizon, epoch=epoch)
        await self._loader.begin(begun)
        if point.position is None:
            return Cut(begun, point.until, None)
        if head.log is Log.DURABLE:
            return Cut(begun, None, point.position)
        return Cut(begun, self._cut_at, None)

    async def _load(self, log: Cut, events: Sequence[StoredEvent]) -> None:
        if events:
            await self._loader.load(log.head.instance, log.head.log, events)
            log.head = replace(log.head, position=events[-1].position)
            if log.last is not None:
                self._cut_at = events[-1].created_at

    async def _end(self, loaded: Loaded) -> None:
        if self._log is not None:
            await self._load(self._log, self._log.rest())
            loaded.heads.append(self._log.head)
        self._log = None


def _wanted(header: Header, point: Point, only: str, *, adopting: bool) -> tuple[str, ...]:
    if adopting and header.whole:
        raise InvalidInput("The archive holds a whole store: restore it, or export the instance from there")
    if not adopting and not only and not header.whole:
        raise InvalidInput("The archive holds one instance that has left its store: import it, or name the instance")
    if point.position is not None and not (only or not header.whole):
        raise InvalidInput("A position is one of a single instance's log: name the instance")
    if only and only not in header.instances:
        raise NotFound(f"The archive does not hold the instance {only}")
    return (only,) if only else header.instances
