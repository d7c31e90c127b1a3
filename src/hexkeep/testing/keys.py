"""The contract of ``hexkeep.ports.keys``: subclass ``KeysContract`` and give it ``storage``, or ``keys``."""

import asyncio
from dataclasses import replace
from typing import ClassVar

import pytest

from hexkeep.ports.keys import Keys, WrappedKey
from hexkeep.ports.storage import Storage
from hexkeep.testing.contract import Contract, fresh


class KeysContract(Contract):
    """The rules of wrapped keys."""

    rivals: ClassVar[int] = 8
    """Trait: how many tasks add one key at once."""

    @pytest.fixture
    def keys(self, storage: Storage) -> Keys:
        """The port under test."""
        return storage.keys

    @pytest.fixture
    def key(self) -> WrappedKey:
        """The first version of a key, in an instance of this test alone."""
        return WrappedKey(fresh("instance"), "subject/ada", 1, "master-1", b"\x00wrapped\xff")

    async def test_added_key_is_kept_byte_for_byte(self, keys: Keys, key: WrappedKey) -> None:
        """A new key comes back from ``add`` and from ``get`` as it was given."""
        assert await keys.add(key) == key
        assert await keys.get(key.instance, key.name) == [key]

    async def test_first_add_wins(self, keys: Keys, key: WrappedKey) -> None:
        """Who comes second gets what the first one kept."""
        await keys.add(key)
        assert await keys.add(replace(key, wrapped=b"second", master="master-2")) == key
        assert await keys.get(key.instance, key.name) == [key]

    async def test_add_by_many_keeps_one(self, keys: Keys, key: WrappedKey) -> None:
        """Of many who add at once all get the same key."""
        adds = [keys.add(replace(key, wrapped=b"%d" % number)) for number in range(self.rivals)]
        kept = await asyncio.gather(*adds)
        assert len({one.wrapped for one in kept}) == 1
        assert await keys.get(key.instance, key.name) == kept[:1]

    async def test_versions_come_oldest_first(self, keys: Keys, key: WrappedKey) -> None:
        """``get`` gives every version in order of its number, whatever order they were added in."""
        versions = [replace(key, version=number, wrapped=b"%d" % number) for number in (10, 1, 2)]
        for one in versions:
            await keys.add(one)
        assert [one.version for one in await keys.get(key.instance, key.name)] == [1, 2, 10]

    async def test_unknown_name_has_no_versions(self, keys: Keys, key: WrappedKey) -> None:
        """Names of other instances, and names that nobody used, are empty."""
        await keys.add(key)
        assert await keys.get(fresh("instance"), key.name) == []
        assert await keys.get(key.instance, "subject/nobody") == []

    async def test_destroy_leaves_versions_without_bytes(self, keys: Keys, key: WrappedKey) -> None:
        """Every version loses its bytes and stays on the list; other names and instances keep theirs."""
        second, name, place = replace(key, version=2), replace(key, name="x"), replace(key, instance=fresh("instance"))
        for one in (key, second, name, place):
            await keys.add(one)
        await keys.destroy(key.instance, key.name)
        assert [(one.version, one.wrapped) for one in await keys.get(key.instance, key.name)] == [(1, b""), (2, b"")]
        assert await keys.get(name.instance, name.name) == [name]
        assert await keys.get(place.instance, place.name) == [place]

    async def test_destroyed_key_stays_destroyed(self, keys: Keys, key: WrappedKey) -> None:
        """Adding the same version again brings nothing back, neither to the caller nor to the store."""
        await keys.add(key)
        await keys.destroy(key.instance, key.name)
        assert (await keys.add(replace(key, wrapped=b"other"))).wrapped == b""
        assert [one.wrapped for one in await keys.get(key.instance, key.name)] == [b""]

    async def test_destroy_may_be_repeated(self, keys: Keys, key: WrappedKey) -> None:
        """Destroying what is not there, or no longer, does nothing and does not fail."""
        await keys.destroy(key.instance, key.name)
        assert await keys.get(key.instance, key.name) == []
        await keys.add(key)
        await keys.destroy(key.instance, key.name)
        await keys.destroy(key.instance, key.name)
        assert [one.wrapped for one in await keys.get(key.instance, key.name)] == [b""]

    async def test_rewrap_replaces_what_is_still_there(self, keys: Keys, key: WrappedKey) -> None:
        """The new wrapping and the name of its master key replace the previous ones, of that version alone."""
        second = replace(key, version=2)
        anew = replace(key, master="master-2", wrapped=b"anew")
        await keys.add(key)
        await keys.add(second)
        assert await keys.rewrap(anew, key.wrapped) is True
        assert await keys.get(key.instance, key.name) == [anew, second]

    async def test_rewrap_of_what_changed_does_nothing(self, keys: Keys, key: WrappedKey) -> None:
        """Of two rewraps from the same bytes one has an effect; an absent version cannot be rewrapped."""
        await keys.add(key)
        anew = [replace(key, wrapped=b"%d" % number) for number in range(self.rivals)]
        done = await asyncio.gather(*(keys.rewrap(one, key.wrapped) for one in anew))
        assert sum(done) == 1
        assert await keys.get(key.instance, key.name) == [anew[done.index(True)]]
        assert await keys.rewrap(replace(key, version=2), key.wrapped) is False

    async def test_destroyed_key_cannot_be_rewrapped(self, keys: Keys, key: WrappedKey) -> None:
        """Neither its former bytes nor its empty ones let a destroyed key come back."""
        await keys.add(key)
        await keys.destroy(key.instance, key.name)
        for previous in (key.wrapped, b""):
            assert await keys.rewrap(replace(key, wrapped=b"back"), previous) is False
        assert [one.wrapped for one in await keys.get(key.instance, key.name)] == [b""]

    async def test_list_pages_in_order(self, keys: Keys, key: WrappedKey) -> None:
        """Pages follow (instance, name, version), text by code point, and each key occurs once."""
        kept = [replace(key, name=name, version=number) for name in ("ä", "B", "a", "a/b") for number in (2, 1)]
        for one in kept:
            await keys.add(one)
        seen: list[WrappedKey] = []
        after = (key.instance, "", 0)
        while len(seen) < len(kept):
            page = await keys.list(after, 3)
            assert 0 < len(page) <= 3
            seen.extend(page)
            after = place(page[-1])
        assert seen[: len(kept)] == sorted(kept, key=place)

    async def test_list_begins_with_the_first_key(self, keys: Keys, key: WrappedKey) -> None:
        """Without ``after`` the list begins at its beginning, and behind the last key it is empty."""
        await keys.add(key)
        first = await keys.list(None, 1)
        assert len(first) == 1
        assert place(first[0]) <= place(key)
        assert await keys.list(("\U0010ffff", "", 0), 10) == []


def place(key: WrappedKey) -> tuple[str, str, int]:
    """Where a key stands on the list."""
    return key.instance, key.name, key.version
