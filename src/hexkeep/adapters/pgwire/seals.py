"""Seals as rows that are only ever added."""

import builtins
from datetime import datetime

from hexkeep.adapters.pgwire.database import Database
from hexkeep.adapters.pgwire.part import Part
from hexkeep.core.kernel.event import Log
from hexkeep.ports.seals import Seal

COLUMNS = "instance_id, log, epoch, number, first_position, last_position, root, previous, leaves, signature, sealed_at"
SealRow = tuple[str, str, int, int, int, int, bytes, bytes, bytes, str, datetime]


class WireSeals(Part):
    """The port ``seals.Seals``. Of two sealers who add the same number the primary key lets one through."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        sql = database.schema.sql
        selected = b"SELECT " + COLUMNS.encode() + sql(" FROM {schema}.seals WHERE instance_id = %s AND log = %s")
        self._add = (
            sql("INSERT INTO {schema}.seals (")
            + COLUMNS.encode()
            + sql(
                ") SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s WHERE %s OR EXISTS (SELECT 1 FROM {schema}.seals"
                " WHERE instance_id = %s AND log = %s AND number = %s AND last_position = %s)"
                " ON CONFLICT DO NOTHING RETURNING 1"
            )
        )
        self._newest = selected + b" ORDER BY number DESC LIMIT 1"
        self._list = selected + b" AND number > %s ORDER BY number LIMIT %s"
        self._covering = selected + b" AND last_position >= %s ORDER BY last_position LIMIT 1"

    async def add(self, seal: Seal) -> bool:
        """See the port."""
        before = (seal.number == 1, seal.instance, seal.log.value, seal.number - 1, seal.first - 1)
        return bool(await self._database.rows(self._add, (*seal_row(seal), *before), repeatable=False))

    async def newest(self, instance: str, log: Log) -> Seal | None:
        """See the port."""
        found = await self._read(self._newest, (instance, log.value))
        return found[0] if found else None

    async def list(self, instance: str, log: Log, after: int, limit: int) -> builtins.list[Seal]:
        """See the port."""
        return await self._read(self._list, (instance, log.value, after, limit))

    async def covering(self, instance: str, log: Log, position: int) -> Seal | None:
        """See the port."""
        found = await self._read(self._covering, (instance, log.value, position))
        return found[0] if found and found[0].first <= position else None

    async def _read(self, statement: bytes, parameters: tuple[str | int, ...]) -> builtins.list[Seal]:
        rows: builtins.list[SealRow] = await self._database.rows(statement, parameters)
        return [Seal(row[0], Log(row[1]), *row[2:]) for row in rows]


def seal_row(seal: Seal) -> SealRow:
    """A seal in the order of ``COLUMNS``."""
    place = (seal.instance, seal.log.value, seal.epoch, seal.number, seal.first, seal.last)
    return (*place, seal.root, seal.previous, seal.leaves, seal.signature, seal.sealed_at)
