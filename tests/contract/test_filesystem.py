"""Blobs as files under the contract kit, and what is particular to files."""

import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hexkeep.adapters.filesystem import files, places
from hexkeep.adapters.filesystem.blobs import FilesystemBlobs
from hexkeep.adapters.filesystem.settings import FilesystemSettings
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep.ports.adapter import Adapter
from hexkeep.ports.blobs import Blob
from hexkeep.testing.blobs import HOSTILE, OWNER, THEN, BlobsContract


@pytest.fixture
async def blobs(tmp_path: Path) -> AsyncIterator[FilesystemBlobs]:
    """An opened folder."""
    blobs = FilesystemBlobs(FilesystemSettings(folder=tmp_path / "some" / "blobs"))
    await blobs.open()
    yield blobs
    await blobs.close()


class TestBlobs(BlobsContract):
    @pytest.fixture
    def blobs(self, blobs: FilesystemBlobs) -> FilesystemBlobs:
        """Files of a folder of this test alone."""
        return blobs

    @pytest.fixture
    def adapter(self, blobs: FilesystemBlobs) -> Adapter:
        """The adapter of this port alone."""
        return blobs


def blob(name: str = "one", content: bytes = b"content", instance: str = "kit") -> Blob:
    """Some blob."""
    return Blob.of(instance, OWNER, name, "image/png", content, THEN)


async def test_nothing_is_written_outside_of_the_instance(blobs: FilesystemBlobs, tmp_path: Path) -> None:
    """Whatever things are called, files lie three folders below and nowhere else."""
    for odd in HOSTILE:
        await blobs.put(Blob.of(odd, Ref(odd, odd), odd, "kit/odd", b"", THEN))
    found = [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()]  # noqa: ASYNC240 - a test's
    assert sorted({len(path.parts) for path in found if path.name != ".lock"}) == [6]
    assert len({str(path).lower() for path in found}) == len(HOSTILE) + 1


async def test_files_are_their_owners_alone(blobs: FilesystemBlobs, tmp_path: Path) -> None:
    """Nobody else on the machine reads what is in them."""
    await blobs.put(blob())
    for path in (tmp_path / "some" / "blobs").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


async def test_what_a_kill_has_left_is_not_there(tmp_path: Path) -> None:
    """A file that was not finished is neither listed nor found, and goes with the next start."""
    folder = tmp_path / "blobs"
    blobs = FilesystemBlobs(FilesystemSettings(folder=folder))
    await blobs.open()
    await blobs.put(blob())
    left = places.of_owner(folder, "kit", OWNER) / f"{files.UNFINISHED}x"
    left.write_bytes(b"{")
    assert [one.name for one in await blobs.list("kit", None, 9)] == ["one"]
    await blobs.close()
    await blobs.open()
    assert not left.exists()
    assert await blobs.get("kit", OWNER, "one") is not None


async def test_failed_write_leaves_nothing(
    blobs: FilesystemBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is an error of the port, and there is neither the blob nor a part of it."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    await blobs.put(blob("other"))
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StorageUnavailable, match="No space left"):
            await blobs.put(blob())
    assert await blobs.get("kit", OWNER, "one") is None
    assert [path.name for path in places.of_owner(tmp_path / "some" / "blobs", "kit", OWNER).iterdir()] == ["other"]


async def test_damaged_file_is_an_error(blobs: FilesystemBlobs, tmp_path: Path) -> None:
    """What is no file of ours is told, not taken for a blob; changed bytes are seen by their digest."""
    path = places.of_blob(tmp_path / "some" / "blobs", "kit", OWNER, "one")
    await blobs.put(blob())
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    found = await blobs.get("kit", OWNER, "one")
    assert found is not None
    assert not found.whole
    path.write_bytes(b"something")
    with pytest.raises(StorageUnavailable, match="damaged"):
        await blobs.get("kit", OWNER, "one")


async def test_folder_answers_while_it_is_open(tmp_path: Path) -> None:
    """Before ``open`` and behind ``close`` nothing is done."""
    blobs = FilesystemBlobs(FilesystemSettings(folder=tmp_path / "blobs"))
    with pytest.raises(StorageUnavailable):
        await blobs.ping()
    await blobs.open()
    await blobs.ping()
    for _ in range(2):
        await blobs.close()
    with pytest.raises(StorageUnavailable):
        await blobs.get("kit", OWNER, "one")


async def test_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageUnavailable):
        await FilesystemBlobs(FilesystemSettings(folder=tmp_path / "file" / "blobs")).open()
