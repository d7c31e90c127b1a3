"""Looking after projections: where they are, what is parked, whether a view equals a replay of its log."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from hexkeep.core.kernel import rows
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import FailedPrecondition, NotFound
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Projection, Row, Select, Table
from hexkeep.engine.builds import Builds
from hexkeep.engine.codec import Codec
from hexkeep.engine.spooler import Spooler
from hexkeep.engine.survey import Status, Survey
from hexkeep.engine.tail import Entry, entry_of
from hexkeep.ports.event_store import EventStore
from hexkeep.ports.views import Parked, Views

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that a view holds otherwise than a replay says; ``None`` where it is absent."""

    table: str
    instance: str
    key: tuple[object, ...]
    view: Row | None
    replay: Row | None


class Maintenance:
    """Status, retry and comparison for all consumers of one node."""

    def __init__(
        self,
        survey: Survey,
        spoolers: Mapping[str, Spooler],
        store: EventStore,
        views: Views,
        codec: Codec,
        builds: Builds,
    ) -> None:
        self._survey = survey
        self._spoolers = spoolers
        self._store = store
        self._views = views
        self._codec = codec
        self._builds = builds

    async def status(self) -> list[Status]:
        """Where all consumers are, on this node or on others (see ``Survey.status``)."""
        return await self._survey.status()

    async def retry(self, parked: Parked) -> bool:
        """Digest a parked aggregate's events anew; ``False`` when it fails again."""
        spooler = self._spoolers.get(parked.key.projection)
        if spooler is None:
            raise NotFound(f"There is no projection {parked.key.projection}")
        ref = Ref(parked.aggregate_type, parked.aggregate_id)
        return await spooler.reader.retry(parked, lambda: self._stream(parked.key.instance, parked.key.log, ref))

    async def _stream(self, instance: str, log: Log, ref: Ref) -> AsyncIterator[Entry]:
        version = 0
        while page := await self._store.read_stream(instance, log, ref, version, PAGE):
            for stored in page:
                yield await entry_of(self._codec, instance, log, stored)
            version = page[-1].version

    async def differences(self, projections: Mapping[str, Projection]) -> list[Difference]:
        """Compare every view with a replay of its log up to the view's checkpoint.

        Holds one instance's rows in memory. Raises ``FailedPrecondition`` where an aggregate is parked, for then the
        view lags on purpose.
        """
        found: list[Difference] = []
        for projection in projections.values():
            build = self._builds.serving(projection)
            for checkpoint in await self._views.checkpoints(projection.name, build):
                instance = checkpoint.key.instance
                if await self._views.parked(projection.name, build, instance):
                    raise FailedPrecondition(f"{projection.name} has parked aggregates")
                replayed = await self._replay(projection, instance, checkpoint.position)
                for table in projection.tables:
                    found.extend(await self._compare(projection, instance, table, replayed[table.name]))
        return found

    async def _replay(self, projection: Projection, instance: str, end: int) -> dict[str, rows.Rows]:
        tables: dict[str, rows.Rows] = {table.name: {} for table in projection.tables}
        position = 0
        while position < end:
            page = await self._store.read_log(instance, projection.log, position, min(PAGE, end - position))
            for recorded in await self._codec.decode_all(instance, projection.log, page):
                for operation in projection.operations(recorded):
                    rows.apply(tables[operation.table.name], operation)
            position = page[-1].position
        return tables

    async def _compare(
        self, projection: Projection, instance: str, table: Table, replayed: rows.Rows
    ) -> list[Difference]:
        seen = {table.key_of(row): row async for row in self._rows(projection, instance, table)}
        return [
            Difference(table.name, instance, key, seen.get(key), replayed.get(key))
            for key in sorted(seen.keys() | replayed.keys(), key=repr)
            if seen.get(key) != replayed.get(key)
        ]

    async def _rows(self, projection: Projection, instance: str, table: Table) -> AsyncIterator[Row]:
        query = Select(table, limit=PAGE)
        while page := await self._views.select(self._builds.serving(projection), instance, query):
            for row in page:
                yield row
            query = Select(table, limit=PAGE, after=query.cursor_of(page[-1]))
