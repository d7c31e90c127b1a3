"""Snapshots: a long stream is not read from its beginning, and no state is another for it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexkeep.adapters.memory.snapshots import MemorySnapshots
from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.core.application.client_metadata import NO_METADATA, ClientMetadata, ResponseType
from hexkeep.core.application.state import Application
from hexkeep.core.applicationkey.state import ApplicationKey
from hexkeep.core.detailstype.state import DetailsTypes
from hexkeep.core.idp.state import IdentityProvider
from hexkeep.core.kernel.aggregate import AnyAggregate, Ref
from hexkeep.core.kernel.event import Log
from hexkeep.core.key.state import SigningKey, SigningKeys
from hexkeep.core.machinekey.state import MachineKey
from hexkeep.core.oidc.rfc9396 import DetailsField, DetailsType, FieldKind
from hexkeep.core.policy.state import KINDS, Policies
from hexkeep.core.slices import SLICES
from hexkeep.engine.assembly import Tuning
from hexkeep.engine.snapshots import APART, LONG, form, written
from hexkeep.ports.event_store import StoredEvent
from hexkeep.ports.snapshots import Snapshot
from hexkeep.testing.faults import FaultyEvents
from tests.unit.engine.notes import NOTE, POKE, SLICE, WRITE, Note, NoteId, WriteNote
from tests.unit.engine.rig import INSTANCE, Rig, memory_storage, ports_of, rig_on, rig_with

AGGREGATES: Sequence[AnyAggregate] = [aggregate for one in SLICES for aggregate in one.aggregates]

REGISTERED = ClientMetadata(
    response_types=(ResponseType.CODE,), contacts=("ada",), default_max_age=timedelta(1), jwks='{"keys": []}'
)
JWK = st.dictionaries(st.text(), st.text() | st.integers())
KEY = st.builds(SigningKey, public=JWK)
SET = {kind.name: st.none() | st.just(kind.value()) for kind in KINDS.values()}
DETAILS_FIELD = DetailsField(name="amount", kind=FieldKind.OBJECT, label="Amount")
DETAILS_TYPE = st.builds(DetailsType, fields=st.sampled_from([(), (DETAILS_FIELD,)]))
OWN: dict[str, st.SearchStrategy[object]] = {
    "signing_keys": st.builds(SigningKeys, keys=st.lists(KEY).map(tuple)),
    "machine_key": st.builds(MachineKey, public=JWK),
    "application": st.builds(Application, client_metadata=st.sampled_from([NO_METADATA, REGISTERED])),
    "application_key": st.builds(ApplicationKey, public=JWK),
    "identity_provider": st.builds(IdentityProvider, settings=JWK),
    "policy": st.builds(Policies, **SET),
    "authorization_details_type": st.builds(DetailsTypes, st.dictionaries(st.text(), DETAILS_TYPE)),
}
"""States that hold JSON values of any kind, or values with rules of their own: hypothesis cannot make them itself."""


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


async def poke(storage: MemoryStorage, note_id: str, times: int) -> None:
    """So many more events, by another node."""
    rig = rig_on(storage, (SLICE,))
    for _ in range(times):
        await rig.run(POKE, NoteId(note_id=note_id))


async def poked(storage: MemoryStorage, times: int) -> str:
    """A note with so many events."""
    rig = rig_on(storage, (SLICE,))
    note, _ = await rig.run(WRITE, WriteNote(title="long", text="dear diary"))
    await poke(storage, note.note_id, times - 1)
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


class Gate:
    """Where a caller stands until a test lets it through."""

    def __init__(self) -> None:
        self.reached, self.opened = asyncio.Event(), asyncio.Event()

    async def pass_(self) -> None:
        """Stand there."""
        self.reached.set()
        await self.opened.wait()


class GatedSnapshots(MemorySnapshots):
    """Somebody stands in front of a put, or of a forgetting."""

    def __init__(self, *, puts: Gate | None = None, forgets: Gate | None = None) -> None:
        super().__init__()
        self.puts, self.forgets = puts, forgets

    async def put(self, snapshot: Snapshot) -> None:
        """See the port."""
        if self.puts:
            await self.puts.pass_()
        await super().put(snapshot)

    async def forget(self, instance: str, type_: str | None = None, id_: str | None = None) -> None:
        """See the port."""
        if self.forgets:
            await self.forgets.pass_()
        await super().forget(instance, type_, id_)


class GatedEvents(CountedEvents):
    """Somebody stands between two pages of a stream."""

    gate: Gate | None = None

    async def read_stream(
        self, instance: str, log: Log, stream: Ref, after: int = 0, limit: int = 1000
    ) -> list[StoredEvent]:
        """See the port."""
        if after and self.gate:
            await self.gate.pass_()
        return await super().read_stream(instance, log, stream, after, limit)


async def forget(rig: Rig) -> None:
    """What an erasure does to snapshots."""
    async with rig.machinery.snapshots.forgetting(INSTANCE) as snapshots:
        await snapshots.forget(INSTANCE)


def gated(storage: MemoryStorage, snapshots: MemorySnapshots, gate: Gate | None = None) -> Rig:
    """A node that knows nothing yet, on snapshots and events with gates."""
    events = GatedEvents(storage.events)
    events.gate = gate
    return rig_with(replace(ports_of(storage), snapshots=snapshots, events=events), (SLICE,), Tuning())


async def test_fold_that_was_under_way_when_snapshots_were_forgotten_is_not_kept() -> None:
    """It may have read what was erased meanwhile; nor is what is folded on later from such a state."""
    async with memory_storage() as storage:
        note_id = await poked(storage, 2 * LONG)
        rig = gated(storage, snapshots := MemorySnapshots(), gate := Gate())
        load = asyncio.create_task(rig.machinery.states.load(INSTANCE, NOTE, note_id))
        await gate.reached.wait()
        await forget(rig)
        gate.opened.set()
        assert (await load)[0] == 2 * LONG
        await poke(storage, note_id, LONG + APART)
        assert (await rig.machinery.states.load(INSTANCE, NOTE, note_id))[0] == 3 * LONG + APART
        assert await snapshots.get(INSTANCE, NOTE.ref(note_id)) is None
        rig.machinery.states.distrust(INSTANCE, NOTE.ref(note_id))
        await rig.machinery.states.load(INSTANCE, NOTE, note_id)
        assert await snapshots.get(INSTANCE, NOTE.ref(note_id)) is not None


async def test_forgetting_waits_for_a_snapshot_that_is_being_put() -> None:
    """What has passed the check is there before it is removed, and not behind it."""
    async with memory_storage() as storage:
        note_id = await poked(storage, 2 * LONG)
        rig = gated(storage, snapshots := GatedSnapshots(puts=(putting := Gate())))
        load = asyncio.create_task(rig.machinery.states.load(INSTANCE, NOTE, note_id))
        await putting.reached.wait()
        forgetting = asyncio.create_task(forget(rig))
        await asyncio.sleep(0)
        putting.opened.set()
        await asyncio.gather(load, forgetting)
        assert await snapshots.get(INSTANCE, NOTE.ref(note_id)) is None


async def test_fold_of_a_snapshot_that_is_being_forgotten_is_not_kept() -> None:
    """Who begins while the old snapshot is still there may find it, and keeps nothing of it."""
    async with memory_storage() as storage:
        note_id = await poked(storage, 2 * LONG)
        snapshots = GatedSnapshots(forgets=(removing := Gate()))
        await gated(storage, snapshots).machinery.states.load(INSTANCE, NOTE, note_id)
        await poke(storage, note_id, LONG + APART)
        rig = gated(storage, snapshots, gate := Gate())
        forgetting = asyncio.create_task(forget(rig))
        await removing.reached.wait()
        load = asyncio.create_task(rig.machinery.states.load(INSTANCE, NOTE, note_id))
        await gate.reached.wait()
        removing.opened.set()
        await forgetting
        gate.opened.set()
        assert (await load)[0] == 3 * LONG + APART
        assert await snapshots.get(INSTANCE, NOTE.ref(note_id)) is None


async def test_node_keeps_nothing_of_a_state_that_it_remembers_while_another_may_erase() -> None:
    """It hears nothing of that, and whoever erases waits for keys that are remembered, not for states."""
    async with memory_storage() as storage:
        note_id = await poked(storage, 2)
        node, other = (gated(storage, snapshots) for snapshots in [MemorySnapshots()] * 2)
        await node.machinery.states.load(INSTANCE, NOTE, note_id)
        await forget(other)
        await poke(storage, note_id, LONG + APART)
        assert (await node.machinery.states.load(INSTANCE, NOTE, note_id))[0] == LONG + APART + 2
        snapshots = other.machinery.ports.snapshots
        assert await snapshots.get(INSTANCE, NOTE.ref(note_id)) is None
        await other.machinery.states.load(INSTANCE, NOTE, note_id)
        assert await snapshots.get(INSTANCE, NOTE.ref(note_id)) is not None


@pytest.mark.parametrize("aggregate", AGGREGATES, ids=lambda one: str(one.name))
def test_every_state_can_be_kept(aggregate: AnyAggregate) -> None:
    """Any state of any built-in aggregate comes back as it was."""
    for event in aggregate.events:
        event.model_rebuild()  # or it has no signature for its values to be made by

    @settings(max_examples=25, deadline=None)
    @given(OWN.get(aggregate.name, st.from_type(type(aggregate.initial))))
    def check(state: object) -> None:
        adapter = form(aggregate)
        assert adapter is not None
        assert adapter.validate_json(written(adapter, state)) == (state,)

    check()
