"""The command bus: decisions become events, once, or nothing at all."""

import asyncio
from dataclasses import replace

import pytest

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    FailedPrecondition,
    Internal,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    VersionConflict,
)
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.permission import ANONYMOUS, Caller, CallerKind, Level, Membership, Role, Scope
from hexkeep.core.kernel.slice import Slice, Step
from hexkeep.core.kernel.unique import Claim, Release, UniqueKey
from tests.unit.engine.notes import (
    FORGETFUL,
    GET,
    NOTE,
    POKE,
    READ_WRITES,
    RETITLE,
    SLICE,
    WRITE,
    NoteId,
    NotePoked,
    RetitleNote,
    WriteNote,
)
from tests.unit.engine.rig import INSTANCE, started
from tests.unit.engine.visits import BEGIN, VISIT, Begin, VisitBegun, VisitId

PLAIN_USER = Caller(CallerKind.USER, user_id="u1")
EDITOR = Role("EDITOR", Level.ORGANIZATION, frozenset({"note.*"}))


async def test_a_decision_is_written_and_answered() -> None:
    """The output comes back with the position of the last event written."""
    async with started(SLICE) as rig:
        output, position = await rig.run(WRITE, WriteNote(title="first"))
        assert output.title == "first"
        assert position is not None
        assert (position.log, position.position) == (Log.DURABLE, 1)


async def test_concurrent_changes_of_one_aggregate_all_count() -> None:
    """A lost race is decided anew on the present state, so no change overwrites another."""
    async with started(SLICE) as rig:
        note, _ = await rig.run(WRITE, WriteNote(title="hot"))
        await asyncio.gather(*(rig.run(POKE, NoteId(note_id=note.note_id)) for _ in range(6)))
        _, state = await rig.machinery.states.load(INSTANCE, NOTE, note.note_id)
        assert state.pokes == 6


async def test_a_race_that_is_lost_too_often_is_a_conflict() -> None:
    """The bus gives up after a bounded number of attempts."""
    async with started(SLICE) as rig:
        note, _ = await rig.run(WRITE, WriteNote(title="hot"))
        results = await asyncio.gather(
            *(rig.run(POKE, NoteId(note_id=note.note_id)) for _ in range(60)), return_exceptions=True
        )
        lost = [result for result in results if isinstance(result, BaseException)]
        assert all(isinstance(result, VersionConflict) for result in lost)
        _, state = await rig.machinery.states.load(INSTANCE, NOTE, note.note_id)
        assert state.pokes == 60 - len(lost)


async def test_a_taken_unique_key_writes_nothing() -> None:
    """The second note of a title is refused, whatever its case, and leaves no event."""
    async with started(SLICE) as rig:
        await rig.run(WRITE, WriteNote(title="Straße"))
        with pytest.raises(AlreadyExists) as caught:
            await rig.run(WRITE, WriteNote(title="STRASSE"))
        assert caught.value.kind == "note_title"
        assert (await rig.machinery.ports.events.head(INSTANCE, Log.DURABLE)).position == 1


async def test_a_released_key_is_free_and_a_kept_one_stays() -> None:
    """Retitling frees the old title and holds the new one; retitling to the same title keeps it."""
    async with started(SLICE) as rig:
        note, _ = await rig.run(WRITE, WriteNote(title="old"))
        await rig.run(RETITLE, RetitleNote(note_id=note.note_id, title="new"))
        await rig.run(RETITLE, RetitleNote(note_id=note.note_id, title="new"))
        await rig.run(WRITE, WriteNote(title="old"))
        with pytest.raises(AlreadyExists):
            await rig.run(WRITE, WriteNote(title="new"))


@pytest.mark.parametrize(("keys", "fits"), [((), False), (("visitor",), True)], ids=["undeclared", "declared"])
async def test_a_unique_key_changes_in_the_log_of_its_kind_alone(keys: tuple[str, ...], *, fits: bool) -> None:
    """The activity log's kinds are named by its aggregates; all others are the durable log's."""
    visit = replace(VISIT, keys=keys)

    def claim(request: Begin, ctx: Context) -> Decision[VisitId]:
        ctx.authorize()
        change = visit.append("v", VisitBegun(who=request.who))
        return Decision(VisitId(visit_id="v"), change, Claim(UniqueKey("visitor", "", request.who), visit.ref("v")))

    operation = replace(BEGIN, handle=claim)
    async with started(Slice("visit", aggregates=(visit,), operations=(operation,))) as rig:
        if fits:
            await rig.run(operation, Begin(who="ada"))
        else:
            with pytest.raises(Internal):
                await rig.run(operation, Begin(who="ada"))
        assert (await rig.machinery.ports.events.head(INSTANCE, Log.ACTIVITY)).position == fits


async def test_a_refusal_with_changes_writes_them() -> None:
    """``Decision(error=…)`` leaves its trace in the log and still answers with the error."""
    async with started(SLICE) as rig:
        with pytest.raises(FailedPrecondition):
            await rig.run(WRITE, WriteNote(title="trace", fail=True))
        assert (await rig.machinery.ports.events.head(INSTANCE, Log.DURABLE)).position == 1


async def test_a_domain_error_writes_nothing() -> None:
    """A rule that fails leaves the log as it was."""
    async with started(SLICE) as rig:
        with pytest.raises(NotFound):
            await rig.run(POKE, NoteId(note_id="nobody"))
        assert (await rig.machinery.ports.events.head(INSTANCE, Log.DURABLE)).position == 0


async def test_who_forgets_to_ask_for_permission_is_refused() -> None:
    """An operation that names a permission and never checks it is closed to all but the instance's own."""
    async with started(SLICE) as rig:
        with pytest.raises(PermissionDenied):
            await rig.run(FORGETFUL, NoteId(note_id="n"), caller=PLAIN_USER)
        with pytest.raises(Unauthenticated):
            await rig.run(FORGETFUL, NoteId(note_id="n"), caller=ANONYMOUS)


async def test_an_operation_that_only_reads_cannot_write() -> None:
    """Changes out of a reading operation are a defect and refused."""
    async with started(SLICE) as rig:
        with pytest.raises(Internal):
            await rig.run(READ_WRITES, NoteId(note_id="n"))


async def test_permission_in_another_organization_is_no_permission() -> None:
    """A role counts in its own scope alone; a row outside it is not found."""
    async with started(SLICE) as rig:
        note, _ = await rig.run(WRITE, WriteNote(title="of ada", author="ada"))
        at_ada = replace(PLAIN_USER, memberships=(Membership(EDITOR, Scope(Level.ORGANIZATION, "org-of-ada")),))
        at_bob = replace(PLAIN_USER, memberships=(Membership(EDITOR, Scope(Level.ORGANIZATION, "org-of-bob")),))
        seen, _ = await rig.run(GET, NoteId(note_id=note.note_id), caller=at_ada)
        assert seen.title == "of ada"
        with pytest.raises(NotFound):
            await rig.run(GET, NoteId(note_id=note.note_id), caller=at_bob)
        with pytest.raises(PermissionDenied):
            await rig.run(GET, NoteId(note_id=note.note_id), caller=PLAIN_USER)


async def test_an_instance_cannot_see_another_ones_aggregates() -> None:
    """The same id in another instance is another aggregate."""
    async with started(SLICE) as rig:
        note, _ = await rig.run(WRITE, WriteNote(title="here"))
        _, state = await rig.machinery.states.load("elsewhere", NOTE, note.note_id)
        assert not state.exists


def hand_over(request: RetitleNote, ctx: Context) -> Decision[NoteId]:
    """Give the title of one note to another."""
    ctx.authorize()
    ctx.load(NOTE, request.note_id)
    note_id, key = request.note_id, UniqueKey("note_title", "", request.title)
    changes = (Release(key, NOTE.ref(note_id)), Claim(key, NOTE.ref(f"not {note_id}")))
    return Decision(NoteId(note_id=note_id), NOTE.append(note_id, NotePoked()), *changes)


async def test_a_decision_that_hands_a_key_to_another_is_refused() -> None:
    """Its history could not be told right once the other is erased; nothing is written."""
    operation = replace(RETITLE, name="HandOver", handle=hand_over)
    async with started(SLICE, Slice("hand", operations=(operation,))) as rig:
        note, _ = await rig.run(WRITE, WriteNote(title="mine"))
        with pytest.raises(Internal):
            await rig.run(operation, RetitleNote(note_id=note.note_id, title="mine"))
        assert (await rig.machinery.states.load(INSTANCE, NOTE, note.note_id))[0] == 1
        with pytest.raises(AlreadyExists):
            await rig.run(WRITE, WriteNote(title="mine"))


async def test_a_repeated_unit_leaves_the_state_as_the_log_has_it() -> None:
    """What was decided the second time is not in the log, so it must not be in what is remembered of it either."""
    async with started(SLICE) as rig:
        note, _ = await rig.run(WRITE, WriteNote(title="poke me"))
        step = Step("poke", INSTANCE, "PokeNote", NoteId(note_id=note.note_id))
        await rig.step(step, "process/poke")
        await rig.step(step, "process/poke")
        version, state = await rig.machinery.states.load(INSTANCE, NOTE, note.note_id)
        assert (version, state.pokes) == (2, 1)
        await rig.run(POKE, NoteId(note_id=note.note_id))
        version, state = await rig.machinery.states.load(INSTANCE, NOTE, note.note_id)
        assert (version, state.pokes) == (3, 2)
