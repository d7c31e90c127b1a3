"""Hints: at once within the process; of other nodes' appends by looking at the heads, for there is no LISTEN."""

import asyncio
import contextlib
import logging
import random
from typing import LiteralString

from hexkeep.adapters.cockroach.database import CockroachDatabase
from hexkeep.adapters.sql.local_pubsub import InProcessPubSub
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.core.kernel.event import Log
from hexkeep.ports.pubsub import Hint

logger = logging.getLogger(__name__)


class CockroachPubSub(InProcessPubSub):
    """The port ``pubsub.PubSub``. One small read per interval and node, a little in the past, finds what has grown."""

    def __init__(self, database: CockroachDatabase) -> None:
        super().__init__()
        self._database = database
        heads: LiteralString = "SELECT instance_id, log, position FROM {schema}.log_heads"
        self._heads = database.schema.sql(heads + database.recently())
        self._seen: dict[tuple[str, str], int] = {}
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Look once, so that whatever comes from here on is news, and go on looking."""
        with contextlib.suppress(HexkeepError):
            await self._look()
        self._task = asyncio.create_task(self._keep_looking())

    async def ping(self) -> None:
        """See the port."""
        await self._database.ping()

    async def close(self) -> None:
        """End every subscription, then stop looking."""
        await super().close()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _keep_looking(self) -> None:
        interval, troubled = self._database.settings.poll_interval, False
        while True:
            await asyncio.sleep(random.uniform(0.75, 1.25) * interval)  # noqa: S311  # no secret depends on it
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # before Python 3.12 the pool may lose that word
                return
            try:
                await self._look()
                troubled = False
            except HexkeepError as error:
                if not troubled:
                    logger.warning("other nodes' appends cannot be seen at present (%s)", error.code)
                troubled = True

    async def _look(self) -> None:
        rows = await self._database.rows(self._heads)
        found = {(instance, log): position for instance, log, position in rows}
        known, self._seen = self._seen, found
        for (instance, log), position in found.items():
            if known.get((instance, log)) != position:
                self.publish(Hint(instance, Log(log)))
