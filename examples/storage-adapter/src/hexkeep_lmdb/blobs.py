"""Opaque bytes. What is known of a blob lies apart from them, so that a list reads none."""

import builtins
from dataclasses import replace

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.ports.blobs import Blob, BlobInfo
from hexkeep_lmdb.database import Form, Port, Transaction
from hexkeep_lmdb.order import Part

INFOS: Form[BlobInfo] = Form(BlobInfo)


class LmdbBlobs(Port):
    """The port ``blobs.Blobs``."""

    async def put(self, blob: Blob) -> None:
        """See the port."""

        def put(at: Transaction) -> None:
            place = _place(blob.info)
            raw = at.get("blob", *place)
            info = INFOS.read(raw) if raw else blob.info
            at.put(INFOS.write(replace(info, put_at=max(info.put_at, blob.info.put_at))), "blob", *place)
            if raw is None:
                at.put(blob.content, "bytes", *place)

        await self._database.write(put)

    async def get(self, instance: str, owner: Ref, name: str) -> Blob | None:
        """See the port."""

        def get(at: Transaction) -> Blob | None:
            place = (instance, *owner, name)
            raw, content = at.get("blob", *place), at.get("bytes", *place)
            return None if raw is None or content is None else Blob(INFOS.read(raw), content)

        return await self._database.read(get)

    async def list(self, instance: str, after: BlobInfo | None, limit: int) -> builtins.list[BlobInfo]:
        """See the port."""
        behind: tuple[Part, ...] = () if after is None else (*after.owner, after.name)

        def read(at: Transaction) -> builtins.list[BlobInfo]:
            found = at.scan("blob", instance, after=behind)
            return [INFOS.read(raw) for (_, raw), _ in zip(found, range(limit), strict=False)]

        return await self._database.read(read)

    async def delete(self, info: BlobInfo) -> bool:
        """See the port."""

        def delete(at: Transaction) -> bool:
            place = _place(info)
            raw = at.get("blob", *place)
            if raw is None or INFOS.read(raw).put_at > info.put_at:
                return False
            for kind in ("blob", "bytes"):
                at.delete(kind, *place)
            return True

        return await self._database.write(delete)

    async def forget(self, instance: str, owner: Ref | None = None) -> None:
        """See the port."""
        prefix: tuple[Part, ...] = (instance,) if owner is None else (instance, *owner)

        def forget(at: Transaction) -> None:
            for kind in ("blob", "bytes"):
                at.remove([key for key, _ in at.scan(kind, *prefix)])

        await self._database.write(forget)


def _place(info: BlobInfo) -> tuple[str, str, str, str]:
    return (info.instance, *info.owner, info.name)
