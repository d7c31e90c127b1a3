"""The activity horizon, restored logs and storages that lag: what readers do where a log is not simply longer."""

import asyncio
import uuid
from dataclasses import replace

import pytest

from hexkeep.core.instance import SLICE as INSTANCES
from hexkeep.core.kernel.errors import Archived
from hexkeep.core.kernel.event import Log
from hexkeep.engine.assembly import Tuning
from hexkeep.engine.spooler import Rhythm
from hexkeep.ports.event_store import Head
from hexkeep.testing.faults import FaultyEvents
from tests.unit.engine.notes import NOTES, NOTES_PROJECTION, SLICE
from tests.unit.engine.releases import row, running, titles, written
from tests.unit.engine.rig import INSTANCE, Rig, memory_storage, ports_of, rig_on, rig_with, started
from tests.unit.engine.visits import (
    BEGIN,
    END,
    PROVE,
    VISIT,
    VISIT_SLICE,
    VISITS,
    VISITS_PROJECTION,
    Begin,
    VisitId,
)
from tests.waiting import until

SELDOM = Rhythm(lease=1.0, look=60.0, longest_pause=0.2)


async def visits(rig: Rig, *names: str) -> list[str]:
    """Begin visits; their ids."""
    return [(await rig.run(BEGIN, Begin(who=name)))[0].visit_id for name in names]


async def position_of(rig: Rig, visit_id: str) -> int:
    """Where the first event of a visit stands."""
    [event, *_] = await rig.machinery.ports.events.read_stream(INSTANCE, Log.ACTIVITY, VISIT.ref(visit_id))
    return event.position


async def test_what_was_dropped_is_archived_and_not_absent() -> None:
    """By id, for decisions that load it, and for those that would write on; what never was is not found."""
    async with started(VISIT_SLICE) as rig:
        old, kept, new = await visits(rig, "old", "kept", "new")
        await rig.run(END, VisitId(visit_id=kept))
        await rig.machinery.ports.events.drop(INSTANCE, await position_of(rig, kept))
        rig.machinery.states.distrust(INSTANCE, VISIT.ref(old))
        rig.machinery.states.distrust(INSTANCE, VISIT.ref(kept))
        for visit_id in (old, kept):
            with pytest.raises(Archived):
                await rig.run(END, VisitId(visit_id=visit_id))
        with pytest.raises(Archived):
            await row(rig, VISITS, old)
        assert await row(rig, VISITS, new) is not None
        assert await row(rig, VISITS, rig.machinery.ids.new()) is None
        assert await row(rig, VISITS, "chosen-by-somebody") is None


async def test_a_proof_lapses_with_what_was_dropped() -> None:
    """Who presents it is answered as if it had never been: refused, and not told that it is archived."""
    async with started(VISIT_SLICE) as rig:
        [old, _] = await visits(rig, "old", "new")
        assert (await rig.run(PROVE, VisitId(visit_id=old)))[0].who == "old"
        await rig.machinery.ports.events.drop(INSTANCE, 1)
        rig.machinery.states.distrust(INSTANCE, VISIT.ref(old))
        assert (await rig.run(PROVE, VisitId(visit_id=old)))[0].who == ""


async def test_a_rebuild_begins_behind_the_horizon() -> None:
    """It never asks for what was dropped, and ends with the rows of what is left."""
    async with memory_storage() as storage:
        rig = rig_on(storage, (VISIT_SLICE,))
        async with running(rig):
            await visits(rig, "a", "b", "c", "d")
            await storage.events.drop(INSTANCE, 2)
            build = await rig.machinery.maintenance.rebuild(VISITS_PROJECTION)

            async def serves() -> bool:
                return rig.machinery.builds.serving(VISITS_PROJECTION) == build.number

            await until(serves)
            assert await titles(rig, VISITS) == ["c", "d"]
            assert await rig.machinery.maintenance.differences({"visits": VISITS_PROJECTION}) == []


async def test_an_older_view_keeps_rows_of_what_was_dropped_and_still_compares() -> None:
    """What cannot be made anew is no difference."""
    async with started(VISIT_SLICE) as rig:
        await visits(rig, "a", "b", "c")
        _, position = await rig.run(BEGIN, Begin(who="d"))
        assert position is not None
        await titles(rig, VISITS, position)
        await rig.machinery.ports.events.drop(INSTANCE, 2)
        assert await rig.machinery.maintenance.differences({"visits": VISITS_PROJECTION}) == []


async def test_a_row_whose_events_are_gone_is_a_difference() -> None:
    """A log that somebody has cut short is compared to its end; a comparison does not break on it."""
    async with memory_storage() as storage:
        rig = rig_on(storage, (SLICE,))
        async with running(rig):
            _, position = await written(rig, 3, "note")
            await titles(rig, NOTES, position)
            del storage.events.kept(INSTANCE, Log.DURABLE).events[-1]
            [difference] = await rig.machinery.maintenance.differences({"notes": NOTES_PROJECTION})
            assert (difference.view is None, difference.replay) == (False, None)


async def test_a_restored_log_is_read_anew() -> None:
    """Rows and parked aggregates of the log as it was go in the transaction that begins with the log as it is."""
    async with memory_storage() as storage:
        rig = rig_on(storage, (SLICE,))
        async with running(rig):
            _, position = await written(rig, 5, "lost")
            await titles(rig, NOTES, position)
        kept = await storage.events.read_log(INSTANCE, Log.DURABLE, 0, 2)
        storage.events.wipe(INSTANCE)
        storage.events.begin(Head(INSTANCE, Log.DURABLE, 0, 2))
        async with storage.loader() as loader:
            await loader.load(INSTANCE, Log.DURABLE, kept)
        again = rig_on(storage, (SLICE, INSTANCES))
        async with running(again):
            await again.adopt()
            _, position = await written(again, 1, "new")
            assert (position.epoch, position.position) == (2, 3)
            assert await titles(again, NOTES, position) == ["lost 000", "lost 001", "new 000"]


async def test_what_the_storage_does_not_show_yet_is_looked_for_soon() -> None:
    """A recent read may lag behind the head; no further hint is needed, and nobody spins meanwhile."""
    async with memory_storage() as storage:
        faults = FaultyEvents(storage.events)
        rig = rig_with(replace(ports_of(storage), events=faults), (SLICE,), Tuning(rhythm=SELDOM))
        async with running(rig):
            _, position = await written(rig, 1)
            await titles(rig, NOTES, position)
            faults.stale, before = 3, len(faults.read_from)
            _, position = await written(rig, 1, "more")
            assert len(await titles(rig, NOTES, position, seconds=2.0)) == 2
            assert faults.stale == 0
            assert len(faults.read_from) - before <= 8
            quiet = len(faults.read_from)
            await asyncio.sleep(0.1)  # long enough for somebody who spins
            assert len(faults.read_from) == quiet


async def test_an_id_tells_when_it_was_made() -> None:
    """Only ids of ours do; a log without horizon archives nothing."""
    async with started(VISIT_SLICE) as rig:
        assert await row(rig, VISITS, str(uuid.uuid4())) is None
        assert await row(rig, VISITS, rig.machinery.ids.new()) is None
