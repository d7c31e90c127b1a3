import asyncio
from contextlib import suppress

import pytest

from hexkeep.engine.cancellation import insist_on_cancellation


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
