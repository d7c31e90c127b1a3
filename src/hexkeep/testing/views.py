"""The contract of ``hexkeep.ports.views``: subclass ``ViewsContract`` and give it ``storage``.

What operations and conditions mean is compared with ``hexkeep.core.kernel.rows``, on examples that are the same in
every run. The kit's tables belong to the projection ``kit_sample``; each test has an instance of its own in them.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hexkeep.core.kernel import rows as model
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import (
    ALWAYS,
    And,
    Compare,
    Comparison,
    Condition,
    Contains,
    Delete,
    DeleteWhere,
    Has,
    In,
    Not,
    Patch,
    Put,
    Row,
    RowOperation,
    Select,
    Sort,
    StartsWith,
    Value,
    eq,
)
from hexkeep.ports.storage import Storage
from hexkeep.ports.views import Advance, Checkpoint, CheckpointKey, Parked, Views
from hexkeep.testing import view_samples, view_strategies
from hexkeep.testing.builds import BuildRules
from hexkeep.testing.contract import Contract, fresh
from hexkeep.testing.view_samples import BORN, ITEMS, LARGEST, PEOPLE, SMALLEST, item, person, projection

SAME_EACH_TIME = settings(
    max_examples=80,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.differing_executors],
)
"""Every example brings its own instance, so that they may share the test's storage.

The first failing example is shown as it is: shrinking it against a database would outlast the test's time.
"""


class ViewsContract(BuildRules, Contract):
    """The rules of views: those below, and those of builds."""

    runners: ClassVar[int] = 6
    """Trait: how many tasks advance one checkpoint at once."""

    @pytest.fixture
    async def views(self, storage: Storage) -> Views:
        """The port under test, with the kit's tables in two builds."""
        await begin_both(storage.views)
        return storage.views

    @pytest.fixture
    def key(self) -> CheckpointKey:
        """The checkpoint of the sample projection in an instance of this test alone."""
        return fresh_key()

    # --- tables and checkpoints ---------------------------------------------------------------------------------------

    async def test_begin_again_keeps_the_rows(self, views: Views, key: CheckpointKey) -> None:
        """What is there already is left alone, also when several nodes begin at once."""
        await run(views, key, Put(ITEMS, item("a")))
        await asyncio.gather(*(begin_both(views) for _ in range(3)))
        assert await views.get(1, key.instance, ITEMS, ("g", "a")) == item("a")

    async def test_checkpoint_begins_at_nought(self, views: Views, key: CheckpointKey) -> None:
        """A projection that never ran in a log stands at position 0 of the first epoch and is not listed there."""
        assert await views.checkpoint(key) == Checkpoint(key, 0, 1)
        assert key not in [found.key for found in await views.checkpoints(key.projection, key.build)]

    async def test_rows_and_checkpoint_move_together(self, views: Views, key: CheckpointKey) -> None:
        """An advance from where the checkpoint stands shows its rows and its new place."""
        assert await views.apply(Advance(key, 0, 7, 3, (Put(ITEMS, item("a")), Put(PEOPLE, person("p", "Ada")))))
        assert await views.checkpoint(key) == Checkpoint(key, 7, 3)
        assert await views.get(1, key.instance, ITEMS, ("g", "a")) == item("a")
        assert await views.get(1, key.instance, PEOPLE, ("p",)) == person("p", "Ada")

    async def test_advance_from_elsewhere_changes_nothing(self, views: Views, key: CheckpointKey) -> None:
        """A runner that is behind, ahead or new is told so, and neither its rows nor its parking show."""
        await run(views, key, Put(ITEMS, item("a")))
        late = (Put(ITEMS, item("b")), Delete(ITEMS, ("g", "a")))
        for expected in (0, 2):
            assert not await views.apply(Advance(key, expected, 9, 1, late, (parked(key, "late"),)))
        assert await views.checkpoint(key) == Checkpoint(key, 1, 1)
        assert await everything(views, key) == [item("a")]
        assert await views.parked(key.projection, key.build, key.instance) == []

    async def test_advance_by_many_has_one_effect(self, views: Views, key: CheckpointKey) -> None:
        """Of many runners at one place exactly one advances, the first time and later on."""
        for expected in (0, 1):
            advances = [
                Advance(key, expected, expected + 1, 1, (Put(ITEMS, item(f"{expected}/{runner}")),))
                for runner in range(self.runners)
            ]
            assert sum(await asyncio.gather(*(views.apply(advance) for advance in advances))) == 1
            assert len(await everything(views, key)) == expected + 1

    async def test_failing_advance_changes_nothing(self, views: Views, key: CheckpointKey) -> None:
        """A row that its table cannot hold raises ``ValueError``; what came before it in the advance is undone."""
        incomplete = {name: cell for name, cell in item("b").items() if name != "rank"}
        for bad in (incomplete, item("b", unknown="x"), item("b", rank="seven"), item("b", name=None)):
            with pytest.raises(ValueError, match=ITEMS.name):
                await views.apply(Advance(key, 0, 1, 1, (Put(ITEMS, item("a")), Put(ITEMS, bad))))
        assert await views.checkpoint(key) == Checkpoint(key, 0, 1)
        assert await everything(views, key) == []

    async def test_advance_without_operations_moves_the_checkpoint(self, views: Views, key: CheckpointKey) -> None:
        """Events that concern no row are passed all the same."""
        assert await views.apply(Advance(key, 0, 500, 1, ()))
        assert await views.checkpoint(key) == Checkpoint(key, 500, 1)

    async def test_checkpoints_list_every_log_of_a_version(self, views: Views, key: CheckpointKey) -> None:
        """Instances, logs and versions have places of their own; the list holds those of one version."""
        places = [key, fresh_key(), replace(key, log=Log.ACTIVITY)]
        for position, place in enumerate(places, 1):
            assert await views.apply(Advance(place, 0, position, 1, ()))
        assert await views.apply(Advance(replace(key, build=2), 0, 9, 1, ()))
        listed = await views.checkpoints(key.projection, 1)
        assert {found.key: found.position for found in listed if found.key in places} == {
            place: position for position, place in enumerate(places, 1)
        }
        assert replace(key, build=2) not in [found.key for found in listed]

    async def test_versions_have_tables_of_their_own(self, views: Views, key: CheckpointKey) -> None:
        """The same key in two versions of a projection is two rows."""
        await run(views, key, Put(ITEMS, item("a", rank=1)))
        await run(views, replace(key, build=2), Put(ITEMS, item("a", rank=2)))
        await run(views, replace(key, log=Log.ACTIVITY, build=2), DeleteWhere(ITEMS, {"group": "none"}))
        assert [row["rank"] for row in await everything(views, key)] == [1]
        assert [row["rank"] for row in await everything(views, replace(key, build=2))] == [2]

    async def test_several_consumers_fill_tables_of_one_owner(self, views: Views, key: CheckpointKey) -> None:
        """A queue is filled by many and worked off by one: each is fenced by its own checkpoint, not by the others'."""
        filler = replace(key, projection=f"{key.projection}.filler")
        await run(views, filler, Put(ITEMS, item("a")))
        await run(views, key, Patch(ITEMS, ("g", "a"), {"rank": 9}))
        assert not await views.apply(Advance(filler, 0, 1, 1, (Delete(ITEMS, ("g", "a")),)))
        assert [row["rank"] for row in await everything(views, key)] == [9]
        assert (await views.checkpoint(filler), await views.checkpoint(key)) == (
            Checkpoint(filler, 1, 1),
            Checkpoint(key, 1, 1),
        )

    async def test_rows_of_another_instance_are_out_of_reach(self, views: Views, key: CheckpointKey) -> None:
        """Nothing run or asked in one instance shows, changes or removes a row of another."""
        other = fresh_key()
        await run(views, other, Put(ITEMS, item("a")))
        attempts: tuple[RowOperation, ...] = (
            Patch(ITEMS, ("g", "a"), {"rank": 9}),
            Delete(ITEMS, ("g", "a")),
            DeleteWhere(ITEMS, {"group": "g"}),
        )
        await run(views, key, *attempts)
        everyone = Select(ITEMS, Not(eq("id", "nobody")))
        assert await views.get(1, key.instance, ITEMS, ("g", "a")) is None
        assert await views.select(1, key.instance, everyone) == []
        assert await views.count(1, key.instance, everyone) == 0
        assert await everything(views, other) == [item("a")]

    # --- parking ------------------------------------------------------------------------------------------------------

    async def test_parked_aggregates_are_listed_oldest_first(self, views: Views, key: CheckpointKey) -> None:
        """Parking belongs to its projection version and, if asked, to one instance."""
        first, second = parked(key, "b", 3), parked(key, "a", 5)
        elsewhere = parked(fresh_key(), "a", 4)
        assert await views.apply(Advance(key, 0, 5, 1, (), (second, first)))
        assert await views.apply(Advance(elsewhere.key, 0, 5, 1, (), (elsewhere,)))
        assert await views.parked(key.projection, 1, key.instance) == [first, second]
        ours = [found for found in await views.parked(key.projection, 1) if found in (first, second, elsewhere)]
        assert ours == [first, elsewhere, second]
        assert await views.parked(key.projection, 2, key.instance) == []

    async def test_parked_aggregates_come_in_pages(self, views: Views, key: CheckpointKey) -> None:
        """At most ``limit`` behind a place; whoever is parked all along is seen once, though others come and go."""
        names = [f"a{number}" for number in range(7)]
        listed = [parked(key, name, 3) for name in names[:5]] + [parked(key, name, 4) for name in names[5:]]
        elsewhere = parked(fresh_key(), "a3", 3)
        assert await views.apply(Advance(key, 0, 9, 1, (), tuple(reversed(listed))))
        assert await views.apply(Advance(elsewhere.key, 0, 9, 1, (), (elsewhere,)))
        for size in (1, 2, 3, 7, 8):
            assert await all_parked(views, key, key.instance, size) == listed
        first = await views.parked(key.projection, 1, key.instance, limit=3)
        assert first == listed[:3]
        before = replace(parked(key, "early", 1), parked_at=first[0].parked_at - timedelta(hours=1))
        gone = (("kit", "a2"), ("kit", "a4"))
        assert await views.apply(Advance(key, 9, 10, 1, (), (before,), gone))
        assert await views.parked(key.projection, 1, key.instance, first[-1].place, 10) == [listed[3], *listed[5:]]
        assert await views.parked(key.projection, 1, key.instance, listed[-1].place) == []
        ours = [one for one in await all_parked(views, key, None, 2) if one in (*listed, elsewhere)]
        rest = [listed[0], listed[1], listed[3], *listed[5:], elsewhere]
        assert ours == sorted(rest, key=lambda one: one.place)

    async def test_parking_again_replaces_the_entry(self, views: Views, key: CheckpointKey) -> None:
        """An aggregate is on the list once, with its latest attempt."""
        first = parked(key, "a", 3)
        again = replace(first, attempts=2, error="KeyError")
        assert await views.apply(Advance(key, 0, 5, 1, (), (first,)))
        assert await views.apply(Advance(key, 5, 6, 1, (), (again,)))
        assert await views.parked(key.projection, 1, key.instance) == [again]

    async def test_unparked_aggregate_leaves_the_list(self, views: Views, key: CheckpointKey) -> None:
        """Unparking concerns one aggregate of one instance; one that is not parked does no harm."""
        stays, goes, elsewhere = parked(key, "a"), parked(key, "b"), parked(fresh_key(), "b")
        assert await views.apply(Advance(key, 0, 5, 1, (), (stays, goes)))
        assert await views.apply(Advance(elsewhere.key, 0, 5, 1, (), (elsewhere,)))
        assert await views.apply(Advance(key, 5, 6, 1, (), (), (("kit", "b"), ("kit", "nobody"))))
        assert await views.parked(key.projection, 1, key.instance) == [stays]
        assert await views.parked(key.projection, 1, elsewhere.key.instance) == [elsewhere]

    # --- operations and cells -----------------------------------------------------------------------------------------

    async def test_put_replaces_the_whole_row(self, views: Views, key: CheckpointKey) -> None:
        """What the second put does not name becomes null, and search forgets the former text."""
        await run(views, key, Put(ITEMS, item("a", name="old", note="old", tags=("old",))))
        short = {name: cell for name, cell in item("a", name="new").items() if cell is not None}
        await run(views, key, Put(ITEMS, short))
        assert await everything(views, key) == [item("a", name="new")]
        assert await ids(views, key, Contains("name", "old")) == []
        assert await ids(views, key, Contains("name", "NEW")) == ["a"]

    async def test_patch_changes_named_cells_of_one_row(self, views: Views, key: CheckpointKey) -> None:
        """A patch leaves the other cells and rows as they are, renews the search form, and may set null."""
        await run(views, key, Put(ITEMS, item("a", score=1, rank=1)), Put(ITEMS, item("b")))
        await run(views, key, Patch(ITEMS, ("g", "a"), {"name": "Zoë", "score": None}))
        assert await everything(views, key) == [item("a", rank=1, name="Zoë"), item("b")]
        assert await ids(views, key, StartsWith("name", "ZO")) == ["a"]

    async def test_operations_on_an_absent_row_do_nothing(self, views: Views, key: CheckpointKey) -> None:
        """Patch, delete and delete-where without a target are no errors, and create nothing."""
        absent = ("g", "absent")
        await run(views, key, Patch(ITEMS, absent, {"rank": 1}), Delete(ITEMS, absent))
        await run(views, key, DeleteWhere(ITEMS, {"group": "g", "rank": 4}))
        assert await everything(views, key) == []

    async def test_operations_of_one_advance_run_in_order(self, views: Views, key: CheckpointKey) -> None:
        """Each operation sees what those before it in the same advance have done."""
        await run(
            views,
            key,
            Put(ITEMS, item("a", rank=1)),
            Patch(ITEMS, ("g", "a"), {"rank": 2}),
            Put(ITEMS, item("b", rank=2)),
            DeleteWhere(ITEMS, {"group": "g", "rank": 2}),
            Put(ITEMS, item("b", rank=3)),
            Delete(ITEMS, ("g", "c")),
            Put(ITEMS, item("c")),
        )
        assert await everything(views, key) == [item("b", rank=3), item("c")]

    async def test_delete_where_removes_every_match(self, views: Views, key: CheckpointKey) -> None:
        """Rows whose cells equal all of the match go, null equalling null; the others stay."""
        scores: tuple[Value, ...] = (None, 1, None, 2)
        await run(views, key, *(Put(ITEMS, item(id_, score=score)) for id_, score in zip("abcd", scores, strict=True)))
        await run(views, key, DeleteWhere(ITEMS, {"score": None}))
        assert await ids(views, key) == ["b", "d"]
        await run(views, key, DeleteWhere(ITEMS, {"score": 2}))
        assert await ids(views, key) == ["b"]

    async def test_delete_where_without_a_match_empties_one_instance(self, views: Views, key: CheckpointKey) -> None:
        """Every row of the instance in that build goes, and no other; the checkpoint may go back with it."""
        # So what was made of a log that was restored since is made anew.
        other, unlike = replace(key, instance=f"{key.instance}-other"), replace(key, build=2)
        for place in (key, other, unlike):
            await run(views, place, Put(ITEMS, item("a")), Put(ITEMS, item("b")))
        here = (await views.checkpoint(key)).position
        park = Advance(key, here, here + 3, 1, (), (parked(key, "sick"),))
        assert await views.apply(park)
        anew = Advance(key, here + 3, 0, 2, (DeleteWhere(ITEMS, {}),), unpark=(("kit", "sick"),))
        assert await views.apply(anew)
        assert await views.checkpoint(key) == Checkpoint(key, 0, 2)
        assert await views.parked(key.projection, key.build, key.instance) == []
        assert await views.apply(Advance(key, 0, 1, 2, (Put(ITEMS, item("c")),)))
        assert [await ids(views, place) for place in (key, other, unlike)] == [["c"], ["a", "b"], ["a", "b"]]

    async def test_cells_come_back_as_they_were_given(self, views: Views, key: CheckpointKey) -> None:
        """Microseconds, the limits of 64 bits, lists with repetitions, odd texts: nothing is lost, no type changes."""
        rows = [
            item("a", rank=LARGEST, score=SMALLEST, born=BORN, seen=BORN + timedelta(microseconds=1), tags=()),
            item("b", rank=2**53 + 1, score=0, active=False, tags=("b", "a", "b", "", 'x"y', "c,d", "\\")),
            item("c", name="Ünïcödé 鍵 😀 ' \" \\ \n\t", note="", tags=("😀",)),
            item("d"),
        ]
        await run(views, key, *(Put(ITEMS, row) for row in rows))
        found = await everything(views, key)
        assert found == rows
        for kept, given_ in zip(found, rows, strict=True):
            assert [type(kept[name]) for name in given_] == [type(cell) for cell in given_.values()]
        born = found[0]["born"]
        assert isinstance(born, datetime)
        assert born.utcoffset() == timedelta(0)

    # --- queries ------------------------------------------------------------------------------------------------------

    async def test_search_folds_case_in_every_script(self, views: Views, key: CheckpointKey) -> None:
        """``Contains`` and ``StartsWith`` compare folded, compatibility-normalised text; accents stay distinct."""
        names = ("Straße", "İstanbul", "Café", "cafe\u0301", "cafe", "ﬁne", "ΣΊΣΥΦΟΣ")
        await run(views, key, *(Put(ITEMS, item(id_, name=name)) for id_, name in zip("abcdefg", names, strict=True)))
        wanted = {"STRASSE": "a", "RASS": "a", "i̇STAN": "b", "CAFÉ": "cd", "cafe": "e", "FINE": "f", "σίσυφοσ": "g"}
        for text, found in wanted.items():
            assert await ids(views, key, Contains("name", text)) == list(found), text
        assert await ids(views, key, StartsWith("name", "straSS")) == ["a"]
        assert await ids(views, key, StartsWith("name", "rasse")) == []

    async def test_search_takes_wildcards_literally(self, views: Views, key: CheckpointKey) -> None:
        """``%``, ``_`` and the backslash stand for themselves."""
        names = {"a": "100%", "b": "1000", "c": "a_b", "d": "axb", "e": "x\\y", "f": "x[y]*?"}
        await run(views, key, *(Put(ITEMS, item(id_, name=name)) for id_, name in names.items()))
        for text, found in {"0%": "a", "a_": "c", "\\": "e", "%": "a", "_": "c", "[y]*?": "f"}.items():
            assert await ids(views, key, Contains("name", text)) == list(found), text
        assert await ids(views, key, StartsWith("name", "%")) == []

    async def test_null_satisfies_no_comparison_but_its_own(self, views: Views, key: CheckpointKey) -> None:
        """Null equals null, differs from every value, is neither less nor greater; negation is the exact opposite."""
        await run(views, key, Put(ITEMS, item("a", score=1)), Put(ITEMS, item("b")))
        assert await ids(views, key, eq("score", None)) == ["b"]
        assert await ids(views, key, Compare("score", Comparison.NE, None)) == ["a"]
        assert await ids(views, key, Compare("score", Comparison.NE, 1)) == ["b"]
        assert await ids(views, key, Compare("score", Comparison.LE, 1)) == ["a"]
        assert await ids(views, key, Not(Compare("score", Comparison.LE, 1))) == ["b"]
        assert await ids(views, key, Not(eq("score", 1))) == ["b"]
        assert await ids(views, key, Not(In("score", (1,)))) == ["b"]
        assert await ids(views, key, In("score", ())) == []

    async def test_list_cell_is_filtered_by_membership(self, views: Views, key: CheckpointKey) -> None:
        """``Has`` wants the exact text as a member: no part of one, no other case, and never of a null cell."""
        lists: dict[str, Value] = {"a": ("x", "y,z"), "b": ("xy",), "c": (), "d": None, "e": ("", '"', "%")}
        await run(views, key, *(Put(ITEMS, item(id_, tags=tags)) for id_, tags in lists.items()))
        for text, found in {"x": "a", "y,z": "a", "y": "", "X": "", "": "e", '"': "e", "%": "e"}.items():
            assert await ids(views, key, Has("tags", text)) == list(found), text
        assert await ids(views, key, Not(Has("tags", "x"))) == ["b", "c", "d", "e"]

    async def test_text_sorts_by_code_point(self, views: Views, key: CheckpointKey) -> None:
        """Order and comparison of text know no locale: capitals first, then small letters, then everything else."""
        names = ["", "B", "a", "b", "ä", "\uffee", "\U0001f600"]
        await run(views, key, *(Put(ITEMS, item(f"{n}", name=name)) for n, name in enumerate(reversed(names))))
        found = await views.select(1, key.instance, Select(ITEMS, sort=(Sort("name"),)))
        assert [row["name"] for row in found] == names
        above = await views.select(1, key.instance, Select(ITEMS, Compare("name", Comparison.GT, "b"), (Sort("name"),)))
        assert [row["name"] for row in above] == names[4:]

    async def test_count_ignores_the_page(self, views: Views, key: CheckpointKey) -> None:
        """The count is of all rows that match, whatever limit and place the query has."""
        await run(views, key, *(Put(ITEMS, item(f"{n:02}", rank=n % 2)) for n in range(9)))
        assert await views.count(1, key.instance, Select(ITEMS, limit=2, after=("g", "07"))) == 9
        assert await views.count(1, key.instance, Select(ITEMS, eq("rank", 1), limit=1)) == 4

    @pytest.mark.parametrize(
        "query",
        [
            Select(ITEMS, eq("unknown", 1)),
            Select(ITEMS, Not(And((Contains("unknown", "x"),)))),
            Select(ITEMS, sort=(Sort("unknown"),)),
            Select(ITEMS, sort=(Sort("score"),)),
            Select(ITEMS, sort=(Sort("tags"),)),
        ],
    )
    async def test_unanswerable_query_is_refused(self, views: Views, key: CheckpointKey, query: Select) -> None:
        """An unknown column, or a sort over a nullable one or a list, raises ``ValueError`` that names it."""
        with pytest.raises(ValueError, match=r"unknown|score|tags"):
            await views.select(1, key.instance, query)

    # --- paging -------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        "sort",
        [(), (Sort("rank"),), (Sort("rank", descending=True),), (Sort("rank", descending=True), Sort("name"))],
        ids=["key", "up", "down", "mixed"],
    )
    async def test_pages_hold_each_row_once_while_others_come_and_go(
        self, views: Views, key: CheckpointKey, sort: tuple[Sort, ...]
    ) -> None:
        """A row that is there before and after is seen exactly once, in order, however many are put beside it."""
        old = [item(f"{n:02}", rank=n % 3, name="xyz"[n % 2]) for n in range(12)]
        await run(views, key, *(Put(ITEMS, row) for row in old))
        query, seen = Select(ITEMS, sort=sort, limit=5), list[Row]()
        while page := await views.select(1, key.instance, query):
            seen.extend(page)
            query = replace(query, after=query.cursor_of(page[-1]))
            news = (Put(ITEMS, item(f"{n:02}+{len(seen)}", rank=n % 3, name="y")) for n in range(0, 12, 3))
            if len(seen) < 30:  # else the end would run away
                await run(views, key, *news, Delete(ITEMS, ("g", "none")))
        kept = [row for row in seen if row in old]
        assert kept == model.select(old, Select(ITEMS, sort=sort))
        assert seen == model.select(seen, Select(ITEMS, sort=sort, limit=len(seen)))

    # --- the model ----------------------------------------------------------------------------------------------------

    async def test_every_condition_means_what_the_model_says(self, views: Views, key: CheckpointKey) -> None:
        """Each condition with each constant finds the rows it finds in memory, and its negation all the others."""
        rows = list(view_samples.assorted_rows())
        await run(views, key, *(Put(ITEMS, row) for row in rows))
        for condition in view_samples.single_conditions():
            expected = [row["id"] for row in model.select(rows, Select(ITEMS, condition))]
            assert await ids(views, key, condition) == expected, condition
            others = await views.count(1, key.instance, Select(ITEMS, Not(condition)))
            assert others == len(rows) - len(expected), condition

    @SAME_EACH_TIME
    @given(history=view_strategies.operations(), cut=st.integers(0, 14))
    async def test_operations_mean_what_the_model_says(
        self, views: Views, history: list[RowOperation], cut: int
    ) -> None:
        """Any history, in one advance or in two, leaves the rows it leaves in memory."""
        key, expected = fresh_key(), dict[model.Key, Row]()
        for operation in history:
            model.apply(expected, operation)
        for part in (history[:cut], history[cut:]):
            await run(views, key, *part)
        assert await everything(views, key) == model.select(expected.values(), Select(ITEMS))

    @SAME_EACH_TIME
    @given(
        st.lists(view_strategies.rows(), min_size=3, max_size=12),
        st.lists(view_strategies.selects(), min_size=6, max_size=6),
    )
    async def test_queries_mean_what_the_model_says(self, views: Views, rows: list[Row], queries: list[Select]) -> None:
        """Any condition, order and limit gives the rows it gives in memory, page behind page, and their number."""
        key = fresh_key()
        await run(views, key, *(Put(ITEMS, row) for row in rows))
        kept = {ITEMS.key_of(row): row for row in rows}.values()
        for query in queries:
            first = await views.select(1, key.instance, query)
            assert first == model.select(kept, query), query
            if first:
                behind = replace(query, after=query.cursor_of(first[-1]))
                assert await views.select(1, key.instance, behind) == model.select(kept, behind), behind
            matching = sum(model.matches(row, query.where) for row in kept)
            assert await views.count(1, key.instance, query) == matching, query


def fresh_key() -> CheckpointKey:
    """The checkpoint of the sample projection's first version in a new instance."""
    return CheckpointKey(projection().name, 1, fresh("instance"), Log.DURABLE)


def parked(key: CheckpointKey, aggregate_id: str, position: int = 1) -> Parked:
    """A parked aggregate; the higher its position, the later it was parked."""
    return Parked(key, "kit", aggregate_id, position, "ValueError", 1, BORN + timedelta(seconds=position))


async def all_parked(views: Views, key: CheckpointKey, instance: str | None, size: int) -> list[Parked]:
    """The list of the parked, read in pages."""
    found: list[Parked] = []
    while page := await views.parked(key.projection, 1, instance, found[-1].place if found else None, size):
        assert len(page) <= size
        found += page
    return found


async def begin_both(views: Views) -> None:
    """Builds 1 and 2 of the sample projection, unless they are there."""
    for version in (1, 2):
        assert (await views.begin(projection(version), f"kit {version}")).number == version


async def run(views: Views, key: CheckpointKey, *operations: RowOperation) -> None:
    """Advance by one from wherever the checkpoint stands."""
    place = await views.checkpoint(key)
    assert await views.apply(Advance(key, place.position, place.position + 1, 1, operations))


async def everything(views: Views, key: CheckpointKey) -> list[Row]:
    """All sample rows of an instance, in order of their key."""
    return await views.select(key.build, key.instance, Select(ITEMS))


async def ids(views: Views, key: CheckpointKey, where: Condition = ALWAYS) -> list[Value]:
    """The ids of the matching sample rows, in order."""
    return [row["id"] for row in await views.select(key.build, key.instance, Select(ITEMS, where))]
