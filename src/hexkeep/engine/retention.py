"""Retention: sealed segments of the activity log that are older than the policy says are dropped, with their rows.

A segment is the range of a seal, so what is left of a dropped one is its seal: the chain stays whole and says that
there was something. The horizon moves first; from then on readers get ``Archived``. Then the rows of the views go that
fold an aggregate from before the horizon, in every build, for a replay would not make them any more. All of it may be
broken off anywhere and is done again: what is to be done is seen from the horizon alone.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import CREATED_AT, Compare, Comparison, Delete, Projection, Select, Sort, Table
from hexkeep.core.retention.state import RETENTION, RETENTION_ID
from hexkeep.engine.registry import Registry
from hexkeep.engine.rounds import in_each
from hexkeep.engine.states import States
from hexkeep.ports.clock import Clock
from hexkeep.ports.event_store import EventStore, Head
from hexkeep.ports.seals import Seal, Seals
from hexkeep.ports.snapshots import Snapshots
from hexkeep.ports.views import Advance, Build, CheckpointKey, Views

PAGE = 500
ATTEMPTS = 20
"""How often a page of rows is tried again because the projection's own runner moved the checkpoint."""


class Dropping:
    """Drops what is too old, one instance after the other. Meant for one node at a time; two do no harm."""

    def __init__(  # noqa: PLR0917 - its ports
        self,
        registry: Registry,
        states: States,
        events: EventStore,
        seals: Seals,
        views: Views,
        snapshots: Snapshots,
        clock: Clock,
    ) -> None:
        self._projections = [one for one in registry.projections.values() if one.log is Log.ACTIVITY]
        self._types = [one.name for one in registry.aggregates.values() if one.log is Log.ACTIVITY]
        self._states = states
        self._events = events
        self._seals = seals
        self._views = views
        self._snapshots = snapshots
        self._clock = clock

    async def run(self) -> int:
        """Drop in every instance; how many events went."""
        heads = {head.instance: head for head in await self._events.heads() if head.log is Log.ACTIVITY}
        gone = 0

        async def drop(instance: str) -> None:
            nonlocal gone
            gone += await self.drop(heads[instance])

        await in_each(heads, "retention", drop)
        return gone

    async def drop(self, head: Head) -> int:
        """Drop in one instance; how many events went."""
        _, retention = await self._states.load(head.instance, RETENTION, RETENTION_ID)
        upto = head.horizon
        if retention.kept is not None:
            upto = await self._segments(head, self._clock.now() - retention.kept)
        gone = 0
        while upto and (count := await self._events.drop(head.instance, upto)):
            gone += count
        if upto:
            await self._forget(await self._events.head(head.instance, head.log))
        return gone

    async def _segments(self, head: Head, before: datetime) -> int:
        """The end of the newest seal all of whose events are from before a time; the horizon if there is none."""
        upto, number = head.horizon, 0
        covering = await self._seals.covering(head.instance, head.log, head.horizon) if head.horizon else None
        number = covering.number if covering else 0
        while page := await self._seals.list(head.instance, head.log, number, PAGE):
            for seal in page:
                end = await self._end(seal)
                if not end or end[0] >= before:
                    return upto
                if len(set(end)) == len(end):  # rows are told from each other by time alone
                    upto = seal.last
            number = page[-1].number
        return upto

    async def _end(self, seal: Seal) -> list[datetime]:
        """The time of the last event under a seal, and of the one behind it if there is one; nothing if it is missing.

        The time of the seal itself says less: what was imported, or written before there were seals, is sealed late.
        """
        around = await self._events.read_log(seal.instance, seal.log, seal.last - 1, 2)
        return [event.created_at for event in around] if around and around[0].position == seal.last else []

    async def _forget(self, head: Head) -> None:
        for type_ in self._types:
            await self._snapshots.forget(head.instance, type_)
        builds = await self._views.builds()
        for projection in self._projections:
            for build in builds:
                if build.projection == projection.name and head.horizon_at is not None:
                    await self._forget_rows(projection, build, head, head.horizon_at)

    async def _forget_rows(self, projection: Projection, build: Build, head: Head, horizon_at: datetime) -> None:
        for table in _by_id(projection.tables):
            query = rows_before(table, horizon_at)
            while rows := await self._views.select(build.number, head.instance, query):
                await self._delete(build, head, [Delete(table, table.key_of(row)) for row in rows])

    async def _delete(self, build: Build, head: Head, deletes: Sequence[Delete]) -> None:
        """Delete rows without moving the checkpoint, wherever it stands."""
        key = CheckpointKey(build.projection, build.number, head.instance, head.log)
        for _ in range(ATTEMPTS):
            here = await self._views.checkpoint(key)
            if await self._views.apply(Advance(key, here.position, here.position, here.epoch, tuple(deletes))):
                return


def rows_before(table: Table, moment: datetime) -> Select:
    """The first page of rows from before a time, oldest first: in the order of the index that the table should have."""
    return Select(table, Compare(CREATED_AT, Comparison.LE, moment), (Sort(CREATED_AT),), PAGE)


def _by_id(tables: Iterable[Table]) -> list[Table]:
    """What a table without aggregates holds is its author's business."""
    return [table for table in tables if table.of]
