"""The sealer closes what was written, once, however many are at it; the watch verifies and remembers."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from hexkeep.core.kernel.event import Log
from hexkeep.core.verification.queries import Verdict
from hexkeep.engine.findings import Fault
from hexkeep.engine.key_audit import KeyAudit
from hexkeep.engine.seal_keys import SealKeys
from hexkeep.engine.sealer import Sealer, Sealing
from hexkeep.engine.verifier import Verifier, Verifying
from hexkeep.engine.watch import Watchfulness
from hexkeep.ports.event_store import KeyClaim
from hexkeep.ports.jose import Jwk
from hexkeep.ports.seals import Seal
from hexkeep.testing.units import append, applied, stream, unit
from tests.tampering.conftest import on_memory
from tests.tampering.site import Site, redigested
from tests.unit.engine.notes import SLICE
from tests.unit.engine.rig import Rig, rig_on

NEVER = timedelta()


async def sites(count: int) -> list[Site]:
    """Some instances on one storage that is never closed: memory needs it not."""
    async with on_memory() as (storage, door):
        return [Site(rig_on(storage, (SLICE,)), storage, door, f"i{number}") for number in range(count)]


def ranges(seals: list[Seal]) -> list[tuple[int, int, int]]:
    """Number, first and last of seals."""
    return [(seal.number, seal.first, seal.last) for seal in seals]


async def test_what_has_grown_is_sealed_and_nothing_twice() -> None:
    """A second round without news makes nothing."""
    [site] = await sites(1)
    sealer = site.sealer()
    await site.write(6)
    assert await sealer.seal() == 2
    assert await sealer.seal() == 0
    await site.write(1)
    assert await sealer.seal() == 1
    assert ranges(await site.seals()) == [(1, 1, 4), (2, 5, 6), (3, 7, 7)]


async def test_of_many_sealers_each_range_has_one() -> None:
    """They chain without a gap, and all of them come to an end."""
    [site] = await sites(1)
    for _ in range(5):
        await site.write(9)
        await asyncio.gather(*(site.sealer().seal() for _ in range(4)))
    report = await site.verify()
    assert report.broken is None
    assert report.unsealed == 0


async def test_a_key_that_is_younger_than_the_verification_is_asked_for() -> None:
    """A sealer that gets its first key, or a new one, while somebody verifies is no fault; a stranger's key is."""
    [site] = await sites(1)
    await site.write(3)
    await site.sealer().seal()
    ports = site.rig.machinery.ports
    for renewed, fault in ((site.keys.renewed, None), (_no_keys, Fault.SIGNATURE)):
        verifier = Verifier(Verifying(ports.events, ports.seals, ports.jose, (), renewed=renewed))
        [head] = await verifier.heads(site.instance, site.log)
        report, _ = await verifier.verify(head)
        assert (report.broken and report.broken.fault) is fault


async def _no_keys() -> list[Jwk]:
    return []


async def test_a_quiet_round_costs_one_look_whatever_the_number_of_logs() -> None:
    """Hundreds of instances without news ask nothing of the storage but its heads."""
    several = await sites(30)
    for site in several:
        await site.write(1)
    ports = several[0].rig.machinery.ports
    seals = CountingSeals(several[0])
    keys = SealKeys(several[0].rig.machinery.keyring, ports.jose)
    sealer = Sealer(Sealing(ports.events, seals, keys, ports.jose, ports.clock))
    assert await sealer.seal() == 30
    asked = seals.asked
    assert await sealer.seal() == 0
    assert seals.asked == asked


class CountingSeals:
    """The port ``seals.Seals`` of a site, which counts."""

    def __init__(self, site: Site) -> None:
        self._seals = site.storage.seals
        self.asked = 0

    async def add(self, seal: Seal) -> bool:
        """Count and pass on."""
        self.asked += 1
        return await self._seals.add(seal)

    async def newest(self, instance: str, log: Log) -> Seal | None:
        """Count and pass on."""
        self.asked += 1
        return await self._seals.newest(instance, log)

    async def list(self, instance: str, log: Log, after: int, limit: int) -> list[Seal]:
        """Count and pass on."""
        self.asked += 1
        return [*await self._seals.list(instance, log, after, limit)]

    async def covering(self, instance: str, log: Log, position: int) -> Seal | None:
        """Count and pass on."""
        self.asked += 1
        return await self._seals.covering(instance, log, position)

    async def ping(self) -> None:
        """Pass on."""
        await self._seals.ping()

    async def close(self) -> None:
        """Leave it open."""

    async def open(self) -> None:
        """It is open."""


async def test_a_log_with_a_gap_is_not_sealed(caplog: pytest.LogCaptureFixture) -> None:
    """A seal would make it look whole; the log says once where to look."""
    [site] = await sites(1)
    await site.write(5)
    whole = await site.events()
    await site.rewrite([*whole[:2], *whole[3:]])
    sealer = site.sealer()
    with caplog.at_level(logging.ERROR):
        assert await sealer.seal() == await sealer.seal() == 0
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "has a gap" in caplog.text
    assert (sealer.made, sealer.unsealed) == (0, 4)


async def test_seals_that_were_taken_back_are_not_made_again(caplog: pytest.LogCaptureFixture) -> None:
    """By the sealer that made them: a good seal over a changed history would be worse than none."""
    [site] = await sites(1)
    sealer = site.sealer()
    await site.write(8)
    await sealer.seal()
    await site.rewrite_seals((await site.seals())[:1])
    await site.write(1)
    with caplog.at_level(logging.ERROR):
        assert await sealer.seal() == await sealer.seal() == 0
    assert "has lost seals" in caplog.text
    assert len(caplog.records) == 1
    assert sealer.unsealed == 1


async def test_a_restore_is_followed_by_a_sealer_that_knew_more() -> None:
    """A new epoch tells that the seals did not just go."""
    [site] = await sites(1)
    sealer = site.sealer()
    await site.write(8)
    await sealer.seal()
    data = site.storage.events.log("i0", Log.DURABLE)  # type: ignore[attr-defined]  # the memory storage
    data.events[:], data.epoch = (await site.events())[:6], 2
    await site.rewrite_seals((await site.seals())[:1])
    await site.write(4)
    assert await sealer.seal() == 0
    assert await sealer.seal() == 2
    assert [(seal.epoch, seal.first, seal.last) for seal in await site.seals()] == [(1, 1, 4), (2, 5, 8), (2, 9, 10)]
    assert (await site.verify()).broken is None


async def test_what_the_watch_remembers_cannot_be_forged(caplog: pytest.LogCaptureFixture) -> None:
    """Rows that do not open make it verify everything, and say so."""
    [site] = await sites(1)
    await site.write(8)
    await site.sealer().seal()
    await restless(site).machinery.watch.verify()
    entries = site.storage.expiring._entries  # type: ignore[attr-defined]  # noqa: SLF001 - the back door of memory
    for place, entry in entries.items():
        entries[place] = entry._replace(value=entry.value[:-1] + bytes([entry.value[-1] ^ 1]))
    status = await restless(site).machinery.watch.verify()
    assert (status.verdict, status.events) == (Verdict.INTACT, 8)
    assert "everything is verified anew" in caplog.text


async def test_the_key_rotates_and_older_seals_hold() -> None:
    """Another version of the data key is another pair; both are trusted."""
    [site] = await sites(1)
    await site.write(4)
    await site.sealer().seal()
    machinery = site.rig.machinery
    [first] = await machinery.ports.keys.get("system", "sealer")
    rig = rig_on(site.storage, (SLICE,))
    wrapped = rig.machinery.keyring
    secret = wrapped.cipher.new_key()
    context = b"hexkeep-key/system/sealer/2"
    sealed = wrapped.cipher.seal(b"m" * 32, secret, context)
    await machinery.ports.keys.add(replace(first, version=2, wrapped=sealed))
    later = replace(site, rig=rig)
    await later.write(4)
    await later.sealer().seal()
    assert len(await later.keys.trusted()) == 2
    assert (await later.verify()).broken is None


# --- the watch ------------------------------------------------------------------------------------------------------


def restless(site: Site) -> Rig:
    """The site's engine anew, as another node would have it."""
    return rig_on(site.storage, (SLICE,))


async def test_the_watch_verifies_what_is_new_and_tells() -> None:
    """The second time only what came since; the status is there for every node."""
    [site] = await sites(1)
    await site.write(8)
    await site.sealer().seal()
    assert (await restless(site).machinery.watch.status()).verdict is Verdict.UNVERIFIED
    assert (await restless(site).machinery.watch.verify()).events == 8
    await site.write(4)
    await site.sealer().seal()
    status = await restless(site).machinery.watch.verify()
    assert (status.verdict, status.events, status.breaks) == (Verdict.INTACT, 4, ())
    assert await restless(site).machinery.watch.status() == status
    everything = await restless(site).machinery.watch.verify_all()
    assert (everything.events, everything.verified_all_at is not None) == (12, True)


async def test_a_break_is_told_until_it_is_mended(caplog: pytest.LogCaptureFixture) -> None:
    """What the full verification finds, the quick ones go on to tell."""
    [site] = await sites(1)
    await site.write(8)
    await site.sealer().seal()
    await restless(site).machinery.watch.verify()
    whole = await site.events()
    await site.rewrite([*whole[:5], redigested(site, replace(whole[5], actor="eve")), *whole[6:]])
    assert (await restless(site).machinery.watch.verify()).verdict is Verdict.INTACT
    for verification in ("verify_all", "verify"):
        status = await getattr(restless(site).machinery.watch, verification)()
        assert status.verdict is Verdict.BROKEN
        [broken] = status.breaks
        assert (broken.instance_id, broken.fault, broken.first) == ("i0", "leaf", 6)
    other = restless(site).machinery.watch
    assert await other.is_broken()
    assert {one.name: one.value for one in other.figures()}["broken_logs"] == 1
    assert "is not as it was written: position 6" in caplog.text
    await site.rewrite(whole)
    assert (await restless(site).machinery.watch.verify()).verdict is Verdict.INTACT


async def test_a_history_sealed_anew_does_not_pass_the_watch() -> None:
    """It remembers the last good seal, sealed, so a good signature is not enough."""
    [site] = await sites(1)
    await site.write(8)
    await site.sealer().seal()
    await restless(site).machinery.watch.verify()
    whole = await site.events()
    await site.rewrite([*whole[:5], redigested(site, replace(whole[5], actor="eve")), *whole[6:]])
    await site.rewrite_seals([])
    await site.sealer().seal()
    assert (await site.verify()).broken is None
    [broken] = (await restless(site).machinery.watch.verify()).breaks
    assert broken.fault == "kept"


async def test_a_restore_begins_the_watch_anew() -> None:
    """A new epoch in front of what was verified is no attack."""
    [site] = await sites(1)
    await site.write(8)
    await site.sealer().seal()
    await restless(site).machinery.watch.verify()
    whole, seals = await site.events(), await site.seals()
    data = site.storage.events.log("i0", Log.DURABLE)  # type: ignore[attr-defined]  # the memory storage
    data.events[:], data.epoch = whole[:6], 2
    await site.rewrite_seals(seals[:1])
    await site.write(2)
    await site.sealer().seal()
    assert (await restless(site).machinery.watch.verify()).verdict is Verdict.INTACT
    assert [seal.epoch for seal in await site.seals()] == [1, 2]


async def test_the_first_verification_is_one_of_everything() -> None:
    """So the rare one that is due at the same moment does not read it all a second time."""
    [site] = await sites(1)
    await site.write(8)
    watch = site.rig.machinery.watch
    await watch.verify()
    [rare] = [job for job in watch.jobs() if job.name == "verify-all"]
    await rare.run()
    status = await watch.status()
    assert status.verified_all_at == status.verified_at


async def test_the_watch_sleeps_when_told_so() -> None:
    """A rhythm of nothing is no job."""
    [site] = await sites(1)
    jobs = {job.name for job in site.rig.machinery.watch.jobs()}
    assert jobs == {"seal", "verify", "verify-all"}
    watch = site.rig.machinery.watch
    watch._how = Watchfulness(verify=NEVER, verify_all=NEVER)  # noqa: SLF001 - as an operator would set it
    assert {job.name for job in watch.jobs()} == {"seal"}


# --- unique keys ----------------------------------------------------------------------------------------------------


async def test_unique_keys_are_held_against_their_history() -> None:
    """Whoever gives a key to somebody else in the table alone is found, in however many parts it is looked at."""
    [site] = await sites(1)
    store = site.storage.events
    claims = [KeyClaim("name", bytes([number]) * 32, stream("user")) for number in range(20)]
    for claim in claims:
        await applied(store, unit("i0", append(claim.owner), claims=(claim,)))
    assert (await KeyAudit(store, held=3).audit("i0")).broken is None
    assert (await KeyAudit(store).audit("i0")).keys == 20
    store._owners["i0", "name", claims[6].hash] = stream("thief")  # type: ignore[attr-defined]  # noqa: SLF001 - the back door
    for held in (3, 1000):
        broken = (await KeyAudit(store, held=held).audit("i0")).broken
        assert broken is not None
        assert (broken.fault, broken.first) == ("unique_key", 7)
