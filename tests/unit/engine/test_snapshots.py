"""Snapshots: a long stream is not read from its beginning, and no state is another for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.core.kernel.aggregate import AnyAggregate, Ref
from hexkeep.core.kernel.event import Log
from hexkeep.core.key.state import SigningKey, SigningKeys
from hexkeep.core.slices import SLICES
from hexkeep.engine.assembly import Tuning
from hexkeep.engine.snapshots import APART, LONG, form, written
from hexkeep.ports.event_store import StoredEvent
from hexkeep.testing.faults import FaultyEvents
from tests.unit.engine.notes import NOTE, POKE, SLICE, WRITE, Note, NoteId, WriteNote
from tests.unit.engine.rig import INSTANCE, Rig, memory_storage, ports_of, rig_on, rig_with

AGGREGATES: Sequence[AnyAggregate] = [aggregate for one in SLICES for aggregate in one.aggregates]

KEY = st.builds(SigningKey, public=st.dictionaries(st.text(), st.text() | st.integers()))
OWN = {"signing_keys": st.builds(SigningKeys, keys=st.lists(KEY).map(tuple))}
"""States that hold JSON values of any kind, which hypothesis cannot make by itself."""


class CountedEvents(FaultyEvents):
    """Counts what it hands out of streams."""

    reads = 0

    async def read_stream(
        self, instance: str, log: Log, stream: Ref, after: int = 0, limit: int = 1000
    ) -> list[StoredEvent]:
        """See the port."""
        found = await super().read_stream(instance, log, stream, after, limit)
        self.reads += len(found)
        return found


@dataclass
class Counting:
    """A rig without any memory of its own, and how many events it has read."""

    rig: Rig
    events: CountedEvents

    async def load(self, note_id: str) -> tuple[int, Note]:
        """The state, as a process that has just started finds it."""
        return await self.rig.machinery.states.load(INSTANCE, NOTE, note_id)


def fresh(storage: MemoryStorage) -> Counting:
    """A node that knows nothing yet."""
    ports = ports_of(storage)
    events = CountedEvents(storage.events)
    return Counting(rig_with(replace(ports, events=events), (SLICE,), Tuning()), events)


async def poked(storage: MemoryStorage, times: int) -> str:
    """A note with so many events."""
    rig = rig_on(storage, (SLICE,))
    note, _ = await rig.run(WRITE, WriteNote(title="long", text="dear diary"))
    for _ in range(times - 1):
        await rig.run(POKE, NoteId(note_id=note.note_id))
    return note.note_id


@pytest.mark.parametrize("length", [1, LONG - 1, LONG, LONG + APART - 1, LONG + APART, 3 * LONG + 7])
async def test_state_is_the_same_with_and_without_a_snapshot(length: int) -> None:
    """A node that finds a snapshot folds the same state as the one that made it."""
    async with memory_storage() as storage:
        note_id = await poked(storage, length)
        first, second = [await fresh(storage).load(note_id) for _ in range(2)]
        assert first == second == (length, Note("long", "dear diary", length - 1))


async def test_long_stream_is_read_from_its_snapshot_on() -> None:
    """The second cold load skips what the snapshot holds, and sees what came behind it."""
    async with memory_storage() as storage:
        note_id = await poked(storage, 4 * LONG)
        await fresh(storage).load(note_id)
        rig = rig_on(storage, (SLICE,))
        await rig.run(POKE, NoteId(note_id=note_id))
        cold = fresh(storage)
        assert (await cold.load(note_id))[1].pokes == 4 * LONG
        assert cold.events.reads == LONG + 1


async def test_short_stream_has_no_snapshot() -> None:
    """What is folded with one read is not kept twice."""
    async with memory_storage() as storage:
        note_id = await poked(storage, LONG - 1)
        await fresh(storage).load(note_id)
        assert await storage.snapshots.get(INSTANCE, NOTE.ref(note_id)) is None


async def test_snapshot_of_another_shape_or_key_is_passed_over() -> None:
    """One that this program cannot read, or that somebody has tampered with, costs a fold and nothing else."""
    async with memory_storage() as storage:
        note_id = await poked(storage, 2 * LONG)
        expected = await fresh(storage).load(note_id)
        kept = await storage.snapshots.get(INSTANCE, NOTE.ref(note_id))
        assert kept is not None
        assert b"diary" not in kept.state
        for other in (
            replace(kept, schema="another"),
            replace(kept, schema="another", version=kept.version + 1),
        ):
            await storage.snapshots.put(other)
            assert await fresh(storage).load(note_id) == expected
        await storage.snapshots.forget(INSTANCE)
        await storage.snapshots.put(replace(kept, state=kept.state[:-1] + b"x"))
        assert await fresh(storage).load(note_id) == expected
        await storage.snapshots.forget(INSTANCE)
        await storage.snapshots.put(replace(kept, stream=NOTE.ref("another")))
        await storage.snapshots.put(replace(kept, state=b"\0\0\0\x09" + kept.state[4:]))
        assert await fresh(storage).load(note_id) == expected


@pytest.mark.parametrize("aggregate", AGGREGATES, ids=lambda one: str(one.name))
def test_every_state_can_be_kept(aggregate: AnyAggregate) -> None:
    """Any state of any built-in aggregate comes back as it was."""

    @settings(max_examples=25, deadline=None)
    @given(OWN.get(aggregate.name, st.from_type(type(aggregate.initial))))
    def check(state: object) -> None:
        adapter = form(aggregate)
        assert adapter is not None
        assert adapter.validate_json(written(adapter, state)) == (state,)

    check()
