"""Cancellation that is not lost on the way."""

import asyncio


def insist_on_cancellation() -> None:
    """Raise ``CancelledError`` if this task was told to end and goes on nevertheless.

    Before Python 3.12 ``asyncio.wait_for`` forgets a cancellation that comes together with its result
    (python/cpython#86296); drivers' connection pools are built on it. Whoever loops until cancelled asks here.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def end(*tasks: "asyncio.Future[None]", again: float = 5.0) -> None:
    """Cancel tasks and return when all have ended, however they do.

    Whoever has not within ``again`` seconds has lost its cancellation, or tidies up for long: it is told once
    more, and so on, for nobody who stops may wait without end for a task that goes on.
    """
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=again)
    await asyncio.gather(*tasks, return_exceptions=True)
