"""Short-lived shared state, on the clock of the storage."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hexkeep_lmdb.database import Database, Form, Port, Transaction
from hexkeep_lmdb.order import Part


@dataclass(frozen=True, slots=True)
class Entry:
    """What is kept until a time."""

    until: datetime
    value: bytes = b""
    counted: int = 0


ENTRIES: Form[Entry] = Form(Entry)


class LmdbExpiring(Port):
    """The port ``expiring.Expiring``."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        super().__init__(database)
        self._now = now

    async def claim_once(self, instance: str, scope: str, key: bytes, until: datetime) -> bool:
        """See the port."""

        def claim(at: Transaction) -> bool:
            place = ("expiring", instance, "claim", scope, key)
            if self._live(at, place) is not None:
                return False
            at.put(ENTRIES.write(Entry(until)), *place)
            return True

        return await self._database.write(claim)

    async def put(self, instance: str, scope: str, key: bytes, value: bytes, until: datetime) -> None:
        """See the port."""
        raw = ENTRIES.write(Entry(until, value))
        await self._database.write(lambda at: at.put(raw, "expiring", instance, "value", scope, key))

    async def get(self, instance: str, scope: str, key: bytes) -> bytes | None:
        """See the port."""
        entry = await self._database.read(lambda at: self._live(at, ("expiring", instance, "value", scope, key)))
        return entry.value if entry else None

    async def take(self, instance: str, scope: str, key: bytes) -> bytes | None:
        """See the port."""

        def take(at: Transaction) -> bytes | None:
            place = ("expiring", instance, "value", scope, key)
            entry = self._live(at, place)
            at.delete(*place)
            return entry.value if entry else None

        return await self._database.write(take)

    async def count(self, instance: str, bucket: bytes, window_seconds: int) -> int:
        """See the port."""

        def count(at: Transaction) -> int:
            place = ("expiring", instance, "count", "", bucket)
            window = self._live(at, place) or Entry(self._now() + timedelta(seconds=window_seconds))
            window = replace(window, counted=window.counted + 1)
            at.put(ENTRIES.write(window), *place)
            return window.counted

        return await self._database.write(count)

    async def sweep(self, limit: int = 1000) -> int:
        """See the port."""

        def sweep(at: Transaction) -> int:
            now = self._now()
            expired = [key for key, raw in at.scan("expiring") if ENTRIES.read(raw).until <= now][:limit]
            at.remove(expired)
            return len(expired)

        return await self._database.write(sweep)

    def _live(self, at: Transaction, place: tuple[Part, ...]) -> Entry | None:
        raw = at.get(*place)
        entry = ENTRIES.read(raw) if raw else None
        return entry if entry is not None and self._now() < entry.until else None
