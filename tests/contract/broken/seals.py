"""Seals and snapshots that break one promise each."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from hexkeep.adapters.memory.seals import MemorySeals
from hexkeep.adapters.memory.snapshots import MemorySnapshots
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.event import Log
from hexkeep.ports.seals import Seal
from hexkeep.ports.snapshots import Snapshot
from tests.contract.broken.defects import Neighbour, caught_by


@caught_by("test_seal_comes_back_as_it_was_given")
class DropsTheLeaves(MemorySeals):
    async def add(self, seal: Seal) -> bool:
        return await super().add(replace(seal, leaves=b""))


@caught_by("test_seal_that_does_not_follow_is_not_kept", "test_first_seal_is_number_one_and_begins_anywhere")
class KeepsWhateverSeal(MemorySeals):
    async def add(self, seal: Seal) -> bool:
        self.load([seal])
        return True


@caught_by("test_seal_that_does_not_follow_is_not_kept")
class CountsNumbersAlone(MemorySeals):
    async def add(self, seal: Seal) -> bool:
        newest = await self.newest(seal.instance, seal.log)
        follows = newest is None or seal.number == newest.number + 1
        self.load([seal] if follows else [])
        return follows


@caught_by("test_seals_follow_on_each_other")
class KeepsToOneEpoch(MemorySeals):
    async def add(self, seal: Seal) -> bool:
        newest = await self.newest(seal.instance, seal.log)
        return (newest is None or newest.epoch == seal.epoch) and await super().add(seal)


@caught_by("test_first_seal_is_number_one_and_begins_anywhere")
class InsistsOnTheBeginning(MemorySeals):
    async def add(self, seal: Seal) -> bool:
        return (seal.number > 1 or seal.first == 1) and await super().add(seal)


@caught_by("test_one_of_many_sealers_wins")
class LooksBeforeItSeals(MemorySeals):
    async def add(self, seal: Seal) -> bool:
        newest = await self.newest(seal.instance, seal.log)
        follows = (newest.number + 1, newest.last + 1) if newest else (1, seal.first)
        await asyncio.sleep(0)
        self.load([seal] if (seal.number, seal.first) == follows else [])
        return (seal.number, seal.first) == follows


@caught_by("test_log_without_seals_has_none", "test_first_seal_is_number_one_and_begins_anywhere")
class FailsWithoutSeals(MemorySeals):
    async def newest(self, instance: str, log: Log) -> Seal | None:
        return self._seals[instance, log][-1]


@caught_by("test_logs_and_instances_have_seals_of_their_own")
class SealsBothLogsAsOne(MemorySeals):
    async def add(self, seal: Seal) -> bool:
        return await super().add(replace(seal, log=Log.DURABLE))


@caught_by("test_list_pages_in_order_of_number")
class SortsNumbersAsText(MemorySeals):
    async def list(self, instance: str, log: Log, after: int, limit: int) -> Sequence[Seal]:
        found = await super().list(instance, log, after, 10_000)
        return sorted(found, key=lambda seal: str(seal.number))[:limit]


@caught_by("test_list_pages_in_order_of_number")
class ListsSealsWithoutLimit(MemorySeals):
    async def list(self, instance: str, log: Log, after: int, limit: int) -> Sequence[Seal]:
        return await super().list(instance, log, after, 10_000)


@caught_by("test_covering_seal_holds_the_position")
class LeavesTheLastPositionOut(MemorySeals):
    async def covering(self, instance: str, log: Log, position: int) -> Seal | None:
        found = await super().covering(instance, log, position)
        return found if found and position < found.last else None


@caught_by("test_covering_seal_holds_the_position", "test_first_seal_is_number_one_and_begins_anywhere")
class CoversWhatLiesBefore(MemorySeals):
    async def covering(self, instance: str, log: Log, position: int) -> Seal | None:
        return next((seal for seal in self._seals[instance, log] if position <= seal.last), None)


@caught_by("test_seals_outlive_the_events_that_they_cover")
class DropsSealsWithTheirEvents(MemorySeals, Neighbour):
    async def list(self, instance: str, log: Log, after: int, limit: int) -> Sequence[Seal]:
        horizon = self.storage.events.log(instance, log).horizon
        return [seal for seal in await super().list(instance, log, after, limit) if seal.last > horizon]


# --- snapshots -------------------------------------------------------------------------------------------------------


@caught_by("test_snapshot_is_kept_byte_for_byte")
class TakesStatesForText(MemorySnapshots):
    async def put(self, snapshot: Snapshot) -> None:
        await super().put(replace(snapshot, state=snapshot.state.decode(errors="replace").encode()))


@caught_by("test_stream_without_snapshot_has_none")
class KeepsOneSnapshotForAllInstances(MemorySnapshots):
    async def get(self, instance: str, stream: Ref) -> Snapshot | None:
        return next((kept for (_, ref), kept in self._kept.items() if ref == stream), None)


@caught_by("test_newer_snapshot_takes_the_place_of_the_older", "test_newest_of_many_stays")
class KeepsTheFirst(MemorySnapshots):
    async def put(self, snapshot: Snapshot) -> None:
        if await self.get(snapshot.instance, snapshot.stream) is None:
            await super().put(snapshot)


@caught_by("test_snapshot_as_new_stays", "test_newest_of_many_stays")
class KeepsTheLast(MemorySnapshots):
    async def put(self, snapshot: Snapshot) -> None:
        self._kept[snapshot.instance, snapshot.stream] = snapshot


@caught_by("test_other_schema_takes_the_place_whatever_its_version")
class KeepsTheNewestOfAnySchema(MemorySnapshots):
    async def put(self, snapshot: Snapshot) -> None:
        kept = await self.get(snapshot.instance, snapshot.stream)
        if kept is None or kept.version < snapshot.version:
            await super().put(snapshot)


@caught_by("test_forgotten_snapshots_are_gone[type]", "test_forgotten_snapshots_are_gone[aggregate]")
class ForgetsTheWholeInstance(MemorySnapshots):
    async def forget(self, instance: str, type_: str | None = None, id_: str | None = None) -> None:
        await super().forget(instance)


@caught_by("test_forgotten_snapshots_are_gone[instance]")
class ForgetsByTypeAlone(MemorySnapshots):
    async def forget(self, instance: str, type_: str | None = None, id_: str | None = None) -> None:
        if type_ is not None:
            await super().forget(instance, type_, id_)


@caught_by("test_forgotten_snapshots_are_gone[instance]", "test_forgotten_snapshots_are_gone[aggregate]")
class ForgetsInAllInstances(MemorySnapshots):
    async def forget(self, instance: str, type_: str | None = None, id_: str | None = None) -> None:
        for name in {name for name, _ in self._kept}:
            await super().forget(name, type_, id_)


@caught_by("test_forgotten_snapshot_can_be_put_again")
class RemembersForgottenVersions(MemorySnapshots):
    async def put(self, snapshot: Snapshot) -> None:
        seen: dict[Ref, int] = self.__dict__.setdefault("seen", {})
        if seen.get(snapshot.stream, 0) < snapshot.version:
            seen[snapshot.stream] = snapshot.version
            await super().put(snapshot)
