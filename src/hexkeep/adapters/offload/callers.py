"""Callers that wait for work beside the event loop."""

import asyncio
from typing import TypeVar

from hexkeep.core.kernel.errors import Unavailable

R = TypeVar("R")


async def answer_of(work: "asyncio.Future[R]") -> R:
    """What becomes of the work; raises ``Unavailable`` for a caller whose work was dropped.

    A caller that was cancelled itself is, as ever.
    """
    try:
        return await work
    except asyncio.CancelledError:
        caller = asyncio.current_task()
        if caller is None or caller.cancelling():
            raise
        raise Unavailable from None
