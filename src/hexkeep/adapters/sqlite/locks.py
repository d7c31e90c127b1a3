"""Leases."""

from hexkeep.adapters.sql.cells import time_in
from hexkeep.adapters.sqlite.database import Database
from hexkeep.adapters.sqlite.part import Part
from hexkeep.ports.clock import Clock
from hexkeep.ports.locks import Lease, LeaseHolders, Locks

_ACQUIRE = """
INSERT INTO leases (name, owner, token, expires_at) VALUES (:name, :owner, 1, :until)
ON CONFLICT (name) DO UPDATE SET
    token = token + (expires_at <= :now), owner = excluded.owner, expires_at = excluded.expires_at
WHERE expires_at <= :now OR owner = excluded.owner
RETURNING token
"""
_MINE = "name = :name AND owner = :owner AND token = :token AND expires_at > :now"
_RENEW = f"UPDATE leases SET expires_at = :until WHERE {_MINE}"  # noqa: S608 - fixed text
_HOLDER = "SELECT owner FROM leases WHERE name = :name AND expires_at > :now"
_RELEASE = f"UPDATE leases SET expires_at = 0 WHERE {_MINE}"  # noqa: S608 - fixed text


class SqliteLocks(Part, Locks, LeaseHolders):
    """The port ``locks.Locks`` with ``LeaseHolders``. Rows stay when released, for the token must go on growing."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database)
        self._clock = clock

    def _times(self, seconds: float) -> dict[str, int]:
        """Taken inside the transaction, so that no wait in front of it counts."""
        now = time_in(self._clock.now())
        return {"now": now, "until": now + int(seconds * 1_000_000)}

    async def acquire(self, name: str, owner: str, seconds: float) -> Lease | None:
        """See the port."""
        rows = await self._database.write(
            lambda one: one.execute(_ACQUIRE, {"name": name, "owner": owner, **self._times(seconds)}).fetchall()
        )
        return Lease(name, owner, rows[0][0], seconds) if rows else None

    async def renew(self, lease: Lease) -> bool:
        """See the port."""
        mine = {"name": lease.name, "owner": lease.owner, "token": lease.token}
        changed = await self._database.write(
            lambda one: one.execute(_RENEW, {**mine, **self._times(lease.seconds)}).rowcount
        )
        return changed == 1

    async def release(self, lease: Lease) -> None:
        """See the port."""
        mine = {"name": lease.name, "owner": lease.owner, "token": lease.token}
        await self._database.write(lambda one: one.execute(_RELEASE, {**mine, **self._times(0)}).rowcount)

    async def holder(self, name: str) -> str:
        """See the port."""
        asked = {"name": name, "now": time_in(self._clock.now())}
        rows: list[tuple[str]] = await self._database.peek(lambda one: one.execute(_HOLDER, asked).fetchall())
        return rows[0][0] if rows else ""
