"""Limits: how many calls an instance, an address, a user and an application may make.

All nodes share the counters, behind the expiring port. So that not every call costs a round trip, a node takes calls
from a counter in blocks, a fiftieth of the limit at a time, and spends them by itself; whatever it has left when the
window ends is lost. A limit is so never exceeded by more than a block a node, and an instance without limits costs
nothing.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from hexkeep.core.instance.limits import USAGE, usage_key
from hexkeep.core.instance.state import SYSTEM_INSTANCE, Limits
from hexkeep.core.kernel.ask import CountUp, Keep
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.kernel.network import network
from hexkeep.core.kernel.permission import Caller
from hexkeep.engine.secrets import ShortLived
from hexkeep.ports.clock import Clock

MINUTE = 60
MONTH = 32 * 86_400
"""Longer than any month; the name of the counter has the month in it."""
BLOCKS = 50
"""Into how many blocks a limit is parted."""
QUOTA_BLOCKS = 1000
REMEMBERED = 100_000
"""Counters that a node keeps blocks of."""
PAUSE = 1.0
"""Seconds for which a refusal holds without another look."""
SHARES = (80, 100)
"""Percent of the quota that are told when they are reached."""

Reached = Callable[[str, str, int], Awaitable[None]]
"""Told once of each share of a quota: instance, month, percent."""


@dataclass(slots=True)
class _Block:
    """What a node may still spend of a counter, and until when; ``refused`` is what it tells meanwhile instead."""

    left: int
    until: float
    refused: ResourceExhausted | None = None


class Limiter:
    """Admits calls or refuses them."""

    def __init__(self, short_lived: ShortLived, clock: Clock) -> None:
        self._short_lived = short_lived
        self._clock = clock
        self._blocks: OrderedDict[tuple[str, str], _Block] = OrderedDict()

    async def admit_address(self, instance: str, limits: Limits, address: str, reached: Reached) -> None:
        """Admit one more call to the instance from an address, before it is known who calls.

        The addresses of one IPv6 subscriber count as one. Raises ``ResourceExhausted``.
        """
        if limits.calls_per_minute_per_address and address:
            await self._spend(instance, f"address/{network(address)}", limits.calls_per_minute_per_address)
        if limits.calls_per_minute:
            await self._spend(instance, "instance", limits.calls_per_minute)
        if limits.calls_per_month:
            await self._spend_quota(instance, limits, reached)

    async def admit_caller(self, instance: str, limits: Limits, caller: Caller) -> None:
        """Admit one more call of a user through an application; raises ``ResourceExhausted``."""
        if limits.calls_per_minute_per_user and caller.user_id:
            await self._spend(instance, f"user/{caller.user_id}", limits.calls_per_minute_per_user)
        if limits.calls_per_minute_per_client and caller.client_id:
            await self._spend(instance, f"client/{caller.client_id}", limits.calls_per_minute_per_client)

    async def _spend(self, instance: str, name: str, limit: int) -> None:
        # The limit is part of the name: blocks are of its size, and another limit counts anew.
        place = (instance, f"{name}/{limit}")
        if self._at_hand(place):
            return
        size = max(1, limit // BLOCKS)
        counted = await self._short_lived.count(instance, CountUp(f"limit/{place[1]}", MINUTE))
        if counted * size > limit:
            self._refuse(place, ResourceExhausted("There were too many calls within a minute", retry_after=MINUTE))
        self._keep(place, size - 1, MINUTE)

    async def _spend_quota(self, instance: str, limits: Limits, reached: Reached) -> None:
        now, quota = self._clock.now(), limits.calls_per_month
        month = f"{now:%Y-%m}"
        place = (instance, f"month/{month}/{quota}")
        left = (_next_month(now) - now).total_seconds()
        if self._at_hand(place):
            return
        size = max(1, quota // QUOTA_BLOCKS)
        counted = await self._short_lived.count(instance, CountUp(f"quota/{place[1]}", MONTH))
        await self._note(instance, month, min(counted * size, quota) if limits.refuse_beyond_quota else counted * size)
        for share in SHARES:
            if counted == -(-quota * share // (100 * size)):
                await reached(instance, month, share)
        if counted * size > quota and limits.refuse_beyond_quota:
            self._refuse(place, ResourceExhausted("The calls of this month are used up", retry_after=int(left) + 1))
        self._keep(place, size - 1, left)

    async def _note(self, instance: str, month: str, used: int) -> None:
        until = self._clock.now() + timedelta(seconds=MONTH)
        noted = Keep(USAGE, usage_key(instance, month), str(used).encode(), until)
        for reader in (SYSTEM_INSTANCE, instance):
            await self._short_lived.keep(reader, noted)

    def _at_hand(self, place: tuple[str, str]) -> bool:
        """Spend one of the block at hand; raises ``ResourceExhausted`` while a refusal holds."""
        block = self._blocks.get(place)
        if block is None or self._clock.monotonic() >= block.until:
            return False
        if block.refused is not None:
            raise block.refused
        block.left -= 1
        return block.left >= 0

    def _refuse(self, place: tuple[str, str], refused: ResourceExhausted) -> NoReturn:
        self._blocks[place] = _Block(0, self._clock.monotonic() + PAUSE, refused)
        raise refused

    def _keep(self, place: tuple[str, str], left: int, seconds: float) -> None:
        """Keep what is left of a block, with what others have taken meanwhile."""
        now, present = self._clock.monotonic(), self._blocks.get(place)
        if present is not None and now < present.until:
            left += max(0, present.left)
        self._blocks[place] = _Block(left, now + seconds)
        self._blocks.move_to_end(place)
        while len(self._blocks) > REMEMBERED:
            self._blocks.popitem(last=False)


def _next_month(now: datetime) -> datetime:
    year, month = (now.year + 1, 1) if now.month == 12 else (now.year, now.month + 1)  # noqa: PLR2004 - December
    return datetime(year, month, 1, tzinfo=UTC)
