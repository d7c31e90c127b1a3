"""The verifier: reads a log once, in bounded ranges and memory, and names the first thing that is not as it was.

For every event: it is there, fits its digest, is not dated before the one in front of it, and follows on its
aggregate's last version. For every seal: a trusted key signed it, it follows on the one before, its epoch is possible,
and its root is that of its events. A range that retention dropped is vouched for by its seal alone. Seals that are kept
elsewhere show what none of this can: that the newest seals are gone, or that somebody who has the key made new ones.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from hexkeep.core.kernel.errors import Archived
from hexkeep.core.kernel.event import Log
from hexkeep.engine.findings import Break, Fault, LogReport
from hexkeep.engine.sealing import NOTHING_BEFORE, SEAL_TYPE, claims_of, link_of
from hexkeep.engine.walk import Covered, Walk
from hexkeep.ports.event_store import EventStore, Head, Reading, StoredEvent
from hexkeep.ports.jose import Claims, Jose, Jwk
from hexkeep.ports.seals import Seal, Seals

PAGE = 1000
SEALS_PAGE = 100
AT_ONCE = 100
"""Events that are judged before others on the event loop get a turn: half a millisecond."""

Place = tuple[str, Log]
Progress = Callable[[Head, int], None]
"""Is told now and then how far a log was read."""


class KeptSeals(Protocol):
    """Seals that are kept elsewhere."""

    def places(self) -> Iterable[Place]:
        """The logs that there are seals of."""

    def last(self, place: Place) -> int:
        """The highest number of a log's seals, 0 when there are none."""

    def get(self, place: Place, number: int) -> Seal | None:
        """The seal of that number, if it was kept."""


class NothingKept(KeptSeals):
    """No seals are kept elsewhere."""

    def places(self) -> Iterable[Place]:
        """None."""
        return ()

    def last(self, place: Place) -> int:
        """No number."""
        return 0

    def get(self, place: Place, number: int) -> Seal | None:
        """Nothing."""
        return None


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a log was found intact: the number, last position, epoch and link of its last good seal."""

    number: int = 0
    last: int = 0
    epoch: int = 0
    link: bytes = NOTHING_BEFORE


Passed = Callable[[Mark, int], Awaitable[None]]
"""Hears behind each good seal up to where a log is intact, and how many events were read for that."""


def mark_at(seal: Seal) -> Mark:
    """The mark behind a seal."""
    return Mark(seal.number, seal.last, seal.epoch, link_of(seal))


@dataclass(frozen=True, slots=True)
class Verifying:
    """What a verification works with. ``restored``: ranges that a restore left out are no fault."""

    events: EventStore
    seals: Seals
    jose: Jose
    trusted: Sequence[Jwk]
    kept: KeptSeals = field(default_factory=NothingKept)
    restored: bool = False
    progress: Progress = lambda _head, _position: None
    pause: Callable[[], Awaitable[None]] = lambda: asyncio.sleep(0)
    """Is awaited after each page, so that others get their turn."""
    renewed: Callable[[], Awaitable[Sequence[Jwk]]] | None = None
    """The trusted keys as of now, asked for when none of ``trusted`` fits: a sealer may have got a new one since."""


async def nobody(_: Mark, __: int) -> None:
    """Hears nothing."""


class Verifier:
    """Verifies logs, one after the other."""

    def __init__(self, use: Verifying) -> None:
        self._use = use

    async def heads(self, instance: str = "", log: Log | None = None) -> list[Head]:
        """The logs to verify, of one instance or all: those with events, and those with seals."""
        heads = {(head.instance, head.log): head for head in await self._use.events.heads()}
        places = {*heads, *self._use.kept.places(), *((known, one) for known, _ in heads for one in Log)}
        chosen = [place for place in sorted(places) if instance in {"", place[0]} and (log is None or place[1] is log)]
        found = [heads.get(place) or await self._sealed_only(place) for place in chosen]
        return [head for head in found if head is not None]

    async def _sealed_only(self, place: Place) -> Head | None:
        kept = self._use.kept.last(place) or await self._use.seals.newest(*place)
        return await self._use.events.head(*place) if kept else None

    async def verify(
        self, head: Head, mark: Mark | None = None, passed: Passed = nobody, *, seamless: bool = False
    ) -> tuple[LogReport, Mark]:
        """Verify one log behind ``mark``, else all of it; and the mark to go on from next time.

        ``seamless``: compare with what is in front of ``mark`` as well, at one more read for each aggregate.
        """
        check = _LogCheck(self._use, head, mark or Mark(), passed, seamless=seamless)
        report = await check.run()
        return report, check.mark

    async def mark_before(self, head: Head, since: datetime) -> Mark:
        """The mark in front of the first seal that was made at ``since`` or later."""
        newest = await self._use.seals.newest(head.instance, head.log)
        low, high = (
            0,
            newest.number if newest else 0,
        )
        while low < high:
            middle = (low + high + 1) // 2
            seal = await self._numbered(head, middle)
            low, high = (middle, high) if seal and seal.sealed_at < since else (low, middle - 1)
        seal = await self._numbered(head, low) if low else None
        return mark_at(seal) if seal else Mark()

    async def _numbered(self, head: Head, number: int) -> Seal | None:
        found = await self._use.seals.list(head.instance, head.log, number - 1, 1)
        return found[0] if found else None


class _LogCheck:
    """The verification of one log; ``mark`` moves with every good seal."""

    def __init__(self, use: Verifying, head: Head, mark: Mark, passed: Passed, *, seamless: bool) -> None:
        self._use = use
        self._seamless = seamless and mark.number > 0
        self._passed = passed
        self._trusted = use.trusted
        self._head = head
        self._place: Place = (head.instance, head.log)
        self._begin = mark.last + 1
        from_the_start = mark.number == 0 and head.horizon == 0
        self._walk = Walk(head.instance, head.log, mark.last, from_the_start=from_the_start)
        self._seals = 0
        self._dropped = 0
        self._unsealed = 0
        self._replaced: Break | None = None
        self.mark = mark

    async def run(self) -> LogReport:
        """Read the log up to its end, or to the first fault."""
        broken = await self._broken()
        return LogReport(
            *self._place,
            epoch=self._head.epoch,
            head=self._head.position,
            horizon=self._head.horizon,
            begin=self._begin,
            events=self._walk.events,
            seals=self._seals,
            dropped=self._dropped,
            unsealed=self._unsealed,
            unfollowed=self._walk.unfollowed,
            broken=broken,
        )

    async def _broken(self) -> Break | None:
        if self._head.log is Log.DURABLE and self._head.horizon:
            return Break(Fault.HORIZON, 1, self._head.horizon)
        if not await self._stands():
            return Break(Fault.KEPT, self.mark.last, self.mark.last)
        if self._seamless:
            await self._recall_time()
        async with aclosing(self._pairs()) as pairs:
            async for stored, kept in pairs:
                if self._replaced is not None and kept is None:
                    return self._replaced
                broken = await self._pair(stored, kept)
                if broken is not None:
                    return broken
        return self._replaced or await self._tail()

    async def _stands(self) -> bool:
        """Whether the seal that was the last good one is still there."""
        if not self.mark.number:
            return True
        found = await self._use.seals.list(*self._place, self.mark.number - 1, 1)
        return bool(found) and mark_at(found[0]) == self.mark

    async def _pairs(self) -> AsyncGenerator[tuple[Seal | None, Seal | None], None]:
        """The seals in order of number: each as the storage has it, and as it was kept elsewhere."""
        number, page, end = self.mark.number, list[Seal](), self._use.kept.last(self._place)
        while True:
            page = page or [*await self._use.seals.list(*self._place, number, SEALS_PAGE)]
            if not page and number >= end:
                return
            number += 1
            kept = self._use.kept.get(self._place, number)
            stored = page.pop(0) if page and (kept is None or page[0].number <= number) else None
            if stored is not None or kept is not None:
                yield stored, kept

    async def _pair(self, stored: Seal | None, kept: Seal | None) -> Break | None:
        if kept is not None and self._left_out(stored, kept):
            if not self._use.restored:
                return Break(Fault.RESTORED, kept.first, kept.last)
            kept = None
        authority = kept or stored
        if authority is None:
            return None
        fault = await self._fault(stored, kept)
        trusted = fault is None or (kept is not None and fault is not Fault.SIGNATURE)
        broken = await self._range(authority, trusted=trusted)
        if broken is None and fault is Fault.KEPT:  # what was changed may be found further on
            self._replaced = self._replaced or Break(fault, authority.first, authority.last)
        elif broken is None and fault is not None:
            broken = Break(fault, min(self.mark.last + 1, authority.first), authority.last)
        if broken is None:
            self.mark = mark_at(authority)
            self._seals += 1
            if self._replaced is None:
                await self._passed(self.mark, self._walk.events)
        return broken

    def _left_out(self, stored: Seal | None, kept: Seal) -> bool:
        """Whether a restore opened a new epoch in front of a seal that was kept."""
        other = stored is None or stored.signature != kept.signature
        return other and kept.epoch < (stored.epoch if stored else self._head.epoch)

    async def _fault(self, stored: Seal | None, kept: Seal | None) -> Fault | None:
        """What is wrong with a seal itself."""
        if kept is not None:
            if not await self._signed(kept):
                return Fault.SIGNATURE
            if stored is None or stored.signature != kept.signature:
                return Fault.KEPT
        if stored is None:
            return None
        claims = await self._claims(stored.signature)
        if claims is None:
            return Fault.SIGNATURE
        if claims != claims_of(stored):
            return Fault.CLAIMS
        if (stored.number, stored.previous) != (self.mark.number + 1, self.mark.link):
            return Fault.CHAIN
        if self.mark.number and stored.first != self.mark.last + 1:
            return Fault.CHAIN
        return None if self.mark.epoch <= stored.epoch <= self._head.epoch else Fault.EPOCH

    async def _signed(self, seal: Seal) -> bool:
        return await self._claims(seal.signature) == claims_of(seal)

    async def _claims(self, signature: str) -> Claims | None:
        """What a trusted key has signed."""
        claims = await self._use.jose.verify(signature, self._trusted, SEAL_TYPE)
        if claims is None and self._use.renewed is not None:
            self._trusted = await self._use.renewed()
            claims = await self._use.jose.verify(signature, self._trusted, SEAL_TYPE)
        return claims

    async def _range(self, seal: Seal, *, trusted: bool) -> Break | None:
        """What is wrong with the events that a seal covers. The content of a seal counts only if it is trusted."""
        try:
            if seal.last > self._head.horizon:
                return await self._present(seal, trusted=trusted)
        except Archived:  # dropped meanwhile
            self._head = await self._use.events.head(*self._place)
            if seal.last > self._head.horizon:
                return Break(Fault.HORIZON, seal.first, self._head.horizon)
        self._skip(seal.last)
        return None

    def _skip(self, last: int) -> None:
        self._dropped += max(0, last - self._walk.position)
        self._walk.skip(last)

    async def _present(self, seal: Seal, *, trusted: bool) -> Break | None:
        if seal.first <= self._head.horizon:
            return Break(Fault.HORIZON, seal.first, self._head.horizon)
        broken = await self._unsealed_upto(seal.first - 1)
        if broken is not None:
            return broken
        covered, aligned = Covered(seal), self._walk.position == seal.first - 1
        broken = await self._events_upto(seal.last, covered.meet)
        if not trusted or not aligned:
            return broken
        if broken is not None and covered.differs is not None and covered.differs < broken.first:
            return Break(Fault.LEAF, covered.differs, covered.differs)
        return broken or covered.finding()

    async def _unsealed_upto(self, last: int) -> Break | None:
        """Events that no seal covers: behind the newest, and those that were there before there were seals."""
        if self.mark.number == 0 and self._walk.position < self._head.horizon:
            self._skip(self._head.horizon)
        before = self._walk.events
        broken = await self._events_upto(last, lambda _event: None)
        self._unsealed += self._walk.events - before
        return broken

    async def _events_upto(self, last: int, met: Callable[[StoredEvent], None]) -> Break | None:
        async with aclosing(self._read(last)) as events:
            async for event in events:
                if self._seamless and event.version > 1 and not self._walk.knows(event.stream):
                    await self._recall(event)
                broken = self._walk.meet(event)
                if broken is not None:
                    return broken
                met(event)
        following = self._walk.position + 1
        return Break(Fault.MISSING, following, following) if following <= last else None

    async def _recall_time(self) -> None:
        with suppress(Archived):
            for event in await self._use.events.read_log(*self._place, self.mark.last - 1, 1):
                self._walk.recall_time(event.created_at)

    async def _recall(self, event: StoredEvent) -> None:
        """What the walk would know of an aggregate if it had not begun at a mark."""
        with suppress(Archived):
            found = await self._use.events.read_stream(*self._place, event.stream, event.version - 2, 1)
            if found and found[0].position < event.position:
                self._walk.recall(event.stream, found[0].version)
            elif not (await self._use.events.head(*self._place)).horizon:
                self._walk.recall(event.stream, 0)

    async def _read(self, last: int) -> AsyncGenerator[StoredEvent, None]:
        """The events from the present position up to ``last``; one from behind it if there is a gap in front."""
        after = self._walk.position
        while after < last:
            limit = min(PAGE, last - after)
            page = await self._use.events.read_log(*self._place, after, limit, Reading.HISTORY)
            page = page or await self._use.events.read_log(*self._place, after, limit, Reading.PRESENT)
            for number, event in enumerate(page, 1):
                yield event
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)
            if not page:
                return
            after = page[-1].position
            self._use.progress(self._head, min(after, last))
            await self._use.pause()

    async def _tail(self) -> Break | None:
        """What is behind the newest seal, and whether the head stands where the log ends."""
        self._head = await self._use.events.head(*self._place)
        if self.mark.number and self.mark.last < self._head.horizon:
            return Break(Fault.HORIZON, self.mark.last + 1, self._head.horizon)
        broken = await self._unsealed_upto(self._head.position)
        if broken is not None:
            return broken
        beyond = await self._use.events.read_log(*self._place, self._walk.position, 1, Reading.PRESENT)
        end = beyond[-1].position if beyond else self._walk.position
        self._head = await self._use.events.head(*self._place)
        return Break(Fault.HEAD, self._head.position + 1, end) if self._head.position < end else None
