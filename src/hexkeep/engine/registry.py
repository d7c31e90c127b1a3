"""The registry: all slices as one checked whole. Whatever is wrong with a slice is found here, before anything runs."""

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, TypeVar

from hexkeep.core.kernel.aggregate import AnyAggregate
from hexkeep.core.kernel.event import Event, Log, Personal, sealings
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Method
from hexkeep.core.kernel.outbox import Outbox
from hexkeep.core.kernel.permission import ROLES, Role
from hexkeep.core.kernel.slice import Owned, Process, Recurring, Slice
from hexkeep.core.kernel.view import Projection, Table
from hexkeep.engine.wire_types import check_message

T = TypeVar("T")


class RegistrationError(ValueError):
    """A slice does not fit: a name used twice, a binding that names no field, a type that has no wire form."""


@dataclass(frozen=True)
class Registry:
    """Everything that slices declare, by name."""

    aggregates: dict[str, AnyAggregate]
    events: dict[str, type[Event]]
    projections: dict[str, Projection]
    tables: dict[str, Projection]
    operations: dict[str, AnyOperation]
    processes: dict[str, Process]
    roles: dict[str, Role]
    recurring: dict[str, Recurring]
    outboxes: dict[str, Outbox]
    ledgers: dict[str, Projection]
    owned: list[Owned]
    keys: dict[str, Log]
    """Where keys of each kind change, by kind, as far as an aggregate names it."""
    slice_of: dict[str, str] = field(default_factory=dict)
    """The slice of each operation, by the operation's name."""
    types: dict[str, type] = field(default_factory=dict)
    """Messages and enums of all operations by name, which is also their name on the wire."""

    @functools.cached_property
    def people(self) -> frozenset[str]:
        """The types of aggregates that are a person each: those whose own events are about the aggregate itself."""
        return frozenset(one.name for one in self.aggregates.values() if any(map(_is_about_itself, one.events)))

    @property
    def erases(self) -> bool:
        """Whether there are users who can be erased; without the slices of users nobody asks for it."""
        return "EraseUser" in self.operations

    def projection_of(self, table: Table) -> Projection:
        """The projection that fills ``table``; raises ``LookupError`` for a table nobody declared."""
        return self.tables[table.name]

    def log_of(self, aggregate_type: str) -> Log:
        """Where aggregates of that type are logged."""
        return self.aggregates[aggregate_type].log

    def log_of_key(self, kind: str) -> Log:
        """The one log in which unique keys of that kind change."""
        return self.keys.get(kind, Log.DURABLE)


def _is_about_itself(event: type[Event]) -> bool:
    return any(isinstance(mark, Personal) and not mark.subject for mark in sealings(event).values())


def build_registry(slices: Iterable[Slice]) -> Registry:
    """Register ``slices`` in order; raises ``RegistrationError`` for the first thing that does not fit."""
    registry = Registry({}, {}, {}, {}, {}, {}, dict(ROLES), {}, {}, {}, [], {})
    for one in slices:
        _register(registry, one)
    _check_routes(registry.operations.values())
    for projection in registry.projections.values():
        _check_projection(registry, projection)
    for outbox in registry.outboxes.values():
        _check_outbox(registry, outbox)
    for recurring in registry.recurring.values():
        _check_recurring(registry, recurring)
    for owned in registry.owned:
        _check_owned(registry, owned)
    return registry


def _register(registry: Registry, one: Slice) -> None:
    for aggregate in one.aggregates:
        _put(registry.aggregates, aggregate.name, aggregate, "aggregate")
        for event in aggregate.events:
            _put(registry.events, event.type, event, "event")
        for kind in aggregate.keys:
            if registry.keys.setdefault(kind, aggregate.log) is not aggregate.log:
                raise RegistrationError(
                    f"unique keys of the kind {kind} would change in two logs, and have no order then"
                )
    for names, owners, what in (
        (registry.projections, one.projections, "projection"),
        (registry.ledgers, one.ledgers, "ledger"),
    ):
        for owner in owners:
            _put(names, owner.name, owner, what)
            for table in owner.tables:
                _put(registry.tables, table.name, owner, "table")
    for operation in one.operations:
        _check_operation(registry, operation)
        registry.slice_of[operation.name] = one.name
    _put_all(registry.operations, one.operations, "operation")
    _put_all(registry.processes, one.processes, "process")
    _put_all(registry.roles, one.roles, "role")
    _put_all(registry.recurring, one.recurring, "recurring operation")
    _put_all(registry.outboxes, one.outboxes, "outbox declaration")
    registry.owned.extend(one.owned)


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


def _put_all(names: dict[str, N], values: Iterable[N], what: str) -> None:
    for value in values:
        _put(names, value.name, value, what)


def _put(names: dict[str, T], name: str, value: T, what: str) -> None:
    if name in names:
        raise RegistrationError(f"two {what}s are called {name}")
    names[name] = value


def _check_operation(registry: Registry, operation: AnyOperation) -> None:
    for found in (*check_message(operation.name, operation.input), *check_message(operation.name, operation.output)):
        if registry.types.setdefault(found.__name__, found) is not found:
            raise RegistrationError(f"{operation.name}: two messages or enums are called {found.__name__}")
    unknown = operation.secrets - operation.output.model_fields.keys()
    if unknown:
        raise RegistrationError(f"{operation.name}: no output field {min(unknown)}")
    if operation.stream:
        _check_stream(operation)
    if operation.http is None:
        return
    missing = set(operation.http.path_fields()) - operation.input.model_fields.keys()
    if missing:
        raise RegistrationError(f"{operation.name}: its path names {min(missing)}, its input does not")
    if operation.api is ApiName.PROTOCOL:
        raise RegistrationError(f"{operation.name}: operations of protocols have no REST binding")


def _check_stream(operation: AnyOperation) -> None:
    """A stream is a list that is read on and on by its cursor, so it has what lists have and changes nothing."""
    cursor, behind = (operation.input.model_fields.get("cursor"), operation.output.model_fields.get("next_cursor"))
    if operation.writes:
        raise RegistrationError(f"{operation.name}: a stream cannot write")
    if cursor is None or cursor.annotation is not str or cursor.default != "":
        raise RegistrationError(f"{operation.name}: a stream's input needs a cursor that may be left out")
    if behind is None or behind.annotation is not str:
        raise RegistrationError(f"{operation.name}: a stream's output needs a next_cursor")
    if not operation.items:
        raise RegistrationError(f"{operation.name}: a stream's output needs one tuple of messages")
    if operation.http is not None and operation.http.method is not Method.GET:
        raise RegistrationError(f"{operation.name}: a stream is bound to GET")


def _check_routes(operations: Iterable[AnyOperation]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for operation in operations:
        if operation.http is None:
            continue
        route = (operation.http.method.value, re.sub(r"{\w+}", "{}", operation.http.path))
        if seen.setdefault(route, operation.name) != operation.name:
            raise RegistrationError(f"{operation.name} and {seen[route]} share the route {' '.join(route)}")


def _check_projection(registry: Registry, projection: Projection) -> None:
    for table in projection.tables:
        if table.of and table.of not in registry.aggregates:
            raise RegistrationError(f"{table.name} is a view of the unknown aggregate {table.of}")
        if table.of and registry.log_of(table.of) is not projection.log:
            raise RegistrationError(f"{projection.name} reads another log than {table.of} is written to")


def _check_outbox(registry: Registry, outbox: Outbox) -> None:
    for aggregate in registry.aggregates.values():
        if aggregate.log is not outbox.log and not set(outbox.events).isdisjoint(aggregate.events):
            raise RegistrationError(f"{outbox.name} reads another log than events of {aggregate.name} are written to")


def _check_owned(registry: Registry, owned: Owned) -> None:
    table, operation = owned.table, registry.operations.get(owned.operation)
    if operation is None or _required(operation) != set(table.key):
        raise RegistrationError(f"{owned.operation} is no operation that takes the key of {table.name} alone")
    if not table.of or not table.visibility.user or table.name not in registry.tables:
        raise RegistrationError(f"{table.name} is no by-id view of what a user may see")


def _required(operation: AnyOperation) -> set[str]:
    return {name for name, field in operation.input.model_fields.items() if field.is_required()}


def _check_recurring(registry: Registry, recurring: Recurring) -> None:
    operation = registry.operations.get(recurring.operation)
    if operation is None or not isinstance(recurring.input, operation.input):
        raise RegistrationError(f"{recurring.name} calls no operation, or one with another input")
    if recurring.every <= timedelta(0):
        raise RegistrationError(f"{recurring.name} is due without end")


def with_extensions(
    slices: Sequence[Slice],
    projections: Iterable[Projection],
    operations: Iterable[AnyOperation],
    roles: Iterable[Role],
) -> tuple[Slice, ...]:
    """``slices`` and one more that holds what plugins contribute outside a slice of their own."""
    extension = Slice("plugins", projections=tuple(projections), operations=tuple(operations), roles=tuple(roles))
    return (*slices, extension)
