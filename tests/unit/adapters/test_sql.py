"""What the SQL databases share, checked without any server: the kept form of cells, and statements on SQLite."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite import dialect as sqlite

from hexkeep.adapters.sql.arrays import ArrayWrites
from hexkeep.adapters.sql.cells import cell_in, reader, text_in, text_out, time_in, time_out
from hexkeep.adapters.sql.statements import ViewReads
from hexkeep.adapters.sql.writes import ViewWrites
from hexkeep.core.kernel import rows as meaning
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import (
    ALWAYS,
    Column,
    ColumnType,
    Compare,
    Comparison,
    Condition,
    Contains,
    Delete,
    DeleteWhere,
    Has,
    In,
    Patch,
    Projection,
    Put,
    Row,
    RowOperation,
    Select,
    Sort,
    StartsWith,
    Table,
    eq,
)

TABLE = Table(
    "sample",
    (
        Column("id"),
        Column("name", search=True),
        Column("nick", nullable=True, search=True),
        Column("size", ColumnType.INTEGER, nullable=True),
        Column("tags", ColumnType.TEXTS),
    ),
    key=("id",),
    indexes=(("name",),),
)
TEXTS = ("", "a", "\x00", "a\x00b", "\x01", "\x01\x02", "\x02", "\x05", "%", "_", '","', "\ud7ff", "\U0010ffff")

low_text = st.text(
    st.one_of(st.sampled_from("\x00\x01\x02\x03\x04\x05\x06ab"), st.characters(exclude_categories=["Cs"]))
)


def sample(row_id: str, name: str = "", nick: str | None = None, size: int | None = None, *tags: str) -> Row:
    """A row of the table above."""
    return {"id": row_id, "name": name, "nick": nick, "size": size, "tags": tags}


@pytest.fixture
def reads() -> ViewReads:
    """Reads for SQLite."""
    return ViewReads(sqlite(paramstyle="qmark"))


@pytest.fixture
def connection(reads: ViewReads) -> Iterator[sqlite3.Connection]:
    """A database with the table above in it."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in reads.ddl(1, Projection("p", 1, Log.DURABLE, (TABLE,), (), lambda _: ())):
            connection.execute(statement)
        yield connection


def write(connection: sqlite3.Connection, reads: ViewReads, *operations: RowOperation) -> None:
    """Run operations as one transaction would."""
    for batch in ViewWrites(reads).batches(1, "i", operations):
        connection.executemany(batch.sql, batch.parameters())


def read(connection: sqlite3.Connection, reads: ViewReads, where: Condition = ALWAYS) -> list[Row]:
    """The rows that match, by key."""
    statement = reads.select(1, "i", Select(TABLE, where))
    return reads.rows(1, TABLE, connection.execute(statement.sql, statement.values))


@given(low_text)
def test_kept_text_comes_back(text: str) -> None:
    """Every text survives, and its kept form has no NUL, which PostgreSQL would refuse."""
    assert text_out(text_in(text)) == text
    assert "\x00" not in text_in(text)


@given(low_text, low_text)
def test_kept_text_keeps_order_and_containment(one: str, two: str) -> None:
    """Order, prefixes and membership of substrings are the same before and after."""
    assert (text_in(one) < text_in(two)) == (one < two)
    assert (text_in(one) in text_in(two)) == (one in two)
    assert text_in(two).startswith(text_in(one)) == two.startswith(one)


@given(st.datetimes(timezones=st.just(UTC) | st.just(timezone(timedelta(hours=-7)))))
def test_kept_time_is_exact_to_the_microsecond(time: datetime) -> None:
    """A time comes back as the same instant, in UTC."""
    assert time_out(time_in(time)) == time
    assert time_out(time_in(time)).tzinfo is UTC


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ColumnType.TEXT, 1),
        (ColumnType.TEXT, None),
        (ColumnType.INTEGER, 2**63),
        (ColumnType.INTEGER, True),
        (ColumnType.BOOLEAN, 1),
        (ColumnType.TIME, datetime(2026, 1, 1)),  # noqa: DTZ001 - that is what is refused
        (ColumnType.TEXTS, "a"),
    ],
)
def test_cell_of_another_type_is_refused(kind: ColumnType, value: str | int | datetime | None) -> None:
    """What a column cannot hold without loss is an error, not a conversion."""
    with pytest.raises(ValueError, match="holds"):
        cell_in(Column("cell", kind), value)


@pytest.mark.parametrize("kind", list(ColumnType))
def test_null_is_kept_as_null(kind: ColumnType) -> None:
    """A nullable column gives nothing back for nothing, whatever its type."""
    column = Column("cell", kind, nullable=True)
    assert reader(column)(cell_in(column, None)) is None


def test_odd_texts_are_found_as_the_model_finds_them(connection: sqlite3.Connection, reads: ViewReads) -> None:
    """Control characters, wildcards and delimiters mean nothing special to any condition."""
    rows = [sample(text, text + "x", text, None, text, "z") for text in TEXTS]
    write(connection, reads, *(Put(TABLE, row) for row in rows))
    for text in TEXTS:
        for where in (eq("id", text), Contains("name", text), StartsWith("nick", text), Has("tags", text)):
            expected = meaning.select(rows, Select(TABLE, where))
            assert read(connection, reads, where) == expected, where
        for comparison in Comparison:
            where = Compare("id", comparison, text)
            assert read(connection, reads, where) == meaning.select(rows, Select(TABLE, where)), where


def test_integers_beyond_the_column_compare_as_such(connection: sqlite3.Connection, reads: ViewReads) -> None:
    """A constant that no cell can reach is greater, or less, than all of them, and equals none."""
    rows = [sample("a", size=2**63 - 1), sample("b", size=-(2**63)), sample("c")]
    write(connection, reads, *(Put(TABLE, row) for row in rows))
    for constant in (2**70, -(2**70)):
        for comparison in Comparison:
            where = Compare("size", comparison, constant)
            assert read(connection, reads, where) == meaning.select(rows, Select(TABLE, where)), where
        assert read(connection, reads, In("size", (constant, 2**63 - 1))) == rows[:1]


def test_operations_on_one_row_are_folded_in_order(connection: sqlite3.Connection, reads: ViewReads) -> None:
    """One transaction's operations leave what running them one by one leaves, in one effect per row."""
    operations: list[RowOperation] = [
        Put(TABLE, sample("a", "first")),
        Patch(TABLE, ("a",), {"size": 1}),
        Put(TABLE, sample("b", "gone")),
        Delete(TABLE, ("b",)),
        Patch(TABLE, ("b",), {"size": 2}),
        Delete(TABLE, ("c",)),
        Put(TABLE, sample("c", "again")),
        DeleteWhere(TABLE, {"name": "first"}),
        Put(TABLE, sample("d", "last")),
    ]
    model: dict[meaning.Key, Row] = {}
    for operation in operations:
        meaning.apply(model, operation)
    write(connection, reads, *operations)
    assert read(connection, reads) == sorted(model.values(), key=lambda row: str(row["id"]))
    kinds = [(batch.kind, len(batch.rows)) for batch in ViewWrites(reads).batches(1, "i", operations)]
    assert kinds == [("put", 2), ("delete", 1), ("delete_where", 1), ("put", 1)]


def test_delete_where_matches_null(connection: sqlite3.Connection, reads: ViewReads) -> None:
    """A null in the match removes the rows whose cell is null."""
    write(connection, reads, Put(TABLE, sample("a")), Put(TABLE, sample("b", size=1)))
    write(connection, reads, DeleteWhere(TABLE, {"name": "", "size": None}))
    assert [row["id"] for row in read(connection, reads)] == ["b"]


def test_key_can_be_searched(connection: sqlite3.Connection, reads: ViewReads) -> None:
    """The folded copy of a key column is kept like any other, whatever is changed later."""
    table = Table("named", (Column("name", search=True), Column("size", ColumnType.INTEGER)), key=("name",))
    for statement in reads.ddl(1, Projection("named", 1, Log.DURABLE, (table,), (), lambda _: ())):
        connection.execute(statement)
    write(connection, reads, *(Put(table, {"name": name, "size": 1}) for name in ("Ada", "bob")))
    write(connection, reads, Patch(table, ("Ada",), {"size": 2}))
    found = reads.select(1, "i", Select(table, Contains("name", "AD")))
    assert reads.rows(1, table, connection.execute(found.sql, found.values)) == [{"name": "Ada", "size": 2}]


def test_queries_of_one_shape_share_their_text(reads: ViewReads) -> None:
    """Constants are bound, so text depends on the shape alone; lists are rounded up to a power of two."""
    one = reads.select(1, "i", Select(TABLE, In("name", ("a", "b", "c")), limit=5))
    two = reads.select(1, "j", Select(TABLE, In("name", ("d", "e", "f", "g")), limit=9))
    assert one.sql is two.sql
    assert one.values[1:5] == ("a", "b", "c", "c")


@pytest.mark.parametrize(
    "query",
    [
        Select(TABLE, eq("nothing", 1)),
        Select(TABLE, Contains("id", "a")),
        Select(TABLE, Compare("name", Comparison.LT, 1)),
        Select(TABLE, sort=(Sort("nick"),)),
        Select(TABLE, sort=(Sort("tags"),)),
        Select(TABLE, after=("a", "b")),
        Select(TABLE, In("id", tuple(map(str, range(10_000))))),
    ],
)
def test_query_without_meaning_is_refused(reads: ViewReads, query: Select) -> None:
    """What cannot be answered is a ``ValueError`` before any database sees it."""
    with pytest.raises(ValueError, match=r"\w"):
        reads.select(1, "i", query)


def test_reserved_column_names_are_refused(reads: ViewReads) -> None:
    """A table may not have the columns that every table gets."""
    for columns in ((Column("instance_id"),), (Column("a", search=True), Column("a__search"))):
        with pytest.raises(ValueError, match="reserved"):
            reads.physical(1, Table("bad", columns, key=(columns[0].name,)))


def test_keyed_key_cannot_be_patched(reads: ViewReads) -> None:
    """A patch may repeat its row's key but not change it."""
    writes = ViewWrites(reads)
    (batch,) = writes.batches(1, "i", [Patch(TABLE, ("a",), {"id": "a", "name": "b"})])
    assert batch.columns == ("instance_id", "id", "name", "name__search")
    with pytest.raises(ValueError, match="key"):
        writes.batches(1, "i", [Patch(TABLE, ("a",), {"id": "b"})])


def test_array_form_has_one_parameter_per_column() -> None:
    """A batch for PostgreSQL is one statement, its columns as arrays, text ordered by code point."""
    reads = ViewReads(PGDialect_psycopg(paramstyle="format"))  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
    ddl = reads.ddl(1, Projection("p", 1, Log.DURABLE, (TABLE,), (), lambda _: ()))
    assert 'name__search TEXT COLLATE "C" NOT NULL' in ddl[0]
    (batch,) = ViewWrites(reads).batches(1, "i", [Put(TABLE, sample("a", "A")), Put(TABLE, sample("b", "B"))])
    text, arrays = ArrayWrites().statement(batch)
    assert text.count("%s") == len(arrays) == len(batch.columns) == 8
    assert arrays[batch.columns.index("name__search")] == '{"a","b"}'
