"""Waiting for what tells nobody that it has come about."""

import asyncio
from collections.abc import Awaitable, Callable

STEP = 0.005


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 5.0) -> None:
    """Return once ``condition`` holds; a failed wait is a failed test."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - the condition is in a storage or another process
            await asyncio.sleep(STEP)
