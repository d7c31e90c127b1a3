"""Seals."""

import builtins
import sqlite3
from collections.abc import Sequence

from hexkeep.adapters.sql.cells import time_in, time_out
from hexkeep.adapters.sqlite.pages import Fetched
from hexkeep.adapters.sqlite.part import Part
from hexkeep.adapters.sqlite.values import Cell
from hexkeep.core.kernel.event import Log
from hexkeep.ports.seals import Seal, Seals

_COLUMNS = "instance_id, log, epoch, number, first, last, root, previous, leaves, signature, sealed_at"
_ADD = f"INSERT INTO seals ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - fixed text
_OF_LOG = f"SELECT {_COLUMNS} FROM seals WHERE instance_id = ? AND log = ?"  # noqa: S608 - fixed text
_NEWEST = f"{_OF_LOG} ORDER BY number DESC LIMIT 1"
_LIST = f"{_OF_LOG} AND number > ? ORDER BY number LIMIT ?"
_COVERING = f"SELECT * FROM ({_OF_LOG} AND last >= ? ORDER BY last LIMIT 1) WHERE first <= ?"  # noqa: S608 - fixed text


class SqliteSeals(Part, Seals):
    """The port ``seals.Seals``."""

    async def add(self, seal: Seal) -> bool:
        """See the port."""

        def add(connection: sqlite3.Connection) -> bool:
            newest = _one(connection, _NEWEST, (seal.instance, seal.log.value))
            follows = (1, seal.first) if newest is None else (newest.number + 1, newest.last + 1)
            if (seal.number, seal.first) != follows:
                return False
            keep(connection, [seal])
            return True

        return await self._database.write(add)

    async def newest(self, instance: str, log: Log) -> Seal | None:
        """See the port."""
        return await self._database.peek(lambda one: _one(one, _NEWEST, (instance, log.value)))

    async def list(self, instance: str, log: Log, after: int, limit: int) -> Sequence[Seal]:
        """See the port."""
        return await self._database.read(lambda one: _seals(one, _LIST, (instance, log.value, after, limit)))

    async def covering(self, instance: str, log: Log, position: int) -> Seal | None:
        """See the port."""
        values = (instance, log.value, position, position)
        return await self._database.peek(lambda one: _one(one, _COVERING, values))


def keep(connection: sqlite3.Connection, seals: Sequence[Seal]) -> None:
    """Write seals as they are."""
    connection.executemany(_ADD, [_cells(seal) for seal in seals])


def _cells(seal: Seal) -> tuple[Cell, ...]:
    place = (seal.instance, seal.log.value, seal.epoch, seal.number, seal.first, seal.last)
    return (*place, seal.root, seal.previous, seal.leaves, seal.signature, time_in(seal.sealed_at))


def _one(connection: sqlite3.Connection, sql: str, values: tuple[Cell, ...]) -> Seal | None:
    found = _seals(connection, sql, values)
    return found[0] if found else None


def _seals(connection: sqlite3.Connection, sql: str, values: tuple[Cell, ...]) -> builtins.list[Seal]:
    return [_seal(row) for row in connection.execute(sql, values).fetchall()]


def _seal(row: Fetched) -> Seal:
    instance, log, epoch, number, first, last, root, previous, leaves, signature, sealed_at = row
    place = (instance, Log(log), epoch, number, first, last)
    return Seal(*place, root, previous, leaves, signature, time_out(sealed_at))
