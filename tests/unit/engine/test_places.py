"""Where the queue may have changed: found however many instances there are, at a cost that does not grow with them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.delivery.projection import QUEUE
from hexkeep.core.kernel.event import Log
from hexkeep.engine.builds import LEDGER_BUILD, Builds
from hexkeep.engine.ledger import Ledger
from hexkeep.engine.outbox import outbox_consumer
from hexkeep.engine.places import PER_SECOND, SINGLY, Places
from hexkeep.ports.views import Advance, Checkpoint, CheckpointKey
from hexkeep.testing.faults import FaultyViews
from hexkeep.testing.units import append, applied, stream, unit
from tests.unit.engine.mail import OUTBOX
from tests.unit.engine.rig import memory_storage

FEW, MANY = 20, 3 * PER_SECOND
"""Instances that are looked at with each look, and so many that a look everywhere is rarer."""


class Hours(SystemClock):
    """A clock that moves when it is told to."""

    seconds = 0.0

    def monotonic(self) -> float:
        """Seconds."""
        return self.seconds


async def nothing() -> None:
    """Happens."""


class CountedViews(FaultyViews):
    """Counts what is read of checkpoints. ``asked`` happens before one is."""

    read = 0
    asked: Callable[[], Awaitable[None]] = staticmethod(nothing)

    async def checkpoint(self, key: CheckpointKey) -> Checkpoint:
        """See the port."""
        self.read += 1
        await self.asked()
        return await super().checkpoint(key)

    async def checkpoints(self, projection: str, build: int) -> list[Checkpoint]:
        """See the port."""
        found = await super().checkpoints(projection, build)
        self.read += len(found)
        return found


@dataclass
class Town:
    """A storage with instances, and who looks at them once a second."""

    storage: MemoryStorage
    views: CountedViews
    clock: Hours
    places: Places

    async def looks(self, count: int) -> set[str]:
        """What is found by so many looks."""
        found: set[str] = set()
        for _ in range(count):
            self.clock.seconds += 1
            found |= await self.places.moved()
        return found

    async def happens(self, *instances: str) -> None:
        """An event that no outbox has read yet."""
        for instance in instances:
            await applied(self.storage.events, unit(instance, append(stream())))

    async def follow(self, *instances: str) -> None:
        """The outbox reads one event of each."""
        for instance in instances:
            await self.move(outbox_consumer(OUTBOX.name), instance)

    async def move(self, consumer: str, instance: str) -> None:
        """Move a checkpoint by one."""
        key = CheckpointKey(consumer, LEDGER_BUILD, instance, Log.DURABLE)
        here = (await self.storage.views.checkpoint(key)).position
        assert await self.storage.views.apply(Advance(key, here, here + 1, 1, ()))


def name(number: int) -> str:
    """An instance."""
    return f"i{number}"


@asynccontextmanager
async def town(instances: int) -> AsyncIterator[Town]:
    """So many instances, all of which were found."""
    async with memory_storage() as storage:
        views, clock = CountedViews(storage.views), Hours()
        ledger = Ledger(QUEUE, views, Builds(views, storage.events))
        places = Places([OUTBOX], ledger, views, storage.events, clock=clock, look=1.0)
        here = Town(storage, views, clock, places)
        everybody = [name(number) for number in range(instances)]
        await here.happens(*everybody)
        await here.follow(*everybody)
        assert await places.moved() == {*everybody}
        yield here


async def test_looks_that_find_nothing_cost_no_more_with_thousands_of_instances() -> None:
    """Checkpoints that are read in a second are bounded, whatever there is."""
    async with town(MANY) as here:
        here.views.read = 0
        assert await here.looks(30) == set()
        assert here.views.read <= 30 * PER_SECOND


async def test_what_nobody_told_of_is_found() -> None:
    """At once where there are few instances, and as soon as all are looked at where there are many."""
    for instances, looks in ((FEW, 1), (MANY, MANY // PER_SECOND)):
        async with town(instances) as here:
            await here.move(QUEUE.name, name(7))
            assert await here.looks(looks) == {name(7)}
            assert await here.looks(looks) == set()


async def test_what_is_told_of_is_named_until_the_outbox_has_followed() -> None:
    """With each look: a hint comes before the outbox of another node has put anything into the queue."""
    async with town(MANY) as here:
        here.places.tell(name(3), Log.DURABLE)
        assert await here.looks(1) == {name(3)}  # a hint too many
        assert await here.looks(1) == set()
        await here.happens(name(3))
        here.places.tell(name(3), Log.DURABLE)
        for _ in range(MANY // PER_SECOND):
            assert await here.looks(1) == {name(3)}
        await here.follow(name(3))
        assert await here.looks(1) == {name(3)}
        await here.looks(MANY // PER_SECOND)
        assert await here.looks(1) == set()


async def test_a_hint_that_comes_while_its_instance_is_looked_at_is_not_lost() -> None:
    """The look is one at the log as it was before."""
    async with town(MANY) as here:
        here.places.tell(name(3), Log.DURABLE)

        async def meanwhile() -> None:
            here.views.asked = nothing
            await here.happens(name(3))
            here.places.tell(name(3), Log.DURABLE)

        here.views.asked = meanwhile
        for _ in range(MANY // PER_SECOND - 1):
            assert await here.looks(1) == {name(3)}
        await here.follow(name(3))
        assert await here.looks(1) == {name(3)}


async def test_many_that_are_told_of_are_looked_at_together() -> None:
    """And each is named until the outbox is at its end."""
    crowd = [name(number) for number in range(SINGLY + 1)]
    async with town(MANY) as here:
        await here.happens(*crowd)
        for instance in crowd:
            here.places.tell(instance, Log.DURABLE)
        assert await here.looks(1) == {*crowd}
        await here.follow(*crowd[:-1])
        assert await here.looks(1) == {*crowd}
        assert await here.looks(1) == {crowd[-1]}


async def test_what_is_put_on_this_node_is_named_between_two_looks() -> None:
    """It waits for no look, and no hint."""
    async with town(FEW) as here:
        here.places.press(name(1))
        assert await here.places.moved() == {name(1)}
        assert await here.places.moved() == set()


async def test_a_new_term_looks_everywhere() -> None:
    """Whoever led before may have left something anywhere."""
    async with town(MANY) as here:
        here.places.forget()
        assert len(await here.places.moved()) == MANY
