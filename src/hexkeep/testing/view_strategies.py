"""Hypothesis strategies for rows, operations and queries over the sample table."""

from hypothesis import strategies as st

from hexkeep.core.kernel.view import (
    And,
    Compare,
    Condition,
    Contains,
    Delete,
    DeleteWhere,
    Has,
    In,
    Not,
    Or,
    Patch,
    Put,
    Row,
    RowOperation,
    Select,
    Sort,
    StartsWith,
    Value,
)
from hexkeep.testing.view_samples import (
    GROUPS,
    IDS,
    INTEGERS,
    ITEMS,
    LISTS,
    TEXTS,
    TIMES,
    single_conditions,
)

_GROUPS = st.sampled_from(GROUPS)
_IDS = st.sampled_from(IDS)
_TEXTS = st.sampled_from(TEXTS)
_INTEGERS = st.sampled_from(INTEGERS)
_TIMES = st.sampled_from(TIMES)
_TAGS = st.sampled_from(LISTS)
_CELLS: dict[str, st.SearchStrategy[Value]] = {
    "name": _TEXTS,
    "note": st.none() | _TEXTS,
    "rank": _INTEGERS,
    "score": st.none() | _INTEGERS,
    "active": st.booleans(),
    "born": _TIMES,
    "seen": st.none() | _TIMES,
    "tags": st.none() | _TAGS,
}
_SORTABLE = ("group", "id", "name", "rank", "active", "born")


def rows() -> st.SearchStrategy[Row]:
    """Rows of ``ITEMS``; a few of them share keys and cells."""
    return st.fixed_dictionaries({"group": _GROUPS, "id": _IDS, **_CELLS})


def _keys() -> st.SearchStrategy[tuple[Value, ...]]:
    return st.tuples(_GROUPS, _IDS)


def _patches() -> st.SearchStrategy[RowOperation]:
    changes = st.fixed_dictionaries({}, optional=_CELLS)
    return st.builds(Patch, st.just(ITEMS), _keys(), changes)


def _sweeps() -> st.SearchStrategy[RowOperation]:
    matches: st.SearchStrategy[Row] = st.one_of(
        st.fixed_dictionaries({"group": _GROUPS}),
        st.fixed_dictionaries({"group": _GROUPS, "rank": _INTEGERS}),
        st.fixed_dictionaries({"score": _CELLS["score"]}),
        st.fixed_dictionaries({"name": _TEXTS}),
        st.just({}),
    )
    return st.builds(DeleteWhere, st.just(ITEMS), matches)


def operations() -> st.SearchStrategy[list[RowOperation]]:
    """Histories of ``ITEMS``: mostly puts, and every other operation among them."""
    puts = st.builds(Put, st.just(ITEMS), rows())
    deletes = st.builds(Delete, st.just(ITEMS), _keys())
    return st.lists(st.one_of(puts, puts, puts, _patches(), deletes, _sweeps()), min_size=1, max_size=14)


def _single(*kinds: type[Condition]) -> st.SearchStrategy[Condition]:
    known = [one for one in single_conditions() if isinstance(one, kinds)]

    def numbered(number: int) -> Condition:
        return known[number]

    return st.integers(0, len(known) - 1).map(numbered)  # of them all a failing test would print a book


def conditions() -> st.SearchStrategy[Condition]:
    """Conditions over ``ITEMS`` up to a few levels deep, the empty connectives included."""
    return st.recursive(
        _single(Compare) | _single(In) | _single(Contains, StartsWith) | _single(Has),
        lambda inner: st.one_of(
            st.builds(And, st.lists(inner, max_size=3).map(tuple)),
            st.builds(Or, st.lists(inner, max_size=3).map(tuple)),
            st.builds(Not, inner),
        ),
        max_leaves=5,
    )


def selects() -> st.SearchStrategy[Select]:
    """First pages of ``ITEMS``: any condition, up to three sort columns either way, a limit that often cuts."""
    columns = st.lists(st.sampled_from(_SORTABLE), max_size=3, unique=True)
    sorts = columns.flatmap(lambda names: st.tuples(*(st.builds(Sort, st.just(name), st.booleans()) for name in names)))
    return st.builds(Select, st.just(ITEMS), conditions(), sorts, st.integers(1, 6))
