"""Where XML is judged: off the event loop, for all SAML providers of this node, with an end to how many wait."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from hexkeep.ports.idp import IdpUnreachable

T = TypeVar("T")
THREADS = 1
"""Most of the work holds Python's lock: of more threads less is done in all, and the event loop waits for each."""
MAX_WAITING = 64
"""Beyond that nobody would have an answer in time."""


class Threads:
    """They start with the first work."""

    def __init__(self) -> None:
        self._places = threading.Semaphore(THREADS + MAX_WAITING)
        self._pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="saml")

    async def run(self, work: Callable[[], T]) -> T:
        """What the work gives, or raises; ``IdpUnreachable`` where too many wait."""
        if not self._places.acquire(blocking=False):
            raise IdpUnreachable("overloaded")
        future: Future[T] = self._pool.submit(work)
        future.add_done_callback(lambda _: self._places.release())  # also when the caller has gone away
        return await asyncio.wrap_future(future)
