"""The contract of ``hexkeep.ports.seals``: subclass ``SealsContract`` and give it ``storage``, or ``seals``.

The adapter keeps what it is given; whether a seal is true is the engine's to know, so those of the kit are not.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import EventStore
from hexkeep.ports.seals import Seal, Seals
from hexkeep.ports.storage import Storage
from hexkeep.testing.contract import Contract, fresh
from hexkeep.testing.horizon import drop
from hexkeep.testing.units import abridged, append, applied, stream, unit

SEALED = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)


class SealsContract(Contract):
    """The rules of seals."""

    rivals: ClassVar[int] = 8
    """Trait: how many sealers are at work at once."""
    large: ClassVar[int] = 40_000
    """Trait: the size in bytes of a large seal's ``leaves``."""

    @pytest.fixture
    def seals(self, storage: Storage) -> Seals:
        """The port under test."""
        return storage.seals

    @pytest.fixture
    def event_store(self, storage: Storage) -> EventStore:
        """The log beside it."""
        return storage.events

    @pytest.fixture
    def first(self) -> Seal:
        """The first seal of a log, over ten positions, in an instance of this test alone."""
        return seal(fresh("instance"), 1, 1, 10)

    # --- add ----------------------------------------------------------------------------------------------------------

    async def test_seal_comes_back_as_it_was_given(self, seals: Seals, first: Seal) -> None:
        """Every field survives: a great many bytes of any kind, text in any script, the time to the microsecond."""
        much = (bytes(range(256)) * self.large)[: self.large]
        sent = replace(first, epoch=7, leaves=much, signature="e30.größe/鍵.x")
        assert await seals.add(sent) is True
        (listed,) = await seals.list(sent.instance, sent.log, 0, 10)
        newest, covering = await seals.newest(sent.instance, sent.log), await seals.covering(sent.instance, sent.log, 1)
        for found in (newest, listed, covering):
            assert found is not None
            assert abridged(found.leaves) == abridged(much)
            assert replace(found, leaves=b"") == replace(sent, leaves=b"")
            assert found.sealed_at.utcoffset() == timedelta(0)

    async def test_seals_follow_on_each_other(self, seals: Seals, first: Seal) -> None:
        """The next number over the next range is kept, in a new epoch too."""
        second = following(first, 1)
        third = replace(following(second, 5), epoch=2)
        for one in (first, second, third):
            assert await seals.add(one) is True
        assert list(await seals.list(first.instance, first.log, 0, 10)) == [first, second, third]

    async def test_seal_that_does_not_follow_is_not_kept(self, seals: Seals, first: Seal) -> None:
        """Another number, a gap, an overlap, the newest once more: ``False``, and the newest is what it was."""
        await seals.add(first)
        second = following(first, 5)
        for wrong in (
            first,
            replace(first, root=b"x" * 32),
            replace(second, number=1),
            replace(second, number=3),
            replace(second, first=second.first + 1),
            replace(second, first=second.first - 1),
        ):
            assert await seals.add(wrong) is False
        assert await seals.newest(first.instance, first.log) == first
        assert list(await seals.list(first.instance, first.log, 0, 10)) == [first]
        assert await seals.add(second) is True

    async def test_first_seal_is_number_one_and_begins_anywhere(self, seals: Seals, first: Seal) -> None:
        """A log whose beginning was never sealed is sealed from where the sealer stands, under the first number."""
        assert await seals.add(replace(first, number=2)) is False
        assert await seals.newest(first.instance, first.log) is None
        late = replace(first, first=501, last=600)
        assert await seals.add(late) is True
        assert await seals.covering(first.instance, first.log, 500) is None
        assert await seals.add(following(late, 1)) is True

    async def test_one_of_many_sealers_wins(self, seals: Seals, first: Seal) -> None:
        """Of many who seal at once exactly one is told that its seal is kept, the first time and later on."""
        before: list[Seal] = []
        for template in (first, following(first, 5)):
            sent = [replace(template, signature=f"{number}") for number in range(self.rivals)]
            kept = await asyncio.gather(*(seals.add(one) for one in sent))
            assert sum(kept) == 1
            before.append(sent[kept.index(True)])
            assert list(await seals.list(first.instance, first.log, 0, 10)) == before

    # --- reading ------------------------------------------------------------------------------------------------------

    async def test_log_without_seals_has_none(self, seals: Seals, first: Seal) -> None:
        """Nothing is newest, listed or covering."""
        assert await seals.newest(first.instance, first.log) is None
        assert list(await seals.list(first.instance, first.log, 0, 10)) == []
        assert await seals.covering(first.instance, first.log, 1) is None

    async def test_logs_and_instances_have_seals_of_their_own(self, seals: Seals, first: Seal) -> None:
        """Each log is sealed from number 1 on, and shows its own seals alone."""
        own = [first, replace(first, log=Log.ACTIVITY, last=4), replace(first, instance=fresh("instance"), last=5)]
        for one in own:
            assert await seals.add(one) is True
        for one in own:
            assert await seals.newest(one.instance, one.log) == one
            assert list(await seals.list(one.instance, one.log, 0, 10)) == [one]
        assert await seals.covering(first.instance, Log.ACTIVITY, 10) is None

    async def test_list_pages_in_order_of_number(self, seals: Seals, first: Seal) -> None:
        """At most ``limit`` seals above ``after``; past the ninth as well, where texts would sort otherwise."""
        kept = await chain(seals, first, 12)
        seen: list[Seal] = []
        while page := await seals.list(first.instance, first.log, len(seen), 5):
            assert len(page) <= 5
            seen += page
        assert seen == kept
        assert await seals.newest(first.instance, first.log) == kept[-1]

    async def test_covering_seal_holds_the_position(self, seals: Seals, first: Seal) -> None:
        """Both ends belong to the range; in front of the first seal and behind the newest there is none."""
        kept = await chain(seals, replace(first, first=3, last=4), 4)
        for one in kept:
            for position in {one.first, (one.first + one.last) // 2, one.last}:
                assert await seals.covering(first.instance, first.log, position) == one
        for position in (0, 2, kept[-1].last + 1):
            assert await seals.covering(first.instance, first.log, position) is None

    async def test_seals_outlive_the_events_that_they_cover(
        self, seals: Seals, event_store: EventStore, first: Seal
    ) -> None:
        """Dropping events leaves every seal over them."""
        await applied(event_store, unit(first.instance, append(stream(), 0, *[b"x"] * 10), log=Log.ACTIVITY))
        kept = replace(first, log=Log.ACTIVITY)
        await seals.add(kept)
        assert await drop(event_store, first.instance, 10) == 10
        assert list(await seals.list(first.instance, Log.ACTIVITY, 0, 10)) == [kept]
        assert await seals.covering(first.instance, Log.ACTIVITY, 5) == kept


def seal(instance: str, number: int, first: int, last: int, log: Log = Log.DURABLE) -> Seal:
    """A seal whose every byte is made up."""
    root, previous = bytes(range(32)), bytes(32) if number == 1 else b"\xff\x00" * 16
    leaves = b"\x00\x01\xfe\xff" * (last - first + 1)
    return Seal(instance, log, 1, number, first, last, root, previous, leaves, "e30.e30.kit", SEALED)


def following(before: Seal, count: int) -> Seal:
    """The seal over the next ``count`` positions."""
    return seal(before.instance, before.number + 1, before.last + 1, before.last + count, before.log)


async def chain(seals: Seals, first: Seal, count: int) -> list[Seal]:
    """Keep ``first`` and those that follow, ``count`` in all, over one position more each time."""
    kept = [first]
    while len(kept) < count:
        kept.append(following(kept[-1], len(kept)))
    for one in kept:
        assert await seals.add(one) is True
    return kept
