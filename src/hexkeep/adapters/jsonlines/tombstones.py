"""Tombstones in a file: one JSON object a line, on disk before anybody is told that it is there.

Several processes of one machine may share the file. Over a network it needs a file system that keeps locks and appends
(NFSv4 does).
"""

import asyncio
import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep.ports.tombstones import Tombstone


class JsonLinesTombstones:
    """The port ``tombstones.Tombstones``. The file is made with the first tombstone, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def add(self, tombstone: Tombstone) -> None:
        """See the port."""
        await asyncio.to_thread(self._add, tombstone)

    async def list(self) -> Sequence[Tombstone]:
        """See the port. A last line that a crash cut off was never acknowledged, and does not count."""
        return await asyncio.to_thread(read_tombstones, self._path)

    def _add(self, tombstone: Tombstone) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                _append(descriptor, _line(tombstone))
            finally:
                os.close(descriptor)
            _sync_folder(self._path.parent)
        except OSError as error:
            raise StorageUnavailable(f"{self._path} cannot be written: {error.strerror}") from error


def _append(descriptor: int, line: bytes) -> None:
    """Behind the last whole line: what a crash has left of another is cut off."""
    size = os.lseek(descriptor, 0, os.SEEK_END)
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        os.ftruncate(descriptor, os.pread(descriptor, size, 0).rfind(b"\n") + 1)
    written = 0
    while written < len(line):
        written += os.write(descriptor, line[written:])
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    """So that the file itself is still there after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _line(one: Tombstone) -> bytes:
    fields = {
        "instance": one.instance,
        "user_id": one.user_id,
        "erased_at": one.erased_at.isoformat(),
        "position": one.position,
    }
    return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def read_tombstones(path: Path) -> Sequence[Tombstone]:
    """The tombstones of a file, none when there is no file; raises ``StorageUnavailable`` for one that is damaged."""
    try:
        return tuple(_parsed(path.read_bytes())) if path.exists() else ()
    except OSError as error:
        raise StorageUnavailable(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise StorageUnavailable(f"{path} is damaged: not every line is a tombstone") from error


def _parsed(content: bytes) -> Iterator[Tombstone]:
    for line in content.split(b"\n")[:-1]:
        fields = json.loads(line)
        erased_at = datetime.fromisoformat(fields["erased_at"])
        yield Tombstone(fields["instance"], fields["user_id"], erased_at, int(fields["position"]))
