"""The contract of ``hexkeep.ports.locks``: subclass ``LocksContract`` and give it ``storage``, or ``locks``.

Expiry is awaited by a witness: a lease that was asked for later, for as long, and has run out, so the earlier one has
as well. That way nothing is renewed by looking, and no test sleeps.
"""

import asyncio
from dataclasses import replace
from typing import ClassVar

import pytest

from hexkeep.ports.locks import Lease, LeaseHolders, Locks
from hexkeep.ports.storage import Storage
from hexkeep.testing.contract import Contract, PassingTime, fresh

LONG = 600.0
"""Seconds that no test lasts."""


class LocksContract(Contract):
    """The rules of locks."""

    brief: ClassVar[float] = 0.5
    """Trait: the seconds of a lease that a test lets expire."""
    rivals: ClassVar[int] = 8
    """Trait: how many tasks want one lease at once."""

    @pytest.fixture
    def locks(self, storage: Storage) -> Locks:
        """The port under test."""
        return storage.locks

    @pytest.fixture
    def name(self) -> str:
        """A lease of this test alone."""
        return fresh("lease")

    async def expired(self, locks: Locks, time: PassingTime, seconds: float | None = None) -> None:
        """Return once every brief lease asked for until now has run out, or every one of so many seconds."""
        seconds = self.brief if seconds is None else seconds
        witness = fresh("witness")
        await held(locks, witness, "first", seconds)
        await time.advance(seconds * 1.5)

        async def over() -> bool:
            return await locks.acquire(witness, "second", LONG) is not None

        await self.eventually(over)

    async def test_free_lease_is_had_for_the_asking(self, locks: Locks, name: str) -> None:
        """The lease tells its name, owner, duration, and a positive token."""
        lease = await locks.acquire(name, "one", LONG)
        assert lease is not None
        assert (lease.name, lease.owner, lease.seconds) == (name, "one", LONG)
        assert lease.token > 0

    async def test_holder_is_told_where_it_can_be(self, locks: Locks, name: str) -> None:
        """Locks with the ability ``LeaseHolders`` name the owner while the lease runs, and nobody before and after."""
        if not isinstance(locks, LeaseHolders):
            pytest.skip("these locks do not tell who holds a lease, and need not")
        assert await locks.holder(name) == ""
        lease = await held(locks, name, "one", LONG)
        assert await locks.holder(name) == "one"
        await locks.release(lease)
        assert await locks.holder(name) == ""

    async def test_held_lease_is_refused_to_others(self, locks: Locks, name: str) -> None:
        """While one holds it, nobody else gets it."""
        await held(locks, name, "one", LONG)
        assert await locks.acquire(name, "two", LONG) is None

    async def test_lease_wanted_by_many_goes_to_one(self, locks: Locks, name: str) -> None:
        """Of many who ask at once exactly one gets the lease."""
        asked = await asyncio.gather(*(locks.acquire(name, f"rival {n}", LONG) for n in range(self.rivals)))
        assert sum(lease is not None for lease in asked) == 1

    async def test_owner_that_asks_again_keeps_its_token(self, locks: Locks, name: str) -> None:
        """Asking for what one holds gives it anew under the same token."""
        first = await held(locks, name, "one", LONG)
        again = await held(locks, name, "one", LONG / 2)
        assert again == replace(first, seconds=LONG / 2)

    async def test_leases_of_other_names_are_independent(self, locks: Locks, name: str) -> None:
        """A lease excludes nobody from another."""
        await held(locks, name, "one", LONG)
        await held(locks, fresh("lease"), "two", LONG)

    async def test_expired_lease_is_free_under_a_greater_token(
        self, locks: Locks, time: PassingTime, name: str
    ) -> None:
        """When the time is over another owner gets the lease, and its token has grown."""
        first = await held(locks, name, "one", self.brief)
        await self.expired(locks, time)
        second = await held(locks, name, "two", LONG)
        assert second.token > first.token

    async def test_renewal_holds_a_lease_beyond_its_first_end(self, locks: Locks, time: PassingTime, name: str) -> None:
        """A renewed lease lasts its seconds from the renewal on."""
        seconds = self.brief * 4  # for unlike others it is renewed in time, however slow the storage is just now
        lease = await held(locks, name, "one", seconds)
        assert await locks.renew(replace(lease, seconds=LONG))
        await self.expired(locks, time, seconds)
        assert await locks.acquire(name, "two", LONG) is None

    async def test_renewal_of_an_expired_lease_fails(self, locks: Locks, time: PassingTime, name: str) -> None:
        """What has expired is gone, even if nobody has taken it since."""
        lease = await held(locks, name, "one", self.brief)
        await self.expired(locks, time)
        assert not await locks.renew(lease)
        await held(locks, name, "two", LONG)

    async def test_renewal_of_a_lease_that_changed_hands_fails(
        self, locks: Locks, time: PassingTime, name: str
    ) -> None:
        """The former owner cannot renew, and the present one is not disturbed."""
        former = await held(locks, name, "one", self.brief)
        await self.expired(locks, time)
        present = await held(locks, name, "two", LONG)
        assert not await locks.renew(former)
        assert await locks.renew(present)

    async def test_release_frees_the_lease(self, locks: Locks, name: str) -> None:
        """A released lease is had at once by another, under a greater token; its former owner cannot renew it."""
        first = await held(locks, name, "one", LONG)
        await locks.release(first)
        assert not await locks.renew(first)
        second = await held(locks, name, "two", LONG)
        assert second.token > first.token

    async def test_release_under_a_stale_token_does_nothing(self, locks: Locks, time: PassingTime, name: str) -> None:
        """Who comes too late with its release does not free what another holds, not even under the same owner."""
        stale = await held(locks, name, "one", self.brief)
        await self.expired(locks, time)
        await held(locks, name, "two", LONG)
        await locks.release(stale)
        await locks.release(replace(stale, owner="two"))
        assert await locks.acquire(name, "three", LONG) is None

    async def test_token_grows_with_every_change_of_owner(self, locks: Locks, name: str) -> None:
        """However a lease came free, its tokens never repeat among owners."""
        tokens = []
        for turn in range(5):
            lease = await held(locks, name, f"owner {turn % 2}", LONG)
            tokens.append(lease.token)
            await locks.release(lease)
        assert tokens == sorted(set(tokens))

    async def test_exclusion_holds_under_contention(self, locks: Locks, name: str) -> None:
        """Many who take turns by the lease are never inside together, and their tokens grow in that order."""
        inside = 0
        tokens: list[int] = []

        async def visit(owner: str) -> None:
            nonlocal inside
            leases: list[Lease] = []

            async def entered() -> bool:
                lease = await locks.acquire(name, owner, LONG)
                leases.extend([lease] if lease else [])
                return lease is not None

            await self.eventually(entered)
            inside += 1
            await asyncio.sleep(0)
            assert inside == 1
            tokens.append(leases[0].token)
            inside -= 1
            await locks.release(leases[0])

        await asyncio.gather(*(visit(f"rival {n}") for n in range(self.rivals)))
        assert tokens == sorted(set(tokens))
        assert len(tokens) == self.rivals


async def held(locks: Locks, name: str, owner: str, seconds: float) -> Lease:
    """A lease that has to be granted."""
    lease = await locks.acquire(name, owner, seconds)
    assert lease is not None, f"{owner} was refused {name}"
    return lease
