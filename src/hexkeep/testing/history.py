"""What happened in one instance, for the decision kit: streams, owners of unique keys, rows by real projections."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from hexkeep.core.kernel import rows
from hexkeep.core.kernel.aggregate import Aggregate, Append, Ref
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.unique import Claim, Release, UniqueKey
from hexkeep.core.kernel.view import Projection, Row, Table

S = TypeVar("S")
Held = tuple[tuple[str, str, str], Ref]


@dataclass(frozen=True, slots=True)
class History:
    """An instance's events in order, and who owns which unique key. Immutable."""

    recorded: tuple[Recorded[Event], ...] = ()
    owners: tuple[Held, ...] = field(default=(), repr=False)

    def after(self, changes: Iterable[Change], now: datetime) -> "History":
        """The history with ``changes`` behind it. Keys are released before they are claimed; the first owner stays."""
        changes = tuple(changes)
        events = list(self.recorded)
        for change in changes:
            if isinstance(change, Append):
                events.extend(_recorded(events, change, now))
        return History(tuple(events), tuple(self._owned(changes).items()))

    def _owned(self, changes: tuple[Change, ...]) -> dict[tuple[str, str, str], Ref]:
        owners = dict(self.owners)
        for change in changes:
            if isinstance(change, Release) and owners.get(_place(change.key)) == change.owner:
                del owners[_place(change.key)]
        for change in changes:
            if isinstance(change, Claim):
                owners.setdefault(_place(change.key), change.owner)
        return owners

    def state(self, aggregate: Aggregate[S], aggregate_id: str) -> S:
        """The state of one aggregate."""
        ref = aggregate.ref(aggregate_id)
        return aggregate.fold(one.event for one in self.recorded if _ref(one) == ref)

    def version(self, ref: Ref) -> int:
        """How many events one aggregate has."""
        return sum(_ref(one) == ref for one in self.recorded)

    def changed_at(self, ref: Ref) -> datetime | None:
        """When the newest event of one aggregate happened."""
        return max((one.created_at for one in self.recorded if _ref(one) == ref), default=None)

    def owner(self, key: UniqueKey) -> Ref | None:
        """Who holds a unique key."""
        return dict(self.owners).get(_place(key))

    def rows(self, projection: Projection, table: Table) -> dict[rows.Key, Row]:
        """The rows of a table, by running its projection over its log from the start."""
        found: dict[rows.Key, Row] = {}
        for one in self.recorded:
            for operation in projection.operations(one) if one.log is projection.log else ():
                if operation.table == table:
                    rows.apply(found, operation)
        return found


def _place(key: UniqueKey) -> tuple[str, str, str]:
    return key.kind, key.scope, key.normalised()


def _ref(recorded: Recorded[Event]) -> Ref:
    return Ref(recorded.aggregate_type, recorded.aggregate_id)


def _recorded(before: Iterable[Recorded[Event]], append: Append, now: datetime) -> Iterator[Recorded[Event]]:
    version = sum(_ref(one) == append.ref for one in before)
    position = sum(one.log is append.log for one in before)
    for number, event in enumerate(append.events, start=1):
        yield Recorded(
            event, "", Log(append.log), position + number, *append.ref, version + number, now, "test", "test"
        )
