"""Tables that no database could hold are refused where they are declared."""

import pytest

from hexkeep.core.kernel.view import Column, ColumnType, Table, beginnings

COLUMNS = (Column("id"), Column("name", search=True), Column("note", nullable=True), Column("tags", ColumnType.TEXTS))


@pytest.mark.parametrize("index", [("name",), (beginnings("name"),), ("note", beginnings("name"))])
def test_index_of_columns_and_of_their_beginnings(index: tuple[str, ...]) -> None:
    """A search column may be in an index as it is, and by its folded copy."""
    assert Table("samples", COLUMNS, key=("id",), indexes=(index,)).indexes == (index,)


@pytest.mark.parametrize("index", [("tags",), ("nothing",), (beginnings("note"),), (beginnings("nothing"),)])
def test_index_of_what_has_no_order_is_refused(index: tuple[str, ...]) -> None:
    """Lists, unknown columns, and the folded copy of a column that has none."""
    with pytest.raises(ValueError, match=r"samples\."):
        Table("samples", COLUMNS, key=("id",), indexes=(index,))


def test_key_that_may_be_empty_is_refused() -> None:
    """Nor may a list or a folded copy be one."""
    for key in ("note", "tags", beginnings("name")):
        with pytest.raises(ValueError, match="key"):
            Table("samples", COLUMNS, key=(key,))
