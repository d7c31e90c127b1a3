"""Blobs as rows."""

import builtins

from hexkeep.adapters.pgwire.database import Database
from hexkeep.adapters.pgwire.part import Part
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.ports.blobs import Blob, BlobInfo


class WireBlobs(Part):
    """The port ``blobs.Blobs``."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        sql = database.schema.sql
        self._put = sql(
            "INSERT INTO {schema}.blobs AS kept"
            " (instance_id, owner_type, owner_id, name, content_type, size, digest, put_at, content)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (instance_id, owner_type, owner_id, name)"
            " DO UPDATE SET put_at = greatest(kept.put_at, excluded.put_at) RETURNING 1"
        )
        self._get = sql(
            "SELECT content_type, size, digest, put_at, content FROM {schema}.blobs"
            " WHERE instance_id = %s AND owner_type = %s AND owner_id = %s AND name = %s"
        )
        self._list = sql(
            "SELECT owner_type, owner_id, name, content_type, size, digest, put_at FROM {schema}.blobs"
            " WHERE instance_id = %s AND (owner_type, owner_id, name) > (%s, %s, %s)"
            " ORDER BY owner_type, owner_id, name LIMIT %s"
        )
        self._delete = sql(
            "DELETE FROM {schema}.blobs WHERE instance_id = %s AND owner_type = %s AND owner_id = %s AND name = %s"
            " AND put_at <= %s RETURNING 1"
        )
        self._forget = sql("DELETE FROM {schema}.blobs WHERE instance_id = %s")

    async def put(self, blob: Blob) -> None:
        """See the port."""
        info = blob.info
        known = (info.content_type, info.size, info.digest, info.put_at)
        await self._database.rows(self._put, (info.instance, *info.owner, info.name, *known, blob.content))

    async def get(self, instance: str, owner: Ref, name: str) -> Blob | None:
        """See the port."""
        for *known, content in await self._database.rows(self._get, (instance, *owner, name)):
            return Blob(BlobInfo(instance, owner, name, *known), content)
        return None

    async def list(self, instance: str, after: BlobInfo | None, limit: int) -> builtins.list[BlobInfo]:
        """See the port."""
        place = ("", "", "") if after is None else (*after.owner, after.name)
        rows = await self._database.rows(self._list, (instance, *place, limit))
        return [BlobInfo(instance, Ref(type_, id_), *known) for type_, id_, *known in rows]

    async def delete(self, info: BlobInfo) -> bool:
        """See the port."""
        return bool(await self._database.rows(self._delete, (info.instance, *info.owner, info.name, info.put_at)))

    async def forget(self, instance: str, owner: Ref | None = None) -> None:
        """See the port."""
        statement, values = self._forget, [instance]
        if owner is not None:
            statement, values = statement + b" AND owner_type = %s AND owner_id = %s", [instance, *owner]
        await self._database.rows(statement + b" RETURNING 1", values)
