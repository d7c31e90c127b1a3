"""Tombstones: who was erased, kept outside the database, so that restoring an older backup brings nobody back.

A tombstone holds ids and a time, nothing about the person. The list only ever grows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One erasure: of ``user_id`` in ``instance``, asked for at ``erased_at`` by the event at ``position``."""

    instance: str
    user_id: str
    erased_at: datetime
    position: int
    """In the instance's durable log, of the epoch in which the erasure was asked for."""


class Tombstones(Protocol):
    """The port. Its methods may be called concurrently, by several processes; both may raise ``StorageUnavailable``."""

    async def add(self, tombstone: Tombstone) -> None:
        """Put a tombstone at the end of the list. It is there for good when this returns, whatever happens then."""

    async def list(self) -> Sequence[Tombstone]:
        """The whole list, oldest first. An erasure that was done more than once may be there more than once."""
