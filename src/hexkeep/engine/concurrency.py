"""The same work on many things, a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from hexkeep.engine.cancellation import end, insist_on_cancellation

Thing = TypeVar("Thing")


async def each(things: Iterable[Thing], work: Callable[[Thing], Awaitable[object]], at_once: int) -> None:
    """Work on every thing, beginning in their order. The first failure ends what is under way, and is raised."""
    left = iter(things)

    async def some() -> None:
        for thing in left:
            await work(thing)
            insist_on_cancellation()

    workers = [asyncio.create_task(some(), name="hexkeep-each") for _ in range(at_once)]
    try:
        await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        await end(*workers)
    for worker in workers:
        if not worker.cancelled() and (failure := worker.exception()):
            raise failure
