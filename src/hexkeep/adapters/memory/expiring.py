"""Short-lived shared state, in memory."""

from datetime import datetime, timedelta
from typing import NamedTuple

from hexkeep.adapters.memory.part import Part
from hexkeep.ports.clock import Clock
from hexkeep.ports.expiring import Expiring

Place = tuple[str, str, str, bytes]
"""Kind of entry, instance, scope and key."""


class _Entry(NamedTuple):
    until: datetime
    value: bytes = b""
    counted: int = 0


class MemoryExpiring(Part, Expiring):
    """The port ``expiring.Expiring``, on the given clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: dict[Place, _Entry] = {}

    def _live(self, place: Place) -> _Entry | None:
        entry = self._entries.get(place)
        return entry if entry is not None and self._clock.now() < entry.until else None

    async def claim_once(self, instance: str, scope: str, key: bytes, until: datetime) -> bool:
        """See the port."""
        place = ("claim", instance, scope, key)
        free = self._live(place) is None
        if free:
            self._entries[place] = _Entry(until)
        return free

    async def put(self, instance: str, scope: str, key: bytes, value: bytes, until: datetime) -> None:
        """See the port."""
        self._entries["value", instance, scope, key] = _Entry(until, value)

    async def get(self, instance: str, scope: str, key: bytes) -> bytes | None:
        """See the port."""
        entry = self._live(("value", instance, scope, key))
        return None if entry is None else entry.value

    async def take(self, instance: str, scope: str, key: bytes) -> bytes | None:
        """See the port."""
        entry = self._live(("value", instance, scope, key))
        self._entries.pop(("value", instance, scope, key), None)
        return None if entry is None else entry.value

    async def count(self, instance: str, bucket: bytes, window_seconds: int) -> int:
        """See the port."""
        place = ("count", instance, "", bucket)
        window = self._live(place) or _Entry(self._clock.now() + timedelta(seconds=window_seconds))
        counted = window.counted + 1
        self._entries[place] = window._replace(counted=counted)
        return counted

    async def sweep(self, limit: int = 1000) -> int:
        """See the port."""
        now = self._clock.now()
        expired = [place for place, entry in self._entries.items() if entry.until <= now][:limit]
        for place in expired:
            del self._entries[place]
        return len(expired)

    def wipe(self, instance: str) -> None:
        """Remove the entries of an instance."""
        self._entries = {place: entry for place, entry in self._entries.items() if place[1] != instance}
