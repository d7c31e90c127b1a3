"""Schema: how a view's table is called and made in a database.

The instance leads the primary key and every index, so no statement can forget it cheaply. Text is compared by code
point: ``COLLATE "C"`` on PostgreSQL; SQLite (``BINARY``) and CockroachDB compare bytes anyway.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from hexkeep.adapters.sql.cells import DbValue, cell_in, reader, text_in
from hexkeep.core.kernel.rows import folded
from hexkeep.core.kernel.view import FOLDED, Column, ColumnType, Table, Value

INSTANCE = "instance_id"

CellType = sa.types.TypeEngine[str] | sa.types.TypeEngine[int] | sa.types.TypeEngine[bool]


def search_name(column: str) -> str:
    """The name of the column that keeps the folded copy of ``column``."""
    return f"{column}__search"


def text_type(dialect: Dialect) -> sa.types.TypeEngine[str]:
    """Text in order of code points."""
    return sa.Text(collation="C") if dialect.name == "postgresql" else sa.Text()


def integer_type(dialect: Dialect) -> sa.types.TypeEngine[int]:
    """A 64-bit integer; strict tables of SQLite know it as INTEGER alone."""
    return sa.Integer() if dialect.name == "sqlite" else sa.BigInteger()


def cell_type(dialect: Dialect, kind: ColumnType) -> CellType:
    """The database's type for a view's cells."""
    if kind in {ColumnType.TEXT, ColumnType.TEXTS}:
        return text_type(dialect)
    if kind is ColumnType.BOOLEAN and dialect.name != "sqlite":
        return sa.Boolean()
    return integer_type(dialect)


def new_table(dialect: Dialect, name: str, columns: Iterable[sa.Column[Any]]) -> sa.Table:
    """A table. On SQLite rows lie in the order of their key, and cells are held to their types where it can (3.37)."""
    if dialect.name != "sqlite":
        return sa.Table(name, sa.MetaData(), *columns)
    strict = sqlite3.sqlite_version_info >= (3, 37)
    return sa.Table(name, sa.MetaData(), *columns, sqlite_with_rowid=False, sqlite_strict=strict)


def _kept_name(part: str) -> str:
    """The column that a part of an index means."""
    return search_name(part.removeprefix(FOLDED)) if part.startswith(FOLDED) else part


class Physical:
    """A view's table of one build as it lies in a database."""

    def __init__(self, dialect: Dialect, table: Table, build: int) -> None:
        self.dialect = dialect
        self.table = table
        self.name = f"view_{table.name}_{build}"
        self.columns: Mapping[str, Column] = {column.name: column for column in table.all_columns()}
        reserved = {INSTANCE, *(search_name(name) for name in self.columns)} & self.columns.keys()
        if reserved:
            raise ValueError(f"{table.name}: the column name {min(reserved)} is reserved")

    @cached_property
    def sql(self) -> sa.Table:
        """The table in SQLAlchemy's terms, its indexes included."""
        table = new_table(self.dialect, self.name, self._sql_columns())
        for number, index in enumerate(self.table.indexes, start=1):
            sa.Index(f"{self.name}_{number}", table.c[INSTANCE], *(table.c[_kept_name(name)] for name in index))
        return table

    def _sql_columns(self) -> Iterator[sa.Column[Any]]:
        yield sa.Column(INSTANCE, text_type(self.dialect), primary_key=True)
        for name in self.table.key:
            yield sa.Column(
                name, cell_type(self.dialect, self.columns[name].type), primary_key=True, autoincrement=False
            )
        for name, column in self.columns.items():
            if name not in self.table.key:
                yield sa.Column(name, cell_type(self.dialect, column.type), nullable=column.nullable)
            if column.search:
                yield sa.Column(search_name(name), text_type(self.dialect), nullable=column.nullable)

    @cached_property
    def readers(self) -> tuple[tuple[str, Callable[[DbValue], Value]], ...]:
        """The name and the decoder of each column, in the order in which rows are selected."""
        return tuple((name, reader(column)) for name, column in self.columns.items())

    @cached_property
    def _kept_as(self) -> Mapping[str, tuple[Column, str]]:
        """Each column, and the name of its folded copy if there is one."""
        return {name: (one, search_name(name) if one.search else "") for name, one in self.columns.items()}

    def column(self, name: str) -> Column:
        """The column of that name; raises ``ValueError`` when there is none."""
        found = self.columns.get(name)
        if found is None:
            raise ValueError(f"{self.table.name} has no column {name}")
        return found

    def cells(self, values: Mapping[str, Value], without: tuple[str, ...] = ()) -> dict[str, DbValue]:
        """Cells as they are kept, with the folded copies of search columns; raises ``ValueError`` for a misfit.

        What is named in ``without`` is left out, but not its folded copy.
        """
        kept: dict[str, DbValue] = {}
        for name, value in values.items():
            column, beside = self._kept_as.get(name, (None, ""))
            if column is None:
                column = self.column(name)
            if name not in without:
                kept[name] = cell_in(column, value)
            if beside:
                kept[beside] = text_in(folded(value)) if isinstance(value, str) else None
        return kept

    def key(self, key: tuple[Value, ...]) -> tuple[DbValue, ...]:
        """The cells of a key as they are kept."""
        if len(key) == 1 == len(self.table.key):
            return (cell_in(self.columns[self.table.key[0]], key[0]),)
        return tuple(cell_in(self.columns[name], value) for name, value in zip(self.table.key, key, strict=True))

    def ddl(self) -> Iterator[str]:
        """The statements that create the table and its indexes where they are missing."""
        yield str(CreateTable(self.sql, if_not_exists=True).compile(dialect=self.dialect)).strip()
        for index in sorted(self.sql.indexes, key=lambda index: str(index.name)):
            yield str(CreateIndex(index, if_not_exists=True).compile(dialect=self.dialect)).strip()
