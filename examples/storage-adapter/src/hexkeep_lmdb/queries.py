"""Which queries a database could not answer, rows or no rows: so none is answered."""

from collections.abc import Iterator

from hexkeep.core.kernel.view import (
    And,
    Column,
    ColumnType,
    Compare,
    Condition,
    Contains,
    Has,
    In,
    Not,
    Or,
    Select,
    StartsWith,
    Table,
)

Leaf = Compare | In | Contains | StartsWith | Has


def insist_on_answerable(query: Select) -> None:
    """Raise ``ValueError`` for an unknown column, a search in one that is not kept for it, a sort without an order."""
    for leaf in _leaves(query.where):
        column = _column(query.table, leaf.column)
        if isinstance(leaf, Contains | StartsWith) and not column.search:
            raise ValueError(f"{query.table.name}.{column.name} is not a search column")
    for sort in query.sort:
        column = _column(query.table, sort.column)
        if column.nullable or column.type is ColumnType.TEXTS:
            raise ValueError(f"{query.table.name} cannot be sorted by {sort.column}")


def _leaves(condition: Condition) -> Iterator[Leaf]:
    match condition:
        case And(conditions) | Or(conditions):
            for one in conditions:
                yield from _leaves(one)
        case Not(inner):
            yield from _leaves(inner)
        case _:
            yield condition


def _column(table: Table, name: str) -> Column:
    found = table.by_name.get(name)
    if found is None:
        raise ValueError(f"{table.name} has no column {name}")
    return found
