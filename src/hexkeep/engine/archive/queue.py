"""The queue of deliveries in an archive: what was pending is delivered after a restore, what was delivered is known.

It is no view and cannot be made from the log: that would deliver everything again.
"""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime

from hexkeep.core.delivery.projection import DELIVERIES, QUEUE
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import ColumnType, Row, Select, Value
from hexkeep.engine.archive.records import Deliveries, Outboxes, Reached
from hexkeep.engine.outbox import outbox_consumer
from hexkeep.ports.views import BuildState, Views

PAGE = 500
Cell = str | int | bool | None
TIMES = frozenset(column.name for column in DELIVERIES.columns if column.type is ColumnType.TIME)
COLUMNS = tuple(column.name for column in DELIVERIES.all_columns())


class QueueReading:
    """Reads the queues of a storage, beside whoever works on them."""

    def __init__(self, views: Views, outboxes: Iterable[str]) -> None:
        self._views = views
        self._outboxes = tuple(outboxes)

    async def records(self, instance: str) -> AsyncIterator[Outboxes | Deliveries]:
        """The queue of one instance.

        The places come first: what is put into the queue in between is there twice, and known by its id.
        """
        builds = await self._views.builds()
        build = next(
            (one.number for one in builds if (one.projection, one.state) == (QUEUE.name, BuildState.SERVING)), None
        )
        if build is None:
            return
        yield Outboxes(instance, tuple([one async for one in self._reached(instance, build)]))
        query = Select(DELIVERIES, limit=PAGE)
        while page := await self._views.select(build, instance, query):
            yield Deliveries(instance, COLUMNS, tuple(tuple(_plain(row[name]) for name in COLUMNS) for row in page))
            query = Select(DELIVERIES, limit=PAGE, after=query.cursor_of(page[-1]))

    async def _reached(self, instance: str, build: int) -> AsyncIterator[Reached]:
        for outbox in self._outboxes:
            for one in await self._views.checkpoints(outbox_consumer(outbox), build):
                if one.key.instance == instance:
                    yield Reached(outbox, Log(one.key.log), one.position)


def rows_of(record: Deliveries, until: datetime | None) -> Iterable[Row]:
    """The rows of a record; those of what happened by a time alone, for the rest has not happened after the restore."""
    for cells in record.rows:
        row = {name: _cell(name, cell) for name, cell in zip(record.columns, cells, strict=True)}
        created_at = row["created_at"]
        if until is None or (isinstance(created_at, datetime) and created_at <= until):
            yield row


def _plain(value: Value) -> Cell:
    if isinstance(value, tuple):
        raise TypeError("a delivery has no lists")
    return value.isoformat() if isinstance(value, datetime) else value


def _cell(name: str, cell: Cell) -> Value:
    return datetime.fromisoformat(cell) if name in TIMES and isinstance(cell, str) else cell
