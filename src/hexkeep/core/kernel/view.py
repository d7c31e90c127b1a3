"""Views: tables that projections fill and queries read, declared without SQL.

A projection is a pure function from a recorded event to row operations. The ``views`` port runs those operations on
every database; ``hexkeep.core.kernel.rows`` runs them in memory, which is also their definition.

Every table gets ``instance_id`` in front of its key. A table with ``of`` set is a *by-id view*: its key is one
aggregate's id, its rows fold that aggregate alone, and the engine maintains three more columns, ``version`` (of the
aggregate), ``created_at`` and ``changed_at``.
"""

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from hexkeep.core.kernel.event import Event, Log, Recorded

Scalar = str | int | bool | datetime | None
Value = Scalar | tuple[str, ...]
"""What a cell holds: text, 64-bit integer, boolean, aware UTC time (microseconds), a list of texts, or nothing."""
Row = Mapping[str, Value]

VERSION, CREATED_AT, CHANGED_AT = "version", "created_at", "changed_at"


class ColumnType(enum.StrEnum):
    """The closed set of cell types that every database can hold without loss."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    TIME = "time"
    TEXTS = "texts"
    """A list of texts, filtered by ``Has``; never a key, an index or a sort column."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``search`` keeps a case-folded copy beside it, which ``Contains`` and ``StartsWith`` look at."""

    name: str
    type: ColumnType = ColumnType.TEXT
    nullable: bool = False
    search: bool = False


FOLDED = "~"


def beginnings(column: str) -> str:
    """The folded copy of a search column, as a part of an index."""
    return f"{FOLDED}{column}"


MAINTAINED = (
    Column(VERSION, ColumnType.INTEGER),
    Column(CREATED_AT, ColumnType.TIME),
    Column(CHANGED_AT, ColumnType.TIME),
)
"""What the engine keeps in every by-id view."""


@dataclass(frozen=True, slots=True)
class Visibility:
    """Which columns say whose a row is; permission in any of these scopes makes it visible. Empty: instance only."""

    organization: str = ""
    project: str = ""
    user: str = ""
    project_grant: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: unique ``name``, ``key`` columns (without the instance), secondary ``indexes`` (without it as well).

    In an index ``beginnings("name")`` is the folded copy of a search column, by which ``StartsWith`` finds rows.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    of: str = ""
    """The aggregate type of a by-id view."""
    visibility: Visibility = Visibility()
    by_name: Mapping[str, Column] = field(init=False, repr=False, compare=False)
    """Every column by name, in order: the declared ones and, for a by-id view, those that the engine maintains."""

    def __post_init__(self) -> None:
        """Refuse a table that a database could not hold: unknown or nullable key columns, lists in an index."""
        kinds = {column.name: column for column in (*self.columns, *(MAINTAINED if self.of else ()))}
        object.__setattr__(self, "by_name", MappingProxyType(kinds))
        for name in (*self.key, *(name for index in self.indexes for name in index)):
            folded = name.startswith(FOLDED) and name not in self.key
            column = kinds.get(name.removeprefix(FOLDED) if folded else name)
            if column is None or column.type is ColumnType.TEXTS or (folded and not column.search):
                raise ValueError(f"{self.name}.{name} cannot be part of a key or index")
        if any(kinds[name].nullable for name in self.key):
            raise ValueError(f"{self.name}: a key column may not be nullable")
        if self.of and len(self.key) != 1:
            raise ValueError(f"{self.name}: a by-id view has exactly one key column")

    def all_columns(self) -> tuple[Column, ...]:
        """The declared columns and, for a by-id view, the three that the engine maintains."""
        return tuple(self.by_name.values())

    def column(self, name: str) -> Column:
        """The column of that name; raises ``KeyError`` when there is none."""
        return self.by_name[name]

    def key_of(self, row: Row) -> tuple[Value, ...]:
        """The key cells of ``row``, in the order of ``key``."""
        return tuple(row[name] for name in self.key)


# --- row operations ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Put:
    """Insert the row, or replace the one with its key. Nullable columns left out become null."""

    table: Table
    row: Row


@dataclass(frozen=True, slots=True)
class Patch:
    """Change some cells of one row; nothing happens when the row is absent."""

    table: Table
    key: tuple[Value, ...]
    changes: Row


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove one row; nothing happens when it is absent."""

    table: Table
    key: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class DeleteWhere:
    """Remove every row whose cells equal ``match``; its columns must lead an index or the key. Empty: all rows."""

    table: Table
    match: Row


RowOperation = Put | Patch | Delete | DeleteWhere

# --- conditions --------------------------------------------------------------------------------------------------


class Comparison(enum.StrEnum):
    """How ``Compare`` relates a cell to a constant. Null cells satisfy only ``EQ None`` and ``NE`` something."""

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"


@dataclass(frozen=True, slots=True)
class Compare:
    """``column <comparison> value``. Text compares by code point on every database."""

    column: str
    comparison: Comparison
    value: Scalar


@dataclass(frozen=True, slots=True)
class In:
    """The cell is one of ``values``; no row matches an empty tuple."""

    column: str
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Contains:
    """The search column contains ``text``, case folded; ``%`` and ``_`` stand for themselves."""

    column: str
    text: str


@dataclass(frozen=True, slots=True)
class StartsWith:
    """The search column starts with ``text``, case folded."""

    column: str
    text: str


@dataclass(frozen=True, slots=True)
class Has:
    """The list cell contains ``text`` as a member."""

    column: str
    text: str


@dataclass(frozen=True, slots=True)
class And:
    """All of ``conditions`` hold; true when there are none."""

    conditions: tuple["Condition", ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of ``conditions`` holds; false when there are none."""

    conditions: tuple["Condition", ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """``condition`` does not hold."""

    condition: "Condition"


Condition = Compare | In | Contains | StartsWith | Has | And | Or | Not
ALWAYS = And()


def eq(column: str, value: Scalar) -> Compare:
    """Shorthand for the commonest condition."""
    return Compare(column, Comparison.EQ, value)


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort column, never nullable and never a list. The key is appended by itself, so the order is total."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Select:
    """One page of a table: rows that match ``where`` in the order of ``sort`` then key, beginning behind ``after``.

    ``after`` holds the sort and key cells of the last row seen (keyset paging: stable under inserts).
    """

    table: Table
    where: Condition = ALWAYS
    sort: tuple[Sort, ...] = ()
    limit: int = 100
    after: tuple[Value, ...] | None = None

    def order(self) -> tuple[Sort, ...]:
        """The total order: the chosen sort columns, then the key columns not among them."""
        chosen = {sort.column for sort in self.sort}
        return (*self.sort, *(Sort(name) for name in self.table.key if name not in chosen))

    def cursor_of(self, row: Row) -> tuple[Value, ...]:
        """What ``after`` has to be for the page that begins behind ``row``."""
        return tuple(row[sort.column] for sort in self.order())


# --- projections -------------------------------------------------------------------------------------------------

Projector = Callable[[Recorded[Event]], Iterable[RowOperation]]


@dataclass(frozen=True, slots=True)
class Projection:
    """A named, versioned function from the events of one log to rows of its own tables.

    ``version`` goes up with every change of tables or logic: the engine then rebuilds. ``events`` are the classes it
    wants; others are passed over. ``project`` is pure and may be run any number of times for the same event.
    """

    name: str
    version: int
    log: Log
    tables: tuple[Table, ...]
    events: tuple[type[Event], ...]
    project: Projector = field(compare=False)

    def operations(self, recorded: Recorded[Event]) -> tuple[RowOperation, ...]:
        """The row operations of one event, with the columns the engine maintains filled in for by-id views."""
        wanted = tuple(self.project(recorded)) if isinstance(recorded.event, self.events) else ()
        by_id = self._by_id(recorded.aggregate_type)
        return tuple(_stamped(wanted, by_id, recorded)) if wanted or by_id else ()

    def passed_over(
        self, aggregate_type: str, aggregate_id: str, version: int, created_at: datetime
    ) -> tuple[RowOperation, ...]:
        """What is left of an event that is skipped: the version of its aggregate's rows moves, nothing else does."""
        changed: dict[str, Value] = {VERSION: version, CHANGED_AT: created_at}
        return tuple(Patch(table, (aggregate_id,), changed) for table in self._by_id(aggregate_type))

    def _by_id(self, aggregate_type: str) -> tuple[Table, ...]:
        return tuple(table for table in self.tables if table.of == aggregate_type)


def _stamped(
    wanted: tuple[RowOperation, ...], by_id: tuple[Table, ...], recorded: Recorded[Event]
) -> Iterable[RowOperation]:
    """Carry version and times into by-id rows; an event without an operation still moves the row's version."""
    changed: dict[str, Value] = {VERSION: recorded.version, CHANGED_AT: recorded.created_at}
    touched = set()
    for operation in wanted:
        table = operation.table
        if not table.of:
            yield operation
            continue
        touched.add(table.name)
        match operation:
            case Put(row=row):
                born = {CREATED_AT: recorded.created_at, **row, **changed}
                yield Put(table, born)
            case Patch(key=key, changes=changes):
                yield Patch(table, key, {**changes, **changed})
            case _:
                yield operation
    for table in by_id:
        if table.name not in touched:
            yield Patch(table, (recorded.aggregate_id,), changed)
