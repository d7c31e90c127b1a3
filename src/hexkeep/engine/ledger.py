"""Ledgers: tables that the engine keeps itself, over the port of the views, so that every storage has them for nothing.

Their rows do not follow from a log, so no build of theirs is ever made anew. What changes rows that exist compares and
sets a checkpoint of the ledger's own, one per instance: of two nodes that decide upon the same rows one has an effect.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

from hexkeep.core.kernel.errors import Overloaded
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Projection, Row, RowOperation, Select
from hexkeep.engine.builds import LEDGER_BUILD, Builds
from hexkeep.ports.event_store import FIRST_EPOCH
from hexkeep.ports.views import Advance, CheckpointKey, Views

ATTEMPTS = 50
PAUSE_SECONDS = 0.005

Decide = Callable[[], Awaitable[Sequence[RowOperation]]]
"""Reads rows and says what to change. Called anew whenever somebody else was faster."""


class Ledger:
    """One owner's tables. ``start`` before anything else."""

    def __init__(self, owner: Projection, views: Views, builds: Builds) -> None:
        self.owner = owner
        self._views = views
        self._builds = builds

    build = LEDGER_BUILD
    """The number of the only build there is."""

    async def start(self) -> None:
        """Make the tables where they are missing."""
        await self._builds.keep(self.owner)

    async def select(self, instance: str, query: Select) -> list[Row]:
        """One page of rows of one instance."""
        return await self._views.select(self.build, instance, query)

    async def count(self, instance: str, query: Select) -> int:
        """How many rows of one instance match."""
        return await self._views.count(self.build, instance, query)

    async def change(self, instance: str, decide: Decide) -> bool:
        """Do what ``decide`` says, all of it or nothing; ``False`` when it says nothing.

        It is decided on rows that nobody else has changed meanwhile, rows that were added set aside. Raises
        ``Overloaded`` when others are always faster.
        """
        key = self._key(instance)
        for attempt in range(1, ATTEMPTS + 1):
            here = (await self._views.checkpoint(key)).position
            operations = tuple(await decide())
            if not operations:
                return False
            if await self._views.apply(Advance(key, here, here + 1, FIRST_EPOCH, operations)):
                return True
            await asyncio.sleep(PAUSE_SECONDS * attempt * random.random())  # noqa: S311 - jitter
        raise Overloaded("Others are always faster to change this")

    async def touch(self, instance: str) -> None:
        """Move the checkpoint alone: whoever looks at checkpoints sees that there is something."""
        key = self._key(instance)
        here = (await self._views.checkpoint(key)).position
        await self._views.apply(Advance(key, here, here + 1, FIRST_EPOCH, ()))  # or somebody else has moved it

    def _key(self, instance: str) -> CheckpointKey:
        return CheckpointKey(self.owner.name, self.build, instance, Log.DURABLE)

    async def instances(self) -> dict[str, int]:
        """How often something was changed, by instance, where it ever was."""
        found = await self._views.checkpoints(self.owner.name, self.build)
        return {one.key.instance: one.position for one in found}
