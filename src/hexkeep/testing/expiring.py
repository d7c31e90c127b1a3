"""The contract of ``hexkeep.ports.expiring``: subclass ``ExpiringContract``, give it ``storage`` or ``expiring``."""

import asyncio
from datetime import datetime, timedelta
from typing import ClassVar

import pytest

from hexkeep.ports.expiring import Expiring
from hexkeep.ports.storage import Storage
from hexkeep.testing.contract import Contract, PassingTime, fresh


class ExpiringContract(Contract):
    """The rules of short-lived shared state."""

    brief: ClassVar[float] = 0.5
    """Trait: the seconds after which an entry of a test expires."""
    rivals: ClassVar[int] = 16
    """Trait: how many tasks want one entry at once."""

    @pytest.fixture
    def expiring(self, storage: Storage) -> Expiring:
        """The port under test."""
        return storage.expiring

    @pytest.fixture
    def instance(self) -> str:
        """An instance of this test alone."""
        return fresh("instance")

    @pytest.fixture
    def later(self, time: PassingTime) -> datetime:
        """A time that no test reaches."""
        return time.now() + timedelta(hours=1)

    def soon(self, time: PassingTime) -> datetime:
        """A time that a test waits for."""
        return time.now() + timedelta(seconds=self.brief)

    async def gone(self, expiring: Expiring, instance: str, time: PassingTime, key: bytes) -> None:
        """Return once the value kept under ``key`` in the scope ``s`` is no longer answered."""
        await time.advance(self.brief * 1.5)

        async def absent() -> bool:
            return await expiring.get(instance, "s", key) is None

        await self.eventually(absent)

    async def test_claim_is_true_once(self, expiring: Expiring, instance: str, later: datetime) -> None:
        """The first claim of a key is granted, every later one refused."""
        assert await expiring.claim_once(instance, "s", b"k", later) is True
        assert await expiring.claim_once(instance, "s", b"k", later) is False

    async def test_claim_by_many_is_granted_to_one(self, expiring: Expiring, instance: str, later: datetime) -> None:
        """Of many claims at once exactly one is granted."""
        claims = [expiring.claim_once(instance, "s", b"k", later) for _ in range(self.rivals)]
        assert sum(await asyncio.gather(*claims)) == 1

    async def test_claim_may_be_made_again_once_expired(
        self, expiring: Expiring, instance: str, later: datetime, time: PassingTime
    ) -> None:
        """An expired claim stands in nobody's way, and the new one holds until its own time."""
        assert await expiring.claim_once(instance, "s", b"k", self.soon(time))
        await time.advance(self.brief * 1.5)

        async def granted() -> bool:
            return await expiring.claim_once(instance, "s", b"k", later)

        await self.eventually(granted)
        assert not await expiring.claim_once(instance, "s", b"k", later)

    async def test_claims_of_other_places_are_independent(
        self, expiring: Expiring, instance: str, later: datetime
    ) -> None:
        """Instance, scope and key all tell claims apart."""
        places = [(instance, "s", b"k"), (fresh("instance"), "s", b"k"), (instance, "t", b"k"), (instance, "s", b"l")]
        assert [await expiring.claim_once(*place, later) for place in places] == [True] * 4

    async def test_value_is_answered_byte_for_byte(self, expiring: Expiring, instance: str, later: datetime) -> None:
        """``get`` gives what was put, as often as asked, and nothing for a key that holds nothing."""
        for key, value in ((b"\x00\xff", b"\x00a\xff"), (b"empty", b""), (b"long", b"x" * 50_000)):
            await expiring.put(instance, "s", key, value, later)
            assert await expiring.get(instance, "s", key) == value
            assert await expiring.get(instance, "s", key) == value
        assert await expiring.get(instance, "s", b"nothing") is None

    async def test_put_replaces_value_and_time(
        self, expiring: Expiring, instance: str, later: datetime, time: PassingTime
    ) -> None:
        """The last put decides what is kept and for how long."""
        await expiring.put(instance, "s", b"longer", b"old", self.soon(time))
        await expiring.put(instance, "s", b"longer", b"new", later)
        await expiring.put(instance, "s", b"shorter", b"old", later)
        await expiring.put(instance, "s", b"shorter", b"new", self.soon(time))
        await self.gone(expiring, instance, time, b"shorter")
        assert await expiring.get(instance, "s", b"longer") == b"new"

    async def test_value_expires(self, expiring: Expiring, instance: str, time: PassingTime) -> None:
        """After its time a value is answered neither to ``get`` nor to ``take``."""
        await expiring.put(instance, "s", b"k", b"v", self.soon(time))
        await expiring.put(instance, "s", b"witness", b"v", self.soon(time))
        await self.gone(expiring, instance, time, b"witness")
        assert await expiring.take(instance, "s", b"k") is None
        assert await expiring.get(instance, "s", b"k") is None

    async def test_value_of_the_past_is_never_answered(
        self, expiring: Expiring, instance: str, later: datetime, time: PassingTime
    ) -> None:
        """Putting what has expired already removes what was kept, for anyone who asks."""
        await expiring.put(instance, "s", b"k", b"old", later)
        await expiring.put(instance, "s", b"k", b"new", time.now() - timedelta(minutes=5))
        assert await expiring.get(instance, "s", b"k") is None
        assert await expiring.take(instance, "s", b"k") is None

    async def test_take_gives_the_value_and_removes_it(
        self, expiring: Expiring, instance: str, later: datetime
    ) -> None:
        """What was taken is gone; the key may be used again."""
        await expiring.put(instance, "s", b"k", b"v", later)
        assert await expiring.take(instance, "s", b"k") == b"v"
        assert await expiring.take(instance, "s", b"k") is None
        assert await expiring.get(instance, "s", b"k") is None
        await expiring.put(instance, "s", b"k", b"w", later)
        assert await expiring.get(instance, "s", b"k") == b"w"

    async def test_take_by_many_gives_to_one(self, expiring: Expiring, instance: str, later: datetime) -> None:
        """Of many takers at once exactly one gets the value."""
        await expiring.put(instance, "s", b"k", b"v", later)
        taken = await asyncio.gather(*(expiring.take(instance, "s", b"k") for _ in range(self.rivals)))
        assert [value for value in taken if value is not None] == [b"v"]

    async def test_values_of_other_places_are_separate(
        self, expiring: Expiring, instance: str, later: datetime
    ) -> None:
        """Instance, scope and key all tell values apart."""
        other = fresh("instance")
        places = [(instance, "s", b"k"), (other, "s", b"k"), (instance, "t", b"k"), (instance, "s", b"l")]
        for number, place in enumerate(places):
            await expiring.put(*place, b"%d" % number, later)
        assert [await expiring.take(*place) for place in places] == [b"0", b"1", b"2", b"3"]

    async def test_count_goes_up_by_one(self, expiring: Expiring, instance: str) -> None:
        """Each count includes itself; instances and buckets count for themselves."""
        assert [await expiring.count(instance, b"b", 600) for _ in range(3)] == [1, 2, 3]
        assert await expiring.count(instance, b"c", 600) == 1
        assert await expiring.count(fresh("instance"), b"b", 600) == 1

    async def test_count_by_many_loses_none(self, expiring: Expiring, instance: str) -> None:
        """Counts at once are told apart: each number occurs once."""
        counts = await asyncio.gather(*(expiring.count(instance, b"b", 600) for _ in range(self.rivals)))
        assert sorted(counts) == list(range(1, self.rivals + 1))

    async def test_count_begins_anew_after_its_window(
        self, expiring: Expiring, instance: str, time: PassingTime
    ) -> None:
        """A window ends its seconds after it began, however many counts fell into it."""
        assert await expiring.count(instance, b"b", 1) == 1
        await time.advance(1.5)

        async def anew() -> bool:
            return await expiring.count(instance, b"b", 1) == 1

        await self.eventually(anew)

    async def test_sweep_removes_expired_entries_within_its_limit(
        self, expiring: Expiring, instance: str, later: datetime, time: PassingTime
    ) -> None:
        """A sweep removes at most ``limit`` expired entries, tells how many, and leaves the others."""
        await expiring.put(instance, "s", b"live", b"v", later)
        assert await expiring.claim_once(instance, "s", b"claim", later)
        for number in range(3):
            await expiring.put(instance, "s", b"%d" % number, b"v", self.soon(time))
        await time.advance(self.brief * 1.5)
        removed: list[int] = []

        async def swept() -> bool:
            removed.append(await expiring.sweep(limit=2))
            return sum(removed) >= 3

        await self.eventually(swept)
        assert max(removed) <= 2
        assert await expiring.get(instance, "s", b"live") == b"v"
        assert not await expiring.claim_once(instance, "s", b"claim", later)
