"""The tail of the logs, read and decoded once for all consumers of the process; a log never changes, so it caches."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.engine.codec import Codec
from hexkeep.ports.event_store import EventStore, StoredEvent

KEPT_BATCHES = 16


@dataclass(frozen=True, slots=True)
class Undecodable:
    """An event this program cannot read; ``error`` is the class of the failure."""

    position: int
    ref: Ref
    error: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One position of a log."""

    position: int
    ref: Ref
    event: Recorded[Event] | Undecodable


Place = tuple[str, Log, int]


class Tail:
    """Reads batches. Several consumers at the same place share one read."""

    def __init__(self, store: EventStore, codec: Codec, batch: int = 500) -> None:
        self._store = store
        self._codec = codec
        self._batch = batch
        self._kept: OrderedDict[Place, tuple[Entry, ...]] = OrderedDict()
        self._reading: dict[Place, asyncio.Task[tuple[Entry, ...]]] = {}

    async def after(self, instance: str, log: Log, position: int) -> tuple[Entry, ...]:
        """The next entries behind ``position``, empty at the end of the log as it was when this was asked or later."""
        place = (instance, log, position)
        if place in self._kept:
            self._kept.move_to_end(place)
            return self._kept[place]
        under_way = self._reading.get(place)
        if under_way is not None and (entries := await asyncio.shield(under_way)):
            return entries  # none, though, may mean that it had looked before something was written
        if place not in self._reading:
            task = asyncio.create_task(self._read(place))
            self._reading[place] = task
            task.add_done_callback(lambda _: self._reading.pop(place, None))
        return await asyncio.shield(self._reading[place])

    async def _read(self, place: Place) -> tuple[Entry, ...]:
        instance, log, position = place
        stored = await self._store.read_log(instance, log, position, self._batch)
        entries = tuple([await entry_of(self._codec, instance, log, one) for one in stored])
        if len(entries) == self._batch:  # only full batches are final
            self._kept[place] = entries
            if len(self._kept) > KEPT_BATCHES:
                self._kept.popitem(last=False)
        return entries


async def entry_of(codec: Codec, instance: str, log: Log, stored: StoredEvent) -> Entry:
    """An event as consumers get it. What cannot be read becomes ``Undecodable``; storage errors are raised."""
    try:
        event: Recorded[Event] | Undecodable = await codec.decode(instance, log, stored)
    except HexkeepError:
        raise
    except Exception as error:  # noqa: BLE001 - upcasters are the slices' own, plugins' too, and may raise anything
        event = Undecodable(stored.position, stored.stream, type(error).__name__)
    return Entry(stored.position, stored.stream, event)
