"""The wrappers of ``hexkeep.testing.faults``: unnoticed without faults; with faults stores keep their word."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hexkeep.adapters.memory import MemorySettings, MemoryStorage
from hexkeep.adapters.sqlite import SqliteSettings, SqliteStorage
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Put
from hexkeep.ports.event_store import Appended, Outcome, Unit
from hexkeep.ports.storage import Storage
from hexkeep.ports.views import Advance, CheckpointKey
from hexkeep.testing.contract import fresh
from hexkeep.testing.event_store import EventStoreContract
from hexkeep.testing.faults import Fault, FaultyStorage, FaultyViews
from hexkeep.testing.units import append, stream, unit
from hexkeep.testing.view_samples import ITEMS, item
from hexkeep.testing.views import ViewsContract, begin_both, everything, fresh_key


def unopened(adapter: str, folder: Path) -> Storage:
    """A storage of this adapter."""
    if adapter == "memory":
        return MemoryStorage(MemorySettings(), SystemClock())
    return SqliteStorage(SqliteSettings(path=folder / "hexkeep.db"), SystemClock())


@pytest.fixture(params=["memory", "sqlite"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[FaultyStorage]:
    """An opened storage, its log and views behind lines."""
    storage = FaultyStorage(unopened(request.param, tmp_path))
    await storage.open()
    yield storage
    await storage.close()


class _Quiet:
    @pytest.fixture
    async def storage(self) -> AsyncIterator[FaultyStorage]:
        """Memory alone: what stands behind the line is under the kits elsewhere."""
        storage = FaultyStorage(MemoryStorage(MemorySettings(), SystemClock()))
        await storage.open()
        yield storage
        await storage.close()


class TestQuietEvents(_Quiet, EventStoreContract):
    """A log behind a line that is well is what it is without one."""


class TestQuietViews(_Quiet, ViewsContract):
    """So are views."""


async def test_lost_answers_and_storms_lose_and_repeat_nothing(storage: FaultyStorage) -> None:
    """Whoever asks again with the same unit ids until there is an answer has each unit in the log exactly once."""
    chance, instance = random.Random(7), fresh("instance")  # noqa: S311 - the same faults each time
    sent: dict[str, Appended] = {}
    refs = [stream() for _ in range(4)]
    for turn in range(60):
        storage.events.faults.extend(chance.choices(list(Fault), (4, 3, 3), k=3))
        (version,) = await storage.events.versions(instance, [(Log.DURABLE, refs[turn % 4])])
        one = unit(instance, append(refs[turn % 4], version, b"%d" % turn))
        outcome = await insistently(storage, one)
        assert isinstance(outcome, Appended)
        sent[one.unit_id] = outcome
    found = await storage.events.read_log(instance, Log.DURABLE, 0, 100)
    assert [event.payload for event in found] == [b"%d" % turn for turn in range(60)]
    assert [event.position for event in found] == [outcome.last for outcome in sent.values()]


async def insistently(storage: FaultyStorage, one: Unit) -> Outcome:
    """The outcome of a unit, asked for until there is one."""
    while True:
        try:
            (outcome,) = await storage.events.append([one])
        except StorageUnavailable:
            continue
        return outcome


async def test_lost_answers_advance_a_view_once(storage: FaultyStorage) -> None:
    """A runner that asks for its place after each lost answer has every row once, and the checkpoint at the end."""
    await begin_both(storage.views)
    key, chance = fresh_key(), random.Random(11)  # noqa: S311 - the same faults each time
    while (place := (await storage.views.checkpoint(key)).position) < 30:
        storage.views.faults.append(chance.choice(list(Fault)))
        await advance(storage.views, key, place)
    storage.views.faults.clear()
    assert [row["id"] for row in await everything(storage.views, key)] == [f"{n:02}" for n in range(30)]


async def advance(views: FaultyViews, key: CheckpointKey, place: int) -> None:
    """Put one row more; whether anybody heard of it does not matter."""
    work = Advance(key, place, place + 1, 1, (Put(ITEMS, item(f"{place:02}")),))
    try:
        assert await views.apply(work)
    except StorageUnavailable:
        return


async def test_line_that_is_down_lets_nobody_through(storage: FaultyStorage) -> None:
    """Reads, writes and the ping are refused, and counted, until it is up again."""
    storage.events.down = True
    for ask in (storage.ping(), storage.events.heads(), storage.events.append([unit("i", append(stream()))])):
        with pytest.raises(StorageUnavailable):
            await ask
    storage.events.down = False
    assert storage.events.refused == 3
    await storage.ping()
    assert await storage.events.read_log("i", Log.DURABLE, 0, 10) == []


async def test_storm_passes(storage: FaultyStorage) -> None:
    """So many writes fail, without effect, and the next one is served; reads are served all the time."""
    one = unit(fresh("instance"), append(stream()))
    storage.events.storm(3)
    for _ in range(3):
        with pytest.raises(StorageUnavailable):
            await storage.events.append([one])
        assert (await storage.events.head(one.instance, Log.DURABLE)).position == 0
    (outcome,) = await storage.events.append([one])
    assert isinstance(outcome, Appended)
    assert outcome.last == 1


async def test_slow_line_delays_every_call(storage: FaultyStorage) -> None:
    """Latency is added to reads and writes alike."""
    clock = SystemClock()
    storage.events.latency = 0.02
    begun = clock.monotonic()
    await storage.events.append([unit(fresh("instance"), append(stream()))])
    await storage.events.heads()
    assert clock.monotonic() - begun > 0.039
