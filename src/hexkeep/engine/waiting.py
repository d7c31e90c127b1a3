"""Waiting until a projection has come as far as a position: told at once in this process, looked up for other nodes."""

import asyncio
from collections import defaultdict

from hexkeep.core.kernel.errors import DeadlineExceeded, PositionSuperseded
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
        """Return once ``projection`` holds everything up to ``token``.

        ``deadline`` is in seconds of the monotonic clock. Raises ``DeadlineExceeded``, and ``PositionSuperseded`` for
        a token from before a restore.
        """
        if token.log is not projection.log:
            return
        key = CheckpointKey(projection.name, self._builds.serving(projection), token.instance, token.log)
        while not await self._is_there(key, token):
            left = deadline - self._clock.monotonic()
            if left <= 0:
                raise DeadlineExceeded("The view has not caught up in time")
            await self._changed_within(key, min(left, LOOK_AGAIN_SECONDS))

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
