"""What decisions of operators ask for: the state of projections, and what is to be done about them at once."""

from collections.abc import Mapping
from typing import Any

from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.projection import asks
from hexkeep.engine.answers import Answer, Call
from hexkeep.engine.maintenance import Maintenance
from hexkeep.engine.processes import ProcessConsumer
from hexkeep.engine.registry import Registry
from hexkeep.engine.survey import Status
from hexkeep.ports.event_store import EventStore
from hexkeep.ports.views import Parked


class Operators:
    """Answers for ``hexkeep.core.projection.asks``."""

    def __init__(
        self,
        registry: Registry,
        maintenance: Maintenance,
        store: EventStore,
        processes: Mapping[str, ProcessConsumer],
    ) -> None:
        self._processes = processes
        self._registry = registry
        self._maintenance = maintenance
        self._store = store

    def answers(self) -> Mapping[type[Ask[Any]], Answer]:
        """By class of the ask."""
        return {
            asks.ConsumerStatuses: self._statuses,
            asks.ParkedAggregates: self._parked,
            asks.Retry: self._retry,
            asks.InstancesServed: self._instances,
            asks.BeginRebuild: self._rebuild,
            asks.StandingOf: self._standing,
        }

    async def _statuses(self, call: Call, _ask: asks.ConsumerStatuses) -> tuple[asks.ConsumerStatus, ...]:
        return tuple(self._status(one) for one in await self._maintenance.status(call.request.instance))

    def _status(self, one: Status) -> asks.ConsumerStatus:
        trouble = self._maintenance.trouble(one.consumer, one.build)
        return asks.ConsumerStatus(
            name=one.consumer,
            build=one.build,
            state=asks.BuildState(one.state.value) if one.state is not None else asks.BuildState.UNSPECIFIED,
            log=one.log,
            position=one.position,
            head=one.head,
            lag=one.lag,
            parked=one.parked,
            leader=one.leader or "",
            error=trouble.error if trouble is not None else "",
            pause=round(trouble.pause) if trouble is not None else 0,
        )

    async def _parked(self, call: Call, _ask: asks.ParkedAggregates) -> tuple[asks.ParkedAggregate, ...]:
        return tuple(map(_told, await self._maintenance.parked(call.request.instance)))

    async def _retry(self, call: Call, ask: asks.Retry) -> bool:
        found = await self._maintenance.parked(call.request.instance)
        wanted = [one for one in found if (one.key.projection, _ref(one)) == (ask.consumer, ask.ref)]
        own = [one for one in wanted if self._maintenance.fills(one.key)]
        if wanted and not own:
            raise NotFound("It is parked in builds of another release: ask a node that runs it")
        return all([await self._maintenance.retry(one) for one in own])

    async def _instances(self, _call: Call, _ask: asks.InstancesServed) -> int:
        return len({head.instance for head in await self._store.heads()} - {SYSTEM_INSTANCE})

    async def _rebuild(self, _call: Call, ask: asks.BeginRebuild) -> int:
        projection = self._registry.projections.get(ask.projection)
        if projection is None:
            raise NotFound(f"There is no projection {ask.projection}")
        return (await self._maintenance.rebuild(projection)).number

    async def _standing(self, call: Call, ask: asks.StandingOf) -> asks.ProcessStanding | None:
        process = self._processes.get(ask.process)
        if process is None:
            return None
        found = await process.standing(call.request.instance, ask.aggregate_id)
        return asks.ProcessStanding(found.step, found.progress.done, found.progress.total)


def _ref(one: Parked) -> Ref:
    return Ref(one.aggregate_type, one.aggregate_id)


def _told(one: Parked) -> asks.ParkedAggregate:
    key = one.key
    return asks.ParkedAggregate(
        key.projection, key.build, _ref(one), key.log, one.position, one.error, one.attempts, one.parked_at
    )
