"""Time travel: at any point of its log an aggregate is what it was then."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.errors import Archived, InvalidInput, NotFound
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.history import Point
from hexkeep.core.kernel.slice import Slice
from hexkeep.engine.history import HIDDEN
from hexkeep.engine.horizon import begun_at
from hexkeep.ports.event_store import Unit
from hexkeep.testing.units import append, stream
from tests.unit.engine.notes import (
    NOTE,
    NOTES,
    POKE,
    RETITLE,
    SLICE,
    WRITE,
    Note,
    NoteId,
    RetitleNote,
    WriteNote,
)
from tests.unit.engine.rig import INSTANCE, Rig, started


class VisitPaid(Event):
    """Somebody came by."""

    type = "visit.paid"


VISIT = Aggregate("visit", Log.ACTIVITY, Note(), (VisitPaid,), lambda state, _: state)
ALL = Slice(SLICE.name, (NOTE, VISIT), SLICE.projections, SLICE.operations)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """A started engine on a memory storage."""
    async with started(ALL) as rig:
        yield rig


async def test_state_and_row_at_a_position_are_those_of_then(rig: Rig) -> None:
    """Behind each event the state is what was decided on and the row what was shown; before the first is none."""
    history = rig.machinery.history
    note, _ = await rig.run(WRITE, WriteNote(title="first", text="dear diary"))
    await rig.run(WRITE, WriteNote(title="another"))
    await rig.run(RETITLE, RetitleNote(note_id=note.note_id, title="second"))
    await rig.run(POKE, NoteId(note_id=note.note_id))
    states = [await history.state_at(INSTANCE, NOTE, note.note_id, Point(position)) for position in range(5)]
    assert [(version, state.title, state.pokes) for version, state in states] == [
        (0, "", 0),
        (1, "first", 0),
        (1, "first", 0),
        (2, "second", 0),
        (3, "second", 1),
    ]
    rows = [await history.row_at(INSTANCE, NOTES, note.note_id, Point(position)) for position in (0, 2, 3)]
    assert [row and row["title"] for row in rows] == [None, "first", "second"]
    assert await history.state_at(INSTANCE, NOTE, note.note_id, Point()) == states[-1]


async def test_time_includes_what_was_recorded_at_it(rig: Rig) -> None:
    """A microsecond before an event it had not happened, at its own time it had."""
    note, _ = await rig.run(WRITE, WriteNote(title="first"))
    [event] = await rig.machinery.history.events(INSTANCE, "note", note.note_id, 0, 10)
    moment = event.created_at
    for time, version in ((moment, 1), (moment - timedelta(microseconds=1), 0), (moment + timedelta(days=1), 1)):
        assert (await rig.machinery.history.state_at(INSTANCE, NOTE, note.note_id, Point(time=time)))[0] == version


async def test_history_tells_who_and_hides_secrets(rig: Rig) -> None:
    """Every event with its author and place; sealed and hidden values are replaced, wherever they are kept."""
    note, _ = await rig.run(WRITE, WriteNote(title="first", text="dear diary", author="ada"))
    [event] = await rig.machinery.history.events(INSTANCE, "note", note.note_id, 0, 10)
    assert (event.type, event.version, event.position, event.actor) == ("note.written", 1, 1, "system")
    assert event.fields == {"title": "first", "text": "dear diary", "author": "ada", "token": HIDDEN}
    then = await rig.machinery.history.then(INSTANCE, "note", note.note_id, Point())
    assert note.secret not in repr((then.state, then.rows, event))
    assert (then.version, then.state["title"], then.rows["notes"]["title"]) == (1, "first", "first")


async def test_pages_go_on_behind_a_version(rig: Rig) -> None:
    """A long history is read in pages, in order, each event once."""
    note, _ = await rig.run(WRITE, WriteNote(title="first"))
    for _ in range(6):
        await rig.run(POKE, NoteId(note_id=note.note_id))
    seen, after = list[int](), 0
    while page := await rig.machinery.history.events(INSTANCE, "note", note.note_id, after, 3):
        seen += [event.version for event in page]
        after = page[-1].version
    assert seen == list(range(1, 8))


async def test_erased_person_is_blank_in_the_past_as_well(rig: Rig) -> None:
    """What was sealed under a key that is gone cannot be read at any point."""
    note, _ = await rig.run(WRITE, WriteNote(title="first", text="dear diary", author="ada"))
    await rig.machinery.keyring.destroy(INSTANCE, "subject/ada")
    _, state = await rig.machinery.history.state_at(INSTANCE, NOTE, note.note_id, Point(1))
    assert (state.title, state.text) == ("first", "(erased)")


async def test_points_that_are_not_there_are_refused(rig: Rig) -> None:
    """A position beyond the head is no answer of now, an unknown type is not found."""
    note, _ = await rig.run(WRITE, WriteNote(title="first"))
    with pytest.raises(InvalidInput, match="ends at position 1"):
        await rig.machinery.history.state_at(INSTANCE, NOTE, note.note_id, Point(2))
    with pytest.raises(NotFound):
        await rig.machinery.history.events(INSTANCE, "nothing", note.note_id, 0, 1)


async def test_behind_the_horizon_all_is_archived(rig: Rig) -> None:
    """A point behind it, a stream whose beginning was dropped, and one that is gone altogether: never a wrong state."""
    history, events, ids = rig.machinery.history, rig.machinery.ports.events, rig.machinery.ids
    gone, half = ids.new(), ids.new()
    for visit, version in ((gone, 0), (half, 0), (half, 1)):
        ref = stream()._replace(type="visit", id=visit)
        await events.append([Unit(ids.new(), INSTANCE, Log.ACTIVITY, (append(ref, version),))])
    await events.drop(INSTANCE, 2)
    for visit, point in ((gone, Point()), (half, Point()), (half, Point(1)), (ids.new(), Point(1))):
        with pytest.raises(Archived):
            await history.state_at(INSTANCE, VISIT, visit, point)
    with pytest.raises(Archived):
        await history.events(INSTANCE, "visit", gone, 0, 10)
    horizon_at = (await events.head(INSTANCE, Log.ACTIVITY)).horizon_at
    assert horizon_at is not None
    while (begun := begun_at(young := ids.new())) is None or begun <= horizon_at:
        pass  # ids tell milliseconds
    assert await history.state_at(INSTANCE, VISIT, young, Point()) == (0, Note())


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(st.sampled_from(["write", "retitle", "poke"]), max_size=25), st.integers(0, 3))
async def test_state_at_any_position_is_what_was_there_then(deeds: list[str], which: int) -> None:
    """Over random histories: the state recorded at each step is found again afterwards at that step's position."""
    async with started(ALL) as rig:
        ids, recorded = list[str](), list[tuple[str, int, Note]]()
        for number, deed in enumerate(["write", *deeds]):
            if deed == "write":
                ids.append((await rig.run(WRITE, WriteNote(title=f"title {number}")))[0].note_id)
            elif deed == "retitle":
                await rig.run(RETITLE, RetitleNote(note_id=ids[which % len(ids)], title=f"title {number}"))
            else:
                await rig.run(POKE, NoteId(note_id=ids[which % len(ids)]))
            for note_id in ids:
                _, state = await rig.machinery.states.load(INSTANCE, NOTE, note_id)
                recorded.append((note_id, number + 1, state))
        for note_id, position, state in recorded:
            found = await rig.machinery.history.state_at(INSTANCE, NOTE, note_id, Point(position))
            assert found[1] == state
