"""Time travel: the history of one aggregate, and its state and rows at any point of its log.

Everything is folded from the stream, so it is as true as the log: nothing is kept for it. What lies behind the horizon
of the activity log is ``Archived``.
"""

import dataclasses
import enum
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, JsonValue

from hexkeep.core.kernel import rows
from hexkeep.core.kernel.aggregate import Aggregate, AnyAggregate
from hexkeep.core.kernel.errors import Archived, InvalidInput, NotFound
from hexkeep.core.kernel.event import Event, Log, Recorded, hidden
from hexkeep.core.kernel.history import Happened, Point, Then
from hexkeep.core.kernel.view import Row, Table
from hexkeep.engine.client_data import Client, ClientData
from hexkeep.engine.codec import Codec
from hexkeep.engine.horizon import insist_on_kept
from hexkeep.engine.registry import Registry
from hexkeep.ports.event_store import EventStore, StoredEvent

S = TypeVar("S")
PAGE = 1000
HIDDEN = "(hidden)"


class History:
    """Looks back, for all aggregates of a registry."""

    def __init__(self, registry: Registry, store: EventStore, codec: Codec, client_data: ClientData) -> None:
        self._registry = registry
        self._store = store
        self._codec = codec
        self._client_data = client_data

    async def events(self, instance: str, type_: str, id_: str, after: int, limit: int) -> tuple[Happened, ...]:
        """A page of an aggregate's events, fit to be shown; raises ``NotFound`` for an unknown type, ``Archived``."""
        aggregate = self._aggregate(type_)
        page = await self._store.read_stream(instance, aggregate.log, aggregate.ref(id_), after, limit)
        if not page and not after:
            await insist_on_kept(self._store, instance, aggregate.log, id_)
        return tuple([await self._happened(instance, aggregate.log, stored) for stored in page])

    async def _happened(self, instance: str, log: Log, stored: StoredEvent) -> Happened:
        recorded = await self._codec.decode(instance, log, stored)
        return happened(log, stored, await self._client_data.opened(instance, stored.client), recorded.event)

    async def state_at(self, instance: str, aggregate: Aggregate[S], id_: str, point: Point) -> tuple[int, S]:
        """The version and state at a point, as decisions saw it; version 0 and the initial state before the first.

        Raises ``InvalidInput`` for a position that is not there yet, ``Archived`` for a point behind the horizon.
        """
        version, state = 0, aggregate.initial
        async for recorded in self._until(instance, aggregate, id_, point):
            version, state = recorded.version, aggregate.evolve(state, recorded.event)
        return version, state

    async def row_at(self, instance: str, table: Table, id_: str, point: Point) -> Row | None:
        """A row of a by-id view at a point, or nothing."""
        found: rows.Rows = {}
        projection, aggregate = self._registry.projection_of(table), self._registry.aggregates[table.of]
        async for recorded in self._until(instance, aggregate, id_, point):
            for operation in projection.operations(recorded):
                if operation.table is table:
                    rows.apply(found, operation)
        return found.get((id_,))

    async def then(self, instance: str, type_: str, id_: str, point: Point) -> Then:
        """State and rows at a point, fit to be shown."""
        aggregate = self._aggregate(type_)
        state, last, secrets = aggregate.initial, None, set[str]()
        async for recorded in self._until(instance, aggregate, id_, point):
            state, last = aggregate.evolve(state, recorded.event), recorded
            secrets |= _secrets(recorded.event)
        if last is None:
            return Then(aggregate.log)
        tables = [table for one in self._registry.projections.values() for table in one.tables if table.of == type_]
        seen = {table.name: await self.row_at(instance, table, id_, point) for table in tables}
        return Then(
            aggregate.log,
            last.version,
            last.position,
            last.created_at,
            _object(_plain(state, secrets)),
            {name: _object(_plain(row, secrets)) for name, row in seen.items() if row is not None},
        )

    def _aggregate(self, type_: str) -> AnyAggregate:
        try:
            return self._registry.aggregates[type_]
        except KeyError:
            raise NotFound(f"There is no aggregate type {type_}") from None

    async def _until(
        self, instance: str, aggregate: AnyAggregate, id_: str, point: Point
    ) -> AsyncIterator[Recorded[Event]]:
        await self._insist(instance, aggregate.log, point)
        version, ref = 0, aggregate.ref(id_)
        while page := await self._store.read_stream(instance, aggregate.log, ref, version, PAGE):
            for stored in page:
                if not _before(stored, point):
                    return
                yield await self._codec.decode(instance, aggregate.log, stored)
            version = page[-1].version
        if not version:
            await insist_on_kept(self._store, instance, aggregate.log, id_)

    async def _insist(self, instance: str, log: Log, point: Point) -> None:
        """Nothing can be said of what has not happened yet, nor of what is behind the horizon."""
        head = await self._store.head(instance, log)
        if point.position is not None and point.position > head.position:
            raise InvalidInput(f"The log ends at position {head.position}")
        behind = point.position is not None and point.position < head.horizon
        if point.time is not None and head.horizon_at is not None:
            behind = behind or point.time < head.horizon_at
        if behind:
            raise Archived


def _before(stored: StoredEvent, point: Point) -> bool:
    if point.position is not None and stored.position > point.position:
        return False
    return point.time is None or stored.created_at <= point.time


def happened(log: Log, stored: StoredEvent, caller: Client, event: Event | None) -> Happened:
    """An event fit to be shown; without fields where this program cannot read it."""
    (type_, id_), fields = stored.stream, {} if event is None else _shown_fields(event)
    return Happened(
        *(log, type_, id_, stored.type, stored.revision, stored.version, stored.position, stored.created_at),
        *(stored.actor, stored.correlation_id, caller.surface, caller.address, caller.user_agent, caller.client_id),
        fields=fields,
    )


def _shown_fields(event: Event) -> Mapping[str, JsonValue]:
    kept: dict[str, JsonValue] = event.model_dump(mode="json")
    return {**kept, **{name: HIDDEN for name in hidden(type(event)) if kept[name] is not None}}


def _secrets(event: Event) -> set[str]:
    """The hidden texts of an event: what no state and no row may show."""
    values = (getattr(event, name) for name in hidden(type(event)))
    return {value for value in values if isinstance(value, str) and value}


def _object(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {"value": value}


def _plain(value: object, secrets: Collection[str]) -> JsonValue:  # noqa: PLR0911 - one line a kind of value
    """A state as JSON values. A text in which a secret occurs is hidden as a whole, wherever the state keeps it."""
    match value:
        case None | bool() | int() | float():
            return value
        case enum.Enum():
            return str(value.value)
        case str():
            return HIDDEN if any(secret in value for secret in secrets) else value
        case datetime():
            return value.isoformat()
        case BaseModel():
            return _plain(value.model_dump(), secrets)
        case Mapping():
            return {str(key): _plain(one, secrets) for key, one in value.items()}
        case tuple() | list() | set() | frozenset():
            ordered = sorted(value, key=repr) if isinstance(value, set | frozenset) else value
            return [_plain(one, secrets) for one in ordered]
    if dataclasses.is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name), secrets) for one in dataclasses.fields(value)}
    return repr(type(value))
