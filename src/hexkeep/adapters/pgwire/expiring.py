"""Short-lived shared state: every method is one statement, judged by the database's clock.

A statement whose connection was lost is not sent again where that would change the answer (a claim, a take, a count):
the caller learns ``StorageUnavailable`` and nothing was guessed.
"""

from collections.abc import Sequence
from datetime import datetime

from hexkeep.adapters.pgwire.database import Database
from hexkeep.adapters.pgwire.part import Part


class WireExpiring(Part):
    """The port ``expiring.Expiring``. Its sweep also forgets the outcomes of appends that were kept long enough."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        sql = database.schema.sql
        self._claim = sql(
            "INSERT INTO {schema}.expiring AS held (instance_id, kind, scope, key, value, expires_at)"
            " VALUES (%s, 'claim', %s, %s, '', %s) ON CONFLICT (instance_id, kind, scope, key)"
            " DO UPDATE SET expires_at = excluded.expires_at WHERE held.expires_at <= clock_timestamp() RETURNING 1"
        )
        self._put = sql(
            "INSERT INTO {schema}.expiring (instance_id, kind, scope, key, value, expires_at)"
            " VALUES (%s, 'value', %s, %s, %s, %s) ON CONFLICT (instance_id, kind, scope, key)"
            " DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at RETURNING 1"
        )
        self._get = sql(
            "SELECT value FROM {schema}.expiring WHERE instance_id = %s AND kind = 'value' AND scope = %s AND key = %s"
            " AND expires_at > clock_timestamp()"
        )
        self._take = sql(
            "DELETE FROM {schema}.expiring WHERE instance_id = %s AND kind = 'value' AND scope = %s AND key = %s"
            " RETURNING CASE WHEN expires_at > clock_timestamp() THEN value END"
        )
        self._count = sql(
            "INSERT INTO {schema}.counters AS held (instance_id, bucket, count, expires_at)"
            " VALUES (%s, %s, 1, clock_timestamp() + %s::float8 * interval '1 second')"
            " ON CONFLICT (instance_id, bucket) DO UPDATE SET"
            " count = CASE WHEN held.expires_at > clock_timestamp() THEN held.count + 1 ELSE 1 END,"
            " expires_at = CASE WHEN held.expires_at > clock_timestamp() THEN held.expires_at"
            " ELSE excluded.expires_at END RETURNING count"
        )
        self._sweeps = self.sweeps()
        self._forget = self.forget()

    def sweeps(self) -> Sequence[bytes]:
        """The statements that remove what has expired; their argument is how many rows at most."""
        raise NotImplementedError

    def forget(self) -> bytes:
        """The statement that forgets the outcomes of appends; its arguments are days, and how many rows at most."""
        raise NotImplementedError

    async def claim_once(self, instance: str, scope: str, key: bytes, until: datetime) -> bool:
        """See the port."""
        return bool(await self._database.rows(self._claim, (instance, scope, key, until), repeatable=False))

    async def put(self, instance: str, scope: str, key: bytes, value: bytes, until: datetime) -> None:
        """See the port."""
        await self._database.rows(self._put, (instance, scope, key, value, until))

    async def get(self, instance: str, scope: str, key: bytes) -> bytes | None:
        """See the port."""
        rows = await self._database.rows(self._get, (instance, scope, key))
        return rows[0][0] if rows else None

    async def take(self, instance: str, scope: str, key: bytes) -> bytes | None:
        """See the port."""
        rows = await self._database.rows(self._take, (instance, scope, key), repeatable=False)
        return rows[0][0] if rows else None

    async def count(self, instance: str, bucket: bytes, window_seconds: int) -> int:
        """See the port."""
        rows = await self._database.rows(self._count, (instance, bucket, float(window_seconds)), repeatable=False)
        return int(rows[0][0])

    async def sweep(self, limit: int = 1000) -> int:
        """See the port."""
        removed = 0
        for statement in self._sweeps:
            removed += len(await self._database.rows(statement, (limit - removed,)))
        await self._database.rows(self._forget, (self._database.settings.units_kept_days, limit))
        return removed
