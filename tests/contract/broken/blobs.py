"""Blobs that break one promise each."""

import asyncio
import builtins
from dataclasses import replace
from urllib.parse import unquote

from hexkeep.adapters.memory.blobs import MemoryBlobs
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.ports.blobs import Blob, BlobInfo
from tests.contract.broken.defects import caught_by


@caught_by("test_blob_is_kept_byte_for_byte", "test_largest_blob_is_kept")
class TakesBlobsForText(MemoryBlobs):
    async def put(self, blob: Blob) -> None:
        await super().put(replace(blob, content=blob.content.decode(errors="replace").encode()))


@caught_by("test_names_are_opaque")
class TakesNamesForUrls(MemoryBlobs):
    async def put(self, blob: Blob) -> None:
        await super().put(replace(blob, info=replace(blob.info, name=unquote(blob.info.name))))


@caught_by("test_place_without_blob_has_none", "test_names_are_opaque")
class KeepsOneNameForAllOwners(MemoryBlobs):
    async def get(self, instance: str, owner: Ref, name: str) -> Blob | None:
        return next((one for place, one in self._kept.items() if place[2] == name), None)


@caught_by("test_kept_blob_never_changes")
class KeepsTheLastBlob(MemoryBlobs):
    async def put(self, blob: Blob) -> None:
        info = blob.info
        self._kept[info.instance, info.owner, info.name] = blob


@caught_by("test_first_of_many_is_whole")
class WritesInPieces(MemoryBlobs):
    async def put(self, blob: Blob) -> None:
        info = blob.info
        place = (info.instance, info.owner, info.name)
        self._kept.setdefault(place, blob)
        await asyncio.sleep(0)
        self._kept[place] = replace(self._kept[place], content=blob.content)


@caught_by("test_blob_put_again_counts_as_put_then", "test_blob_put_again_is_not_deleted")
class KeepsTheFirstTime(MemoryBlobs):
    async def put(self, blob: Blob) -> None:
        info = blob.info
        self._kept.setdefault((info.instance, info.owner, info.name), blob)


@caught_by("test_list_shows_each_blob_once[1]", "test_list_goes_on_behind_what_is_gone")
class ListsTheFirstPageAlone(MemoryBlobs):
    async def list(self, instance: str, after: BlobInfo | None, limit: int) -> builtins.list[BlobInfo]:
        return [] if after else await super().list(instance, after, limit)


@caught_by("test_list_shows_each_blob_once[100]", "test_names_are_opaque")
class ListsByBeginning(MemoryBlobs):
    async def list(self, instance: str, after: BlobInfo | None, limit: int) -> builtins.list[BlobInfo]:
        found = sorted(place for place in self._kept if place[0].startswith(instance))
        behind = [one for one in found if after is None or one > (after.instance, after.owner, after.name)]
        return [self._kept[one].info for one in behind[:limit]]


@caught_by("test_list_goes_on_behind_what_is_gone")
class ListsByNumber(MemoryBlobs):
    async def list(self, instance: str, after: BlobInfo | None, limit: int) -> builtins.list[BlobInfo]:
        self.__dict__["seen"] = 0 if after is None else self.__dict__["seen"] + limit
        whole = await super().list(instance, None, 10_000)
        return whole[self.__dict__["seen"] :][:limit]


@caught_by("test_deleted_blob_is_gone")
class DeletesNothing(MemoryBlobs):
    async def delete(self, info: BlobInfo) -> bool:
        return await self.get(info.instance, info.owner, info.name) is not None


@caught_by("test_blob_put_again_is_not_deleted")
class DeletesWhateverIsThere(MemoryBlobs):
    async def delete(self, info: BlobInfo) -> bool:
        return self._kept.pop((info.instance, info.owner, info.name), None) is not None


@caught_by("test_forgotten_blobs_are_gone[owner]", "test_forgotten_blobs_are_gone[nothing]")
class ForgetsAllOwners(MemoryBlobs):
    async def forget(self, instance: str, owner: Ref | None = None) -> None:
        await super().forget(instance)


@caught_by("test_forgotten_blobs_are_gone[instance]")
class ForgetsInAllPlaces(MemoryBlobs):
    async def forget(self, instance: str, owner: Ref | None = None) -> None:
        self._kept = {place: one for place, one in self._kept.items() if owner not in {None, place[1]}}
