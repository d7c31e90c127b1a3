"""Processes: work of several steps that a crash only interrupts, and that one failure does not stop for others."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.core.instance.setup import CREATION, FIRST_ALGORITHMS, CreateInstance, CreateInstanceOutput
from hexkeep.core.instance.state import INSTANCE as INSTANCES
from hexkeep.core.instance.state import SYSTEM_INSTANCE, InstanceStatus
from hexkeep.core.kernel.errors import StorageUnavailable, VersionConflict
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.operation import Operation
from hexkeep.core.kernel.slice import Process, Slice, Step
from hexkeep.core.slices import SLICES
from hexkeep.engine.assembly import Tuning
from hexkeep.engine.committer import Bounds
from hexkeep.engine.iam import Iam
from hexkeep.ports.api import Meta, System
from hexkeep.ports.event_store import NewEvent, StreamAppend, Unit
from hexkeep.testing.faults import Fault, FaultyEvents
from tests.unit.engine.notes import NOTE, POKING, SLICE, WRITE, Note, NoteWritten, WriteNote, next_poke
from tests.unit.engine.rig import FAST, INSTANCE, Rig, memory_storage, ports_of, rig_with, started
from tests.waiting import until

BOUNDS = Bounds(pause=0.001)
LOST = [Fault.LOST_BEFORE] * BOUNDS.attempts
UNHEARD = [Fault.LOST_AFTER] * BOUNDS.attempts
REQUEST = CreateInstance(
    name="Second",
    origin="https://id.example.com",
    organization_name="Example",
    user_name="ada",
    given_name="Ada",
    family_name="Lovelace",
    email="ada@example.com",
    password="correct horse battery staple",
)


def node(storage: MemoryStorage) -> tuple[Iam, FaultyEvents]:
    """A node that runs processes only when it is told to."""
    faults = FaultyEvents(storage.events)
    rig = rig_with(replace(ports_of(storage), events=faults), SLICES, Tuning(rhythm=FAST, bounds=BOUNDS))
    return Iam(rig.machinery), faults


@pytest.mark.parametrize(
    "crash",
    [LOST, UNHEARD, [Fault.NONE, *LOST], [Fault.NONE, *UNHEARD]],
    ids=lambda crash: f"{crash[0].name}-{len(crash)}",
)
async def test_an_interrupted_creation_is_finished_by_another_node(crash: list[Fault]) -> None:
    """Before, between and behind its steps: the next node brings it to its end, and each step was done once."""
    async with memory_storage() as storage:
        first, faults = node(storage)
        operation: Operation[CreateInstance, CreateInstanceOutput] = first.operation("CreateInstance")
        made = (await first.call(operation, REQUEST, System(), Meta(instance=SYSTEM_INSTANCE))).output
        faults.faults.extend(crash)
        with pytest.raises(StorageUnavailable):
            await first.drive(CREATION.name, SYSTEM_INSTANCE, made.instance_id)
        second, _ = node(storage)
        await second.drive(CREATION.name, SYSTEM_INSTANCE, made.instance_id)
        _, state = await second.machinery.states.load(SYSTEM_INSTANCE, INSTANCES, made.instance_id)
        assert state.status is InstanceStatus.ACTIVE
        assert (await second.instance("id.example.com")).id == made.instance_id
        own = await storage.events.read_log(made.instance_id, Log.DURABLE, 0, 100)
        ready = await storage.events.read_log(SYSTEM_INSTANCE, Log.DURABLE, 0, 100)
        assert [one.type for one in own].count("user.human.added") == 1
        assert [one.type for one in own].count("signing_key.created") == len(FIRST_ALGORITHMS)
        assert len(ready) == 2


async def test_two_nodes_that_drive_one_process_do_each_step_once() -> None:
    """The spooler of one node and the caller of another may be at it together."""
    async with memory_storage() as storage:
        (first, _), (second, _) = node(storage), node(storage)
        operation: Operation[CreateInstance, CreateInstanceOutput] = first.operation("CreateInstance")
        made = (await first.call(operation, REQUEST, System(), Meta(instance=SYSTEM_INSTANCE))).output
        drives = (one.drive(CREATION.name, SYSTEM_INSTANCE, made.instance_id) for one in (first, second, first))
        await asyncio.gather(*drives)
        own = await storage.events.read_log(made.instance_id, Log.DURABLE, 0, 100)
        assert [one.type for one in own].count("user.human.added") == 1
        assert (await storage.events.head(SYSTEM_INSTANCE, Log.DURABLE)).position == 2


def _with(next_: Callable[[str, Note], Step | None]) -> Slice:
    process = Process("poking", NOTE, (NoteWritten,), next_)
    return replace(SLICE, processes=(process,))


def _stumbles(note_id: str, note: Note) -> Step | None:
    if note.title == "sick":
        raise ZeroDivisionError
    return next_poke(note_id, note)


def _refused(note_id: str, note: Note) -> Step | None:
    if note.title == "sick":
        return Step("refused", INSTANCE, "WriteNote", WriteNote(title="sick"))  # a taken title
    return next_poke(note_id, note)


def _restless(note_id: str, note: Note) -> Step | None:
    step = next_poke(note_id, note)
    return replace(step, name="always") if step and note.title == "sick" else step


@pytest.mark.parametrize(
    ("next_", "error"),
    [(_stumbles, "ZeroDivisionError"), (_refused, "already_exists"), (_restless, "RuntimeError")],
    ids=["defect", "refusal", "no rest"],
)
async def test_a_process_that_fails_for_one_aggregate_goes_on_for_the_others(
    next_: Callable[[str, Note], Step | None], error: str
) -> None:
    """The aggregate is parked with the class of the failure; it does not hold up the log."""
    async with started(_with(next_)) as rig:
        sick, _ = await rig.run(WRITE, WriteNote(title="sick"))
        await _rests(rig, "well")
        [parked] = await rig.machinery.ports.views.parked("process.poking", 1, INSTANCE)
        assert (parked.aggregate_id, parked.error) == (sick.note_id, error)


async def test_a_trigger_that_cannot_be_read_parks_its_aggregate() -> None:
    """It may have asked for work, so it is not passed over in silence."""
    async with started(replace(SLICE, processes=(POKING,))) as rig:
        event = NewEvent("note.unheard_of", 1, b"{}", b"d" * 32)
        unit = Unit("u", INSTANCE, Log.DURABLE, (StreamAppend(NOTE.ref("sick"), 0, (event,)),))
        await rig.machinery.committer.append(unit)
        await _rests(rig, "well")
        [parked] = await rig.machinery.ports.views.parked("process.poking", 1, INSTANCE)
        assert (parked.aggregate_id, parked.error) == ("sick", "KeyError")


async def test_a_storage_that_is_away_parks_nothing() -> None:
    """A process waits for it, and then does its work."""
    async with _faulty(replace(SLICE, processes=(POKING,))) as (rig, faults):
        await _rests(rig, "before")
        faults.faults.extend([Fault.NONE, *LOST, *LOST])
        await _rests(rig, "during")
        assert await rig.machinery.ports.views.parked("process.poking", 1, INSTANCE) == []


async def test_a_lost_race_parks_nothing() -> None:
    """Somebody else was first, more often than a call is decided anew: the step is due again, a little later."""
    lost = [VersionConflict(1, 2)]

    async with started(replace(SLICE, processes=(POKING,))) as rig:

        async def unlucky(step: Step, unit_id: str) -> None:
            if lost:
                raise lost.pop()
            await rig.step(step, unit_id)

        rig.machinery.on_step(unlucky)
        await _rests(rig, "contended")
        assert not lost
        assert await rig.machinery.ports.views.parked("process.poking", 1, INSTANCE) == []


@asynccontextmanager
async def _faulty(slice_: Slice) -> AsyncIterator[tuple[Rig, FaultyEvents]]:
    async with memory_storage() as storage:
        faults = FaultyEvents(storage.events)
        tuning = Tuning(rhythm=FAST, bounds=BOUNDS)
        rig = rig_with(replace(ports_of(storage), events=faults), (slice_,), tuning)
        await rig.machinery.start()
        try:
            yield rig, faults
        finally:
            await rig.machinery.stop()


async def _rests(rig: Rig, title: str) -> None:
    """Write a note and wait until the process has poked it three times."""
    note, _ = await rig.run(WRITE, WriteNote(title=title))

    async def poked() -> bool:
        _, state = await rig.machinery.states.load(INSTANCE, NOTE, note.note_id)
        return state.pokes == 3

    await until(poked)
