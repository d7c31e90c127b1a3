"""Spoolers: one per consumer and cluster, led by whoever holds its lease, woken by hints, sure by schedule.

The lease saves work; that an event takes effect once is the checkpoint's doing. A leader that dies is replaced when its
lease has run out, so within two lease periods.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from hexkeep.core.kernel.errors import HexkeepError, Unavailable
from hexkeep.core.kernel.event import Log
from hexkeep.engine.cancellation import insist_on_cancellation
from hexkeep.engine.concurrency import each
from hexkeep.engine.consumer import Reader
from hexkeep.engine.heads import Heads
from hexkeep.ports.event_store import EventStore, Head
from hexkeep.ports.locks import Lease, Locks
from hexkeep.ports.views import Checkpoint

logger = logging.getLogger("hexkeep.engine.spooler")
NEAR = 100
"""Events that a build may be behind when it comes to serve: where much is written it never is at every end at once."""
PER_SECOND = 5000
"""Logs that a spooler looks at in a second, on average, while nothing is to do: of more it looks more rarely."""
LONGEST_LOOK = 60.0
SURE = 30
"""Looks after which the checkpoints are read again. In between it knows them, for who leads moves them."""
READ_AT_ONCE = 3
"""Logs of which a spooler reads at a time: while one waits for the storage, another is worked on."""
LAST_ROUNDS = 10
"""How often a build that is near looks once more before it comes to serve."""
FIRST_PAUSE = 0.1
SOON, LATER = 0.01, 0.2
"""Seconds until a log is read again that the storage showed as of a moment ago: from the first to the last."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a spooler does what, in seconds."""

    lease: float = 6.0
    look: float = 1.0
    """Between two looks for work that no hint told of; more where there are thousands of instances."""
    longest_pause: float = 10.0
    """Between two attempts while the storage does not answer."""
    grace: float = 3600.0
    """How long a build is kept that another has replaced and that no node fills any more."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a spooler waits: the code or class of what went wrong, how often in a row, and for how long it waits now."""

    error: str
    attempts: int
    pause: float


def lease_of(consumer: str, build: int) -> str:
    """The name under which nodes agree on who leads a consumer."""
    return f"spooler/{consumer}/{build}"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a spooler works for that has an end: ``reach`` is called at the end of every log, while ``pending``."""

    pending: Callable[[], bool]
    reach: Callable[[], Awaitable[None]]


MayFollow = Callable[[Head], Awaitable[bool]]
"""Whether a log is to be read, or to be left alone for now."""


class Spooler:
    """Keeps one consumer's place at the end of every log, while this node leads."""

    def __init__(
        self,
        reader: Reader,
        store: EventStore,
        heads: Heads,
        locks: Locks,
        node: str,
        rhythm: Rhythm,
        *,
        may_follow: MayFollow,
        goal: Goal | None = None,
    ) -> None:
        self.reader = reader
        self.leading = False
        self.trouble: Trouble | None = None
        self._store = store
        self._heads = heads
        self._locks = locks
        self._node = node
        self._rhythm = rhythm
        self._may_follow = may_follow
        self._goal = goal
        self._dirty: set[str] = set()
        self._short: set[str] = set()
        """Instances whose log was longer when it was asked for than when it was read."""
        self._places: dict[str, Checkpoint] = {}
        """As they were last seen or moved: behind that others may have moved them, which reading finds out."""
        self._looks = 0
        self._rest = rhythm.look
        self._pause = SOON
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
        while True:
            try:
                lease = await self._locks.acquire(self.lease_name, self._node, self._rhythm.lease)
                if lease is None:
                    insist_on_cancellation()
                    self.trouble = None
                    await asyncio.sleep(self._rhythm.lease / 3)
                else:
                    await self._lead(lease)
            except Unavailable as error:
                await self._back_off(error.code)
            except Exception as error:
                logger.exception("the spooler of %s stumbled", self.reader.consumer.name)
                await self._back_off(error.code if isinstance(error, HexkeepError) else type(error).__name__)

    async def _back_off(self, error: str) -> None:
        """Wait longer each time, and never exactly as long as the others; what is wrong passes without parking."""
        attempts = self.trouble.attempts + 1 if self.trouble else 1
        pause = min(FIRST_PAUSE * 2 ** min(attempts, 16), self._rhythm.longest_pause) * random.uniform(0.5, 1)  # noqa: S311
        self.trouble = Trouble(error, attempts, pause)
        await asyncio.sleep(pause)

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
        except* Exception as group:  # noqa: BLE001 - it is raised again, without the group around it
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
        self._looks, due = 0, clock()
        while True:
            insist_on_cancellation()
            if due <= clock():  # whatever hints come: one that was lost may be of another log
                await self._look()
                self.trouble = None
                due = clock() + self._rest
            with suppress(TimeoutError):
                async with asyncio.timeout_at(min(due, clock() + self._pause) if self._short else due):
                    await self._woken.wait()
            await self._follow_hints()

    async def _follow_hints(self) -> None:
        self._woken.clear()  # before reading: a hint that comes from now on may be of something that is not read
        for instance in sorted(self._dirty | self._short):
            self._dirty.discard(instance)
            try:
                head = await self._store.head(instance, self.reader.consumer.log)
                if await self._may_follow(head):
                    await self._read(head)
            except BaseException:
                self.wake(instance, self.reader.consumer.log)  # nobody tells of it again, and looks may be rare
                raise
        self._pause = min(self._pause * 2, LATER) if self._short else SOON

    async def _read(self, head: Head) -> None:
        reached = await self.reader.catch_up(head)
        if reached < head.position:
            self._short.add(head.instance)
            self._places.pop(head.instance, None)
        else:
            self._short.discard(head.instance)
            self._places[head.instance] = Checkpoint(self.reader.key(head.instance), reached, head.epoch)

    async def _look(self) -> None:
        """Find every log that is ahead of the checkpoint, and read it to its end."""
        if self._looks % SURE == 0:
            self._places = await self.reader.places()
        self._looks += 1
        heads = await self._heads.known(self._rest / 2)
        self._rest = min(max(self._rhythm.look, len(heads) / PER_SECOND), LONGEST_LOOK)
        await self._read_all(await self._behind(heads))
        if self._goal is not None and self._goal.pending():
            await self._approach(self._goal)

    async def _read_all(self, behind: Iterable[tuple[Head, int]]) -> None:
        await each((head for head, _ in behind), self._read, READ_AT_ONCE)

    async def _approach(self, goal: Goal) -> None:
        """Logs have grown and new ones have begun while others were read."""
        for _ in range(LAST_ROUNDS):
            behind = await self._behind(await self._store.heads())
            if not behind:
                await goal.reach()
                return
            await self._read_all(behind)
        if sum(lag for _, lag in await self._behind(await self._store.heads())) <= NEAR:
            await goal.reach()

    async def _behind(self, heads: Iterable[Head]) -> list[tuple[Head, int]]:
        """The logs that have to be read, and how many events of each are left to read."""
        own = [head for head in heads if head.log is self.reader.consumer.log]
        measured = [(head, lag_of(self._places.get(head.instance), head)) for head in own]
        return [(head, lag) for head, lag in measured if lag and await self._may_follow(head)]


def lag_of(place: Checkpoint | None, head: Head) -> int:
    """How many events of a log are left to read from a checkpoint on; all, if it is of an older epoch."""
    position = place.position if place is not None and place.epoch == head.epoch else 0
    return max(0, head.position - max(position, head.horizon))
