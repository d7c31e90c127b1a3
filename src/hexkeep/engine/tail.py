"""The tail of the logs, read and decoded once for all consumers of the process; a log never changes, so it caches."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.engine.codec import Codec, KeyMissing
from hexkeep.ports.event_store import FIRST_EPOCH, EventStore, Reading, StoredEvent

KEPT_BATCHES = 16
AT_A_STRETCH = 100
"""Entries that are decoded before others may go on."""


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
    version: int
    created_at: datetime
    event: Recorded[Event] | Undecodable


Place = tuple[str, Log, int, int]
"""Instance, log, epoch and position: a restored log may hold other events at the same position."""


class Tail:
    """Reads batches. Several consumers at the same place share one read."""

    def __init__(self, store: EventStore, codec: Codec, batch: int = 500, big_batch: int = 1000) -> None:
        self._store = store
        self._codec = codec
        self._batch = batch
        self._big_batch = max(batch, big_batch)
        self._kept: OrderedDict[Place, tuple[Entry, ...]] = OrderedDict()
        self._reading: dict[Place, asyncio.Task[tuple[Entry, ...]]] = {}

    async def after(
        self, instance: str, log: Log, position: int, epoch: int = FIRST_EPOCH, reading: Reading = Reading.RECENT
    ) -> tuple[Entry, ...]:
        """The next entries behind ``position``, empty at the end of the log as it was when this was asked or later.

        ``reading`` tells what "later" is worth; of history the batches are big. Raises ``Archived`` behind the horizon.
        """
        place = (instance, log, epoch, position)
        if place in self._kept:
            self._kept.move_to_end(place)
            return self._kept[place]
        under_way = self._reading.get(place)
        if under_way is not None and (entries := await asyncio.shield(under_way)):
            return entries  # none, though, may mean that it had looked before something was written
        if place not in self._reading:
            task = asyncio.create_task(self._read(place, reading))
            self._reading[place] = task
            task.add_done_callback(lambda _: self._reading.pop(place, None))
        return await asyncio.shield(self._reading[place])

    def forget(self) -> None:
        """Let go of what was read: of somebody who was erased nothing is to stay in memory."""
        self._kept.clear()

    async def _read(self, place: Place, reading: Reading) -> tuple[Entry, ...]:
        instance, log, _, position = place
        batch = self._big_batch if reading is Reading.HISTORY else self._batch
        stored = await self._store.read_log(instance, log, position, batch, reading)
        entries = await self._decoded(instance, log, stored)
        if len(entries) == batch:  # only full batches are final
            self._kept[place] = entries
            if len(self._kept) > KEPT_BATCHES:
                self._kept.popitem(last=False)
        return entries

    async def _decoded(self, instance: str, log: Log, stored: Sequence[StoredEvent]) -> tuple[Entry, ...]:
        entries = []
        for count, one in enumerate(stored, 1):
            entries.append(await entry_of(self._codec, instance, log, one))
            if count % AT_A_STRETCH == 0:
                await asyncio.sleep(0)
        return tuple(entries)


async def entry_of(codec: Codec, instance: str, log: Log, stored: StoredEvent) -> Entry:
    """An event as consumers get it. What cannot be read becomes ``Undecodable``; storage errors are raised."""
    try:
        event: Recorded[Event] | Undecodable = codec.decode_at_hand(instance, log, stored)
    except KeyMissing:
        return await _waited_for(codec, instance, log, stored)
    except HexkeepError:
        raise
    except Exception as error:  # noqa: BLE001 - upcasters are the slices' own, plugins' too, and may raise anything
        event = Undecodable(stored.position, stored.stream, type(error).__name__)
    return Entry(stored.position, stored.stream, stored.version, stored.created_at, event)


async def _waited_for(codec: Codec, instance: str, log: Log, stored: StoredEvent) -> Entry:
    """The same where a key has to be fetched first."""
    try:
        event: Recorded[Event] | Undecodable = await codec.decode(instance, log, stored)
    except HexkeepError:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        event = Undecodable(stored.position, stored.stream, type(error).__name__)
    return Entry(stored.position, stored.stream, stored.version, stored.created_at, event)
