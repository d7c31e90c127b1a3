"""Cells: how a view's values lie in a database, the same way in each of them.

Times are 64-bit integers, microseconds since 1970 UTC. Lists are JSON text. Text is kept so that NUL, which PostgreSQL
and the JSON functions of SQLite do not take, survives without disturbing order, equality or search: the six lowest
control characters become pairs of a leading (1, 5) and a following (2, 3, 4) one. Leaders, followers and all other
characters are disjoint, so a pair is never matched half, and pairs sort as what they stand for.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from hexkeep.core.kernel.view import Column, ColumnType, Value

DbValue = str | int | None
"""What goes to a driver and comes back from it (``bool`` is an ``int``)."""

LEAST, GREATEST = -(2**63), 2**63 - 1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LOW = re.compile("[\x00-\x05]")
_PAIRS = {0: "\x01\x02", 1: "\x01\x03", 2: "\x01\x04", 3: "\x05\x02", 4: "\x05\x03", 5: "\x05\x04"}
_PAIR = re.compile("[\x01\x05][\x02-\x04]")
_SINGLES = {pair: chr(code) for code, pair in _PAIRS.items()}


def text_in(text: str) -> str:
    """``text`` as it is kept. Lone surrogates pass here and are refused by every driver with a ``ValueError``."""
    if text.isprintable():  # the usual case, told faster than by looking for what is not
        return text
    return text.translate(_PAIRS) if _LOW.search(text) else text


def text_out(kept: str) -> str:
    """The text behind its kept form."""
    return _PAIR.sub(lambda found: _SINGLES[found[0]], kept) if _LOW.search(kept) else kept


def time_in(time: datetime) -> int:
    """An aware time as microseconds since 1970 UTC."""
    return (time - _EPOCH) // _MICROSECOND


def time_out(microseconds: int) -> datetime:
    """The time in UTC behind microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)


def texts_in(texts: tuple[str, ...]) -> str:
    """A list of texts as a JSON array."""
    return json.dumps([text_in(text) for text in texts], ensure_ascii=False, separators=(",", ":"))


def cell_in(column: Column, value: Value) -> DbValue:
    """A cell as it is kept; raises ``ValueError`` for a value of another type than the column's."""
    if value is None and column.nullable:
        return None
    kept = _KEPT[column.type](value)
    if kept is None:
        raise ValueError(f"{column.name} holds {column.type}, not {type(value).__name__}")
    return kept


def _integer_in(value: Value) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and LEAST <= value <= GREATEST:
        return value
    return None


_KEPT: Mapping[ColumnType, Callable[[Value], DbValue]] = {
    ColumnType.TEXT: lambda value: text_in(value) if isinstance(value, str) else None,
    ColumnType.INTEGER: _integer_in,
    ColumnType.BOOLEAN: lambda value: value if isinstance(value, bool) else None,
    ColumnType.TIME: lambda value: time_in(value) if isinstance(value, datetime) and value.tzinfo else None,
    ColumnType.TEXTS: lambda value: texts_in(value) if isinstance(value, tuple) else None,
}


def _text(kept: DbValue) -> Value:
    return None if kept is None else text_out(str(kept))


def _integer(kept: DbValue) -> Value:
    return None if kept is None else int(kept)


def _boolean(kept: DbValue) -> Value:
    return None if kept is None else bool(kept)


def _time(kept: DbValue) -> Value:
    return None if kept is None else time_out(int(kept))


def _texts(kept: DbValue) -> Value:
    return None if kept is None else tuple(text_out(text) for text in json.loads(str(kept)))


def reader(column: Column) -> Callable[[DbValue], Value]:
    """The function that turns this column's kept form back into a cell."""
    return {
        ColumnType.TEXT: _text,
        ColumnType.INTEGER: _integer,
        ColumnType.BOOLEAN: _boolean,
        ColumnType.TIME: _time,
        ColumnType.TEXTS: _texts,
    }[column.type]
