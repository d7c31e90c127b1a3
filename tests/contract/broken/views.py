"""Views that break one promise each: about advances, rows, queries and parking."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from hexkeep.adapters.memory.views import MemoryViews, Place
from hexkeep.core.kernel import rows as meaning
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
    Or,
    Patch,
    Projection,
    Put,
    Row,
    RowOperation,
    Select,
    StartsWith,
    Table,
    Value,
)
from hexkeep.ports.clock import Clock
from hexkeep.ports.views import Advance, Build, Checkpoint, CheckpointKey, Parked, ParkedPlace
from tests.contract.broken.defects import caught_by


class _Otherwise(MemoryViews):
    """Does something else with some operations, rows or conditions."""

    async def apply(self, advance: Advance) -> bool:
        return await super().apply(replace(advance, operations=tuple(self.operations(advance))))

    def operations(self, advance: Advance) -> Sequence[RowOperation]:
        """What to do instead."""
        return advance.operations

    async def select(self, build: int, instance: str, query: Select) -> list[Row]:
        return await super().select(build, instance, replace(query, where=self.where(query.where)))

    def where(self, condition: Condition) -> Condition:
        """What to look for instead."""
        return condition


# --- advances --------------------------------------------------------------------------------------------------------


@caught_by("test_advance_from_elsewhere_changes_nothing", "test_advance_by_many_has_one_effect")
class AdvancesFromAnywhere(MemoryViews):
    async def apply(self, advance: Advance) -> bool:
        return await super().apply(replace(advance, expected=(await self.checkpoint(advance.key)).position))


@caught_by("test_advance_by_many_has_one_effect")
class LooksBeforeItAdvances(MemoryViews):
    async def apply(self, advance: Advance) -> bool:
        there = (await self.checkpoint(advance.key)).position == advance.expected
        await asyncio.sleep(0)
        if there:
            await super().apply(replace(advance, expected=(await self.checkpoint(advance.key)).position))
        return there


@caught_by("test_several_consumers_fill_tables_of_one_owner")
class FencesAllConsumersOfAnOwner(MemoryViews):
    async def apply(self, advance: Advance) -> bool:
        return await super().apply(replace(advance, key=_owner(advance.key)))

    async def checkpoint(self, key: CheckpointKey) -> Checkpoint:
        return replace(await super().checkpoint(_owner(key)), key=key)


def _owner(key: CheckpointKey) -> CheckpointKey:
    return replace(key, projection=key.projection.partition(".")[0])


@caught_by("test_rows_and_checkpoint_move_together")
class MovesTheCheckpointAlone(_Otherwise):
    def operations(self, advance: Advance) -> Sequence[RowOperation]:
        return ()


@caught_by("test_rows_and_checkpoint_move_together")
class ForgetsTheEpoch(MemoryViews):
    async def apply(self, advance: Advance) -> bool:
        return await super().apply(replace(advance, epoch=1))


@caught_by("test_failing_advance_changes_nothing")
class KeepsHalfOfAFailingAdvance(MemoryViews):
    async def apply(self, advance: Advance) -> bool:
        place = advance.expected
        for operation in advance.operations:
            await super().apply(replace(advance, operations=(operation,), expected=place, position=place))
        return await super().apply(replace(advance, operations=()))


@caught_by("test_failing_advance_changes_nothing")
class TakesWhateverRow(MemoryViews):
    async def apply(self, advance: Advance) -> bool:
        try:
            return await super().apply(advance)
        except ValueError:
            return await super().apply(replace(advance, operations=()))


@caught_by("test_advance_without_operations_moves_the_checkpoint", "test_checkpoints_list_every_log_of_a_version")
class MovesWithRowsAlone(MemoryViews):
    async def apply(self, advance: Advance) -> bool:
        return not advance.operations or await super().apply(advance)


@caught_by("test_checkpoint_begins_at_nought")
class BeginsAtOne(MemoryViews):
    async def checkpoint(self, key: CheckpointKey) -> Checkpoint:
        return self._checkpoints.setdefault(key, Checkpoint(key, 0, 1))


@caught_by("test_checkpoints_list_every_log_of_a_version")
class ListsCheckpointsOfAllBuilds(MemoryViews):
    async def checkpoints(self, projection: str, build: int) -> list[Checkpoint]:
        return [one for key, one in self._checkpoints.items() if key.projection == projection]


@caught_by("test_begin_again_keeps_the_rows")
class EmptiesTablesThatAreThere(MemoryViews):
    async def begin(self, projection: Projection, fingerprint: str, *, anew: bool = False) -> Build:
        self._rows.clear()
        return await super().begin(projection, fingerprint, anew=anew)


@caught_by("test_rows_of_another_instance_are_out_of_reach")
class ShowsRowsOfOtherInstances(MemoryViews):
    async def get(self, build: int, instance: str, table: Table, key: tuple[Value, ...]) -> Row | None:
        places = [place for place in self._rows if (place[0], place[2]) == (build, table.name)]
        return next((self._rows[place][key] for place in places if key in self._rows[place]), None)


@caught_by("test_rows_of_another_instance_are_out_of_reach")
class DeletesRowsOfOtherInstances(MemoryViews):
    async def apply(self, advance: Advance) -> bool:
        for operation in advance.operations:
            for rows in self._rows.values() if isinstance(operation, DeleteWhere) else ():
                meaning.apply(rows, operation)
        return await super().apply(advance)


@caught_by("test_versions_have_tables_of_their_own", "test_rows_of_one_build_are_not_seen_in_another")
class SharesTablesAmongBuilds(MemoryViews):
    def _place(self, build: int, instance: str, table: Table) -> Place:
        super()._place(build, instance, table)
        return 1, instance, table.name


# --- operations and cells --------------------------------------------------------------------------------------------


@caught_by("test_put_replaces_the_whole_row")
class MergesWhatIsPut(MemoryViews):
    async def apply(self, advance: Advance) -> bool:
        merged = [
            Put(one.table, {**(await self._old(advance, one) or {}), **one.row}) if isinstance(one, Put) else one
            for one in advance.operations
        ]
        return await super().apply(replace(advance, operations=tuple(merged)))

    async def _old(self, advance: Advance, put: Put) -> Row | None:
        key = tuple(put.row.get(name) for name in put.table.key)
        return await self.get(advance.key.build, advance.key.instance, put.table, key)


@caught_by("test_patch_changes_named_cells_of_one_row")
class PatchesEveryRow(MemoryViews):
    async def apply(self, advance: Advance) -> bool:
        done = await super().apply(advance)
        patches = [one for one in advance.operations if isinstance(one, Patch)]
        for rows in self._rows.values() if done else ():
            for patch in patches:
                rows.update({key: {**row, **patch.changes} for key, row in rows.items()})
        return done


@caught_by("test_operations_on_an_absent_row_do_nothing")
class FailsForAnAbsentRow(MemoryViews):
    async def apply(self, advance: Advance) -> bool:
        for one in advance.operations:
            if isinstance(one, Delete):
                assert await self.get(advance.key.build, advance.key.instance, one.table, one.key)
        return await super().apply(advance)


@caught_by("test_operations_of_one_advance_run_in_order")
class DeletesLast(_Otherwise):
    def operations(self, advance: Advance) -> Sequence[RowOperation]:
        return sorted(advance.operations, key=lambda one: isinstance(one, Delete | DeleteWhere))


@caught_by("test_delete_where_removes_every_match", "test_operations_mean_what_the_model_says")
class OverlooksDeletions(_Otherwise):
    def operations(self, advance: Advance) -> Sequence[RowOperation]:
        return [one for one in advance.operations if not (isinstance(one, DeleteWhere) and len(one.match) == 1)]


@caught_by("test_delete_where_without_a_match_empties_one_instance")
class DeletesNothingWithoutAMatch(_Otherwise):
    def operations(self, advance: Advance) -> Sequence[RowOperation]:
        return [one for one in advance.operations if not (isinstance(one, DeleteWhere) and not one.match)]


@caught_by("test_delete_where_without_a_match_empties_one_instance")
class NeverGoesBack(MemoryViews):
    async def apply(self, advance: Advance) -> bool:
        return await super().apply(replace(advance, position=max(advance.position, advance.expected)))


@caught_by("test_cells_come_back_as_they_were_given")
class CutsTimesToSeconds(MemoryViews):
    async def select(self, build: int, instance: str, query: Select) -> list[Row]:
        found = await super().select(build, instance, query)
        return [{name: _cut(cell) for name, cell in row.items()} for row in found]


def _cut(cell: Value) -> Value:
    return cell.replace(microsecond=0) if isinstance(cell, datetime) else cell


# --- queries ---------------------------------------------------------------------------------------------------------


@caught_by("test_search_folds_case_in_every_script")
class SearchesTextAsItStands(_Otherwise):
    def where(self, condition: Condition) -> Condition:
        return In("name", ()) if isinstance(condition, StartsWith) else condition

    async def select(self, build: int, instance: str, query: Select) -> list[Row]:
        found = await super().select(build, instance, query)
        text = query.where.text if isinstance(query.where, Contains) else ""
        return [row for row in found if text.lower() in str(row["name"]).lower()] if text else found


@caught_by("test_search_takes_wildcards_literally", "test_every_condition_means_what_the_model_says")
class TakesWildcardsForWildcards(_Otherwise):
    def where(self, condition: Condition) -> Condition:
        if isinstance(condition, Contains):
            return Contains(condition.column, condition.text.replace("%", ""))
        return condition


@caught_by("test_null_satisfies_no_comparison_but_its_own", "test_every_condition_means_what_the_model_says")
class TakesNullAsSqlDoes(_Otherwise):
    def where(self, condition: Condition) -> Condition:
        if isinstance(condition, Compare) and condition.comparison is Comparison.NE and condition.value is not None:
            return And((condition, Compare(condition.column, Comparison.NE, None)))
        return condition


@caught_by("test_list_cell_is_filtered_by_membership")
class FindsPartsOfMembers(MemoryViews):
    async def select(self, build: int, instance: str, query: Select) -> list[Row]:
        if not isinstance(query.where, Has):
            return await super().select(build, instance, query)
        found = await super().select(build, instance, replace(query, where=ALWAYS))
        return [row for row in found if query.where.text in str(row[query.where.column])]


@caught_by("test_queries_mean_what_the_model_says")
class TakesOrForAnd(_Otherwise):
    def where(self, condition: Condition) -> Condition:
        return And(condition.conditions) if isinstance(condition, Or) else condition


@caught_by("test_text_sorts_by_code_point")
class SortsTextByLocale(MemoryViews):
    async def select(self, build: int, instance: str, query: Select) -> list[Row]:
        found = await super().select(build, instance, query)
        by_name = [sort.column for sort in query.sort] == ["name"]
        return sorted(found, key=lambda row: str(row["name"]).lower()) if by_name else found


@caught_by("test_count_ignores_the_page")
class CountsThePage(MemoryViews):
    async def count(self, build: int, instance: str, query: Select) -> int:
        return len(await self.select(build, instance, query))


@caught_by("test_unanswerable_query_is_refused")
class AnswersEveryQuery(MemoryViews):
    async def select(self, build: int, instance: str, query: Select) -> list[Row]:
        try:
            return await super().select(build, instance, query)
        except ValueError:
            return []


@caught_by("test_pages_hold_each_row_once_while_others_come_and_go[down]")
class PagesByOffset(MemoryViews):
    """Shows rows twice or never when others are put in between."""

    async def select(self, build: int, instance: str, query: Select) -> list[Row]:
        rows = await super().select(build, instance, replace(query, after=None, limit=10_000))
        cursors = [query.cursor_of(row) for row in rows]
        begin = 0 if query.after is None else self._pages.get(query.after, 0)
        page = rows[begin : begin + query.limit]
        self._pages.update({cursor: begin + len(page) for cursor in cursors[begin : begin + query.limit]})
        return page

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._pages: dict[tuple[Value, ...], int] = {}


# --- parking ---------------------------------------------------------------------------------------------------------


@caught_by("test_parked_aggregates_are_listed_oldest_first")
class ListsParkedNewestFirst(MemoryViews):
    async def parked(
        self,
        projection: str,
        build: int,
        instance: str | None = None,
        after: ParkedPlace | None = None,
        limit: int = 1000,
    ) -> list[Parked]:
        return (await super().parked(projection, build, instance, after, limit))[::-1]


@caught_by("test_parked_aggregates_come_in_pages")
class ListsAllParkedAtOnce(MemoryViews):
    async def parked(
        self,
        projection: str,
        build: int,
        instance: str | None = None,
        after: ParkedPlace | None = None,
        limit: int = 1000,
    ) -> list[Parked]:
        return await super().parked(projection, build, instance, after)


@caught_by("test_parked_aggregates_come_in_pages")
class PagesParkedByTheirTimeAlone(MemoryViews):
    async def parked(
        self,
        projection: str,
        build: int,
        instance: str | None = None,
        after: ParkedPlace | None = None,
        limit: int = 1000,
    ) -> list[Parked]:
        found = await super().parked(projection, build, instance)
        return [one for one in found if after is None or one.parked_at > after[0]][:limit]


@caught_by("test_parking_again_replaces_the_entry")
class ParksOnce(MemoryViews):
    async def apply(self, advance: Advance) -> bool:
        known = {key[1:] for key in self._parked if key[0] == advance.key}
        kept = tuple(one for one in advance.park if (one.aggregate_type, one.aggregate_id) not in known)
        return await super().apply(replace(advance, park=kept))


@caught_by("test_unparked_aggregate_leaves_the_list")
class NeverUnparks(MemoryViews):
    async def apply(self, advance: Advance) -> bool:
        return await super().apply(replace(advance, unpark=()))
