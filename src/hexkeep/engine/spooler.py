"""Spoolers: one per consumer and cluster, led by whoever holds its lease, woken by hints, sure by schedule.

The lease saves work; that an event takes effect once is the checkpoint's doing. A leader that dies is replaced when its
lease has run out, so within two lease periods.
"""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from hexkeep.core.kernel.errors import Unavailable
from hexkeep.core.kernel.event import Log
from hexkeep.engine.cancellation import insist_on_cancellation
from hexkeep.engine.consumer import Reader
from hexkeep.ports.event_store import EventStore, Head
from hexkeep.ports.locks import Lease, Locks
from hexkeep.ports.pubsub import PubSub

logger = logging.getLogger("hexkeep.engine.spooler")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a spooler does what, in seconds."""

    lease: float = 6.0
    look: float = 1.0
    """Between two looks for work that no hint told of."""
    longest_pause: float = 10.0
    """Between two attempts while the storage does not answer."""


def lease_of(consumer: str, build: int) -> str:
    """The name under which nodes agree on who leads a consumer."""
    return f"spooler/{consumer}/{build}"


class Spooler:
    """Keeps one consumer's place at the end of every log, while this node leads."""

    def __init__(self, reader: Reader, store: EventStore, locks: Locks, node: str, rhythm: Rhythm) -> None:
        self.reader = reader
        self.leading = False
        self._store = store
        self._locks = locks
        self._node = node
        self._rhythm = rhythm
        self._dirty: set[str] = set()
        self._woken = asyncio.Event()

    @property
    def lease_name(self) -> str:
        """The name under which nodes agree on a leader."""
        return lease_of(self.reader.consumer.name, self.reader.consumer.build)

    def wake(self, instance: str, log: Log) -> None:
        """There may be something new in a log."""
        if log is self.reader.consumer.log:
            self._dirty.add(instance)
            self._woken.set()

    async def run(self) -> None:
        """Lead whenever possible, until cancelled; the lease is given back then."""
        pause = 0.1
        while True:
            try:
                lease = await self._locks.acquire(self.lease_name, self._node, self._rhythm.lease)
                if lease is None:
                    insist_on_cancellation()
                    await asyncio.sleep(self._rhythm.lease / 3)
                else:
                    await self._lead(lease)
                pause = 0.1
            except Unavailable:
                await asyncio.sleep(pause)
                pause = min(pause * 2, self._rhythm.longest_pause)
            except Exception:
                logger.exception("the spooler of %s stumbled", self.reader.consumer.name)
                await asyncio.sleep(self._rhythm.look)

    async def _lead(self, lease: Lease) -> None:
        self.leading = True
        try:
            insist_on_cancellation()
            async with asyncio.TaskGroup() as tasks:
                keeping = tasks.create_task(self._keep(lease))
                working = tasks.create_task(self._work())
                await asyncio.wait({keeping, working}, return_when=asyncio.FIRST_COMPLETED)
                keeping.cancel()
                working.cancel()
        except* Unavailable as group:
            raise group.exceptions[0] from None
        finally:
            self.leading = False
            with suppress(Unavailable):
                await asyncio.shield(self._locks.release(lease))

    async def _keep(self, lease: Lease) -> None:
        """Renew the lease in time; return when it is lost."""
        while True:
            await asyncio.sleep(self._rhythm.lease / 3)
            if not await self._locks.renew(lease):
                return
            insist_on_cancellation()

    async def _work(self) -> None:
        clock = asyncio.get_running_loop().time
        due = clock()
        while True:
            insist_on_cancellation()
            if due <= clock():  # whatever hints come: one that was lost may be of another log
                await self._look()
                due = clock() + self._rhythm.look
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._woken.wait()
            await self._follow_hints()

    async def _follow_hints(self) -> None:
        self._woken.clear()  # before reading: a hint that comes from now on may be of something that is not read
        dirty, self._dirty = self._dirty, set()
        for instance in sorted(dirty):
            head = await self._store.head(instance, self.reader.consumer.log)
            await self.reader.catch_up(instance, head.epoch)

    async def _look(self) -> None:
        """Find every log that is ahead of the checkpoint, and read it to its end."""
        for head in await self._behind():
            await self.reader.catch_up(head.instance, head.epoch)

    async def _behind(self) -> list[Head]:
        places = await self.reader.places()
        heads = [head for head in await self._store.heads() if head.log is self.reader.consumer.log]
        return [head for head in heads if places.get(head.instance, 0) < head.position]


class Spoolers:
    """All spoolers of one node, and the one subscription that wakes them."""

    def __init__(self, spoolers: Iterable[Spooler], pubsub: PubSub) -> None:
        self.all = tuple(spoolers)
        self._pubsub = pubsub
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to run, on the present event loop."""
        self._tasks = [asyncio.create_task(one.run(), name=one.lease_name) for one in self.all]
        self._tasks.append(asyncio.create_task(self._listen(), name="hexkeep-hints"))

    async def stop(self) -> None:
        """End every task and give the leases back."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _listen(self) -> None:
        async with self._pubsub.subscribe() as hints:
            async for hint in hints:
                for spooler in self.all:
                    spooler.wake(hint.instance, hint.log)
