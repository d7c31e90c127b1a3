import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hexkeep.core.kernel import rows
from hexkeep.core.kernel.errors import InvalidInput
from hexkeep.core.kernel.paging import PageRequest, next_cursor, page_of
from hexkeep.core.kernel.view import Column, ColumnType, Row, Table

PLACES = Table(
    "places",
    columns=(
        Column("id"),
        Column("name"),
        Column("size", ColumnType.INTEGER),
        Column("open", ColumnType.BOOLEAN),
        Column("since", ColumnType.TIME),
    ),
    key=("id",),
)
OTHER = Table("other_places", PLACES.columns, key=("id",))
SORTS = ("", "unspecified", "name", "size", "open", "since")
START = datetime(2026, 1, 1, tzinfo=UTC)


def place(number: int, name: str = "x", size: int = 0) -> Row:
    """A row."""
    since = START + timedelta(microseconds=size)
    return {"id": f"p{number:03}", "name": name, "size": size, "open": size % 2 == 0, "since": since}


def cursor(value: object) -> str:
    """Anything in the clothes of a cursor."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
places = st.lists(st.tuples(texts, st.integers(-(2**40), 2**40)), max_size=12).map(
    lambda found: [place(number, *one) for number, one in enumerate(found)]
)


@given(places, st.sampled_from(SORTS), st.booleans(), st.integers(1, 5))
def test_pages_follow_one_another(found: list[Row], sort: str, descending: bool, limit: int) -> None:  # noqa: FBT001
    """By cursors every row is seen once, in the order of one long page, for any sort, direction and page size."""
    whole = rows.select(found, page_of(PLACES, PageRequest(limit=1000, descending=descending), sort=sort))
    walked: list[Row] = []
    at = ""
    while True:
        select = page_of(PLACES, PageRequest(limit=limit, cursor=at, descending=descending), sort=sort)
        page = rows.select(found, select)
        walked += page
        at = next_cursor(select, page)
        if not at:
            break
    assert walked == whole


VALUES = st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=6)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60) | VALUES.map(cursor))
def test_any_text_is_a_cursor_or_invalid_input(text: str) -> None:
    """Whatever comes as a cursor is refused as the caller's mistake, by the message or by its reader."""
    if text:
        with pytest.raises((InvalidInput, ValidationError)):
            page_of(PLACES, PageRequest(cursor=text), sort="size")


@pytest.mark.parametrize(
    ("sort", "cells"),
    [
        ("size", ["1", "p001"]),
        ("size", [True, "p001"]),
        ("size", [2**63, "p001"]),
        ("size", [1.5, "p001"]),
        ("size", [1]),
        ("size", [1, "p001", "more"]),
        ("size", {"1": "p001"}),
        ("open", [1, "p001"]),
        ("name", ["a\u0000b", "p001"]),
        ("name", ["\ud800", "p001"]),
        ("name", [None, "p001"]),
        ("since", ["yesterday", "p001"]),
        ("since", ["2026-01-01T00:00:00", "p001"]),
        ("since", ["0001-01-01T00:00:00+23:59", "p001"]),
    ],
)
def test_forged_cells_do_not_reach_the_database(sort: str, cells: object) -> None:
    """A cursor with the right order and the wrong cells is refused."""
    with pytest.raises(InvalidInput) as caught:
        page_of(PLACES, PageRequest(cursor=cursor([f"places+{sort}+id", cells])), sort=sort)
    assert caught.value.violations[0].field == "cursor"


def test_deep_nesting_is_invalid_input() -> None:
    """Brackets without end do not exhaust the stack."""
    deep = base64.urlsafe_b64encode(b"[" * 5900).decode().rstrip("=")
    with pytest.raises(InvalidInput):
        page_of(PLACES, PageRequest(cursor=deep))


def test_cursor_is_bound_to_table_and_order() -> None:
    """With another sort, direction or table a cursor would silently lead elsewhere, so it is refused."""
    request = PageRequest(limit=1)
    at = next_cursor(page_of(PLACES, request, sort="name"), [place(1)])
    good = PageRequest(cursor=at)
    assert page_of(PLACES, good, sort="name").after == ("x", "p001")
    for table, sort, descending in ((PLACES, "size", False), (PLACES, "name", True), (OTHER, "name", False)):
        with pytest.raises(InvalidInput):
            page_of(table, good.model_copy(update={"descending": descending}), sort=sort)


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_limit_is_bounded(limit: int) -> None:
    """A page has one row at least and a thousand at most."""
    with pytest.raises(ValidationError):
        PageRequest(limit=limit)
