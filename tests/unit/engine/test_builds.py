"""Builds: a changed projection fills beside the one that serves, and takes its place when it has come to the end."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hexkeep.core.kernel.errors import ViewBuilding
from hexkeep.core.kernel.event import Log
from hexkeep.engine.builds import fingerprint, standing
from hexkeep.ports.event_store import EventStore, NewEvent, StreamAppend, Unit
from hexkeep.ports.views import Build, BuildState, CheckpointKey
from tests.unit.engine.notes import NOTES, NOTES_PROJECTION, RETITLE, RetitleNote
from tests.unit.engine.releases import (
    LOUD,
    QUICK,
    WIDE,
    WIDER,
    builds,
    release,
    row,
    running,
    serves,
    titles,
    written,
)
from tests.unit.engine.rig import INSTANCE, memory_storage
from tests.waiting import until

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
IMPATIENT = replace(QUICK, lease=0.1, grace=0.0)


def build(number: int, version: int, state: BuildState, print_: str = "same") -> Build:
    """A build of the notes."""
    return Build("notes", number, version, print_, state, SINCE)


SERVING, BUILDING, RETIRED = BuildState.SERVING, BuildState.BUILDING, BuildState.RETIRED


@pytest.mark.parametrize(
    ("found", "readable", "filled"),
    [
        ([], None, []),
        ([build(1, 2, BUILDING)], None, [1]),
        ([build(1, 2, SERVING)], 1, [1]),
        ([build(1, 1, SERVING), build(2, 2, BUILDING)], 1, [2]),
        ([build(1, 1, SERVING, "other"), build(2, 2, BUILDING)], None, [2]),
        ([build(1, 2, RETIRED), build(2, 3, SERVING)], 1, [1]),
        ([build(1, 2, RETIRED), build(2, 2, SERVING)], 2, [2]),
        ([build(1, 2, SERVING), build(2, 2, BUILDING)], 1, [1, 2]),
    ],
    ids=[
        "nothing yet",
        "first build",
        "serves",
        "only the logic changed",
        "the tables changed",
        "a newer release took over",
        "was rebuilt",
        "is being rebuilt",
    ],
)
def test_a_release_reads_and_fills_its_own_builds(found: list[Build], readable: int | None, filled: list[int]) -> None:
    """It may read what another version has made if the tables are the same, and never adds to it."""
    here = standing(replace(NOTES_PROJECTION, version=2), "same", found)
    assert (here.readable.number if here.readable else None) == readable
    assert [one.number for one in here.filled] == filled


def test_a_fingerprint_follows_the_tables_alone() -> None:
    """Another version with the same tables has the same one."""
    assert fingerprint(LOUD) == fingerprint(NOTES_PROJECTION) != fingerprint(WIDE)


async def test_the_first_build_of_an_empty_store_serves_at_once() -> None:
    """Nobody waits for what cannot have anything in it."""
    async with memory_storage() as storage:
        rig, _ = release(storage, NOTES_PROJECTION, "one")
        await rig.machinery.builds.start(rig.machinery.registry.projections.values())
        assert await titles(rig, NOTES) == []


async def test_other_logic_is_read_from_the_old_rows_until_the_new_are_there() -> None:
    """Lists answer all the while: first as the release before, then as this one."""
    async with memory_storage() as storage:
        old, _ = release(storage, NOTES_PROJECTION, "old")
        async with running(old):
            _, position = await written(old, 3)
            await titles(old, NOTES, position)
        new, faults = release(storage, LOUD, "new")
        async with faults.answers_held("read_log", 0), running(new):
            await faults.arrived.wait()
            assert await titles(new, NOTES) == ["note 000", "note 001", "note 002"]
            faults.release()
            await serves(storage, 2)
            assert await titles(new, NOTES, position) == ["NOTE 000", "NOTE 001", "NOTE 002"]


async def test_other_tables_are_not_read_before_they_are_filled() -> None:
    """A list waits and then says what is being built, never a part of it; by id everything is answered."""
    async with memory_storage() as storage:
        old, _ = release(storage, NOTES_PROJECTION, "old")
        async with running(old):
            [note_id, *_], position = await written(old, 3)
        new, faults = release(storage, WIDE, "new")
        async with faults.answers_held("read_log", 0), running(new):
            await faults.arrived.wait()
            with pytest.raises(ViewBuilding) as caught:
                await titles(new, WIDER, seconds=0.05)
            assert (caught.value.code, caught.value.retry_after) == ("view_building", 5)
            found = await row(new, WIDER, note_id)
            assert found is not None
            assert (found["title"], found["colour"]) == ("note 000", "red")
            waiting = asyncio.ensure_future(titles(new, WIDER, position))
            faults.release()
            assert await waiting == ["note 000", "note 001", "note 002"]


async def test_two_releases_at_once_each_read_their_own() -> None:
    """The old one serves while the new one builds; then each goes on, and sees what the other writes."""
    async with memory_storage() as storage:
        old, _ = release(storage, NOTES_PROJECTION, "old")
        new, faults = release(storage, WIDE, "new")
        async with running(old):
            await written(old, 3)
            async with faults.answers_held("read_log", 0), running(new):
                await faults.arrived.wait()
                _, position = await written(new, 1, "while building")
                assert len(await titles(old, NOTES, position)) == 4
                faults.release()
                await serves(storage, 2)
                assert [one.number for one in await builds(storage, RETIRED)] == [1]
                for writer in (old, new):
                    _, position = await written(writer, 1, writer.machinery.node)
                    assert await titles(old, NOTES, position) == await titles(new, WIDER, position)


async def test_an_old_node_that_starts_again_does_not_take_over() -> None:
    """It goes on with the build that was retired for it, and the new one keeps serving."""
    async with memory_storage() as storage:
        old, _ = release(storage, NOTES_PROJECTION, "old")
        async with running(old):
            await written(old, 2)
        new, _ = release(storage, WIDE, "new")
        async with running(new):
            await serves(storage, 2)
            again, _ = release(storage, NOTES_PROJECTION, "again")
            async with running(again):
                _, position = await written(again, 1, "again")
                assert len(await titles(again, NOTES, position)) == len(await titles(new, WIDER, position)) == 3
            assert [(one.number, one.state) for one in await storage.views.builds() if one.projection == "notes"] == [
                (1, RETIRED),
                (2, SERVING),
            ]


async def test_a_build_goes_on_where_it_was_when_its_node_died() -> None:
    """The checkpoint is where another node begins; what was read is not read again."""
    async with memory_storage() as storage:
        old, _ = release(storage, NOTES_PROJECTION, "old")
        async with running(old):
            await written(old, 30)
        first, faults = release(storage, LOUD, "first")
        first.machinery.tail._batch = first.machinery.tail._big_batch = 10  # noqa: SLF001 - a small log in several batches
        async with faults.answers_held("read_log", 20), running(first):
            await faults.arrived.wait()
        assert [one.number for one in await builds(storage, BUILDING)] == [2]
        assert (await storage.views.checkpoint(CheckpointKey("notes", 2, INSTANCE, Log.DURABLE))).position == 20
        second, faults = release(storage, LOUD, "second")
        async with running(second):
            await serves(storage, 2)
            assert 20 in faults.read_from  # from the beginning it would be one batch; jobs read the log as well
            assert await second.machinery.maintenance.differences({"notes": LOUD}) == []


async def test_a_rebuild_is_switched_in_on_every_node_and_the_former_goes() -> None:
    """All the while lists answer; once the grace is over nobody's tables are left behind."""
    async with memory_storage() as storage:
        one, _ = release(storage, NOTES_PROJECTION, "one", IMPATIENT)
        two, _ = release(storage, NOTES_PROJECTION, "two", IMPATIENT)
        async with running(one), running(two):
            ids, position = await written(one, 5)
            await titles(one, NOTES, position)
            fresh = await two.machinery.maintenance.rebuild(NOTES_PROJECTION)
            assert (fresh.number, await two.machinery.maintenance.rebuild(NOTES_PROJECTION)) == (2, fresh)
            await serves(storage, 2)

            async def noticed() -> bool:
                return all(rig.machinery.builds.serving(NOTES_PROJECTION) == 2 for rig in (one, two))

            await until(noticed)
            _, moved = await one.run(RETITLE, RetitleNote(note_id=ids[0], title="again"))
            assert moved is not None
            assert "again" in await titles(two, NOTES, moved)

            async def alone() -> bool:
                return [build.number for build in await storage.views.builds() if build.projection == "notes"] == [2]

            await until(alone)


async def test_a_build_that_somebody_fills_is_not_discarded() -> None:
    """However old it is: the lease of who fills it says that it is needed."""
    async with memory_storage() as storage:
        old, _ = release(storage, NOTES_PROJECTION, "old", IMPATIENT)
        new, _ = release(storage, WIDE, "new", IMPATIENT)
        async with running(old):
            await written(old, 2)
            async with running(new):
                await serves(storage, 2)
                await asyncio.sleep(IMPATIENT.lease * 6)
                assert [one.number for one in await builds(storage, RETIRED)] == [1]
                await old.machinery.spoolers.stop()

                async def gone() -> bool:
                    return not await builds(storage, RETIRED)

                await until(gone)


async def test_tables_that_nobody_here_knows_are_left_alone() -> None:
    """Whether they can be made again from a log, only who declares them knows."""
    async with memory_storage() as storage:
        unknown = replace(NOTES_PROJECTION, name="unknown", tables=(replace(NOTES, name="unknown"),))
        for _ in range(2):
            await storage.views.switch(await storage.views.begin(unknown, "any", anew=True))
        rig, _ = release(storage, NOTES_PROJECTION, "one", IMPATIENT)
        async with running(rig):
            await written(rig, 1)
            await rig.machinery.maintenance.rebuild(NOTES_PROJECTION)

            async def discarded() -> bool:
                return [one.number for one in await storage.views.builds() if one.projection == "notes"] == [2]

            await until(discarded)
        assert [one.number for one in await storage.views.builds() if one.projection == "unknown"] == [1, 2]


async def test_logs_of_instances_that_appear_meanwhile_are_built_too() -> None:
    """A build serves when it is at the end of every log, also of those that began after it."""
    async with memory_storage() as storage:
        old, _ = release(storage, NOTES_PROJECTION, "old")
        async with running(old):
            await written(old, 3)
        new, faults = release(storage, LOUD, "new")
        async with faults.answers_held("read_log", 0), running(new):
            await faults.arrived.wait()
            await _copy_to(storage.events, "another")
            faults.release()
            await serves(storage, 2)
            found = {one.key.instance: one.position for one in await storage.views.checkpoints("notes", 2)}
            assert found == {"test": 3, "another": 1}


async def _copy_to(events: EventStore, instance: str) -> None:
    """The first event of the test instance as the first one of another."""
    [first] = await events.read_log("test", Log.DURABLE, 0, 1)
    event = NewEvent("note.poked", 1, b'{"by":1}', first.digest)
    await events.append([Unit("u", instance, Log.DURABLE, (StreamAppend(first.stream, 0, (event,)),))])
