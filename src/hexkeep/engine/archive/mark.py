"""The mark of a restore that is under way: while it lies in a storage, no node serves it."""

from datetime import timedelta

from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.ports.clock import Clock
from hexkeep.ports.expiring import Expiring

PLACE = ("restore", "under way", b"restore")
"""Instance (none that could be wiped), scope and key."""
LASTING = timedelta(days=36_500)


class RestoreUnderWay(FailedPrecondition):
    """The storage is being restored to, or a restore was broken off in the middle."""

    code = "restore_under_way"
    title = "The storage is being restored; if that was broken off, run the same command again"


class Mark:
    """The mark in one storage."""

    def __init__(self, expiring: Expiring, clock: Clock) -> None:
        self._expiring = expiring
        self._clock = clock

    async def make(self) -> None:
        """A restore begins, or begins again."""
        await self._expiring.put(*PLACE, b"1", self._clock.now() + LASTING)

    async def remove(self) -> None:
        """The restore is done."""
        await self._expiring.take(*PLACE)

    async def insist_on_none(self) -> None:
        """Raises ``RestoreUnderWay``."""
        if await self._expiring.get(*PLACE) is not None:
            raise RestoreUnderWay
