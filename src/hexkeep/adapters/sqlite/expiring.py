"""Short-lived shared state: claims, values and counters in one table, told apart by their kind."""

from datetime import datetime

from hexkeep.adapters.sql.cells import time_in
from hexkeep.adapters.sqlite.database import Database
from hexkeep.adapters.sqlite.part import Part
from hexkeep.adapters.sqlite.values import Cell
from hexkeep.ports.clock import Clock
from hexkeep.ports.expiring import Expiring

_PLACE = "kind = :kind AND instance_id = :instance AND scope = :scope AND key = :key"
_CLAIM = """
INSERT INTO expiring (kind, instance_id, scope, key, value, count, until)
VALUES (:kind, :instance, :scope, :key, x'', 0, :until)
ON CONFLICT (kind, instance_id, scope, key) DO UPDATE SET until = excluded.until WHERE until <= :now
"""
_PUT = """
INSERT INTO expiring (kind, instance_id, scope, key, value, count, until)
VALUES (:kind, :instance, :scope, :key, :value, 0, :until)
ON CONFLICT (kind, instance_id, scope, key) DO UPDATE SET value = excluded.value, until = excluded.until
"""
_GET = f"SELECT value FROM expiring WHERE {_PLACE} AND until > :now"  # noqa: S608 - fixed text
_TAKE = f"DELETE FROM expiring WHERE {_PLACE} RETURNING value, until > :now"  # noqa: S608 - fixed text
_COUNT = """
INSERT INTO expiring (kind, instance_id, scope, key, value, count, until)
VALUES (:kind, :instance, :scope, :key, x'', 1, :until)
ON CONFLICT (kind, instance_id, scope, key) DO UPDATE SET
    count = CASE WHEN until > :now THEN count + 1 ELSE 1 END,
    until = CASE WHEN until > :now THEN until ELSE excluded.until END
RETURNING count
"""
_SWEEP = """
DELETE FROM expiring WHERE (kind, instance_id, scope, key) IN (
    SELECT kind, instance_id, scope, key FROM expiring WHERE until <= :now ORDER BY until LIMIT :most)
"""


def _place(kind: str, instance: str, scope: str, key: bytes) -> dict[str, Cell]:
    return {"kind": kind, "instance": instance, "scope": scope, "key": key}


class SqliteExpiring(Part, Expiring):
    """The port ``expiring.Expiring``, on the given clock."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database)
        self._clock = clock

    def _now(self) -> int:
        return time_in(self._clock.now())

    async def claim_once(self, instance: str, scope: str, key: bytes, until: datetime) -> bool:
        """See the port."""
        place = {**_place("claim", instance, scope, key), "until": time_in(until)}
        changed = await self._database.write(lambda one: one.execute(_CLAIM, {**place, "now": self._now()}).rowcount)
        return changed == 1

    async def put(self, instance: str, scope: str, key: bytes, value: bytes, until: datetime) -> None:
        """See the port."""
        kept = {**_place("value", instance, scope, key), "value": value, "until": time_in(until)}
        await self._database.write(lambda one: one.execute(_PUT, kept).rowcount)

    async def get(self, instance: str, scope: str, key: bytes) -> bytes | None:
        """See the port."""
        place = {**_place("value", instance, scope, key), "now": self._now()}
        rows: list[tuple[bytes]] = await self._database.peek(lambda one: one.execute(_GET, place).fetchall())
        return rows[0][0] if rows else None

    async def take(self, instance: str, scope: str, key: bytes) -> bytes | None:
        """See the port."""
        place = _place("value", instance, scope, key)
        rows: list[tuple[bytes, int]] = await self._database.write(
            lambda one: one.execute(_TAKE, {**place, "now": self._now()}).fetchall()
        )
        return next((value for value, alive in rows if alive), None)

    async def count(self, instance: str, bucket: bytes, window_seconds: int) -> int:
        """See the port."""
        place = _place("count", instance, "", bucket)

        def times() -> dict[str, int]:
            now = self._now()
            return {"now": now, "until": now + window_seconds * 1_000_000}

        rows = await self._database.write(lambda one: one.execute(_COUNT, {**place, **times()}).fetchall())
        return int(rows[0][0])

    async def sweep(self, limit: int = 1000) -> int:
        """See the port."""
        return await self._database.write(
            lambda one: one.execute(_SWEEP, {"now": self._now(), "most": limit}).rowcount, patient=True
        )
