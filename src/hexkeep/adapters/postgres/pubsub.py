"""Hints: at once within the process, by LISTEN and coalesced NOTIFY between the nodes.

Both go over one connection beside the pools, never inside an append: NOTIFY serialises commits on the whole server.
"""

import asyncio
import contextlib
import json
import logging
import random
import secrets
from collections.abc import AsyncIterator, Iterable

import psycopg

from hexkeep.adapters.pgwire.database import Connection
from hexkeep.adapters.postgres.database import PostgresDatabase
from hexkeep.adapters.postgres.part import Part
from hexkeep.adapters.sql.local_pubsub import InProcessPubSub
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.core.kernel.event import Log
from hexkeep.ports.pubsub import Hint

PAYLOAD_BYTES = 7000
"""PostgreSQL takes less than 8000."""
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
logger = logging.getLogger(__name__)


class PostgresPubSub(Part):
    """The port ``pubsub.PubSub``."""

    def __init__(self, database: PostgresDatabase) -> None:
        super().__init__(database)
        self._local = InProcessPubSub()
        self._node = secrets.token_hex(8)
        self._channel = f"{database.schema.name}_hints"
        self._known = database.schema.sql("SELECT instance_id, log FROM {schema}.log_heads WHERE position > 0")
        self._outgoing: dict[Hint, None] = {}
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Start to listen and to send; returns when the first LISTEN is in force."""
        url = self._url()
        if url is None:
            return
        connection = await self._listen(url)
        work = (self._keep_listening(url, connection), self._keep_sending())
        self._tasks = [asyncio.create_task(one) for one in work]

    async def close(self) -> None:
        """End every subscription, then hang up."""
        await self._local.close()
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def publish(self, hint: Hint) -> None:
        """See the port."""
        self._local.publish(hint)
        if self._tasks:
            self._outgoing[hint] = None
            self._wake.set()

    def subscribe(self) -> contextlib.AbstractAsyncContextManager[AsyncIterator[Hint]]:
        """See the port."""
        return self._local.subscribe()

    def _url(self) -> str | None:
        """Where LISTEN is possible: not through a pooler in transaction mode. ``None``: nodes find out by polling."""
        settings = self._database.settings
        if settings.direct_url is not None:
            return settings.direct_url.get_secret_value()
        return None if settings.pgbouncer else settings.url.get_secret_value()

    async def _listen(self, url: str) -> Connection:
        connection = await self._database.connect(url)
        try:
            await connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(self._channel)))
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _keep_listening(self, url: str, connection: Connection) -> None:
        while True:
            _insist_on_cancellation()
            try:
                async with connection:
                    async for notify in connection.notifies():
                        self._receive(notify.payload)
            except psycopg.Error as error:
                logger.warning("the connection that listens was lost (%s)", type(error).__name__)
            connection = await self._listen_again(url)

    async def _listen_again(self, url: str) -> Connection:
        """A new connection that listens, however long that takes, with one hint for each log that may have grown."""
        pause = FIRST_PAUSE
        while True:
            _insist_on_cancellation()
            try:
                connection = await self._listen(url)
                cursor = await connection.execute(self._known)
                hints = [Hint(instance, Log(log)) for instance, log in await cursor.fetchall()]
            except (psycopg.Error, HexkeepError):
                await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311  # no secret depends on it
                pause = min(LONGEST_PAUSE, pause * 2)
            else:
                self._publish_all(hints)
                return connection

    def _receive(self, payload: str) -> None:
        """Pass on the hints of another node; what is none of ours is left alone."""
        with contextlib.suppress(ValueError, TypeError):
            node, pairs = json.loads(payload)
            if node != self._node:
                self._publish_all([Hint(instance, Log(log)) for instance, log in pairs])

    def _publish_all(self, hints: Iterable[Hint]) -> None:
        for hint in hints:
            self._local.publish(hint)

    async def _keep_sending(self) -> None:
        """At most one NOTIFY per interval, with everything that has come up since the last one."""
        while True:
            _insist_on_cancellation()
            await self._wake.wait()
            self._wake.clear()
            hints, self._outgoing = self._outgoing, {}
            try:
                for payload in self._payloads(hints):
                    await self._database.rows(b"SELECT pg_notify(%s, %s)", (self._channel, payload))
            except HexkeepError:  # hints may be lost; when the others listen again they look at every log
                logger.warning("a hint to other nodes was lost")
            await asyncio.sleep(self._database.settings.notify_interval)

    def _payloads(self, hints: Iterable[Hint]) -> Iterable[str]:
        """The hints, as many together as one payload holds."""
        pairs: list[tuple[str, str]] = []
        size = 0
        for hint in hints:
            grown = len(json.dumps((hint.instance, hint.log.value))) + 1
            if pairs and size + grown > PAYLOAD_BYTES:
                yield json.dumps((self._node, pairs))
                pairs, size = [], 0
            pairs.append((hint.instance, hint.log.value))
            size += grown
        if pairs:
            yield json.dumps((self._node, pairs))


def _insist_on_cancellation() -> None:
    """End a task that was told to end and goes on: before Python 3.12 ``wait_for`` may lose that word in the pool."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
