"""States of aggregates, folded from their streams and kept by version.

A load asks the store for what came after the version at hand, so its answer is current on every node and an unchanged
aggregate costs one short read.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, TypeVar

from hexkeep.core.kernel.aggregate import Aggregate, AnyAggregate
from hexkeep.core.kernel.event import Event
from hexkeep.engine.codec import Codec
from hexkeep.ports.event_store import EventStore

S = TypeVar("S")
PAGE = 1000


@dataclass(frozen=True, slots=True)
class Loaded:
    """A state and the version it is of."""

    version: int
    state: Any
    """Of the aggregate's own state type; ``States.load`` gives it back typed."""


class States:
    """A bounded cache in front of the streams, one per process."""

    def __init__(self, store: EventStore, codec: Codec, capacity: int = 50_000) -> None:
        self._store = store
        self._codec = codec
        self._capacity = capacity
        self._cache: OrderedDict[tuple[str, AnyAggregate, str], Loaded] = OrderedDict()

    async def load(self, instance: str, aggregate: Aggregate[S], aggregate_id: str) -> tuple[int, S]:
        """The present version and state."""
        place = (instance, aggregate, aggregate_id)
        known = self._cache.get(place) or Loaded(0, aggregate.initial)
        version, state = known.version, known.state
        ref = aggregate.ref(aggregate_id)
        while page := await self._store.read_stream(instance, aggregate.log, ref, version, PAGE):
            for stored in page:
                recorded = await self._codec.decode(instance, aggregate.log, stored)
                state = aggregate.evolve(state, recorded.event)
            version = page[-1].version
            if len(page) < PAGE:
                break
        self._keep(place, Loaded(version, state))
        return version, state

    def appended(self, instance: str, aggregate: AnyAggregate, aggregate_id: str, version: int, event: Event) -> None:
        """Follow an event this process has just appended, if the state before it is at hand."""
        place = (instance, aggregate, aggregate_id)
        known = self._cache.get(place)
        if known is not None and known.version == version - 1:
            self._keep(place, Loaded(version, aggregate.evolve(known.state, event)))

    def forget(self, instance: str) -> None:
        """Drop every state of one instance: its log was restored or a subject erased."""
        for place in [place for place in self._cache if place[0] == instance]:
            del self._cache[place]

    def _keep(self, place: tuple[str, AnyAggregate, str], loaded: Loaded) -> None:
        if loaded.version == 0:
            return
        current = self._cache.get(place)
        if current is None or current.version <= loaded.version:
            self._cache[place] = loaded
        self._cache.move_to_end(place)
        if len(self._cache) > self._capacity:
            self._cache.popitem(last=False)
