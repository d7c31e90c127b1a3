"""Snapshots."""

from hexkeep.adapters.sqlite.part import Part
from hexkeep.adapters.sqlite.values import Cell
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.ports.snapshots import Snapshot, Snapshots

_PUT = """
INSERT INTO snapshots (instance_id, aggregate_type, aggregate_id, version, schema, state) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET version = excluded.version, schema = excluded.schema, state = excluded.state
WHERE snapshots.schema <> excluded.schema OR snapshots.version < excluded.version
"""
_GET = """
SELECT version, schema, state FROM snapshots WHERE instance_id = ? AND aggregate_type = ? AND aggregate_id = ?
"""
_FORGET = "DELETE FROM snapshots WHERE instance_id = ?"


class SqliteSnapshots(Part, Snapshots):
    """The port ``snapshots.Snapshots``."""

    async def put(self, snapshot: Snapshot) -> None:
        """See the port."""
        cells = (snapshot.instance, *snapshot.stream, snapshot.version, snapshot.schema, snapshot.state)
        await self._database.write(lambda one: one.execute(_PUT, cells).rowcount, patient=True)

    async def get(self, instance: str, stream: Ref) -> Snapshot | None:
        """See the port."""
        rows = await self._database.peek(lambda one: one.execute(_GET, (instance, *stream)).fetchall())
        return Snapshot(instance, stream, *rows[0]) if rows else None

    async def forget(self, instance: str, type_: str | None = None, id_: str | None = None) -> None:
        """See the port."""
        named: list[tuple[str, Cell]] = [("aggregate_type", type_), ("aggregate_id", id_)]
        chosen = [(column, value) for column, value in named if value is not None]
        sql = " AND ".join((_FORGET, *(f"{column} = ?" for column, _ in chosen)))
        values = (instance, *(value for _, value in chosen))
        await self._database.write(lambda one: one.execute(sql, values).rowcount)
