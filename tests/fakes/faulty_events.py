"""A real event store behind a line that can be cut, held up or noisy. What it stores and answers is the store's own."""

import asyncio
import enum
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import EventStore, Head, KeyChange, Outcome, Reading, StoredEvent, Unit


class Fault(enum.Enum):
    """What happens to one append."""

    NONE = enum.auto()
    LOST_BEFORE = enum.auto()
    """The line breaks before the store hears of it."""
    LOST_AFTER = enum.auto()
    """The line breaks when the work is done, so nobody hears of that."""


class FaultyEvents(EventStore):
    """Wraps a store. ``faults`` are taken one per append; ``rounds`` keeps what was asked of it."""

    def __init__(self, inner: EventStore) -> None:
        self._inner = inner
        self.rounds: list[tuple[Unit, ...]] = []
        self.faults: deque[Fault] = deque()
        self.poisonous: set[str] = set()
        """Units that the store chokes on, and with them the whole round."""
        self.down = False
        self.stale = 0
        """How many reads of a log, unless they ask for the present, are answered as if nothing had been written yet."""
        self.read_from: list[int] = []
        """Behind which positions logs were read."""
        self.refused = 0
        """How often somebody came while it was down."""
        self._append_open = asyncio.Event()
        self._append_open.set()
        self._held: set[tuple[str, int]] = set()
        self._answers_open = asyncio.Event()
        self.arrived = asyncio.Event()
        """Set when somebody waits for a held answer."""

    @asynccontextmanager
    async def appends_held(self) -> AsyncIterator[None]:
        """No append reaches the store before the end of this block."""
        self._append_open.clear()
        try:
            yield
        finally:
            self._append_open.set()

    @asynccontextmanager
    async def answers_held(self, method: str, after: int) -> AsyncIterator[None]:
        """``read_log`` or ``read_stream`` behind ``after`` reads at once, but nobody hears of it within this block."""
        self._held.add((method, after))
        self._answers_open.clear()
        self.arrived.clear()
        try:
            yield
        finally:
            self._held.clear()
            self._answers_open.set()

    def release(self) -> None:
        """Let the held answers go, and hold no more."""
        self._held.clear()
        self._answers_open.set()

    async def open(self) -> None:
        """See the port."""
        await self._inner.open()

    async def ping(self) -> None:
        """See the port."""
        self._insist()
        await self._inner.ping()

    async def close(self) -> None:
        """See the port."""
        await self._inner.close()

    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        """See the port."""
        self.rounds.append(tuple(units))
        await self._append_open.wait()
        self._insist()
        if any(unit.unit_id in self.poisonous for unit in units):
            raise RuntimeError("the store chokes on this")
        fault = self.faults.popleft() if self.faults else Fault.NONE
        if fault is Fault.LOST_BEFORE:
            raise StorageUnavailable
        outcomes = await self._inner.append(units)
        if fault is Fault.LOST_AFTER:
            raise StorageUnavailable
        return outcomes

    async def read_stream(
        self, instance: str, log: Log, stream: Ref, after: int = 0, limit: int = 1000
    ) -> list[StoredEvent]:
        """See the port."""
        self._insist()
        found = await self._inner.read_stream(instance, log, stream, after, limit)
        await self._on_its_way("read_stream", after)
        return found

    async def read_log(
        self, instance: str, log: Log, after: int, limit: int, reading: Reading = Reading.PRESENT
    ) -> list[StoredEvent]:
        """See the port."""
        self._insist()
        self.read_from.append(after)
        if self.stale and reading is not Reading.PRESENT:
            self.stale -= 1
            return []
        found = await self._inner.read_log(instance, log, after, limit, reading)
        await self._on_its_way("read_log", after)
        return found

    async def versions(self, instance: str, streams: Sequence[tuple[Log, Ref]]) -> list[int]:
        """See the port."""
        self._insist()
        return await self._inner.versions(instance, streams)

    async def head(self, instance: str, log: Log) -> Head:
        """See the port."""
        self._insist()
        return await self._inner.head(instance, log)

    async def heads(self) -> list[Head]:
        """See the port."""
        self._insist()
        return await self._inner.heads()

    async def key_owner(self, instance: str, kind: str, key_hash: bytes) -> Ref | None:
        """See the port."""
        self._insist()
        return await self._inner.key_owner(instance, kind, key_hash)

    async def key_changes(
        self, instance: str, log: Log, after: tuple[int, str, bytes] | None, limit: int
    ) -> list[KeyChange]:
        """See the port."""
        self._insist()
        return await self._inner.key_changes(instance, log, after, limit)

    async def forget_keys(self, instance: str, owner: Ref) -> None:
        """See the port."""
        self._insist()
        await self._inner.forget_keys(instance, owner)

    async def drop(self, instance: str, upto: int, limit: int = 10_000) -> int:
        """See the port."""
        self._insist()
        return await self._inner.drop(instance, upto, limit)

    async def _on_its_way(self, method: str, after: int) -> None:
        if (method, after) in self._held:
            self.arrived.set()
            await self._answers_open.wait()

    def _insist(self) -> None:
        if self.down:
            self.refused += 1
            raise StorageUnavailable
