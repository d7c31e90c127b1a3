"""The contract of ``hexkeep.ports.blobs``: subclass ``BlobsContract`` and give it a ``storage``, or ``blobs`` itself.

An adapter of this port alone overrides ``blobs`` and ``adapter``.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import TooLarge
from hexkeep.ports.blobs import LARGEST, Blob, BlobInfo, Blobs
from hexkeep.ports.storage import Storage
from hexkeep.testing.contract import Contract, fresh
from hexkeep.testing.units import abridged

THEN = datetime(2026, 3, 4, 5, 6, 7, 890_123, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OWNER = Ref("kit", "a")
HOSTILE = ("..", ".", "../../x", "/etc/passwd", "a/b\\c", "größe 鍵", "A", "a", "con", "x\r\ny", "%2e%2e", "x" * 200)
"""Names that a file system, a URL or a database may take for something else."""


class BlobsContract(Contract):
    """The rules of blobs."""

    rivals: ClassVar[int] = 8
    """Trait: how many tasks put a blob at once."""
    large: ClassVar[int] = 1_000_000
    """Trait: the size in bytes of a large blob."""

    @pytest.fixture
    def blobs(self, storage: Storage) -> Blobs:
        """The port under test."""
        return storage.blobs

    @pytest.fixture
    def instance(self) -> str:
        """An instance of this test alone."""
        return fresh("instance")

    async def test_blob_is_kept_byte_for_byte(self, blobs: Blobs, instance: str) -> None:
        """NUL, invalid UTF-8, nothing and a great deal come back unchanged, with all that is known of them."""
        much = (bytes(range(256)) * self.large)[: self.large]
        for number, content in enumerate((b"", b"\x00", b"\xff\xfe\x80a", much)):
            sent = Blob.of(instance, OWNER, f"{number}", f"kit/{number}", content, THEN + number * SECOND)
            await blobs.put(sent)
            found = await blobs.get(instance, OWNER, f"{number}")
            assert found is not None
            assert found.info == sent.info
            assert abridged(found.content) == abridged(content)
            assert found.whole

    async def test_blob_larger_than_the_bound_is_none(self, instance: str) -> None:
        """Nobody can make a blob of more bytes than every adapter has to take."""
        with pytest.raises(TooLarge):
            Blob.of(instance, OWNER, "one", "kit/one", bytes(LARGEST + 1), THEN)

    async def test_largest_blob_is_kept(self, blobs: Blobs, instance: str) -> None:
        """A blob of as many bytes as there may be comes back whole."""
        await blobs.put(Blob.of(instance, OWNER, "most", "kit/most", b"\xa5" * LARGEST, THEN))
        found = await blobs.get(instance, OWNER, "most")
        assert found is not None
        assert (len(found.content), found.whole) == (LARGEST, True)

    async def test_names_are_opaque(self, blobs: Blobs, instance: str) -> None:
        """No instance, owner or name is a path or a pattern, and none is taken for another."""
        places = [(instance + odd, Ref(odd, other), odd) for odd in HOSTILE for other in HOSTILE[:4]]
        for number, place in enumerate(places):
            await blobs.put(Blob.of(*place, "kit/odd", b"%d" % number, THEN))
        for number, place in enumerate(places):
            found = await blobs.get(*place)
            assert found is not None
            assert (found.info.owner, found.info.name, found.content) == (*place[1:], b"%d" % number)
        assert [one.name for one in await blobs.list(f"{instance}..", None, 9)] == [".."] * 4

    async def test_place_without_blob_has_none(self, blobs: Blobs, instance: str) -> None:
        """Another name, another owner, another instance: each has its own or none."""
        await blobs.put(Blob.of(instance, OWNER, "one", "kit/one", b"one", THEN))
        others = ((instance, OWNER, "two"), (instance, Ref("kit", "b"), "one"), (instance, Ref("other", "a"), "one"))
        for place in (*others, (fresh("instance"), OWNER, "one")):
            assert await blobs.get(*place) is None
            await blobs.put(Blob.of(*place, "kit/two", b"two", THEN))
        found = await blobs.get(instance, OWNER, "one")
        assert found is not None
        assert found.content == b"one"

    async def test_kept_blob_never_changes(self, blobs: Blobs, instance: str) -> None:
        """Of what is put under one name the first stays, bytes and media type."""
        await blobs.put(Blob.of(instance, OWNER, "one", "kit/first", b"first", THEN))
        await blobs.put(Blob.of(instance, OWNER, "one", "kit/second", b"2nd", THEN))
        found = await blobs.get(instance, OWNER, "one")
        assert found is not None
        assert (found.content, found.info.content_type, found.info.size) == (b"first", "kit/first", 5)
        assert found.whole

    async def test_first_of_many_is_whole(self, blobs: Blobs, instance: str) -> None:
        """Of many who put at once one wins, and nobody ever sees a part or a mixture."""
        sent = [Blob.of(instance, OWNER, "one", f"kit/{n}", b"%d" % n * 50_000, THEN) for n in range(self.rivals)]
        await asyncio.gather(*map(blobs.put, sent))
        found = await blobs.get(instance, OWNER, "one")
        assert found is not None
        assert found.whole
        assert found.info in [one.info for one in sent]

    async def test_blob_put_again_counts_as_put_then(self, blobs: Blobs, instance: str) -> None:
        """The later of the times is kept, in whichever order they come."""
        for seconds, latest in ((5, 5), (9, 9), (2, 9)):
            await blobs.put(Blob.of(instance, OWNER, "one", "kit/one", b"one", THEN + seconds * SECOND))
            found = await blobs.get(instance, OWNER, "one")
            assert found is not None
            assert found.info.put_at == THEN + latest * SECOND
            assert [one.put_at for one in await blobs.list(instance, None, 9)] == [found.info.put_at]

    @pytest.mark.parametrize("limit", [1, 3, 100])
    async def test_list_shows_each_blob_once(self, blobs: Blobs, instance: str, limit: int) -> None:
        """Pages of any size show everything of the instance, with what is known of it, and nothing of another."""
        refs = [Ref(type_, id_) for type_ in ("kit", "other") for id_ in ("a", "B", "ü")]
        kept = [Blob.of(instance, ref, name, "kit/one", name.encode(), THEN).info for ref in refs for name in "xy"]
        for info in kept:
            await blobs.put(Blob.of(instance, info.owner, info.name, "kit/one", info.name.encode(), THEN))
        await blobs.put(Blob.of(instance + "2", OWNER, "x", "kit/one", b"x", THEN))
        listed = await _listed(blobs, instance, limit)
        assert sorted(listed, key=_place) == sorted(kept, key=_place)

    async def test_list_goes_on_behind_what_is_gone(self, blobs: Blobs, instance: str) -> None:
        """Who removes what a page shows goes on with the next page, and leaves nothing out."""
        for name in "abcdefg":
            await blobs.put(Blob.of(instance, OWNER, name, "kit/one", b"", THEN))
        seen: list[str] = []
        after: BlobInfo | None = None
        while page := await blobs.list(instance, after, 2):
            seen += [one.name for one in page]
            after = page[-1]
            assert [await blobs.delete(one) for one in page] == [True] * len(page)
        assert sorted(seen) == list("abcdefg")

    async def test_deleted_blob_is_gone(self, blobs: Blobs, instance: str) -> None:
        """One of several goes; it can be put again, with other bytes."""
        for name in ("one", "two"):
            await blobs.put(Blob.of(instance, OWNER, name, "kit/one", b"one", THEN))
        (info,) = [one for one in await blobs.list(instance, None, 9) if one.name == "one"]
        assert [await blobs.delete(info) for _ in range(2)] == [True, False]
        assert await blobs.get(instance, OWNER, "one") is None
        assert [one.name for one in await blobs.list(instance, None, 9)] == ["two"]
        await blobs.put(Blob.of(instance, OWNER, "one", "kit/new", b"new", THEN))
        found = await blobs.get(instance, OWNER, "one")
        assert found is not None
        assert found.content == b"new"

    async def test_blob_put_again_is_not_deleted(self, blobs: Blobs, instance: str) -> None:
        """Who removes what was there a while ago does not take it from who put it again since."""
        await blobs.put(Blob.of(instance, OWNER, "one", "kit/one", b"one", THEN))
        (seen,) = await blobs.list(instance, None, 9)
        await blobs.put(Blob.of(instance, OWNER, "one", "kit/one", b"one", THEN + SECOND))
        assert not await blobs.delete(seen)
        assert await blobs.get(instance, OWNER, "one") is not None

    @pytest.mark.parametrize(
        ("owner", "left"),
        [(None, set()), (OWNER, {"kit/b", "other/a"}), (Ref("kit", "none"), {"kit/a", "kit/b", "other/a"})],
        ids=["instance", "owner", "nothing"],
    )
    async def test_forgotten_blobs_are_gone(
        self, blobs: Blobs, instance: str, owner: Ref | None, left: set[str]
    ) -> None:
        """All of an instance or of an owner go; others and other instances stay. It may be repeated."""
        refs = [OWNER, Ref("kit", "b"), Ref("other", "a")]
        elsewhere = fresh("instance")
        for place in ((instance, ref, name) for ref in refs for name in "xy"):
            await blobs.put(Blob.of(*place, "kit/one", b"", THEN))
        await blobs.put(Blob.of(elsewhere, OWNER, "x", "kit/one", b"", THEN))
        for _ in range(2):
            await blobs.forget(instance, owner)
        kept = {f"{ref.type}/{ref.id}" for ref in refs if await blobs.get(instance, ref, "x")}
        assert kept == {f"{one.owner.type}/{one.owner.id}" for one in await blobs.list(instance, None, 9)} == left
        assert await blobs.get(elsewhere, OWNER, "x") is not None


async def _listed(blobs: Blobs, instance: str, limit: int) -> list[BlobInfo]:
    found: list[BlobInfo] = []
    page: Sequence[BlobInfo] = ()
    while page := await blobs.list(instance, page[-1] if page else None, limit):
        assert len(page) <= limit
        found += page
    return found


def _place(info: BlobInfo) -> tuple[Ref, str]:
    return (info.owner, info.name)
