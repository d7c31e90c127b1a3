"""Where nobody else can append, states need no read to be current: on SQLite, whose file has one process."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hexkeep.adapters.sqlite import SqliteSettings, SqliteStorage
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.event import Log
from hexkeep.engine.codec import Origin
from hexkeep.ports.event_store import StoredEvent, StreamAppend, Unit
from tests.unit.engine.notes import NOTE, POKE, SLICE, WRITE, NoteId, NotePoked, WriteNote
from tests.unit.engine.rig import INSTANCE, Rig, rig_on


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """The engine on a file of its own."""
    storage = SqliteStorage(SqliteSettings(path=tmp_path / "hexkeep.db"), SystemClock())
    await storage.open()
    yield rig_on(storage, (SLICE,))
    await storage.close()


@pytest.fixture
def reads(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> list[Ref]:
    """The streams that are read from now on."""
    store, seen = rig.machinery.ports.events, list[Ref]()
    read = store.read_stream

    async def noted(instance: str, log: Log, stream: Ref, after: int = 0, limit: int = 1000) -> list[StoredEvent]:
        seen.append(stream)
        return await read(instance, log, stream, after, limit)

    monkeypatch.setattr(store, "read_stream", noted)
    return seen


async def pokes(rig: Rig, note_id: str) -> int:
    """How often a note was poked, as the next decision would see it."""
    _, note = await rig.machinery.states.load(INSTANCE, NOTE, note_id)
    return note.pokes


async def test_an_unchanged_aggregate_is_read_once(rig: Rig, reads: list[Ref]) -> None:
    """What is absent as well."""
    note, _ = await rig.run(WRITE, WriteNote(title="kept"))
    for note_id in (note.note_id, "nobody"):
        assert await pokes(rig, note_id) == await pokes(rig, note_id) == 0
    assert reads == [NOTE.ref(note.note_id), NOTE.ref("nobody")]


async def test_when_an_aggregate_changed_is_read_once_a_version(rig: Rig, reads: list[Ref]) -> None:
    """And again when it has changed; what never was has no such time."""
    note, _ = await rig.run(WRITE, WriteNote(title="kept"))
    states, ref = rig.machinery.states, NOTE.ref(note.note_id)
    written = await states.changed_at(INSTANCE, NOTE, note.note_id)
    assert written is not None
    assert await states.changed_at(INSTANCE, NOTE, note.note_id) == written
    assert reads == [ref, ref]  # its state, and its last event
    await rig.run(POKE, NoteId(note_id=note.note_id))
    poked = await states.changed_at(INSTANCE, NOTE, note.note_id)
    assert poked is not None
    assert poked > written
    assert reads == [ref, ref, ref]
    assert await states.changed_at(INSTANCE, NOTE, "nobody") is None


async def test_every_acknowledged_change_is_seen(rig: Rig) -> None:
    """One after the other and all at once: no decision rests on an older state, so none overwrites another."""
    note, _ = await rig.run(WRITE, WriteNote(title="hot"))
    for done in range(5):
        assert await pokes(rig, note.note_id) == done
        await rig.run(POKE, NoteId(note_id=note.note_id))
    await asyncio.gather(*(rig.run(POKE, NoteId(note_id=note.note_id)) for _ in range(5)))
    assert await pokes(rig, note.note_id) == 10


async def test_an_append_past_the_bus_is_noticed(rig: Rig) -> None:
    """The committer tells of every unit, also of one whose decision was made elsewhere."""
    note, _ = await rig.run(WRITE, WriteNote(title="seen"))
    assert await pokes(rig, note.note_id) == 0
    ref = NOTE.ref(note.note_id)
    events = await rig.machinery.codec.encode(INSTANCE, Log.DURABLE, ref, 1, [NotePoked()], Origin("", ""))
    unit = Unit(rig.machinery.ids.new(), INSTANCE, Log.DURABLE, (StreamAppend(ref, 1, events),))
    await rig.machinery.committer.append(unit)
    assert await pokes(rig, note.note_id) == 1


async def test_an_aggregate_that_appears_while_it_is_being_read_is_not_taken_for_absent(rig: Rig) -> None:
    """A read that began before the append may answer with nothing; the next one does not."""
    ref = NOTE.ref("appears")
    states, store = rig.machinery.states, rig.machinery.ports.events
    read, written = store.read_stream, asyncio.Event()

    async def slow(instance: str, log: Log, stream: Ref, after: int = 0, limit: int = 1000) -> list[StoredEvent]:
        found = await read(instance, log, stream, after, limit)
        await written.wait()
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "read_stream", slow)
        early = asyncio.create_task(states.load(INSTANCE, NOTE, ref.id))
        await asyncio.sleep(0)
        events = await rig.machinery.codec.encode(INSTANCE, Log.DURABLE, ref, 0, [NotePoked()], Origin("", ""))
        unit = Unit(rig.machinery.ids.new(), INSTANCE, Log.DURABLE, (StreamAppend(ref, 0, events),))
        await rig.machinery.committer.append(unit)
        written.set()
        await early
    assert await pokes(rig, ref.id) == 1
