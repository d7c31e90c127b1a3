"""Comparison: whether a view holds what a replay of its log gives, beside whoever fills it, in bounded memory.

The rows are compared in several passes over the log, each for a share of the keys that fits into memory. A view that
moves on meanwhile looks different where it is only newer; such rows are looked at again with the replay brought up to
the place where the view stands then, until they agree or the view rests.
"""

import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

from hexkeep.core.kernel import rows
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.view import CREATED_AT, DeleteWhere, Projection, Put, Row, RowOperation, Select, Table, Value
from hexkeep.core.projection.state import Skip
from hexkeep.engine.codec import Codec
from hexkeep.engine.parked import parked_in
from hexkeep.engine.tail import Undecodable, entry_of
from hexkeep.ports.event_store import EventStore, Head, Reading
from hexkeep.ports.views import Build, CheckpointKey, Views

PAGE = 1000
ROWS_AT_ONCE = 100_000
LOOKS_AGAIN = 5
Key = tuple[Value, ...]
Watch = Callable[[str, int, int], None]
"""Is told of each page: the projection, how many events were read, and of how many."""


def unwatched(*_: object) -> None:
    """Nobody looks."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that a view holds otherwise than a replay says; ``None`` where it is absent."""

    table: str
    instance: str
    key: tuple[object, ...]
    view: Row | None
    replay: Row | None


@dataclass(slots=True)
class _Replay:
    """A share of a projection's rows as the log has them up to ``position``."""

    position: int
    share: int
    shares: int
    tables: dict[str, rows.Rows] = field(default_factory=dict)
    failed: set[Ref] = field(default_factory=set)
    """Aggregates whose event the projection cannot digest; from there on they stand still, as they do in the view."""

    def holds(self, key: Key) -> bool:
        """Whether a key belongs to this share."""
        return self.shares == 1 or zlib.crc32(repr(key).encode()) % self.shares == self.share

    def apply(self, operations: Iterator[RowOperation]) -> None:
        """Do what belongs to this share."""
        for operation in operations:
            if isinstance(operation, DeleteWhere) or self.holds(_key(operation)):
                rows.apply(self.tables.setdefault(operation.table.name, {}), operation)


def _key(operation: RowOperation) -> Key:
    if isinstance(operation, Put):
        return operation.table.key_of(operation.row)
    return () if isinstance(operation, DeleteWhere) else operation.key


class Comparison:
    """Compares one build with its log, in one instance."""

    def __init__(
        self,
        store: EventStore,
        views: Views,
        codec: Codec,
        projection: Projection,
        build: Build,
        *,
        rows_at_once: int = ROWS_AT_ONCE,
        watch: Watch = unwatched,
    ) -> None:
        self._store = store
        self._views = views
        self._codec = codec
        self._projection = projection
        self._build = build.number
        self._rows_at_once = rows_at_once
        self._watch = watch
        self._parked: dict[Ref, int] = {}

    async def differences(self, head: Head, skips: frozenset[Skip]) -> AsyncIterator[Difference]:
        """Every row that differs. A parked aggregate is compared as of the event that it waits at.

        Rows that go back behind the horizon cannot be made anew and are not compared.
        """
        instance, projection = head.instance, self._projection
        parked = parked_in(self._views, projection.name, self._build, instance)
        self._parked = {Ref(one.aggregate_type, one.aggregate_id): one.position async for one in parked}
        counts = [await self._views.count(self._build, instance, Select(table)) for table in projection.tables]
        shares = 1 + sum(counts) // self._rows_at_once
        for share in range(shares):
            replay = _Replay(head.horizon, share, shares)
            await self._replay(head, skips, replay, await self._place(head))
            for table in projection.tables:
                differing = {one.key: one async for one in self._compared(head, table, replay)}
                for difference in await self._still(head, skips, replay, table, differing):
                    yield difference

    async def _place(self, head: Head) -> int:
        key = CheckpointKey(self._projection.name, self._build, head.instance, head.log)
        return (await self._views.checkpoint(key)).position

    async def _replay(self, head: Head, skips: frozenset[Skip], replay: _Replay, end: int) -> None:
        while replay.position < end:
            limit = min(PAGE, end - replay.position)
            page = await self._store.read_log(head.instance, head.log, replay.position, limit, Reading.HISTORY)
            page = page or await self._store.read_log(head.instance, head.log, replay.position, limit)
            if not page:  # cut short; `hexkeep verify` tells where
                return
            for stored in page:
                entry = await entry_of(self._codec, head.instance, head.log, stored)
                if (entry.ref, entry.position) in skips:
                    place = (entry.version, entry.created_at)
                    replay.apply(iter(self._projection.passed_over(*entry.ref, *place)))
                elif entry.position < self._parked.get(entry.ref, end + 1) and entry.ref not in replay.failed:
                    try:
                        if isinstance(entry.event, Undecodable):
                            replay.failed.add(entry.ref)
                        else:
                            replay.apply(iter(self._projection.operations(entry.event)))
                    except Exception:  # noqa: BLE001 - a plugin's projection may raise anything; then its aggregate stands
                        replay.failed.add(entry.ref)
            replay.position = page[-1].position
            self._watch(self._projection.name, replay.share * end + replay.position, replay.shares * end)

    async def _compared(self, head: Head, table: Table, replay: _Replay) -> AsyncIterator[Difference]:
        missing = dict(replay.tables.get(table.name, {}))
        query = Select(table, limit=PAGE)
        while page := await self._views.select(self._build, head.instance, query):
            for row in page:
                key = table.key_of(row)
                if replay.holds(key) and (found := missing.pop(key, None)) != row and not _archived(table, row, head):
                    yield Difference(table.name, head.instance, key, row, found)
            query = Select(table, limit=PAGE, after=query.cursor_of(page[-1]))
        for key, row in missing.items():
            yield Difference(table.name, head.instance, key, None, row)

    async def _still(
        self,
        head: Head,
        skips: frozenset[Skip],
        replay: _Replay,
        table: Table,
        differing: dict[tuple[object, ...], Difference],
    ) -> list[Difference]:
        """The rows that differ whatever the view has done since."""
        for _ in range(LOOKS_AGAIN):
            if not differing:
                break
            place = await self._place(head)
            await self._replay(head, skips, replay, place)
            held = replay.tables.get(table.name, {})
            for key in list(differing):
                cells = _cells(key)
                row = await self._views.get(self._build, head.instance, table, cells)
                if row == held.get(cells):
                    del differing[key]
                else:
                    differing[key] = Difference(table.name, head.instance, key, row, held.get(cells))
            if await self._place(head) == place:
                break
        return sorted(differing.values(), key=lambda one: repr(one.key))


def _cells(key: tuple[object, ...]) -> Key:
    return key  # type: ignore[return-value]  # it was made of cells


def _archived(table: Table, row: Row, head: Head) -> bool:
    """Whether a row may go back behind the horizon. Of a table that is not by id nobody can tell."""
    if head.horizon_at is None:
        return False
    created_at = row.get(CREATED_AT)
    return not table.of or created_at is None or created_at <= head.horizon_at  # type: ignore[operator]  # a time
