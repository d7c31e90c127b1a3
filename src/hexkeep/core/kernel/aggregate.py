"""Aggregates: the consistency boundary of a decision, as a fold over one stream of events."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from hexkeep.core.kernel.event import Event, Log

S = TypeVar("S")


class Ref(NamedTuple):
    """Names one aggregate within an instance."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Append:
    """Part of a decision: these events follow on that aggregate, in this order."""

    ref: Ref
    log: Log
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Aggregate(Generic[S]):
    """A type of aggregate: where it is logged, which events it has, and how they make its state.

    ``initial`` is the state before the first event. ``evolve`` is pure and total over ``events``: it never refuses,
    for what is in the log has happened.

    ``keys`` are the kinds of unique keys that its decisions claim and give back. Keys of one kind change in one log
    alone, so that what happened to a key has an order; a kind that no aggregate names is one of the durable log.
    """

    name: str
    log: Log
    initial: S
    events: tuple[type[Event], ...]
    evolve: Callable[[S, Event], S]
    keys: tuple[str, ...] = ()

    def ref(self, aggregate_id: str) -> Ref:
        """The name of one aggregate of this type."""
        return Ref(self.name, aggregate_id)

    def append(self, aggregate_id: str, *events: Event) -> Append:
        """The change that adds ``events`` to one aggregate; raises ``TypeError`` for an event of another type."""
        for event in events:
            if not isinstance(event, self.events):
                raise TypeError(f"{type(event).__name__} is not an event of {self.name}")
        return Append(self.ref(aggregate_id), self.log, events)

    def fold(self, events: Iterable[Event], state: S | None = None) -> S:
        """The state after ``events``, starting from ``state`` or from nothing."""
        result = self.initial if state is None else state
        for event in events:
            result = self.evolve(result, event)
        return result


AnyAggregate = Aggregate[Any]
"""An aggregate type whose state type does not matter here; Python has no other word for "some type"."""
