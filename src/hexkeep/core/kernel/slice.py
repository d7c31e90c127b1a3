"""Slices: everything one noun brings along, as one value that the engine registers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hexkeep.core.kernel.aggregate import AnyAggregate
from hexkeep.core.kernel.event import Event
from hexkeep.core.kernel.operation import AnyOperation, Message
from hexkeep.core.kernel.outbox import Outbox
from hexkeep.core.kernel.permission import Role
from hexkeep.core.kernel.view import Projection, Table


@dataclass(frozen=True, slots=True)
class Step:
    """The next thing a process does: one operation called as the system, in one instance.

    The engine calls it with a unit id made from the process and ``name``, so a step that was done but not recorded is
    not done twice. ``then`` is called once this one is done: a step that writes in another instance cannot move the
    process's own aggregate, so the one behind it records that it was done.
    """

    name: str
    instance: str
    operation: str
    input: Message
    then: "Step | None" = None
    portion: bool = False
    """One of many bounded units (see ``hexkeep.core.kernel.portions``). Behind it the process makes way for others; its
    event has to be a trigger, with which it goes on."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a process is: ``done`` of ``total`` things, which is 0 where it is not known beforehand."""

    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Process:
    """Resumable multi-step work, driven by the state of one aggregate.

    ``triggers`` are the events after which there may be something to do. ``next`` is pure: from the aggregate's state
    it tells the step that is due, or ``None`` when the process rests or has ended. Each step, with the one behind it,
    must move that state; a process that can run more than once for an aggregate has the run in its steps' names.
    ``progress`` tells from the state how far it is.
    """

    name: str
    aggregate: AnyAggregate
    triggers: tuple[type[Event], ...]
    next: Callable[[str, Any], Step | None]
    progress: Callable[[Any], "Progress"] = field(default=lambda _: Progress())


@dataclass(frozen=True, slots=True)
class Recurring:
    """An operation that the engine calls as the system ``every`` so often, by one node of the cluster.

    In every active instance, or in ``system`` alone when it is an operation of all instances. It may now and then be
    called twice in a row, and one that has failed is called again sooner.
    """

    name: str
    every: timedelta
    operation: str
    input: Message


@dataclass(frozen=True, slots=True)
class Owned:
    """What belongs to a person alone and is taken away when the person is erased.

    ``operation`` is called as the system for each of the person's rows in ``table``, a by-id view whose visibility
    names a user; its input is the row's key. It has to be content when there is nothing to do.
    """

    table: Table
    operation: str


@dataclass(frozen=True, slots=True)
class Slice:
    """A noun of the system: its aggregates, projections, operations, processes, and so on.

    ``ledgers`` own tables that the engine fills otherwise than from a log; their ``events`` are empty.
    """

    name: str
    aggregates: tuple[AnyAggregate, ...] = ()
    projections: tuple[Projection, ...] = ()
    operations: tuple[AnyOperation, ...] = ()
    processes: tuple[Process, ...] = ()
    roles: tuple[Role, ...] = ()
    recurring: tuple[Recurring, ...] = ()
    outboxes: tuple[Outbox, ...] = ()
    ledgers: tuple[Projection, ...] = ()
    owned: tuple[Owned, ...] = ()
