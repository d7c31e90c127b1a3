"""What was sealed holds in a restored store, and what a restore leaves out is told by seals that are kept elsewhere."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hexkeep.adapters.cryptography.cipher import AesGcmCipher
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.adapters.system.ids import SystemIds
from hexkeep.core.instance.state import SYSTEM_INSTANCE, Instance, InstanceStatus
from hexkeep.engine.archive.lines import Lines, read
from hexkeep.engine.archive.loading import Loading
from hexkeep.engine.archive.point import Point
from hexkeep.engine.archive.wrapping import Wrapping
from hexkeep.engine.archive.writing import Writing
from hexkeep.engine.findings import Break, Fault
from hexkeep.engine.masters import Masters
from tests.tampering.conftest import on_memory
from tests.tampering.site import HeldSeals, Site
from tests.unit.engine.notes import SLICE
from tests.unit.engine.rig import MASTER, rig_on

STATE = Instance(InstanceStatus.ACTIVE, "One", "https://one.example", ("one.example",), "org")


@asynccontextmanager
async def site_of(instance: str) -> AsyncIterator[Site]:
    """An empty memory storage."""
    async with on_memory() as (storage, door):
        yield Site(rig_on(storage, (SLICE,)), storage, door, instance)


async def archive(site: Site, instance: str = "") -> list[bytes]:
    """The lines of an archive of all, or of an instance that leaves."""
    writing = Writing(site.storage, SystemClock(), SystemIds(), "test")
    cut = await writing.cut(instance)
    records = writing.instance(cut, instance, STATE) if instance else writing.store(cut)
    made = Lines()
    return [*[made.line(record) async for record in records], made.end()]


async def load(site: Site, lines: list[bytes], point: Point, only: str = "", *, adopting: bool = False) -> None:
    """Load an archive into a store with the same master key."""
    wrapping = Wrapping(Masters.local(AesGcmCipher(), MASTER), site.rig.machinery.keyring.wrapping)
    async with site.storage.loader() as loader:  # type: ignore[attr-defined]  # the memory storage can be loaded
        loading = Loading(loader, site.storage.events, site.storage.keys, wrapping)
        await loading.run(read(lines), point, only, adopting=adopting, replace_present=True)


async def test_seals_hold_in_a_restored_store() -> None:
    """They were made in another epoch, with a key that came along."""
    async with site_of("one") as old, site_of("one") as new:
        await old.write(1, instance=SYSTEM_INSTANCE)
        await old.write(12)
        await old.sealer().seal()
        await load(new, await archive(old), Point())
        await new.write(4)
        await new.sealer().seal()
        report = await new.verify(HeldSeals(await old.seals()))
        assert (report.broken, report.epoch, report.seals, report.unsealed) == (None, 2, 4, 0)


async def test_what_a_restore_left_out_is_told_by_kept_seals() -> None:
    """It looks like a log that was cut, which it is: whoever did it says so, or something is wrong."""
    async with site_of("one") as old, site_of("one") as new:
        await old.write(1, instance=SYSTEM_INSTANCE)
        await old.write(12)
        await old.sealer().seal()
        kept = HeldSeals(await old.seals())
        lines = await archive(old)
        await load(new, lines, Point())
        await load(new, lines, Point(position=6), "one")
        await new.write(6)
        await new.sealer().seal()
        assert [(seal.epoch, seal.first, seal.last) for seal in await new.seals()] == [
            (1, 1, 4),
            (3, 5, 8),
            (3, 9, 12),
        ]
        assert (await new.verify()).broken is None
        assert (await new.verify(kept)).broken == Break(Fault.RESTORED, 5, 8)
        assert (await new.verify(kept, restored=True)).broken is None
        assert (await old.verify(kept)).broken is None


async def test_an_imported_instance_is_sealed_anew() -> None:
    """The store that it came from signed with a key that nobody has here."""
    async with site_of("one") as home, site_of("one") as there:
        await home.write(8)
        await home.sealer().seal()
        await load(there, await archive(home, "one"), Point(), adopting=True)
        assert await there.seals() == []
        await there.sealer().seal()
        report = await there.verify()
        assert (report.broken, report.seals, report.unsealed) == (None, 2, 0)
