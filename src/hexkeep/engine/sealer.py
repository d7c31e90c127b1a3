"""The sealer: within seconds closes the range behind the newest seal of every log that has grown.

Its lease only saves work. Of two sealers one wins, for ``Seals.add`` compares and sets; the other one finds out, reads
what is newest now and goes on from there.
"""

import logging
from dataclasses import dataclass, replace

from hexkeep.core.kernel.errors import Archived
from hexkeep.core.kernel.event import Log
from hexkeep.engine.seal_keys import SealKeys
from hexkeep.engine.sealing import SEAL_TYPE, claims_of, follower
from hexkeep.ports.clock import Clock
from hexkeep.ports.event_store import EventStore, Head, Reading, StoredEvent
from hexkeep.ports.jose import Jose
from hexkeep.ports.seals import Seal, Seals

logger = logging.getLogger("hexkeep.engine.sealer")
MOST = 1000
"""Events under one seal. More make a smaller table of seals, fewer a smaller range to search after a break."""
TURN = 50
"""Seals that one log gets before it is the next one's turn."""

Place = tuple[str, Log]


@dataclass(frozen=True, slots=True)
class Sealing:
    """What a sealer works with."""

    events: EventStore
    seals: Seals
    keys: SealKeys
    jose: Jose
    clock: Clock


class Sealer:
    """Seals all logs. A round with nothing to do costs one look at the heads, however many logs there are."""

    def __init__(self, use: Sealing, most: int = MOST) -> None:
        self._use = use
        self._most = most
        self._newest: dict[Place, Seal | None] = {}
        self._complained: set[Place] = set()
        self.made = 0
        """Seals made by this sealer."""
        self.unsealed = 0
        """Events that its last round left without a seal: more than a few when a log cannot be sealed."""

    async def seal(self) -> int:
        """Seal everything that has been written until now; how many seals were made."""
        made = 0
        while fresh := await self._round():
            made += fresh
        return made

    async def _round(self) -> int:
        heads = await self._use.events.heads()
        fresh = sum([await self._catch_up(head) for head in heads])
        self.made += fresh
        self.unsealed = sum(max(0, head.position - self._sealed((head.instance, head.log), head)) for head in heads)
        return fresh

    async def _catch_up(self, head: Head) -> int:
        place = (head.instance, head.log)
        if place not in self._newest:
            self._newest[place] = await self._use.seals.newest(*place)
        made = 0
        while made < TURN and self._sealed(place, head) < head.position and await self._close(head):
            made += 1
        return made

    def _sealed(self, place: Place, head: Head) -> int:
        """The position up to which a log is sealed. The first seal of a log begins where the log does."""
        newest = self._newest[place]
        return newest.last if newest else head.horizon

    async def _close(self, head: Head) -> bool:
        """Put one seal behind the newest. ``False`` when there is nothing to seal, or somebody else was faster."""
        place = (head.instance, head.log)
        events = await self._following(head)
        if not events:
            return False
        draft = follower(*place, head.epoch, self._newest[place], events, self._use.clock.now())
        pair = await self._use.keys.signing()
        seal = replace(draft, signature=await self._use.jose.sign(pair.private, SEAL_TYPE, claims_of(draft)))
        if await self._use.seals.add(seal):
            self._newest[place] = seal
            return True
        await self._look_again(head)
        return False

    async def _following(self, head: Head) -> list[StoredEvent]:
        """What comes next; nothing where the log is not whole, for a range with a gap must never look intact."""
        place = (head.instance, head.log)
        after = self._sealed(place, head)
        try:
            events = await self._use.events.read_log(*place, after, self._most, Reading.RECENT)
        except Archived:
            self._complain(place, "was dropped before it was sealed")
            return []
        if [event.position for event in events] != [*range(after + 1, after + 1 + len(events))]:
            self._complain(place, "has a gap; `hexkeep verify` tells where")
            return []
        return events

    async def _look_again(self, head: Head) -> None:
        """Take somebody else's newer seals for what they are. Where some are gone nothing may be sealed over it."""
        place = (head.instance, head.log)
        known, found = self._newest[place], await self._use.seals.newest(*place)
        lost = known is not None and (found is None or found.number < known.number)
        if known is not None and lost and head.epoch <= known.epoch:
            self._complain(place, "has lost seals; `hexkeep verify` compares with seals that are kept elsewhere")
            return
        self._newest[place] = found

    def _complain(self, place: Place, what: str) -> None:
        """Once per log and process."""
        if place not in self._complained:
            self._complained.add(place)
            logger.error("the %s log of instance %s %s", place[1].value, place[0], what)
