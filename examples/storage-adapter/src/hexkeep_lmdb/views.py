"""The tables that projections fill. What operations and conditions mean is Hexkeep's own definition, over LMDB.

A page of rows is made by looking at every row of its instance and table: simple, right, and for thousands of rows.
"""

import dataclasses
from collections.abc import Callable, Iterator, MutableMapping
from datetime import datetime
from typing import Any

from hexkeep.core.kernel import rows as meaning
from hexkeep.core.kernel.errors import FailedPrecondition, StorageUnavailable
from hexkeep.core.kernel.view import ColumnType, Projection, Row, Select, Table, Value
from hexkeep.ports.event_store import FIRST_EPOCH
from hexkeep.ports.views import Advance, Build, BuildState, Checkpoint, CheckpointKey, Parked, ParkedPlace
from hexkeep_lmdb.database import Database, Form, Port, Transaction
from hexkeep_lmdb.order import Part


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """A build with the names of its tables; ``discarded`` keeps its number from being used again."""

    build: Build
    tables: tuple[str, ...]
    discarded: bool = False


BUILDS: Form[Kept] = Form(Kept)
CHECKPOINTS: Form[Checkpoint] = Form(Checkpoint)
PARKED: Form[Parked] = Form(Parked)
ROWS: Form[dict[str, Any]] = Form(dict[str, Any])


class Rows(MutableMapping[meaning.Key, Row]):
    """The rows of one table of one build in one instance, as a mapping that is the database."""

    def __init__(self, at: Transaction, build: int, instance: str, table: Table) -> None:
        if at.get("table", table.name, build) is None:
            raise StorageUnavailable(f"There is no build {build} of the table {table.name}")
        self._at = at
        self._place: tuple[Part, ...] = ("row", instance, table.name, build)
        self._table = table

    def __getitem__(self, key: meaning.Key) -> Row:
        raw = self._at.get(*self._place, *map(_part, key))
        if raw is None:
            raise KeyError(key)
        return self._read(raw)

    def __setitem__(self, key: meaning.Key, row: Row) -> None:
        self._at.put(ROWS.write(dict(row)), *self._place, *map(_part, key))

    def __delitem__(self, key: meaning.Key) -> None:
        self._at.delete(*self._place, *map(_part, key))

    def __contains__(self, key: object) -> bool:
        return isinstance(key, tuple) and self._at.get(*self._place, *map(_part, key)) is not None

    def __iter__(self) -> Iterator[meaning.Key]:
        return (self._table.key_of(row) for row in self.all())

    def __len__(self) -> int:
        return sum(1 for _ in self._at.scan(*self._place))

    def all(self) -> list[Row]:
        """Every row."""
        return [self._read(raw) for _, raw in self._at.scan(*self._place)]

    def _read(self, raw: bytes) -> Row:
        cells, columns = ROWS.read(raw), self._table.by_name
        return {name: _cell(columns[name].type, cell) for name, cell in cells.items()}


def _part(cell: Value) -> Part:
    """A cell of a key, told from the same text of another type."""
    return f"{type(cell).__name__}:{cell.isoformat() if isinstance(cell, datetime) else cell}"


def _cell(type_: ColumnType, cell: Any) -> Value:
    """A cell behind its form in JSON."""
    if type_ is ColumnType.TIME and isinstance(cell, str):
        return datetime.fromisoformat(cell)
    return tuple(cell) if isinstance(cell, list) else cell


class LmdbViews(Port):
    """The port ``views.Views``."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        super().__init__(database)
        self._now = now

    async def builds(self) -> list[Build]:
        """See the port."""
        found = await self._database.read(lambda at: [BUILDS.read(raw) for _, raw in at.scan("build")])
        return [one.build for one in found if not one.discarded]

    async def begin(self, projection: Projection, fingerprint: str, *, anew: bool = False) -> Build:
        """See the port."""

        def begin(at: Transaction) -> Build:
            kept = [BUILDS.read(raw) for _, raw in at.scan("build", projection.name)]
            wanted = (projection.version, fingerprint)
            for state in (BuildState.BUILDING,) if anew else (BuildState.BUILDING, BuildState.SERVING):
                for one in kept:
                    known = (one.build.version, one.build.fingerprint) == wanted
                    if known and one.build.state is state and not one.discarded:
                        return one.build
            number = 1 + max((one.build.number for one in kept), default=0)
            build = Build(projection.name, number, *wanted, BuildState.BUILDING, self._now())
            _put(at, Kept(build, tuple(table.name for table in projection.tables)))
            for table in projection.tables:
                at.put(b"", "table", table.name, number)
            return build

        return await self._database.write(begin)

    async def switch(self, build: Build) -> bool:
        """See the port."""

        def switch(at: Transaction) -> bool:
            kept = [BUILDS.read(raw) for _, raw in at.scan("build", build.projection)]
            found = next((one for one in kept if one.build.number == build.number and not one.discarded), None)
            if found is None or found.build.state is not BuildState.BUILDING:
                return False
            for one in kept:
                if one.build.state is BuildState.SERVING:
                    _put(at, _changed(one, BuildState.RETIRED, self._now()))
            _put(at, _changed(found, BuildState.SERVING, self._now()))
            return True

        return await self._database.write(switch)

    async def discard(self, build: Build) -> None:
        """See the port."""

        def discard(at: Transaction) -> None:
            raw = at.get("build", build.projection, build.number)
            found = BUILDS.read(raw) if raw else None
            if found is None or found.discarded:
                return
            if found.build.state is BuildState.SERVING:
                raise FailedPrecondition("This build serves")
            _put(at, dataclasses.replace(found, discarded=True))
            for table in found.tables:
                at.delete("table", table, build.number)
            of_build = (build.projection, build.number)
            places = [(key, CHECKPOINTS.read(raw).key) for key, raw in at.scan("checkpoint")]
            places += [(key, PARKED.read(raw).key) for key, raw in at.scan("parked")]
            at.remove([key for key, one in places if (one.projection, one.build) == of_build])
            at.remove([key for key, place in _row_places(at) if place in {(t, build.number) for t in found.tables}])

        await self._database.write(discard)

    async def apply(self, advance: Advance) -> bool:
        """See the port. Raises ``ValueError`` for a row that does not fit its table."""

        def apply(at: Transaction) -> bool:
            key = advance.key
            if _checkpoint(at, key).position != advance.expected:
                return False
            for operation in advance.operations:
                meaning.apply(Rows(at, key.build, key.instance, operation.table), operation)
            for one in advance.park:
                at.put(PARKED.write(one), "parked", *_place(key), one.aggregate_type, one.aggregate_id)
            for aggregate in advance.unpark:
                at.delete("parked", *_place(key), *aggregate)
            moved = Checkpoint(key, advance.position, advance.epoch)
            at.put(CHECKPOINTS.write(moved), "checkpoint", *_place(key))
            return True

        return await self._database.write(apply)

    async def checkpoint(self, key: CheckpointKey) -> Checkpoint:
        """See the port."""
        return await self._database.read(lambda at: _checkpoint(at, key))

    async def checkpoints(self, projection: str, build: int) -> list[Checkpoint]:
        """See the port."""
        found = await self._database.read(lambda at: [CHECKPOINTS.read(raw) for _, raw in at.scan("checkpoint")])
        return [one for one in found if (one.key.projection, one.key.build) == (projection, build)]

    async def parked(
        self,
        projection: str,
        build: int,
        instance: str | None = None,
        after: ParkedPlace | None = None,
        limit: int = 1000,
    ) -> list[Parked]:
        """See the port."""
        prefix = ("parked",) if instance is None else ("parked", instance)
        found = await self._database.read(lambda at: [PARKED.read(raw) for _, raw in at.scan(*prefix)])
        wanted = [one for one in found if (one.key.projection, one.key.build) == (projection, build)]
        return sorted((one for one in wanted if after is None or one.place > after), key=lambda one: one.place)[:limit]

    async def get(self, build: int, instance: str, table: Table, key: tuple[Value, ...]) -> Row | None:
        """See the port."""
        return await self._database.read(lambda at: Rows(at, build, instance, table).get(key))

    async def select(self, build: int, instance: str, query: Select) -> list[Row]:
        """See the port."""
        meaning.insist_on_answerable(query)
        found = await self._database.read(lambda at: Rows(at, build, instance, query.table).all())
        return list(meaning.select(found, query))

    async def count(self, build: int, instance: str, query: Select) -> int:
        """See the port."""
        meaning.insist_on_answerable(query)
        found = await self._database.read(lambda at: Rows(at, build, instance, query.table).all())
        return sum(meaning.matches(row, query.where) for row in found)


def _place(key: CheckpointKey) -> tuple[Part, ...]:
    """The instance first, so that a wipe finds it."""
    return (key.instance, key.projection, key.build, key.log.value)


def _checkpoint(at: Transaction, key: CheckpointKey) -> Checkpoint:
    raw = at.get("checkpoint", *_place(key))
    return CHECKPOINTS.read(raw) if raw else Checkpoint(key, 0, FIRST_EPOCH)


def _put(at: Transaction, kept: Kept) -> None:
    at.put(BUILDS.write(kept), "build", kept.build.projection, kept.build.number)


def _changed(kept: Kept, state: BuildState, now: datetime) -> Kept:
    return dataclasses.replace(kept, build=dataclasses.replace(kept.build, state=state, since=now))


def _row_places(at: Transaction) -> Iterator[tuple[bytes, tuple[str, int]]]:
    """Each row's key with the table and the number of the build that stand in it."""
    for key, _ in at.scan("row"):
        _, _, table, rest = key.split(b"\0", 3)
        yield key, (table.decode(), int.from_bytes(rest[:8], "big") - (1 << 63))
