"""Writes: the row operations of one transaction, folded to one effect per row and grouped into set-based batches.

Within a table the order of operations matters only per row, and around ``DeleteWhere``, which may touch any. So the
operations between two of those are folded per key: what is put, patched and deleted in turn becomes one put, one patch
or one delete. The result is the same as running them one by one, as ``hexkeep.core.kernel.rows`` defines.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect

from hexkeep.adapters.sql.cells import DbValue
from hexkeep.adapters.sql.conditions import AnyColumn, Slots
from hexkeep.adapters.sql.inserts import insert_into
from hexkeep.adapters.sql.schema import INSTANCE, Physical
from hexkeep.adapters.sql.statements import Compiled, ViewReads, compile_sql
from hexkeep.core.kernel.rows import changed, complete
from hexkeep.core.kernel.view import Delete, DeleteWhere, Patch, Put, Row, RowOperation

Key = tuple[DbValue, ...]
Kind = Literal["put", "patch", "delete", "delete_where"]
Effects = dict[Key, Put | Patch | Delete]


@dataclass(frozen=True, slots=True)
class Batch:
    """One statement to be run for each of ``rows``, in any order among them.

    ``columns`` names what the cells of a row are: the instance, then the key, then the rest. For a patch the rest is
    what changes; for ``delete_where`` it is the instance and what has to match.
    """

    kind: Kind
    physical: Physical
    columns: tuple[str, ...]
    rows: list[tuple[DbValue, ...]]
    compiled: Compiled

    @property
    def sql(self) -> str:
        """The statement for one row, for a driver's ``executemany`` with ``parameters()``."""
        return self.compiled.sql

    def parameters(self) -> list[tuple[DbValue, ...]]:
        """The rows in the order of the statement's parameters."""
        places = self.compiled.places
        return [tuple([row[place] for place in places]) for row in self.rows]


class ViewWrites:
    """Builds the writes of all views for one dialect."""

    def __init__(self, reads: ViewReads) -> None:
        self._reads = reads
        self._dialect = reads.dialect
        self._compiled: dict[tuple[Kind, Physical, tuple[str, ...]], Compiled] = {}

    def batches(self, build: int, instance: str, operations: Iterable[RowOperation]) -> list[Batch]:
        """The batches to run, in this order, in one transaction. Raises ``ValueError`` for rows that do not fit."""
        tables: dict[Physical, list[RowOperation]] = {}
        for operation in operations:
            tables.setdefault(self._reads.physical(build, operation.table), []).append(operation)
        return [batch for physical, ones in tables.items() for batch in self._of_table(physical, instance, ones)]

    def _of_table(self, physical: Physical, instance: str, operations: list[RowOperation]) -> Iterator[Batch]:
        effects: Effects = {}
        for operation in operations:
            if isinstance(operation, DeleteWhere):
                yield from self._grouped(physical, instance, effects)
                effects = {}
                yield from self._delete_where(physical, instance, operation.match)
            else:
                _fold(physical, effects, operation)
        yield from self._grouped(physical, instance, effects)

    def _grouped(self, physical: Physical, instance: str, effects: Effects) -> Iterator[Batch]:
        groups: dict[tuple[Kind, tuple[str, ...]], list[tuple[DbValue, ...]]] = {}
        for key, effect in effects.items():
            kind, cells = _effect(physical, effect)
            row = (instance, *key, *cells.values())
            groups.setdefault((kind, (INSTANCE, *physical.table.key, *cells)), []).append(row)
        for (kind, columns), rows in groups.items():
            yield self._batch(kind, physical, columns, rows)

    def _delete_where(self, physical: Physical, instance: str, match: Row) -> Iterator[Batch]:
        """A null in ``match`` is tested by the statement itself, for no parameter equals null."""
        cells: dict[str, DbValue] = {}
        for name, value in match.items():
            cells[name if value is not None else f"{name} is null"] = physical.cells({name: value})[name]
        yield self._batch("delete_where", physical, (INSTANCE, *cells), [(instance, *cells.values())])

    def _batch(
        self, kind: Kind, physical: Physical, columns: tuple[str, ...], rows: list[tuple[DbValue, ...]]
    ) -> Batch:
        compiled = self._compiled.get((kind, physical, columns))
        if compiled is None:
            compiled = compile_sql(self._dialect, _STATEMENTS[kind](self._dialect, physical, columns))
            self._compiled[kind, physical, columns] = compiled
        return Batch(kind, physical, columns, rows, compiled)


def _fold(physical: Physical, effects: Effects, operation: Put | Patch | Delete) -> None:
    match operation:
        case Put(table, row):
            filled = complete(table, row)
            effects[physical.key(table.key_of(filled))] = Put(table, filled)
        case Patch(_, key, changes):
            kept = physical.key(key)
            effects[kept] = _patched(effects.get(kept), operation, changes)
        case Delete(_, key):
            effects[physical.key(key)] = operation


def _patched(before: Put | Patch | Delete | None, patch: Patch, changes: Row) -> Put | Patch | Delete:
    """What a patch makes of the effect that its row has already seen in this transaction."""
    match before:
        case Put(table, row):
            return Put(table, changed(table, row, changes))
        case Patch(table, key, earlier):
            return Patch(table, key, {**earlier, **changes})
        case Delete():
            return before
    return patch


def _effect(physical: Physical, effect: Put | Patch | Delete) -> tuple[Kind, Mapping[str, DbValue]]:
    match effect:
        case Put(_, row):
            return "put", physical.cells(row, physical.table.key)
        case Patch(table, key, changes):
            if any(name in changes and changes[name] != cell for name, cell in zip(table.key, key, strict=True)):
                raise ValueError(f"{table.name}: a key cannot be patched")
            return "patch", physical.cells(changes, physical.table.key)
    return "delete", {}


def _parameters(physical: Physical, columns: tuple[str, ...]) -> dict[str, sa.BindParameter[DbValue]]:
    slots = Slots()
    return {name: slots.like(physical.sql.c[name.removesuffix(" is null")])[0] for name in columns}


def _put(dialect: Dialect, physical: Physical, columns: tuple[str, ...]) -> sa.ClauseElement:
    key, values = (INSTANCE, *physical.table.key), _parameters(physical, columns)
    changing = [name for name in columns if name not in key]
    insert = insert_into(dialect, physical.sql).values(values)
    if not changing:
        return insert.on_conflict_do_nothing(index_elements=key)
    return insert.on_conflict_do_update(index_elements=key, set_={name: insert.excluded[name] for name in changing})


def _patch(_dialect: Dialect, physical: Physical, columns: tuple[str, ...]) -> sa.ClauseElement:
    key, values = (INSTANCE, *physical.table.key), _parameters(physical, columns)
    changed = {name: value for name, value in values.items() if name not in key}
    if not changed:  # nothing but the key was named: the row stays as it is
        changed = {INSTANCE: values[INSTANCE]}
    return sa.update(physical.sql).where(*_equal(physical, values, key)).values(changed)


def _delete(_dialect: Dialect, physical: Physical, columns: tuple[str, ...]) -> sa.ClauseElement:
    return sa.delete(physical.sql).where(*_equal(physical, _parameters(physical, columns), columns))


def _equal(
    physical: Physical, values: Mapping[str, sa.BindParameter[DbValue]], names: Iterable[str]
) -> Iterator[sa.ColumnElement[bool]]:
    for name in names:
        column: AnyColumn = physical.sql.c[name.removesuffix(" is null")]
        yield column.is_(None) if name.endswith(" is null") else column == values[name]


_STATEMENTS = {"put": _put, "patch": _patch, "delete": _delete, "delete_where": _delete}
