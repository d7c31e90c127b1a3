"""A verification of everything goes on where it was broken off, and leaves nothing out for that."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep.core.kernel.event import Log
from hexkeep.core.verification.queries import Verdict, VerificationStatus
from hexkeep.engine.assembly import Tuning
from hexkeep.engine.watch import Watch
from hexkeep.ports.event_store import EventStore, Reading, StoredEvent
from hexkeep.testing.faults import FaultyEvents
from tests.tampering.site import Site, redigested
from tests.unit.engine.notes import SLICE
from tests.unit.engine.rig import ports_of, rig_with
from tests.unit.engine.test_sealer import sites

EVENTS, SEALED = 12, 4
"""Of each log, and under each of its seals."""


class Ending(FaultyEvents):
    """A node's way to the log: it ends when so many events were read."""

    def __init__(self, inner: EventStore, most: int = 10**9) -> None:
        super().__init__(inner)
        self.most = most
        self.read = 0

    async def read_log(
        self, instance: str, log: Log, after: int, limit: int, reading: Reading = Reading.PRESENT
    ) -> list[StoredEvent]:
        """See the port."""
        if self.read >= self.most:
            raise StorageUnavailable
        found = await super().read_log(instance, log, after, limit, reading)
        self.read += len(found)
        return found


@pytest.fixture(autouse=True)
def saved_at_each_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small logs are as good as large ones then."""
    monkeypatch.setattr("hexkeep.engine.passes.SAVED_EVERY", 1)


async def filled() -> list[Site]:
    """Three instances with sealed logs."""
    made = await sites(3)
    for site in made:
        await site.write(EVENTS)
        await site.sealer().seal()
    return made


def node(site: Site, most: int = 10**9) -> tuple[Watch, Ending]:
    """Another node, and what it reads."""
    events = Ending(site.storage.events, most)
    rig = rig_with(replace(ports_of(site.storage), events=events), (SLICE,), Tuning())
    return rig.machinery.watch, events


async def broken_off(site: Site, most: int) -> None:
    """A verification of everything that ends in the middle."""
    with pytest.raises(StorageUnavailable):
        await node(site, most)[0].verify_all()


@pytest.mark.parametrize("before", [True, False], ids=["once more", "the first"])
@pytest.mark.parametrize("ends", [(4,), (16,), (4, 4, 8, 12), (32,)])
async def test_another_node_goes_on_where_one_has_ended(*, before: bool, ends: Sequence[int]) -> None:
    """However often: each event is read once in all, the last one before for its time, and the status tells of all."""
    [site, *_] = await filled()
    if before:
        await node(site)[0].verify_all()
    last = (await node(site)[0].status()).verified_all_at
    for most in ends:
        await broken_off(site, most)
        assert (await node(site)[0].status()).verified_all_at == last
    watch, events = node(site)
    status = await watch.verify_all()
    assert (status.verdict, status.logs, status.events) == (Verdict.INTACT, 3, 3 * EVENTS)
    assert events.read == 3 * EVENTS - sum(ends) + 1
    assert status.verified_all_at == status.verified_at
    again, events = node(site)
    assert (await again.verify_all()).events == events.read == 3 * EVENTS


async def tampered(site: Site, position: int) -> None:
    """Change an event by the back door."""
    whole = await site.events()
    other = redigested(site, replace(whole[position - 1], actor="eve"))
    await site.rewrite([*whole[: position - 1], other, *whole[position:]])


async def test_what_was_found_before_is_still_told_behind_it() -> None:
    """A log that is broken holds up no other, and the pass that goes on does not forget it."""
    [site, other, _] = await filled()
    await node(site)[0].verify_all()
    await tampered(site, 6)
    await broken_off(site, EVENTS + 2)
    status = await node(site)[0].verify_all()
    assert [(one.instance_id, one.first) for one in status.breaks] == [("i0", 6)]
    await tampered(other, 2)
    status = await node(site)[0].verify_all()
    assert [(one.instance_id, one.first) for one in status.breaks] == [("i0", 6), ("i1", 2)]


async def test_what_is_verified_in_between_takes_nothing_from_the_pass() -> None:
    """The quick verification reads a new log wholly, which says nothing of those that it passed by."""
    [site, _, third] = await filled()
    await node(site)[0].verify_all()
    await tampered(third, 6)
    await broken_off(site, EVENTS)
    late = replace(site, instance="late")
    await late.write(EVENTS)
    await late.sealer().seal()
    last = (await node(site)[0].status()).verified_all_at
    status = await node(site)[0].verify()
    assert (status.verdict, status.verified_all_at) == (Verdict.INTACT, last)
    [broken] = (await node(site)[0].verify_all()).breaks
    assert (broken.instance_id, broken.first) == ("i2", 6)


async def test_a_pass_that_was_broken_off_long_ago_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says was verified would be told as of now."""
    [site, *_] = await filled()
    await broken_off(site, 16)
    monkeypatch.setattr("hexkeep.engine.passes.LASTING", timedelta())
    watch, events = node(site)
    assert (await watch.verify_all()).events == events.read == 3 * EVENTS


async def test_a_log_that_was_restored_meanwhile_is_read_from_its_beginning() -> None:
    """Its seals are others than those that the pass had found good."""
    [site, *_] = await filled()
    await broken_off(site, 8)
    whole, seals = await site.events(), await site.seals()
    data = site.storage.events.log("i0", Log.DURABLE)  # type: ignore[attr-defined]  # the memory storage
    data.events[:], data.epoch = whole[:6], 2
    await site.rewrite_seals(seals[:1])
    await site.write(6)
    await site.sealer().seal()
    status = await node(site)[0].verify_all()
    assert (status.verdict, status.verified_all_at) == (Verdict.INTACT, status.verified_at)


async def leapt(site: Site, position: int) -> None:
    """Have an aggregate's versions leave one out from a position on, before anything is sealed."""
    whole = await site.events()
    leaping = whole[position - 1].stream
    others = [
        redigested(site, replace(one, version=one.version + 1))
        if one.stream == leaping and one.position >= position
        else one
        for one in whole
    ]
    await site.rewrite(others)


async def test_a_fault_that_shows_from_the_beginning_alone_is_told_again() -> None:
    """A version that does not follow on one from before the last good seal, by passes broken off, and in between."""
    made = await sites(3)
    for site in made:
        await site.write(EVENTS)
    await leapt(made[0], SEALED + 1)
    for site in made:
        await site.sealer().seal()
    for most in (2 * SEALED, 2 * EVENTS):
        await broken_off(made[0], most)
    for watch in (node(made[0])[0] for _ in range(2)):
        for verify in (watch.verify_all, watch.verify):
            assert [(one.instance_id, one.first) for one in (await verify()).breaks] == [("i0", SEALED + 1)]


async def test_a_version_is_compared_with_one_from_before_the_pass_was_broken_off() -> None:
    """As if it had not been, and so are the times of events."""
    made = await sites(2)
    for site in made:
        await site.write(EVENTS)
    await leapt(made[0], SEALED + 1)
    later = await made[1].events()
    early = replace(later[SEALED], created_at=later[0].created_at - timedelta(days=1))
    await made[1].rewrite([*later[:SEALED], redigested(made[1], early), *later[SEALED + 1 :]])
    for site in made:
        await site.sealer().seal()
    for most in (SEALED, SEALED):
        await broken_off(made[0], most)
    status = await node(made[0])[0].verify_all()
    assert [(one.instance_id, one.first) for one in status.breaks] == [("i0", SEALED + 1), ("i1", SEALED + 1)]


async def test_a_log_whose_end_was_broken_for_a_while_is_verified_wholly_behind_it() -> None:
    """A pass has not come past a log that it has not read."""
    [site, *_] = await filled()
    await node(site)[0].verify_all()
    await tampered(site, 6)
    await site.write(1)
    whole = await site.events()
    await site.rewrite([*whole[:EVENTS], replace(whole[EVENTS], actor="eve")])
    await broken_off(site, EVENTS)
    await site.rewrite(whole)
    status = await node(site)[0].verify_all()
    assert [(one.instance_id, one.first) for one in status.breaks] == [("i0", 6)]


@pytest.mark.parametrize("between", [True, False], ids=["verified in between", "at once"])
async def test_a_log_that_was_restored_behind_a_pass_is_not_taken_for_verified(*, between: bool) -> None:
    """Not even where all its seals came back with it: what they stand for may be something else."""
    [site, *_] = await filled()
    await node(site)[0].verify_all()
    await broken_off(site, EVENTS + 8)
    await tampered(site, 6)
    data = site.storage.events.log("i0", Log.DURABLE)  # type: ignore[attr-defined]  # the memory storage
    data.epoch = 2
    if between:
        await site.write(1)
        await site.sealer().seal()
        await node(site)[0].verify()
    status = await node(site)[0].verify_all()
    assert [(one.instance_id, one.first) for one in status.breaks] == [("i0", 6)]


async def test_a_verification_that_ends_later_takes_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another node has verified everything meanwhile: that stays told, and what it has found."""
    [site, *_] = await filled()
    await node(site)[0].verify_all()
    await tampered(site, 6)
    await site.write(1)
    await site.sealer().seal()
    watch, events = node(site)
    everything: list[VerificationStatus] = []
    read = events.read_log

    async def later(
        instance: str, log: Log, after: int, limit: int, reading: Reading = Reading.PRESENT
    ) -> list[StoredEvent]:
        if not everything:
            everything.append(await node(site)[0].verify_all())
        return await read(instance, log, after, limit, reading)

    monkeypatch.setattr(events, "read_log", later)
    status = await watch.verify()
    for _ in range(2):
        assert status.verified_all_at == everything[0].verified_all_at
        assert [(one.instance_id, one.first) for one in status.breaks] == [("i0", 6)]
        status = await node(site)[0].verify()
