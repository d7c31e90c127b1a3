"""Rotation: from one master key to another, in pieces, beside nodes that still make keys, with nothing lost."""

import pytest

from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.ask import KeyedHash, VerifyKeyedHash
from hexkeep.core.kernel.errors import FailedPrecondition, Internal, NotFound
from hexkeep.engine.archive.loading import Loading
from hexkeep.engine.archive.records import Header, Keys
from hexkeep.engine.archive.wrapping import Wrapping
from hexkeep.engine.assembly import Machinery, Tuning
from hexkeep.engine.keyring import CHECK
from hexkeep.engine.masters import MasterKey, UnknownMaster
from hexkeep.engine.rotation import Rotation
from hexkeep.engine.secrets import Secrets
from hexkeep.ports.storage import Storage
from tests.unit.engine.rig import INSTANCE, memory_storage, ports_of

OLD, NEW, OTHER = MasterKey(b"o" * 32), MasterKey(b"n" * 32), MasterKey(b"x" * 32)
IMPORTED = "imported"
PEOPLE = 12


def node(storage: Storage, wanted: MasterKey, *former: MasterKey) -> Machinery:
    """An engine that is set to a master key, and may know others. It remembers no key."""
    tuning = Tuning(former_masters=former, cached_keys_seconds=-1.0)
    return Machinery(ports_of(storage), wanted, (), tuning)


def rotation_of(machinery: Machinery) -> Rotation:
    """What rotates there."""
    return Rotation(machinery.ports.keys, machinery.keyring, machinery.masters, machinery.ports.events)


async def filled(storage: Storage) -> dict[str, bytes]:
    """A storage that was set up with the old master key; its data keys by name."""
    before = node(storage, OLD)
    assert await before.keyring.fits()
    names = [f"subject/{number:02}" for number in range(PEOPLE)]
    return {name: (await before.keyring.newest(INSTANCE, name)).secret for name in names}


async def secrets_of(machinery: Machinery, names: dict[str, bytes], instance: str = INSTANCE) -> dict[str, bytes]:
    """The same keys as a node opens them."""
    return {name: (await machinery.keyring.newest(instance, name)).secret for name in names}


async def masters_in(storage: Storage) -> set[str]:
    """By which master keys anything is wrapped."""
    return {key.master for key in await storage.keys.list(None, 1000) if key.wrapped}


async def turned(rotation: Rotation) -> int:
    """A whole rotation; how many keys were wrapped anew."""
    await rotation.begin()
    rewrapped, after = 0, None
    while True:
        page = await rotation.rewrap(after, 5)
        rewrapped, after = rewrapped + page.rewrapped, page.last
        if after is None:
            break
    await rotation.finish()
    return rewrapped


async def test_every_key_goes_to_the_new_master_key_and_stays_the_same() -> None:
    """Afterwards a node that knows the new one alone starts and opens all; one that knows the old one does not."""
    async with memory_storage() as storage:
        names = await filled(storage)
        assert await turned(rotation_of(node(storage, NEW, OLD))) == PEOPLE
        assert await masters_in(storage) == {NEW.id}
        after = node(storage, NEW)
        assert await after.keyring.fits()
        assert await secrets_of(after, names) == names
        assert not await node(storage, OLD).keyring.fits()


async def test_a_rotation_that_was_broken_off_goes_on() -> None:
    """Until it has ended both master keys are needed, and nobody starts without the old one."""
    async with memory_storage() as storage:
        names = await filled(storage)
        broken_off = rotation_of(node(storage, NEW, OLD))
        await broken_off.begin()
        page = await broken_off.rewrap(None, 5)
        assert page.last is not None
        assert page.rewrapped
        assert await masters_in(storage) == {OLD.id, NEW.id}
        assert not await node(storage, NEW).keyring.fits()
        both = node(storage, NEW, OLD)
        assert await secrets_of(both, names) == names
        with pytest.raises(FailedPrecondition):
            await rotation_of(both).finish()
        assert await turned(rotation_of(both)) == PEOPLE - page.rewrapped
        assert await secrets_of(node(storage, NEW), names) == names


async def test_nodes_that_were_not_restarted_yet_open_what_others_make() -> None:
    """While nodes get the new master key one by one, all still wrap new keys by the old one: the storage says so."""
    async with memory_storage() as storage:
        await filled(storage)
        restarted, not_yet = node(storage, NEW, OLD), node(storage, OLD)
        made = await restarted.keyring.newest(INSTANCE, "subject/new")
        assert await not_yet.keyring.newest(INSTANCE, "subject/new") == made
        await rotation_of(restarted).begin()
        await restarted.keyring.newest(INSTANCE, "subject/newer")
        [key] = await storage.keys.get(INSTANCE, "subject/newer")
        assert key.master == NEW.id


async def imported(storage: MemoryStorage, machinery: Machinery) -> bytes:
    """Import an instance with one key from a store with a third master key; the key."""
    async with memory_storage() as elsewhere:
        secret = (await node(elsewhere, OTHER).keyring.newest(IMPORTED, "subject/late")).secret
        keys = await elsewhere.keys.get(IMPORTED, "subject/late")
    header = Header(
        "id", "test", SystemClock().now(), whole=False, instances=(IMPORTED,), masters=(OTHER.id,), events=0
    )
    masters = machinery.masters.and_local(machinery.ports.cipher, [OTHER])
    wrapping = Wrapping(masters, machinery.keyring.wrapping)
    async with storage.loader() as loader:
        loading = Loading(loader, storage.events, storage.keys, wrapping)
        await loading.run([header, Keys(tuple(keys))], adopting=True, replace_present=True)
    return secret


async def test_an_import_wraps_as_the_storage_says_whatever_its_own_settings() -> None:
    """So every node opens what was imported before a rotation, while it goes on, and after it."""
    async with memory_storage() as storage:
        names = await filled(storage)
        restarted, late = node(storage, NEW, OLD), node(storage, OLD, NEW)
        await imported(storage, restarted)
        assert {key.master for key in await storage.keys.get(IMPORTED, "subject/late")} == {OLD.id}
        rotation = rotation_of(restarted)
        await rotation.begin()
        assert (await rotation.rewrap(None, 1000)).rewrapped == PEOPLE + 1
        late_key = {"subject/late": await imported(storage, late)}
        assert {key.master for key in await storage.keys.get(IMPORTED, "subject/late")} == {NEW.id}
        await rotation.finish()
        after = node(storage, NEW)
        assert await secrets_of(after, names) == names
        assert await secrets_of(after, late_key, IMPORTED) == late_key


async def test_a_wrong_old_master_key_is_refused() -> None:
    """Neither starts a node with it, nor would it open anything."""
    async with memory_storage() as storage:
        await filled(storage)
        wrong = node(storage, NEW, OTHER)
        assert not await wrong.keyring.fits()
        with pytest.raises(UnknownMaster):
            await rotation_of(wrong).rewrap(None, 100)
        assert await masters_in(storage) == {OLD.id}


async def test_a_key_that_is_destroyed_meanwhile_stays_so() -> None:
    """The exchange does not bring back what an erasure has taken."""
    async with memory_storage() as storage:
        names = await filled(storage)
        await node(storage, OLD).keyring.destroy(INSTANCE, next(iter(names)))
        assert await turned(rotation_of(node(storage, NEW, OLD))) == PEOPLE - 1
        [gone] = await storage.keys.get(INSTANCE, next(iter(names)))
        assert gone.wrapped == b""


async def test_two_rotations_at_once_do_no_harm() -> None:
    """Each key is exchanged by one of them."""
    async with memory_storage() as storage:
        names = await filled(storage)
        one, two = (rotation_of(node(storage, NEW, OLD)) for _ in range(2))
        await one.begin()
        await two.begin()
        page = await one.rewrap(None, 5)
        assert (await two.rewrap(None, 100)).rewrapped == PEOPLE - page.rewrapped
        await one.finish()
        await two.finish()
        assert await secrets_of(node(storage, NEW), names) == names


async def test_nothing_of_a_key_is_told() -> None:
    """Not in a representation, not in an error."""
    async with memory_storage() as storage:
        await filled(storage)
        with pytest.raises(Internal) as caught:
            await node(storage, OTHER).keyring.newest(INSTANCE, "subject/01")
        assert OLD.id in str(caught.value)
        for text in (str(caught.value), repr(OLD), repr(caught.value)):
            assert "o" * 8 not in text


async def test_a_renewed_key_is_used_for_new_things_and_the_old_version_for_old_ones() -> None:
    """Hashes name their version; a node that remembers the old one alone finds the new one when it meets it."""
    async with memory_storage() as storage:
        one = node(storage, OLD)
        remembering = Machinery(ports_of(storage), OLD, ())
        old = await Secrets(remembering.keyring).hash(INSTANCE, KeyedHash("session", "secret"))
        assert await rotation_of(one).renew(INSTANCE, "hash/session") == 2
        new = await Secrets(one.keyring).hash(INSTANCE, KeyedHash("session", "secret"))
        assert (old[0], new[0]) == ("1", "2")
        for machinery in (one, remembering):
            for digest in (old, new):
                assert await Secrets(machinery.keyring).verify(INSTANCE, VerifyKeyedHash("session", "secret", digest))


async def test_a_key_that_is_not_there_cannot_be_renewed() -> None:
    """Neither one that was never made nor one that was destroyed."""
    async with memory_storage() as storage:
        await filled(storage)
        rotation = rotation_of(node(storage, OLD))
        with pytest.raises(NotFound):
            await rotation.renew(INSTANCE, "sealed/nothing")
        await node(storage, OLD).keyring.destroy(INSTANCE, "subject/00")
        with pytest.raises(NotFound):
            await rotation.renew(INSTANCE, "subject/00")


async def test_a_store_without_keys_takes_the_wanted_master_key() -> None:
    """Of a first run there is nothing to go over."""
    async with memory_storage() as storage:
        assert await node(storage, NEW, OLD).keyring.fits()
        [check] = await storage.keys.get(SYSTEM_INSTANCE, CHECK)
        assert check.master == NEW.id
