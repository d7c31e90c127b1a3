"""Conditions: a bound shape as an SQLAlchemy expression that is true or false for every row, never null."""

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from hexkeep.adapters.sql.binding import Group, Shape, Test
from hexkeep.adapters.sql.cells import DbValue
from hexkeep.adapters.sql.schema import CellType, Physical, search_name

Expression = sa.ColumnElement[bool]
AnyColumn = sa.Column[Any]
"""A column whose type is known when the program runs; SQLAlchemy's types cannot say "one of these"."""

_NOTHING = sa.literal_column("0", sa.Integer())
_EMPTY = sa.literal_column("''", sa.Text())


class Slots:
    """Hands out the parameters of a statement in the order in which their values are bound: ``p0``, ``p1``, and on."""

    def __init__(self, taken: int = 0) -> None:
        self.taken = taken

    def next(self, type_: CellType) -> sa.BindParameter[DbValue]:
        """The next parameter."""
        parameter: sa.BindParameter[DbValue] = sa.bindparam(f"p{self.taken}", type_=type_)
        self.taken += 1
        return parameter

    def like(self, column: AnyColumn, count: int = 1) -> list[sa.BindParameter[DbValue]]:
        """The next parameters, of the type of ``column``."""
        plain: CellType = sa.Text() if isinstance(column.type, sa.Text) else column.type
        return [self.next(plain) for _ in range(count)]


def expression(physical: Physical, shape: Shape, slots: Slots) -> Expression:
    """``shape`` over the columns of a table, its parameters taken from ``slots``."""
    if isinstance(shape, Test):
        return _test(physical, shape, slots)
    members = [expression(physical, member, slots) for member in shape.members]
    return _group(shape, members)


def _group(shape: Group, members: list[Expression]) -> Expression:
    match shape.kind:
        case "and":
            return sa.and_(sa.true(), *members)
        case "or":
            return sa.or_(sa.false(), *members)
    return sa.not_(members[0])


def _test(physical: Physical, test: Test, slots: Slots) -> Expression:
    column: AnyColumn = physical.sql.c[test.column]
    match test.kind:
        case "null":
            return column.is_(None)
        case "filled":
            return column.is_not(None)
        case "contains":
            return _contains(physical, test.column, slots)
        case "from" | "between":
            return _range(physical, test, slots)
        case "has":
            return _known(column, _has(physical, column, slots))
        case "in":
            return _known(column, column.in_(slots.like(column, test.bound)))
        case "ne":
            different = column != slots.like(column)[0]
            return sa.or_(different, column.is_(None)) if column.nullable else different
    return _known(column, _COMPARISONS[test.kind](column, slots.like(column)[0]))


def _eq(column: AnyColumn, value: sa.BindParameter[DbValue]) -> Expression:
    return column == value


def _lt(column: AnyColumn, value: sa.BindParameter[DbValue]) -> Expression:
    return column < value


def _le(column: AnyColumn, value: sa.BindParameter[DbValue]) -> Expression:
    return column <= value


def _gt(column: AnyColumn, value: sa.BindParameter[DbValue]) -> Expression:
    return column > value


def _ge(column: AnyColumn, value: sa.BindParameter[DbValue]) -> Expression:
    return column >= value


_COMPARISONS: dict[str, Callable[[AnyColumn, sa.BindParameter[DbValue]], Expression]] = {
    "eq": _eq,
    "lt": _lt,
    "le": _le,
    "gt": _gt,
    "ge": _ge,
}


def _known(column: AnyColumn, test: Expression) -> Expression:
    """``test``, but false instead of null where the cell is null, so that ``Not`` turns it round."""
    return sa.and_(test, column.is_not(None)) if column.nullable else test


def _folded(physical: Physical, name: str) -> sa.ColumnElement[str]:
    """The folded copy of a search column; an empty text where the cell is null."""
    column: sa.Column[str] = physical.sql.c[search_name(name)]
    return sa.func.coalesce(column, _EMPTY) if column.nullable else column


def _contains(physical: Physical, name: str, slots: Slots) -> Expression:
    """The place of a text in a text: unlike LIKE it has no wildcards to escape and no limit to its pattern."""
    place = sa.func.instr if physical.dialect.name == "sqlite" else sa.func.strpos
    return place(_folded(physical, name), slots.next(sa.Text()), type_=sa.Integer()) > _NOTHING


def _range(physical: Physical, test: Test, slots: Slots) -> Expression:
    column: sa.Column[str] = physical.sql.c[search_name(test.column)]
    bounds = list(_bounds(column, test.bound, slots))
    return sa.and_(*bounds, column.is_not(None)) if column.nullable else sa.and_(*bounds)


def _bounds(column: sa.Column[str], count: int, slots: Slots) -> Iterator[Expression]:
    yield column >= slots.next(sa.Text())
    if count > 1:
        yield column < slots.next(sa.Text())


def _has(physical: Physical, column: AnyColumn, slots: Slots) -> Expression:
    """Membership is judged by the database's own reading of the JSON text, so it is exact."""
    value = slots.next(sa.Text())
    if physical.dialect.name != "sqlite":
        from sqlalchemy.dialects.postgresql import JSONB

        owned: Expression = sa.cast(column, JSONB).has_key(value)
        return owned
    members = sa.func.json_each(column).table_valued("value")
    return sa.select(sa.literal_column("1")).select_from(members).where(members.c.value == value).exists()
