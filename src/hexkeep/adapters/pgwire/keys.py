"""Wrapped data keys. A destroyed one keeps its row, without bytes, so that nobody can put others in its place."""

import builtins

from hexkeep.adapters.pgwire.database import Database
from hexkeep.adapters.pgwire.part import Part
from hexkeep.ports.keys import WrappedKey


class WireKeys(Part):
    """The port ``keys.Keys``."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        sql = database.schema.sql
        self._add = sql(
            "INSERT INTO {schema}.keys AS kept (instance_id, name, version, master, wrapped)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (instance_id, name, version) DO UPDATE SET wrapped = kept.wrapped"
            " RETURNING instance_id, name, version, master, wrapped"
        )
        self._get = sql(
            "SELECT instance_id, name, version, master, wrapped FROM {schema}.keys"
            " WHERE instance_id = %s AND name = %s ORDER BY version"
        )
        self._destroy = sql(
            "UPDATE {schema}.keys SET wrapped = '' WHERE instance_id = %s AND name = %s AND wrapped <> '' RETURNING 1"
        )
        self._rewrap = sql(
            "UPDATE {schema}.keys SET master = %s, wrapped = %s"
            " WHERE instance_id = %s AND name = %s AND version = %s AND wrapped = %s AND wrapped <> '' RETURNING 1"
        )
        self._list = sql(
            "SELECT instance_id, name, version, master, wrapped FROM {schema}.keys"
            " WHERE (instance_id, name, version) > (%s, %s, %s) ORDER BY instance_id, name, version LIMIT %s"
        )

    async def add(self, key: WrappedKey) -> WrappedKey:
        """See the port."""
        values = (key.instance, key.name, key.version, key.master, key.wrapped)
        rows = await self._database.rows(self._add, values)
        return WrappedKey(*rows[0])

    async def get(self, instance: str, name: str) -> builtins.list[WrappedKey]:
        """See the port."""
        return [WrappedKey(*row) for row in await self._database.rows(self._get, (instance, name))]

    async def destroy(self, instance: str, name: str) -> None:
        """See the port. The old row version goes with the next vacuum; the write-ahead log and backups keep theirs."""
        await self._database.rows(self._destroy, (instance, name))

    async def rewrap(self, key: WrappedKey, previous: bytes) -> bool:
        """See the port."""
        values = (key.master, key.wrapped, key.instance, key.name, key.version, previous)
        return bool(await self._database.rows(self._rewrap, values))

    async def list(self, after: tuple[str, str, int] | None, limit: int) -> builtins.list[WrappedKey]:
        """See the port."""
        rows = await self._database.rows(self._list, (*(after or ("", "", -1)), limit))
        return [WrappedKey(*row) for row in rows]
