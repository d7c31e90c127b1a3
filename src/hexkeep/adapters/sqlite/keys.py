"""Wrapped data keys. A destroyed one is a row without bytes."""

import builtins
import sqlite3

from hexkeep.adapters.sqlite.part import Part
from hexkeep.ports.keys import Keys, WrappedKey

_COLUMNS = "instance_id, name, version, master, wrapped"
_ADD = f"INSERT INTO wrapped_keys ({_COLUMNS}) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"  # noqa: S608 - fixed text
_ONE = f"SELECT {_COLUMNS} FROM wrapped_keys WHERE instance_id = ? AND name = ? AND version = ?"  # noqa: S608 - fixed
_GET = f"SELECT {_COLUMNS} FROM wrapped_keys WHERE instance_id = ? AND name = ? ORDER BY version"  # noqa: S608 - fixed
_DESTROY = "UPDATE wrapped_keys SET wrapped = x'' WHERE instance_id = ? AND name = ?"
_REWRAP = """
UPDATE wrapped_keys SET master = ?, wrapped = ?
WHERE instance_id = ? AND name = ? AND version = ? AND wrapped = ? AND wrapped <> x''
"""
_ORDER = "ORDER BY instance_id, name, version LIMIT ?"
_LIST = f"SELECT {_COLUMNS} FROM wrapped_keys {_ORDER}"  # noqa: S608 - fixed text
_LIST_AFTER = f"SELECT {_COLUMNS} FROM wrapped_keys WHERE (instance_id, name, version) > (?, ?, ?) {_ORDER}"  # noqa: S608 - fixed


class SqliteKeys(Part, Keys):
    """The port ``keys.Keys``. Pages are cleared when their content goes, so destroyed bytes do not linger in them."""

    async def add(self, key: WrappedKey) -> WrappedKey:
        """See the port."""
        cells = (key.instance, key.name, key.version, key.master, key.wrapped)

        def first_come(connection: sqlite3.Connection) -> WrappedKey:
            connection.execute(_ADD, cells)
            return WrappedKey(*connection.execute(_ONE, cells[:3]).fetchone())

        return await self._database.write(first_come)

    async def get(self, instance: str, name: str) -> builtins.list[WrappedKey]:
        """See the port."""
        rows = await self._database.peek(lambda one: one.execute(_GET, (instance, name)).fetchall())
        return [WrappedKey(*row) for row in rows]

    async def destroy(self, instance: str, name: str) -> None:
        """See the port."""
        await self._database.write(lambda one: one.execute(_DESTROY, (instance, name)).rowcount)

    async def rewrap(self, key: WrappedKey, previous: bytes) -> bool:
        """See the port."""
        cells = (key.master, key.wrapped, key.instance, key.name, key.version, previous)
        return await self._database.write(lambda one: one.execute(_REWRAP, cells).rowcount) == 1

    async def list(self, after: tuple[str, str, int] | None, limit: int) -> builtins.list[WrappedKey]:
        """See the port."""
        sql, values = (_LIST, (limit,)) if after is None else (_LIST_AFTER, (*after, limit))
        rows = await self._database.read(lambda one: one.execute(sql, values).fetchall())
        return [WrappedKey(*row) for row in rows]
