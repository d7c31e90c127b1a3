"""Row writes: a batch of a projection's rows in a few statements of many rows each.

``executemany`` would call SQLite, and give up Python's interpreter lock, once per row.
"""

import sqlite3
from collections.abc import Callable
from functools import partial

from hexkeep.adapters.sql.schema import INSTANCE, Physical
from hexkeep.adapters.sql.writes import Batch, Kind
from hexkeep.adapters.sqlite.values import delete_given, rows, run

_Shape = tuple[Physical, tuple[str, ...]]


class RowWrites:
    """Runs batches; keeps the texts it has built."""

    def __init__(self) -> None:
        self._texts: dict[tuple[Kind, Physical, tuple[str, ...], int], str] = {}

    def run(self, connection: sqlite3.Connection, batch: Batch) -> None:
        """Do what the batch says to every one of its rows."""
        if len(batch.rows) == 1 or batch.kind == "delete_where":
            connection.executemany(batch.sql, batch.parameters())
        else:
            run(connection, partial(self._text, batch.kind, (batch.physical, batch.columns)), batch.rows)

    def _text(self, kind: Kind, shape: _Shape, count: int) -> str:
        text = self._texts.get((kind, *shape, count))
        if text is None:
            text = self._texts[kind, *shape, count] = _BUILDERS[kind](*shape, rows(count, len(shape[1])))
        return text


def _names(physical: Physical, columns: tuple[str, ...]) -> list[str]:
    return [physical.dialect.identifier_preparer.quote(name) for name in columns]


def _table(physical: Physical) -> str:
    return physical.dialect.identifier_preparer.quote(physical.name)


def _key(physical: Physical) -> list[str]:
    return _names(physical, (INSTANCE, *physical.table.key))


def _put(physical: Physical, columns: tuple[str, ...], values: str) -> str:
    names, key = _names(physical, columns), _key(physical)
    update = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    return (
        f"INSERT INTO {_table(physical)} ({', '.join(names)}) VALUES {values} "  # noqa: S608 - quoted names
        f"ON CONFLICT ({', '.join(key)}) DO {f'UPDATE SET {update}' if update else 'NOTHING'}"
    )


def _patch(physical: Physical, columns: tuple[str, ...], values: str) -> str:
    table, names, key = _table(physical), _names(physical, columns), _key(physical)
    changes = ", ".join(f"{name} = given.{name}" for name in names if name not in key)
    same = " AND ".join(f"{table}.{name} = given.{name}" for name in key)
    return (
        f"WITH given ({', '.join(names)}) AS (VALUES {values}) "  # noqa: S608 - quoted names
        f"UPDATE {table} SET {changes or f'{key[0]} = given.{key[0]}'} FROM given WHERE {same}"
    )


def _delete(physical: Physical, columns: tuple[str, ...], values: str) -> str:
    return delete_given(_table(physical), _names(physical, columns), (), values)


_BUILDERS: dict[Kind, Callable[[Physical, tuple[str, ...], str], str]] = {
    "put": _put,
    "patch": _patch,
    "delete": _delete,
}
