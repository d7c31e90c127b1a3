"""The query side never answers with less than was written."""

import asyncio

import pytest

from hexkeep.core.kernel.errors import DeadlineExceeded, PositionSuperseded
from hexkeep.core.kernel.event import Log
from hexkeep.ports.api import PositionToken
from hexkeep.ports.views import CheckpointKey
from tests.unit.engine.notes import GET, LIST, POKE, RETITLE, SLICE, WRITE, ListNotes, NoteId, RetitleNote, WriteNote
from tests.unit.engine.rig import INSTANCE, memory_storage, rig_on, started


async def test_a_read_by_id_is_current_without_any_projection_running() -> None:
    """With no spooler at work the row is folded from the stream."""
    async with memory_storage() as storage:
        rig = rig_on(storage, (SLICE,))
        await rig.machinery.builds.start(rig.machinery.registry.projections.values())
        note, _ = await rig.run(WRITE, WriteNote(title="early"))
        await rig.run(RETITLE, RetitleNote(note_id=note.note_id, title="late"))
        await rig.run(POKE, NoteId(note_id=note.note_id))
        seen, _ = await rig.run(GET, NoteId(note_id=note.note_id))
        assert (seen.title, seen.pokes) == ("late", 3)


async def test_a_stale_row_is_brought_up_to_date_from_where_it_stands() -> None:
    """A row that the projection wrote and that has moved on since is folded on, not read as it lies."""
    async with memory_storage() as storage:
        rig = rig_on(storage, (SLICE,))
        await rig.machinery.start()
        note, position = await rig.run(WRITE, WriteNote(title="v1"))
        assert position is not None
        await rig.run(LIST, ListNotes(), position)
        await rig.machinery.spoolers.stop()
        await rig.run(RETITLE, RetitleNote(note_id=note.note_id, title="v2"))
        seen, _ = await rig.run(GET, NoteId(note_id=note.note_id))
        assert seen.title == "v2"


async def test_a_list_is_as_new_as_the_token_it_is_given() -> None:
    """Each write's own token makes the list show it, at once and every time."""
    async with started(SLICE) as rig:
        for number in range(20):
            _, position = await rig.run(WRITE, WriteNote(title=f"note {number:02}"))
            assert position is not None
            titles, _ = await rig.run(LIST, ListNotes(), position)
            assert titles.titles[-1] == f"note {number:02}"


async def test_a_current_list_needs_no_token() -> None:
    """``current`` waits for everything that was written before the question."""
    async with started(SLICE) as rig:
        await asyncio.gather(*(rig.run(WRITE, WriteNote(title=f"note {number}")) for number in range(10)))
        titles, _ = await rig.run(LIST, ListNotes(current=True))
        assert len(titles.titles) == 10


async def test_a_position_that_does_not_come_is_a_missed_deadline() -> None:
    """A list never answers with less than was demanded; it says that it is late."""
    async with started(SLICE) as rig:
        call = rig.call()
        token = PositionToken(INSTANCE, Log.DURABLE, 1, 99)
        projection = rig.machinery.registry.projections["notes"]
        with pytest.raises(DeadlineExceeded):
            await rig.machinery.progress.wait(projection, token, call.freshness.deadline - 1.9)


async def test_a_position_from_before_a_restore_is_refused() -> None:
    """A token of an older epoch says nothing about the log as it is."""
    async with started(SLICE) as rig:
        key = CheckpointKey("notes", 1, INSTANCE, Log.DURABLE)
        rig.machinery.progress.reached(key, 5, 2)
        with pytest.raises(PositionSuperseded):
            await rig.run(LIST, ListNotes(), PositionToken(INSTANCE, Log.DURABLE, 1, 3))
