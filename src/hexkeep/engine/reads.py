"""The query side: rows by id revalidated by their stream, pages behind a position, all cut to what may be seen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hexkeep.core.kernel import rows
from hexkeep.core.kernel.ask import CountOf, RowOf, RowsOf
from hexkeep.core.kernel.decision import Request
from hexkeep.core.kernel.errors import InvalidInput, PermissionDenied
from hexkeep.core.kernel.permission import AUTHENTICATED, INSTANCE, Caller, CallerKind, Level, Scope
from hexkeep.core.kernel.view import (
    ALWAYS,
    VERSION,
    And,
    Condition,
    In,
    Or,
    Projection,
    Row,
    RowOperation,
    Table,
    Visibility,
    eq,
)
from hexkeep.engine.builds import LEDGER_BUILD, Builds
from hexkeep.engine.codec import Codec
from hexkeep.engine.horizon import insist_on_kept
from hexkeep.engine.registry import Registry
from hexkeep.engine.skips import SkippedEvents
from hexkeep.engine.waiting import Progress
from hexkeep.ports.api import PositionToken
from hexkeep.ports.event_store import EventStore, StoredEvent
from hexkeep.ports.views import Views

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Freshness:
    """What a call demands of lists: at least these positions, within ``deadline`` (monotonic seconds)."""

    positions: tuple[PositionToken, ...]
    deadline: float


class Reads:
    """Answers the reading asks of decisions."""

    def __init__(
        self,
        registry: Registry,
        store: EventStore,
        views: Views,
        codec: Codec,
        progress: Progress,
        builds: Builds,
        *,
        skips: SkippedEvents,
    ) -> None:
        self._registry = registry
        self._store = store
        self._views = views
        self._codec = codec
        self._progress = progress
        self._builds = builds
        self._skips = skips

    async def row(self, request: Request, ask: RowOf) -> Row | None:
        """A row by id, never older than its aggregate, or nothing for those who may not see it.

        Who may see none is refused before anything is looked up: the refusal must not tell what exists. A row that
        nobody has filled yet is folded from its stream, so this never waits for a projection. Raises ``Archived`` for
        what lies behind the activity log's horizon.
        """
        scope = ALWAYS if ask.unscoped else visible(ask.table.visibility, request)
        projection = self._registry.projection_of(ask.table)
        key = (ask.id,)
        stream = (projection.log, self._registry.aggregates[ask.table.of].ref(ask.id))
        [head] = await self._store.versions(request.instance, [stream])
        if head == 0:
            await insist_on_kept(self._store, request.instance, projection.log, ask.id)
            return None
        build = self._builds.of(projection).own
        row = await self._views.get(build.number, request.instance, ask.table, key) if build else None
        if row is None or _version(row) < head:
            row = await self._folded(projection, request.instance, ask.table, ask.id, row)
        if row is None or rows.matches(row, scope):
            return row
        return None

    async def _folded(
        self, projection: Projection, instance: str, table: Table, row_id: str, row: Row | None
    ) -> Row | None:
        """Bring a row up to its stream's end, in memory."""
        found: rows.Rows = {} if row is None else {(row_id,): row}
        ref = self._registry.aggregates[table.of].ref(row_id)
        version = 0 if row is None else _version(row)
        while page := await self._store.read_stream(instance, projection.log, ref, version, PAGE):
            for stored in page:
                for operation in await self._operations(projection, instance, stored):
                    if operation.table is table:
                        rows.apply(found, operation)
            version = page[-1].version
        return found.get((row_id,))

    async def _operations(self, projection: Projection, instance: str, stored: StoredEvent) -> Sequence[RowOperation]:
        if (stored.stream, stored.position) in await self._skips.of(projection.name, instance):
            return projection.passed_over(*stored.stream, stored.version, stored.created_at)
        return projection.operations(await self._codec.decode(instance, projection.log, stored))

    async def page(self, request: Request, ask: RowsOf, freshness: Freshness) -> tuple[Row, ...]:
        """A page of rows, as new as demanded, without those the caller may not see.

        Raises ``DeadlineExceeded`` or ``ViewBuilding`` when that cannot be had in time, never a part of it.
        """
        projection = self._registry.projection_of(ask.select.table)
        where = ask.select.where
        if not ask.unscoped:
            where = And((where, visible(ask.select.table.visibility, request)))
        build = await self._build(request, ask, projection, freshness)
        try:
            found = await self._views.select(build, request.instance, replace(ask.select, where=where))
        except ValueError as error:
            raise InvalidInput("This cannot be filtered or sorted so") from error
        return tuple(found)

    async def count(self, request: Request, ask: CountOf, freshness: Freshness) -> int:
        """How many rows there are, of those that the caller may see, as new as demanded; raises as ``page`` does."""
        whole = RowsOf(ask.select)
        projection = self._registry.projection_of(ask.select.table)
        where = ask.select.where
        if not ask.unscoped:
            where = And((where, visible(ask.select.table.visibility, request)))
        build = await self._build(request, whole, projection, freshness)
        return await self._views.count(build, request.instance, replace(ask.select, where=where))

    async def _build(self, request: Request, ask: RowsOf, projection: Projection, freshness: Freshness) -> int:
        if projection.name in self._registry.ledgers:
            return LEDGER_BUILD  # its rows follow from no log, so they are always as new as can be
        tokens = await self._positions(request, ask, projection, freshness)
        return await self._progress.caught_up(projection, tokens, freshness.deadline)

    async def _positions(
        self, request: Request, ask: RowsOf, projection: Projection, freshness: Freshness
    ) -> Sequence[PositionToken]:
        demanded = [token for token in freshness.positions if token.instance == request.instance]
        if ask.current:
            head = await self._store.head(request.instance, projection.log)
            demanded.append(PositionToken(head.instance, head.log, head.epoch, head.position))
        return demanded


def _version(row: Row) -> int:
    version = row[VERSION]
    return version if isinstance(version, int) else 0


def visible(visibility: Visibility, request: Request) -> Condition:
    """Which rows of a table a call's caller may see, as a condition for the statement itself.

    Raises ``PermissionDenied`` for a caller who may see none whatever they hold.
    """
    caller = request.caller
    if request.permission == AUTHENTICATED:
        return _own(visibility, caller)
    scopes = caller.scopes(request.permission)
    if INSTANCE in scopes:
        return ALWAYS
    allowed = _within(visibility, scopes)
    if not allowed:
        raise PermissionDenied
    return Or(allowed)


def _own(visibility: Visibility, caller: Caller) -> Condition:
    if caller.kind is CallerKind.SYSTEM:
        return ALWAYS
    if not visibility.user or not caller.user_id:
        raise PermissionDenied
    return eq(visibility.user, caller.user_id)


def _within(visibility: Visibility, scopes: frozenset[Scope]) -> tuple[Condition, ...]:
    columns = {
        Level.ORGANIZATION: visibility.organization,
        Level.PROJECT: visibility.project,
        Level.PROJECT_GRANT: visibility.project_grant,
    }
    held = {level: tuple(sorted(scope.id for scope in scopes if scope.level is level)) for level in columns}
    return tuple(In(column, held[level]) for level, column in columns.items() if column and held[level])
