"""Arrays: a whole batch in one statement, its rows handed over as one array per column (PostgreSQL, CockroachDB).

One statement for a thousand rows is parsed, planned and answered once; that is what makes a projection catch up fast.
"""

from collections.abc import Callable, Iterable

import sqlalchemy as sa

from hexkeep.adapters.sql.cells import DbValue
from hexkeep.adapters.sql.schema import INSTANCE, Physical
from hexkeep.adapters.sql.writes import Batch, Kind

Arrays = list[str]
"""One array literal per column: written here, for a driver takes several times as long to write a list."""


class ArrayWrites:
    """Builds the array form of batches, for drivers whose placeholder is ``%s``; keeps the texts it has built."""

    def __init__(self) -> None:
        self._texts: dict[tuple[Kind, Physical, tuple[str, ...]], str] = {}

    def statement(self, batch: Batch) -> tuple[str, Arrays]:
        """SQL text and the arrays for it. Raises ``KeyError`` for a ``delete_where``, which has one row anyway."""
        shape = (batch.kind, batch.physical, batch.columns)
        text = self._texts.get(shape)
        if text is None:
            text = self._texts[shape] = _BUILDERS[batch.kind](batch.physical, batch.columns)
        return text, [_literal(column) for column in zip(*batch.rows, strict=True)]


def _literal(cells: Iterable[DbValue]) -> str:
    """An array in PostgreSQL's own text form."""
    return "{" + ",".join([_element(cell) for cell in cells]) + "}"


def _element(cell: DbValue) -> str:
    if isinstance(cell, str):
        if '"' in cell or "\\" in cell:
            cell = cell.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{cell}"'
    return "NULL" if cell is None else str(cell)


def _name(physical: Physical, name: str) -> str:
    """An identifier, quoted where it must be, with the driver's placeholder sign doubled."""
    return physical.dialect.identifier_preparer.quote(name).replace("%", "%%")


def _names(physical: Physical, columns: tuple[str, ...]) -> str:
    return ", ".join(_name(physical, name) for name in columns)


def _unnested(physical: Physical, columns: tuple[str, ...]) -> str:
    arrays = ", ".join(f"%s::{_array_type(physical.sql.c[name])}[]" for name in columns)
    return f"unnest({arrays}) AS given({_names(physical, columns)})"


def _array_type(column: sa.Column[DbValue]) -> str:
    if isinstance(column.type, sa.Text):
        return "text"
    return "boolean" if isinstance(column.type, sa.Boolean) else "bigint"


def _key(physical: Physical) -> tuple[str, ...]:
    return (INSTANCE, *physical.table.key)


def _same_row(physical: Physical) -> str:
    table = _name(physical, physical.name)
    names = [_name(physical, name) for name in _key(physical)]
    return " AND ".join(f"{table}.{name} = given.{name}" for name in names)


def _put(physical: Physical, columns: tuple[str, ...]) -> str:
    changing = [_name(physical, name) for name in columns if name not in _key(physical)]
    update = ", ".join(f"{name} = excluded.{name}" for name in changing)
    return (
        f"INSERT INTO {_name(physical, physical.name)} ({_names(physical, columns)}) "  # noqa: S608  # quoted above
        f"SELECT {_names(physical, columns)} FROM {_unnested(physical, columns)} "
        f"ON CONFLICT ({_names(physical, _key(physical))}) DO {f'UPDATE SET {update}' if changing else 'NOTHING'}"
    )


def _patch(physical: Physical, columns: tuple[str, ...]) -> str:
    changed = [_name(physical, name) for name in columns if name not in _key(physical)]
    changes = ", ".join(f"{name} = given.{name}" for name in changed or [_name(physical, INSTANCE)])
    return (
        f"UPDATE {_name(physical, physical.name)} SET {changes} "  # noqa: S608  # quoted above
        f"FROM {_unnested(physical, columns)} WHERE {_same_row(physical)}"
    )


def _delete(physical: Physical, columns: tuple[str, ...]) -> str:
    """By IN, for CockroachDB knows no USING before 22.2."""
    return (
        f"DELETE FROM {_name(physical, physical.name)} WHERE ({_names(physical, columns)}) IN "  # noqa: S608  # quoted
        f"(SELECT {_names(physical, columns)} FROM {_unnested(physical, columns)})"
    )


_BUILDERS: dict[Kind, Callable[[Physical, tuple[str, ...]], str]] = {
    "put": _put,
    "patch": _patch,
    "delete": _delete,
}
