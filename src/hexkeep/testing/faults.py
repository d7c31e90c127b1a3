"""Ports behind a line that can be cut, held up, slow or poisoned. What is stored and answered is the port's own.

::

    storage = FaultyStorage(storage)
    storage.events.faults.append(Fault.LOST_AFTER)  # the next append happens, and nobody hears of it
    storage.views.latency = 0.05
"""

import asyncio
import enum
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Projection, Row, Select, Table, Value
from hexkeep.ports.adapter import Adapter
from hexkeep.ports.blobs import Blobs
from hexkeep.ports.event_store import EventStore, Head, KeyChange, Outcome, Reading, StoredEvent, Unit
from hexkeep.ports.expiring import Expiring
from hexkeep.ports.keys import Keys
from hexkeep.ports.locks import Locks
from hexkeep.ports.pubsub import PubSub
from hexkeep.ports.seals import Seals
from hexkeep.ports.snapshots import Snapshots
from hexkeep.ports.storage import Storage
from hexkeep.ports.views import Advance, Build, Checkpoint, CheckpointKey, Parked, ParkedPlace, Views

T = TypeVar("T")


class Fault(enum.Enum):
    """What happens to one call that writes."""

    NONE = enum.auto()
    LOST_BEFORE = enum.auto()
    """The line breaks before the other side hears of it."""
    LOST_AFTER = enum.auto()
    """The line breaks when the work is done, so nobody hears of that."""


class Line(Adapter):
    """The way to one port. ``faults`` are taken one per call that writes; all is well when there are none left."""

    def __init__(self, inner: Adapter) -> None:
        self._inner_adapter = inner
        self.faults: deque[Fault] = deque()
        self.down = False
        """Whether nobody gets through at all."""
        self.refused = 0
        """How often somebody came while it was down."""
        self.latency = 0.0
        """How many seconds each call takes longer."""
        self.arrived = asyncio.Event()
        """Set when somebody waits for a held answer."""
        self._writes_open = asyncio.Event()
        self._writes_open.set()
        self._held: set[tuple[str, int]] = set()
        self._answers_open = asyncio.Event()

    def storm(self, calls: int) -> None:
        """Fail so many calls that write, as after serialisation failures that outlast an adapter's patience."""
        self.faults.extend([Fault.LOST_BEFORE] * calls)

    @asynccontextmanager
    async def writes_held(self) -> AsyncIterator[None]:
        """No call that writes gets through before the end of this block."""
        self._writes_open.clear()
        try:
            yield
        finally:
            self._writes_open.set()

    @asynccontextmanager
    async def answers_held(self, method: str, after: int) -> AsyncIterator[None]:
        """``read_log`` or ``read_stream`` behind ``after`` reads at once, but nobody hears of it within this block."""
        self._held.add((method, after))
        self._answers_open.clear()
        self.arrived.clear()
        try:
            yield
        finally:
            self.release()

    def release(self) -> None:
        """Let the held answers go, and hold no more."""
        self._held.clear()
        self._answers_open.set()

    async def open(self) -> None:
        """See the port."""
        await self._inner_adapter.open()

    async def ping(self) -> None:
        """See the port."""
        await self._read(self._inner_adapter.ping)

    async def close(self) -> None:
        """See the port."""
        await self._inner_adapter.close()

    async def _read(self, ask: Callable[[], Awaitable[T]], method: str = "", after: int = 0) -> T:
        self._insist()
        await self._travel()
        found = await ask()
        if (method, after) in self._held:
            self.arrived.set()
            await self._answers_open.wait()
        return found

    async def _write(self, work: Callable[[], Awaitable[T]]) -> T:
        await self._writes_open.wait()
        self._insist()
        await self._travel()
        fault = self.faults.popleft() if self.faults else Fault.NONE
        if fault is Fault.LOST_BEFORE:
            raise StorageUnavailable
        done = await work()
        if fault is Fault.LOST_AFTER:
            raise StorageUnavailable
        return done

    async def _travel(self) -> None:
        if self.latency:
            await asyncio.sleep(self.latency)

    def _insist(self) -> None:
        if self.down:
            self.refused += 1
            raise StorageUnavailable


class FaultyEvents(Line, EventStore):
    """An event store behind a line."""

    def __init__(self, inner: EventStore) -> None:
        super().__init__(inner)
        self._inner = inner
        self.rounds: list[tuple[Unit, ...]] = []
        """What was asked of ``append``."""
        self.read_from: list[int] = []
        """Behind which positions logs were read."""
        self.poisonous: set[str] = set()
        """Ids of units that the store chokes on, and with them the whole call."""
        self.stale = 0
        """How many reads of a log, unless they ask for the present, are answered as if nothing had been written yet."""

    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        """See the port."""
        self.rounds.append(tuple(units))

        async def append() -> list[Outcome]:
            if any(unit.unit_id in self.poisonous for unit in units):
                raise RuntimeError("the store chokes on this")
            return await self._inner.append(units)

        return await self._write(append)

    async def read_stream(
        self, instance: str, log: Log, stream: Ref, after: int = 0, limit: int = 1000
    ) -> list[StoredEvent]:
        """See the port."""
        return await self._read(
            lambda: self._inner.read_stream(instance, log, stream, after, limit), "read_stream", after
        )

    async def read_log(
        self, instance: str, log: Log, after: int, limit: int, reading: Reading = Reading.PRESENT
    ) -> list[StoredEvent]:
        """See the port."""
        self._insist()
        self.read_from.append(after)
        if self.stale and reading is not Reading.PRESENT:
            self.stale -= 1
            return []
        return await self._read(lambda: self._inner.read_log(instance, log, after, limit, reading), "read_log", after)

    async def versions(self, instance: str, streams: Sequence[tuple[Log, Ref]]) -> list[int]:
        """See the port."""
        return await self._read(lambda: self._inner.versions(instance, streams))

    async def head(self, instance: str, log: Log) -> Head:
        """See the port."""
        return await self._read(lambda: self._inner.head(instance, log))

    async def heads(self) -> list[Head]:
        """See the port."""
        return await self._read(self._inner.heads)

    async def key_owner(self, instance: str, kind: str, key_hash: bytes) -> Ref | None:
        """See the port."""
        return await self._read(lambda: self._inner.key_owner(instance, kind, key_hash))

    async def key_changes(
        self, instance: str, log: Log, after: tuple[int, str, bytes] | None, limit: int
    ) -> list[KeyChange]:
        """See the port."""
        return await self._read(lambda: self._inner.key_changes(instance, log, after, limit))

    async def forget_keys(self, instance: str, owner: Ref) -> None:
        """See the port."""
        await self._write(lambda: self._inner.forget_keys(instance, owner))

    async def drop(self, instance: str, upto: int, limit: int = 10_000) -> int:
        """See the port."""
        return await self._write(lambda: self._inner.drop(instance, upto, limit))


class FaultyViews(Line, Views):
    """Views behind a line."""

    def __init__(self, inner: Views) -> None:
        super().__init__(inner)
        self._inner = inner

    async def builds(self) -> list[Build]:
        """See the port."""
        return await self._read(self._inner.builds)

    async def begin(self, projection: Projection, fingerprint: str, *, anew: bool = False) -> Build:
        """See the port."""
        return await self._write(lambda: self._inner.begin(projection, fingerprint, anew=anew))

    async def switch(self, build: Build) -> bool:
        """See the port."""
        return await self._write(lambda: self._inner.switch(build))

    async def discard(self, build: Build) -> None:
        """See the port."""
        await self._write(lambda: self._inner.discard(build))

    async def apply(self, advance: Advance) -> bool:
        """See the port."""
        return await self._write(lambda: self._inner.apply(advance))

    async def checkpoint(self, key: CheckpointKey) -> Checkpoint:
        """See the port."""
        return await self._read(lambda: self._inner.checkpoint(key))

    async def checkpoints(self, projection: str, build: int) -> list[Checkpoint]:
        """See the port."""
        return await self._read(lambda: self._inner.checkpoints(projection, build))

    async def parked(
        self,
        projection: str,
        build: int,
        instance: str | None = None,
        after: ParkedPlace | None = None,
        limit: int = 1000,
    ) -> list[Parked]:
        """See the port."""
        return await self._read(lambda: self._inner.parked(projection, build, instance, after, limit))

    async def get(self, build: int, instance: str, table: Table, key: tuple[Value, ...]) -> Row | None:
        """See the port."""
        return await self._read(lambda: self._inner.get(build, instance, table, key))

    async def select(self, build: int, instance: str, query: Select) -> list[Row]:
        """See the port."""
        return await self._read(lambda: self._inner.select(build, instance, query))

    async def count(self, build: int, instance: str, query: Select) -> int:
        """See the port."""
        return await self._read(lambda: self._inner.count(build, instance, query))


class FaultyStorage(Storage):
    """A storage whose log and views are behind lines of their own; the rest is as it was."""

    def __init__(self, inner: Storage) -> None:
        self._inner = inner
        self._events = FaultyEvents(inner.events)
        self._views = FaultyViews(inner.views)

    @property
    def events(self) -> FaultyEvents:
        """The log, behind its line."""
        return self._events

    @property
    def views(self) -> FaultyViews:
        """The tables that projections fill, behind their line."""
        return self._views

    @property
    def pubsub(self) -> PubSub:
        """The storage's own."""
        return self._inner.pubsub

    @property
    def locks(self) -> Locks:
        """The storage's own."""
        return self._inner.locks

    @property
    def expiring(self) -> Expiring:
        """The storage's own."""
        return self._inner.expiring

    @property
    def keys(self) -> Keys:
        """The storage's own."""
        return self._inner.keys

    @property
    def seals(self) -> Seals:
        """The storage's own."""
        return self._inner.seals

    @property
    def snapshots(self) -> Snapshots:
        """The storage's own."""
        return self._inner.snapshots

    @property
    def blobs(self) -> Blobs:
        """The storage's own."""
        return self._inner.blobs

    async def open(self) -> None:
        """See the port."""
        await self._inner.open()

    async def ping(self) -> None:
        """See the port."""
        await self._events.ping()
        await self._inner.ping()

    async def close(self) -> None:
        """See the port."""
        await self._inner.close()

    async def migrate(self) -> list[str]:
        """See the port."""
        return await self._inner.migrate()
