"""Tombstones in a list, for engines that need no file."""

from collections.abc import Sequence

from hexkeep.ports.tombstones import Tombstone


class ListedTombstones:
    """The port ``tombstones.Tombstones``, forgotten with the process."""

    def __init__(self) -> None:
        self.kept: list[Tombstone] = []

    async def add(self, tombstone: Tombstone) -> None:
        """See the port."""
        self.kept.append(tombstone)

    async def list(self) -> Sequence[Tombstone]:
        """See the port."""
        return tuple(self.kept)
