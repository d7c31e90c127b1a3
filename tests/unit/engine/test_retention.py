"""Retention: what is older than the policy goes, whole and sealed; nothing else does, and no view says otherwise."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from hexkeep.adapters.memory.settings import MemorySettings
from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.errors import Archived
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.kernel.view import Column, ColumnType, Patch, Projection, Put, RowOperation, Select, Table
from hexkeep.core.retention.events import ActivityRetentionSet
from hexkeep.core.retention.state import DEFAULT_DAYS, RETENTION, RETENTION_ID
from hexkeep.engine.assembly import Machinery, Tuning
from hexkeep.engine.codec import Origin
from hexkeep.engine.jobs import dropping_of
from hexkeep.engine.retention import Dropping
from hexkeep.ports.event_store import NewEvent, StreamAppend, Unit
from hexkeep.ports.seals import Seal
from tests.unit.engine.rig import FAST, INSTANCE, Rig, ports_of, rig_with
from tests.waiting import until

DAY = timedelta(days=1)


class VisitBegun(Event):
    type = "visit.begun"

    by: str


class VisitEnded(Event):
    type = "visit.ended"


VISIT = Aggregate("visit", Log.ACTIVITY, "", (VisitBegun, VisitEnded), lambda _, event: event.type)
VISITS = Table(
    "visits", (Column("visit_id"), Column("by"), Column("ended", ColumnType.BOOLEAN)), ("visit_id",), of="visit"
)


def _project(recorded: Recorded[Event]) -> list[RowOperation]:
    match recorded.event:
        case VisitBegun(by=by):
            return [Put(VISITS, {"visit_id": recorded.aggregate_id, "by": by, "ended": False})]
        case _:
            return [Patch(VISITS, (recorded.aggregate_id,), {"ended": True})]


PROJECTION = Projection("visits", 1, Log.ACTIVITY, (VISITS,), VISIT.events, _project)
SLICE = Slice("visit", (VISIT, RETENTION), (PROJECTION,))


class PassingDays:
    """The port ``clock.Clock``: a day that a test moves, while seconds pass by themselves."""

    def __init__(self) -> None:
        self.today = datetime(2026, 1, 1, tzinfo=UTC)
        self._ticks = 0

    def now(self) -> datetime:
        """The day, and a little more with each look."""
        self._ticks += 1
        return self.today + timedelta(microseconds=self._ticks)

    def monotonic(self) -> float:
        """Only differences count."""
        return float(self._ticks)


@dataclass
class House:
    """Who comes and goes."""

    rig: Rig
    storage: MemoryStorage
    clock: PassingDays
    dropping: Dropping

    @property
    def machinery(self) -> Machinery:
        """The engine."""
        return self.rig.machinery

    async def note(self, visit: str, version: int, event: Event) -> None:
        """One event of one visit."""
        ref = VISIT.ref(visit)
        events = await self.machinery.codec.encode(INSTANCE, Log.ACTIVITY, ref, version, [event], Origin("system", ""))
        unit = Unit(self.machinery.ids.new(), INSTANCE, Log.ACTIVITY, (StreamAppend(ref, version, events),))
        await self.storage.events.append([unit])

    async def seal(self) -> None:
        """Close everything up to the head."""
        newest = await self.storage.seals.newest(INSTANCE, Log.ACTIVITY)
        head = await self.storage.events.head(INSTANCE, Log.ACTIVITY)
        number, first = (newest.number + 1, newest.last + 1) if newest else (1, 1)
        seal = Seal(
            *(INSTANCE, Log.ACTIVITY, 1, number, first, head.position),
            *(b"r" * 32, bytes(32), b"", "jws"),
            sealed_at=self.clock.now(),
        )
        assert await self.storage.seals.add(seal)

    async def keep(self, days: int) -> None:
        """Set the policy."""
        ref, event = RETENTION.ref(RETENTION_ID), ActivityRetentionSet(days=days)
        version, _ = await self.machinery.states.load(INSTANCE, RETENTION, RETENTION_ID)
        events = await self.machinery.codec.encode(INSTANCE, Log.DURABLE, ref, version, [event], Origin("", ""))
        unit = Unit(self.machinery.ids.new(), INSTANCE, Log.DURABLE, (StreamAppend(ref, version, events),))
        await self.storage.events.append([unit])

    async def visits(self) -> list[str]:
        """Who is in the view."""
        build = self.machinery.builds.serving(PROJECTION)
        return [str(row["visit_id"]) for row in await self.storage.views.select(build, INSTANCE, Select(VISITS))]

    async def projected(self) -> None:
        """Wait until the view has followed."""

        async def followed() -> bool:
            return all(not one.lag for one in await self.machinery.maintenance.status())

        await until(followed)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A started engine on a memory storage whose days a test moves."""
    clock = PassingDays()
    storage = MemoryStorage(MemorySettings(), clock)
    await storage.open()
    rig = rig_with(replace(ports_of(storage), clock=clock), (SLICE,), Tuning(rhythm=FAST))
    await rig.machinery.start()
    await rig.machinery.scheduler.stop()  # it would drop by itself as soon as the days move
    yield House(rig, storage, clock, dropping_of(rig.machinery))
    await rig.machinery.stop()
    await storage.close()


async def test_an_instance_whose_policy_cannot_be_read_holds_up_no_other(house: House) -> None:
    """It is told in the end, behind all others."""
    await house.note("old", 0, VisitBegun(by="ada"))
    await house.seal()
    house.clock.today += DEFAULT_DAYS * DAY + DAY
    unreadable = NewEvent("of.a.newer.release", 1, b"{}", bytes(32))
    policy = StreamAppend(RETENTION.ref(RETENTION_ID), 0, (unreadable,))
    for log, append in ((Log.DURABLE, policy), (Log.ACTIVITY, StreamAppend(VISIT.ref("one"), 0, (unreadable,)))):
        for instance in ("a", "z"):
            await house.storage.events.append([Unit(house.machinery.ids.new(), instance, log, (append,))])
    with pytest.raises(LookupError):
        await house.dropping.run()
    assert (await house.storage.events.head(INSTANCE, Log.ACTIVITY)).horizon == 1


async def test_what_was_sealed_late_is_as_old_as_it_is(house: House) -> None:
    """Imported history is sealed anew, and what is older than seals are all at once; neither is kept longer for it."""
    await house.note("old", 0, VisitBegun(by="ada"))
    house.clock.today += DEFAULT_DAYS * DAY + DAY
    await house.seal()
    await house.note("new", 0, VisitBegun(by="ada"))
    assert await house.dropping.run() == 1
    assert (await house.storage.events.head(INSTANCE, Log.ACTIVITY)).horizon == 1


async def test_sealed_segments_older_than_the_policy_are_dropped(house: House) -> None:
    """Whole segments alone go; what is younger, or not sealed, stays."""
    await house.keep(100)
    for visit in ("old", "older"):
        await house.note(visit, 0, VisitBegun(by="ada"))
    await house.seal()
    house.clock.today += 50 * DAY
    await house.note("young", 0, VisitBegun(by="ada"))
    await house.seal()
    house.clock.today += 51 * DAY
    await house.note("new", 0, VisitBegun(by="ada"))
    assert await house.dropping.run() == 2
    head = await house.storage.events.head(INSTANCE, Log.ACTIVITY)
    assert (head.horizon, head.position) == (2, 4)
    assert await house.dropping.run() == 0
    house.clock.today += 1000 * DAY
    assert await house.dropping.run() == 1
    assert (await house.storage.events.head(INSTANCE, Log.ACTIVITY)).horizon == 3
    assert [seal.number for seal in await house.storage.seals.list(INSTANCE, Log.ACTIVITY, 0, 9)] == [1, 2]


async def test_rows_go_with_what_they_were_made_of(house: House) -> None:
    """Also the row of an aggregate that began before the horizon and went on: a replay would not make it either."""
    await house.keep(100)
    await house.note("ended", 0, VisitBegun(by="ada"))
    await house.note("going on", 0, VisitBegun(by="ada"))
    await house.seal()
    house.clock.today += 101 * DAY
    await house.note("going on", 1, VisitEnded())
    await house.note("new", 0, VisitBegun(by="bob"))
    await house.projected()
    assert sorted(await house.visits()) == ["ended", "going on", "new"]
    assert await house.dropping.run() == 2
    assert await house.visits() == ["new"]
    await house.note("going on", 2, VisitEnded())
    await house.projected()
    assert await house.visits() == ["new"]
    assert await house.machinery.maintenance.differences({"visits": PROJECTION}) == []
    with pytest.raises(Archived):
        await house.machinery.states.load(INSTANCE, VISIT, "going on")


async def test_policy_of_nought_keeps_everything(house: House) -> None:
    """For ever is for ever."""
    await house.keep(0)
    await house.note("old", 0, VisitBegun(by="ada"))
    await house.seal()
    house.clock.today += 10_000 * DAY
    assert await house.dropping.run() == 0


async def test_without_a_policy_the_default_counts(house: House) -> None:
    """An instance that nobody has asked keeps its activity for a year and a month."""
    await house.note("old", 0, VisitBegun(by="ada"))
    await house.seal()
    house.clock.today += (DEFAULT_DAYS - 1) * DAY
    assert await house.dropping.run() == 0
    house.clock.today += 2 * DAY
    assert await house.dropping.run() == 1


async def test_dropping_that_was_broken_off_is_made_good(house: House) -> None:
    """The horizon moved and the process died: the rest of the events and the rows go the next time."""
    await house.keep(100)
    for number in range(5):
        await house.note(f"visit {number}", 0, VisitBegun(by="ada"))
    await house.seal()
    await house.projected()
    house.clock.today += 101 * DAY
    assert await house.storage.events.drop(INSTANCE, 5, limit=5) == 5
    assert len(await house.visits()) == 5
    await house.dropping.run()
    assert await house.visits() == []


async def test_durable_log_is_never_dropped(house: House) -> None:
    """The policy itself is in it, and still there."""
    await house.keep(100)
    house.clock.today += 1000 * DAY
    assert await house.dropping.run() == 0
    assert (await house.machinery.states.load(INSTANCE, RETENTION, RETENTION_ID))[1].days == 100
