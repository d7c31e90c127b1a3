"""Event stores that break one promise each: about appending, unit ids, unique keys and reading."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hexkeep.adapters.memory.event_store import LogData, MemoryEventStore
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import AlreadyExists, VersionConflict
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Appended, Head, KeyChange, NewEvent, Outcome, Reading, StoredEvent, Unit
from tests.contract.broken.defects import caught_by

# --- units -----------------------------------------------------------------------------------------------------------


@caught_by("test_append_of_nothing_changes_nothing", "test_unit_of_guards_alone_tells_the_head_it_was_checked_against")
class CountsUnitsWithoutEvents(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        outcomes = await super().append(units)
        return [replace(one, last=max(one.first, one.last)) if isinstance(one, Appended) else one for one in outcomes]


@caught_by(
    "test_append_numbers_versions_and_positions_from_one",
    "test_tailing_reader_skips_no_position",
    "test_payload_is_kept_byte_for_byte",
)
class LeavesGaps(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        outcomes = await super().append(units)
        for log in self._logs.values():
            log.events[:] = [replace(event, position=2 * number) for number, event in enumerate(log.events, 1)]
        return outcomes


@caught_by(
    "test_stale_version_is_a_conflict_with_both_versions",
    "test_guard_holds_a_unit_back_without_writing_to_its_stream",
    "test_straddling_stream_goes_on_at_its_version",
)
class IgnoresExpectedVersions(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        return [(await super(IgnoresExpectedVersions, self).append([await self._believed(one)]))[0] for one in units]

    async def _believed(self, unit: Unit) -> Unit:
        versions = await self.versions(unit.instance, [(unit.log, part.stream) for part in unit.appends])
        parts = zip(unit.appends, versions, strict=True)
        return replace(unit, appends=tuple(replace(part, expected_version=version) for part, version in parts))


@caught_by("test_stale_version_is_a_conflict_with_both_versions")
class MixesUpTheVersionsOfAConflict(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        outcomes = await super().append(units)
        return [
            VersionConflict(one.actual, one.expected) if isinstance(one, VersionConflict) else one for one in outcomes
        ]


@caught_by("test_unit_of_several_streams_is_all_or_nothing", "test_losers_do_not_spoil_the_batch")
class WritesPartOfALosingUnit(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        outcomes = await super().append(units)
        for unit, outcome in zip(units, outcomes, strict=True):
            if not isinstance(outcome, Appended):
                for part in unit.appends:
                    await super().append([replace(unit, appends=(part,), claims=(), unit_id=f"{unit.unit_id}/rest")])
        return outcomes


@caught_by("test_guard_holds_a_unit_back_without_writing_to_its_stream")
class IgnoresGuards(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        return await super().append(
            [replace(unit, appends=tuple(part for part in unit.appends if part.events)) for unit in units]
        )


@caught_by("test_losers_do_not_spoil_the_batch")
class RefusesAllForOne(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        reasons = [reason for unit in units if (reason := self._conflict(unit)) is not None]
        return [reasons[0] for _ in units] if reasons else await super().append(units)


@caught_by(
    "test_one_call_may_serve_several_instances_and_logs",
    "test_instances_and_logs_are_separate",
    "test_versions_answer_in_the_order_asked",
)
class KeepsOneLogPerInstance(MemoryEventStore):
    def log(self, instance: str, log: Log) -> LogData:
        return super().log(instance, Log.DURABLE)

    def kept(self, instance: str, log: Log) -> LogData:
        return super().kept(instance, Log.DURABLE)


@caught_by("test_writers_on_one_stream_succeed_or_conflict_and_none_is_lost")
class WritesWithoutLookingAgain(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        reasons = [self._conflict(unit) for unit in units]
        await asyncio.sleep(0)
        return [reason or self._write(unit) for unit, reason in zip(units, reasons, strict=True)]


# --- unit ids -------------------------------------------------------------------------------------------------------


@caught_by(
    "test_unit_id_seen_before_gives_the_first_outcome",
    "test_unit_id_seen_before_claims_no_key_again",
    "test_unit_id_of_guards_alone_is_remembered",
    "test_same_unit_sent_at_once_is_applied_once",
)
class ForgetsUnitIds(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        self._applied.clear()
        return await super().append(units)


@caught_by("test_unit_id_of_guards_alone_is_remembered")
class ForgetsUnitsWithoutEvents(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        outcomes = await super().append(units)
        for unit in units:
            if not any(part.events for part in unit.appends):
                self._applied.pop((unit.instance, unit.unit_id), None)
        return outcomes


@caught_by("test_unit_id_is_per_instance")
class KnowsUnitIdsOfOtherInstances(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        for (_, name), outcome in list(self._applied.items()):
            self._applied.update({(unit.instance, name): outcome for unit in units})
        return await super().append(units)


@caught_by("test_unit_that_lost_may_come_again_under_its_id")
class RemembersWhatItRefused(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        return [self._remembered(unit) for unit in units]

    def _remembered(self, unit: Unit) -> Outcome:
        refused = self.__dict__.setdefault("refused", dict[str, Outcome]())
        outcome: Outcome = refused.get(unit.unit_id) or self._outcome(unit)
        if not isinstance(outcome, Appended):
            refused[unit.unit_id] = outcome
        return outcome


@caught_by(
    "test_unit_that_comes_again_leaves_no_key_change",
    "test_unit_id_seen_before_claims_no_key_again",
    "test_forgetting_leaves_the_log_alone",
)
class ClaimsAgainForAUnitThatComesAgain(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        outcomes = await super().append(units)
        for unit, outcome in zip(units, outcomes, strict=True):
            if isinstance(outcome, Appended):
                for claim in unit.claims:
                    change = KeyChange(outcome.last, claim.kind, claim.hash, claim.owner, claimed=True)
                    self.change_key(unit.instance, unit.log, change)
        return outcomes


# --- unique keys ----------------------------------------------------------------------------------------------------


@caught_by(
    "test_key_is_claimed_released_and_claimed_again",
    "test_key_moves_between_owners_in_one_unit",
    "test_fold_of_key_changes_gives_the_holders_at_each_position",
    "test_keys_outlive_the_events_that_claimed_them",
)
class NeverReleasesKeys(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        return await super().append([replace(unit, releases=()) for unit in units])


@caught_by("test_key_moves_between_owners_in_one_unit")
class ClaimsBeforeItReleases(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        moved = [
            AlreadyExists(unit.claims[0].kind)
            if {one.hash for one in unit.claims} & {k.hash for k in unit.releases}
            else None
            for unit in units
        ]
        outcomes = await super().append([unit for unit, reason in zip(units, moved, strict=True) if reason is None])
        return [reason or outcomes.pop(0) for reason in moved]


@caught_by("test_key_is_released_by_its_owner_alone", "test_release_by_another_changes_no_holder")
class ReleasesForAnybody(MemoryEventStore):
    def change_key(self, instance: str, log: Log, change: KeyChange) -> None:
        owner = self._owners.get((instance, change.kind, change.hash), change.owner)
        super().change_key(instance, log, change if change.claimed else replace(change, owner=owner))


@caught_by("test_release_by_another_changes_no_holder")
class WritesAStrangersReleaseIntoTheHistory(MemoryEventStore):
    async def key_changes(
        self, instance: str, log: Log, after: tuple[int, str, bytes] | None, limit: int
    ) -> list[KeyChange]:
        found = await super().key_changes(instance, log, after, limit)
        return [one if one.claimed else replace(one, owner=found[0].owner) for one in found]


@caught_by(
    "test_taken_key_names_its_kind_and_writes_nothing",
    "test_key_wanted_by_many_goes_to_one",
    "test_losers_do_not_spoil_the_batch",
    "test_refused_unit_leaves_no_key_change",
)
class LetsKeysBeTaken(MemoryEventStore):
    def _conflict(self, unit: Unit) -> VersionConflict | AlreadyExists | None:
        return super()._conflict(replace(unit, claims=()))


@caught_by("test_taken_key_names_its_kind_and_writes_nothing")
class NamesNoKind(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        outcomes = await super().append(units)
        return [AlreadyExists("key") if isinstance(one, AlreadyExists) else one for one in outcomes]


@caught_by("test_refused_unit_leaves_no_key_change", "test_taken_key_names_its_kind_and_writes_nothing")
class KeepsTheKeysOfALosingUnit(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        outcomes = await super().append(units)
        for unit, outcome in zip(units, outcomes, strict=True):
            for claim in unit.claims if not isinstance(outcome, Appended) else ():
                if (unit.instance, claim.kind, claim.hash) not in self._owners:
                    change = KeyChange(1, claim.kind, claim.hash, claim.owner, claimed=True)
                    self.change_key(unit.instance, unit.log, change)
        return outcomes


@caught_by("test_key_is_unique_within_kind_and_instance")
class KnowsNoKinds(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        return await super().append(
            [replace(unit, claims=tuple(replace(claim, kind="key") for claim in unit.claims)) for unit in units]
        )

    async def key_owner(self, instance: str, kind: str, key_hash: bytes) -> Ref | None:
        return await super().key_owner(instance, "key", key_hash)


# --- reading --------------------------------------------------------------------------------------------------------


@caught_by("test_event_comes_back_as_it_was_given", "test_payload_is_kept_byte_for_byte")
class TakesPayloadsForText(MemoryEventStore):
    def _write(self, unit: Unit) -> Appended:
        def text(event: NewEvent) -> NewEvent:
            return replace(event, payload=event.payload.decode(errors="replace").encode())

        parts = tuple(replace(part, events=tuple(map(text, part.events))) for part in unit.appends)
        return super()._write(replace(unit, appends=parts, client=unit.client.decode(errors="replace").encode()))


@caught_by("test_reads_begin_behind_after_and_end_at_limit")
class BeginsWithTheCursor(MemoryEventStore):
    async def read_log(
        self, instance: str, log: Log, after: int, limit: int, reading: Reading = Reading.PRESENT
    ) -> list[StoredEvent]:
        return await super().read_log(instance, log, max(0, after - 1), limit, reading)


@caught_by("test_reads_begin_behind_after_and_end_at_limit")
class KnowsNoLimit(MemoryEventStore):
    async def read_stream(
        self, instance: str, log: Log, stream: Ref, after: int = 0, limit: int = 1000
    ) -> list[StoredEvent]:
        return await super().read_stream(instance, log, stream, after, 1000)


@caught_by("test_versions_answer_in_the_order_asked")
class AnswersVersionsInItsOwnOrder(MemoryEventStore):
    async def versions(self, instance: str, streams: Sequence[tuple[Log, Ref]]) -> list[int]:
        return sorted(await super().versions(instance, streams))


@caught_by("test_heads_list_every_log_that_has_events")
class ListsLogsWithoutEvents(MemoryEventStore):
    async def heads(self) -> list[Head]:
        return [await self.head(*place) for place in self._logs]


class _Hasty(MemoryEventStore):
    """Gives out positions before it is a unit's turn to be seen, as a database sequence does."""

    _late: frozenset[int] = frozenset()
    _late_in: Reading | None = None

    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        outcomes = await super().append(units)
        mine = {found.last for found in outcomes if isinstance(found, Appended) and found.last % 3 == 0}
        self._late |= mine
        await asyncio.sleep(0.01)
        self._late -= mine
        return outcomes

    async def read_log(
        self, instance: str, log: Log, after: int, limit: int, reading: Reading = Reading.PRESENT
    ) -> list[StoredEvent]:
        found = await super().read_log(instance, log, after, limit, reading)
        late = self._late if self._late_in in {None, reading} else frozenset[int]()
        return [event for event in found if event.position not in late]


@caught_by("test_tailing_reader_skips_no_position")
class ShowsPositionsOutOfOrder(_Hasty):
    pass


@caught_by("test_every_reading_is_without_gaps_beside_writers[Reading.RECENT]")
class SkipsPositionsInRecentReads(_Hasty):
    _late_in = Reading.RECENT


@caught_by("test_present_reading_shows_what_was_acknowledged")
class AnswersPresentReadsLate(MemoryEventStore):
    async def read_log(
        self, instance: str, log: Log, after: int, limit: int, reading: Reading = Reading.PRESENT
    ) -> list[StoredEvent]:
        before: dict[int, list[StoredEvent]] = self.__dict__.setdefault("before", {})
        found = await super().read_log(instance, log, after, limit, reading)
        return before.pop(after, []) if before.setdefault(after, found) is not found else []


@caught_by(
    "test_every_reading_shows_everything_at_last[Reading.HISTORY]",
    "test_every_reading_shows_everything_at_last[Reading.RECENT]",
)
class NeverCatchesUp(MemoryEventStore):
    async def read_log(
        self, instance: str, log: Log, after: int, limit: int, reading: Reading = Reading.PRESENT
    ) -> list[StoredEvent]:
        found = await super().read_log(instance, log, after, limit, reading)
        return found if reading is Reading.PRESENT else found[:-1]


@caught_by("test_created_at_never_goes_backwards")
class LetsTimeGoBack(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        outcomes = await super().append(units)
        for log in self._logs.values():
            log.events[:] = [
                replace(one, created_at=one.created_at - timedelta(hours=1)) if one.position == 20 else one
                for one in log.events
            ]
        return outcomes
