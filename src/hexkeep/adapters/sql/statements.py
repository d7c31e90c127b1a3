"""Statements: reads of views as SQL text and values, ready for a driver.

Text is compiled once for each shape of query and kept; taking a query apart costs some microseconds, compiling it half
a millisecond. Parameters are positional. Nothing here executes anything or knows a connection.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

from hexkeep.adapters.sql.binding import Shape, bind
from hexkeep.adapters.sql.cells import DbValue
from hexkeep.adapters.sql.conditions import Expression, Slots, expression
from hexkeep.adapters.sql.paging import Order, behind, cursor, order_by, order_of
from hexkeep.adapters.sql.schema import INSTANCE, Physical
from hexkeep.core.kernel.view import Projection, Row, Select, Table, Value

_KEPT = 2048
"""How many compiled statements are kept; the shapes of an application's queries are far fewer."""


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL text with positional parameters and the values for them."""

    sql: str
    values: tuple[DbValue, ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """SQL text, and which of the bound values goes to which of its parameters."""

    sql: str
    places: tuple[int, ...]

    def fill(self, values: Sequence[DbValue]) -> Statement:
        """The statement for these values."""
        return Statement(self.sql, tuple([values[place] for place in self.places]))


def compile_sql(dialect: Dialect, clause: sa.ClauseElement) -> Compiled:
    """``clause`` as text; all its parameters must come from ``Slots``."""
    compiled = clause.compile(dialect=dialect)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError("only a statement with parameters can be compiled")
    return Compiled(str(compiled), tuple(int(name.removeprefix("p")) for name in compiled.positiontup or ()))


class ViewReads:
    """Builds the reads of all views for one dialect, which must be made with a positional ``paramstyle``."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._physical: dict[tuple[str, int], Physical] = {}
        self._compiled: dict[object, Compiled] = {}

    def physical(self, build: int, table: Table) -> Physical:
        """The table as it lies in the database for one build."""
        known = self._physical.get((table.name, build))
        if known is None or (known.table is not table and known.table != table):
            known = Physical(self.dialect, table, build)
            self._physical[table.name, build] = known
        return known

    def ddl(self, build: int, projection: Projection) -> list[str]:
        """The statements that create what a projection declares for one build, where it is missing."""
        return [one for table in projection.tables for one in self.physical(build, table).ddl()]

    def names(self, build: int, projection: Projection) -> list[str]:
        """The names of the tables of one build."""
        return [self.physical(build, table).name for table in projection.tables]

    def get(self, build: int, instance: str, table: Table, key: tuple[Value, ...]) -> Statement:
        """One row by its key."""
        physical = self.physical(build, table)
        compiled = self._kept(("get", physical), lambda: _get(physical))
        return compiled.fill((instance, *physical.key(key)))

    def select(self, build: int, instance: str, query: Select) -> Statement:
        """One page of rows; raises ``ValueError`` for an unknown column or one that cannot be sorted by."""
        physical = self.physical(build, query.table)
        order = order_of(physical, query)
        values: list[DbValue] = [instance]
        shape = bind(physical, query.where, values)
        after = cursor(physical, query, order)
        values.extend((*after, query.limit))
        compiled = self._kept(
            ("select", physical, shape, order, bool(after)), lambda: _select(physical, shape, order, bool(after))
        )
        return compiled.fill(values)

    def count(self, build: int, instance: str, query: Select) -> Statement:
        """How many rows match, whatever the page."""
        physical = self.physical(build, query.table)
        values: list[DbValue] = [instance]
        shape = bind(physical, query.where, values)
        return self._kept(("count", physical, shape), lambda: _count(physical, shape)).fill(values)

    def rows(self, build: int, table: Table, fetched: Iterable[Sequence[DbValue]]) -> list[Row]:
        """What ``get`` and ``select`` fetched, as rows."""
        readers = self.physical(build, table).readers
        return [{name: read(cell) for (name, read), cell in zip(readers, cells, strict=True)} for cells in fetched]

    def _kept(self, shape: object, make: Callable[[], sa.ClauseElement]) -> Compiled:
        compiled = self._compiled.get(shape)
        if compiled is None:
            if len(self._compiled) >= _KEPT:
                self._compiled.clear()
            compiled = self._compiled[shape] = compile_sql(self.dialect, make())
        return compiled


def _cells(physical: Physical) -> list[sa.Column[DbValue]]:
    return [physical.sql.c[name] for name in physical.columns]


def _of_instance(physical: Physical, slots: Slots) -> Expression:
    column: sa.Column[str] = physical.sql.c[INSTANCE]
    return column == slots.next(sa.Text())


def _get(physical: Physical) -> sa.ClauseElement:
    slots = Slots()
    tests = [_of_instance(physical, slots)]
    for name in physical.table.key:
        column: sa.Column[DbValue] = physical.sql.c[name]
        tests.append(column == slots.like(column)[0])
    return sa.select(*_cells(physical)).where(*tests)


def _select(physical: Physical, shape: Shape, order: Order, after: bool) -> sa.ClauseElement:  # noqa: FBT001  # a trait
    slots = Slots()
    statement = sa.select(*_cells(physical)).where(_of_instance(physical, slots), expression(physical, shape, slots))
    if after:
        statement = statement.where(behind(physical, order, slots))
    statement = statement.order_by(*order_by(physical, order)).limit(slots.next(sa.Integer()))
    return statement.offset(sa.literal_column("0", sa.Integer())) if physical.dialect.name == "sqlite" else statement


def _count(physical: Physical, shape: Shape) -> sa.ClauseElement:
    slots = Slots()
    tests = (_of_instance(physical, slots), expression(physical, shape, slots))
    return sa.select(sa.func.count()).select_from(physical.sql).where(*tests)
