"""Snapshots as rows, one per stream."""

from hexkeep.adapters.pgwire.database import Database
from hexkeep.adapters.pgwire.part import Part
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.ports.snapshots import Snapshot


class WireSnapshots(Part):
    """The port ``snapshots.Snapshots``."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        sql = database.schema.sql
        self._put = sql(
            "INSERT INTO {schema}.snapshots AS kept"
            " (instance_id, aggregate_type, aggregate_id, version, schema, state) VALUES (%s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (instance_id, aggregate_type, aggregate_id) DO UPDATE"
            " SET version = excluded.version, schema = excluded.schema, state = excluded.state"
            " WHERE kept.schema <> excluded.schema OR kept.version < excluded.version RETURNING 1"
        )
        self._get = sql(
            "SELECT version, schema, state FROM {schema}.snapshots"
            " WHERE instance_id = %s AND aggregate_type = %s AND aggregate_id = %s"
        )
        self._forget = sql("DELETE FROM {schema}.snapshots WHERE instance_id = %s")

    async def put(self, snapshot: Snapshot) -> None:
        """See the port."""
        place = (snapshot.instance, *snapshot.stream)
        await self._database.rows(self._put, (*place, snapshot.version, snapshot.schema, snapshot.state))

    async def get(self, instance: str, stream: Ref) -> Snapshot | None:
        """See the port."""
        rows = await self._database.rows(self._get, (instance, *stream))
        return Snapshot(instance, stream, *rows[0]) if rows else None

    async def forget(self, instance: str, type_: str | None = None, id_: str | None = None) -> None:
        """See the port."""
        statement, values = self._forget, [instance]
        for column, value in ((b"aggregate_type", type_), (b"aggregate_id", id_)):
            if value is not None:
                statement += b" AND " + column + b" = %s"
                values.append(value)
        await self._database.rows(statement + b" RETURNING 1", values)
