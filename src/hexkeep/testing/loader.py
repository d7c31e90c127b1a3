"""The contract of ``hexkeep.ports.storage.Loader``: subclass ``LoaderContract`` and give it ``storage``.

A storage that cannot be restored to has no use for this kit. Give ``other`` as well where a second database is cheap:
histories are then carried there and back.
"""

from dataclasses import replace
from datetime import datetime
from typing import ClassVar

import pytest

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import AlreadyExists, Archived, FailedPrecondition
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import FIRST_EPOCH, Head, KeyChange, KeyClaim, KeyRelease
from hexkeep.ports.storage import Storage
from hexkeep.testing.contract import Contract, fresh
from hexkeep.testing.horizon import unless_archived
from hexkeep.testing.instances import (
    FAR,
    KEY,
    LONG_AGO,
    carried,
    carry,
    everything,
    history,
    inhabit,
    loading,
)
from hexkeep.testing.key_changes import all_key_changes, holders
from hexkeep.testing.seals import following, seal
from hexkeep.testing.units import append, applied, key_hash, refused, stream, unit


class LoaderContract(Contract):
    """The rules of loading."""

    many: ClassVar[int] = 1000
    """Trait: how many events are loaded in one call."""

    @pytest.fixture
    def other(self, storage: Storage) -> Storage:
        """Where histories are carried to: another instance of the same storage, or of another one."""
        return storage

    @pytest.fixture
    def instance(self) -> str:
        """An instance of this test alone."""
        return fresh("instance")

    # --- wipe ---------------------------------------------------------------------------------------------------------

    async def test_wipe_removes_everything_of_an_instance(self, storage: Storage, instance: str) -> None:
        """Nothing in any part shows that the instance was ever there, and it can begin anew under the same names."""
        unborn = await everything(storage, instance)
        await inhabit(storage, instance)
        assert [name for name, found in (await everything(storage, instance)).items() if found == unborn[name]] == []
        async with loading(storage) as loader:
            await loader.wipe(instance)
        assert await everything(storage, instance) == unborn
        await inhabit(storage, instance)

    async def test_wipe_removes_nothing_of_another_instance(self, storage: Storage, instance: str) -> None:
        """Another instance with the same streams, keys, unit ids and rows stays as it is."""
        elsewhere = fresh("instance")
        for name in (instance, elsewhere):
            await inhabit(storage, name)
        before = await everything(storage, elsewhere)
        async with loading(storage) as loader:
            await loader.wipe(instance)
        assert await everything(storage, elsewhere) == before

    async def test_wipe_of_nothing_does_nothing(self, storage: Storage, instance: str) -> None:
        """Neither for an instance that never was nor for one that is wiped already."""
        async with loading(storage) as loader:
            await loader.wipe(instance)
        await inhabit(storage, instance)
        async with loading(storage) as loader:
            for _ in range(2):
                await loader.wipe(instance)
        assert (await storage.events.head(instance, Log.DURABLE)).position == 0

    # --- begin --------------------------------------------------------------------------------------------------------

    async def test_begun_log_has_its_epoch_and_horizon(self, storage: Storage, instance: str) -> None:
        """It ends on its horizon; what lies behind that is ``Archived``, as if it had been dropped here."""
        async with loading(storage) as loader:
            await loader.begin(Head(instance, Log.DURABLE, 99, 4))
            await loader.begin(Head(instance, Log.ACTIVITY, 99, 5, 7, LONG_AGO))
        events = storage.events
        assert await events.head(instance, Log.DURABLE) == Head(instance, Log.DURABLE, 0, 4)
        assert await events.head(instance, Log.ACTIVITY) == Head(instance, Log.ACTIVITY, 7, 5, 7, LONG_AGO)
        assert await events.read_log(instance, Log.DURABLE, 0, 10) == []
        assert await events.read_log(instance, Log.ACTIVITY, 7, 10) == []
        assert await unless_archived(events.read_log(instance, Log.ACTIVITY, 6, 10)) is None

    async def test_begun_log_is_appended_to(self, storage: Storage, instance: str) -> None:
        """The first event of its own follows on the horizon, in the epoch, and not before the horizon's time."""
        async with loading(storage) as loader:
            await loader.begin(Head(instance, Log.ACTIVITY, 0, 5, 7, FAR))
        done = await applied(storage.events, unit(instance, append(stream()), log=Log.ACTIVITY))
        assert (done.first, done.epoch) == (8, 5)
        assert done.created_at >= FAR

    async def test_log_with_events_cannot_be_begun(self, storage: Storage, instance: str) -> None:
        """``FailedPrecondition``, with nothing changed, whether they were appended or loaded."""
        loaded = fresh("instance")
        await applied(storage.events, unit(instance, append(stream())))
        async with loading(storage) as loader:
            await loader.load(loaded, Log.DURABLE, history(1))
            for name in (instance, loaded):
                before = await storage.events.head(name, Log.DURABLE)
                with pytest.raises(FailedPrecondition):
                    await loader.begin(Head(name, Log.DURABLE, 0, 9, 3, LONG_AGO))
                assert await storage.events.head(name, Log.DURABLE) == before

    # --- load ---------------------------------------------------------------------------------------------------------

    async def test_loaded_events_are_as_they_were(self, storage: Storage, instance: str) -> None:
        """Every field is kept, time and position included; all ways of reading show them."""
        odd = replace(
            history(1)[0],
            stream=Ref("kit.größe", "ключ/鍵"),
            type="kit.änderung",
            payload=b"\x00\xff",
            actor="ß",
            correlation_id="спан",
            client=b"\x00",
        )
        events = [odd, *history(4, first=2)]
        async with loading(storage) as loader:
            await loader.load(instance, Log.DURABLE, events[:2])
            await loader.load(instance, Log.DURABLE, [])
            await loader.load(instance, Log.DURABLE, events[2:])
        ref = events[1].stream
        assert await storage.events.read_log(instance, Log.DURABLE, 0, 10) == events
        assert await storage.events.read_stream(instance, Log.DURABLE, ref) == events[1:]
        assert await storage.events.versions(instance, [(Log.DURABLE, ref), (Log.DURABLE, odd.stream)]) == [4, 1]
        head = Head(instance, Log.DURABLE, 5, FIRST_EPOCH)
        assert await storage.events.head(instance, Log.DURABLE) == head
        assert head in await storage.events.heads()

    async def test_many_events_are_loaded_at_once(self, storage: Storage, instance: str) -> None:
        """A call may carry as many as a backup's chunk has."""
        events = history(self.many)
        async with loading(storage) as loader:
            await loader.load(instance, Log.DURABLE, events)
        assert await storage.events.read_log(instance, Log.DURABLE, 0, self.many + 1) == events

    async def test_load_that_does_not_follow_adds_nothing(self, storage: Storage, instance: str) -> None:
        """Gaps, an overlap, an order of its own: ``FailedPrecondition``, and the log is as it was."""
        events = history(9)
        for start in (0, 3):
            async with loading(storage) as loader:
                await loader.load(instance, Log.DURABLE, events[:start])
                wrong = (
                    events[start + 1 :],
                    [*events[start : start + 2], *events[start + 3 :]],
                    events[max(0, start - 1) : start + 2] if start else [events[0], events[0]],
                    [events[start + 1], events[start]],
                )
                for part in wrong:
                    with pytest.raises(FailedPrecondition):
                        await loader.load(instance, Log.DURABLE, part)
            assert await storage.events.read_log(instance, Log.DURABLE, 0, 10) == events[:start]
            assert (await storage.events.head(instance, Log.DURABLE)).position == start

    async def test_load_follows_on_the_horizon(self, storage: Storage, instance: str) -> None:
        """A log that was begun with a horizon takes events from behind it; a stream that straddles is ``Archived``."""
        events = history(5)
        async with loading(storage) as loader:
            await loader.begin(Head(instance, Log.ACTIVITY, 0, 2, 3, events[2].created_at))
            with pytest.raises(FailedPrecondition):
                await loader.load(instance, Log.ACTIVITY, events)
            await loader.load(instance, Log.ACTIVITY, events[3:])
        ref = events[0].stream
        assert await storage.events.read_log(instance, Log.ACTIVITY, 3, 10) == events[3:]
        with pytest.raises(Archived):
            await storage.events.read_stream(instance, Log.ACTIVITY, ref)
        assert await storage.events.read_stream(instance, Log.ACTIVITY, ref, 3) == events[3:]
        assert await storage.events.versions(instance, [(Log.ACTIVITY, ref)]) == [5]
        head = await storage.events.head(instance, Log.ACTIVITY)
        assert head == Head(instance, Log.ACTIVITY, 5, 2, 3, events[2].created_at)

    @pytest.mark.parametrize("dated", [LONG_AGO, FAR], ids=["past", "future"])
    async def test_append_goes_on_behind_what_was_loaded(
        self, storage: Storage, instance: str, dated: datetime
    ) -> None:
        """At the next position and version, in the loaded epoch, and never dated before what was loaded."""
        events = history(3, dated=dated)
        async with loading(storage) as loader:
            await loader.begin(Head(instance, Log.DURABLE, 0, 6))
            await loader.load(instance, Log.DURABLE, events)
        done = await applied(storage.events, unit(instance, append(events[0].stream, 3)))
        assert (done.first, done.last, done.epoch) == (4, 4, 6)
        assert done.created_at >= events[-1].created_at
        (found,) = await storage.events.read_log(instance, Log.DURABLE, 3, 10)
        assert (found.version, found.created_at) == (4, done.created_at)

    # --- keys and seals -----------------------------------------------------------------------------------------------

    async def test_loaded_key_changes_give_owners(self, storage: Storage, instance: str) -> None:
        """Keys follow the changes in their order: claimed, given back, moved, kept from strangers."""
        one, two, kept = Ref("kit", "one"), Ref("kit", "two"), KEY
        moved, freed, held = ((kind, key_hash(kind)) for kind in ("kit_link", "kit_mail", "kit_nick"))
        changes = [
            KeyChange(1, *moved, one, claimed=True),
            KeyChange(1, *freed, one, claimed=True),
            KeyChange(1, *kept, one, claimed=True),
            KeyChange(1, *held, one, claimed=True),
            KeyChange(2, *moved, two, claimed=True),
            KeyChange(2, *freed, two, claimed=False),
            KeyChange(2, *held, two, claimed=False),
            KeyChange(3, *moved, two, claimed=False),
            KeyChange(3, *freed, one, claimed=False),
            KeyChange(3, *kept, two, claimed=True),
        ]
        async with loading(storage) as loader:
            await loader.load(instance, Log.DURABLE, history(3))
            for part in (changes[:2], [], changes[2:]):
                await loader.load_key_changes(instance, Log.DURABLE, part)
        assert await all_key_changes(storage.events, instance) == changes
        assert await storage.events.key_owner(instance, *moved) is None
        assert await storage.events.key_owner(instance, *freed) is None
        assert await storage.events.key_owner(instance, *kept) == two
        assert await storage.events.key_owner(instance, *held) == one
        assert await storage.events.key_owner(fresh("instance"), *kept) is None

    async def test_loaded_keys_are_unique(self, storage: Storage, instance: str) -> None:
        """Who wants one that was loaded is refused, and its owner can give it back."""
        owner, thief = history(1)[0].stream, stream()
        async with loading(storage) as loader:
            await loader.load(instance, Log.DURABLE, history(1))
            await loader.load_key_changes(instance, Log.DURABLE, [KeyChange(1, *KEY, owner, claimed=True)])
        lost = await refused(storage.events, unit(instance, append(thief), claims=[KeyClaim(*KEY, thief)]))
        assert isinstance(lost, AlreadyExists)
        await applied(storage.events, unit(instance, append(owner, 1), releases=[KeyRelease(*KEY, owner)]))
        await applied(storage.events, unit(instance, append(thief), claims=[KeyClaim(*KEY, thief)]))
        assert holders(await all_key_changes(storage.events, instance)) == {KEY: thief}

    async def test_loaded_seals_are_as_they_were(self, storage: Storage, instance: str) -> None:
        """In number and range, of several logs at once; the sealer goes on behind them."""
        first = seal(instance, 1, 5, 9)
        second = following(first, 3)
        activity = replace(first, log=Log.ACTIVITY)
        async with loading(storage) as loader:
            await loader.load_seals([first, activity, second])
        assert list(await storage.seals.list(instance, Log.DURABLE, 0, 10)) == [first, second]
        assert await storage.seals.newest(instance, Log.ACTIVITY) == activity
        assert await storage.seals.add(following(first, 1)) is False
        assert await storage.seals.add(following(second, 1)) is True

    # --- the whole ----------------------------------------------------------------------------------------------------

    async def test_history_carried_there_and_back_is_the_same(self, storage: Storage, other: Storage) -> None:
        """Two storages that were loaded from each other hold equal logs, key histories, owners and seals."""
        instance, there, back = (fresh("instance") for _ in range(3))
        await inhabit(storage, instance)
        await carry(storage, instance, other, there)
        await carry(other, there, storage, back)
        wanted = await carried(storage, instance)
        assert await carried(other, there) == wanted
        assert await carried(storage, back) == wanted

    async def test_broken_off_load_is_made_good_by_wiping(self, storage: Storage, other: Storage) -> None:
        """What was loaded before stays; after a wipe the same history can be loaded from the beginning."""
        instance, there = fresh("instance"), fresh("instance")
        await inhabit(storage, instance)
        events = await storage.events.read_log(instance, Log.DURABLE, 0, 100)
        async with loading(other) as loader:
            await loader.load(there, Log.DURABLE, events[:2])
        assert await other.events.read_log(there, Log.DURABLE, 0, 100) == events[:2]
        async with loading(other) as loader:
            await loader.wipe(there)
        await carry(storage, instance, other, there)
        assert await carried(other, there) == await carried(storage, instance)
