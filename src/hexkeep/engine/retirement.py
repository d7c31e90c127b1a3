"""Retirement: builds that nobody needs any more are discarded, by one node of the cluster, after a grace.

A build is needed while some node fills it. Who fills it holds its lease, so it goes only when its lease could be taken
twice, two lease periods apart, and nobody had it in between (the fencing token tells).
"""

import logging
from collections.abc import Collection, Sequence
from datetime import timedelta

from hexkeep.engine.spooler import Rhythm, lease_of
from hexkeep.ports.clock import Clock
from hexkeep.ports.locks import Locks
from hexkeep.ports.views import Build, BuildState, Views

logger = logging.getLogger("hexkeep.engine.retirement")
LEASE = "retirement"
Place = tuple[str, int]


class Retirement:
    """Discards builds that were replaced, and those that were begun by a release that is gone."""

    def __init__(self, views: Views, locks: Locks, clock: Clock, node: str, rhythm: Rhythm) -> None:
        self._views = views
        self._locks = locks
        self._clock = clock
        self._node = node
        self._rhythm = rhythm
        self._seen: dict[Place, tuple[int, float]] = {}
        """The token under which a lease was free, and when that was first seen."""

    async def look(self, builds: Sequence[Build], needed: Collection[Build], projections: Collection[str]) -> None:
        """Discard what can go, of the named projections alone. ``needed`` is what this process itself fills.

        Of others nobody here knows whether they can be made again from a log: ledgers cannot.
        """
        before = self._clock.now() - timedelta(seconds=self._rhythm.grace)
        over = [one for one in builds if one.state is not BuildState.SERVING and one.since <= before]
        candidates = [one for one in over if one.projection in projections and one not in needed]
        if not candidates:
            self._seen.clear()
            return
        if await self._locks.acquire(LEASE, self._node, self._rhythm.lease * 2) is None:
            self._seen.clear()  # another node counts
            return
        for build in candidates:
            await self._consider(build)

    async def _consider(self, build: Build) -> None:
        place = (build.projection, build.number)
        lease = await self._locks.acquire(lease_of(*place), self._node, self._rhythm.lease)
        if lease is None:
            self._seen.pop(place, None)
            return
        token, since = self._seen.get(place, (-1, 0.0))
        now = self._clock.monotonic()
        try:
            if lease.token - token > 1 or token < 0:
                self._seen[place] = lease.token, now
            elif now - since < self._rhythm.lease * 2:
                self._seen[place] = lease.token, since
            else:
                await self._views.discard(build)
                self._seen.pop(place)
                logger.info("build %d of %s was discarded", build.number, build.projection)
        finally:
            await self._locks.release(lease)
