"""Blobs: pictures, fonts and other opaque bytes of an instance, too large for an event.

A blob lies under the aggregate that refers to it and a name, which the engine makes from its content: so what is kept
under a name never changes, and to put it again is no change. Which blobs are referred to is the log's business; what
nobody refers to is found by ``list`` and removed. Personal data is sealed by the engine before it comes here.

Instances, owners and names are texts of up to 200 characters, in any script and of any form: none is a path.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import TooLarge
from hexkeep.ports.adapter import Adapter

LARGEST = 4 << 20
"""How many bytes a blob may have. Every one is read and written as a whole."""


@dataclass(frozen=True, slots=True)
class BlobInfo:
    """What is known of a blob without its bytes: their media type, number and SHA-256, and when it was last put."""

    instance: str
    owner: Ref
    name: str
    content_type: str
    size: int
    digest: bytes
    put_at: datetime


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes, and what is known of them."""

    info: BlobInfo
    content: bytes = field(repr=False)

    @classmethod
    def of(cls, instance: str, owner: Ref, name: str, content_type: str, content: bytes, put_at: datetime) -> "Blob":
        """A blob with these bytes. ``put_at`` is aware, in UTC; raises ``TooLarge`` above ``LARGEST``."""
        if len(content) > LARGEST:
            raise TooLarge(f"A blob has at most {LARGEST} bytes")
        digest = hashlib.sha256(content).digest()
        return cls(BlobInfo(instance, owner, name, content_type, len(content), digest, put_at), content)

    @property
    def whole(self) -> bool:
        """Whether the bytes are still those that were put."""
        return hashlib.sha256(self.content).digest() == self.info.digest


class Blobs(Adapter, Protocol):
    """The port. Every method may be called concurrently; every one may raise ``StorageUnavailable``."""

    async def put(self, blob: Blob) -> None:
        """Keep a blob; it is there for good when this returns, wholly or, had it failed, not at all.

        One that is kept under its name stays as it is, and counts as put at the later of both times.
        """

    async def get(self, instance: str, owner: Ref, name: str) -> Blob | None:
        """A blob as it was put, or ``None``."""

    async def list(self, instance: str, after: BlobInfo | None, limit: int) -> Sequence[BlobInfo]:
        """At most ``limit`` of an instance's blobs behind ``after``, in an order of the adapter's own.

        The order does not change, so pages that follow on each other show each blob that is there all the while once.
        ``after`` itself need not be there any more.
        """

    async def delete(self, info: BlobInfo) -> bool:
        """Remove a blob, unless it was put again after ``info.put_at``; whether it was there and is gone."""

    async def forget(self, instance: str, owner: Ref | None = None) -> None:
        """Remove all blobs of an instance, or those of one owner. Nothing happens when there are none."""
