"""Eager coroutines: done on the spot when they never wait, else gone on with as if they had been awaited at once."""

import asyncio
import gc
import weakref
from contextlib import suppress

import pytest

from hexkeep.engine.eager import Eager


async def plain() -> str:
    """Never waits."""
    return "at hand"


async def test_what_never_waits_is_done_at_once() -> None:
    """Its result is there without awaiting, and awaiting gives the same."""
    eager = Eager(plain())
    assert eager.done
    assert eager.result == "at hand"
    assert await eager == "at hand"


async def test_what_waits_goes_on_from_where_it_waits() -> None:
    """Each part runs once, through any number of waits."""
    ran = []

    async def waiting() -> int:
        for part in range(3):
            ran.append(part)
            await asyncio.sleep(0)
        async with asyncio.timeout(5):
            await asyncio.get_running_loop().run_in_executor(None, ran.append, 3)
        return len(ran)

    eager = Eager(waiting())
    assert not eager.done
    assert ran == [0]
    assert await eager == 4
    assert ran == [0, 1, 2, 3]


@pytest.mark.parametrize("waits", [False, True])
async def test_a_failure_is_raised_where_it_is_awaited(waits: bool) -> None:  # noqa: FBT001 - a parameter
    """Never out of the construction, which stands in the middle of a decision."""

    async def failing() -> None:
        if waits:
            await asyncio.sleep(0)
        raise LookupError("gone")

    eager = Eager(failing())
    assert not eager.done
    with pytest.raises(LookupError, match="gone"):
        await eager


async def test_a_cancellation_reaches_the_coroutine() -> None:
    """It can tidy up where it waits, and the task that awaited it ends cancelled."""
    tidied = asyncio.Event()

    async def holding() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            tidied.set()

    async def deciding() -> None:
        await Eager(holding())

    task = asyncio.create_task(deciding())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert tidied.is_set()


async def test_a_failure_leaves_nothing_behind() -> None:
    """What the failed call had in hand is let go of at once, not when the collector of cycles comes round."""

    class Stream:
        """Something that has to be given back."""

    async def failing() -> None:
        raise LookupError("gone")

    async def calling(stream: Stream) -> None:
        eager = Eager(failing())
        assert stream is not None
        await eager

    gc.disable()
    try:
        stream = Stream()
        seen = weakref.ref(stream)
        with suppress(LookupError):
            await calling(stream)
        del stream
        assert seen() is None
    finally:
        gc.enable()
