"""Storages with one defect each, for ``test_kits_catch.py``, which runs this file by its path. Not collected otherwise.

Every class says in ``caught_by`` which rules of its kit have to fail.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

import pytest

from hexkeep.adapters.memory.event_store import MemoryEventStore
from hexkeep.adapters.memory.expiring import MemoryExpiring
from hexkeep.adapters.memory.keys import MemoryKeys
from hexkeep.adapters.memory.locks import MemoryLocks
from hexkeep.adapters.memory.pubsub import MemoryPubSub
from hexkeep.adapters.memory.views import MemoryViews
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import And, Contains, DeleteWhere, Or, Row, Select, Table, Value
from hexkeep.ports.adapter import Adapter
from hexkeep.ports.clock import Clock
from hexkeep.ports.event_store import Appended, EventStore, Outcome, Reading, StoredEvent, Unit
from hexkeep.ports.expiring import Expiring
from hexkeep.ports.keys import Keys
from hexkeep.ports.locks import Lease, Locks
from hexkeep.ports.pubsub import Hint, PubSub
from hexkeep.ports.views import Advance, Views
from hexkeep.testing.event_store import EventStoreContract, RawLog
from hexkeep.testing.expiring import ExpiringContract
from hexkeep.testing.keys import KeysContract
from hexkeep.testing.locks import LocksContract
from hexkeep.testing.pubsub import PubSubContract
from hexkeep.testing.views import ViewsContract, begin_both

# --- event stores --------------------------------------------------------------------------------------------------


class _Events(EventStoreContract):
    store: ClassVar[type[MemoryEventStore]] = MemoryEventStore
    patience = 1.0

    @pytest.fixture
    def event_store(self) -> EventStore:
        """The broken one."""
        return self.store(SystemClock())


class _Credulous(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        present = [
            await self.versions(unit.instance, [(unit.log, part.stream) for part in unit.appends]) for unit in units
        ]
        believed = [
            replace(
                unit,
                appends=tuple(
                    replace(part, expected_version=version)
                    for part, version in zip(unit.appends, versions, strict=True)
                ),
            )
            for unit, versions in zip(units, present, strict=True)
        ]
        return await super().append(believed)


class TestIgnoresExpectedVersions(_Events):
    store = _Credulous
    caught_by = (
        "test_stale_version_is_a_conflict_with_both_versions",
        "test_guard_holds_a_unit_back_without_writing_to_its_stream",
    )


class _Gappy(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        outcomes = await super().append(units)
        for log in self._logs.values():
            log.events[:] = [replace(event, position=2 * number) for number, event in enumerate(log.events, 1)]
        return outcomes


class TestLeavesGaps(_Events):
    store = _Gappy
    caught_by = (
        "test_append_numbers_versions_and_positions_from_one",
        "test_tailing_reader_skips_no_position",
        "test_payload_is_kept_byte_for_byte",
    )


class _Forgetful(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        self._applied.clear()
        return await super().append(units)


class TestForgetsUnitIds(_Events):
    store = _Forgetful
    caught_by = (
        "test_unit_id_seen_before_gives_the_first_outcome",
        "test_unit_id_of_guards_alone_is_remembered",
        "test_same_unit_sent_at_once_is_applied_once",
    )


class _Hasty(MemoryEventStore):
    """Gives out positions before it is a unit's turn to be seen, as a database sequence does."""

    _late: frozenset[int] = frozenset()

    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        outcomes = await super().append(units)
        mine = {found.last for found in outcomes if isinstance(found, Appended) and found.last % 3 == 0}
        self._late |= mine
        await asyncio.sleep(0.01)
        self._late -= mine
        return outcomes

    async def read_log(
        self, instance: str, log: Log, after: int, limit: int, reading: Reading = Reading.PRESENT
    ) -> list[StoredEvent]:
        found = await super().read_log(instance, log, after, limit, reading)
        return [event for event in found if event.position not in self._late]


class TestShowsPositionsOutOfOrder(_Events):
    store = _Hasty
    caught_by = ("test_tailing_reader_skips_no_position",)


class _Partial(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        outcomes = await super().append(units)
        for unit, outcome in zip(units, outcomes, strict=True):
            if not isinstance(outcome, Appended):
                for part in unit.appends:
                    await super().append([replace(unit, appends=(part,), claims=(), unit_id=f"{unit.unit_id}/rest")])
        return outcomes


class TestWritesPartOfALosingUnit(_Events):
    store = _Partial
    caught_by = ("test_unit_of_several_streams_is_all_or_nothing", "test_losers_do_not_spoil_the_batch")


class TestIsRightOnlyAboutItself(_Events):
    caught_by = ("test_payload_is_kept_byte_for_byte",)

    @pytest.fixture
    def raw_log(self) -> RawLog:
        """Shows a log in which nothing lies."""

        async def rows(instance: str, log: Log) -> list[tuple[int, str, bytes]]:
            return []

        return rows


# --- views ---------------------------------------------------------------------------------------------------------


class _Views(ViewsContract):
    store: ClassVar[type[MemoryViews]] = MemoryViews

    @pytest.fixture
    async def views(self) -> Views:
        """The broken ones."""
        views = self.store(SystemClock())
        await begin_both(views)
        return views


class _Unfenced(MemoryViews):
    async def apply(self, advance: Advance) -> bool:
        return await super().apply(replace(advance, expected=(await self.checkpoint(advance.key)).position))


class TestAdvancesFromAnywhere(_Views):
    store = _Unfenced
    caught_by = ("test_advance_from_elsewhere_changes_nothing", "test_advance_by_many_has_one_effect")


class _Leaky(MemoryViews):
    async def get(self, version: int, instance: str, table: Table, key: tuple[Value, ...]) -> Row | None:
        found = [
            rows[key]
            for (number, _, name), rows in self._rows.items()
            if (number, name) == (version, table.name) and key in rows
        ]
        return found[0] if found else None


class TestShowsRowsOfOtherInstances(_Views):
    store = _Leaky
    caught_by = ("test_rows_of_another_instance_are_out_of_reach",)


class _Wild(MemoryViews):
    async def select(self, version: int, instance: str, query: Select) -> list[Row]:
        where = query.where
        if isinstance(where, Contains):
            where = Contains(where.column, where.text.replace("%", ""))
        return await super().select(version, instance, replace(query, where=where))


class TestTakesWildcardsForWildcards(_Views):
    store = _Wild
    caught_by = ("test_search_takes_wildcards_literally", "test_every_condition_means_what_the_model_says")


class _Narrow(MemoryViews):
    async def select(self, version: int, instance: str, query: Select) -> list[Row]:
        where = And(query.where.conditions) if isinstance(query.where, Or) else query.where
        return await super().select(version, instance, replace(query, where=where))


class TestTakesOrForAnd(_Views):
    store = _Narrow
    caught_by = ("test_queries_mean_what_the_model_says",)


class _Careless(MemoryViews):
    async def apply(self, advance: Advance) -> bool:
        kept = tuple(one for one in advance.operations if not (isinstance(one, DeleteWhere) and "score" in one.match))
        return await super().apply(replace(advance, operations=kept))


class TestOverlooksDeletions(_Views):
    store = _Careless
    caught_by = ("test_delete_where_removes_every_match", "test_operations_mean_what_the_model_says")


class _Numbered(MemoryViews):
    """Pages by offset: it shows rows twice or never when others are put in between."""

    async def select(self, version: int, instance: str, query: Select) -> list[Row]:
        rows = await super().select(version, instance, replace(query, after=None, limit=10_000))
        cursors = [query.cursor_of(row) for row in rows]
        begin = 0 if query.after is None else self._pages.get(query.after, 0)
        page = rows[begin : begin + query.limit]
        self._pages.update({cursor: begin + len(page) for cursor in cursors[begin : begin + query.limit]})
        return page

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._pages: dict[tuple[Value, ...], int] = {}


class TestPagesByOffset(_Views):
    store = _Numbered
    caught_by = ("test_pages_hold_each_row_once_while_others_come_and_go[down]",)


# --- the small ports -------------------------------------------------------------------------------------------------


class _Restarting(MemoryLocks):
    async def release(self, lease: Lease) -> None:
        await super().release(lease)
        self._tokens.clear()


class TestRestartsItsTokens(LocksContract):
    caught_by = ("test_release_frees_the_lease", "test_token_grows_with_every_change_of_owner")

    @pytest.fixture
    def locks(self) -> Locks:
        """The broken ones."""
        return _Restarting(SystemClock())


class _Racing(MemoryExpiring):
    async def claim_once(self, instance: str, scope: str, key: bytes, until: datetime) -> bool:
        free = self._live(("claim", instance, scope, key)) is None
        await asyncio.sleep(0)
        await super().claim_once(instance, scope, key, until)
        return free

    async def take(self, instance: str, scope: str, key: bytes) -> bytes | None:
        value = await self.get(instance, scope, key)
        await asyncio.sleep(0)
        await super().take(instance, scope, key)
        return value


class TestLooksBeforeItWrites(ExpiringContract):
    caught_by = ("test_claim_by_many_is_granted_to_one", "test_take_by_many_gives_to_one")

    @pytest.fixture
    def expiring(self) -> Expiring:
        """The broken one."""
        return _Racing(SystemClock())


class _Reviving(MemoryKeys):
    async def destroy(self, instance: str, name: str) -> None:
        for key in await self.get(instance, name):
            del self._keys[key.instance, key.name, key.version]


class TestForgetsWhatWasDestroyed(KeysContract):
    caught_by = ("test_destroyed_key_stays_destroyed", "test_destroyed_key_cannot_be_rewrapped")

    @pytest.fixture
    def keys(self) -> Keys:
        """The broken ones."""
        return _Reviving()


class _Lasting(MemoryPubSub):
    async def close(self) -> None:
        pass


class TestNeverEndsItsIterators(PubSubContract):
    patience = 1.0
    caught_by = ("test_close_ends_the_iterators",)

    @pytest.fixture
    def pubsub(self) -> PubSub:
        """The broken one."""
        return _Lasting()

    @pytest.fixture
    def adapter(self, pubsub: PubSub) -> Adapter:
        """Itself."""
        return pubsub


class _Queueing(MemoryPubSub):
    """Keeps every hint for everybody, however often it has been given."""

    def __init__(self) -> None:
        super().__init__()
        self._queues: list[asyncio.Queue[Hint]] = []

    def publish(self, hint: Hint) -> None:
        for queue in self._queues:
            queue.put_nowait(hint)

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[AsyncIterator[Hint]]:
        queue = asyncio.Queue[Hint]()
        self._queues.append(queue)
        yield _drain(queue)


async def _drain(queue: asyncio.Queue[Hint]) -> AsyncIterator[Hint]:
    while True:
        yield await queue.get()


class TestNeverMerges(PubSubContract):
    patience = 1.0
    caught_by = ("test_slow_subscriber_gets_merged_hints",)

    @pytest.fixture
    def pubsub(self) -> PubSub:
        """The broken one."""
        return _Queueing()

    @pytest.fixture
    def adapter(self, pubsub: PubSub) -> Adapter:
        """Itself."""
        return pubsub
