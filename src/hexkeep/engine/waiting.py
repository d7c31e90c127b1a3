"""Waiting until a list may be read: until there are tables that are filled, and they are as new as is demanded.

What this process does is told at once; what other nodes do is looked up.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable

from hexkeep.core.kernel.errors import DeadlineExceeded, PositionSuperseded, ViewBuilding
from hexkeep.core.kernel.view import Projection
from hexkeep.engine.builds import Builds
from hexkeep.ports.api import PositionToken
from hexkeep.ports.clock import Clock
from hexkeep.ports.views import CheckpointKey, Views

LOOK_AGAIN_SECONDS = 0.01


class Progress:
    """How far projections have come, as this process knows it."""

    def __init__(self, views: Views, builds: Builds, clock: Clock) -> None:
        self._views = views
        self._builds = builds
        self._clock = clock
        self._known: dict[CheckpointKey, tuple[int, int]] = {}
        self._changed: defaultdict[CheckpointKey, asyncio.Event] = defaultdict(asyncio.Event)

    def reached(self, key: CheckpointKey, position: int, epoch: int) -> None:
        """A runner of this process has moved a checkpoint."""
        self._known[key] = (epoch, position)
        self._changed.pop(key, asyncio.Event()).set()

    async def wait(self, projection: Projection, token: PositionToken, deadline: float) -> None:
        """Return once ``projection`` holds everything up to ``token`` (see ``caught_up``)."""
        await self.caught_up(projection, (token,), deadline)

    async def caught_up(self, projection: Projection, tokens: Iterable[PositionToken], deadline: float) -> int:
        """The number of a build of ``projection`` that can be read and holds everything up to each of ``tokens``.

        ``deadline`` is in seconds of the monotonic clock. Raises ``DeadlineExceeded``, ``ViewBuilding`` while no build
        of this release is filled, and ``PositionSuperseded`` for a token from before a restore.
        """
        demanded = [token for token in tokens if token.log is projection.log]
        while True:
            build = await self._readable(projection, deadline)
            keys = [CheckpointKey(projection.name, build, token.instance, token.log) for token in demanded]
            late = [key for key, token in zip(keys, demanded, strict=True) if not await self._is_there(key, token)]
            if not late:
                return build
            left = deadline - self._clock.monotonic()
            if left <= 0:
                raise self._too_late(projection)
            await self._changed_within(late[0], min(left, LOOK_AGAIN_SECONDS))

    async def _readable(self, projection: Projection, deadline: float) -> int:
        while (build := self._builds.of(projection).readable) is None:
            left = deadline - self._clock.monotonic()
            if left <= 0:
                raise ViewBuilding(projection.name)
            await self._builds.changed_within(left)
        return build.number

    def _too_late(self, projection: Projection) -> DeadlineExceeded | ViewBuilding:
        """A build of another version is filled by nodes of that release alone, if there still are any."""
        if self._builds.of(projection).complete is None:
            return ViewBuilding(projection.name)
        return DeadlineExceeded("The view has not caught up in time")

    async def _is_there(self, key: CheckpointKey, token: PositionToken) -> bool:
        epoch, position = self._known.get(key, (0, 0))
        if (epoch, position) < (token.epoch, token.position):
            checkpoint = await self._views.checkpoint(key)
            epoch, position = checkpoint.epoch, checkpoint.position
            self._known[key] = (epoch, position)
        if epoch > token.epoch:
            raise PositionSuperseded
        return epoch == token.epoch and position >= token.position

    async def _changed_within(self, key: CheckpointKey, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._changed[key].wait()
        except TimeoutError:
            return
