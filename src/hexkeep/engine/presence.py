"""Presence: every node of a cluster holds a place as long as it is there, and a restore holds all of them.

So whichever comes first, the other one sees it: a node takes its place before it looks for the mark of a restore, and
a restore makes its mark when no place is left that a node could take. Where one process alone can have the storage
open, that process is all that is there, and nothing has to be held.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from hexkeep.core.kernel.errors import FailedPrecondition, Unavailable
from hexkeep.engine.archive.mark import RestoreUnderWay, unasked
from hexkeep.engine.cancellation import end, insist_on_cancellation
from hexkeep.ports.clock import Ids
from hexkeep.ports.event_store import EventStore, SoleWriter
from hexkeep.ports.locks import Lease, Locks

logger = logging.getLogger("hexkeep.engine.presence")
PLACES = 64
"""How many processes may have one storage open at once."""
AT_ONCE = 4
LOOK = 0.2
"""Seconds between two tries of a restore to take the places of those who have just gone."""


class Presence:
    """The places of one storage, for one process."""

    def __init__(self, locks: Locks, events: EventStore, ids: Ids, seconds: float) -> None:
        self._locks = locks
        self._owner = ids.new()
        self._lost = False
        self._seconds = seconds
        self._alone = isinstance(events, SoleWriter) and events.sole_writer

    @asynccontextmanager
    async def one(self, unmarked: Callable[[], Awaitable[None]] = unasked) -> AsyncIterator[None]:
        """Be there, as a node. Raises ``RestoreUnderWay`` when there is no place, or ``unmarked`` raises it.

        A node that has lost its place, as one that was paused for too long, takes one and looks for the mark again. If
        that fails a restore has begun meanwhile: what the node does is cancelled, and the same is raised.
        """
        ending = asyncio.timeout(None)
        try:
            async with ending, AsyncExitStack() as stack:
                if not self._alone:
                    leases = [await self._first()]
                    await stack.enter_async_context(self._kept(leases, self._stay(leases, unmarked, ending)))
                await unmarked()
                yield
        except TimeoutError:
            if not ending.expired():
                raise
        if ending.expired():
            raise RestoreUnderWay("A restore has begun while nothing was heard of this process")

    @asynccontextmanager
    async def all(self) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """Keep every node away. Raises ``FailedPrecondition`` while there is one.

        What is handed out raises the same if a place has been lost, as of a process that was paused for too long, and
        ``Unavailable`` where that cannot be known. To be called once the mark is made: whoever takes a place later than
        that sees the mark.
        """
        leases: list[Lease] = []

        async def insist() -> None:
            await self._each(lambda place: self._renew(place, leases), range(len(leases)))
            if self._lost:
                raise FailedPrecondition("A node may have begun to serve meanwhile: stop it, and begin again")

        async with AsyncExitStack() as stack:
            if not self._alone:
                leases += await self._every()
                await stack.enter_async_context(self._kept(leases, self._keep(leases)))
            yield insist

    async def _first(self) -> Lease:
        for number in range(PLACES):
            lease = await self._taken(number)
            if lease is not None:
                return lease
        raise RestoreUnderWay("The storage is being restored, or has as many nodes as it may have")

    async def _every(self) -> list[Lease]:
        """Those who were killed lately are waited for: their places are free when their leases have run out."""
        held: dict[int, Lease] = {}
        try:
            async with asyncio.timeout(self._seconds + LOOK):
                while True:
                    await self._each(lambda number: self._take(number, held), set(range(PLACES)) - held.keys())
                    if len(held) == PLACES:
                        return [*held.values()]
                    await asyncio.sleep(LOOK)
        except BaseException as error:
            await self._give_back(held.values())
            if not isinstance(error, TimeoutError):
                raise
            raise FailedPrecondition(
                "Nodes have this storage open: stop them first, and wait until their leases have run out"
            ) from None

    async def _take(self, number: int, held: dict[int, Lease]) -> None:
        lease = await self._taken(number)
        if lease is not None:
            held[number] = lease

    async def _taken(self, number: int) -> Lease | None:
        return await self._locks.acquire(f"presence.{number}", self._owner, self._seconds)

    @asynccontextmanager
    async def _kept(self, leases: list[Lease], keep: Coroutine[None, None, None]) -> AsyncIterator[None]:
        keeping = asyncio.create_task(keep, name="hexkeep-presence")
        try:
            yield
        finally:
            await end(keeping)
            await self._give_back(leases)

    async def _keep(self, leases: list[Lease]) -> None:
        """Renew in time. What was lost meanwhile, as while the storage was away, is taken again if it is free."""
        while True:
            await asyncio.sleep(self._seconds / 3)
            insist_on_cancellation()
            with suppress(Unavailable):
                await self._each(lambda place: self._renew(place, leases), range(len(leases)))

    async def _renew(self, place: int, leases: list[Lease]) -> None:
        lease = leases[place]
        if not await self._locks.renew(lease):
            self._lost = True
            again = await self._locks.acquire(lease.name, lease.owner, lease.seconds)
            if again is None:
                logger.critical("somebody else has taken the place of this process: end it")
            else:
                leases[place] = again

    async def _stay(
        self, leases: list[Lease], unmarked: Callable[[], Awaitable[None]], ending: asyncio.Timeout
    ) -> None:
        """Renew a node's place in time."""
        sure = True
        while True:
            await asyncio.sleep(self._seconds / 3)
            insist_on_cancellation()
            try:
                if not await self._locks.renew(leases[0]):
                    sure = False
                    leases[0] = await self._first()
                if not sure:
                    await unmarked()
                    sure = True
            except Unavailable:
                continue
            except RestoreUnderWay:
                logger.critical("a restore has begun while nothing was heard of this process, which ends")
                ending.reschedule(asyncio.get_running_loop().time())
                return

    async def _each(self, do: Callable[[int], Awaitable[None]], places: Iterable[int]) -> None:
        """All of them long before the first one's lease has run out, with a few on the line at once.

        None is left out because another has failed, and none goes on behind this.
        """
        line = asyncio.Semaphore(AT_ONCE)

        async def one(place: int) -> None:
            async with line:
                await do(place)

        for failure in await asyncio.gather(*map(one, places), return_exceptions=True):
            if failure is not None:
                raise failure

    async def _give_back(self, leases: Iterable[Lease]) -> None:
        for lease in leases:
            with suppress(Unavailable):
                await self._locks.release(lease)
