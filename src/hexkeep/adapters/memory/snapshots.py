"""Snapshots, in memory."""

from hexkeep.adapters.memory.part import Part
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.ports.snapshots import Snapshot, Snapshots


class MemorySnapshots(Part, Snapshots):
    """The port ``snapshots.Snapshots``."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Ref], Snapshot] = {}

    async def put(self, snapshot: Snapshot) -> None:
        """See the port."""
        place = (snapshot.instance, snapshot.stream)
        kept = self._kept.get(place)
        if kept is None or kept.schema != snapshot.schema or kept.version < snapshot.version:
            self._kept[place] = snapshot

    async def get(self, instance: str, stream: Ref) -> Snapshot | None:
        """See the port."""
        return self._kept.get((instance, stream))

    async def forget(self, instance: str, type_: str | None = None, id_: str | None = None) -> None:
        """See the port."""
        for name, stream in list(self._kept):
            if name == instance and type_ in {None, stream.type} and id_ in {None, stream.id}:
                del self._kept[name, stream]
