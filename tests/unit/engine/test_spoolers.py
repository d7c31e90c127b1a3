"""Spoolers and consumers: led by one, taken over when it dies, never skipping, parking what cannot be digested."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from hexkeep.core.delivery import SLICE as DELIVERY
from hexkeep.core.instance import SLICE as INSTANCES
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.slice import Slice
from hexkeep.engine.assembly import Tuning
from hexkeep.engine.codec import Origin
from hexkeep.ports.event_store import Head, StreamAppend, Unit
from hexkeep.ports.storage import Storage
from hexkeep.ports.views import Advance, Checkpoint, CheckpointKey, Views
from hexkeep.testing.faults import FaultyEvents, FaultyStorage, FaultyViews
from tests.unit.engine.forgetful import Forgetful
from tests.unit.engine.notes import (
    LIST,
    NOTE,
    NOTES,
    POKE,
    POKING,
    RETITLE,
    SLICE,
    WRITE,
    ListNotes,
    NoteBroken,
    NoteId,
    RetitleNote,
    WriteNote,
)
from tests.unit.engine.rig import FAST, INSTANCE, Rig, memory_storage, ports_of, rig_on, rig_with, started
from tests.waiting import until

KEY = CheckpointKey("notes", 1, INSTANCE, Log.DURABLE)


def leads(rig: Rig) -> bool:
    """Whether this node leads the spooler of notes."""
    return next(one for one in rig.machinery.spoolers.all if one.reader.consumer.name == "notes").leading


async def append_poison(rig: Rig, note_id: str) -> None:
    """An event behind the note's present ones that its projection cannot digest."""
    version, _ = await rig.machinery.states.load(INSTANCE, NOTE, note_id)
    ref = NOTE.ref(note_id)
    events = await rig.machinery.codec.encode(INSTANCE, Log.DURABLE, ref, version, [NoteBroken()], Origin("", ""))
    unit_id = rig.machinery.ids.new()
    await rig.machinery.committer.append(Unit(unit_id, INSTANCE, Log.DURABLE, (StreamAppend(ref, version, events),)))


async def test_node_stops_though_a_look_at_builds_forgets_its_cancellation() -> None:
    """Whoever stops it would wait without end for a task that goes on."""
    async with memory_storage() as storage:
        views = Forgetful(storage.views)
        rig = rig_with(replace(ports_of(storage), views=views), (SLICE,), Tuning(rhythm=FAST))
        await rig.machinery.start()
        views.of = "builds"
        async with asyncio.timeout(10):
            await views.asked.wait()
            await rig.machinery.stop()


async def test_one_node_leads_and_another_takes_over() -> None:
    """When the leader stops working its lease runs out and the other node goes on within two lease periods."""
    async with memory_storage() as storage:
        first, second = rig_on(storage, (SLICE,), "one"), rig_on(storage, (SLICE,), "two")
        await first.machinery.start()
        await until(lambda: _is(leads(first)))
        await second.machinery.start()
        assert not leads(second)
        for task in first.machinery.spoolers._tasks.values():  # noqa: SLF001 - the node dies without giving its leases back
            task.cancel()
        storage_release = first.machinery.ports.locks
        assert storage_release is second.machinery.ports.locks
        await until(lambda: _is(leads(second)), FAST.lease * 2 + 1)
        _, position = await second.run(WRITE, WriteNote(title="after"))
        assert position is not None
        titles, _ = await second.run(LIST, ListNotes(), position)
        assert titles.titles == ("after",)
        await second.machinery.stop()


async def _is(value: bool) -> bool:  # noqa: FBT001
    return value


async def test_a_lost_hint_only_costs_a_look() -> None:
    """What no hint told of is found by schedule."""
    async with memory_storage() as storage:
        rig = rig_on(storage, (SLICE,))
        await rig.machinery.start()
        await until(lambda: _is(leads(rig)))
        writer = rig_on(storage, (SLICE,))
        writer.machinery.committer._settled = lambda _unit, _appended: None  # noqa: SLF001 - the hint gets lost
        _, position = await writer.run(WRITE, WriteNote(title="unheard"))
        assert position is not None
        titles, _ = await rig.run(LIST, ListNotes(), position)
        assert titles.titles == ("unheard",)
        await rig.machinery.stop()


async def test_looks_that_find_nothing_read_no_checkpoints() -> None:
    """Who leads knows them, and what heads there are is asked once for all spoolers, however many look."""
    async with memory_storage() as storage:
        watched = WatchedStorage(storage)
        rig = rig_on(watched, (SLICE, DELIVERY, INSTANCES))
        await rig.machinery.start()
        await until(lambda: _is(leads(rig)))
        _, position = await rig.run(WRITE, WriteNote(title="one"))
        assert position is not None
        await rig.run(LIST, ListNotes(), position)
        looks = watched.events.looks
        await until(lambda: _is(watched.events.looks > looks + 10))
        assert watched.views.asked["notes"] == 1
        await rig.machinery.stop()


class WatchedEvents(FaultyEvents):
    """Counts the looks at the heads."""

    looks = 0

    async def heads(self) -> list[Head]:
        """See the port."""
        self.looks += 1
        return await super().heads()


class WatchedViews(FaultyViews):
    """Counts how often checkpoints of all instances are read."""

    def __init__(self, inner: Views) -> None:
        super().__init__(inner)
        self.asked = Counter[str]()

    async def checkpoints(self, projection: str, build: int) -> list[Checkpoint]:
        """See the port."""
        self.asked[projection] += 1
        return await super().checkpoints(projection, build)


class WatchedStorage(FaultyStorage):
    """A storage that tells how it is looked at."""

    def __init__(self, inner: Storage) -> None:
        super().__init__(inner)
        self._events: WatchedEvents = WatchedEvents(inner.events)
        self._views: WatchedViews = WatchedViews(inner.views)

    @property
    def events(self) -> WatchedEvents:
        """The log."""
        return self._events

    @property
    def views(self) -> WatchedViews:
        """The tables."""
        return self._views


async def test_a_checkpoint_that_another_node_moved_costs_its_leader_nothing() -> None:
    """It takes an instance for behind, reads where the checkpoint is, and goes on from there."""
    async with memory_storage() as storage:
        first, second = rig_on(storage, (SLICE,), "one"), rig_on(storage, (SLICE,), "two")
        await first.machinery.start()
        await until(lambda: _is(leads(first)))
        _, position = await first.run(WRITE, WriteNote(title="one"))
        assert position is not None
        await first.run(LIST, ListNotes(), position)
        second.machinery.committer._settled = lambda _unit, _appended: None  # noqa: SLF001 - the hint gets lost
        _, position = await second.run(WRITE, WriteNote(title="two"))
        await second.machinery.prepare()
        other = second.machinery.spoolers.of("notes", 1)
        assert other is not None
        await other.reader.catch_up(await storage.events.head(INSTANCE, Log.DURABLE))
        _, position = await first.run(WRITE, WriteNote(title="three"))
        assert position is not None
        titles, _ = await first.run(LIST, ListNotes(), position)
        assert titles.titles == ("one", "three", "two")
        await first.machinery.stop()


async def test_a_lost_hint_is_found_while_others_keep_coming() -> None:
    """The scheduled look is not put off by hints for other logs."""
    async with memory_storage() as storage:
        rig = rig_on(storage, (SLICE,))
        await rig.machinery.start()
        await until(lambda: _is(leads(rig)))
        writer = rig_on(storage, (SLICE,))
        writer.machinery.committer._settled = lambda _unit, _appended: None  # noqa: SLF001 - the hint gets lost
        _, position = await writer.run(WRITE, WriteNote(title="unheard"))
        assert position is not None
        projection = rig.machinery.registry.projections["notes"]
        waiting = asyncio.create_task(
            rig.machinery.progress.wait(projection, position, rig.machinery.clock.monotonic() + 3)
        )
        while not waiting.done():
            for spooler in rig.machinery.spoolers.all:
                spooler.wake("another", Log.DURABLE)
            await asyncio.sleep(FAST.look / 10)
        await waiting
        await rig.machinery.stop()


async def test_of_two_advances_from_one_checkpoint_one_has_an_effect() -> None:
    """The checkpoint is the fence, whoever believes to lead."""
    async with started(SLICE) as rig:
        _, position = await rig.run(WRITE, WriteNote(title="x"))
        assert position is not None
        await rig.run(LIST, ListNotes(), position)
        stale = Advance(KEY, 0, 1, 1, ())
        assert not await rig.machinery.ports.views.apply(stale)


async def test_a_poisoned_aggregate_is_parked_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its row stays as it was before the failing event; later events of it wait; nothing else does."""
    async with started(SLICE) as rig:
        sick, _ = await rig.run(WRITE, WriteNote(title="a sick"))
        await append_poison(rig, sick.note_id)
        await rig.run(RETITLE, RetitleNote(note_id=sick.note_id, title="a later"))
        _, position = await rig.run(WRITE, WriteNote(title="b well"))
        assert position is not None
        titles, _ = await rig.run(LIST, ListNotes(), position)
        assert titles.titles == ("a sick", "b well")
        [parked] = await rig.machinery.ports.views.parked("notes", 1, INSTANCE)
        assert (parked.aggregate_id, parked.position, parked.error) == (sick.note_id, 2, "RuntimeError")


async def test_a_parked_aggregate_is_retried_from_where_it_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the cause is mended a retry brings its rows up to the checkpoint and takes it off the list."""
    async with started(SLICE) as rig:
        sick, _ = await rig.run(WRITE, WriteNote(title="sick"))
        await append_poison(rig, sick.note_id)
        _, position = await rig.run(RETITLE, RetitleNote(note_id=sick.note_id, title="mended"))
        assert position is not None
        await rig.run(LIST, ListNotes(), position)
        [parked] = await rig.machinery.ports.views.parked("notes", 1, INSTANCE)
        monkeypatch.setattr(NoteBroken, "POISON", False)
        assert await rig.machinery.maintenance.retry(parked)
        row = await rig.machinery.ports.views.get(1, INSTANCE, NOTES, (sick.note_id,))
        assert row is not None
        assert (row["title"], row["version"]) == ("mended", 3)
        assert await rig.machinery.ports.views.parked("notes", 1, INSTANCE) == []


async def test_a_retry_that_fails_again_leaves_it_parked() -> None:
    """A retry is no way around the failure."""
    async with started(SLICE) as rig:
        sick, _ = await rig.run(WRITE, WriteNote(title="sick"))
        await append_poison(rig, sick.note_id)
        await until(lambda: _parked(rig))
        [parked] = await rig.machinery.ports.views.parked("notes", 1, INSTANCE)
        assert not await rig.machinery.maintenance.retry(parked)
        assert len(await rig.machinery.ports.views.parked("notes", 1, INSTANCE)) == 1


async def _parked(rig: Rig) -> bool:
    return bool(await rig.machinery.ports.views.parked("notes", 1, INSTANCE))


async def test_a_process_runs_until_its_state_is_at_rest() -> None:
    """Three pokes follow a written note by themselves, each once."""
    slice_ = Slice(SLICE.name, SLICE.aggregates, SLICE.projections, SLICE.operations, (POKING,))
    async with started(slice_) as rig:
        note, _ = await rig.run(WRITE, WriteNote(title="poke me"))

        async def poked() -> bool:
            _, state = await rig.machinery.states.load(INSTANCE, NOTE, note.note_id)
            return state.pokes >= 3

        await until(poked)
        await asyncio.gather(*(rig.machinery.processes["poking"].drive(INSTANCE, note.note_id) for _ in range(3)))
        _, state = await rig.machinery.states.load(INSTANCE, NOTE, note.note_id)
        assert state.pokes == 3


async def test_views_equal_a_replay() -> None:
    """After a random-looking history the view is what folding the whole log gives."""
    async with started(SLICE) as rig:
        notes = [(await rig.run(WRITE, WriteNote(title=f"n{number}")))[0] for number in range(5)]
        for number in range(40):
            note = notes[number * 7 % 5]
            if number % 3:
                await rig.run(POKE, NoteId(note_id=note.note_id))
            else:
                await rig.run(RETITLE, RetitleNote(note_id=note.note_id, title=f"t{number}"))
        await rig.run(LIST, ListNotes(current=True))
        assert await rig.machinery.maintenance.differences(rig.machinery.registry.projections) == []
