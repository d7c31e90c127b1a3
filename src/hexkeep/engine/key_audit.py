"""Whether unique keys have the holders that their history says, in bounded memory, beside whoever changes them.

A key that is held without any history is not seen: the port tells who holds a key that is known, not all keys.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from functools import partial

from hexkeep.core.kernel.event import Log
from hexkeep.engine.findings import Break, Fault
from hexkeep.ports.event_store import EventStore, KeyChange

PAGE = 1000
HELD = 200_000
"""Keys that are compared at once. Where there are more, the history is read several times."""
ASKED_TOGETHER = 32
ATTEMPTS = 3
"""How often a key must differ before it is believed: somebody may have changed it between history and holder."""

Key = tuple[str, bytes]
"""Kind and hash."""


@dataclass(frozen=True, slots=True)
class KeyReport:
    """What was seen of an instance's unique keys. ``broken`` names the position of the last change of the first."""

    instance: str
    keys: int
    broken: Break | None = None


class _TooMany(Exception):
    """More keys than are compared at once."""


class KeyAudit:
    """Compares the holders of unique keys with their history."""

    def __init__(self, events: EventStore, held: int = HELD) -> None:
        self._events = events
        self._held = held

    async def audit(self, instance: str) -> KeyReport:
        """Compare all keys of an instance that have a history."""
        parts = 1
        while True:
            try:
                return await self._audit(instance, parts)
            except _TooMany:
                parts *= 2

    async def _audit(self, instance: str, parts: int) -> KeyReport:
        keys, differing = 0, list[KeyChange]()
        for part in range(parts):
            last = await self._last_changes(instance, partial(_belongs, part, parts))
            keys += len(last)
            differing += await self._differing(instance, last.values())
        for _ in range(ATTEMPTS - 1):
            wanted = {(one.kind, one.hash) for one in differing}
            again = await self._last_changes(instance, wanted.__contains__) if wanted else {}
            differing = await self._differing(instance, again.values())
        if not differing:
            return KeyReport(instance, keys)
        first = min(one.position for one in differing)
        return KeyReport(instance, keys, Break(Fault.UNIQUE_KEY, first, first))

    async def _last_changes(self, instance: str, wanted: Callable[[Key], bool]) -> dict[Key, KeyChange]:
        """What was done to each wanted key last."""
        last: dict[Key, KeyChange] = {}
        async for change in self._changes(instance):
            key = (change.kind, change.hash)
            if wanted(key):
                last[key] = change
                if len(last) > self._held:
                    raise _TooMany
        return last

    async def _changes(self, instance: str) -> AsyncIterator[KeyChange]:
        for log in Log:
            after = None
            while page := await self._events.key_changes(instance, log, after, PAGE):
                for change in page:
                    yield change
                after = (page[-1].position, page[-1].kind, page[-1].hash)

    async def _differing(self, instance: str, changes: Iterable[KeyChange]) -> list[KeyChange]:
        found, waiting = list[KeyChange](), [*changes]
        for begin in range(0, len(waiting), ASKED_TOGETHER):
            some = waiting[begin : begin + ASKED_TOGETHER]
            holders = await asyncio.gather(*(self._events.key_owner(instance, one.kind, one.hash) for one in some))
            found += [
                one for one, holder in zip(some, holders, strict=True) if holder != (one.owner if one.claimed else None)
            ]
        return found


def _belongs(part: int, parts: int, key: Key) -> bool:
    """Whether a key is one of that part of all keys."""
    return int.from_bytes(hashlib.sha256(key[0].encode() + key[1]).digest()[:4], "big") % parts == part
