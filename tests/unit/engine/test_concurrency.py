"""The same work on many things, a few at a time."""

import asyncio

import pytest

from hexkeep.core.kernel.errors import Unavailable
from hexkeep.engine.concurrency import each


class Work:
    """Counts what is under way; things wait until the gate is open, and the thing named ``poison`` fails."""

    def __init__(self, poison: int = -1) -> None:
        self.poison = poison
        self.gate = asyncio.Event()
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.broken_off: list[int] = []

    async def __call__(self, thing: int) -> None:
        """Work on one thing."""
        self.begun.append(thing)
        if thing == self.poison:
            raise Unavailable
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.broken_off.append(thing)
            raise
        self.ended.append(thing)


async def begun(work: Work, count: int) -> None:
    """Return when so many things were begun and all that is ready has run."""
    async with asyncio.timeout(5):
        while len(work.begun) < count:  # noqa: ASYNC110 - one turn of the loop each
            await asyncio.sleep(0)
    for _ in range(10):
        await asyncio.sleep(0)


async def test_so_many_are_under_way_and_no_more() -> None:
    """The rest follows as soon as there is room, each once, in order."""
    work = Work()
    running = asyncio.create_task(each(range(8), work, 3))
    await begun(work, 3)
    assert work.begun == [0, 1, 2]
    work.gate.set()
    await running
    assert (work.begun, sorted(work.ended)) == (list(range(8)), list(range(8)))


async def test_nothing_to_do_is_done() -> None:
    """Whoever has nothing waits for nothing."""
    await each([], Work(), 3)


async def test_a_failure_ends_what_is_under_way() -> None:
    """It is raised as it is, and nothing is begun behind it."""
    work = Work(poison=2)
    with pytest.raises(Unavailable):
        await each(range(8), work, 3)
    assert (work.begun, sorted(work.broken_off)) == ([0, 1, 2], [0, 1])


async def test_who_is_cancelled_leaves_nothing_running() -> None:
    """All workers have ended when the cancellation arrives."""
    work = Work()
    running = asyncio.create_task(each(range(8), work, 3))
    await begun(work, 3)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (work.begun, sorted(work.broken_off)) == ([0, 1, 2], [0, 1, 2])
