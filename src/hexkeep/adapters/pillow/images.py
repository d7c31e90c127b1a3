"""Pillow in a bounded pool of threads beside the event loop."""

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from hexkeep.adapters.pillow.settings import PillowSettings
from hexkeep.core.asset.asks import Picture
from hexkeep.core.kernel.errors import FailedPrecondition, Overloaded


class PillowImages:
    """The port ``images.Images``. Threads start, and Pillow is imported, with the first picture."""

    def __init__(self, settings: PillowSettings) -> None:
        self._settings = settings
        self._places = threading.Semaphore(settings.threads + settings.max_waiting)
        self._pool = ThreadPoolExecutor(max_workers=settings.threads, thread_name_prefix="pillow")

    async def redraw(self, content: bytes, longest_edge: int) -> Picture:
        """See the port."""
        if not self._places.acquire(blocking=False):
            raise Overloaded
        try:
            future: Future[Picture] = self._pool.submit(self._redraw, content, longest_edge)
        except RuntimeError as error:  # the pool has been closed
            self._places.release()
            raise Overloaded from error
        future.add_done_callback(lambda _: self._places.release())  # also when the caller has gone away
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Let pictures under way finish and drop those that wait."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _redraw(self, content: bytes, longest_edge: int) -> Picture:
        try:
            from hexkeep.adapters.pillow.drawing import redraw
        except ImportError as error:
            raise FailedPrecondition("Pictures are taken where hexkeep[images] is installed") from error
        return redraw(content, longest_edge, self._settings.points)
