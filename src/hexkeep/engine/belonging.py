"""Whose a resource is: the organization that an event belongs to, told from the rows that its aggregate has made.

An event is its organization's if the row of the aggregate's by-id view has said so up to this event, and never another;
where there is no such view, if it has changed rows of that organization alone. Whatever cannot be told belongs to
nobody: who manages an organization is shown too little rather than too much.
"""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import Archived, HexkeepError
from hexkeep.core.kernel.event import Event, Recorded
from hexkeep.core.kernel.view import Delete, DeleteWhere, Patch, Projection, Put, RowOperation, Table, Value
from hexkeep.engine.codec import Codec
from hexkeep.engine.registry import Registry
from hexkeep.ports.event_store import EventStore, Head, StoredEvent

PAGE = 500
REMEMBERED = 5000
"""Aggregates."""

Key = tuple[str, int, Ref]
"""Instance, epoch and aggregate: a restored log may hold other events."""
View = tuple[Projection, Table]


@dataclass(slots=True)
class _Known:
    """What the events of one aggregate have told up to ``version``: ids alone."""

    version: int = 0
    unknown: bool = False
    """Something could not be read, so nothing can be told."""
    seen: set[str] = field(default_factory=set)
    """Every organization that the row of the by-id view was of."""
    rows: dict[tuple[str, tuple[Value, ...]], str] = field(default_factory=dict)
    """Whose each row is, by table and key."""
    told: list[tuple[int, str]] = field(default_factory=list)
    """From which version on events belong to which organization."""

    def tell(self, version: int, owner: str) -> None:
        """Whose the next event is."""
        if not self.told or self.told[-1][1] != owner:
            self.told.append((version, owner))
        self.version = version

    def owner(self, version: int) -> str:
        """Whose an event is that was learned."""
        place = bisect_right(self.told, version, key=itemgetter(0))
        return self.told[place - 1][1] if place and not self.unknown else ""


class Belonging:
    """Tells it for all aggregates of a registry, and remembers."""

    def __init__(self, registry: Registry, store: EventStore, codec: Codec) -> None:
        self._registry = registry
        self._store = store
        self._codec = codec
        self._known: OrderedDict[Key, _Known] = OrderedDict()
        self._views = {name: tuple(_views(registry, name)) for name in registry.aggregates}

    def is_at_hand(self, head: Head, stored: StoredEvent) -> bool:
        """Whether it can be told without reading anything."""
        known = self._known.get((head.instance, head.epoch, stored.stream))
        told = known is not None and (known.unknown or known.version >= stored.version)
        return told or not self._views.get(stored.stream.type)

    async def organization(self, head: Head, stored: StoredEvent) -> str:
        """The organization of an event of the log that ends at ``head``; empty where that cannot be told."""
        if not self._views.get(stored.stream.type):
            return ""
        known = self._remembered((head.instance, head.epoch, stored.stream))
        try:
            while known.version < stored.version and not known.unknown:
                await self._learn(known, head, stored.stream)
        except Archived:
            known.unknown = True
        return known.owner(stored.version)

    def _remembered(self, key: Key) -> _Known:
        known = self._known.setdefault(key, _Known())
        self._known.move_to_end(key)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return known

    async def _learn(self, known: _Known, head: Head, stream: Ref) -> None:
        page = await self._store.read_stream(head.instance, head.log, stream, known.version, PAGE)
        known.unknown = not page
        for stored in page:
            if stored.version != known.version + 1:
                continue  # another call has learned it meanwhile
            try:
                recorded = await self._codec.decode(head.instance, head.log, stored)
                owner = self._owner(known, recorded)
            except HexkeepError:
                raise
            except Exception:  # noqa: BLE001 - slices' and plugins' own functions; what they fail at is nobody's
                known.unknown = True
                return
            known.tell(stored.version, owner)

    def _owner(self, known: _Known, recorded: Recorded[Event]) -> str:
        touched: set[str] = set()
        by_id = False
        for projection, table in self._views[recorded.aggregate_type]:
            by_id = by_id or bool(table.of)
            for operation in projection.operations(recorded):
                if operation.table is table:
                    touched |= set(_concerned(known.rows, operation))
        known.seen |= touched
        owners = known.seen if by_id else touched
        return next(iter(owners)) if len(owners) == 1 else ""


def _views(registry: Registry, aggregate_type: str) -> Iterator[View]:
    """The tables that tell of organizations: the by-id views of a type, or where there are none those it goes to."""
    events = registry.aggregates[aggregate_type].events
    telling = [
        (projection, table)
        for projection in registry.projections.values()
        for table in projection.tables
        if table.visibility.organization
    ]
    by_id = [view for view in telling if view[1].of == aggregate_type]
    yield from by_id or (view for view in telling if not view[1].of and not set(events).isdisjoint(view[0].events))


def _concerned(rows: dict[tuple[str, tuple[Value, ...]], str], operation: RowOperation) -> Iterable[str]:
    """The organizations of the rows that an operation concerns, before and after; ``rows`` follow it."""
    table = operation.table
    column, name = table.visibility.organization, table.name
    match operation:
        case Put(row=row):
            key = (name, table.key_of(row))
            before, rows[key] = rows.get(key, ""), str(row.get(column) or "")
            return filter(None, (before, rows[key]))
        case Patch(key=cells, changes=changes):
            key = (name, cells)
            before = rows.get(key, "")
            if key in rows and column in changes:
                rows[key] = str(changes[column] or "")
            return filter(None, (before, rows.get(key, "")))
        case Delete(key=cells):
            return filter(None, (rows.pop((name, cells), ""),))
        case DeleteWhere():
            gone = [key for key in rows if key[0] == name]  # at most these
            return [owner for owner in map(rows.get, gone) if owner]
