"""Binding: a condition taken apart into its shape, which decides the SQL text, and the values that are bound to it.

Two conditions of one shape share one compiled statement. What a database would judge otherwise than
``hexkeep.core.kernel.rows`` is settled here: constants of another type, integers beyond 64 bits, nulls.
"""

from datetime import datetime
from typing import NamedTuple

from hexkeep.adapters.sql.cells import GREATEST, LEAST, DbValue, text_in, time_in
from hexkeep.adapters.sql.schema import Physical
from hexkeep.core.kernel.rows import folded
from hexkeep.core.kernel.view import (
    And,
    Column,
    ColumnType,
    Compare,
    Comparison,
    Condition,
    Contains,
    Has,
    In,
    Not,
    Or,
    Scalar,
    StartsWith,
)

IN_LIMIT = 8192
"""How many constants of one ``In`` are bound at most; every database takes four times as many."""

_FIRST_SURROGATE, _BEHIND_SURROGATES = 0xD800, 0xE000  # surrogates are no characters


class Test(NamedTuple):
    """One test of one column with as many ``bound`` values."""

    kind: str
    column: str
    bound: int = 1


class Group(NamedTuple):
    """``and``, ``or`` or ``not`` over other shapes."""

    kind: str
    members: tuple["Shape", ...] = ()


Shape = Test | Group

TRUE, FALSE = Group("and"), Group("or")


def bind(physical: Physical, condition: Condition, values: list[DbValue]) -> Shape:
    """The shape of ``condition``; its constants are appended to ``values`` in the order of the shape's tests.

    Raises ``ValueError`` for an unknown column and for an order between things that have none.
    """
    match condition:
        case Compare(name, comparison, value):
            return _compare(physical.column(name), comparison, value, values)
        case In(name, constants):
            return _in(physical.column(name), constants, values)
        case Contains(name, text):
            values.append(text_in(folded(text)))
            return Test("contains", _searchable(physical, name))
        case StartsWith(name, text):
            return _starts(_searchable(physical, name), text_in(folded(text)), values)
        case Has(name, text):
            return _has(physical.column(name), text, values)
        case And(conditions):
            return Group("and", tuple([bind(physical, one, values) for one in conditions]))
        case Or(conditions):
            return Group("or", tuple([bind(physical, one, values) for one in conditions]))
        case Not(inner):
            return Group("not", (bind(physical, inner, values),))


def _compare(column: Column, comparison: Comparison, value: Scalar, values: list[DbValue]) -> Shape:
    if value is None:
        return {Comparison.EQ: Test("null", column.name, 0), Comparison.NE: Test("filled", column.name, 0)}.get(
            comparison, FALSE
        )
    beyond = _beyond(column, value)
    if beyond:
        return _against_infinity(column, comparison, beyond)
    constant = _constant(column, value)
    if constant is None:
        return _against_other_type(column, comparison, value)
    values.append(constant)
    return Test(comparison.value, column.name)


def _constant(column: Column, value: Scalar) -> DbValue:
    """The constant as it is kept, or ``None`` when no cell of this column can equal it."""
    match column.type, value:
        case ColumnType.TEXT, str():
            return text_in(value)
        case ColumnType.TIME, datetime() if value.tzinfo is not None:
            return time_in(value)
        case ColumnType.INTEGER, int():
            return int(value)
        case ColumnType.BOOLEAN, int():
            return bool(value)
    return None


def _beyond(column: Column, value: Scalar) -> int:
    """1 or -1 for an integer above or below everything this column can hold, else 0."""
    if not isinstance(value, int) or column.type not in {ColumnType.INTEGER, ColumnType.BOOLEAN}:
        return 0
    least, greatest = (0, 1) if column.type is ColumnType.BOOLEAN else (LEAST, GREATEST)
    return (value > greatest) - (value < least)


def _against_infinity(column: Column, comparison: Comparison, sign: int) -> Shape:
    if comparison in {Comparison.EQ, Comparison.NE}:
        return TRUE if comparison is Comparison.NE else FALSE
    below = comparison in {Comparison.LT, Comparison.LE}
    return Test("filled", column.name, 0) if below == (sign > 0) else FALSE


def _against_other_type(column: Column, comparison: Comparison, value: Scalar) -> Shape:
    if comparison not in {Comparison.EQ, Comparison.NE}:
        raise ValueError(f"{column.name} and {type(value).__name__} have no order")
    return TRUE if comparison is Comparison.NE else FALSE


def _in(column: Column, constants: tuple[Scalar, ...], values: list[DbValue]) -> Shape:
    """The constants are repeated up to a power of two, so that there are few shapes of different length."""
    fitting = [None if _beyond(column, value) else _constant(column, value) for value in constants]
    kept = list(dict.fromkeys(constant for constant in fitting if constant is not None))
    if not kept:
        return FALSE
    if len(kept) > IN_LIMIT:
        raise ValueError(f"at most {IN_LIMIT} values can be compared with {column.name} at once")
    count = 1 << (len(kept) - 1).bit_length()
    values.extend(kept)
    values.extend(kept[-1:] * (count - len(kept)))
    return Test("in", column.name, count)


def _searchable(physical: Physical, name: str) -> str:
    if not physical.column(name).search:
        raise ValueError(f"{physical.table.name}.{name} is not a search column")
    return name


def _starts(name: str, prefix: str, values: list[DbValue]) -> Shape:
    """A range, because every database can use an index for it and none has to escape anything."""
    if not prefix:
        return TRUE
    values.append(prefix)
    end = _behind(prefix)
    if not end:
        return Test("from", name)
    values.append(end)
    return Test("between", name, 2)


def _behind(prefix: str) -> str:
    """The least text above everything that starts with ``prefix``; empty when there is none."""
    kept = prefix.rstrip("\U0010ffff")
    if not kept:
        return ""
    following = ord(kept[-1]) + 1
    return kept[:-1] + chr(_BEHIND_SURROGATES if following == _FIRST_SURROGATE else following)


def _has(column: Column, text: str, values: list[DbValue]) -> Shape:
    if column.type is not ColumnType.TEXTS:
        return FALSE
    values.append(text_in(text))
    return Test("has", column.name)
