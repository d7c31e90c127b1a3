"""Sweeping on CockroachDB, which also removes unique keys that were given back."""

from hexkeep.adapters.cockroach.database import CockroachDatabase
from hexkeep.adapters.pgwire.expiring import WireExpiring


class CockroachExpiring(WireExpiring):
    """The port ``expiring.Expiring``."""

    def __init__(self, database: CockroachDatabase) -> None:
        super().__init__(database)
        self._free = database.schema.sql(
            "DELETE FROM {schema}.unique_keys WHERE (instance_id, kind, hash) IN ("
            "SELECT instance_id, kind, hash FROM {schema}.unique_keys WHERE aggregate_type IS NULL LIMIT %s)"
            " AND aggregate_type IS NULL RETURNING 1"
        )

    async def sweep(self, limit: int = 1000) -> int:
        """See the port. A row without an owner says nothing, so it goes at any time and does not count."""
        await self._database.rows(self._free, (limit,))
        return await super().sweep(limit)
