"""Streams: a list read on and on by its cursor, each batch a call of its own, at the pace of whoever takes them.

Between batches nothing is held but a cursor, so a slow reader costs nothing, and every batch is authenticated and
authorised anew. Who waits for more is woken by hints, as spoolers are, and looks by itself now and then.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Generic

from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.errors import DeadlineExceeded, Overloaded, Unavailable
from hexkeep.core.kernel.operation import O
from hexkeep.engine.cancellation import insist_on_cancellation
from hexkeep.engine.heads import Heads
from hexkeep.ports.api import Answer
from hexkeep.ports.event_store import Head
from hexkeep.ports.telemetry import Figure, Kind

MAX_STREAMS, MAX_OF_INSTANCE = 1000, 250
"""Streams of a node at a time, in all and of one instance."""
RECHECK = 10.0
"""Seconds after which a batch is asked for whatever happened: tokens lapse, and nothing is written then."""
SPACING = 0.02
"""Seconds between two batches where nothing was new: who waits is not woken by each of many writes."""


@dataclass(frozen=True, slots=True)
class Stream(Generic[O]):
    """What is streamed: the output's field of items, a batch behind a cursor within seconds, and the instance."""

    items: str
    batch: Callable[[str, float], Awaitable[Answer[O]]]
    place: Callable[[], Awaitable[str]]

    def is_empty(self, answer: Answer[O]) -> bool:
        """Whether a batch holds nothing."""
        return not getattr(answer.output, self.items)


Positions = tuple[tuple[str, int, int], ...]


class _Waiter:
    """One who waits for an instance's logs to grow."""

    def __init__(self, instance: str) -> None:
        self.instance = instance
        self.woken = asyncio.Event()
        self.seen: Positions | None = None


class Streams:
    """All streams of one node. ``look`` is the time in seconds between two looks for what no hint told of."""

    def __init__(self, heads: Heads, look: float, bound: int = MAX_STREAMS, of_instance: int = MAX_OF_INSTANCE) -> None:
        self._heads = heads
        self._look = look
        self._bound = bound
        self._of_instance = of_instance
        self._waiters: defaultdict[str, set[_Waiter]] = defaultdict(set)
        self._open = 0
        self._closed = False
        self._indexed: tuple[list[Head], dict[str, Positions]] = ([], {})

    @property
    def open(self) -> int:
        """How many there are."""
        return self._open

    def figures(self) -> Iterator[Figure]:
        """How many streams there are."""
        yield Figure("streams", Kind.GAUGE, "Streams that callers of this node have open", self._open)

    def tell(self, instance: str) -> None:
        """There may be something new in a log of an instance; what happens to instances concerns all."""
        places = tuple(self._waiters) if instance == SYSTEM_INSTANCE else (instance,)
        for place in places:
            for waiter in self._waiters.get(place, ()):
                waiter.woken.set()

    def close(self) -> None:
        """End every stream at its next batch, which is now for all that wait."""
        self._closed = True
        for waiters in self._waiters.values():
            for waiter in waiters:
                waiter.woken.set()

    async def run(self, stream: Stream[O], cursor: str, longest: float) -> AsyncGenerator[Answer[O], None]:
        """The batches behind ``cursor``, for at most ``longest`` seconds; raises what a batch raises."""
        ends = _now() + longest
        with self._counted(), self._waiting(await stream.place()) as waiter:
            first = True
            while not self._closed and (left := ends - _now()) > 0:
                insist_on_cancellation()
                waiter.woken.clear()  # before reading: a hint that comes from now on may be of what is not read
                try:
                    answer = await stream.batch(cursor, left)
                except DeadlineExceeded:
                    if _now() >= ends:
                        return
                    raise
                behind: str = getattr(answer.output, "next_cursor")  # noqa: B009 - the registry has seen this field
                quiet, cursor = stream.is_empty(answer) and behind == cursor, behind
                if first or not quiet:
                    yield answer
                if quiet and not self._closed:
                    await self._quiet(waiter, ends)
                first = False

    @contextmanager
    def _counted(self) -> Iterator[None]:
        if self._open >= self._bound:
            raise Overloaded("There are too many streams")
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    @contextmanager
    def _waiting(self, instance: str) -> Iterator[_Waiter]:
        if len(self._waiters.get(instance, ())) >= self._of_instance:
            raise Overloaded("There are too many streams of this instance")
        waiter = _Waiter(instance)
        self._waiters[instance].add(waiter)
        try:
            yield waiter
        finally:
            self._waiters[instance].discard(waiter)
            if not self._waiters[instance]:
                del self._waiters[instance]

    async def _quiet(self, waiter: _Waiter, ends: float) -> None:
        """Return once there may be something new, or it is time to ask again."""
        began = _now()
        until = min(ends, began + RECHECK)
        while _now() < until and not waiter.woken.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout_at(min(until, _now() + self._look)):
                    await waiter.woken.wait()
            insist_on_cancellation()
            if not waiter.woken.is_set() and await self._has_grown(waiter):
                return
        await asyncio.sleep(min(began + SPACING, ends) - _now())

    async def _has_grown(self, waiter: _Waiter) -> bool:
        """Whether a log of the instance has grown since this was asked last; yes where that is not known."""
        try:
            heads = await self._heads.known(self._look)
        except Unavailable:
            return True  # the next batch says so
        if heads is not self._indexed[0]:
            self._indexed = (heads, _by_instance(heads))
        before, waiter.seen = waiter.seen, self._indexed[1].get(waiter.instance, ())
        return before != waiter.seen


def _by_instance(heads: list[Head]) -> dict[str, Positions]:
    found: defaultdict[str, list[tuple[str, int, int]]] = defaultdict(list)
    for head in heads:
        found[head.instance].append((head.log.value, head.epoch, head.position))
    return {instance: tuple(sorted(places)) for instance, places in found.items()}


def _now() -> float:
    return asyncio.get_running_loop().time()
