"""Hypothesis strategies for the steps of the model machine, drawn without knowledge of what a storage holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Delete, DeleteWhere, Patch, Put, RowOperation, Select, Table
from hexkeep.ports.event_store import KeyClaim, KeyRelease, NewEvent, StreamAppend, Unit
from hexkeep.testing import view_strategies
from hexkeep.testing.key_changes import Key
from hexkeep.testing.units import event, key_hash

STREAMS = tuple(Ref("kit", name) for name in "abcd")
KEYS: tuple[Key, ...] = (("kit_name", key_hash("x")), ("kit_name", key_hash("y")), ("kit_mail", key_hash("x")))
INSTANCES = (0, 1)
Place = tuple[int, Log]

instances = st.sampled_from(INSTANCES)
logs = st.sampled_from(Log)
places: st.SearchStrategy[Place] = st.tuples(instances, logs)
streams = st.sampled_from(STREAMS)
keys = st.sampled_from(KEYS)
slips = st.sampled_from((0, 0, 0, 0, 0, 1, -1))
"""By how much somebody is mistaken about a version, a position or a number: mostly not at all."""


@dataclass(frozen=True, slots=True)
class Part:
    """Events for one stream, none for a guard, from a version that may be mistaken."""

    stream: Ref
    events: int
    slip: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A unit before it is known where its streams stand."""

    instance: int
    log: Log
    parts: tuple[Part, ...]
    claims: tuple[tuple[Key, Ref], ...]
    releases: tuple[tuple[Key, Ref], ...]


def _pairs() -> st.SearchStrategy[tuple[tuple[Key, Ref], ...]]:
    """Keys with owners, each key once; mostly none."""
    pairs = st.lists(st.tuples(keys, streams), max_size=2, unique_by=lambda pair: pair[0])
    return st.one_of(st.just(()), pairs.map(tuple))


_parts = st.lists(
    st.builds(Part, streams, st.sampled_from((1, 1, 2, 3, 0)), slips),
    min_size=1,
    max_size=3,
    unique_by=lambda part: part.stream,
).map(tuple)
_drafts = st.builds(Draft, instances, logs, _parts, _pairs(), _pairs())
calls: st.SearchStrategy[list[Draft]] = st.lists(_drafts, min_size=1, max_size=3)
"""What is handed to the store in one call."""


def independent(drafts: Sequence[Draft]) -> Iterator[Draft]:
    """The drafts without what an earlier one of the call touches, and without keys where there are no events."""
    taken: set[object] = set()
    for draft in drafts:
        parts = tuple(one for one in draft.parts if (draft.instance, draft.log, one.stream) not in taken)
        written = any(one.events for one in parts)
        claims, releases = (
            tuple(pair for pair in pairs if written and (draft.instance, pair[0]) not in taken)
            for pairs in (draft.claims, draft.releases)
        )
        taken |= {(draft.instance, draft.log, one.stream) for one in parts}
        taken |= {(draft.instance, key) for key, _ in (*claims, *releases)}
        yield replace(draft, parts=parts, claims=claims, releases=releases)


def unit_of(draft: Draft, instance: str, versions: Sequence[int], unit_id: str) -> Unit:
    """The unit that a draft becomes where its streams stand at these versions."""
    return Unit(
        unit_id,
        instance,
        draft.log,
        tuple(
            StreamAppend(part.stream, max(0, version + part.slip), _events(unit_id, part))
            for part, version in zip(draft.parts, versions, strict=True)
        ),
        tuple(KeyClaim(*key, owner) for key, owner in draft.claims),
        tuple(KeyRelease(*key, owner) for key, owner in draft.releases),
        actor="kit",
    )


def _events(unit_id: str, part: Part) -> tuple[NewEvent, ...]:
    return tuple(event(f"{unit_id}/{part.stream.id}/{number}".encode()) for number in range(part.events))


@dataclass(frozen=True, slots=True, repr=False)
class Work:
    """Row operations, which are moved to the table of a history."""

    operations: tuple[RowOperation, ...]

    def on(self, table: Table) -> tuple[RowOperation, ...]:
        """The same on another table with the same columns."""
        return tuple(replace(operation, table=table) for operation in self.operations)

    def __repr__(self) -> str:
        """Without the table, whose columns nobody wants to read."""
        return f"Work({', '.join(map(_shown, self.operations))})"


def _shown(operation: RowOperation) -> str:
    match operation:
        case Put(row=row):
            return f"Put({dict(row)})"
        case Patch(key=key, changes=changes):
            return f"Patch({key}, {dict(changes)})"
        case Delete(key=key):
            return f"Delete({key})"
        case DeleteWhere(match=cells):
            return f"DeleteWhere({dict(cells)})"


@dataclass(frozen=True, slots=True)
class Parking:
    """Ids of aggregates to park, and of those to take off the list."""

    park: frozenset[str]
    unpark: frozenset[str]


_aggregates = st.frozensets(st.sampled_from("abc"), max_size=2)
parkings: st.SearchStrategy[Parking] = st.builds(Parking, _aggregates, _aggregates)


@dataclass(frozen=True, slots=True, repr=False)
class Query:
    """A query, which is moved to the table of a history."""

    select: Select

    def on(self, table: Table) -> Select:
        """The same on another table with the same columns."""
        return replace(self.select, table=table)

    def __repr__(self) -> str:
        """Without the table."""
        return f"Query({self.select.where}, {self.select.sort}, limit={self.select.limit})"


work: st.SearchStrategy[Work] = view_strategies.operations().map(tuple).map(Work)
queries: st.SearchStrategy[Query] = view_strategies.selects().map(Query)
