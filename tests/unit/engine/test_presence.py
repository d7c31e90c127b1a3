"""Nodes and a restore keep each other away, whichever comes first."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from hexkeep.adapters.memory.locks import MemoryLocks
from hexkeep.adapters.memory.settings import MemorySettings
from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.adapters.system.ids import SystemIds
from hexkeep.core.kernel.errors import FailedPrecondition, StorageUnavailable, Unavailable
from hexkeep.core.kernel.event import Log
from hexkeep.engine.archive.mark import Mark, RestoreUnderWay
from hexkeep.engine.presence import PLACES, Presence
from hexkeep.ports.locks import Lease
from hexkeep.testing.faults import FaultyEvents
from tests.waiting import until

SECONDS = 0.6


@pytest.fixture
async def storage() -> AsyncIterator[MemoryStorage]:
    """Where the places are."""
    made = MemoryStorage(MemorySettings(), SystemClock())
    await made.open()
    yield made
    await made.close()


def process(storage: MemoryStorage) -> Presence:
    """One more process that has the storage open."""
    return Presence(storage.locks, FaultyEvents(storage.events), SystemIds(), SECONDS)


async def test_a_restore_waits_for_no_node_that_stays(storage: MemoryStorage) -> None:
    """Whatever it leads: the one that starts last, in the shadow of others, is there as well."""
    async with process(storage).one(), process(storage).one():
        with pytest.raises(FailedPrecondition):
            async with process(storage).all():
                pytest.fail("two nodes are there")
    async with process(storage).all():
        pass


async def test_no_node_starts_while_a_restore_runs(storage: MemoryStorage) -> None:
    """Before it has made its mark, too, and for longer than a lease lasts."""
    renewed = await storage.locks.acquire("clock", "", 2 * SECONDS)
    assert renewed is not None
    async with process(storage).all():

        async def over() -> bool:
            return await storage.locks.acquire("clock", "another", SECONDS) is not None

        await until(over)
        for _ in range(2):
            with pytest.raises(RestoreUnderWay):
                async with process(storage).one():
                    pytest.fail("a restore runs")
    async with process(storage).one():
        pass


async def test_a_restore_that_is_refused_gives_back_what_it_held(storage: MemoryStorage) -> None:
    """As many nodes as before may start."""
    async with process(storage).one():
        with pytest.raises(FailedPrecondition):
            async with process(storage).all():
                pytest.fail("a node is there")
        free = [await storage.locks.acquire(f"presence.{number}", "somebody", SECONDS) for number in range(PLACES)]
        assert [number for number, lease in enumerate(free) if lease is None] == [0]


async def test_a_restore_takes_the_places_of_those_who_were_killed(storage: MemoryStorage) -> None:
    """Their leases run out, and nobody else can take them."""
    assert await storage.locks.acquire("presence.7", "killed", SECONDS / 2) is not None
    async with process(storage).all():
        assert await storage.locks.acquire("presence.7", "somebody", SECONDS) is None


async def test_who_owns_the_storage_alone_holds_nothing(storage: MemoryStorage) -> None:
    """No other process can have it open, and none has to wait for what a killed one has left."""

    class Alone(FaultyEvents):
        sole_writer = True

    async with Presence(storage.locks, Alone(storage.events), SystemIds(), SECONDS).one():
        assert await storage.locks.acquire("presence.0", "somebody", SECONDS) is not None


async def test_a_restore_that_has_lost_a_place_removes_nothing(storage: MemoryStorage) -> None:
    """A node that came in meanwhile looked for the mark before it was made. A mark of before stays as it was."""
    clock, restoring = SystemClock(), process(storage)
    async with restoring.all() as alone:
        await alone()
        held = await storage.locks.acquire("presence.3", restoring._owner, SECONDS)  # noqa: SLF001 - as if it had slept
        assert held is not None
        await storage.locks.release(held)
        async with process(storage).one():
            mark = Mark(storage.expiring, clock, alone)
            with pytest.raises(FailedPrecondition):
                await mark.make({("one", Log.DURABLE): 3})
            await mark.insist_on_none()
            await Mark(storage.expiring, clock).make({("one", Log.DURABLE): 2})
            with pytest.raises(FailedPrecondition):
                await mark.make({("one", Log.DURABLE): 3})
            assert await mark.epochs() == {("one", Log.DURABLE): 2}


class Unheard(MemoryLocks):
    """Locks that do not answer whoever renews."""

    async def renew(self, lease: Lease) -> bool:
        """See the port."""
        raise StorageUnavailable


async def test_a_restore_that_does_not_know_whether_it_is_alone_removes_nothing(storage: MemoryStorage) -> None:
    """Its places may have been lost as long as nobody answers."""
    clock, locks = SystemClock(), Unheard(SystemClock())
    await locks.open()
    async with Presence(locks, FaultyEvents(storage.events), SystemIds(), SECONDS).all() as alone:
        mark = Mark(storage.expiring, clock, alone)
        with pytest.raises(Unavailable):
            await mark.make({("one", Log.DURABLE): 3})
        await mark.insist_on_none()


async def test_a_node_that_slept_takes_another_place_where_its_own_is_taken(storage: MemoryStorage) -> None:
    """It is there still, and no restore may begin."""
    sleeper = process(storage)
    async with sleeper.one():
        held = await storage.locks.acquire("presence.0", sleeper._owner, SECONDS)  # noqa: SLF001 - as if it had slept
        assert held is not None
        await storage.locks.release(held)
        assert await storage.locks.acquire("presence.0", "another", 100) is not None

        async def elsewhere() -> bool:
            return await storage.locks.holder("presence.1") == sleeper._owner  # noqa: SLF001 - whoever else

        await until(elsewhere)


@pytest.mark.parametrize("lasting", [0.001, 100], ids=["broken off", "under way"])
async def test_a_node_that_slept_while_a_restore_began_ends(storage: MemoryStorage, lasting: float) -> None:
    """Whether that holds all places still, or was broken off and has left its mark."""
    sleeper, mark = process(storage), Mark(storage.expiring, SystemClock())
    begun = asyncio.Event()

    async def serve() -> None:
        async with sleeper.one(mark.insist_on_none):
            begun.set()
            await asyncio.Event().wait()

    serving = asyncio.create_task(serve())
    await begun.wait()
    held = await storage.locks.acquire("presence.0", sleeper._owner, SECONDS)  # noqa: SLF001 - as if it had slept
    assert held is not None
    await storage.locks.release(held)
    for number in range(PLACES):
        assert await storage.locks.acquire(f"presence.{number}", "restore", lasting) is not None
    await mark.make({})
    with pytest.raises(RestoreUnderWay):
        await serving
