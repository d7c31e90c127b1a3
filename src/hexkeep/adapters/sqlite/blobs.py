"""Blobs. Their bytes stand behind everything else in the row, so that a list reads none of them."""

import builtins
import sqlite3

from hexkeep.adapters.sql.cells import time_in, time_out
from hexkeep.adapters.sqlite.pages import Fetched
from hexkeep.adapters.sqlite.part import Part
from hexkeep.adapters.sqlite.values import Cell
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.ports.blobs import Blob, BlobInfo, Blobs

_PUT = """
INSERT INTO blobs (instance_id, owner_type, owner_id, name, content_type, size, digest, put_at, content)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET put_at = max(blobs.put_at, excluded.put_at)
"""
_OF_OWNER = "instance_id = ? AND owner_type = ? AND owner_id = ?"
_GET = f"SELECT content_type, size, digest, put_at, content FROM blobs WHERE {_OF_OWNER} AND name = ?"  # noqa: S608 - fixed text
_LIST = """
SELECT owner_type, owner_id, name, content_type, size, digest, put_at FROM blobs
WHERE instance_id = ? AND (owner_type, owner_id, name) > (?, ?, ?) ORDER BY owner_type, owner_id, name LIMIT ?
"""
_DELETE = f"DELETE FROM blobs WHERE {_OF_OWNER} AND name = ? AND put_at <= ?"  # noqa: S608 - fixed text
_FORGET = f"DELETE FROM blobs WHERE {_OF_OWNER}"  # noqa: S608 - fixed text
_FORGET_ALL = "DELETE FROM blobs WHERE instance_id = ?"


class SqliteBlobs(Part, Blobs):
    """The port ``blobs.Blobs``."""

    async def put(self, blob: Blob) -> None:
        """See the port."""
        info = blob.info
        known = (info.content_type, info.size, info.digest, time_in(info.put_at))
        cells = (info.instance, *info.owner, info.name, *known, blob.content)
        await self._database.write(lambda one: one.execute(_PUT, cells).rowcount)

    async def get(self, instance: str, owner: Ref, name: str) -> Blob | None:
        """See the port."""
        rows = await self._database.read(lambda one: one.execute(_GET, (instance, *owner, name)).fetchall())
        for content_type, size, digest, put_at, content in rows:
            return Blob(BlobInfo(instance, owner, name, content_type, size, digest, time_out(put_at)), content)
        return None

    async def list(self, instance: str, after: BlobInfo | None, limit: int) -> builtins.list[BlobInfo]:
        """See the port."""
        place = ("", "", "") if after is None else (*after.owner, after.name)

        def read(connection: sqlite3.Connection) -> builtins.list[BlobInfo]:
            rows = connection.execute(_LIST, (instance, *place, limit)).fetchall()
            return [_info(instance, row) for row in rows]

        return await self._database.read(read)

    async def delete(self, info: BlobInfo) -> bool:
        """See the port."""
        cells = (info.instance, *info.owner, info.name, time_in(info.put_at))
        return await self._database.write(lambda one: one.execute(_DELETE, cells).rowcount > 0)

    async def forget(self, instance: str, owner: Ref | None = None) -> None:
        """See the port."""
        values: tuple[Cell, ...] = (instance,) if owner is None else (instance, *owner)
        sql = _FORGET_ALL if owner is None else _FORGET
        await self._database.write(lambda one: one.execute(sql, values).rowcount)


def _info(instance: str, row: Fetched) -> BlobInfo:
    type_, id_, name, content_type, size, digest, put_at = row
    return BlobInfo(instance, Ref(type_, id_), name, content_type, size, digest, time_out(put_at))
