"""Event stores that break one promise each: about the history of keys, forgetting, and the horizon."""

from collections.abc import Sequence
from dataclasses import replace

from hexkeep.adapters.memory.event_store import LogData, MemoryEventStore
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import Archived, FailedPrecondition
from hexkeep.core.kernel.event import Log
from hexkeep.ports.clock import Clock
from hexkeep.ports.event_store import Appended, Head, KeyChange, Outcome, Reading, StoredEvent, Unit
from tests.contract.broken.defects import caught_by

Cursor = tuple[int, str, bytes] | None

# --- the history of keys ---------------------------------------------------------------------------------------------


@caught_by(
    "test_fold_of_key_changes_gives_the_holders_at_each_position", "test_keys_outlive_the_events_that_claimed_them"
)
class KeepsNoHistoryOfKeys(MemoryEventStore):
    async def key_changes(self, instance: str, log: Log, after: Cursor, limit: int) -> list[KeyChange]:
        return []


@caught_by("test_fold_of_key_changes_gives_the_holders_at_each_position")
class DatesKeyChangesByTheFirstEvent(MemoryEventStore):
    def _write(self, unit: Unit) -> Appended:
        done = super()._write(unit)
        changes = self.log(unit.instance, unit.log).key_changes
        changes[:] = [replace(one, position=done.first) if one.position == done.last else one for one in changes]
        return done


@caught_by("test_key_changes_page_in_order")
class PagesKeyChangesInNoOrder(MemoryEventStore):
    async def key_changes(self, instance: str, log: Log, after: Cursor, limit: int) -> list[KeyChange]:
        return sorted(await super().key_changes(instance, log, after, limit), key=lambda one: one.hash)


@caught_by("test_key_changes_page_in_order")
class PagesKeyChangesByPositionAlone(MemoryEventStore):
    async def key_changes(self, instance: str, log: Log, after: Cursor, limit: int) -> list[KeyChange]:
        behind = None if after is None else (after[0] + 1, "", b"")
        return await super().key_changes(instance, log, behind, limit)


@caught_by("test_key_changes_belong_to_their_log", "test_forgotten_owner_holds_nothing_and_never_did")
class ShowsKeyChangesOfBothLogs(MemoryEventStore):
    async def key_changes(self, instance: str, log: Log, after: Cursor, limit: int) -> list[KeyChange]:
        both = [one for every in Log for one in await super().key_changes(instance, every, after, limit)]
        return sorted(both, key=lambda one: (one.position, one.kind, one.hash))[:limit]


@caught_by("test_forgotten_owner_holds_nothing_and_never_did", "test_key_of_a_forgotten_owner_is_free")
class ForgetsHistoryAlone(MemoryEventStore):
    async def forget_keys(self, instance: str, owner: Ref) -> None:
        before = dict(self._owners)
        await super().forget_keys(instance, owner)
        self._owners = before


@caught_by("test_forgotten_owner_holds_nothing_and_never_did")
class ForgetsHoldersAlone(MemoryEventStore):
    async def forget_keys(self, instance: str, owner: Ref) -> None:
        before = {log: self.log(instance, log).key_changes for log in Log}
        await super().forget_keys(instance, owner)
        for log in Log:
            self.log(instance, log).key_changes = before[log]


@caught_by("test_key_of_a_forgotten_owner_is_free")
class ForgetsTheKeyForEverybody(MemoryEventStore):
    async def forget_keys(self, instance: str, owner: Ref) -> None:
        data = self.log(instance, Log.DURABLE)
        its = {one.hash for one in data.key_changes if one.owner == owner}
        await super().forget_keys(instance, owner)
        data.key_changes = [one for one in data.key_changes if one.hash not in its]


@caught_by("test_forgetting_stays_within_an_instance_and_may_be_repeated")
class ForgetsInEveryInstance(MemoryEventStore):
    async def forget_keys(self, instance: str, owner: Ref) -> None:
        for name, _ in list(self._logs):
            await super().forget_keys(name, owner)


@caught_by("test_forgetting_leaves_the_log_alone")
class ForgetsEventsToo(MemoryEventStore):
    async def forget_keys(self, instance: str, owner: Ref) -> None:
        await super().forget_keys(instance, owner)
        data = self.log(instance, Log.DURABLE)
        data.events[:] = [one for one in data.events if one.stream != owner]


# --- the horizon -----------------------------------------------------------------------------------------------------


class _Dropping(MemoryEventStore):
    """Does something once a drop has run."""

    async def drop(self, instance: str, upto: int, limit: int = 10_000) -> int:
        went = await super().drop(instance, upto, limit)
        self.after_drop(instance, self.log(instance, Log.ACTIVITY))
        return went

    def after_drop(self, instance: str, data: LogData) -> None:
        """The defect."""


@caught_by("test_dropped_events_are_archived", "test_head_tells_the_horizon", "test_log_dropped_to_its_end_goes_on")
class DropsNothing(MemoryEventStore):
    async def drop(self, instance: str, upto: int, limit: int = 10_000) -> int:
        return 0


@caught_by(
    "test_dropped_events_are_archived",
    "test_every_reading_learns_of_the_horizon[Reading.PRESENT]",
    "test_reader_beside_a_drop_never_sees_a_torn_beginning",
    "test_horizon_moves_at_once_and_rows_go_by_the_limit",
)
class ShowsWhatIsLeftOfALog(MemoryEventStore):
    async def read_log(
        self, instance: str, log: Log, after: int, limit: int, reading: Reading = Reading.PRESENT
    ) -> list[StoredEvent]:
        data = self.log(instance, log)
        return [one for one in data.events if one.position > after][:limit]


@caught_by("test_every_reading_learns_of_the_horizon[Reading.HISTORY]")
class ShowsWhatIsLeftToThoseWhoReadHistory(MemoryEventStore):
    async def read_log(
        self, instance: str, log: Log, after: int, limit: int, reading: Reading = Reading.PRESENT
    ) -> list[StoredEvent]:
        horizon = self.log(instance, log).horizon if reading is Reading.HISTORY else 0
        return await super().read_log(instance, log, max(after, horizon), limit, reading)


@caught_by(
    "test_straddling_stream_is_read_from_the_horizon_on",
    "test_horizon_moves_at_once_and_rows_go_by_the_limit",
    "test_reader_beside_a_drop_never_sees_a_torn_beginning",
)
class ShowsWhatIsLeftOfAStream(MemoryEventStore):
    async def read_stream(
        self, instance: str, log: Log, stream: Ref, after: int = 0, limit: int = 1000
    ) -> list[StoredEvent]:
        return [one for one in self.log(instance, log).streams.get(stream, ()) if one.version > after][:limit]


@caught_by("test_head_tells_the_horizon")
class DatesTheHorizonByTheNextEvent(_Dropping):
    def after_drop(self, instance: str, data: LogData) -> None:
        left = data.events[data.horizon - data.gone :]
        data.horizon_at = left[0].created_at if left else data.horizon_at


@caught_by("test_horizon_moves_at_once_and_rows_go_by_the_limit")
class MovesTheHorizonLast(_Dropping):
    def after_drop(self, instance: str, data: LogData) -> None:
        data.horizon = data.gone


@caught_by("test_horizon_moves_at_once_and_rows_go_by_the_limit")
class DropsEverythingAtOnce(MemoryEventStore):
    async def drop(self, instance: str, upto: int, limit: int = 10_000) -> int:
        return await super().drop(instance, upto, 10_000)


@caught_by("test_drop_can_be_taken_up_again")
class LetsTheHorizonReturn(MemoryEventStore):
    async def drop(self, instance: str, upto: int, limit: int = 10_000) -> int:
        went = await super().drop(instance, upto, limit)
        self.log(instance, Log.ACTIVITY).horizon = upto
        return went


@caught_by("test_drop_beyond_the_head_is_refused")
class DropsAsFarAsItCan(MemoryEventStore):
    async def drop(self, instance: str, upto: int, limit: int = 10_000) -> int:
        return await super().drop(instance, min(upto, self.log(instance, Log.ACTIVITY).position), limit)


@caught_by("test_drop_beyond_the_head_is_refused")
class RefusesWhenItIsDone(MemoryEventStore):
    async def drop(self, instance: str, upto: int, limit: int = 10_000) -> int:
        await super().drop(instance, min(upto, self.log(instance, Log.ACTIVITY).position), limit)
        if upto > self.log(instance, Log.ACTIVITY).position:
            raise FailedPrecondition
        return 0


@caught_by("test_drop_touches_one_instance_and_no_durable_event")
class DropsDurableEventsToo(MemoryEventStore):
    async def drop(self, instance: str, upto: int, limit: int = 10_000) -> int:
        self.log(instance, Log.DURABLE).drop(min(upto, self.log(instance, Log.DURABLE).position), limit)
        return await super().drop(instance, upto, limit)


@caught_by("test_straddling_stream_goes_on_at_its_version", "test_straddling_stream_is_read_from_the_horizon_on")
class CountsWhatIsLeftOfAStream(MemoryEventStore):
    async def append(self, units: Sequence[Unit]) -> list[Outcome]:
        self._recount()
        return await super().append(units)

    async def versions(self, instance: str, streams: Sequence[tuple[Log, Ref]]) -> list[int]:
        self._recount()
        return await super().versions(instance, streams)

    def _recount(self) -> None:
        for data in self._logs.values():
            for events in data.streams.values():
                events[:] = [replace(one, version=number) for number, one in enumerate(events, 1)]


@caught_by("test_wholly_dropped_stream_does_not_exist")
class RemembersDroppedStreams(MemoryEventStore):
    async def read_stream(
        self, instance: str, log: Log, stream: Ref, after: int = 0, limit: int = 1000
    ) -> list[StoredEvent]:
        found = await super().read_stream(instance, log, stream, after, limit)
        if not found and self.log(instance, log).horizon:
            raise Archived
        return found


@caught_by("test_dropped_stream_is_gone_before_its_rows_are")
class CallsAStreamArchivedUntilItsRowsAreGone(MemoryEventStore):
    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.waiting: dict[Ref, int] = {}

    async def drop(self, instance: str, upto: int, limit: int = 10_000) -> int:
        data = self.log(instance, Log.ACTIVITY)
        before, gone = data.events[: max(0, upto - data.gone)], data.gone
        went = await super().drop(instance, upto, limit)
        self.waiting = {one.stream: one.version for one in before if one.position > gone + went}
        return went

    async def read_stream(
        self, instance: str, log: Log, stream: Ref, after: int = 0, limit: int = 1000
    ) -> list[StoredEvent]:
        found = await super().read_stream(instance, log, stream, after, limit)
        if not found and log is Log.ACTIVITY and after < self.waiting.get(stream, 0):
            raise Archived
        return found


@caught_by("test_dropped_stream_is_gone_before_its_rows_are")
class CountsAStreamUntilItsRowsAreGone(CallsAStreamArchivedUntilItsRowsAreGone):
    async def versions(self, instance: str, streams: Sequence[tuple[Log, Ref]]) -> list[int]:
        found = await super().versions(instance, streams)
        return [version or self.waiting.get(ref, 0) for version, (_, ref) in zip(found, streams, strict=True)]


@caught_by("test_stream_begun_anew_outlives_the_rest_of_a_drop")
class DropsStreamsThatHaveBegunAnew(MemoryEventStore):
    async def drop(self, instance: str, upto: int, limit: int = 10_000) -> int:
        data = self.log(instance, Log.ACTIVITY)
        waiting = data.events[: max(0, min(upto - data.gone, limit))]
        for old in waiting:
            anew = data.streams.get(old.stream, [])
            anew[:] = [one for one in anew if one.version != old.version]
        return await super().drop(instance, upto, limit)


@caught_by("test_log_dropped_to_its_end_goes_on")
class BeginsAnewWhenEverythingIsDropped(_Dropping):
    def after_drop(self, instance: str, data: LogData) -> None:
        if not data.events:
            self._logs.pop((instance, Log.ACTIVITY), None)


@caught_by("test_log_dropped_to_its_end_goes_on")
class ListsNoLogThatWasDropped(MemoryEventStore):
    async def heads(self) -> list[Head]:
        return [head for head in await super().heads() if head.position > head.horizon]


@caught_by("test_unit_ids_of_dropped_events_still_answer")
class ForgetsUnitIdsOfDroppedEvents(_Dropping):
    def after_drop(self, instance: str, data: LogData) -> None:
        self._applied = {name: done for name, done in self._applied.items() if done.last > data.horizon}


@caught_by("test_keys_outlive_the_events_that_claimed_them")
class FreesTheKeysOfDroppedEvents(_Dropping):
    def after_drop(self, instance: str, data: LogData) -> None:
        self._owners.clear()
