"""Paging: what every list takes and gives, and cursors that say where the next page begins.

A cursor is the sort and key cells of the last row, as base64url JSON. It is bound to the table and the order it was
made for; whatever else comes back is refused as ``InvalidInput``. It holds nothing but cells of a row that its owner
has just been shown, so it needs no signature.
"""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Self

from pydantic import Field, JsonValue

from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.view import ALWAYS, ColumnType, Condition, Row, Select, Sort, Table, Value

MAX_LIMIT = 1000
INT64 = 1 << 63


class PageRequest(Message):
    """Base of the inputs of lists. Each adds its filters, and ``sort`` with the columns it may be sorted by."""

    limit: int = Field(default=100, ge=1, le=MAX_LIMIT, description="How many rows at most.")
    cursor: str = Field(
        default="",
        max_length=8000,
        pattern=r"^[A-Za-z0-9_-]*$",
        description="The `next_cursor` of the page before; the other fields as then.",
    )
    descending: bool = Field(default=False, description="From the last to the first.")
    count: bool = Field(default=False, description="Whether to count how many there are in all.")


class Page(Message):
    """Base of the outputs of lists."""

    next_cursor: str = Field(description="Where the next page begins; empty behind the last.")
    total: int | None = Field(default=None, description="How many there are in all, if `count` asked for it.")


class RowMessage(Message):
    """Base of outputs whose fields are columns of a row."""

    @classmethod
    def of(cls, row: Row) -> Self:
        """What ``row`` says, as far as it has a field here."""
        return cls.model_validate({name: row[name] for name in cls.model_fields})


def page_of(table: Table, request: PageRequest, where: Condition = ALWAYS, *, sort: str = "") -> Select:
    """The page that ``request`` asks for, sorted by the column ``sort``; empty or ``unspecified`` means by the key.

    Raises ``InvalidInput`` for a cursor that was not made for this table and order.
    """
    order = (Sort(table.key[0] if sort in {"", "unspecified"} else sort, request.descending),)
    after = _decode(request.cursor, Select(table, sort=order)) if request.cursor else None
    return Select(table, where, order, request.limit, after)


def next_cursor(select: Select, rows: Sequence[Row]) -> str:
    """Where the page behind ``rows`` begins; empty when there is none."""
    if len(rows) < select.limit:
        return ""
    cells = [cell.isoformat() if isinstance(cell, datetime) else cell for cell in select.cursor_of(rows[-1])]
    text = json.dumps([_order(select), cells], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _order(select: Select) -> str:
    """Names the table and the order, so that a cursor fits no other."""
    marks = ("-" if sort.descending else "+" for sort in select.order())
    return select.table.name + "".join(mark + sort.column for mark, sort in zip(marks, select.order(), strict=True))


def _decode(cursor: str, select: Select) -> tuple[Value, ...]:
    try:
        return _parse(cursor, select)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        problem = Violation("cursor", "must be the next_cursor of a page with the same order")
        raise InvalidInput("This cursor belongs to no such list", problem) from error


def _parse(cursor: str, select: Select) -> tuple[Value, ...]:
    padded = cursor + "=" * (-len(cursor) % 4)
    order, cells = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True).decode())
    if order != _order(select):
        raise ValueError("another order")
    columns = [select.table.column(sort.column) for sort in select.order()]
    return tuple(_cell(column.type, cell) for column, cell in zip(columns, cells, strict=True))


def _cell(kind: ColumnType, cell: JsonValue) -> Value:
    """A cell as the database takes it; raises ``ValueError`` for anything of another type or out of bounds."""
    match kind, cell:
        case ColumnType.BOOLEAN, bool():
            return cell
        case ColumnType.INTEGER, int() if not isinstance(cell, bool) and -INT64 <= cell < INT64:
            return cell
        case ColumnType.TIME, str():
            return _utc(datetime.fromisoformat(cell))
        case ColumnType.TEXT, str() if "\0" not in cell and cell.encode():  # refuses lone surrogates
            return cell
        case ColumnType.TEXT, "":
            return ""
    raise ValueError(f"not a {kind}")


def _utc(time: datetime) -> datetime:
    if time.tzinfo is None:
        raise ValueError("a time without a zone")
    return time.astimezone(UTC)
