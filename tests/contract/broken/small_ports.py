"""Short-lived state, wrapped keys, locks and pub/sub that break one promise each."""

import asyncio
import builtins
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from hexkeep.adapters.memory.expiring import MemoryExpiring
from hexkeep.adapters.memory.keys import MemoryKeys
from hexkeep.adapters.memory.locks import MemoryLocks
from hexkeep.adapters.memory.pubsub import MemoryPubSub
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.event import Log
from hexkeep.ports.keys import WrappedKey
from hexkeep.ports.locks import Lease
from hexkeep.ports.pubsub import Hint
from tests.contract.broken.defects import caught_by

FAR = datetime(2999, 1, 1, tzinfo=UTC)

# --- short-lived state -----------------------------------------------------------------------------------------------


@caught_by("test_claim_by_many_is_granted_to_one", "test_take_by_many_gives_to_one")
class LooksBeforeItTakes(MemoryExpiring):
    async def claim_once(self, instance: str, scope: str, key: bytes, until: datetime) -> bool:
        free = self._live(("claim", instance, scope, key)) is None
        await asyncio.sleep(0)
        await super().claim_once(instance, scope, key, until)
        return free

    async def take(self, instance: str, scope: str, key: bytes) -> bytes | None:
        value = await self.get(instance, scope, key)
        await asyncio.sleep(0)
        await super().take(instance, scope, key)
        return value


@caught_by("test_claim_is_true_once")
class GrantsEveryClaim(MemoryExpiring):
    async def claim_once(self, instance: str, scope: str, key: bytes, until: datetime) -> bool:
        return True


@caught_by("test_claim_may_be_made_again_once_expired", "test_value_expires", "test_put_replaces_value_and_time")
class NeverExpires(MemoryExpiring):
    async def claim_once(self, instance: str, scope: str, key: bytes, until: datetime) -> bool:
        return await super().claim_once(instance, scope, key, FAR)

    async def put(self, instance: str, scope: str, key: bytes, value: bytes, until: datetime) -> None:
        await super().put(instance, scope, key, value, FAR)


@caught_by("test_claims_of_other_places_are_independent", "test_values_of_other_places_are_separate")
class KnowsNoScopes(MemoryExpiring):
    async def claim_once(self, instance: str, scope: str, key: bytes, until: datetime) -> bool:
        return await super().claim_once(instance, "", key, until)

    async def put(self, instance: str, scope: str, key: bytes, value: bytes, until: datetime) -> None:
        await super().put(instance, "", key, value, until)

    async def take(self, instance: str, scope: str, key: bytes) -> bytes | None:
        return await super().take(instance, "", key)


@caught_by("test_value_is_answered_byte_for_byte")
class ForgetsWhatItAnswered(MemoryExpiring):
    async def get(self, instance: str, scope: str, key: bytes) -> bytes | None:
        return await self.take(instance, scope, key)


@caught_by("test_put_replaces_value_and_time", "test_value_of_the_past_is_never_answered")
class KeepsTheFirstValue(MemoryExpiring):
    async def put(self, instance: str, scope: str, key: bytes, value: bytes, until: datetime) -> None:
        if await self.get(instance, scope, key) is None:
            await super().put(instance, scope, key, value, until)


@caught_by("test_take_gives_the_value_and_removes_it")
class TakesWithoutRemoving(MemoryExpiring):
    async def take(self, instance: str, scope: str, key: bytes) -> bytes | None:
        return await self.get(instance, scope, key)


@caught_by("test_count_goes_up_by_one")
class CountsForAllBuckets(MemoryExpiring):
    async def count(self, instance: str, bucket: bytes, window_seconds: int) -> int:
        return await super().count(instance, b"", window_seconds)


@caught_by("test_count_by_many_loses_none")
class LosesCounts(MemoryExpiring):
    async def count(self, instance: str, bucket: bytes, window_seconds: int) -> int:
        before = self._live(("count", instance, "", bucket))
        await asyncio.sleep(0)
        self._entries.pop(("count", instance, "", bucket), None)
        if before is not None:
            self._entries["count", instance, "", bucket] = before
        return await super().count(instance, bucket, window_seconds)


@caught_by("test_count_begins_anew_after_its_window")
class CountsForEver(MemoryExpiring):
    async def count(self, instance: str, bucket: bytes, window_seconds: int) -> int:
        return await super().count(instance, bucket, 10**6)


@caught_by("test_sweep_removes_expired_entries_within_its_limit")
class SweepsEverything(MemoryExpiring):
    async def sweep(self, limit: int = 1000) -> int:
        return await super().sweep(10_000)


# --- wrapped keys ----------------------------------------------------------------------------------------------------


@caught_by("test_added_key_is_kept_byte_for_byte")
class TakesKeysForText(MemoryKeys):
    async def add(self, key: WrappedKey) -> WrappedKey:
        return await super().add(replace(key, wrapped=key.wrapped.decode(errors="replace").encode()))


@caught_by("test_first_add_wins", "test_add_by_many_keeps_one")
class KeepsTheLastKey(MemoryKeys):
    async def add(self, key: WrappedKey) -> WrappedKey:
        self._keys[key.instance, key.name, key.version] = key
        return key


@caught_by("test_versions_come_oldest_first")
class ListsVersionsAsTheyCame(MemoryKeys):
    async def get(self, instance: str, name: str) -> builtins.list[WrappedKey]:
        return [key for key in self._keys.values() if (key.instance, key.name) == (instance, name)]


@caught_by("test_unknown_name_has_no_versions")
class SharesKeysAmongInstances(MemoryKeys):
    async def get(self, instance: str, name: str) -> builtins.list[WrappedKey]:
        return [key for key in self._keys.values() if key.name == name]


@caught_by("test_destroyed_key_stays_destroyed", "test_destroyed_key_cannot_be_rewrapped")
class ForgetsWhatWasDestroyed(MemoryKeys):
    async def destroy(self, instance: str, name: str) -> None:
        for key in await self.get(instance, name):
            del self._keys[key.instance, key.name, key.version]


@caught_by("test_destroyed_key_cannot_be_rewrapped")
class RewrapsWhatWasDestroyed(MemoryKeys):
    async def rewrap(self, key: WrappedKey, previous: bytes) -> bool:
        kept = self._keys.get((key.instance, key.name, key.version))
        if kept is not None and kept.wrapped == previous:
            self._keys[key.instance, key.name, key.version] = key
            return True
        return False


@caught_by("test_destroy_leaves_versions_without_bytes")
class DestroysTheNewestVersion(MemoryKeys):
    async def destroy(self, instance: str, name: str) -> None:
        for key in (await self.get(instance, name))[-1:]:
            self._keys[key.instance, key.name, key.version] = replace(key, wrapped=b"")


@caught_by("test_destroy_may_be_repeated")
class InsistsOnDestroyingOnce(MemoryKeys):
    async def destroy(self, instance: str, name: str) -> None:
        if not any(key.wrapped for key in await self.get(instance, name)):
            raise FailedPrecondition
        await super().destroy(instance, name)


@caught_by("test_rewrap_replaces_what_is_still_there")
class KeepsTheFormerMaster(MemoryKeys):
    async def rewrap(self, key: WrappedKey, previous: bytes) -> bool:
        return await super().rewrap(replace(key, master="master-1"), previous)


@caught_by("test_rewrap_of_what_changed_does_nothing")
class RewrapsWithoutLooking(MemoryKeys):
    async def rewrap(self, key: WrappedKey, previous: bytes) -> bool:
        self._keys[key.instance, key.name, key.version] = key
        return True


@caught_by("test_list_pages_in_order")
class ListsKeysIgnoringCase(MemoryKeys):
    async def list(self, after: tuple[str, str, int] | None, limit: int) -> builtins.list[WrappedKey]:
        return sorted(await super().list(after, limit), key=lambda key: (key.instance, key.name.lower(), key.version))


@caught_by("test_list_begins_with_the_first_key")
class ListsNothingWithoutACursor(MemoryKeys):
    async def list(self, after: tuple[str, str, int] | None, limit: int) -> builtins.list[WrappedKey]:
        return await super().list(after, limit) if after else []


# --- locks -----------------------------------------------------------------------------------------------------------


@caught_by("test_release_frees_the_lease", "test_token_grows_with_every_change_of_owner")
class RestartsItsTokens(MemoryLocks):
    async def release(self, lease: Lease) -> None:
        await super().release(lease)
        self._tokens.clear()


@caught_by("test_free_lease_is_had_for_the_asking")
class CountsTokensFromNought(MemoryLocks):
    async def acquire(self, name: str, owner: str, seconds: float) -> Lease | None:
        lease = await super().acquire(name, owner, seconds)
        return lease and replace(lease, token=lease.token - 1)


@caught_by(
    "test_held_lease_is_refused_to_others",
    "test_lease_wanted_by_many_goes_to_one",
    "test_exclusion_holds_under_contention",
)
class GivesALeaseToEverybody(MemoryLocks):
    async def acquire(self, name: str, owner: str, seconds: float) -> Lease | None:
        if self._running(name):
            del self._held[name]
        return await super().acquire(name, owner, seconds)


@caught_by("test_owner_that_asks_again_keeps_its_token")
class GivesANewTokenEachTime(MemoryLocks):
    async def acquire(self, name: str, owner: str, seconds: float) -> Lease | None:
        self._tokens[name] += 1
        return await super().acquire(name, owner, seconds)


@caught_by("test_leases_of_other_names_are_independent")
class HasOneLease(MemoryLocks):
    async def acquire(self, name: str, owner: str, seconds: float) -> Lease | None:
        return await super().acquire("one", owner, seconds)


@caught_by("test_expired_lease_is_free_under_a_greater_token", "test_renewal_of_an_expired_lease_fails")
class NeverLetsALeaseExpire(MemoryLocks):
    def _hold(self, lease: Lease) -> None:
        self._held[lease.name] = lease, self._clock.monotonic() + 10**6


@caught_by("test_renewal_holds_a_lease_beyond_its_first_end")
class RenewsInWordsAlone(MemoryLocks):
    async def renew(self, lease: Lease) -> bool:
        return self._is_held(lease)


@caught_by("test_renewal_of_an_expired_lease_fails", "test_renewal_of_a_lease_that_changed_hands_fails")
class RenewsForAnybody(MemoryLocks):
    async def renew(self, lease: Lease) -> bool:
        self._hold(lease)
        return True


@caught_by("test_release_under_a_stale_token_does_nothing")
class ReleasesWithoutLookingAtTheToken(MemoryLocks):
    async def release(self, lease: Lease) -> None:
        self._held.pop(lease.name, None)


@caught_by("test_holder_is_told_where_it_can_be")
class NamesTheHolderOfAnEndedLease(MemoryLocks):
    async def release(self, lease: Lease) -> None:
        self._held[lease.name] = lease, float("inf")


# --- pub/sub ---------------------------------------------------------------------------------------------------------


@caught_by("test_hint_reaches_a_subscriber", "test_subscriptions_come_and_go_concurrently")
class LosesEveryHint(MemoryPubSub):
    def publish(self, hint: Hint) -> None:
        pass


@caught_by("test_hints_of_both_logs_are_told_apart")
class MixesUpTheLogs(MemoryPubSub):
    def publish(self, hint: Hint) -> None:
        for log in Log:
            super().publish(Hint(hint.instance, log))


@caught_by("test_every_subscriber_hears", "test_subscriber_that_leaves_does_not_disturb_the_others")
class TellsOneSubscriber(MemoryPubSub):
    def publish(self, hint: Hint) -> None:
        for subscription in list(self._subscriptions)[:1]:
            subscription.tell(hint)


@caught_by("test_publish_without_subscribers_does_nothing")
class InsistsOnSubscribers(MemoryPubSub):
    def publish(self, hint: Hint) -> None:
        if not self._subscriptions:
            raise FailedPrecondition
        super().publish(hint)


@caught_by("test_distinct_hints_survive_merging")
class MergesAllHints(MemoryPubSub):
    def publish(self, hint: Hint) -> None:
        for subscription in self._subscriptions:
            subscription._waiting.clear()
        self.__dict__.setdefault("first", hint)
        super().publish(self.__dict__["first"])


class _Queueing(MemoryPubSub):
    """Hands hints through queues that never merge."""

    def __init__(self) -> None:
        super().__init__()
        self._queues: list[asyncio.Queue[Hint]] = []

    def publish(self, hint: Hint) -> None:
        for queue in self._queues:
            queue.put_nowait(hint)

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[AsyncIterator[Hint]]:
        queue = asyncio.Queue[Hint]()
        self._queues.append(queue)
        yield _drain(queue)


async def _drain(queue: asyncio.Queue[Hint]) -> AsyncIterator[Hint]:
    while True:
        yield await queue.get()


@caught_by("test_slow_subscriber_gets_merged_hints")
class NeverMerges(_Queueing):
    pass


@caught_by("test_close_ends_the_iterators")
class NeverEndsItsIterators(MemoryPubSub):
    async def close(self) -> None:
        pass


@caught_by("test_publish_after_close_does_not_fail")
class InsistsOnBeingOpen(MemoryPubSub):
    def publish(self, hint: Hint) -> None:
        if self._closed:
            raise FailedPrecondition
        super().publish(hint)


@caught_by("test_subscription_may_be_left_unread")
class InsistsOnBeingRead(MemoryPubSub):
    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[AsyncIterator[Hint]]:
        async with super().subscribe() as hints:
            yield hints
            if any(subscription._waiting for subscription in self._subscriptions):
                raise FailedPrecondition
