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
