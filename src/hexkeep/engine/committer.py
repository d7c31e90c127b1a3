"""Group commit: everything that waits goes to the store in one call; the next batch collects while that one commits.

There is no timer, so a lone writer waits for nobody. A round holds at most one unit per stream, unique key and unit id;
the others stay in line, in their order. The line is bounded: behind its end is ``Overloaded``.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from hexkeep.core.kernel.errors import HexkeepError, Internal, Overloaded, StorageUnavailable
from hexkeep.ports.event_store import Appended, EventStore, Outcome, Unit

logger = logging.getLogger("hexkeep.engine.committer")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one round and the line may hold, and how often an unknown outcome is asked about again."""

    units: int = 256
    bytes: int = 1 << 20
    waiting: int = 10_000
    attempts: int = 4
    pause: float = 0.05


@dataclass(slots=True, eq=False)
class _Waiting:
    unit: Unit
    size: int
    touches: frozenset[object]
    done: asyncio.Future[Appended | HexkeepError] = field(repr=False)
    """Resolved with the error too, for whoever waited may have gone and never ask for it."""


class Committer:
    """One per process.

    ``settled`` is called on the event loop for each unit that is in the log, before whoever waits for it goes on, and
    with ``None`` for each unit of which nobody can say whether it is.
    """

    def __init__(
        self, store: EventStore, settled: Callable[[Unit, Appended | None], None], bounds: Bounds = Bounds()
    ) -> None:
        self._store = store
        self._settled = settled
        self._bounds = bounds
        self._line: deque[_Waiting] = deque()
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self.rounds = 0
        """Calls to the store since the start."""
        self.units = 0
        """Units in those calls."""

    @property
    def waiting(self) -> int:
        """Units in the line."""
        return len(self._line)

    async def append(self, unit: Unit) -> Appended:
        """Append ``unit``; raises ``VersionConflict``, ``AlreadyExists``, ``Overloaded`` or ``StorageUnavailable``."""
        if self._closing or len(self._line) >= self._bounds.waiting:
            raise Overloaded
        done: asyncio.Future[Appended | HexkeepError] = asyncio.get_running_loop().create_future()
        self._line.append(_Waiting(unit, _size(unit), _touches(unit), done))
        if self._task is None:
            self._task = asyncio.create_task(self._drain(), name="hexkeep-committer")
        outcome = await done  # who is cancelled here cancels this future alone; the unit stays in line
        if isinstance(outcome, HexkeepError):
            raise outcome
        return outcome

    async def close(self) -> None:
        """Take nothing more and wait until the line is empty."""
        self._closing = True
        if self._task is not None:
            await self._task

    async def _drain(self) -> None:
        try:
            while self._line:
                await self._commit(self._round())
        finally:
            self._task = None

    def _round(self) -> list[_Waiting]:
        taken: list[_Waiting] = []
        kept: list[_Waiting] = []
        touched: set[object] = set()
        size = 0
        while self._line and len(taken) < self._bounds.units:
            waiting = self._line.popleft()
            full = taken and size + waiting.size > self._bounds.bytes
            if full:
                kept.append(waiting)
                break
            if touched.isdisjoint(waiting.touches):
                taken.append(waiting)
                size += waiting.size
            else:
                kept.append(waiting)
            touched |= waiting.touches
        self._line.extendleft(reversed(kept))
        return taken

    async def _commit(self, taken: list[_Waiting]) -> None:
        self.rounds += 1
        self.units += len(taken)
        try:
            outcomes = await self._outcomes([waiting.unit for waiting in taken])
        except HexkeepError as error:
            for waiting in taken:
                self._fail(waiting, error)
        except Exception:  # noqa: BLE001 - whatever it is, only the unit at fault may suffer
            await self._one_by_one(taken)
        else:
            for waiting, outcome in zip(taken, outcomes, strict=True):
                self._settle(waiting, outcome)

    async def _outcomes(self, units: Sequence[Unit]) -> list[Outcome]:
        """Ask until the outcome is known: unit ids make asking again harmless."""
        for attempt in range(1, self._bounds.attempts):
            with suppress(StorageUnavailable):
                return await self._store.append(units)
            await asyncio.sleep(self._bounds.pause * attempt)
        return await self._store.append(units)

    async def _one_by_one(self, taken: list[_Waiting]) -> None:
        """The store choked on something it should not have: let only that unit suffer."""
        logger.error("a batch of %d units failed and is repeated singly", len(taken))
        for waiting in taken:
            try:
                [outcome] = await self._outcomes([waiting.unit])
            except HexkeepError as error:
                self._fail(waiting, error)
            except Exception:
                logger.exception("a unit failed")
                self._fail(waiting, Internal())
            else:
                self._settle(waiting, outcome)

    def _settle(self, waiting: _Waiting, outcome: Outcome) -> None:
        if isinstance(outcome, Appended):
            self._settled(waiting.unit, outcome)
        if not waiting.done.done():
            waiting.done.set_result(outcome)

    def _fail(self, waiting: _Waiting, error: HexkeepError) -> None:
        self._settled(waiting.unit, None)
        if not waiting.done.done():
            waiting.done.set_result(error)


def _size(unit: Unit) -> int:
    size = 0
    for append in unit.appends:
        for event in append.events:
            size += len(event.payload) + 200
    return size


def _touches(unit: Unit) -> frozenset[object]:
    """What no other unit of the same round may touch."""
    instance, log = unit.instance, unit.log
    touched: list[object] = [(instance, unit.unit_id)]
    touched += [(instance, log, append.stream) for append in unit.appends]
    touched += [(instance, key.kind, key.hash) for key in unit.claims]
    touched += [(instance, key.kind, key.hash) for key in unit.releases]
    return frozenset(touched)
