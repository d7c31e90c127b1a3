"""Values: one statement for many rows, so that a batch needs a handful of calls into SQLite instead of one per row."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import TypeVar

T = TypeVar("T")

MOST = 256
"""Rows in one statement at most."""
PARAMETERS = 32_766
"""Parameters in one statement at most, unless SQLite was built for more."""

Cell = str | bytes | int | None


@lru_cache(maxsize=256)
def rows(count: int, width: int) -> str:
    """``(?, ?), (?, ?)`` for ``count`` rows of ``width`` cells."""
    return ", ".join([f"({', '.join('?' * width)})"] * count)


@lru_cache(maxsize=256)
def numbered(count: int, width: int) -> str:
    """The same with the number of each row, from 0, as its first cell."""
    cells = ", ".join("?" * width)
    return ", ".join(f"({number}, {cells})" for number in range(count))


def chunks(items: Sequence[T], width: int) -> Iterator[tuple[int, Sequence[T]]]:
    """``items`` of ``width`` cells in pieces whose lengths are powers of two, each with where it begins.

    So there are at most nine texts of each statement, and all of them stay prepared.
    """
    start, most = 0, min(MOST, PARAMETERS // width)
    while start < len(items):
        size = 1 << min(most, len(items) - start).bit_length() - 1
        yield start, items[start : start + size]
        start += size


def run(connection: sqlite3.Connection, text: Callable[[int], str], table: Sequence[tuple[Cell, ...]]) -> None:
    """Run a statement for every row of ``table``; ``text`` gives it for a number of rows."""
    for _, chunk in chunks(table, _width(table)):
        connection.execute(text(len(chunk)), tuple(chain.from_iterable(chunk)))


def delete_given(table: str, key: Sequence[str], rest: Sequence[str], values: str) -> str:
    """Delete the rows of a table with these cells; ``values`` are those of ``key``, then of ``rest``.

    Told ``(cells) IN (VALUES …)`` SQLite would look at every row of the table; so each is looked up.
    """
    same, columns = ", ".join((*key, *rest)), ", ".join(f"{table}.{name}" for name in key)
    return (
        f"WITH given ({same}) AS (VALUES {values}) DELETE FROM {table} WHERE ({', '.join(key)}) IN ("  # noqa: S608 - names
        f"SELECT {columns} FROM given CROSS JOIN {table} USING ({same}))"
    )


def ask(
    connection: sqlite3.Connection, text: Callable[[int], str], table: Sequence[tuple[Cell, ...]]
) -> list[tuple[int, tuple[Cell, ...]]]:
    """What a query over numbered rows answers: the number of a row of ``table``, and the further cells."""
    answers: list[tuple[int, tuple[Cell, ...]]] = []
    for start, chunk in chunks(table, _width(table)):
        found = connection.execute(text(len(chunk)), tuple(chain.from_iterable(chunk))).fetchall()
        answers.extend((start + row[0], row[1:]) for row in found)
    return answers


def _width(table: Sequence[tuple[Cell, ...]]) -> int:
    return len(table[0]) if table else 1
