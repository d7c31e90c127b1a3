"""Folding: many row operations in, fewer out, with the same effect. One write per row and batch instead of many."""

from collections.abc import Iterable

from hexkeep.core.kernel.rows import complete
from hexkeep.core.kernel.view import Delete, DeleteWhere, Patch, Put, RowOperation, Table, Value

Key = tuple[Value, ...]


def fold(operations: Iterable[RowOperation]) -> tuple[RowOperation, ...]:
    """The operations with everything said about one row merged into one.

    Operations on different rows commute, so only ``DeleteWhere`` keeps its place among those of its table. Raises
    ``ValueError`` for a row that does not fit its table.
    """
    done: list[RowOperation] = []
    pending: dict[tuple[str, Key], Put | Patch | Delete] = {}
    for operation in operations:
        if isinstance(operation, DeleteWhere):
            done.extend(_taken(pending, operation.table))
            done.append(operation)
            continue
        place = (operation.table.name, _key(operation))
        pending[place] = _merged(pending.get(place), operation)
    return (*done, *pending.values())


def _taken(pending: dict[tuple[str, Key], Put | Patch | Delete], table: Table) -> list[Put | Patch | Delete]:
    places = [place for place in pending if place[0] == table.name]
    return [pending.pop(place) for place in places]


def _key(operation: Put | Patch | Delete) -> Key:
    return operation.table.key_of(operation.row) if isinstance(operation, Put) else operation.key


def _merged(earlier: Put | Patch | Delete | None, later: Put | Patch | Delete) -> Put | Patch | Delete:
    if isinstance(later, Put):
        return Put(later.table, complete(later.table, later.row))
    if isinstance(later, Delete) or earlier is None:
        return later
    match earlier:
        case Put(row=row):
            return Put(later.table, complete(later.table, {**row, **later.changes}))
        case Patch(changes=changes):
            return Patch(later.table, later.key, {**changes, **later.changes})
        case Delete():
            return earlier
