"""The courier: brings out what is due in the queue, on the one node of the cluster that leads.

Each row is claimed, delivered and settled. A crash in between costs one more attempt under the same key; nothing is
lost, for a row leaves the queue only when its receiver has it or somebody is told that it will not.
"""

import asyncio
import logging
import random
import re
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hexkeep.core.kernel.errors import Unavailable
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Row
from hexkeep.engine.cancellation import end, insist_on_cancellation
from hexkeep.engine.deliveries import Deliveries, Outcome
from hexkeep.engine.envelopes import Envelopes, Letter
from hexkeep.engine.leadership import Leadership
from hexkeep.engine.outbox import ERASED
from hexkeep.engine.places import Places
from hexkeep.ports.clock import Clock
from hexkeep.ports.delivery import Deliverer, DeliveryFailed, Outgoing
from hexkeep.ports.locks import Lease

logger = logging.getLogger("hexkeep.engine.courier")

LEASE = "outbox"
BREATH = 0.02
"""Seconds between two looks, however many hints come."""
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,100}")


@dataclass(frozen=True, slots=True)
class Pace:
    """What an operator may set about deliveries. Times in seconds unless they say otherwise."""

    deliver: bool = True
    """Off: the queue fills and nothing goes out from this node."""
    look: float = 1.0
    """Between two looks for work that no hint told of."""
    at_once: int = 8
    """Deliveries of one channel that are on their way together."""
    timeout: float = 30.0
    first_pause: float = 5.0
    """Behind the first failure, at most; the bound doubles with each, and chance takes a part of it."""
    longest_pause: float = 3600.0
    patience: float = 5.0
    """For what is on its way when the node stops."""
    kept: timedelta = timedelta(days=7)
    """How long a delivered or discarded row stays, and so its key is known."""
    kept_dead: timedelta = timedelta(days=90)


class Courier:
    """Leads whenever possible; ``start`` and ``stop`` on one event loop, the ledger started before."""

    def __init__(
        self,
        deliverers: Mapping[str, Deliverer],
        deliveries: Deliveries,
        envelopes: Envelopes,
        places: Places,
        leadership: Leadership,
        *,
        clock: Clock,
        pace: Pace,
    ) -> None:
        self.channels = tuple(sorted(deliverers))
        self._deliverers = deliverers
        self._deliveries = deliveries
        self._envelopes = envelopes
        self._places = places
        self._leadership = leadership
        self._clock = clock
        self._pace = pace
        self._woken = asyncio.Event()
        self._under_way: dict[asyncio.Task[None], str] = {}
        self._outcomes: dict[str, list[Outcome]] = {}
        self._due: dict[str, datetime] = {}
        self.delivered = self.failed = 0
        """Attempts that this node has made, by how they ended."""
        self._stopping = self._unsure = False
        self._task: asyncio.Task[None] | None = None

    @property
    def leading(self) -> bool:
        """Whether this node delivers at present."""
        return self._leadership.leading

    @property
    def under_way(self) -> int:
        """How many deliveries this node has in hand."""
        return len(self._under_way)

    def start(self) -> None:
        """Begin to lead whenever possible, on the present event loop; nothing to do without deliverers."""
        self._stopping = False
        if self._deliverers and self._pace.deliver:
            self._task = asyncio.create_task(self._leadership.run(self._lead), name="hexkeep-courier")

    async def stop(self) -> None:
        """Take nothing more, wait for what is on its way a while, and give the lease back."""
        self._stopping = True
        self.wake()
        if self._task is None:
            return
        if self._under_way:
            await asyncio.wait(tuple(self._under_way), timeout=self._pace.patience)
        with suppress(Unavailable):
            await self._settle()
        await end(self._task)

    def wake(self) -> None:
        """There may be something to do."""
        self._woken.set()

    def put(self, instance: str) -> None:
        """Something is put into the queue of an instance, or changed there, on this node."""
        self._places.press(instance)
        self.wake()

    def tell(self, instance: str, log: Log) -> None:
        """A log has grown: an outbox of some node may put something into the queue."""
        if self.leading:
            self._places.tell(instance, log)

    async def _lead(self, lease: Lease) -> None:
        """Until cancelled, or until what this term has claimed is not known for sure: another one may claim it all."""
        self._due.clear()
        self._places.forget()
        self._unsure = False
        try:
            while not self._unsure or self._under_way or self._outcomes:
                insist_on_cancellation()
                self._woken.clear()
                try:
                    await self._round(lease.token)
                except Unavailable as error:
                    logger.warning("deliveries are put off: %s", error.code)
                    self._unsure = True
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._sleep()):
                        await self._woken.wait()
                await asyncio.sleep(BREATH)
        finally:
            await self._break_off()

    async def _break_off(self) -> None:
        """What is on its way may arrive all the same; the next leader delivers it again, under the same key."""
        tasks = tuple(self._under_way)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1.0)
        self._under_way.clear()

    async def _round(self, token: int) -> None:
        await self._settle()
        if self._stopping or self._unsure:
            return
        now = self._clock.now()
        due = {instance for instance, time in self._due.items() if time <= now}
        instances = list(await self._places.moved() | due)
        random.shuffle(instances)  # so that a busy one does not always come first
        for instance in instances:
            await self._serve(instance, token)

    async def _serve(self, instance: str, token: int) -> None:
        due = await self._deliveries.next_due(instance, self.channels, token)
        if due is not None and due <= self._clock.now():
            for channel in self.channels:
                free = self._pace.at_once - Counter(self._under_way.values())[channel]
                if free > 0:
                    for row in await self._deliveries.claim(instance, channel, token, free):
                        self._send(instance, channel, row, token)
            due = await self._deliveries.next_due(instance, self.channels, token)
        if due is None:
            self._due.pop(instance, None)
        else:
            self._due[instance] = due

    def _send(self, instance: str, channel: str, row: Row, token: int) -> None:
        task = asyncio.create_task(self._sent(instance, row, token), name=f"hexkeep-delivery-{channel}")
        self._under_way[task] = channel
        task.add_done_callback(self._arrived)

    def _arrived(self, task: "asyncio.Task[None]") -> None:
        self._under_way.pop(task, None)
        self.wake()

    async def _sent(self, instance: str, row: Row, token: int) -> None:
        outcome = Outcome(instance, delivery_id := str(row["delivery_id"]), token)
        failure = await self._failure(instance, row)
        self.delivered += failure is None
        self.failed += failure is not None
        if failure is not None:
            outcome = self._failed(outcome, failure, int(str(row["attempts"])))
            logger.warning("delivery %s by %s failed: %s", delivery_id, row["channel"], outcome.error)
        self._outcomes.setdefault(instance, []).append(outcome)

    async def _failure(self, instance: str, row: Row) -> Exception | None:
        try:
            letter = await self._envelopes.open(instance, str(row["delivery_id"]), str(row["sealed"]))
            if letter is None:
                return DeliveryFailed(permanent=True, code=ERASED)
            async with asyncio.timeout(self._pace.timeout):
                await self._deliverers[str(row["channel"])].deliver(_outgoing(instance, row, letter))
        except Exception as error:  # noqa: BLE001 - a plugin's deliverer may raise anything
            return error
        return None

    def _failed(self, outcome: Outcome, failure: Exception, attempt: int) -> Outcome:
        pause = self._pause(attempt)
        if not isinstance(failure, DeliveryFailed):
            return replace(outcome, error=type(failure).__name__, pause=pause)
        if failure.retry_after is not None:
            pause = max(pause, min(failure.retry_after, timedelta(seconds=self._pace.longest_pause)))
        code = failure.code if _CODE.fullmatch(failure.code) else type(failure).__name__
        return replace(outcome, error=code, permanent=failure.permanent, pause=pause)

    def _pause(self, attempt: int) -> timedelta:
        """Full jitter: somewhere between nothing and a bound that doubles with each attempt, up to its ceiling."""
        bound = min(self._pace.longest_pause, self._pace.first_pause * 2.0 ** min(attempt - 1, 40))
        return timedelta(seconds=bound * random.random())  # noqa: S311 - jitter

    async def _settle(self) -> None:
        """Note what has arrived and what has not. What cannot be noted now is noted later."""
        while self._outcomes:
            instance, own = self._outcomes.popitem()
            try:
                counted = await self._deliveries.settle(instance, own)
            except BaseException:
                self._outcomes[instance] = own + self._outcomes.get(instance, [])
                raise
            self._due[instance] = self._clock.now()  # to be looked at: what failed is due at another time
            if counted < len(own):
                logger.warning("%d deliveries of %s were in other hands by now", len(own) - counted, instance)

    def _sleep(self) -> float:
        """Seconds until something is due, or until the next look."""
        if not self._due:
            return self._pace.look
        left = (min(self._due.values()) - self._clock.now()).total_seconds()
        if left <= 0 and self._under_way:  # the channel is full: who arrives wakes
            return self._pace.look
        return min(self._pace.look, max(0.0, left))


def _outgoing(instance: str, row: Row, letter: Letter) -> Outgoing:
    created, expires = row["created_at"], row["expires_at"]
    if not isinstance(created, datetime):
        raise TypeError("a delivery without a time")
    return Outgoing(
        id=str(row["delivery_id"]),
        instance=instance,
        outbox=str(row["outbox"]),
        channel=str(row["channel"]),
        key=letter.key,
        payload=letter.payload,
        user_id=str(row["user_id"]),
        attempt=int(str(row["attempts"])),
        created_at=created,
        expires_at=expires if isinstance(expires, datetime) else None,
    )
