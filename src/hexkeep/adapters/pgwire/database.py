"""The connections: two pools, their session settings, and the one loop that tries again."""

import asyncio
import random
import select
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import ClassVar, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier, Literal
from psycopg_pool import AsyncConnectionPool

from hexkeep.adapters.pgwire.errors import is_connection_lost, is_contention, mapped
from hexkeep.adapters.pgwire.schema import Schema
from hexkeep.adapters.pgwire.settings import WireSettings
from hexkeep.core.kernel.errors import StorageUnavailable

T = TypeVar("T")
Connection = AsyncConnection[TupleRow]
Work = Callable[[Connection], Awaitable[T]]
Take = Callable[[], AbstractAsyncContextManager[Connection]]

LOST_TRIES = 4
FIRST_PAUSE, LONGEST_PAUSE = 0.005, 0.5
KEEPALIVE = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30000}
"""A dead peer is found within half a minute (TCP only; a Unix socket tells at once)."""


class Database:
    """Runs work on connections of the application's role.

    Appends have a pool of their own, so that they never queue behind a long list. All connections are in autocommit:
    what needs a transaction opens one.
    """

    connection_class: ClassVar[type[Connection]] = AsyncConnection
    contention_tries: int = 12
    """How often work that loses against others is begun in all."""

    def __init__(self, settings: WireSettings, *, prepare: bool = True) -> None:
        self.settings = settings
        self.schema = Schema(settings)
        self.prepare = prepare
        self._pools: dict[str, AsyncConnectionPool[Connection]] = {}

    async def open(self) -> None:
        """Connect; raises ``StorageUnavailable`` when the server cannot be reached in time."""
        settings = self.settings
        self._pools = {
            "append": self._pool("append", min(1, settings.min_connections), settings.append_connections),
            "other": self._pool("other", settings.min_connections, settings.max_connections),
        }
        try:
            with mapped():
                for pool in self._pools.values():
                    await pool.open(wait=True, timeout=settings.connect_timeout)
            await self.ping()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Let work in flight finish, then hang up. May be called at any time."""
        pools, self._pools = self._pools, {}
        for pool in pools.values():
            await pool.close()

    async def ping(self) -> None:
        """One round trip; raises ``StorageUnavailable``."""

        async def ask(connection: Connection) -> None:
            await connection.execute(b"SELECT 1")

        await self.run(ask)

    async def run(self, work: Work[T], *, repeatable: bool = True, pool: str = "other") -> T:
        """What ``work`` returns, on a connection in autocommit.

        Work that lost against others is done again; work whose connection was lost only if it is ``repeatable``, which
        means that doing it twice is the same as once. Raises the ports' errors.
        """
        return await self.retried(lambda: self._take(pool), work, repeatable=repeatable)

    async def retried(self, take: Take, work: Work[T], *, repeatable: bool) -> T:
        """The same on a connection from anywhere."""
        with mapped():
            tries = 0
            while True:
                try:
                    async with take() as connection:
                        return await work(connection)
                except psycopg.Error as error:
                    tries += 1
                    if not self._worth_another_try(error, tries, repeatable=repeatable):
                        raise
                await asyncio.sleep(_pause(tries))

    async def rows(
        self, statement: str | bytes, parameters: Sequence[object] = (), *, repeatable: bool = True
    ) -> list[TupleRow]:
        """All rows of one statement, which is prepared where the way to the server allows it."""

        async def ask(connection: Connection) -> list[TupleRow]:
            cursor = await connection.execute(statement, parameters, prepare=self.prepare, binary=True)
            return await cursor.fetchall()

        return await self.run(ask, repeatable=repeatable)

    async def transaction(self, work: Work[T]) -> T:
        """The same inside one transaction, which is rolled back when ``work`` raises."""

        async def whole(connection: Connection) -> T:
            async with connection.transaction():
                return await work(connection)

        return await self.run(whole, repeatable=False)

    async def connect(self, url: str) -> Connection:
        """A connection beside the pools, in autocommit, with keepalives."""
        with mapped():
            return await self.connection_class.connect(make_conninfo(url, **self._arguments()), autocommit=True)

    def _take(self, pool: str) -> AbstractAsyncContextManager[Connection]:
        if pool not in self._pools:
            raise StorageUnavailable("The storage is not open")
        return self._pools[pool].connection()

    def _pool(self, name: str, smallest: int, largest: int) -> AsyncConnectionPool[Connection]:
        settings = self.settings
        return AsyncConnectionPool(
            make_conninfo(settings.url.get_secret_value(), **self._arguments()),
            connection_class=self.connection_class,
            kwargs={"autocommit": True, "prepare_threshold": 5 if self.prepare else None},
            min_size=min(smallest, largest),
            max_size=largest,
            open=False,
            name=f"hexkeep-{name}",
            timeout=settings.connect_timeout,
            max_waiting=settings.max_waiting,
            configure=self._configure,
            check=_still_there,
            reconnect_timeout=settings.connect_timeout,  # then the next caller starts over, without a long pause
        )

    def _arguments(self) -> dict[str, str | int]:
        timeout = max(2, int(self.settings.connect_timeout))  # libpq counts whole seconds, two at least
        return {"application_name": "hexkeep", "connect_timeout": timeout, **KEEPALIVE}

    def _worth_another_try(self, error: psycopg.Error, tries: int, *, repeatable: bool) -> bool:
        if is_contention(error):
            return tries < self.contention_tries
        return repeatable and is_connection_lost(error) and tries < LOST_TRIES

    async def _configure(self, connection: Connection) -> None:
        """Set what ``session`` wants."""
        wanted = self.session(connection)
        if wanted:
            sets = [SQL("SET {} = {}").format(Identifier(name), Literal(value)) for name, value in wanted.items()]
            await connection.execute(SQL("; ").join(sets))

    def session(self, connection: Connection) -> dict[str, str]:
        """Settings of every session, by name; none where a session is shared with strangers."""
        raise NotImplementedError


async def _still_there(connection: Connection) -> None:
    """Find out without a round trip that the server hung up on an idle connection: then there is something to read."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        await connection.execute(b"SELECT 1")


def _pause(tries: int) -> float:
    """Full jitter: those who collided do not meet again."""
    return random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2**tries))  # noqa: S311  # no secret depends on it
