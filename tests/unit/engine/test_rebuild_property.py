"""However a view came about, step by step through crashes or anew from the beginning, it holds the same."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.core import projection
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.view import Row, Select
from hexkeep.core.projection.events import ParkedEventSkipped
from hexkeep.core.projection.state import SKIPS, SKIPS_ID
from hexkeep.engine.codec import Origin
from hexkeep.engine.consumer import Reader
from hexkeep.engine.projector import Projector
from hexkeep.engine.skips import SkippedEvents
from hexkeep.engine.states import States
from hexkeep.engine.tail import Tail
from hexkeep.ports.event_store import StreamAppend, Unit
from hexkeep.testing.faults import Fault, FaultyViews
from tests.unit.engine.notes import (
    NOTE,
    NOTES,
    NOTES_PROJECTION,
    SLICE,
    NoteBroken,
    NotePoked,
    NoteRetitled,
    NoteWritten,
)
from tests.unit.engine.rig import INSTANCE, Rig, memory_storage, rig_on

NOTE_IDS = ("a", "b", "c", "d")


@dataclass(frozen=True)
class Read:
    """A node reads on: in batches of ``batch``, while the storage fails as ``faults`` say; then it is gone."""

    batch: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class SkipAll:
    """Somebody skips what notes wait at, and has it tried again."""


@dataclass(frozen=True)
class Happens:
    """An event of one note."""

    note: str
    event: Event


FAULTS = st.lists(st.sampled_from(list(Fault)), max_size=4).map(tuple)
READS = st.builds(Read, st.integers(1, 5), FAULTS)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(NoteWritten, title=st.sampled_from(["x", "y"]), text=st.just(""), author=st.just("ada")),
    st.builds(NoteRetitled, title=st.sampled_from(["p", "q", "r"])),
    st.builds(NotePoked),
    st.builds(NoteBroken),
)
HAPPENS = st.builds(Happens, st.sampled_from(NOTE_IDS), EVENTS)
STEPS = st.lists(st.one_of(HAPPENS, HAPPENS, HAPPENS, READS, st.builds(SkipAll)), max_size=40)


class Scenario:
    """One storage, nodes that come and go."""

    def __init__(self, storage: MemoryStorage) -> None:
        self.storage = storage
        self.rig: Rig = rig_on(storage, (SLICE, projection.SLICE))
        self.versions: dict[Ref, int] = {}
        self.units = 0

    async def append(self, ref: Ref, event: Event) -> None:
        """Add an event to a stream."""
        version, self.units = self.versions.get(ref, 0), self.units + 1
        events = await self.rig.machinery.codec.encode(INSTANCE, Log.DURABLE, ref, version, [event], Origin("", ""))
        unit = Unit(f"u{self.units}", INSTANCE, Log.DURABLE, (StreamAppend(ref, version, events),))
        await self.storage.events.append([unit])
        self.versions[ref] = version + 1

    def reader(self, build: int, read: Read) -> Reader:
        """A fresh node's reader."""
        use, views = self.rig.machinery, FaultyViews(self.storage.views)
        views.faults.extend(read.faults)
        tail = Tail(self.storage.events, use.codec, batch=read.batch, big_batch=read.batch)
        skips = SkippedEvents(States(self.storage.events, use.codec), use.clock)
        return Reader(Projector(NOTES_PROJECTION, build), tail, views, use.progress, use.clock, skips)

    async def read(self, build: int, read: Read) -> None:
        """Read until the end or until the storage fails."""
        head = await self.storage.events.head(INSTANCE, Log.DURABLE)
        with suppress(StorageUnavailable):
            await self.reader(build, read).catch_up(head)

    async def skip_all(self, build: int) -> None:
        """As ``SkipParked`` does."""
        for parked in await self.storage.views.parked("notes", build, INSTANCE):
            whom = {"aggregate_type": parked.aggregate_type, "aggregate_id": parked.aggregate_id}
            skipped = ParkedEventSkipped(projection="notes", **whom, position=parked.position, reason="test")
            await self.append(SKIPS.ref(SKIPS_ID), skipped)
            self.rig.machinery.skips = SkippedEvents(self.rig.machinery.states, self.rig.machinery.clock)
            await self.rig.machinery.maintenance.retry(parked)

    async def rows(self, build: int) -> list[Row]:
        """What the view holds."""
        return await self.storage.views.select(build, INSTANCE, Select(NOTES, limit=100))

    async def parked(self, build: int) -> set[tuple[str, int, str]]:
        """What waits where."""
        found = await self.storage.views.parked("notes", build, INSTANCE)
        return {(one.aggregate_id, one.position, one.error) for one in found}


async def play(steps: Sequence[Happens | Read | SkipAll], rebuild: Sequence[Read]) -> None:
    """Play a history with crashes, then build it anew with crashes of its own, and compare."""
    async with memory_storage() as storage:
        scenario = Scenario(storage)
        await scenario.rig.machinery.builds.start([NOTES_PROJECTION])
        for step in steps:
            match step:
                case Happens(note, event):
                    await scenario.append(NOTE.ref(note), event)
                case Read():
                    await scenario.read(1, step)
                case SkipAll():
                    await scenario.skip_all(1)
        await scenario.read(1, Read(3, ()))
        build = (await scenario.rig.machinery.builds.anew(NOTES_PROJECTION)).number
        for read in (*rebuild, Read(2, ())):
            await scenario.read(build, read)
        assert await scenario.rows(build) == await scenario.rows(1)
        assert await scenario.parked(build) == await scenario.parked(1)
        assert await scenario.rig.machinery.maintenance.differences({"notes": NOTES_PROJECTION}, rows_at_once=2) == []


@settings(max_examples=150, deadline=None)
@given(STEPS, st.lists(READS, max_size=4))
def test_a_rebuild_equals_what_grew_step_by_step(steps: list[Happens | Read | SkipAll], rebuild: list[Read]) -> None:
    """Over random histories with poison and skips, batches of any size, and crashes before and after each write."""
    asyncio.run(play(steps, rebuild))
