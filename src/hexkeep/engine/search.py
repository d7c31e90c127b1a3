"""Search of events: both logs of an instance, walked from a place on, in bounded steps; nothing is kept for it.

A log is in order of position and of time at once, so a time becomes a position by bisection, and so does a position the
version of one aggregate's event. What is sought is compared with what stands in clear first; only what fits so far is
opened. A call looks at so many events at most and says where it has come to, so a page may be short, or empty, though
there is more.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import Archived, HexkeepError, InvalidInput, NotFound, PositionSuperseded
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.history import EventsOf, Found, Happened, Place, Sought
from hexkeep.engine.belonging import Belonging
from hexkeep.engine.client_data import Client, ClientData
from hexkeep.engine.codec import Codec
from hexkeep.engine.history import happened
from hexkeep.engine.registry import Registry
from hexkeep.ports.event_store import EventStore, Head, StoredEvent

BUDGET = 10_000
"""Events that a call looks at."""
OPENING, TELLING = 5, 20
"""How many of them it counts for to open who called, and to find out whose a resource is."""
LEAST, MOST = 50, 1000
"""Events that are read at a time: few at first, then more."""
AT_A_STRETCH = 100
"""Events that are shown before others may go on."""

Read = Callable[[int, int], Awaitable[list[StoredEvent]]]
"""The events behind an index, at most so many."""


@dataclass(slots=True)
class Walk:
    """One log's events, or those of one aggregate in it, one after the other.

    ``low`` is the index in front of the first that is left, ``high`` that of the last: positions, or versions of the
    one aggregate. ``place`` is where the walk has come to.
    """

    head: Head
    read: Read
    low: int
    high: int
    descending: bool
    place: int
    coming: list[StoredEvent] = field(default_factory=list)
    size: int = LEAST

    async def peek(self) -> StoredEvent | None:
        """The next event, or nothing at the end."""
        if not self.coming and self.low < self.high:
            size = min(self.size, self.high - self.low)
            after = self.high - size if self.descending else self.low
            page = await self._page(after, size)
            self.size = min(self.size * 2, MOST)
            self.coming = page if self.descending else page[::-1]  # the next is the last of the list
            if self.descending:
                self.high = after
            else:
                self.low = after + len(page) if page else self.high
        return self.coming[-1] if self.coming else None

    async def _page(self, after: int, size: int) -> list[StoredEvent]:
        """So many events behind an index, fewer only if there are no more."""
        page = await self.read(after, size)
        while page and len(page) < size and (rest := await self.read(after + len(page), size - len(page))):
            page = [*page, *rest]
        return page

    def take(self) -> StoredEvent:
        """The event that was peeked at."""
        taken = self.coming.pop()
        self.place = taken.position
        return taken

    def end(self) -> None:
        """There is nothing that is sought in the rest."""
        self.coming, self.low = [], self.high

    @property
    def reached(self) -> Place:
        """The place, for the call that goes on."""
        ended = not self.descending and not self.coming and self.low >= self.high
        position = max(self.place, self.head.position) if ended else self.place
        return Place(self.head.log, self.head.epoch, position)


class Search:
    """Searches, for all instances."""

    def __init__(
        self, registry: Registry, store: EventStore, codec: Codec, client_data: ClientData, belonging: Belonging
    ) -> None:
        self._registry = registry
        self._store = store
        self._codec = codec
        self._client_data = client_data
        self._belonging = belonging

    async def events(self, instance: str, ask: EventsOf) -> Found:
        """Some events that fit, and where the search goes on (see ``EventsOf``)."""
        heads = [await self._store.head(instance, log) for log in self._logs(ask.sought)]
        if ask.from_now_on and not ask.places:
            return Found((), tuple(Place(head.log, head.epoch, head.position) for head in heads), more=True)
        given = {place.log: place for place in ask.places}
        walks = [await self._walk(head, ask, given.get(head.log)) for head in heads]
        found, left = list[Happened](), BUDGET
        while len(found) < ask.limit and left > 0 and (walk := await _next(walks, ask)):
            stored = walk.take()
            cost, shown = await self._looked(walk.head, stored, ask.sought)
            left -= cost
            if shown is not None:
                found.append(shown)
                if len(found) % AT_A_STRETCH == 0:
                    await asyncio.sleep(0)
        more = await _next(walks, ask) is not None
        return Found(tuple(found), tuple(walk.reached for walk in walks), more)

    def _logs(self, sought: Sought) -> tuple[Log, ...]:
        if not sought.aggregate_type:
            return tuple(Log)
        if sought.aggregate_type not in self._registry.aggregates:
            raise NotFound(f"There is no aggregate type {sought.aggregate_type}")
        return (self._registry.log_of(sought.aggregate_type),)

    # --- where to walk --------------------------------------------------------------------------------------------

    async def _walk(self, head: Head, ask: EventsOf, place: Place | None) -> Walk:
        _insist(head, place, descending=ask.descending)
        sought = ask.sought
        if sought.aggregate_type and sought.aggregate_id:
            walk = await self._of_aggregate(head, Ref(sought.aggregate_type, sought.aggregate_id), place, ask)
        else:
            walk = self._of_log(head, place, descending=ask.descending)
        if place is None and ask.descending and (until := sought.until) is not None:
            walk.high = await _first(walk, lambda stored: stored.created_at >= until) - 1
        if place is None and not ask.descending and (since := sought.since) is not None:
            walk.low = await _first(walk, lambda stored: stored.created_at >= since) - 1
        return walk

    def _of_log(self, head: Head, place: Place | None, *, descending: bool) -> Walk:
        def read(after: int, limit: int) -> Awaitable[list[StoredEvent]]:
            return self._store.read_log(head.instance, head.log, after, limit)

        low, high = head.horizon, head.position
        if place is not None:
            low, high = (low, place.position - 1) if descending else (max(low, place.position), high)
        return Walk(head, read, low, high, descending, high + 1 if descending else low)

    async def _of_aggregate(self, head: Head, ref: Ref, place: Place | None, ask: EventsOf) -> Walk:
        async def read(after: int, limit: int) -> list[StoredEvent]:
            return await self._store.read_stream(head.instance, head.log, ref, after, limit)

        [version] = await self._store.versions(head.instance, [(head.log, ref)])
        begin = head.position + 1 if ask.descending else head.horizon
        walk = Walk(head, read, 0, version, ask.descending, begin if place is None else place.position)
        if head.horizon:
            walk.low = await _first(walk, lambda _: True) - 1
        if place is not None and ask.descending:
            walk.high = await _first(walk, lambda stored: stored.position >= place.position) - 1
        elif place is not None:
            walk.low = await _first(walk, lambda stored: stored.position > place.position) - 1
        return walk

    # --- what fits ------------------------------------------------------------------------------------------------

    async def _looked(self, head: Head, stored: StoredEvent, sought: Sought) -> tuple[int, Happened | None]:
        """What it cost to look at an event, and the event if it is sought."""
        if not self._fits(stored, sought):
            return 1, None
        cost = 1
        if sought.organization:
            cost += 0 if self._belonging.is_at_hand(head, stored) else TELLING
            if await self._belonging.organization(head, stored) != sought.organization:
                return cost, None
        if (sought.client_id or sought.surface) and not stored.client:
            return cost, None
        caller = await self._client_data.opened(head.instance, stored.client)
        if sought.client_id not in ("", caller.client_id) or sought.surface not in ("", caller.surface):
            return cost + OPENING, None
        return cost, await self._shown(head, stored, caller)

    def _fits(self, stored: StoredEvent, sought: Sought) -> bool:
        """Whether it may be sought, by what stands in clear."""
        (type_, id_), person = stored.stream, sought.person
        return (
            (sought.since is None or stored.created_at >= sought.since)
            and (sought.until is None or stored.created_at < sought.until)
            and sought.aggregate_type in ("", type_)
            and sought.aggregate_id in ("", id_)
            and sought.actor in ("", stored.actor)
            and sought.correlation_id in ("", stored.correlation_id)
            and (not sought.types or any(_is_of(stored.type, wanted) for wanted in sought.types))
            and (not person or stored.actor == person or (type_ in self._registry.people and id_ == person))
        )

    async def _shown(self, head: Head, stored: StoredEvent, caller: Client) -> Happened:
        """The event, without its fields where this program cannot read it, such as those of a plugin that is gone."""
        try:
            event: Event | None = (await self._codec.decode(head.instance, head.log, stored)).event
        except HexkeepError:
            raise
        except Exception:  # noqa: BLE001 - upcasters are the slices' own, plugins' too, and may raise anything
            event = None
        return happened(head.log, stored, caller, event)


def _is_of(type_: str, wanted: str) -> bool:
    return type_.startswith(wanted[:-1]) if wanted.endswith(".*") else type_ == wanted


def _insist(head: Head, place: Place | None, *, descending: bool) -> None:
    """Refuse a place that is not in this log any more, or never was."""
    if place is None:
        return
    if place.epoch != head.epoch:
        raise PositionSuperseded
    if place.position > head.position + descending:
        raise InvalidInput("This cursor is of a place that is not there")
    if place.position < head.horizon and not descending:
        raise Archived


async def _next(walks: list[Walk], ask: EventsOf) -> Walk | None:
    """The walk whose next event comes first, of those that have one within the times that are sought."""
    coming: dict[tuple[datetime, Log, int], Walk] = {
        (stored.created_at, walk.head.log, stored.position): walk
        for walk in walks
        if (stored := await _within(walk, ask.sought)) is not None
    }
    if not coming:
        return None
    return coming[max(coming) if ask.descending else min(coming)]


async def _within(walk: Walk, sought: Sought) -> StoredEvent | None:
    """The next event of a walk; what lies behind it in its direction is not sought either, where it is not."""
    stored = await walk.peek()
    if stored is None:
        return None
    late = sought.until is not None and stored.created_at >= sought.until
    early = sought.since is not None and stored.created_at < sought.since
    if late if not walk.descending else early:
        walk.end()
        return None
    return stored


async def _first(walk: Walk, fits: Callable[[StoredEvent], bool]) -> int:
    """The lowest index between the walk's bounds from which on events fit, one above the highest if none does.

    What was dropped does not fit.
    """
    low, high = walk.low, walk.high + 1
    while low + 1 < high:
        middle = (low + high) // 2
        try:
            page = await walk.read(middle - 1, 1)
        except Archived:
            page = []
        if page and fits(page[0]):
            high = middle
        else:
            low = middle
    return high
