"""Search of events: what is found is what a look at everything would find, each event once, however it is paged."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import Archived, InvalidInput, NotFound, PositionSuperseded
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.history import EventsOf, Found, Happened, Place, Sought
from hexkeep.core.kernel.operation import ApiName, Operation
from hexkeep.core.kernel.permission import SYSTEM, Caller, CallerKind, Level, Membership, Role, Scope
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.kernel.view import Column, Patch, Projection, Put, RowOperation, Table, Visibility
from hexkeep.engine import search
from hexkeep.ports.event_store import Unit
from hexkeep.testing.units import append, stream
from tests.unit.engine.notes import NOTE, POKE, RETITLE, SLICE, WRITE, NoteId, RetitleNote, WriteNote
from tests.unit.engine.rig import INSTANCE, Rig, started
from tests.unit.engine.visits import BEGIN, END, VISIT_SLICE, Begin, VisitId

EDITOR = Role("EDITOR", Level.INSTANCE, frozenset({"note.*", "visit.*"}))
MEMBER = (Membership(EDITOR, Scope(Level.INSTANCE)),)
ADA, BOB = (
    Caller(CallerKind.USER, user_id=name, client_id=f"app-of-{name}", memberships=MEMBER) for name in ("ada", "bob")
)
EVERYBODY = (ADA, BOB, SYSTEM)
PAGE = 10_000


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """A started engine with a slice in each log."""
    async with started(SLICE, VISIT_SLICE) as rig:
        yield rig


class Diary:
    """Does things in both logs."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.notes: list[str] = []
        self.visits: list[str] = []

    async def do(self, deed: str, which: int = 0, caller: Caller = SYSTEM) -> None:
        """One deed, on one of the notes or visits that are there."""
        run = self.rig.run
        if deed == "write" or (deed in ("retitle", "poke") and not self.notes):
            written = WriteNote(title=f"title {len(self.notes)}", author=caller.user_id or "ada")
            self.notes.append((await run(WRITE, written, caller=caller))[0].note_id)
        elif deed == "retitle":
            fields = RetitleNote(note_id=self.notes[which % len(self.notes)], title=self.rig.machinery.ids.new())
            await run(RETITLE, fields, caller=caller)
        elif deed == "poke":
            await run(POKE, NoteId(note_id=self.notes[which % len(self.notes)]), caller=caller)
        elif deed == "begin" or not self.visits:
            self.visits.append((await run(BEGIN, Begin(who="x"), caller=caller))[0].visit_id)
        else:
            await run(END, VisitId(visit_id=self.visits[which % len(self.visits)]), caller=caller)


async def everything(rig: Rig) -> list[Happened]:
    """All events of both logs, in the order of their times, by way of each aggregate's own history."""
    found: list[Happened] = []
    for log in Log:
        stored = await rig.machinery.ports.events.read_log(INSTANCE, log, 0, PAGE)
        for type_, id_ in {one.stream for one in stored}:
            found += await rig.machinery.history.events(INSTANCE, type_, id_, 0, PAGE)
    return sorted(found, key=lambda one: (one.created_at, one.log, one.position))


async def pages(rig: Rig, ask: EventsOf, diary: Diary | None = None) -> list[Happened]:
    """All pages, with deeds between them when there is somebody who does them."""
    found: list[Happened] = []
    more, limit = True, 500
    while more and limit:
        page = await rig.machinery.search.events(INSTANCE, ask)
        assert len(page.events) <= ask.limit
        found += page.events
        ask, more, limit = replace(ask, places=page.places), page.more, limit - 1
        if diary and limit > 490:
            await diary.do("poke", limit)
            await diary.do("begin")
    assert limit
    return found


def fits(one: Happened, sought: Sought) -> bool:
    """What a search is to find, said as plainly as can be."""
    return (
        sought.aggregate_type in ("", one.aggregate_type)
        and sought.aggregate_id in ("", one.aggregate_id)
        and sought.actor in ("", one.actor)
        and sought.client_id in ("", one.client_id)
        and sought.correlation_id in ("", one.correlation_id)
        and (not sought.types or any(one.type.startswith(each.removesuffix("*")) for each in sought.types))
        and (sought.since is None or one.created_at >= sought.since)
        and (sought.until is None or one.created_at < sought.until)
        and (not sought.person or sought.person in (one.actor, one.aggregate_id))
        and (not sought.organization or _organization(one) == sought.organization)
    )


def _organization(one: Happened) -> str:
    """Notes belong to the organization of who wrote them first; here everybody writes their own."""
    return OWNERS.get(one.aggregate_id, "")


OWNERS: dict[str, str] = {}
DEEDS = st.tuples(
    st.sampled_from(["write", "retitle", "poke", "begin", "end"]), st.integers(0, 3), st.sampled_from(EVERYBODY)
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(deeds=st.lists(DEEDS, min_size=1, max_size=25), data=st.data())
async def test_a_search_finds_what_a_look_at_everything_finds(
    deeds: list[tuple[str, int, Caller]], data: st.DataObject
) -> None:
    """With any filters, in pages of any size, in both directions, whatever a call may look at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "BUDGET", data.draw(st.integers(1, 60)))
        patch.setattr(search, "LEAST", data.draw(st.integers(1, 5)))
        async with started(SLICE, VISIT_SLICE) as rig:
            diary = Diary(rig)
            for deed in deeds:
                await diary.do(*deed)
            known = await everything(rig)
            OWNERS.clear()
            OWNERS.update(
                {one.aggregate_id: f"org-of-{one.fields['author']}" for one in known if one.type == "note.written"}
            )
            sought = data.draw(_sought(known))
            ask = EventsOf(sought, data.draw(st.integers(1, 7)), data.draw(st.booleans()))
            wanted = [one for one in known if fits(one, sought)]
            assert await pages(rig, ask) == (wanted[::-1] if ask.descending else wanted)


def _sought(known: list[Happened]) -> st.SearchStrategy[Sought]:
    """Filters with values that occur, and a few that do not."""
    times = st.none() | st.sampled_from([one.created_at + timedelta(microseconds=by) for one in known for by in (0, 1)])
    resources = st.sampled_from([(one.aggregate_type, one.aggregate_id) for one in known])
    return st.builds(
        lambda resource, **others: Sought(*resource, **others),
        resource=st.just(("", "")) | st.sampled_from([("note", ""), ("visit", ""), ("note", "absent")]) | resources,
        types=st.just(())
        | st.lists(st.sampled_from(["note.*", "note.poked", "visit.begun", "none.*"]), max_size=2).map(tuple),
        actor=st.sampled_from(["", "", "ada", "system", "nobody"]),
        client_id=st.sampled_from(["", "", "app-of-ada", "app-of-nobody"]),
        since=times,
        until=times,
        organization=st.sampled_from(["", "", "org-of-ada", "org-of-bob", "org-of-nobody"]),
        person=st.sampled_from(["", "", "ada"]),
    )


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(deeds=st.lists(DEEDS, min_size=1, max_size=12), limit=st.integers(1, 5), budget=st.integers(1, 20))
async def test_pages_join_while_others_write(deeds: list[tuple[str, int, Caller]], limit: int, budget: int) -> None:
    """Forward nothing is lost and nothing comes twice; backward what came meanwhile is not there."""
    with pytest.MonkeyPatch.context() as patch:
        async with started(SLICE, VISIT_SLICE) as rig:
            diary = Diary(rig)
            for deed in deeds:
                await diary.do(*deed)
            before = await everything(rig)
            patch.setattr(search, "BUDGET", budget)
            backward = await pages(rig, EventsOf(Sought(), limit, descending=True), diary)
            assert backward == before[::-1]
            forward = await pages(rig, EventsOf(Sought(), limit), diary)
            for log in Log:
                positions = [one.position for one in forward if one.log is log]
                assert positions == list(range(1, len(positions) + 1))
                assert len(positions) >= sum(one.log is log for one in before)


async def test_from_now_on_is_what_happens_next(rig: Rig) -> None:
    """The first answer is a place, and what comes behind it is found from there, once."""
    diary = Diary(rig)
    await diary.do("write")
    ask = EventsOf(Sought(), 10, from_now_on=True)
    found = await rig.machinery.search.events(INSTANCE, ask)
    assert (found.events, found.more) == ((), True)
    for deed in ("begin", "poke"):
        await diary.do(deed)
        found = await rig.machinery.search.events(INSTANCE, replace(ask, places=found.places))
        assert len(found.events) == 1
    assert await rig.machinery.search.events(INSTANCE, replace(ask, places=found.places)) == Found(
        (), found.places, more=False
    )


async def test_who_with_what_and_from_where_is_told(rig: Rig) -> None:
    """The client is the application whose token was presented, and is sealed with the rest."""
    call = rig.call(ADA)
    call.request = replace(call.request, address="203.0.113.9", user_agent="Browser/1")
    call.surface = "rest"
    await rig.machinery.bus.run(WRITE, WriteNote(title="first"), call)
    [one] = (await rig.machinery.search.events(INSTANCE, EventsOf(Sought(surface="rest"), 10))).events
    assert (one.actor, one.client_id, one.address, one.user_agent) == ("ada", "app-of-ada", "203.0.113.9", "Browser/1")
    await rig.machinery.keyring.destroy(INSTANCE, "subject/ada")
    [one] = (await rig.machinery.search.events(INSTANCE, EventsOf(Sought(), 10))).events
    assert (one.actor, one.client_id, one.address, one.fields["text"]) == ("ada", "", "", "(erased)")


async def test_other_instances_are_not_there(rig: Rig) -> None:
    """A search is of one instance."""
    await Diary(rig).do("write")
    assert await rig.machinery.search.events("other", EventsOf(Sought(), 10)) == Found(
        (), tuple(Place(log, 1, 0) for log in Log), more=False
    )


async def test_places_that_are_not_there_are_refused(rig: Rig) -> None:
    """Beyond the end, of before a restore, behind the horizon, or of a kind that nobody knows."""
    events, ids = rig.machinery.ports.events, rig.machinery.ids
    for version in range(3):
        ref = stream()._replace(type="visit", id="v")
        await events.append([Unit(ids.new(), INSTANCE, Log.ACTIVITY, (append(ref, version),))])
    await events.drop(INSTANCE, 2)
    for place, error in (
        (Place(Log.ACTIVITY, 1, 4), InvalidInput),
        (Place(Log.ACTIVITY, 2, 3), PositionSuperseded),
        (Place(Log.ACTIVITY, 1, 1), Archived),
    ):
        with pytest.raises(error):
            await rig.machinery.search.events(INSTANCE, EventsOf(Sought(), 10, places=(place,)))
    with pytest.raises(NotFound):
        await rig.machinery.search.events(INSTANCE, EventsOf(Sought("nothing"), 10))


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sought", [Sought(), Sought("visit", "v")])
async def test_what_was_dropped_is_passed_over(rig: Rig, sought: Sought, *, descending: bool) -> None:
    """A search begins at the horizon, and shows what this program cannot read without its fields."""
    events, ids = rig.machinery.ports.events, rig.machinery.ids
    for version in range(5):
        ref = stream()._replace(type="visit", id="v")
        await events.append([Unit(ids.new(), INSTANCE, Log.ACTIVITY, (append(ref, version),))])
    await events.drop(INSTANCE, 2)
    found = await rig.machinery.search.events(INSTANCE, EventsOf(sought, 10, descending))
    positions = [5, 4, 3] if descending else [3, 4, 5]
    assert [(one.position, one.type, one.fields) for one in found.events] == [
        (position, "kit.happened", {}) for position in positions
    ]


async def test_what_fits_nothing_is_not_looked_at_again(rig: Rig) -> None:
    """Who follows one resource comes to the end of the log, though nothing happens to it."""
    diary = Diary(rig)
    for deed in ("write", "write", "poke", "begin"):
        await diary.do(deed, 1)
    ask = EventsOf(Sought("note", diary.notes[0]), 10, places=(Place(Log.DURABLE, 1, 1),))
    found = await rig.machinery.search.events(INSTANCE, ask)
    assert found == Found((), (Place(Log.DURABLE, 1, 3),), more=False)


class ParcelMade(Event):
    """A parcel is in a house."""

    type = "parcel.made"
    house: str


class ParcelMoved(Event):
    """It is in another."""

    type = "parcel.moved"
    house: str


def _parcels(recorded: Recorded[Event]) -> list[RowOperation]:
    match recorded.event:
        case ParcelMade(house=house):
            return [Put(PARCELS, {"parcel_id": recorded.aggregate_id, "house": house})]
        case ParcelMoved(house=house):
            return [Patch(PARCELS, (recorded.aggregate_id,), {"house": house})]
        case _:
            return []


PARCEL = Aggregate("parcel", Log.DURABLE, 0, (ParcelMade, ParcelMoved), lambda state, _: state + 1)
PARCELS = Table(
    "parcels",
    (Column("parcel_id"), Column("house")),
    key=("parcel_id",),
    of="parcel",
    visibility=Visibility(organization="house"),
)
PARCEL_VIEW = Projection("parcels", 1, Log.DURABLE, (PARCELS,), (ParcelMade, ParcelMoved), _parcels)


async def test_what_moves_belongs_to_nobody_from_then_on() -> None:
    """Neither the old organization nor the new one is shown what concerns the other; before it was the old one's."""

    def deliver(request: NoteId, ctx: Context) -> Decision[NoteId]:
        """Make a parcel, then move it, then move it back."""
        ctx.authorize()
        moves = (ParcelMade(house="north"), ParcelMoved(house="north"), ParcelMoved(house="south"))
        return Decision(request, PARCEL.append(request.note_id, *moves, *moves[1:2] * 2))

    operation = Operation("Deliver", ApiName.MANAGEMENT, NoteId, NoteId, "parcel.write", deliver)
    async with started(Slice("parcel", (PARCEL,), (PARCEL_VIEW,), (operation,))) as rig:
        await rig.run(operation, NoteId(note_id="p"))
        for house, versions in (("north", [1, 2]), ("south", [])):
            found = await rig.machinery.search.events(INSTANCE, EventsOf(Sought(organization=house), 10))
            assert [one.version for one in found.events] == versions


async def test_whose_an_event_is_cannot_be_told_without_its_beginning(rig: Rig) -> None:
    """So it belongs to nobody."""
    events, ids = rig.machinery.ports.events, rig.machinery.ids
    ref = NOTE.ref("n")
    await events.append([Unit(ids.new(), INSTANCE, Log.DURABLE, (append(ref, 0),))])
    for sought in (Sought(organization="org-of-ada"), Sought(organization="")):
        found = await rig.machinery.search.events(INSTANCE, EventsOf(sought, 10))
        assert len(found.events) == (not sought.organization)


async def test_times_become_positions_in_few_reads(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search for a day of a long log does not read what is before it."""
    diary = Diary(rig)
    for _ in range(200):
        await diary.do("poke")
    times: list[datetime] = [one.created_at for one in await everything(rig)]
    reads = list[int]()
    read_log = rig.machinery.ports.events.read_log

    async def counted(*words: object, **named: object) -> object:
        page = await read_log(*words, **named)  # type: ignore[arg-type]  # passed on
        reads.append(len(page))
        return page

    monkeypatch.setattr(rig.machinery.ports.events, "read_log", counted)
    for descending in (True, False):
        reads.clear()
        sought = Sought(since=times[100], until=times[104])
        found = await rig.machinery.search.events(INSTANCE, EventsOf(sought, 10, descending))
        assert (len(found.events), found.more) == (4, False)
        assert sum(reads) < 80
