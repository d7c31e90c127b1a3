"""Blobs as files. Everything happens in threads; who changes something holds the folder's lock meanwhile."""

import asyncio
import builtins
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from hexkeep.adapters.filesystem import files, places
from hexkeep.adapters.filesystem.settings import FilesystemSettings
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep.ports.blobs import Blob, BlobInfo, Blobs

T = TypeVar("T")
LOCK = ".lock"


class FilesystemBlobs(Blobs):
    """The port ``blobs.Blobs``. Several processes may share the folder."""

    def __init__(self, settings: FilesystemSettings) -> None:
        self._folder = settings.folder.absolute()
        self._opened = False

    async def open(self) -> None:
        """See the port. Makes the folder where there is none."""
        self._opened = True
        try:
            await self._run(self._prepare)
        except BaseException:
            self._opened = False
            raise

    async def ping(self) -> None:
        """See the port."""
        await self._run(self._folder.stat)

    async def close(self) -> None:
        """Nothing is held between two calls."""
        self._opened = False

    async def put(self, blob: Blob) -> None:
        """See the port."""
        path = places.of_blob(self._folder, blob.info.instance, blob.info.owner, blob.info.name)

        def put() -> None:
            with self._locked():
                before = files.put_at(path)
                if before is None:
                    files.write(path, blob)
                else:
                    files.touch(path, max(before, blob.info.put_at))

        await self._run(put)

    async def get(self, instance: str, owner: Ref, name: str) -> Blob | None:
        """See the port."""
        return await self._run(lambda: files.read(places.of_blob(self._folder, instance, owner, name)))

    async def list(self, instance: str, after: BlobInfo | None, limit: int) -> builtins.list[BlobInfo]:
        """See the port. In the order of the files' names."""
        folder = places.of_instance(self._folder, instance)
        behind = () if after is None else _names(after)

        def walk() -> builtins.list[BlobInfo]:
            found: builtins.list[BlobInfo] = []
            for path in _files(folder, behind):
                if len(found) == limit:
                    break
                info = files.info(path)
                found += [info] if info else []
            return found

        return await self._run(walk)

    async def delete(self, info: BlobInfo) -> bool:
        """See the port."""
        path = places.of_blob(self._folder, info.instance, info.owner, info.name)

        def delete() -> bool:
            with self._locked():
                before = files.put_at(path)
                if before is None or before > info.put_at:
                    return False
                path.unlink()
                return True

        return await self._run(delete)

    async def forget(self, instance: str, owner: Ref | None = None) -> None:
        """See the port."""
        whole = places.of_instance(self._folder, instance)
        path = whole if owner is None else places.of_owner(self._folder, instance, owner)

        def forget() -> None:
            with self._locked():
                if path.exists():
                    shutil.rmtree(path)

        await self._run(forget)

    def _prepare(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._locked():
            for path in self._folder.glob(f"*/*/*/{files.UNFINISHED}*"):  # of a process that was killed
                path.unlink()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        descriptor = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._opened:
            raise StorageUnavailable("The folder of the blobs is not open")
        try:
            return await asyncio.to_thread(work)
        except OSError as error:
            raise StorageUnavailable(f"The folder of the blobs does not answer: {error.strerror}") from error


def _names(info: BlobInfo) -> tuple[str, ...]:
    return (places.named(info.owner.type), places.named(info.owner.id), places.named(info.name))


def _files(folder: Path, behind: tuple[str, ...]) -> Iterator[Path]:
    """Every file of a folder's tree in order, behind the one with those names on the way to it."""
    first, rest = (behind[0], behind[1:]) if behind else ("", ())
    for name in _sorted(folder):
        path = folder / name
        if name < first or name.startswith(files.UNFINISHED):
            continue
        if path.is_dir():
            yield from _files(path, rest if name == first else ())
        elif name > first:
            yield path


def _sorted(folder: Path) -> builtins.list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        return []
