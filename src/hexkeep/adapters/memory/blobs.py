"""Blobs, in memory."""

import builtins
from dataclasses import replace

from hexkeep.adapters.memory.part import Part
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.ports.blobs import Blob, BlobInfo, Blobs

Place = tuple[str, Ref, str]


class MemoryBlobs(Part, Blobs):
    """The port ``blobs.Blobs``."""

    def __init__(self) -> None:
        self._kept: dict[Place, Blob] = {}

    async def put(self, blob: Blob) -> None:
        """See the port."""
        kept = self._kept.setdefault(_place(blob.info), blob)
        latest = max(kept.info.put_at, blob.info.put_at)
        self._kept[_place(blob.info)] = replace(kept, info=replace(kept.info, put_at=latest))

    async def get(self, instance: str, owner: Ref, name: str) -> Blob | None:
        """See the port."""
        return self._kept.get((instance, owner, name))

    async def list(self, instance: str, after: BlobInfo | None, limit: int) -> builtins.list[BlobInfo]:
        """See the port."""
        places = sorted(place for place in self._kept if place[0] == instance)
        behind = [place for place in places if after is None or place > _place(after)]
        return [self._kept[place].info for place in behind[:limit]]

    async def delete(self, info: BlobInfo) -> bool:
        """See the port."""
        kept = self._kept.get(_place(info))
        if kept is None or kept.info.put_at > info.put_at:
            return False
        del self._kept[_place(info)]
        return True

    async def forget(self, instance: str, owner: Ref | None = None) -> None:
        """See the port."""
        for place in [place for place in self._kept if place[0] == instance and owner in {None, place[1]}]:
            del self._kept[place]


def _place(info: BlobInfo) -> Place:
    return (info.instance, info.owner, info.name)
