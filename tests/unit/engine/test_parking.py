"""Parked aggregates, with several nodes at work: an event of theirs is projected in order or waits, never skipped."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.view import Row, RowOperation
from hexkeep.engine.assembly import Tuning
from hexkeep.engine.codec import Origin
from hexkeep.engine.consumer import Reader
from hexkeep.engine.projector import Projector
from hexkeep.engine.tail import Tail
from hexkeep.ports.event_store import StreamAppend, Unit
from hexkeep.ports.views import Parked
from hexkeep.testing.faults import FaultyEvents
from tests.unit.engine.notes import (
    LIST,
    NOTE,
    NOTES,
    NOTES_PROJECTION,
    RETITLE,
    SLICE,
    WRITE,
    ListNotes,
    NoteBroken,
    RetitleNote,
    WriteNote,
)
from tests.unit.engine.rig import FAST, INSTANCE, Rig, memory_storage, ports_of, rig_with


@dataclass
class Nodes:
    """Two nodes on one storage whose spoolers do not run: the tests say who reads when."""

    one: Rig
    two: Rig
    faults: FaultyEvents
    """Between the first node and the event store."""

    async def read(self, rig: Rig) -> None:
        """Let a node read to the end of the log, as if it led."""
        [spooler] = rig.machinery.spoolers.all
        await spooler.reader.catch_up(await rig.machinery.ports.events.head(INSTANCE, Log.DURABLE))

    async def sick(self, title: str = "sick") -> str:
        """The id of a note that the first node has projected, and whose next event cannot be."""
        note, _ = await self.one.run(WRITE, WriteNote(title=title))
        await self.read(self.one)
        version, _ = await self.one.machinery.states.load(INSTANCE, NOTE, note.note_id)
        ref, codec = NOTE.ref(note.note_id), self.one.machinery.codec
        events = await codec.encode(INSTANCE, Log.DURABLE, ref, version, [NoteBroken()], Origin("", ""))
        unit = Unit(self.one.machinery.ids.new(), INSTANCE, Log.DURABLE, (StreamAppend(ref, version, events),))
        await self.one.machinery.committer.append(unit)
        return note.note_id

    async def retitle(self, note_id: str, title: str) -> None:
        """Change a note."""
        await self.one.run(RETITLE, RetitleNote(note_id=note_id, title=title))

    async def row(self, note_id: str) -> Row:
        """What the view holds of a note."""
        row = await self.one.machinery.ports.views.get(1, INSTANCE, NOTES, (note_id,))
        assert row is not None
        return row

    async def parked(self) -> list[Parked]:
        """Who is parked."""
        return await self.one.machinery.ports.views.parked("notes", 1, INSTANCE)


@asynccontextmanager
async def two_nodes() -> AsyncIterator[Nodes]:
    """Both, with the tables of their views."""
    async with memory_storage() as storage:
        ports, faults = ports_of(storage), FaultyEvents(storage.events)
        one = rig_with(replace(ports, events=faults), (SLICE,), Tuning(node="one"))
        two = rig_with(ports, (SLICE,), Tuning(node="two"))
        for rig in (one, two):
            await rig.machinery.builds.start(rig.machinery.registry.projections.values())
        yield Nodes(one, two, faults)


async def test_what_another_node_parked_is_parked_here() -> None:
    """A node that leads again does not go on with an aggregate that was parked in between."""
    async with two_nodes() as nodes:
        note_id = await nodes.sick()
        await nodes.read(nodes.two)
        await nodes.retitle(note_id, "later")
        await nodes.read(nodes.one)
        assert ((await nodes.row(note_id))["title"], len(await nodes.parked())) == ("sick", 1)


async def test_what_another_node_retried_goes_on_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once it is off the list the leading node projects its events again, wherever the retry was asked for."""
    async with two_nodes() as nodes:
        note_id = await nodes.sick()
        await nodes.read(nodes.one)
        [parked] = await nodes.parked()
        monkeypatch.setattr(NoteBroken, "POISON", False)
        assert await nodes.two.machinery.maintenance.retry(parked)
        await nodes.retitle(note_id, "later")
        await nodes.read(nodes.one)
        assert ((await nodes.row(note_id))["title"], await nodes.parked()) == ("later", [])


async def test_a_retry_misses_nothing_that_is_written_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event that the leader passes over while a retry reads the stream is in the row when the retry is done."""
    async with two_nodes() as nodes:
        note_id = await nodes.sick()
        await nodes.read(nodes.two)
        [parked] = await nodes.parked()
        monkeypatch.setattr(NoteBroken, "POISON", False)
        async with nodes.faults.answers_held("read_stream", 2):
            retrying = asyncio.ensure_future(nodes.one.machinery.maintenance.retry(parked))
            await nodes.faults.arrived.wait()
            await nodes.two.run(RETITLE, RetitleNote(note_id=note_id, title="meanwhile"))
            await nodes.read(nodes.two)
        assert await retrying
        assert ((await nodes.row(note_id))["title"], await nodes.parked()) == ("meanwhile", [])


async def test_an_event_that_was_left_out_is_never_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a retry ends while the leader passes over the aggregate, it is on the list again, and the next retry helps."""
    async with two_nodes() as nodes:
        note_id = await nodes.sick()
        await nodes.read(nodes.two)
        [parked] = await nodes.parked()
        await nodes.two.run(WRITE, WriteNote(title="other"))
        await nodes.two.run(RETITLE, RetitleNote(note_id=note_id, title="left out"))
        monkeypatch.setattr(NoteBroken, "POISON", False)
        async with nodes.faults.answers_held("read_log", 3):
            head = await nodes.two.machinery.ports.events.head(INSTANCE, Log.DURABLE)
            reading = asyncio.ensure_future(_one_by_one(nodes.one).catch_up(head))
            await nodes.faults.arrived.wait()
            assert await nodes.two.machinery.maintenance.retry(parked)
        await reading
        for again in await nodes.parked():
            assert await nodes.two.machinery.maintenance.retry(again)
        row = await nodes.row(note_id)
        assert (row["title"], row["version"], await nodes.parked()) == ("left out", 3, [])


async def test_nodes_that_start_or_take_over_try_nothing_that_is_parked() -> None:
    """Many are parked and nodes restart often: each was tried once, and is tried again when somebody asks for it."""
    tried = Counter[str]()

    def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
        tried[recorded.aggregate_id] += isinstance(recorded.event, NoteBroken)
        return NOTES_PROJECTION.project(recorded)

    slice_ = replace(SLICE, projections=(replace(NOTES_PROJECTION, project=project),))
    async with two_nodes() as nodes:
        sick = [await nodes.sick(f"sick {number}") for number in range(20)]
        await nodes.read(nodes.two)
        parked = await nodes.parked()
        for number in range(5):
            rig = rig_with(nodes.two.machinery.ports, (slice_,), Tuning(node=f"restarted {number}", rhythm=FAST))
            await rig.machinery.start()
            try:
                await nodes.retitle(sick[number], f"later {number}")
                _, position = await rig.run(WRITE, WriteNote(title=f"well {number}"))
                assert position is not None
                await rig.run(LIST, ListNotes(), position)
            finally:
                await rig.machinery.stop()
        assert (tried.total(), await nodes.parked()) == (0, parked)


def _one_by_one(rig: Rig) -> Reader:
    """A reader of the projection that takes one event at a time."""
    machinery, ports = rig.machinery, rig.machinery.ports
    tail = Tail(ports.events, machinery.codec, batch=1)
    projector = Projector(NOTES_PROJECTION, 1)
    return Reader(projector, tail, ports.views, machinery.progress, ports.clock, machinery.skips)
