"""The contract of ``hexkeep.ports.snapshots``: subclass ``SnapshotsContract`` and give it a ``storage``."""

import asyncio
from dataclasses import replace
from typing import ClassVar

import pytest

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.ports.snapshots import Snapshot, Snapshots
from hexkeep.ports.storage import Storage
from hexkeep.testing.contract import Contract, fresh
from hexkeep.testing.units import abridged


class SnapshotsContract(Contract):
    """The rules of snapshots."""

    rivals: ClassVar[int] = 8
    """Trait: how many tasks put a snapshot at once."""
    large: ClassVar[int] = 100_000
    """Trait: the size in bytes of a large state."""

    @pytest.fixture
    def snapshots(self, storage: Storage) -> Snapshots:
        """The port under test."""
        return storage.snapshots

    @pytest.fixture
    def snapshot(self) -> Snapshot:
        """A snapshot at version 5, in an instance of this test alone."""
        return Snapshot(fresh("instance"), Ref("kit", "a"), 5, "schema-1", b"state")

    async def test_snapshot_is_kept_byte_for_byte(self, snapshots: Snapshots, snapshot: Snapshot) -> None:
        """NUL, invalid UTF-8, nothing and a great deal come back unchanged, names in any script too."""
        much = (bytes(range(256)) * self.large)[: self.large]
        for number, state in enumerate((b"", b"\x00", b"\xff\xfe\x80a", much)):
            sent = replace(snapshot, stream=Ref("kit.größe", f"鍵/{number}"), schema="schéma ✓", state=state)
            await snapshots.put(sent)
            found = await snapshots.get(sent.instance, sent.stream)
            assert found is not None
            assert abridged(found.state) == abridged(state)
            assert replace(found, state=b"") == replace(sent, state=b"")

    async def test_stream_without_snapshot_has_none(self, snapshots: Snapshots, snapshot: Snapshot) -> None:
        """Another id, another type, another instance: each has its own or none."""
        await snapshots.put(snapshot)
        for instance, ref in (
            (snapshot.instance, Ref("kit", "b")),
            (snapshot.instance, Ref("other", "a")),
            (fresh("instance"), snapshot.stream),
        ):
            assert await snapshots.get(instance, ref) is None
            await snapshots.put(replace(snapshot, instance=instance, stream=ref, version=1))
        assert await snapshots.get(snapshot.instance, snapshot.stream) == snapshot

    async def test_newer_snapshot_takes_the_place_of_the_older(self, snapshots: Snapshots, snapshot: Snapshot) -> None:
        """A stream has one snapshot, the newest."""
        await snapshots.put(snapshot)
        newer = replace(snapshot, version=6, state=b"newer")
        await snapshots.put(newer)
        assert await snapshots.get(snapshot.instance, snapshot.stream) == newer

    async def test_snapshot_as_new_stays(self, snapshots: Snapshots, snapshot: Snapshot) -> None:
        """Who comes with the same version, or an older one, of the same schema changes nothing."""
        await snapshots.put(snapshot)
        for version in (5, 4):
            await snapshots.put(replace(snapshot, version=version, state=b"late"))
        assert await snapshots.get(snapshot.instance, snapshot.stream) == snapshot

    async def test_other_schema_takes_the_place_whatever_its_version(
        self, snapshots: Snapshots, snapshot: Snapshot
    ) -> None:
        """A state of another shape is of no use to who puts this one, so an older version may replace it."""
        await snapshots.put(snapshot)
        for version in (9, 5, 2):
            other = replace(snapshot, version=version, schema=f"schema-{version}")
            await snapshots.put(other)
            assert await snapshots.get(snapshot.instance, snapshot.stream) == other

    async def test_newest_of_many_stays(self, snapshots: Snapshots, snapshot: Snapshot) -> None:
        """Of many who put at once the one with the highest version is kept, whoever came last."""
        versions = [(number * 5) % self.rivals + 1 for number in range(self.rivals)]
        await asyncio.gather(*(snapshots.put(replace(snapshot, version=one, state=b"%d" % one)) for one in versions))
        highest = max(versions)
        kept = await snapshots.get(snapshot.instance, snapshot.stream)
        assert kept == replace(snapshot, version=highest, state=b"%d" % highest)

    @pytest.mark.parametrize(
        ("named", "left"),
        [((), set()), (("kit",), {"other/a"}), (("kit", "a"), {"kit/b", "other/a"}), (("kit", "none"), None)],
        ids=["instance", "type", "aggregate", "nothing"],
    )
    async def test_forgotten_snapshots_are_gone(
        self, snapshots: Snapshots, snapshot: Snapshot, named: tuple[str, ...], left: set[str] | None
    ) -> None:
        """All of an instance, those of one type, or that of one aggregate go; others and other instances stay."""
        streams = [Ref("kit", "a"), Ref("kit", "b"), Ref("other", "a")]
        elsewhere = replace(snapshot, instance=fresh("instance"))
        await snapshots.put(elsewhere)
        for ref in streams:
            await snapshots.put(replace(snapshot, stream=ref))
        await snapshots.forget(snapshot.instance, *named)
        kept = {f"{ref.type}/{ref.id}" for ref in streams if await snapshots.get(snapshot.instance, ref)}
        assert kept == ({"kit/a", "kit/b", "other/a"} if left is None else left)
        assert await snapshots.get(elsewhere.instance, elsewhere.stream) == elsewhere

    async def test_forgotten_snapshot_can_be_put_again(self, snapshots: Snapshots, snapshot: Snapshot) -> None:
        """An older version too: nothing of the former one is remembered. Forgetting may be repeated."""
        await snapshots.put(snapshot)
        for _ in range(2):
            await snapshots.forget(snapshot.instance, snapshot.stream.type, snapshot.stream.id)
        older = replace(snapshot, version=1)
        await snapshots.put(older)
        assert await snapshots.get(snapshot.instance, snapshot.stream) == older
