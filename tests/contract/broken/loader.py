"""Loaders that break one promise each."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hexkeep.adapters.memory.loader import MemoryLoader
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Head, KeyChange, StoredEvent
from hexkeep.ports.seals import Seal
from tests.contract.broken.defects import caught_by

NOW = datetime(2026, 1, 1, tzinfo=UTC)

# --- wipe ------------------------------------------------------------------------------------------------------------


@caught_by("test_wipe_removes_everything_of_an_instance", "test_broken_off_load_is_made_good_by_wiping")
class LeavesLogsBehind(MemoryLoader):
    async def wipe(self, instance: str) -> None:
        before = self._events._logs
        await super().wipe(instance)
        self._events._logs = before


@caught_by("test_wipe_removes_everything_of_an_instance")
class LeavesUnitIdsBehind(MemoryLoader):
    async def wipe(self, instance: str) -> None:
        before = self._events._applied
        await super().wipe(instance)
        self._events._applied = before


@caught_by("test_wipe_removes_everything_of_an_instance")
class LeavesUniqueKeysBehind(MemoryLoader):
    async def wipe(self, instance: str) -> None:
        before = self._events._owners
        await super().wipe(instance)
        self._events._owners = before


@caught_by("test_wipe_removes_everything_of_an_instance")
class LeavesSealsBehind(MemoryLoader):
    async def wipe(self, instance: str) -> None:
        before = {log: await self._seals.list(instance, log, 0, 100) for log in Log}
        await super().wipe(instance)
        for seals in before.values():
            self._seals.load(seals)


@caught_by("test_wipe_removes_everything_of_an_instance")
class LeavesSnapshotsBehind(MemoryLoader):
    async def wipe(self, instance: str) -> None:
        before = dict(self._snapshots._kept)
        await super().wipe(instance)
        self._snapshots._kept = before


@caught_by("test_wipe_removes_everything_of_an_instance")
class LeavesBlobsBehind(MemoryLoader):
    async def wipe(self, instance: str) -> None:
        before = dict(self._blobs._kept)
        await super().wipe(instance)
        self._blobs._kept = before


@caught_by("test_wipe_removes_everything_of_an_instance")
class LeavesRowsOfOlderBuildsBehind(MemoryLoader):
    async def wipe(self, instance: str) -> None:
        before = {place: rows for place, rows in self._views._rows.items() if place[0] == 1}
        await super().wipe(instance)
        self._views._rows.update(before)


@caught_by("test_wipe_removes_everything_of_an_instance")
class LeavesPlacesBehind(MemoryLoader):
    async def wipe(self, instance: str) -> None:
        before = self._views._checkpoints
        await super().wipe(instance)
        self._views._checkpoints = before


@caught_by("test_wipe_removes_everything_of_an_instance")
class LeavesParkingBehind(MemoryLoader):
    async def wipe(self, instance: str) -> None:
        before = self._views._parked
        await super().wipe(instance)
        self._views._parked = before


@caught_by("test_wipe_removes_everything_of_an_instance")
class LeavesShortLivedStateBehind(MemoryLoader):
    async def wipe(self, instance: str) -> None:
        before = self._expiring._entries
        await super().wipe(instance)
        self._expiring._entries = before


@caught_by("test_wipe_removes_everything_of_an_instance")
class LeavesDataKeysBehind(MemoryLoader):
    async def wipe(self, instance: str) -> None:
        before = self._keys._keys
        await super().wipe(instance)
        self._keys._keys = before


@caught_by("test_wipe_removes_nothing_of_another_instance")
class WipesEveryInstance(MemoryLoader):
    async def wipe(self, instance: str) -> None:
        for name, _ in list(self._events._logs):
            await super().wipe(name)


@caught_by("test_wipe_removes_nothing_of_another_instance")
class WipesEverybodysRows(MemoryLoader):
    async def wipe(self, instance: str) -> None:
        await super().wipe(instance)
        self._views._rows.clear()


@caught_by("test_wipe_of_nothing_does_nothing")
class InsistsOnAnInstance(MemoryLoader):
    async def wipe(self, instance: str) -> None:
        if not self._events.log(instance, Log.DURABLE).position:
            raise FailedPrecondition
        await super().wipe(instance)


# --- begin and load --------------------------------------------------------------------------------------------------


@caught_by("test_begun_log_has_its_epoch_and_horizon", "test_append_goes_on_behind_what_was_loaded")
class BeginsInTheFirstEpoch(MemoryLoader):
    async def begin(self, head: Head) -> None:
        await super().begin(replace(head, epoch=1))


@caught_by("test_begun_log_has_its_epoch_and_horizon", "test_load_follows_on_the_horizon")
class BeginsAtTheBeginning(MemoryLoader):
    async def begin(self, head: Head) -> None:
        await super().begin(replace(head, horizon=0, horizon_at=None))


@caught_by("test_begun_log_is_appended_to")
class ForgetsTheTimeOfTheHorizon(MemoryLoader):
    async def begin(self, head: Head) -> None:
        await super().begin(head)
        self._events.log(head.instance, head.log).created_at = None


@caught_by("test_log_with_events_cannot_be_begun")
class BeginsOverEvents(MemoryLoader):
    async def begin(self, head: Head) -> None:
        self._events._logs.pop((head.instance, head.log), None)
        await super().begin(head)


@caught_by(
    "test_loaded_events_are_as_they_were",
    "test_many_events_are_loaded_at_once",
    "test_history_carried_there_and_back_is_the_same",
)
class DatesEventsAnew(MemoryLoader):
    async def load(self, instance: str, log: Log, events: Sequence[StoredEvent]) -> None:
        await super().load(instance, log, [replace(event, created_at=NOW) for event in events])


@caught_by("test_many_events_are_loaded_at_once")
class LoadsALimitedNumber(MemoryLoader):
    async def load(self, instance: str, log: Log, events: Sequence[StoredEvent]) -> None:
        await super().load(instance, log, events[:500])


@caught_by("test_load_that_does_not_follow_adds_nothing")
class LoadsAsFarAsItFollows(MemoryLoader):
    async def load(self, instance: str, log: Log, events: Sequence[StoredEvent]) -> None:
        for event in events:
            await super().load(instance, log, [event])


@caught_by("test_load_that_does_not_follow_adds_nothing")
class SkipsWhatItHas(MemoryLoader):
    async def load(self, instance: str, log: Log, events: Sequence[StoredEvent]) -> None:
        head = self._events.log(instance, log).position
        await super().load(instance, log, [event for event in events if event.position > head])


@caught_by("test_load_follows_on_the_horizon")
class NumbersFromTheHorizon(MemoryLoader):
    async def load(self, instance: str, log: Log, events: Sequence[StoredEvent]) -> None:
        head = self._events.log(instance, log).position
        await super().load(
            instance, log, [replace(event, position=number) for number, event in enumerate(events, head + 1)]
        )


@caught_by("test_append_goes_on_behind_what_was_loaded[future]")
class LetsTimeGoBackAfterLoading(MemoryLoader):
    async def load(self, instance: str, log: Log, events: Sequence[StoredEvent]) -> None:
        await super().load(instance, log, events)
        self._events.log(instance, log).created_at = None


# --- keys and seals --------------------------------------------------------------------------------------------------


@caught_by(
    "test_loaded_key_changes_give_owners",
    "test_loaded_keys_are_unique",
    "test_history_carried_there_and_back_is_the_same",
)
class LoadsHistoryWithoutHolders(MemoryLoader):
    async def load_key_changes(self, instance: str, log: Log, changes: Sequence[KeyChange]) -> None:
        self._events.kept(instance, log).key_changes.extend(changes)


@caught_by("test_loaded_key_changes_give_owners")
class LetsAnybodyGiveBackALoadedKey(MemoryLoader):
    async def load_key_changes(self, instance: str, log: Log, changes: Sequence[KeyChange]) -> None:
        for change in changes:
            await super().load_key_changes(instance, log, [change])
            if not change.claimed:
                self._events._owners.pop((instance, change.kind, change.hash), None)


@caught_by("test_loaded_key_changes_give_owners")
class ForgetsWhoComesBetweenWithinACall(MemoryLoader):
    async def load_key_changes(self, instance: str, log: Log, changes: Sequence[KeyChange]) -> None:
        before = dict(self._events._owners)
        await super().load_key_changes(instance, log, changes)
        taken = {(instance, one.kind, one.hash) for one in changes if one.claimed}
        for key in taken - self._events._owners.keys():
            if key in before:
                self._events._owners[key] = before[key]


@caught_by("test_loaded_seals_are_as_they_were", "test_history_carried_there_and_back_is_the_same")
class LoadsTheFirstSealAlone(MemoryLoader):
    async def load_seals(self, seals: Sequence[Seal]) -> None:
        await super().load_seals(seals[:1])
