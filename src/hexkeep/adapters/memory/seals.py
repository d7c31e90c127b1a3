"""Seals, in memory."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

from hexkeep.adapters.memory.part import Part
from hexkeep.core.kernel.event import Log
from hexkeep.ports.seals import Seal, Seals


class MemorySeals(Part, Seals):
    """The port ``seals.Seals``."""

    def __init__(self) -> None:
        self._seals: defaultdict[tuple[str, Log], list[Seal]] = defaultdict(list)

    async def add(self, seal: Seal) -> bool:
        """See the port."""
        kept = self._seals[seal.instance, seal.log]
        follows = (kept[-1].number + 1, kept[-1].last + 1) if kept else (1, seal.first)
        if (seal.number, seal.first) != follows:
            return False
        kept.append(seal)
        return True

    async def newest(self, instance: str, log: Log) -> Seal | None:
        """See the port."""
        kept = self._seals.get((instance, log))
        return kept[-1] if kept else None

    async def list(self, instance: str, log: Log, after: int, limit: int) -> Sequence[Seal]:
        """See the port."""
        return [seal for seal in self._seals.get((instance, log), ()) if seal.number > after][:limit]

    async def covering(self, instance: str, log: Log, position: int) -> Seal | None:
        """See the port."""
        kept = self._seals.get((instance, log), [])
        place = bisect_left(kept, position, key=lambda seal: seal.last)
        return kept[place] if place < len(kept) and kept[place].first <= position else None

    def load(self, seals: Sequence[Seal]) -> None:
        """Keep seals as they are."""
        for seal in seals:
            self._seals[seal.instance, seal.log].append(seal)

    def wipe(self, instance: str) -> None:
        """Remove the seals of an instance."""
        for log in Log:
            self._seals.pop((instance, log), None)
