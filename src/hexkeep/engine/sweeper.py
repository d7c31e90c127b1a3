"""The sweeper: expired short-lived state is removed once in a while, by one node of the cluster at a time.

Nothing depends on it but the size of the storage: what has expired is never answered anyway.
"""

import asyncio
import logging

from hexkeep.core.kernel.errors import Unavailable
from hexkeep.engine.cancellation import insist_on_cancellation
from hexkeep.ports.expiring import Expiring
from hexkeep.ports.locks import Locks

logger = logging.getLogger("hexkeep.engine.sweeper")
LEASE = "sweeper"
BATCH = 1000


class Sweeper:
    """Sweeps every ``seconds``. Its lease is as long as its rhythm and not given back, so others come in between."""

    def __init__(self, expiring: Expiring, locks: Locks, node: str, seconds: float) -> None:
        self._expiring = expiring
        self._locks = locks
        self._node = node
        self._seconds = seconds
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to sweep, on the present event loop."""
        self._task = asyncio.create_task(self._run(), name="hexkeep-sweeper")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self.sweep()
            except Unavailable as error:
                logger.warning("sweeping is put off: %s", error.code)
            except Exception:
                logger.exception("sweeping failed")
            insist_on_cancellation()
            await asyncio.sleep(self._seconds)

    async def sweep(self) -> int:
        """Remove what has expired unless another node is at it; how many entries were removed."""
        if await self._locks.acquire(LEASE, self._node, self._seconds) is None:
            return 0
        removed = 0
        while count := await self._expiring.sweep(BATCH):
            removed += count
            if count < BATCH:
                break
        return removed
