"""The codec: canonical bytes, sealed fields, and what remains after erasure."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.engine.assembly import Machinery
from hexkeep.engine.codec import Origin, canonical, context_of
from hexkeep.engine.masters import MasterKey
from hexkeep.ports.event_store import StoredEvent
from tests.unit.engine.notes import NOTE, SLICE, NoteWritten
from tests.unit.engine.rig import INSTANCE, Rig, memory_storage, ports_of, rig_on, started

EVENT = NoteWritten(title="plain", text="private words", author="ada", token="hush")
REF = NOTE.ref("n1")
ORIGIN = Origin("ada", "c1")


async def stored(rig: Rig, version: int = 1, event: Event = EVENT) -> StoredEvent:
    """``event`` as the store would hold it."""
    codec = rig.machinery.codec
    [new] = await codec.encode(INSTANCE, Log.DURABLE, REF, version - 1, [event], ORIGIN)
    now = rig.machinery.clock.now()
    return StoredEvent(1, REF, version, new.type, new.revision, new.payload, new.digest, "ada", "c1", b"", now)


async def decoded(rig: Rig, event: StoredEvent) -> Recorded[Event]:
    """The event behind its row."""
    return await rig.machinery.codec.decode(INSTANCE, Log.DURABLE, event)


async def test_an_event_comes_back_as_it_was() -> None:
    """Decoding undoes encoding, sealed fields included."""
    async with started(SLICE) as rig:
        assert (await decoded(rig, await stored(rig))).event == EVENT


async def test_personal_and_secret_fields_are_unreadable_in_the_payload() -> None:
    """Plain fields stay readable for audits; marked ones do not."""
    async with started(SLICE) as rig:
        payload = (await stored(rig)).payload
        assert b"plain" in payload
        assert b"private" not in payload
        assert b"hush" not in payload


async def test_a_ciphertext_moved_to_another_version_does_not_open() -> None:
    """A sealed field is bound to its place, so events cannot be spliced."""
    async with started(SLICE) as rig:
        moved = replace(await stored(rig), version=2)
        with pytest.raises(ValueError, match=r".*"):
            await decoded(rig, moved)


async def test_after_erasure_the_rest_of_the_event_is_still_readable() -> None:
    """The destroyed key takes the personal text along, nothing else."""
    async with started(SLICE) as rig:
        event = await stored(rig)
        await rig.machinery.keyring.destroy(INSTANCE, "subject/ada")
        seen = (await decoded(rig, event)).event
        assert isinstance(seen, NoteWritten)
        assert (seen.text, seen.title, seen.token) == ("(erased)", "plain", "hush")


async def test_nothing_more_can_be_written_about_an_erased_person() -> None:
    """A destroyed key never comes back."""
    async with started(SLICE) as rig:
        await stored(rig)
        await rig.machinery.keyring.destroy(INSTANCE, "subject/ada")
        with pytest.raises(FailedPrecondition):
            await stored(rig)


async def test_an_older_revision_is_upcast() -> None:
    """Revision 1 called the title a name."""
    async with started(SLICE) as rig:
        event = await stored(rig)
        fields = json.loads(event.payload)
        fields["name"] = fields.pop("title")
        seen = (await decoded(rig, replace(event, revision=1, payload=canonical(fields)))).event
        assert isinstance(seen, NoteWritten)
        assert seen.title == "plain"


async def test_a_newer_revision_is_not_guessed_at() -> None:
    """A program that is too old says so."""
    async with started(SLICE) as rig:
        with pytest.raises(LookupError):
            await decoded(rig, replace(await stored(rig), revision=3))


async def test_the_digest_covers_author_place_and_payload() -> None:
    """Events that differ in any of them have different digests."""
    async with started(SLICE) as rig:
        one, two = await stored(rig, 1), await stored(rig, 2)
        assert len(one.digest) == 32
        assert one.digest != two.digest


async def test_another_master_key_opens_nothing() -> None:
    """Keys wrapped by one master key are useless under another."""
    async with memory_storage() as storage:
        event = await stored(rig_on(storage, (SLICE,)))
        other = Rig(Machinery(ports_of(storage), MasterKey(b"x" * 32), (SLICE,)))
        with pytest.raises(Exception, match="master key"):
            await decoded(other, event)


def test_canonical_bytes_have_one_form() -> None:
    """Sorted keys, no white space, UTF-8 as it is."""
    assert canonical({"b": "ü", "a": [1, None, True]}) == '{"a":[1,null,true],"b":"ü"}'.encode()


@given(st.text(), st.text(), st.text(), st.integers(1), st.text(), st.text())
def test_what_a_sealed_field_is_bound_to_is_canonical(
    instance: str, type_: str, id_: str, version: int, event: str, field: str
) -> None:
    """Written out by hand it is byte for byte what the encoder makes of it."""
    try:
        expected = canonical([instance, type_, id_, version, event, field])
    except UnicodeEncodeError:  # lone surrogates are refused either way
        return
    assert context_of(instance, Ref(type_, id_), version, event, field) == expected
