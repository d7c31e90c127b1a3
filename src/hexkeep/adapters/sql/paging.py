"""Keyset paging: the rows behind a given one in a total order whose columns may run in different directions."""

import sqlalchemy as sa

from hexkeep.adapters.sql.cells import DbValue, cell_in
from hexkeep.adapters.sql.conditions import AnyColumn, Expression, Slots
from hexkeep.adapters.sql.schema import Physical
from hexkeep.core.kernel.view import ColumnType, Select, Sort

Order = tuple[Sort, ...]


def order_of(physical: Physical, query: Select) -> Order:
    """The total order of a page; raises ``ValueError`` for a column that cannot be sorted by."""
    order = query.order()
    for sort in order:
        column = physical.column(sort.column)
        if column.nullable or column.type is ColumnType.TEXTS:
            raise ValueError(f"{physical.table.name} cannot be sorted by {sort.column}")
    return order


def cursor(physical: Physical, query: Select, order: Order) -> tuple[DbValue, ...]:
    """The cells of the row that the page begins behind, as they are kept; none for the first page."""
    if query.after is None:
        return ()
    if len(query.after) != len(order):
        raise ValueError(f"a page of {physical.table.name} in this order begins behind {len(order)} cells")
    return tuple(cell_in(physical.columns[sort.column], cell) for sort, cell in zip(order, query.after, strict=True))


def order_by(physical: Physical, order: Order) -> list[sa.ColumnElement[DbValue]]:
    """The ORDER BY terms."""
    return [
        physical.sql.c[sort.column].desc() if sort.descending else physical.sql.c[sort.column].asc() for sort in order
    ]


def behind(physical: Physical, order: Order, slots: Slots) -> Expression:
    """The rows behind the cursor. One direction is a row comparison, which an index of these columns serves whole."""
    columns: list[AnyColumn] = [physical.sql.c[sort.column] for sort in order]
    cells = [slots.like(column)[0] for column in columns]
    if len({sort.descending for sort in order}) > 1:
        return _behind_mixed(order, columns, cells)
    if order[0].descending:
        return sa.tuple_(*columns) < sa.tuple_(*cells)
    return sa.tuple_(*columns) > sa.tuple_(*cells)


def _behind_mixed(order: Order, columns: list[AnyColumn], cells: list[sa.BindParameter[DbValue]]) -> Expression:
    """Behind in the first column, or equal there and behind in the others; the first bound alone narrows an index."""
    result: Expression = sa.false()
    for sort, column, cell in reversed(list(zip(order, columns, cells, strict=True))):
        beyond = column < cell if sort.descending else column > cell
        result = sa.or_(beyond, sa.and_(column == cell, result))
    first = columns[0] <= cells[0] if order[0].descending else columns[0] >= cells[0]
    return sa.and_(first, result)
