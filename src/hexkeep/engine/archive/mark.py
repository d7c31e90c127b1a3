"""The mark of a restore that is under way: while it lies in a storage, no node serves it.

It is made before anything is removed, and remembers what is: a restore that begins again may replace what the one
before has loaded half, and opens epochs that were never used, though the heads that told of them are gone.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from hexkeep.core.kernel.errors import FailedPrecondition, Unavailable
from hexkeep.core.kernel.event import Log
from hexkeep.ports.clock import Clock
from hexkeep.ports.expiring import Expiring

PLACE = ("restore", "under way", b"restore")
"""Instance (none that could be wiped), scope and key."""
LASTING = timedelta(days=36_500)


class RestoreUnderWay(FailedPrecondition):
    """The storage is being restored to, or a restore was broken off in the middle."""

    code = "restore_under_way"
    title = "The storage is being restored; if that was broken off, run the same command again"


async def unasked() -> None:
    """Nobody but who makes the mark can have the storage open."""


class Mark:
    """The mark in one storage. ``alone`` raises if a node may be at work that has not seen it."""

    def __init__(self, expiring: Expiring, clock: Clock, alone: Callable[[], Awaitable[None]] = unasked) -> None:
        self._expiring = expiring
        self._clock = clock
        self._alone = alone

    async def epochs(self) -> dict[tuple[str, Log], int]:
        """The epoch of each log that is being replaced, as it was before that, 0 if it was not there."""
        kept = await self._expiring.get(*PLACE)
        listed: list[tuple[str, str, int]] = json.loads(kept) if kept is not None else []
        return {(instance, Log(log)): epoch for instance, log, epoch in listed}

    async def make(self, epochs: Mapping[tuple[str, Log], int]) -> None:
        """A restore begins, or begins again, to replace these logs. Where it may not be alone, nothing is changed."""
        listed = json.dumps([[instance, log.value, epoch] for (instance, log), epoch in epochs.items()])
        before = await self._expiring.get(*PLACE)
        await self._put(listed.encode())
        try:
            await self._alone()
        except (FailedPrecondition, Unavailable):
            await (self.remove() if before is None else self._put(before))
            raise

    async def _put(self, listed: bytes) -> None:
        await self._expiring.put(*PLACE, listed, self._clock.now() + LASTING)

    async def remove(self) -> None:
        """The restore is done."""
        await self._expiring.take(*PLACE)

    async def insist_on_none(self) -> None:
        """Raises ``RestoreUnderWay``."""
        if await self._expiring.get(*PLACE) is not None:
            raise RestoreUnderWay
