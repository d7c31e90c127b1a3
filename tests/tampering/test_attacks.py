"""Whatever is changed in a log by its database's owner is found, at the right position."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from hexkeep.adapters.cryptography.cipher import AesGcmCipher
from hexkeep.adapters.memory.keys import MemoryKeys
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.event import Log
from hexkeep.engine.findings import Break, Fault
from hexkeep.engine.keyring import Keyring
from hexkeep.engine.masters import MasterKey, Masters
from hexkeep.engine.seal_keys import SealKeys
from hexkeep.engine.sealing import HINT
from hexkeep.ports.event_store import StoredEvent
from tests.tampering.site import SEALED, HeldSeals, Site, redigested

SECOND = timedelta(seconds=1)
Change = Callable[[StoredEvent], StoredEvent]


def flipped(value: bytes) -> bytes:
    """The same but for one bit in the middle."""
    place = len(value) // 2
    return value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]


def at(position: int, fault: Fault) -> Break:
    """A break of one position."""
    return Break(fault, position, position)


CHANGES: dict[str, tuple[Change, Fault]] = {
    "payload": (lambda one: replace(one, payload=flipped(one.payload)), Fault.DIGEST),
    "digest": (lambda one: replace(one, digest=flipped(one.digest)), Fault.DIGEST),
    "actor": (lambda one: replace(one, actor="eve"), Fault.DIGEST),
    "correlation id": (lambda one: replace(one, correlation_id="other"), Fault.DIGEST),
    "type": (lambda one: replace(one, type="note.retitled"), Fault.DIGEST),
    "revision": (lambda one: replace(one, revision=one.revision + 1), Fault.DIGEST),
    "version": (lambda one: replace(one, version=one.version + 100), Fault.DIGEST),
    "aggregate": (lambda one: replace(one, stream=Ref("note", "another")), Fault.DIGEST),
    "later": (lambda one: replace(one, created_at=one.created_at + timedelta(microseconds=1)), Fault.LEAF),
    "earlier": (lambda one: replace(one, created_at=one.created_at - SECOND * 60), Fault.TIME),
    "client": (lambda one: replace(one, client=flipped(one.client)), Fault.LEAF),
}


async def test_an_untouched_log_is_intact(site: Site) -> None:
    """What was sealed and what is yet to be are told apart."""
    report = await site.verify()
    assert report.broken is None
    assert (report.events, report.seals, report.unsealed, report.unfollowed, report.head) == (14, 3, 2, 0, 14)


@pytest.mark.parametrize("name", CHANGES)
async def test_a_changed_byte_is_found(site: Site, name: str) -> None:
    """Each part of an event's row is covered, by its digest or by its leaf: at both ends and in the middle."""
    change, fault = CHANGES[name]
    whole = await site.events()
    for position in (1, 6, 12):
        events = [change(event) if event.position == position else event for event in whole]
        await site.rewrite(events)
        expected = at(position, Fault.LEAF if (name, position) == ("earlier", 1) else fault)
        assert (await site.verify()).broken == expected


async def test_what_is_not_sealed_yet_is_held_by_its_digest(site: Site) -> None:
    """A change behind the newest seal is found as well, unless the digest is made anew."""
    events = await site.events()
    events[13] = replace(events[13], payload=flipped(events[13].payload))
    await site.rewrite(events)
    assert (await site.verify()).broken == at(14, Fault.DIGEST)


async def test_a_missing_event_is_found(site: Site) -> None:
    """In the middle of a range, at its end, and behind the newest seal."""
    whole = await site.events()
    for position in (13, 8, 6):
        await site.rewrite([event for event in whole if event.position != position], 14)
        assert (await site.verify()).broken == at(position, Fault.MISSING)


async def test_a_missing_end_is_found(site: Site) -> None:
    """Though the head be moved to where the log ends now: there is a seal over what is missing."""
    whole = await site.events()
    await site.rewrite(whole[:10], 10)
    assert (await site.verify()).broken == at(11, Fault.MISSING)


async def test_an_inserted_event_is_found(site: Site) -> None:
    """It fits its own digest, and everything behind it moved on by one."""
    whole = await site.events()
    forged = redigested(site, replace(whole[5], stream=Ref("note", "forged"), version=1))
    moved = [replace(event, position=event.position + 1) for event in whole[5:]]
    await site.rewrite([*whole[:5], forged, *moved], 15)
    assert (await site.verify()).broken == at(6, Fault.LEAF)


async def test_two_swapped_events_are_found(site: Site) -> None:
    """A digest does not know its position; the leaf does."""
    whole = await site.events()
    whole[2], whole[6] = (replace(whole[6], position=3), replace(whole[2], position=7))
    whole[2] = replace(whole[2], created_at=whole[1].created_at)
    await site.rewrite(whole)
    broken = (await site.verify()).broken
    assert broken is not None
    assert (broken.first, broken.last) == (3, 3)


async def test_an_event_with_a_new_digest_is_found(site: Site) -> None:
    """The seal remembers the old one."""
    whole = await site.events()
    whole[6] = redigested(site, replace(whole[6], actor="eve"))
    await site.rewrite(whole)
    assert (await site.verify()).broken == at(7, Fault.LEAF)


async def test_seals_made_with_another_key_are_found(site: Site) -> None:
    """Whoever has the database but not the master key cannot sign what was changed."""
    whole = await site.events()
    whole[6] = redigested(site, replace(whole[6], actor="eve"))
    await site.rewrite(whole)
    await site.rewrite_seals([])
    keyring = Keyring(MemoryKeys(), AesGcmCipher(), Masters.local(AesGcmCipher(), MasterKey(b"e" * 32)), SystemClock())
    await site.sealer(SealKeys(keyring, site.rig.machinery.ports.jose)).seal()
    assert (await site.verify()).broken == Break(Fault.SIGNATURE, 1, SEALED)


async def test_rows_of_another_instance_are_found(site: Site) -> None:
    """Events of one instance are none of another's, digest and all."""
    whole = await site.events()
    other = replace(site, instance=site.instance + "-other")
    await other.write(14)
    foreign = await other.events()
    await site.rewrite([*whole[:4], foreign[4], *whole[5:]])
    broken = (await site.verify()).broken
    assert broken is not None
    assert (broken.fault, broken.first) == (Fault.DIGEST, 5)


async def test_a_head_behind_the_log_is_found(site: Site) -> None:
    """Rows behind the head would be taken for new ones by the next writer."""
    if (await site.storage.events.head(site.instance, site.log)).position == 14:
        await site.rewrite(await site.events(), 12)
    if (await site.storage.events.head(site.instance, site.log)).position == 12:
        assert (await site.verify()).broken == Break(Fault.HEAD, 13, 13)


# --- seals ---------------------------------------------------------------------------------------------------------


async def test_a_changed_seal_is_found(site: Site) -> None:
    """What is signed, and the hints that are not."""
    first, second, third = await site.seals()
    hints = flipped(second.leaves)
    cases = {
        Fault.CLAIMS: replace(second, sealed_at=second.sealed_at + SECOND),
        Fault.SIGNATURE: replace(second, signature=second.signature[:-10] + "A" * 10),
        Fault.HINTS: replace(second, leaves=hints),
        Fault.CHAIN: replace(second, signature=first.signature),
    }
    for fault, changed in cases.items():
        await site.rewrite_seals([first, changed, third])
        wanted = Fault.CLAIMS if fault is Fault.CHAIN else fault
        assert (await site.verify()).broken == Break(wanted, second.first, second.last)


async def test_seals_without_hints_still_hold(site: Site) -> None:
    """The range that differs is then all that can be told."""
    whole, seals = await site.events(), await site.seals()
    whole[6] = redigested(site, replace(whole[6], actor="eve"))
    await site.rewrite(whole)
    await site.rewrite_seals([replace(seal, leaves=b"") for seal in seals])
    broken = (await site.verify()).broken
    assert broken is not None
    assert (broken.first, broken.last) == (1, 4)
    await site.rewrite_seals([seals[0], replace(seals[1], leaves=b"\0" * HINT), seals[2]])
    assert (await site.verify()).broken == Break(Fault.RANGE, 5, 8)


async def test_a_missing_seal_is_found(site: Site) -> None:
    """The one behind it does not follow on the one before."""
    first, second, third = await site.seals()
    await site.rewrite_seals([first, third])
    assert (await site.verify()).broken == Break(Fault.CHAIN, second.first, third.last)
    await site.rewrite_seals([second, third])
    assert (await site.verify()).broken == Break(Fault.CHAIN, 1, second.last)


# --- seals that are kept elsewhere ---------------------------------------------------------------------------------


async def test_a_log_cut_with_its_seals_is_found_against_kept_ones(site: Site) -> None:
    """Nothing in the database tells that there was more."""
    whole, seals = await site.events(), await site.seals()
    await site.rewrite(whole[:8], 8)
    await site.rewrite_seals(seals[:2])
    assert (await site.verify()).broken is None
    assert (await site.verify(HeldSeals(seals))).broken == at(9, Fault.MISSING)


async def test_a_log_sealed_anew_by_whoever_has_the_key_is_found_against_kept_ones(site: Site) -> None:
    """The kept seal names the position that was changed."""
    whole, seals = await site.events(), await site.seals()
    whole[6] = redigested(site, replace(whole[6], actor="eve"))
    await site.rewrite(whole)
    await site.rewrite_seals([])
    await site.sealer().seal()
    assert (await site.verify()).broken is None
    assert (await site.verify(HeldSeals(seals))).broken == at(7, Fault.LEAF)
    assert (await site.verify(HeldSeals(seals[2:]))).broken == Break(Fault.KEPT, 9, 12)


async def test_removed_seals_are_found_against_kept_ones(site: Site) -> None:
    """Though the events be whole."""
    seals = await site.seals()
    await site.rewrite_seals(seals[:2])
    assert (await site.verify(HeldSeals(seals))).broken == Break(Fault.KEPT, 9, 12)


async def test_kept_seals_have_to_be_signed_as_well(site: Site) -> None:
    """A file from nobody knows where proves nothing."""
    first, *others = await site.seals()
    kept = HeldSeals([replace(first, last=first.last - 1), *others])
    assert (await site.verify(kept)).broken == Break(Fault.SIGNATURE, 1, 3)
    assert (await site.verify(HeldSeals([first]), [])).broken == Break(Fault.SIGNATURE, 1, 4)


# --- what is no attack ---------------------------------------------------------------------------------------------


async def test_erasure_keeps_the_proofs(site: Site) -> None:
    """What was sealed was the ciphertext."""
    await site.rig.machinery.keyring.destroy(site.instance, "subject/ada")
    assert (await site.verify()).broken is None


async def test_dropped_ranges_are_vouched_for_by_their_seals(site: Site) -> None:
    """Retention drops whole sealed ranges; what is left is still verified."""
    activity = replace(site, log=Log.ACTIVITY)
    await activity.write(12)
    await activity.sealer().seal()
    while await site.storage.events.drop(site.instance, 8):
        pass
    report = await activity.verify()
    assert report.broken is None
    assert (report.dropped, report.events, report.seals, report.horizon) == (8, 4, 3, 8)
    seals = await activity.seals()
    await activity.rewrite_seals([seals[0], replace(seals[1], root=seals[0].root), seals[2]])
    assert (await activity.verify()).broken == Break(Fault.CLAIMS, 5, 8)


async def test_a_range_that_was_dropped_in_part_is_found(site: Site) -> None:
    """What is left of it cannot be held against its seal any more."""
    activity = replace(site, log=Log.ACTIVITY)
    await activity.write(12)
    await activity.sealer().seal()
    while await site.storage.events.drop(site.instance, 6):
        pass
    assert (await activity.verify()).broken == Break(Fault.HORIZON, 5, 6)
