"""What row operations and conditions mean, over rows in memory.

The memory adapter, the revalidation of a by-id read, the comparison of a view with a replay, and the kit's model all
use this one definition; a database adapter is right when it cannot be told apart from it.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from datetime import datetime

from hexkeep.core.kernel.view import (
    And,
    Column,
    ColumnType,
    Compare,
    Comparison,
    Condition,
    Contains,
    Delete,
    DeleteWhere,
    Has,
    In,
    Not,
    Or,
    Patch,
    Put,
    Row,
    RowOperation,
    Scalar,
    Select,
    StartsWith,
    Table,
    Value,
)

Key = tuple[Value, ...]
Rows = MutableMapping[Key, Row]
Leaf = Compare | In | Contains | StartsWith | Has


def folded(text: str) -> str:
    """The form in which search columns are kept and searched: compatibility-normalised and case-folded."""
    if text.isascii():
        return text.lower()  # what the rest comes to
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def complete(table: Table, row: Row) -> Row:
    """``row`` with nullable columns filled in; raises ``ValueError`` for missing, unknown or ill-typed cells."""
    filled: dict[str, Value] = {}
    for name, column in table.by_name.items():
        filled[name] = value = row.get(name)
        if not (column.nullable if value is None else _FITS[column.type](value)):
            raise ValueError(f"{table.name}.{name} holds {column.type}, not {type(value).__name__}")
    if len(filled) != len(row) and not row.keys() <= filled.keys():
        raise ValueError(f"{table.name} has no column {min(row.keys() - filled.keys())}")
    return filled


def changed(table: Table, row: Row, changes: Row) -> Row:
    """A row that is ``complete`` with other cells; raises ``ValueError`` for unknown or ill-typed ones."""
    for name, value in changes.items():
        column = table.by_name.get(name)
        if column is None:
            raise ValueError(f"{table.name} has no column {name}")
        if not (column.nullable if value is None else _FITS[column.type](value)):
            raise ValueError(f"{table.name}.{name} holds {column.type}, not {type(value).__name__}")
    return {**row, **changes}


_FITS: Mapping[ColumnType, Callable[[Value], bool]] = {
    ColumnType.TEXT: lambda value: isinstance(value, str),
    ColumnType.INTEGER: lambda value: isinstance(value, int) and not isinstance(value, bool),
    ColumnType.BOOLEAN: lambda value: isinstance(value, bool),
    ColumnType.TIME: lambda value: isinstance(value, datetime) and value.tzinfo is not None,
    ColumnType.TEXTS: lambda value: isinstance(value, tuple),
}


def apply(rows: Rows, operation: RowOperation) -> None:
    """Run one operation on the rows of its own table, keyed by the table's key."""
    table = operation.table
    match operation:
        case Put(row=row):
            filled = complete(table, row)
            rows[table.key_of(filled)] = filled
        case Patch(key=key, changes=changes):
            if key in rows:
                rows[key] = complete(table, {**rows[key], **changes})
        case Delete(key=key):
            rows.pop(key, None)
        case DeleteWhere(match=match):
            for key in [key for key, row in rows.items() if all(row[name] == cell for name, cell in match.items())]:
                del rows[key]


def matches(row: Row, condition: Condition) -> bool:
    """Whether ``row`` satisfies ``condition``."""
    match condition:
        case Compare(column, comparison, value):
            return _compare(row[column], comparison, value)
        case In(column, values):
            return row[column] is not None and row[column] in values
        case Contains(column, text):
            return folded(text) in folded(_text(row[column]))
        case StartsWith(column, text):
            return folded(_text(row[column])).startswith(folded(text))
        case Has(column, text):
            cell = row[column]
            return isinstance(cell, tuple) and text in cell
        case And(conditions):
            return all(matches(row, one) for one in conditions)
        case Or(conditions):
            return any(matches(row, one) for one in conditions)
        case Not(inner):
            return not matches(row, inner)


def _text(cell: Value) -> str:
    return cell if isinstance(cell, str) else ""


def _compare(cell: Value, comparison: Comparison, value: Scalar) -> bool:
    if comparison is Comparison.EQ:
        return cell == value
    if comparison is Comparison.NE:
        return cell != value
    if cell is None or value is None:
        return False
    return _ordered(cell, comparison, value)


def _ordered(cell: Value, comparison: Comparison, value: Scalar) -> bool:
    sign = _sign(cell, value)
    return {
        Comparison.LT: sign < 0,
        Comparison.LE: sign <= 0,
        Comparison.GT: sign > 0,
        Comparison.GE: sign >= 0,
    }[comparison]


def _sign(left: Value, right: Value) -> int:
    """Minus one, nought or one, as ``left`` sorts before, with or behind ``right``; raises for mixed types."""
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    if isinstance(left, datetime) and isinstance(right, datetime):
        return (left > right) - (left < right)
    if isinstance(left, int) and isinstance(right, int):
        return (left > right) - (left < right)
    raise ValueError(f"{type(left).__name__} and {type(right).__name__} have no order")


class _Place:
    """Sorts rows by a select's order, descending columns included."""

    __slots__ = ("cells", "descending")

    def __init__(self, cells: Key, descending: tuple[bool, ...]) -> None:
        self.cells = cells
        self.descending = descending

    def __lt__(self, other: "_Place") -> bool:
        for mine, theirs, down in zip(self.cells, other.cells, self.descending, strict=True):
            sign = _sign(mine, theirs)
            if sign:
                return (sign > 0) if down else (sign < 0)
        return False


def select(rows: Iterable[Row], query: Select) -> list[Row]:
    """The page of ``rows`` that ``query`` asks for."""
    return list(_page(rows, query))


def _page(rows: Iterable[Row], query: Select) -> Iterator[Row]:
    descending = tuple(sort.descending for sort in query.order())
    placed = [(_Place(query.cursor_of(row), descending), row) for row in rows if matches(row, query.where)]
    placed.sort(key=lambda pair: pair[0])
    start = None if query.after is None else _Place(query.after, descending)
    left = query.limit
    for place, row in placed:
        if left and (start is None or start < place):
            left -= 1
            yield row


def insist_on_answerable(query: Select) -> None:
    """Raise ``ValueError`` for a query that not every database could answer, rows or no rows.

    That is an unknown column, a search in one that is not kept for it, a sort over one that has no order.
    """
    for leaf in _leaves(query.where):
        column = _column(query.table, leaf.column)
        if isinstance(leaf, Contains | StartsWith) and not column.search:
            raise ValueError(f"{query.table.name}.{column.name} is not a search column")
    for sort in query.sort:
        column = _column(query.table, sort.column)
        if column.nullable or column.type is ColumnType.TEXTS:
            raise ValueError(f"{query.table.name} cannot be sorted by {sort.column}")


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
    found = table.by_name.get(name)
    if found is None:
        raise ValueError(f"{table.name} has no column {name}")
    return found
