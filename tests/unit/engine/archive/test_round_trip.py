"""Archives from one memory storage to another."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from hexkeep.adapters.cryptography.cipher import AesGcmCipher
from hexkeep.adapters.memory.settings import MemorySettings
from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.adapters.system.ids import SystemIds
from hexkeep.core.instance.state import SYSTEM_INSTANCE, Instance, InstanceStatus
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import AlreadyExists, InvalidInput, NotFound
from hexkeep.core.kernel.event import Log
from hexkeep.engine.archive.lines import ArchiveDamaged, Lines, read
from hexkeep.engine.archive.loading import Loaded, Loading
from hexkeep.engine.archive.mark import Mark, RestoreUnderWay
from hexkeep.engine.archive.point import Point, PositionNotInLog
from hexkeep.engine.archive.records import BlobKept, Header, Record
from hexkeep.engine.archive.wrapping import MasterKeyMissing, Wrapping
from hexkeep.engine.archive.writing import Writing
from hexkeep.engine.keyring import Keyring
from hexkeep.engine.masters import MasterKey, Masters
from hexkeep.ports.blobs import Blob
from hexkeep.ports.event_store import Appended, KeyClaim, KeyRelease, Reading, StoredEvent
from hexkeep.ports.seals import Seal
from hexkeep.testing.instances import LONG_AGO
from hexkeep.testing.units import append, key_hash, stream, unit

OLD, NEW = MasterKey(b"o" * 32), MasterKey(b"n" * 32)
CIPHER = AesGcmCipher()
ALL = Point()
STATE = Instance(InstanceStatus.ACTIVE, "One", "https://one.example", ("one.example",), "org")


@dataclass
class Store:
    """A memory storage and what archives are made with."""

    storage: MemoryStorage
    clock: SystemClock

    async def lines(self, instance: str = "") -> list[bytes]:
        """The archive of all, or of one instance."""
        writing = Writing(self.storage, self.clock, SystemIds(), "test")
        cut = await writing.cut(instance)
        records = writing.instance(cut, instance, STATE) if instance else writing.store(cut)
        made = Lines()
        return [*[made.line(record) async for record in records], made.end()]

    async def load(
        self,
        lines: list[bytes],
        point: Point = ALL,
        only: str = "",
        *,
        adopting: bool = False,
        replace_present: bool = False,
        masters: tuple[MasterKey, ...] = (OLD,),
        mark: Mark | None = None,
    ) -> Loaded:
        """Load an archive under the new master key."""
        async with self.storage.loader() as loader:
            wrapping = Wrapping(Masters.local(CIPHER, NEW, masters), self.keyring(NEW).wrapping)
            parts = (self.storage.events, self.storage.keys, wrapping, mark)
            loading = Loading(loader, *parts, blobs=self.storage.blobs)
            return await loading.run(read(lines), point, only, adopting=adopting, replace_present=replace_present)

    async def log(self, instance: str, log: Log = Log.DURABLE) -> list[StoredEvent]:
        """All events of a log."""
        head = await self.storage.events.head(instance, log)
        return await self.storage.events.read_log(instance, log, head.horizon, 10_000, Reading.HISTORY)

    def keyring(self, master: MasterKey) -> Keyring:
        """The storage's keys."""
        return Keyring(self.storage.keys, CIPHER, Masters.local(CIPHER, master), self.clock)


def blob(instance: str, name: str) -> Blob:
    """Bytes that tell whose they are."""
    content = f"{instance}/{name}".encode() + bytes(range(256))
    return Blob.of(instance, Ref("avatar", "ada"), name, "image/png", content, LONG_AGO)


async def opened() -> Store:
    """An empty store."""
    clock = SystemClock()
    storage = MemoryStorage(MemorySettings(), clock)
    await storage.open()
    return Store(storage, clock)


@pytest.fixture
async def old() -> AsyncIterator[Store]:
    """Two instances and the instance ``system``, with keys, key changes, seals and a horizon."""
    store = await opened()
    events = store.storage.events
    for instance in ("one", "two", SYSTEM_INSTANCE):
        owner, ref = stream(), stream()
        taken, given = (KeyClaim("name", key_hash(name), owner) for name in ("kept", "given back"))
        await events.append([unit(instance, append(owner), claims=[taken, given])])
        release = KeyRelease(given.kind, given.hash, given.owner)
        await events.append([unit(instance, append(owner, 1), releases=[release])])
        for version in range(600):
            await events.append([unit(instance, append(ref, version))])
            await events.append([unit(instance, append(stream()), log=Log.ACTIVITY)])
        await events.drop(instance, 10)
        await store.keyring(OLD).newest(instance, "subject/1")
        await store.keyring(OLD).newest(instance, "subject/gone")
        await store.keyring(OLD).destroy(instance, "subject/gone")
        for number, (first, last) in enumerate(((1, 100), (101, 600)), 1):
            seal = Seal(
                instance, Log.DURABLE, 1, number, first, last, b"r" * 32, bytes(32), b"", "jws", store.clock.now()
            )
            assert await store.storage.seals.add(seal)
        for name in ("red", "blue"):
            await store.storage.blobs.put(blob(instance, name))
    yield store
    await store.storage.close()


@pytest.fixture
async def new() -> AsyncIterator[Store]:
    """An empty one."""
    store = await opened()
    yield store
    await store.storage.close()


async def test_store_comes_back_whole_in_the_next_epoch(old: Store, new: Store) -> None:
    """Events, heads, horizons, keys, key changes and seals are as they were; only the epoch is another."""
    loaded = await new.load(await old.lines())
    assert loaded.header.instances == ("one", "two", SYSTEM_INSTANCE)
    for instance in loaded.header.instances:
        for log in Log:
            assert await new.log(instance, log) == await old.log(instance, log)
            before = await old.storage.events.head(instance, log)
            assert await new.storage.events.head(instance, log) == replace(before, epoch=2)
            assert await new.storage.events.key_changes(
                instance, log, None, 1000
            ) == await old.storage.events.key_changes(instance, log, None, 1000)
        assert await new.storage.seals.list(instance, Log.DURABLE, 0, 9) == await old.storage.seals.list(
            instance, Log.DURABLE, 0, 9
        )
        for name in ("red", "blue"):
            kept = blob(instance, name)
            assert await new.storage.blobs.get(instance, kept.info.owner, name) == kept
        assert await new.storage.events.key_owner(instance, "name", key_hash("kept")) is not None
        assert await new.storage.events.key_owner(instance, "name", key_hash("given back")) is None


async def test_keys_come_under_the_new_master_key(old: Store, new: Store) -> None:
    """The same data keys open with the storage's own master key; a destroyed one stays destroyed."""
    await new.load(await old.lines())
    before = await old.keyring(OLD).newest("one", "subject/1")
    assert await new.keyring(NEW).newest("one", "subject/1") == before
    with pytest.raises(LookupError):
        await new.keyring(NEW).newest("one", "subject/gone")


async def test_appends_go_on_behind_what_was_loaded(old: Store, new: Store) -> None:
    """The next event takes the next position, in the new epoch, and is not older than the last."""
    await new.load(await old.lines())
    last = (await new.log("one"))[-1]
    [done] = await new.storage.events.append([unit("one", append(stream()))])
    [added] = await new.storage.events.read_log("one", Log.DURABLE, last.position, 10)
    assert added.position == last.position + 1
    assert added.created_at >= last.created_at
    assert getattr(done, "epoch", 0) == 2


async def test_restore_until_a_time_holds_what_had_happened_by_then(old: Store, new: Store) -> None:
    """In every log of every instance, and key changes and whole seals alike."""
    moment: datetime = (await old.log("two"))[300].created_at
    await new.load(await old.lines(), Point(until=moment))
    for instance in ("one", "two", SYSTEM_INSTANCE):
        for log in Log:
            expected = [event for event in await old.log(instance, log) if event.created_at <= moment]
            assert await new.log(instance, log) == expected
    last = (await new.log("two"))[-1].position
    assert [seal.last for seal in await new.storage.seals.list("two", Log.DURABLE, 0, 9)] == [
        end for end in (100, 600) if end <= last
    ]


async def test_restore_of_an_instance_to_a_position_leaves_the_others_alone(old: Store) -> None:
    """Its durable log ends there, its activity log at the time of that event; its epoch is a new one."""
    lines, before, other = await old.lines(), await old.log("one"), await old.log("two")
    activity = await old.log("one", Log.ACTIVITY)
    loaded = await old.load(lines, Point(position=1), "one", replace_present=True, masters=(OLD,))
    assert await old.log("one") == before[:1]
    assert await old.log("one", Log.ACTIVITY) == [one for one in activity if one.created_at <= before[0].created_at]
    assert await old.storage.events.key_owner("one", "name", key_hash("given back")) is not None
    assert {head.epoch for head in loaded.heads} == {2}
    assert await old.log("two") == other
    again = await old.load(lines, Point(position=2), "one", replace_present=True)
    assert {head.epoch for head in again.heads} == {3}


@pytest.mark.parametrize(("position", "end"), [(3, 3), (4, 3), (5, 3), (6, 6), (7, 7), (8, 7), (9, 9)])
@pytest.mark.parametrize("page", [1, 2, 500])
async def test_position_within_a_unit_is_that_before_it(
    new: Store, monkeypatch: pytest.MonkeyPatch, page: int, end: int, position: int
) -> None:
    """A unit comes back wholly or not at all, wherever the pages of the archive end; so do its key and its delivery."""
    monkeypatch.setattr("hexkeep.engine.archive.writing.PAGE", page)
    store, owner = await opened(), stream()
    claim = KeyClaim("name", key_hash("late"), owner)
    events = store.storage.events
    await events.append([unit("one", append(stream(), 0, b"1", b"2"), append(stream(), 0, b"3"))])
    await events.append([unit("one", append(stream(), 0, b"4", b"5"), append(owner, 0, b"6"), claims=[claim])])
    await events.append([unit("one", append(stream(), 0, b"7"), log=Log.ACTIVITY)])
    await events.append([unit("one", append(stream(), 0, b"7"))])
    await events.append([unit("one", append(stream(), 0, b"8", b"9"))])
    whole, lines = await store.log("one"), await store.lines("one")
    loaded = await new.load(lines, Point(position=position), "one")
    assert await new.log("one") == whole[:end]
    assert [head.position for head in loaded.heads if head.log is Log.DURABLE] == [end]
    assert len(await new.log("one", Log.ACTIVITY)) == (end >= 7)
    held = await new.storage.events.key_owner("one", "name", key_hash("late"))
    assert held == (owner if end >= 6 else None)
    await store.storage.close()


@pytest.mark.parametrize("position", [-1, 0, 1, 2, 10, 1_000_000])
@pytest.mark.parametrize("page", [1, 500])
async def test_position_that_the_log_does_not_have_is_refused_before_anything_is_removed(
    new: Store, monkeypatch: pytest.MonkeyPatch, page: int, position: int
) -> None:
    """So is one before the end of the first unit: nothing had happened by then, and an instance of nothing is none."""
    monkeypatch.setattr("hexkeep.engine.archive.writing.PAGE", page)
    events, mark = new.storage.events, Mark(new.storage.expiring, new.clock)
    await events.append([unit("one", append(stream(), 0, b"1", b"2", b"3"))])
    for payload in (b"4", b"5", b"6", b"7", b"8", b"9"):
        await events.append([unit("one", append(stream(), 0, payload))])
    await events.append([unit("one", append(stream()), log=Log.ACTIVITY)])
    before, activity = await new.log("one"), await new.log("one", Log.ACTIVITY)
    with pytest.raises(PositionNotInLog, match="3 to 9") as refused:
        await new.load(await new.lines(), Point(position=position), "one", replace_present=True, mark=mark)
    assert refused.value.details == {"first": "3", "last": "9"}
    assert (await new.log("one"), await new.log("one", Log.ACTIVITY)) == (before, activity)
    await mark.insist_on_none()


async def test_instance_without_a_durable_log_has_no_positions(new: Store) -> None:
    """Its sign-ins alone have no point that a position could mean."""
    await new.storage.events.append([unit("one", append(stream()), log=Log.ACTIVITY)])
    with pytest.raises(PositionNotInLog):
        await new.load(await new.lines(), Point(position=1), "one", replace_present=True)
    assert len(await new.log("one", Log.ACTIVITY)) == 1


async def test_what_is_there_is_replaced_only_when_that_is_wanted(old: Store) -> None:
    """A restore over something refuses, and removes nothing before it has been told to."""
    lines, before = await old.lines(), await old.log("one")
    await old.storage.events.append([unit("one", append(stream()))])
    with pytest.raises(AlreadyExists):
        await old.load(lines)
    assert len(await old.log("one")) == len(before) + 1
    await old.load(lines, replace_present=True)
    assert await old.log("one") == before


async def test_restore_that_refuses_leaves_no_mark(old: Store) -> None:
    """Nothing was removed, so nodes may go on serving."""
    mark = Mark(old.storage.expiring, old.clock)
    with pytest.raises(AlreadyExists):
        await old.load(await old.lines(), mark=mark)
    with pytest.raises(MasterKeyMissing):
        await old.load(await old.lines(), masters=(), replace_present=True, mark=mark)
    await mark.insist_on_none()


async def test_restore_that_begins_again_replaces_what_is_half_there_in_epochs_never_used(
    old: Store, new: Store
) -> None:
    """The heads that told of the epochs were removed before it was broken off."""
    lines, mark = await old.lines(), Mark(new.storage.expiring, new.clock)
    for epoch in (2, 3, 4):
        assert {head.epoch for head in (await new.load(lines, replace_present=True)).heads} == {epoch}
    with pytest.raises(ArchiveDamaged):
        await new.load(lines[:3], replace_present=True, mark=mark)
    with pytest.raises(RestoreUnderWay):
        await mark.insist_on_none()
    assert {head.epoch for head in (await new.load(lines, mark=mark)).heads} == {5, 6}
    await mark.remove()
    with pytest.raises(AlreadyExists):
        await new.load(lines, mark=mark)


async def test_restore_of_one_instance_does_not_stand_for_another_that_was_broken_off(old: Store) -> None:
    """Its end would take the mark away, and what is half there would be served: it refuses, and removes nothing."""
    lines, mark = await old.lines(), Mark(old.storage.expiring, old.clock)
    one, two = await old.log("one"), await old.log("two")
    with pytest.raises(ArchiveDamaged):
        await old.load(lines[:3], only="one", replace_present=True, mark=mark)
    with pytest.raises(RestoreUnderWay, match="one"):
        await old.load(lines, only="two", replace_present=True, mark=mark)
    assert await old.log("two") == two
    await old.load(lines, only="one", mark=mark)
    assert await old.log("one") == one
    await mark.remove()
    await old.load(lines, only="two", replace_present=True, mark=mark)


async def test_log_that_is_replaced_by_nothing_begins_in_an_epoch_never_used(new: Store) -> None:
    """Positions of the sign-ins that are gone are not mistaken for those to come."""
    events = new.storage.events
    await events.append([unit("one", append(stream()))])
    lines = await new.lines()
    await events.append([unit("one", append(stream()), log=Log.ACTIVITY)])
    await new.load(lines, replace_present=True)
    [outcome] = await events.append([unit("one", append(stream()), log=Log.ACTIVITY)])
    assert isinstance(outcome, Appended)
    assert (outcome.first, outcome.epoch) == (1, 2)


async def test_instance_leaves_with_what_another_store_must_be_told(old: Store, new: Store) -> None:
    """An exported instance brings its hosts and name; nothing of the others is in the archive."""
    lines = await old.lines("one")
    assert not [line for line in lines if b'"two"' in line or b'"system"' in line]
    loaded = await new.load(lines, adopting=True)
    assert loaded.adoption is not None
    assert (loaded.adoption.instance, loaded.adoption.hosts) == ("one", ("one.example",))
    assert await new.log("one") == await old.log("one")


async def test_archives_are_not_mistaken_for_each_other(old: Store, new: Store) -> None:
    """A store is not imported, an instance is not restored as a store, and both say so before anything is done."""
    store, instance = await old.lines(), await old.lines("one")
    with pytest.raises(InvalidInput, match="restore"):
        await new.load(store, adopting=True)
    with pytest.raises(InvalidInput, match="import"):
        await new.load(instance)
    with pytest.raises(NotFound):
        await new.load(store, only="three")
    with pytest.raises(InvalidInput, match="position"):
        await new.load(store, Point(position=3))
    assert await new.storage.events.heads() == []


async def test_missing_master_key_is_told_before_anything_is_removed(old: Store, new: Store) -> None:
    """What could not be opened afterwards is not loaded."""
    await new.storage.events.append([unit("one", append(stream()))])
    with pytest.raises(MasterKeyMissing):
        await new.load(await old.lines(), masters=(), replace_present=True)
    assert len(await new.log("one")) == 1


async def test_broken_off_archive_is_refused_at_its_end(old: Store, new: Store) -> None:
    """What was loaded before stays, without the instance ``system``, until the work is done again."""
    lines = await old.lines()
    with pytest.raises(ArchiveDamaged):
        await new.load(lines[: len(lines) // 2])
    assert not (await new.storage.events.head(SYSTEM_INSTANCE, Log.DURABLE)).position
    await new.load(lines, replace_present=True)
    assert await new.log(SYSTEM_INSTANCE) == await old.log(SYSTEM_INSTANCE)


async def test_an_archive_that_comes_slowly_holds_up_nothing_else(old: Store, new: Store) -> None:
    """Leases are renewed while a pipe is waited for: each record comes only when the loop was free in between."""
    free = threading.Event()

    def slowly() -> Iterator[Record]:
        for record in read(lines):
            free.clear()
            asyncio.run_coroutine_threadsafe(freed(), loop)
            assert free.wait(10)
            yield record

    async def freed() -> None:
        free.set()

    lines, loop = await old.lines("one"), asyncio.get_running_loop()
    async with new.storage.loader() as loader:
        masters = Wrapping(Masters.local(CIPHER, NEW, [OLD]), new.keyring(NEW).wrapping)
        loading = Loading(loader, new.storage.events, new.storage.keys, masters)
        await loading.run(slowly(), adopting=True)
    assert await new.log("one") == await old.log("one")


async def test_archive_of_the_archive_is_the_same(old: Store, new: Store) -> None:
    """Export, import, export is a fixed point but for header, epochs and wrappings."""
    await new.load(await old.lines())
    first, second = [*read(await old.lines())], [*read(await new.lines())]
    assert isinstance(first[0], Header)
    assert isinstance(second[0], Header)
    assert first[0].events == second[0].events
    kinds = ("events", "key_changes", "seals")
    assert [one for one in first if one.kind in kinds] == [one for one in second if one.kind in kinds]


async def test_empty_store_has_nothing_to_archive(new: Store) -> None:
    """An archive of nothing would look like a success."""
    with pytest.raises(NotFound):
        await new.lines()
    with pytest.raises(NotFound):
        await new.lines("one")


async def test_owner_of_a_key_is_the_one_of_the_point(new: Store) -> None:
    """A key that moved later is still with its first owner at an earlier position."""
    store, first, second = await opened(), Ref("a", "1"), Ref("a", "2")
    claim = KeyClaim("name", key_hash("moved"), first)
    move = replace(claim, owner=second)
    await store.storage.events.append([unit("one", append(first), claims=[claim])])
    release = KeyRelease(claim.kind, claim.hash, first)
    await store.storage.events.append([unit("one", append(second), claims=[move], releases=[release])])
    lines = await store.lines("one")
    for position, owner in ((1, first), (2, second)):
        await new.load(lines, Point(position=position), "one", replace_present=True)
        assert await new.storage.events.key_owner("one", "name", key_hash("moved")) == owner
    await store.storage.close()


async def test_one_instance_brings_its_own_blobs(old: Store, new: Store) -> None:
    """Neither those of another, nor does what was there before stay."""
    await new.storage.blobs.put(blob("one", "former"))
    await new.storage.blobs.put(blob("two", "former"))
    await new.load(await old.lines("one"), adopting=True, replace_present=True)
    assert {one.name for one in await new.storage.blobs.list("one", None, 9)} == {"red", "blue"}
    assert {one.name for one in await new.storage.blobs.list("two", None, 9)} == {"former"}


async def test_archive_without_blobs_is_read(old: Store, new: Store) -> None:
    """As programs wrote it before there were any."""
    made, records = Lines(), [one for one in read(await old.lines()) if not isinstance(one, BlobKept)]
    former = [replace(one, format=1) if isinstance(one, Header) else one for one in records]
    loaded = await new.load([*map(made.line, former), made.end()])
    assert loaded.header.format == 1
    assert await new.storage.blobs.list("one", None, 9) == []
