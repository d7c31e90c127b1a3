import asyncio
from contextlib import suppress

import pytest

from hexkeep.engine.cancellation import end, insist_on_cancellation


async def test_forgotten_cancellation_is_remembered() -> None:
    """A task whose library has swallowed its cancellation still ends where it asks."""
    begun = asyncio.Event()

    async def forgetful() -> None:
        begun.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        insist_on_cancellation()
        raise AssertionError("it went on")

    task = asyncio.create_task(forgetful())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_task_that_nobody_cancelled_goes_on() -> None:
    """Asking costs nothing otherwise."""
    insist_on_cancellation()


async def test_who_forgets_to_end_is_told_again() -> None:
    """However often a task loses its cancellation, whoever ends it does not wait for ever."""
    forgotten = 0

    async def forgetful() -> None:
        nonlocal forgotten
        while forgotten < 3:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                forgotten += 1
        raise RuntimeError

    task = asyncio.create_task(forgetful())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await end(task, again=0.01)
    assert (forgotten, task.done()) == (3, True)


async def test_who_has_ended_is_not_told() -> None:
    """A result stays what it was, and a failure is not raised here."""

    async def failing() -> None:
        raise RuntimeError

    task = asyncio.create_task(failing())
    await asyncio.wait({task})
    await end(task)
    assert isinstance(task.exception(), RuntimeError)
