"""Append: a batch of units judged and written inside one transaction.

Everything is looked up before anything is written, so a loser leaves nothing to undo. The lookups answer with the
exceptions alone (units seen before, streams that stand elsewhere, keys held by others), of which there are few.
"""

import sqlite3
from collections.abc import Hashable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain

from hexkeep.adapters.sql.cells import time_in, time_out
from hexkeep.adapters.sqlite import key_changes
from hexkeep.adapters.sqlite.heads import LogHead, LogHeads
from hexkeep.adapters.sqlite.values import Cell, ask, delete_given, numbered, rows, run
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import AlreadyExists, VersionConflict
from hexkeep.ports.event_store import Appended, KeyClaim, Outcome, StreamAppend, Unit, key_changes_of

EVENT_COLUMNS = (
    "position, aggregate_type, aggregate_id, version, event_type, revision, payload, digest, actor, correlation_id,"
    " client, created_at"
)


@lru_cache
def _seen(count: int) -> str:
    return (
        f"WITH wanted (n, instance_id, unit_id) AS (VALUES {numbered(count, 2)}) "  # noqa: S608 - placeholders
        "SELECT n, first, last, epoch, created_at FROM wanted CROSS JOIN units USING (instance_id, unit_id)"
    )


def newest(log: str, horizon: str, type_: str, id_: str) -> str:
    """The version of a stream, as SQL over such expressions. Where nothing was dropped the index alone answers."""
    of_stream = f"FROM events WHERE log_id = {log} AND aggregate_type = {type_} AND aggregate_id = {id_}"
    return (
        f"coalesce(CASE WHEN {horizon} = 0 THEN (SELECT max(version) {of_stream})"
        f" ELSE (SELECT max(version) {of_stream} AND +position > {horizon}) END, 0)"
    )


@lru_cache
def _stale(count: int) -> str:
    return (
        f"WITH wanted (n, log, horizon, type, id, expected) AS (VALUES {numbered(count, 5)}), "  # noqa: S608 - placeholders
        f"found AS MATERIALIZED (SELECT n, expected, {newest('log', 'horizon', 'type', 'id')} AS actual FROM wanted) "
        "SELECT n, actual FROM found WHERE actual <> expected"
    )


@lru_cache
def _held(count: int) -> str:
    return (
        "WITH wanted (n, instance_id, kind, hash, type, id) "  # noqa: S608 - placeholders
        f"AS (VALUES {numbered(count, 5)}) SELECT n, owner_type, owner_id "
        "FROM wanted CROSS JOIN unique_keys USING (instance_id, kind, hash) WHERE (owner_type, owner_id) <> (type, id)"
    )


@lru_cache
def insert_events(count: int) -> str:
    """Rows of the log: the number of the log, then ``EVENT_COLUMNS``."""
    return f"INSERT INTO events (log_id, {EVENT_COLUMNS}) VALUES {rows(count, 13)}"  # noqa: S608 - placeholders


@lru_cache
def _insert_units(count: int) -> str:
    columns = "instance_id, unit_id, first, last, epoch, created_at"
    return f"INSERT INTO units ({columns}) VALUES {rows(count, 6)}"  # noqa: S608 - placeholders


_DELETE_REST = "DELETE FROM events WHERE log_id = ? AND aggregate_type = ? AND aggregate_id = ? AND +position <= ?"
"""What is left of a stream behind the horizon."""


@lru_cache
def _delete_keys(count: int) -> str:
    return delete_given("unique_keys", ["instance_id", "kind", "hash"], ["owner_type", "owner_id"], rows(count, 5))


@lru_cache
def _insert_keys(count: int) -> str:
    """A key that its owner claims again is there already; whose it is was looked up before."""
    columns = "instance_id, kind, hash, owner_type, owner_id"
    return (
        f"INSERT INTO unique_keys ({columns}) VALUES {rows(count, 5)} "  # noqa: S608 - placeholders
        "ON CONFLICT DO NOTHING"
    )


def append(connection: sqlite3.Connection, units: Sequence[Unit], now: datetime) -> list[Outcome]:
    """Apply each unit or tell why not. The caller has begun a transaction and will commit it."""
    heads = LogHeads(connection, now)
    return [outcome for batch in _independent(units) for outcome in _Batch(connection, heads, batch).outcomes()]


def _independent(units: Sequence[Unit]) -> Iterator[Sequence[Unit]]:
    """Runs of units that do not touch each other. Commonly the engine has seen to it and there is one."""
    named = [_names(unit) for unit in units]
    start, touched = 0, set(chain.from_iterable(named))
    if len(touched) == sum(map(len, named)):
        yield units
        return
    touched.clear()
    for index, names in enumerate(named):
        if not touched.isdisjoint(names):
            yield units[start:index]
            start, touched = index, set()
        touched.update(names)
    if start < len(units):
        yield units[start:]


def _names(unit: Unit) -> list[Hashable]:
    """The unit, streams and keys that a unit touches."""
    names: list[Hashable] = [(unit.instance, unit.unit_id)]
    names += [(unit.instance, unit.log, append.stream) for append in unit.appends]
    if unit.claims or unit.releases:
        claimed = {(unit.instance, key.kind, key.hash) for key in unit.claims}
        names += claimed | {(unit.instance, key.kind, key.hash) for key in unit.releases}
    return names


class _Batch:
    """Units that do not touch each other."""

    def __init__(self, connection: sqlite3.Connection, heads: LogHeads, units: Sequence[Unit]) -> None:
        self._connection = connection
        self._heads = heads
        self._units = units
        self._outcomes: list[Outcome | None] = [None] * len(units)
        self._anew: list[tuple[Cell, ...]] = []
        self._events: list[tuple[Cell, ...]] = []
        self._applied: list[tuple[Cell, ...]] = []
        self._claims: list[tuple[Cell, ...]] = []
        self._releases: list[tuple[Cell, ...]] = []
        self._changes: list[tuple[Cell, ...]] = []

    def outcomes(self) -> list[Outcome]:
        """One for each unit; what survived has been written."""
        self._heads.load({(unit.instance, unit.log) for unit in self._units})
        self._recall()
        self._check_versions()
        self._check_keys()
        done = [known or self._apply(unit) for unit, known in zip(self._units, self._outcomes, strict=True)]
        self._write()
        return done

    def _recall(self) -> None:
        """Units that are in the log already have the outcome they had."""
        wanted = [(unit.instance, unit.unit_id) for unit in self._units]
        for number, cells in ask(self._connection, _seen, wanted):
            first, last, epoch, created_at = (int(cell or 0) for cell in cells)
            self._outcomes[number] = Appended(first, last, epoch, time_out(created_at))

    def _check_versions(self) -> None:
        wanted: list[tuple[Cell, ...]] = []
        owners: list[tuple[int, StreamAppend]] = []
        for index, unit in enumerate(self._units):
            head = self._heads.of(unit)
            for one in unit.appends:
                wanted.append((head.id, head.horizon, *one.stream, one.expected_version))
                owners.append((index, one))
        for number, (actual,) in ask(self._connection, _stale, wanted):
            index, stale = owners[number]
            if self._outcomes[index] is None:
                self._outcomes[index] = VersionConflict(stale.expected_version, int(actual or 0))

    def _check_keys(self) -> None:
        claims = [(index, claim) for index, unit in enumerate(self._units) for claim in unit.claims]
        wanted = [(self._units[index].instance, claim.kind, claim.hash, *claim.owner) for index, claim in claims]
        for number, (owner_type, owner_id) in ask(self._connection, _held, wanted):
            index, claim = claims[number]
            holder = Ref(str(owner_type), str(owner_id))
            if self._outcomes[index] is None and not _gives_back(self._units[index], claim, holder):
                self._outcomes[index] = AlreadyExists(claim.kind)

    def _apply(self, unit: Unit) -> Appended:
        head = self._heads.of(unit)
        first = head.position + 1
        for one in unit.appends:
            self._add_events(head, unit, one)
        applied = Appended(first, head.position, head.epoch, head.created)
        cells = (first, head.position, head.epoch, head.created_at)
        self._applied.append((unit.instance, unit.unit_id, *cells))
        if unit.claims or unit.releases:
            self._change_keys(head, unit)
        return applied

    def _change_keys(self, head: LogHead, unit: Unit) -> None:
        self._heads.keep(head)
        self._changes.extend(key_changes.cells(head.id, key_changes_of(unit, head.position)))
        self._releases.extend((unit.instance, key.kind, key.hash, *key.owner) for key in unit.releases)
        self._claims.extend((unit.instance, key.kind, key.hash, *key.owner) for key in unit.claims)

    def _add_events(self, head: LogHead, unit: Unit, one: StreamAppend) -> None:
        if one.events:
            self._heads.keep(head)
        type_, id_ = one.stream
        if head.horizon and not one.expected_version:
            self._anew.append((head.id, type_, id_, head.horizon))
        for version, event in enumerate(one.events, start=one.expected_version + 1):
            head.position += 1
            cells = (
                head.id, head.position, type_, id_, version, event.type, event.revision, event.payload, event.digest,
                unit.actor, unit.correlation_id, unit.client, head.created_at,
            )  # fmt: skip
            self._events.append(cells)

    def _write(self) -> None:
        """Releases before claims, for a unit may hand a key over; what is left of a stream before it begins anew."""
        self._connection.executemany(_DELETE_REST, self._anew)
        run(self._connection, insert_events, self._events)
        run(self._connection, _insert_units, self._applied)
        run(self._connection, _delete_keys, self._releases)
        run(self._connection, _insert_keys, self._claims)
        key_changes.keep(self._connection, self._changes)
        self._heads.write()


def _gives_back(unit: Unit, claim: KeyClaim, holder: Ref) -> bool:
    """Whether the unit that claims a key releases it for its holder as well."""
    return any((key.kind, key.hash, key.owner) == (claim.kind, claim.hash, holder) for key in unit.releases)


def prune(connection: sqlite3.Connection, before: datetime, limit: int) -> None:
    """Forget units from before a time. They lie in the order of their coming, so only the eldest are looked at."""
    eldest = "SELECT rowid AS place, created_at FROM units ORDER BY rowid LIMIT ?"
    connection.execute(
        f"DELETE FROM units WHERE rowid IN (SELECT place FROM ({eldest}) WHERE created_at < ?)",  # noqa: S608 - fixed
        (limit, time_in(before)),
    )
