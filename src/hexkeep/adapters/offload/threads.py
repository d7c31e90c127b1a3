"""Work in a thread of this process."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from hexkeep.adapters.offload.callers import answer_of
from hexkeep.adapters.offload.codec import answered, asked, returned
from hexkeep.core.kernel.errors import Overloaded, Unavailable

P = ParamSpec("P")
R = TypeVar("R")
MAX_WAITING = 64
"""Beyond that nobody would have an answer in time."""


class Threads:
    """The port ``offload.Offload``, by one thread, which starts with the first work.

    Most of the work holds Python's lock: of more threads less is done in all, and the event loop waits for each. Work
    takes the same form on its way as to another process, so that what cannot go there does not go here either.
    """

    def __init__(self) -> None:
        self._places = threading.Semaphore(1 + MAX_WAITING)
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="offload")

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """See the port."""
        frame = asked(function, args, kwargs)
        if not self._places.acquire(blocking=False):
            raise Overloaded
        try:
            future = self._pool.submit(answered, frame)
        except RuntimeError as error:  # the pool has been closed
            self._places.release()
            raise Unavailable from error
        future.add_done_callback(lambda _: self._places.release())  # also when the caller has gone away
        return returned(function, await answer_of(asyncio.wrap_future(future)))

    async def close(self) -> None:
        """See the port."""
        self._pool.shutdown(wait=False, cancel_futures=True)
