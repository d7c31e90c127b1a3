"""Tables with every type of column, and cells, rows and conditions that a database must not cheat on."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.view import (
    CHANGED_AT,
    CREATED_AT,
    VERSION,
    Column,
    ColumnType,
    Compare,
    Comparison,
    Condition,
    Contains,
    Has,
    In,
    Projection,
    Row,
    RowOperation,
    Scalar,
    StartsWith,
    Table,
    Value,
    beginnings,
)

SMALLEST, LARGEST = -(2**63), 2**63 - 1
BORN = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)

ITEMS = Table(
    "kit_items",
    (
        Column("group"),  # a reserved word of SQL, on purpose
        Column("id"),
        Column("name", search=True),
        Column("note", nullable=True, search=True),
        Column("rank", ColumnType.INTEGER),
        Column("score", ColumnType.INTEGER, nullable=True),
        Column("active", ColumnType.BOOLEAN),
        Column("born", ColumnType.TIME),
        Column("seen", ColumnType.TIME, nullable=True),
        Column("tags", ColumnType.TEXTS, nullable=True),
    ),
    key=("group", "id"),
    indexes=(("group", "rank"), ("score",), ("name",), (beginnings("note"),)),
)
"""Everything a table may have."""

PEOPLE = Table("kit_people", (Column("id"), Column("name")), key=("id",), of="kit")
"""A by-id view, with the three columns that the engine maintains."""


class Happened(Event):
    """The event of the kit's projection; the views port never sees it."""

    type = "kit.happened"


def _nothing(_: Recorded[Event]) -> Iterable[RowOperation]:
    return ()


def projection(version: int = 1) -> Projection:
    """The projection that owns the sample tables, in one of its versions."""
    return Projection("kit_sample", version, Log.DURABLE, (ITEMS, PEOPLE), (Happened,), _nothing)


def sample(name: str, version: int = 1) -> Projection:
    """A projection with one table like ``ITEMS``, under a name of its own, for rules about builds."""
    table = replace(ITEMS, name=f"{name}_items")
    return Projection(name, version, Log.DURABLE, (table,), (Happened,), _nothing)


def item(id_: str, **cells: Value) -> Row:
    """A full row of ``ITEMS``; whatever is not named has a plain value."""
    plain: dict[str, Value] = {"group": "g", "id": id_, "name": id_, "rank": 0, "active": True, "born": BORN}
    empty: dict[str, Value] = {"note": None, "score": None, "seen": None, "tags": None}
    return {**plain, **empty, **cells}


def person(id_: str, name: str, version: int = 1) -> Row:
    """A row of ``PEOPLE`` as the engine stamps it."""
    return {"id": id_, "name": name, VERSION: version, CREATED_AT: BORN, CHANGED_AT: BORN}


# --- cells: small pools, so that rows meet --------------------------------------------------------------------------

GROUPS = ("g", "h")
IDS = ("a", "B", "ä", "z", "\uffee", "\U0001f600")
TEXTS = (
    *("", "a", "A", "ab", "Straße", "STRASSE", "İstanbul", "istanbul", "é", "e\u0301", "É", "ﬁn", "FIN"),
    *("50%", "5_0", "500", "a\\b", "o'clock", 'say "x"', "\uffee", "\U0001f600", "Σίσυφος", "ΣΊΣΥΦΟΣ"),
)
FRAGMENTS = (*TEXTS, "ss", "SS", "i̇", "%", "_", "\\", "b", "'", "0%", "*", "e", "fin", "ς")
INTEGERS = (0, 1, -1, 7, 2**53, 2**53 + 1, LARGEST, SMALLEST)
TIMES = (
    *(BORN, BORN + timedelta(microseconds=1), BORN.replace(microsecond=0), datetime(1970, 1, 1, tzinfo=UTC)),
    *(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)),
)
MEMBERS = ("a", "A", "b,c", "c", 'q"', "", "%", "ß")
LISTS = ((), ("a",), ("b,c", "a"), ("A", "A"), ('q"', ""), ("%", "ß", "a"))

SCALARS: Mapping[str, tuple[Scalar, ...]] = {
    "group": GROUPS,
    "id": IDS,
    "name": TEXTS,
    "note": TEXTS,
    "rank": INTEGERS,
    "score": INTEGERS,
    "active": (False, True),
    "born": TIMES,
    "seen": TIMES,
}
"""What the columns that hold no lists are compared with."""


def assorted_rows() -> Iterator[Row]:
    """Rows in which every cell of the pools and every null occurs, each beside many others."""
    notes, scores, seens, lists = (None, *TEXTS), (None, *INTEGERS), (None, *TIMES), (None, *LISTS)
    for number in range(48):
        yield {
            "group": GROUPS[number % 2],
            "id": f"{number:02}",
            "name": TEXTS[number % len(TEXTS)],
            "note": notes[number * 5 % len(notes)],
            "rank": INTEGERS[number * 3 % len(INTEGERS)],
            "score": scores[number * 2 % len(scores)],
            "active": number % 3 == 0,
            "born": TIMES[number * 5 % len(TIMES)],
            "seen": seens[number * 3 % len(seens)],
            "tags": lists[number * 4 % len(lists)],
        }


def single_conditions() -> Iterator[Condition]:
    """Every condition without others inside, over every column and constant it may have."""
    for name, constants in SCALARS.items():
        for comparison in Comparison:
            yield from (Compare(name, comparison, constant) for constant in (*constants, None))
        yield from (In(name, constants[start::3]) for start in range(4))
        yield In(name, ())
    for name in ("name", "note"):
        for fragment in FRAGMENTS:
            yield Contains(name, fragment)
            yield StartsWith(name, fragment)
    yield from (Has("tags", member) for member in MEMBERS)
