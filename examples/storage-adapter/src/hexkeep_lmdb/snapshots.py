"""States of aggregates with long streams."""

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.ports.snapshots import Snapshot
from hexkeep_lmdb.database import Form, Port, Transaction
from hexkeep_lmdb.order import Part

SNAPSHOTS: Form[Snapshot] = Form(Snapshot)


class LmdbSnapshots(Port):
    """The port ``snapshots.Snapshots``."""

    async def put(self, snapshot: Snapshot) -> None:
        """See the port."""

        def put(at: Transaction) -> None:
            place = ("snapshot", snapshot.instance, *snapshot.stream)
            raw = at.get(*place)
            kept = SNAPSHOTS.read(raw) if raw else None
            if kept is None or kept.schema != snapshot.schema or kept.version < snapshot.version:
                at.put(SNAPSHOTS.write(snapshot), *place)

        await self._database.write(put)

    async def get(self, instance: str, stream: Ref) -> Snapshot | None:
        """See the port."""
        raw = await self._database.read(lambda at: at.get("snapshot", instance, *stream))
        return SNAPSHOTS.read(raw) if raw else None

    async def forget(self, instance: str, type_: str | None = None, id_: str | None = None) -> None:
        """See the port."""

        def forget(at: Transaction) -> None:
            prefix: tuple[Part, ...] = ("snapshot", instance) if type_ is None else ("snapshot", instance, type_)
            found = [(key, SNAPSHOTS.read(raw)) for key, raw in at.scan(*prefix)]
            at.remove([key for key, one in found if id_ in {None, one.stream.id}])

        await self._database.write(forget)
