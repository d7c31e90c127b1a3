"""The form of a file: a line of JSON that says what the blob is, then its bytes. When it was put is the file's time.

A file is written beside its place, brought to the disk and then given its name, so whoever looks finds all of it or
nothing, whatever happens in between.
"""

import json
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep.ports.blobs import LARGEST, Blob, BlobInfo

UNFINISHED = ".new-"
"""How the names begin of files that are being written; no name of a blob does."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LONGEST_HEADER = 8192


def write(path: Path, blob: Blob) -> None:
    """Make the file; one that is there is replaced. It is on the disk when this returns."""
    for folder in reversed([one for one in path.parents if not one.exists()]):
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync(folder.parent)
    descriptor, unfinished = tempfile.mkstemp(prefix=UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_header(blob.info))
            file.write(blob.content)
            file.flush()
            os.fsync(file.fileno())
        touch(Path(unfinished), blob.info.put_at)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    _sync(path.parent)


def read(path: Path) -> Blob | None:
    """The blob of a file, if there is one; raises ``StorageUnavailable`` for a file that is none of ours."""
    try:
        with path.open("rb") as file:
            return Blob(_info(file, path), file.read(LARGEST + 1))
    except FileNotFoundError:
        return None


def info(path: Path) -> BlobInfo | None:
    """The same without the bytes."""
    try:
        with path.open("rb") as file:
            return _info(file, path)
    except FileNotFoundError:
        return None


def put_at(path: Path) -> datetime | None:
    """When a file's blob was last put, if there is one."""
    try:
        return _moment(path.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


def touch(path: Path, moment: datetime) -> None:
    """Let the file's blob be put at that moment."""
    nanoseconds = (moment - EPOCH) // MICROSECOND * 1000
    os.utime(path, ns=(nanoseconds, nanoseconds))


def _moment(nanoseconds: int) -> datetime:
    return EPOCH + nanoseconds // 1000 * MICROSECOND


def _header(info: BlobInfo) -> bytes:
    place = {"instance": info.instance, "type": info.owner.type, "id": info.owner.id, "name": info.name}
    known = {"content_type": info.content_type, "size": info.size, "sha256": info.digest.hex()}
    return json.dumps({**place, **known}, separators=(",", ":")).encode() + b"\n"


def _info(file: BinaryIO, path: Path) -> BlobInfo:
    try:
        line = file.readline(LONGEST_HEADER)
        found = json.loads(line)
        owner, digest = Ref(found["type"], found["id"]), bytes.fromhex(found["sha256"])
        moment = _moment(os.fstat(file.fileno()).st_mtime_ns)
        place = (found["instance"], owner, found["name"])
        return BlobInfo(*place, found["content_type"], found["size"], digest, moment)
    except (ValueError, KeyError, TypeError) as error:
        raise StorageUnavailable(f"{path} is damaged: it is no blob") from error


def _sync(folder: Path) -> None:
    """So that a name in the folder is still there after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
