"""Leases as rows, judged by the database's clock in single statements."""

from hexkeep.adapters.pgwire.database import Database
from hexkeep.adapters.pgwire.part import Part
from hexkeep.ports.locks import Lease


class WireLocks(Part):
    """The port ``locks.Locks`` with ``LeaseHolders``. Rows stay when released, for the token must go on growing."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        sql = database.schema.sql
        self._acquire = sql(
            "INSERT INTO {schema}.leases AS held (name, owner, token, expires_at)"
            " VALUES (%s, %s, 1, clock_timestamp() + %s::float8 * interval '1 second')"
            " ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at,"
            " token = held.token + CASE WHEN held.owner = excluded.owner AND held.expires_at > clock_timestamp()"
            " THEN 0 ELSE 1 END"
            " WHERE held.owner = excluded.owner OR held.expires_at <= clock_timestamp() RETURNING token"
        )
        self._renew = sql(
            "UPDATE {schema}.leases SET expires_at = clock_timestamp() + %s::float8 * interval '1 second'"
            " WHERE name = %s AND owner = %s AND token = %s AND expires_at > clock_timestamp() RETURNING 1"
        )
        self._release = sql(
            "UPDATE {schema}.leases SET expires_at = '1970-01-01 00:00:00+00'"
            " WHERE name = %s AND owner = %s AND token = %s RETURNING 1"
        )
        self._holder = sql("SELECT owner FROM {schema}.leases WHERE name = %s AND expires_at > clock_timestamp()")

    async def acquire(self, name: str, owner: str, seconds: float) -> Lease | None:
        """See the port."""
        rows = await self._database.rows(self._acquire, (name, owner, float(seconds)))
        return Lease(name, owner, rows[0][0], seconds) if rows else None

    async def renew(self, lease: Lease) -> bool:
        """See the port."""
        return bool(await self._database.rows(self._renew, (lease.seconds, lease.name, lease.owner, lease.token)))

    async def release(self, lease: Lease) -> None:
        """See the port."""
        await self._database.rows(self._release, (lease.name, lease.owner, lease.token))

    async def holder(self, name: str) -> str:
        """See the port."""
        rows = await self._database.rows(self._holder, (name,))
        return str(rows[0][0]) if rows else ""
