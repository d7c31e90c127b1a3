"""Skips: a projection passes over exactly the event that somebody named, for good, and goes on behind it."""

import pytest

from hexkeep.core import projection
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.projection.commands import RebuildProjection, SkipParked
from hexkeep.core.projection.queries import ListParked
from hexkeep.engine.answers import Call
from hexkeep.engine.reads import Freshness
from hexkeep.ports.views import Parked
from tests.unit.engine.notes import NOTES, NOTES_PROJECTION, RETITLE, SLICE, WRITE, RetitleNote, WriteNote
from tests.unit.engine.releases import row, titles
from tests.unit.engine.rig import INSTANCE, Rig, started
from tests.unit.engine.test_spoolers import append_poison
from tests.waiting import until


async def sick(rig: Rig, retitled: str = "later") -> tuple[str, Parked]:
    """A note that is parked at its second event, and was retitled since."""
    note, _ = await rig.run(WRITE, WriteNote(title="early"))
    await append_poison(rig, note.note_id)
    if retitled:
        await rig.run(RETITLE, RetitleNote(note_id=note.note_id, title=retitled))
    found: list[Parked] = []

    async def parked() -> bool:
        found[:] = await rig.machinery.maintenance.parked(INSTANCE)
        return bool(found)

    await until(parked)
    return note.note_id, found[0]


async def call(rig: Rig, name: str, request: Message) -> Message:
    """Run an operation and what follows it."""
    operation = rig.machinery.registry.operations[name]
    done = await rig.machinery.bus.run(operation, request, rig.call(permission=operation.permission))
    for follow_up in done.then:
        after = rig.machinery.registry.operations[follow_up.operation]
        again = Call(rig.call(permission=after.permission).request, Freshness((), 0))
        await rig.machinery.bus.run(after, after.input.model_validate(dict(follow_up.fields)), again)
    return done.output


def skip_of(parked: Parked) -> SkipParked:
    """What an operator sends who has looked at the list."""
    return SkipParked(
        projection=parked.key.projection,
        aggregate_type=parked.aggregate_type,
        aggregate_id=parked.aggregate_id,
        position=parked.position,
        reason="broken import",
    )


async def test_a_skipped_event_is_passed_over_and_the_aggregate_goes_on() -> None:
    """Its row is what its other events make of it, with the version of its stream."""
    async with started(SLICE, projection.SLICE) as rig:
        note_id, parked = await sick(rig)
        await call(rig, "SkipParked", skip_of(parked))
        stored = await rig.machinery.ports.views.get(1, INSTANCE, NOTES, (note_id,))
        assert stored is not None
        assert (stored["title"], stored["version"]) == ("later", 3)
        assert await rig.machinery.maintenance.parked(INSTANCE) == []
        assert await rig.machinery.maintenance.differences({"notes": NOTES_PROJECTION}) == []
        history = await rig.machinery.ports.events.read_log(INSTANCE, Log.DURABLE, 0, 100)
        assert [one.type for one in history][-1] == "projection.parked_event_skipped"


async def test_a_skipped_last_event_leaves_no_outdated_row() -> None:
    """A read by id does not stumble over it for ever."""
    async with started(SLICE, projection.SLICE) as rig:
        note_id, parked = await sick(rig, retitled="")
        await call(rig, "SkipParked", skip_of(parked))
        found = await row(rig, NOTES, note_id)
        assert found is not None
        assert (found["title"], found["version"]) == ("early", 2)


async def test_a_rebuild_honours_a_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    """The new build holds what the old one holds, though its events could be digested by now."""
    async with started(SLICE, projection.SLICE) as rig:
        note_id, parked = await sick(rig)
        await call(rig, "SkipParked", skip_of(parked))
        monkeypatch.setattr("tests.unit.engine.notes.NoteBroken.POISON", False)
        build = await rig.machinery.maintenance.rebuild(NOTES_PROJECTION)
        await serves_in(rig, build.number)
        assert await titles(rig, NOTES) == ["later"]
        assert await rig.machinery.maintenance.parked(INSTANCE) == []
        folded = await row(rig, NOTES, note_id)
        assert folded is not None
        assert folded["version"] == 3


async def serves_in(rig: Rig, number: int) -> None:
    """Wait until a build serves on this node."""

    async def there() -> bool:
        return rig.machinery.builds.serving(NOTES_PROJECTION) == number

    await until(there)


async def test_a_second_bad_event_is_told_and_skipped_on_its_own() -> None:
    """Each skip concerns one event: the list then shows where the aggregate waits now."""
    async with started(SLICE, projection.SLICE) as rig:
        note_id, parked = await sick(rig, retitled="between")
        await append_poison(rig, note_id)
        await rig.run(RETITLE, RetitleNote(note_id=note_id, title="last"))
        await titles_at(rig, 5)
        await call(rig, "SkipParked", skip_of(parked))
        [again] = await rig.machinery.maintenance.parked(INSTANCE)
        assert (again.position, again.attempts) == (4, 2)
        stored = await rig.machinery.ports.views.get(1, INSTANCE, NOTES, (note_id,))
        assert stored is not None
        assert stored["title"] == "between"
        with pytest.raises(FailedPrecondition):
            await call(rig, "SkipParked", skip_of(parked))
        await call(rig, "SkipParked", skip_of(again))
        assert await titles(rig, NOTES) == ["last"]


async def titles_at(rig: Rig, position: int) -> None:
    """Wait until the view has come so far."""

    async def there() -> bool:
        return all(one.position >= position for one in await rig.machinery.ports.views.checkpoints("notes", 1))

    await until(there)


async def test_operators_see_what_is_parked_and_where_projections_are() -> None:
    """The operations answer from the storage, so on every node alike."""
    async with started(SLICE, projection.SLICE) as rig:
        note_id, _ = await sick(rig)
        shown = (await call(rig, "ListParked", ListParked())).model_dump()["parked"]
        assert [(one["projection"], one["aggregate_id"], one["position"]) for one in shown] == [("notes", note_id, 2)]
        [status] = (await call(rig, "ListProjections", Empty())).model_dump()["projections"]
        assert (status["projection"], status["build"], status["state"], status["parked"]) == ("notes", 1, "serving", 1)
        assert status["leader"] == rig.machinery.node


async def test_a_rebuild_can_be_asked_for() -> None:
    """The operation begins a build like any other, which is then switched in."""
    async with started(SLICE, projection.SLICE) as rig:
        await rig.run(WRITE, WriteNote(title="x"))
        await call(rig, "RebuildProjection", RebuildProjection(projection="notes"))
        await serves_in(rig, 2)
        assert await titles(rig, NOTES) == ["x"]
