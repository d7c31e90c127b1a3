"""A survey: where every consumer is in every log and which node leads it. Only reads; needs no key, starts nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hexkeep.core.kernel.event import Log
from hexkeep.engine.processes import PROCESS_BUILD, process_consumer
from hexkeep.engine.registry import Registry
from hexkeep.engine.spooler import lease_of
from hexkeep.ports.event_store import EventStore, Head
from hexkeep.ports.locks import LeaseHolders, Locks
from hexkeep.ports.views import BuildState, Views


@dataclass(frozen=True, slots=True)
class Watched:
    """A consumer by what the storage knows it by."""

    name: str
    build: int
    log: Log


@dataclass(frozen=True, slots=True)
class Status:
    """Where one consumer is in one log."""

    consumer: str
    build: int
    instance: str
    log: Log
    position: int
    head: int
    parked: int
    leader: str | None
    """The node that leads, empty when none does, ``None`` where the locks cannot tell."""

    @property
    def lag(self) -> int:
        """How many events it has yet to read."""
        return self.head - self.position


class Survey:
    """Looks at all consumers of a registry, whichever nodes they run on."""

    def __init__(self, registry: Registry, store: EventStore, views: Views, locks: Locks) -> None:
        self._registry = registry
        self._store = store
        self._views = views
        self._locks = locks

    async def status(self) -> list[Status]:
        """One entry per consumer and log that has events."""
        heads = sorted(await self._store.heads(), key=lambda one: one.instance)
        found: list[Status] = []
        serving = {one.projection: one.number for one in await self._views.builds() if one.state is BuildState.SERVING}
        for one in _watched(self._registry, serving):
            found += await self._of(one, [head for head in heads if head.log is one.log])
        return found

    async def _of(self, one: Watched, heads: list[Head]) -> list[Status]:
        checkpoints = await self._views.checkpoints(one.name, one.build)
        places = {checkpoint.key.instance: checkpoint.position for checkpoint in checkpoints}
        parked = [ill.key.instance for ill in await self._views.parked(one.name, one.build)]
        leader = await self._leader(one)
        return [
            Status(
                *(one.name, one.build, head.instance, head.log),
                position=places.get(head.instance, 0),
                head=head.position,
                parked=parked.count(head.instance),
                leader=leader,
            )
            for head in heads
        ]

    async def _leader(self, one: Watched) -> str | None:
        if not isinstance(self._locks, LeaseHolders):
            return None
        return await self._locks.holder(lease_of(one.name, one.build))


def _watched(registry: Registry, serving: Mapping[str, int]) -> Iterable[Watched]:
    for projection in registry.projections.values():
        yield Watched(projection.name, serving.get(projection.name, 1), projection.log)
    for process in registry.processes.values():
        yield Watched(process_consumer(process), PROCESS_BUILD, process.aggregate.log)
