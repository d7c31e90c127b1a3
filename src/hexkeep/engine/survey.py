"""A survey: where every consumer is in every log and which node leads it. Only reads; needs no key, starts nothing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hexkeep.core.kernel.event import Log
from hexkeep.engine import erasure
from hexkeep.engine.builds import LEDGER_BUILD
from hexkeep.engine.outbox import outbox_consumer
from hexkeep.engine.parked import parked_in
from hexkeep.engine.processes import PROCESS_BUILD, process_consumer
from hexkeep.engine.registry import Registry
from hexkeep.engine.spooler import MayFollow, lag_of, lease_of
from hexkeep.ports.event_store import EventStore, Head
from hexkeep.ports.locks import LeaseHolders, Locks
from hexkeep.ports.views import Build, BuildState, Parked, Views


@dataclass(frozen=True, slots=True)
class Watched:
    """A consumer by what the storage knows it by."""

    name: str
    build: int
    log: Log
    state: BuildState | None = None
    """``None`` for what has no builds."""


@dataclass(frozen=True, slots=True)
class Status:
    """Where one consumer is in one log."""

    consumer: str
    build: int
    instance: str
    log: Log
    position: int
    head: int
    lag: int
    """How many events it has yet to read."""
    parked: int
    leader: str | None
    """The node that leads, empty when none does, ``None`` where the locks cannot tell."""
    state: BuildState | None = None
    """What the build is for; ``None`` for a consumer that has no builds."""

    @property
    def current(self) -> bool:
        """Whether readers or others depend on it now: not of a build that is being filled, or was replaced."""
        return self.state in {None, BuildState.SERVING}


class Survey:
    """Looks at all consumers of a registry, whichever nodes they run on.

    ``may_follow`` leaves out the logs that nobody follows for now; whoever waits for consumers needs that.
    """

    def __init__(
        self, registry: Registry, store: EventStore, views: Views, locks: Locks, may_follow: MayFollow | None = None
    ) -> None:
        self._registry = registry
        self._store = store
        self._views = views
        self._locks = locks
        self._may_follow = may_follow

    async def status(self, instance: str | None = None) -> list[Status]:
        """One entry per consumer, build and log that has events; of one instance, or of all."""
        heads = [
            one for one in await self._store.heads() if instance in {None, one.instance} and await self._counts(one)
        ]
        heads.sort(key=lambda one: one.instance)
        found: list[Status] = []
        for one in self._watched(await self._views.builds()):
            found += await self._of(one, [head for head in heads if head.log is one.log])
        return found

    async def _counts(self, head: Head) -> bool:
        return self._may_follow is None or await self._may_follow(head)

    async def parked(self, instance: str | None = None) -> list[Parked]:
        """The parked aggregates of every consumer and build; of one instance, or of all."""
        found: list[Parked] = []
        for one in self._watched(await self._views.builds()):
            found += [ill async for ill in parked_in(self._views, one.name, one.build, instance)]
        return found

    async def _of(self, one: Watched, heads: Sequence[Head]) -> list[Status]:
        places = {place.key.instance: place for place in await self._views.checkpoints(one.name, one.build)}
        parked = Counter[str]()
        async for ill in parked_in(self._views, one.name, one.build):
            parked[ill.key.instance] += 1
        leader = await self._leader(one)
        return [
            Status(
                *(one.name, one.build, head.instance, head.log),
                position=places[head.instance].position if head.instance in places else 0,
                head=head.position,
                lag=lag_of(places.get(head.instance), head),
                parked=parked[head.instance],
                leader=leader,
                state=one.state,
            )
            for head in heads
        ]

    async def _leader(self, one: Watched) -> str | None:
        if not isinstance(self._locks, LeaseHolders):
            return None
        return await self._locks.holder(lease_of(one.name, one.build))

    def _watched(self, builds: Sequence[Build]) -> Iterable[Watched]:
        for projection in self._registry.projections.values():
            for build in builds:
                if build.projection == projection.name:
                    yield Watched(projection.name, build.number, projection.log, build.state)
        for process in self._registry.processes.values():
            yield Watched(process_consumer(process), PROCESS_BUILD, process.aggregate.log)
        for outbox in self._registry.outboxes.values():
            yield Watched(outbox_consumer(outbox.name), LEDGER_BUILD, outbox.log)
        if self._registry.erases:
            yield Watched(erasure.CONSUMER, erasure.BUILD, Log.DURABLE)
