"""The tables that projections fill, in memory: ``hexkeep.core.kernel.rows`` and nothing else."""

from collections.abc import Iterator, Sequence

from hexkeep.adapters.memory.part import Part
from hexkeep.core.kernel import rows as meaning
from hexkeep.core.kernel.view import (
    And,
    Column,
    ColumnType,
    Compare,
    Condition,
    Contains,
    Has,
    In,
    Not,
    Or,
    Projection,
    Row,
    Select,
    StartsWith,
    Table,
    Value,
)
from hexkeep.ports.event_store import FIRST_EPOCH
from hexkeep.ports.views import Advance, Checkpoint, CheckpointKey, Parked, Views

Place = tuple[int, str, str]
"""Version, instance and table name: what holds rows of its own."""
Leaf = Compare | In | Contains | StartsWith | Has
Rows = dict[meaning.Key, Row]


class MemoryViews(Part, Views):
    """The port ``views.Views``. Rows leave as copies, so nobody can change them from outside."""

    def __init__(self) -> None:
        self._ensured: set[tuple[int, str]] = set()
        self._rows: dict[Place, Rows] = {}
        self._checkpoints: dict[CheckpointKey, Checkpoint] = {}
        self._parked: dict[tuple[CheckpointKey, str, str], Parked] = {}

    async def ensure(self, projections: Sequence[Projection]) -> None:
        """See the port."""
        self._ensured.update((one.version, table.name) for one in projections for table in one.tables)

    async def apply(self, advance: Advance) -> bool:
        """See the port. Raises ``ValueError`` for a row that does not fit its table."""
        key = advance.key
        if self._checkpoint(key).position != advance.expected:
            return False
        self._rows.update(self._worked(advance))
        for entry in advance.park:
            self._parked[key, entry.aggregate_type, entry.aggregate_id] = entry
        for aggregate in advance.unpark:
            self._parked.pop((key, *aggregate), None)
        self._checkpoints[key] = Checkpoint(key, advance.position, advance.epoch)
        return True

    def _worked(self, advance: Advance) -> dict[Place, Rows]:
        """The tables the operations touch, as they are afterwards; copies, for an operation may fail."""
        worked: dict[Place, Rows] = {}
        for operation in advance.operations:
            place = self._place(advance.key.version, advance.key.instance, operation.table)
            if place not in worked:
                worked[place] = dict(self._rows.get(place, {}))
            meaning.apply(worked[place], operation)
        return worked

    def _place(self, version: int, instance: str, table: Table) -> Place:
        if (version, table.name) not in self._ensured:
            raise LookupError(f"nobody ensured the table {table.name} in version {version}")
        return version, instance, table.name

    async def checkpoint(self, key: CheckpointKey) -> Checkpoint:
        """See the port."""
        return self._checkpoint(key)

    def _checkpoint(self, key: CheckpointKey) -> Checkpoint:
        return self._checkpoints.get(key, Checkpoint(key, 0, FIRST_EPOCH))

    async def checkpoints(self, projection: str, version: int) -> list[Checkpoint]:
        """See the port."""
        wanted = (projection, version)
        return [found for key, found in self._checkpoints.items() if (key.projection, key.version) == wanted]

    async def parked(self, projection: str, version: int, instance: str | None = None) -> list[Parked]:
        """See the port."""
        found = [
            entry
            for (key, *_), entry in self._parked.items()
            if (key.projection, key.version) == (projection, version) and instance in {None, key.instance}
        ]
        return sorted(found, key=lambda entry: (entry.parked_at, entry.position))

    async def get(self, version: int, instance: str, table: Table, key: tuple[Value, ...]) -> Row | None:
        """See the port."""
        row = self._rows.get(self._place(version, instance, table), {}).get(key)
        return None if row is None else dict(row)

    async def select(self, version: int, instance: str, query: Select) -> list[Row]:
        """See the port."""
        _check(query)
        rows = self._rows.get(self._place(version, instance, query.table), {})
        return [dict(row) for row in meaning.select(rows.values(), query)]

    async def count(self, version: int, instance: str, query: Select) -> int:
        """See the port."""
        _check(query)
        rows = self._rows.get(self._place(version, instance, query.table), {})
        return sum(meaning.matches(row, query.where) for row in rows.values())


def _check(query: Select) -> None:
    """Raise ``ValueError`` for a query that not every database could answer, rows or no rows."""
    table = query.table
    for leaf in _leaves(query.where):
        column = _column(table, leaf.column)
        if isinstance(leaf, Contains | StartsWith) and not column.search:
            raise ValueError(f"{table.name}.{column.name} is not a search column")
    for sort in query.sort:
        column = _column(table, sort.column)
        if column.nullable or column.type is ColumnType.TEXTS:
            raise ValueError(f"{table.name} cannot be sorted by {sort.column}")


def _leaves(condition: Condition) -> Iterator[Leaf]:
    match condition:
        case And(conditions) | Or(conditions):
            for one in conditions:
                yield from _leaves(one)
        case Not(inner):
            yield from _leaves(inner)
        case _:
            yield condition


def _column(table: Table, name: str) -> Column:
    try:
        return table.column(name)
    except KeyError as error:
        raise ValueError(f"{table.name} has no column {name}") from error
