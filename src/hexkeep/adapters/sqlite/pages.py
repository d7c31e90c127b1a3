"""Pages: a whole answer as a single row, its columns as JSON arrays, its blobs in hexadecimal.

SQLite makes that row without Python's interpreter lock; a row at a time, each of a thousand rows would ask for the lock
and wait for a busy event loop. Cells are text, integers, null and, where they are named, blobs.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

from hexkeep.adapters.sqlite.values import Cell

Fetched = tuple[Any, ...]
"""A row as the driver gives it; STRICT tables see to the types of its cells."""

_LARGEST = 32 * 1024 * 1024
"""Bytes of blobs that are worth being doubled; a page with more comes row by row."""


@lru_cache(maxsize=1024)
def _packed(sql: str, width: int, blobs: frozenset[int]) -> str:
    names = [f"c{index}" for index in range(width)]
    packed = [
        f"group_concat(hex({name}))" if index in blobs else f"json_group_array({name})"
        for index, name in enumerate(names)
    ]
    return f"WITH page ({', '.join(names)}) AS ({sql}) SELECT {', '.join(packed)} FROM page"  # noqa: S608 - our own


@lru_cache(maxsize=64)
def _size(sql: str, width: int, blobs: frozenset[int]) -> str:
    names = ", ".join(f"c{index}" for index in range(width))
    lengths = " + ".join(f"length(c{index})" for index in sorted(blobs))
    return f"WITH page ({names}) AS ({sql}) SELECT coalesce(sum({lengths}), 0) FROM page"  # noqa: S608 - our own


def fetch(
    connection: sqlite3.Connection, sql: str, values: Sequence[Cell], width: int, blobs: Collection[int] = ()
) -> Iterable[Fetched]:
    """The rows of a query of ``width`` columns, in its order if it has a limit; ``blobs`` are columns of bytes."""
    where = frozenset(blobs)
    if where:
        ((size,),) = connection.execute(_size(sql, width, where), values).fetchall()
        if size > _LARGEST:
            return connection.execute(sql, values).fetchall()
    (columns,) = connection.execute(_packed(sql, width, where), values).fetchall()
    unpacked = (_bytes(column) if index in where else json.loads(column) for index, column in enumerate(columns))
    return zip(*unpacked, strict=True)


def _bytes(column: str | None) -> list[Cell]:
    """No rows give nothing; one row with an empty blob gives an empty text."""
    return [] if column is None else [bytes.fromhex(digits) for digits in column.split(",")]
