"""The group committer: what waits goes together, in order, and nobody suffers for another's unit."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from hexkeep.adapters.memory.event_store import MemoryEventStore
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import AlreadyExists, Internal, Overloaded, StorageUnavailable, VersionConflict
from hexkeep.core.kernel.event import Log
from hexkeep.engine.committer import Bounds, Committer
from hexkeep.ports.event_store import Appended, KeyClaim, KeyRelease, NewEvent, StreamAppend, Unit
from hexkeep.testing.faults import Fault, FaultyEvents

QUICK = Bounds(pause=0.001)


def unit(unit_id: str, stream: str, expected: int = 0, *keys: KeyClaim | KeyRelease, size: int = 1) -> Unit:
    """One event for one stream, and changes of unique keys."""
    event = NewEvent("thing.happened", 1, b"x" * size, b"d" * 32)
    claims = tuple(key for key in keys if isinstance(key, KeyClaim))
    releases = tuple(key for key in keys if isinstance(key, KeyRelease))
    append = StreamAppend(Ref("thing", stream), expected, (event,))
    return Unit(unit_id, "test", Log.DURABLE, (append,), claims, releases)


@pytest.fixture
async def store() -> AsyncIterator[FaultyEvents]:
    """A memory store behind a line that can fail."""
    faulty = FaultyEvents(MemoryEventStore(SystemClock()))
    await faulty.open()
    yield faulty
    await faulty.close()


class Line:
    """A committer and what it told of."""

    def __init__(self, store: FaultyEvents, bounds: Bounds = QUICK) -> None:
        self.store = store
        self.told: list[str] = []
        self.committer = Committer(store, lambda one, _: self.told.append(one.unit_id), bounds)

    async def together(self, *units: Unit) -> list[Appended | BaseException]:
        """The outcomes of units that all wait behind a first one, which is on its way."""
        async with asyncio.TaskGroup() as tasks, self.store.writes_held():
            first = tasks.create_task(self.committer.append(unit("first", "first")))
            while not self.store.rounds:  # noqa: ASYNC110 - one turn of the loop each
                await asyncio.sleep(0)
            rest = [asyncio.ensure_future(self.committer.append(one)) for one in units]
            await asyncio.sleep(0)
        await first
        return await asyncio.gather(*rest, return_exceptions=True)

    @property
    def rounds(self) -> list[list[str]]:
        """The unit ids of each round behind the first."""
        return [[one.unit_id for one in units] for units in self.store.rounds[1:]]


async def test_what_waits_is_committed_together(store: FaultyEvents) -> None:
    """Units that came while a round was on its way make the next round, and positions follow their order."""
    line = Line(store)
    outcomes = await line.together(*(unit(f"u{number}", f"s{number}") for number in range(50)))
    assert line.rounds == [[f"u{number}" for number in range(50)]]
    assert [one.first for one in outcomes if isinstance(one, Appended)] == list(range(2, 52))
    assert line.told == ["first", *(f"u{number}" for number in range(50))]


@pytest.mark.parametrize(
    "pair",
    [
        (unit("a", "same", 0), unit("b", "same", 1)),
        (
            unit("a", "one", 0, KeyClaim("name", b"k", Ref("thing", "one"))),
            unit("b", "two", 0, KeyClaim("name", b"k", Ref("thing", "two"))),
        ),
        (
            unit("a", "one", 0, KeyRelease("name", b"k", Ref("thing", "one"))),
            unit("b", "two", 0, KeyClaim("name", b"k", Ref("thing", "two"))),
        ),
        (unit("a", "one"), unit("a", "one")),
    ],
    ids=["stream", "claimed key", "moved key", "unit id"],
)
async def test_a_round_holds_one_unit_per_stream_key_and_unit_id(store: FaultyEvents, pair: tuple[Unit, Unit]) -> None:
    """Two units that touch the same go to different rounds, in their order; what lies between them does not wait."""
    line = Line(store)
    await line.together(pair[0], unit("between", "between"), pair[1], unit("last", "last"))
    assert line.rounds == [[pair[0].unit_id, "between", "last"], [pair[1].unit_id]]


async def test_units_of_one_stream_keep_their_order(store: FaultyEvents) -> None:
    """However many wait for one stream, each finds the version that the one before it made."""
    line = Line(store)
    outcomes = await line.together(*(unit(f"u{number}", "hot", number) for number in range(20)))
    assert all(isinstance(one, Appended) for one in outcomes)
    assert line.rounds == [[f"u{number}"] for number in range(20)]


async def test_a_round_is_bounded_in_units_and_bytes(store: FaultyEvents) -> None:
    """A round ends before it grows too large; one unit that is too large for any round has one of its own."""
    line = Line(store, Bounds(units=3, bytes=5_000, pause=0.001))
    large = unit("large", "large", size=10_000)
    small = [unit(f"u{number}", f"s{number}") for number in range(4)]
    await line.together(*small[:2], large, *small[2:])
    assert line.rounds == [["u0", "u1"], ["large"], ["u2", "u3"]]
    more = [unit(f"v{number}", f"v{number}") for number in range(7)]
    await asyncio.gather(*(line.committer.append(one) for one in more))
    assert [len(one) for one in line.rounds[3:]] == [3, 3, 1]


async def test_behind_the_end_of_the_line_is_overloaded(store: FaultyEvents) -> None:
    """Who finds the line full is refused at once; those in line are served, and then there is room again."""
    line = Line(store, Bounds(waiting=5, pause=0.001))
    outcomes = await line.together(*(unit(f"u{number}", f"s{number}") for number in range(8)))
    assert [type(one) for one in outcomes] == [Appended] * 5 + [Overloaded] * 3
    assert isinstance(await line.committer.append(unit("later", "later")), Appended)


async def test_one_loser_does_not_spoil_the_round(store: FaultyEvents) -> None:
    """A conflict and a taken key are outcomes of their own units alone."""
    line = Line(store)
    key = KeyClaim("name", b"k", Ref("thing", "holder"))
    await line.committer.append(unit("holder", "holder", 0, key))
    stale, taken = unit("stale", "holder", 7), unit("taken", "t", 0, KeyClaim("name", b"k", Ref("thing", "t")))
    outcomes = await asyncio.gather(
        *(line.committer.append(one) for one in (unit("well", "w"), stale, taken)), return_exceptions=True
    )
    assert [type(one) for one in outcomes] == [Appended, VersionConflict, AlreadyExists]


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER])
async def test_an_unknown_outcome_is_asked_for_with_the_same_unit_ids(store: FaultyEvents, fault: Fault) -> None:
    """Whether the line broke before or behind the work: it is done once, and the writer learns of it."""
    line = Line(store)
    store.faults.extend([fault, fault])
    outcome = await line.committer.append(unit("u", "s"))
    assert (outcome.first, outcome.last) == (1, 1)
    assert [[one.unit_id for one in units] for units in store.rounds] == [["u"]] * 3
    assert (await store.head("test", Log.DURABLE)).position == 1
    assert line.told == ["u"]


async def test_a_store_that_stays_away_is_told_to_the_writers(store: FaultyEvents) -> None:
    """After a bounded number of questions the outcome is unknown, and the next writer is served when it is back."""
    line = Line(store)
    store.faults.extend([Fault.LOST_BEFORE] * QUICK.attempts)
    with pytest.raises(StorageUnavailable):
        await line.committer.append(unit("u", "s"))
    assert len(store.rounds) == QUICK.attempts
    assert isinstance(await line.committer.append(unit("v", "s")), Appended)


async def test_a_poisonous_unit_fails_alone(store: FaultyEvents) -> None:
    """When the store chokes on a round its units are tried singly: only the one at fault fails."""
    line = Line(store)
    store.poisonous.add("bad")
    outcomes = await line.together(unit("a", "a"), unit("bad", "bad"), unit("b", "b"))
    assert [type(one) for one in outcomes] == [Appended, Internal, Appended]
    assert (await store.head("test", Log.DURABLE)).position == 3


async def test_a_writer_that_went_away_does_not_stop_its_round(store: FaultyEvents) -> None:
    """A cancelled call may have been written; the others of its round learn their outcomes."""
    line = Line(store)
    async with store.writes_held():
        gone = asyncio.ensure_future(line.committer.append(unit("gone", "gone")))
        stays = asyncio.ensure_future(line.committer.append(unit("stays", "stays")))
        await asyncio.sleep(0)
        gone.cancel()
    assert isinstance(await stays, Appended)
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert line.told == ["gone", "stays"]


async def test_closing_serves_the_line_and_takes_nothing_more(store: FaultyEvents) -> None:
    """Whoever was in line is served; whoever comes later is refused."""
    line = Line(store)
    async with store.writes_held():
        writers = [asyncio.ensure_future(line.committer.append(unit(f"u{n}", f"s{n}"))) for n in range(5)]
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(line.committer.close())
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await line.committer.append(unit("late", "late"))
    await closing
    assert [outcome.first for outcome in await asyncio.gather(*writers)] == [1, 2, 3, 4, 5]
    assert all(
        low.position + 1 == high.position for low, high in pairwise(await store.read_log("test", Log.DURABLE, 0, 9))
    )
