"""States of aggregates, folded from their streams and kept by version.

A load asks the store for what came after the version at hand, so its answer is current on every node and an unchanged
aggregate costs one short read. Where no other process can append, this one knows of every event that is acknowledged,
and an unchanged aggregate costs nothing.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any, TypeVar

from hexkeep.core.kernel.aggregate import Aggregate, AnyAggregate, Ref
from hexkeep.core.kernel.event import Event
from hexkeep.engine.codec import Codec
from hexkeep.engine.horizon import insist_on_kept
from hexkeep.engine.snapshots import APART, LONG, NEVER, StateSnapshots
from hexkeep.ports.event_store import EventStore, SoleWriter

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A state and the version it is of."""

    version: int
    state: Any
    """Of the aggregate's own state type; ``States.load`` gives it back typed."""
    since: int = NEVER
    """The moment of snapshots at which its fold began."""


@dataclass(slots=True, eq=False)
class Stream:
    """What is known of one stream: the newest version this process has appended, and states folded from it."""

    newest: int = 0
    changed: tuple[int, datetime | None] = (0, None)
    """A version and when it was written."""
    used: float = field(default_factory=monotonic)
    states: dict[AnyAggregate, Loaded] = field(default_factory=dict)


class States:
    """A bounded cache in front of the streams, one per process."""

    def __init__(
        self, store: EventStore, codec: Codec, capacity: int = 50_000, snapshots: StateSnapshots | None = None
    ) -> None:
        self._store = store
        self._codec = codec
        self._snapshots = snapshots
        self._capacity = capacity
        self._alone = isinstance(store, SoleWriter) and store.sole_writer
        self._streams: OrderedDict[tuple[str, Ref], Stream] = OrderedDict()

    def at_hand(self, instance: str, aggregate: AnyAggregate, aggregate_id: str) -> Loaded | None:
        """The present state where memory is sure to have it, else ``None``."""
        if not self._alone:
            return None
        place = (instance, Ref(aggregate.name, aggregate_id))
        stream = self._streams.get(place)
        known = None if stream is None else stream.states.get(aggregate)
        if stream is None or known is None or known.version < stream.newest:
            return None
        self._streams.move_to_end(place)
        stream.used = monotonic()
        return known

    async def load(self, instance: str, aggregate: Aggregate[S], aggregate_id: str) -> tuple[int, S]:
        """The present version and state. Raises ``Archived`` for what lies behind the activity log's horizon."""
        current = self.at_hand(instance, aggregate, aggregate_id)
        if current is not None:
            return current.version, current.state
        ref = aggregate.ref(aggregate_id)
        stream = self._stream((instance, ref))
        known = stream.states.get(aggregate)
        before = self._remembered(known) or Loaded(0, aggregate.initial, self._moment(instance))
        version, state = await self._folded(instance, aggregate, ref, before)
        if version or self._alone:
            _keep(stream, aggregate, Loaded(version, state, before.since))
        return version, state

    def _moment(self, instance: str) -> int:
        return NEVER if self._snapshots is None else self._snapshots.moment(instance)

    def _remembered(self, known: Loaded | None) -> Loaded | None:
        """A state to fold on from. What another process has erased meanwhile may be in it: then it is not kept."""
        return known if known is None or self._alone else Loaded(known.version, known.state)

    async def _folded(self, instance: str, aggregate: Aggregate[S], ref: Ref, known: Loaded) -> tuple[int, S]:
        version, state = known.version, known.state
        kept, looked = version, False
        while page := await self._store.read_stream(instance, aggregate.log, ref, version, LONG):
            for stored in page:
                recorded = await self._codec.decode(instance, aggregate.log, stored)
                state = aggregate.evolve(state, recorded.event)
            version = page[-1].version
            if len(page) < LONG:
                break
            if not looked and (found := await self._snapshot(instance, aggregate, ref, version)):
                version, state = found
                kept = version
            looked = True
        if version >= kept + APART and looked and self._snapshots is not None:
            await self._snapshots.keep(instance, aggregate, ref, version, state, since=known.since)
        if not version:
            await insist_on_kept(self._store, instance, aggregate.log, ref.id)
        return version, state

    async def _snapshot(self, instance: str, aggregate: AnyAggregate, ref: Ref, version: int) -> tuple[int, Any] | None:
        """A snapshot that is ahead of a version, of a stream that has turned out to be long."""
        if self._snapshots is None:
            return None
        found = await self._snapshots.find(instance, aggregate, ref)
        return found if found is not None and found[0] > version else None

    async def changed_at(self, instance: str, aggregate: AnyAggregate, aggregate_id: str) -> datetime | None:
        """When the present version was written, ``None`` for an aggregate without events; read once a version."""
        version, _ = await self.load(instance, aggregate, aggregate_id)
        ref = aggregate.ref(aggregate_id)
        stream = self._stream((instance, ref))
        if version and stream.changed[0] != version:
            page = await self._store.read_stream(instance, aggregate.log, ref, version - 1, 1)
            stream.changed = (version, page[0].created_at if page else None)
        return stream.changed[1] if version else None

    async def types_since(
        self, instance: str, aggregate: AnyAggregate, aggregate_id: str, version: int
    ) -> frozenset[str]:
        """The wire types of the events of one aggregate behind ``version``, of the first hundreds at least."""
        page = await self._store.read_stream(instance, aggregate.log, aggregate.ref(aggregate_id), version, LONG)
        return frozenset(stored.type for stored in page)

    def grown(self, instance: str, ref: Ref, version: int) -> None:
        """A stream has grown to ``version`` by an append of this process; what was folded before is not current."""
        stream = self._streams.get((instance, ref))
        if stream is not None:
            stream.newest = max(stream.newest, version)

    def appended(self, instance: str, aggregate: AnyAggregate, aggregate_id: str, version: int, event: Event) -> None:
        """Follow an event this process has just appended, if the state before it is at hand."""
        stream = self._streams.get((instance, aggregate.ref(aggregate_id)))
        known = stream.states.get(aggregate) if stream else None
        if stream is not None and known is not None and known.version == version - 1:
            _keep(stream, aggregate, Loaded(version, aggregate.evolve(known.state, event), known.since))

    @property
    def known(self) -> int:
        """How many streams are remembered."""
        return len(self._streams)

    def forget_idle(self, seconds: float) -> None:
        """Let go of streams that nobody has asked for this long: of an erased person nothing is to stay in memory."""
        before = monotonic() - seconds
        while self._streams:
            place, stream = next(iter(self._streams.items()))
            if stream.used > before:
                return
            del self._streams[place]

    def distrust(self, instance: str, ref: Ref) -> None:
        """Forget a stream: it may have grown without our knowing, as after an append with an unknown outcome."""
        self._streams.pop((instance, ref), None)

    def _stream(self, place: tuple[str, Ref]) -> Stream:
        """The stream's entry, there before its first read begins, so that no append goes unnoticed meanwhile.

        Who still holds an entry that was dropped folds into it without anybody ever seeing it.
        """
        stream = self._streams.get(place)
        if stream is None:
            stream = self._streams[place] = Stream()
            if len(self._streams) > self._capacity:
                self._streams.popitem(last=False)
        else:
            self._streams.move_to_end(place)
            stream.used = monotonic()
        return stream


def _keep(stream: Stream, aggregate: AnyAggregate, loaded: Loaded) -> None:
    current = stream.states.get(aggregate)
    if current is None or current.version <= loaded.version:
        stream.states[aggregate] = loaded
