"""Leadership: work that one node of the cluster does at a time, under a lease that is renewed while the work lasts.

A lease is not a proof: a node that slept past its end goes on for a moment beside its successor. What must not happen
twice is guarded by the work itself, with the lease's token, which is greater for every later leader.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from hexkeep.core.kernel.errors import Unavailable
from hexkeep.engine.cancellation import end, insist_on_cancellation
from hexkeep.engine.spooler import Rhythm
from hexkeep.ports.clock import Ids
from hexkeep.ports.locks import Lease, Locks

logger = logging.getLogger("hexkeep.engine.leadership")
FIRST_PAUSE = 0.1

Lead = Callable[[Lease], Awaitable[None]]
"""Works until it is cancelled."""


class Leadership:
    """Leads whenever possible. Each term has an owner of its own, so that each term's token is a new one."""

    def __init__(self, name: str, locks: Locks, node: str, ids: Ids, rhythm: Rhythm) -> None:
        self.name = name
        self.leading = False
        self._locks = locks
        self._node = node
        self._ids = ids
        self._rhythm = rhythm

    async def run(self, lead: Lead) -> None:
        """Lead whenever possible, until cancelled; the lease is given back then."""
        pause = FIRST_PAUSE
        while True:
            try:
                lease = await self._locks.acquire(self.name, f"{self._ids.new()}/{self._node}", self._rhythm.lease)
                if lease is None:
                    insist_on_cancellation()
                    await asyncio.sleep(self._rhythm.lease / 3)
                else:
                    await self._term(lease, lead)
                pause = FIRST_PAUSE
            except Unavailable:
                insist_on_cancellation()
                await asyncio.sleep(pause)
                pause = min(pause * 2, self._rhythm.longest_pause)
            except Exception:
                logger.exception("%s stumbled", self.name)
                await asyncio.sleep(self._rhythm.look)

    async def _term(self, lease: Lease, lead: Lead) -> None:
        self.leading = True
        keeping = asyncio.create_task(self._keep(lease), name=f"{self.name}-lease")
        working = asyncio.ensure_future(lead(lease))
        try:
            insist_on_cancellation()
            await asyncio.wait({keeping, working}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.leading = False
            await end(keeping, working, again=1.0)  # nothing of a term goes on when its lease is given back
            with suppress(Unavailable):
                await asyncio.shield(self._locks.release(lease))
        for task in (working, keeping):
            if not task.cancelled():
                task.result()

    async def _keep(self, lease: Lease) -> None:
        """Renew the lease in time; return when it is lost."""
        while True:
            await asyncio.sleep(self._rhythm.lease / 3)
            if not await self._locks.renew(lease):
                return
            insist_on_cancellation()
