"""Sweeping on CockroachDB, which also removes unique keys that were given back."""

from collections.abc import Sequence

from hexkeep.adapters.cockroach.database import CockroachDatabase
from hexkeep.adapters.pgwire.expiring import WireExpiring


class CockroachExpiring(WireExpiring):
    """The port ``expiring.Expiring``."""

    def __init__(self, database: CockroachDatabase) -> None:
        self._delete = database.delete
        super().__init__(database)
        self._free = database.delete("unique_keys", "aggregate_type IS NULL", "instance_id, kind, hash")

    def sweeps(self) -> Sequence[bytes]:
        """See the base."""
        expired = "expires_at <= now()"
        return [self._delete(table, expired, "expires_at") for table in ("expiring", "counters")]

    def forget(self) -> bytes:
        """See the base."""
        return self._delete("append_units", "kept_since < now() - %s::int8 * interval '1 day'", "kept_since")

    async def sweep(self, limit: int = 1000) -> int:
        """See the port. A row without an owner says nothing, so it goes at any time and does not count."""
        await self._database.rows(self._free, (limit,))
        return await super().sweep(limit)
