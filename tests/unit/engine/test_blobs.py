"""Blobs of decisions: under names that nobody guesses, sealed where they are a person's, gone when nobody has them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.core.kernel.aggregate import Aggregate, Ref
from hexkeep.core.kernel.blob import ReadBlob, StoreBlob
from hexkeep.core.kernel.errors import FailedPrecondition, Internal
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.slice import Slice
from hexkeep.engine.assembly import Machinery, Tuning
from hexkeep.engine.blobs import GRACE, BlobStore, BlobSweeper
from hexkeep.engine.codec import Origin
from hexkeep.engine.keyring import subject_key
from hexkeep.ports.blobs import Blob
from hexkeep.ports.event_store import StreamAppend, Unit
from tests.unit.engine.rig import INSTANCE, memory_storage, ports_of, rig_with

OWNER = Ref("frame", "alice")
PICTURE = b"a picture"
BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


class FrameHung(Event):
    type = "frame.hung"

    name: str


@dataclass(frozen=True, slots=True)
class Frame:
    """A state that refers to a blob."""

    name: str = ""

    @property
    def blobs(self) -> frozenset[str]:
        """See ``HoldsBlobs``."""
        return frozenset({self.name} if self.name else ())


def _evolve(state: Frame, event: Event) -> Frame:
    return Frame(event.name) if isinstance(event, FrameHung) else state


FRAME = Aggregate("frame", Log.DURABLE, Frame(), (FrameHung,), _evolve)
SLICE = Slice("frame", (FRAME,))


@dataclass
class Room:
    """An engine that is not started, and its storage."""

    storage: MemoryStorage
    machinery: Machinery

    @property
    def store(self) -> BlobStore:
        """What is under test."""
        return self.machinery.blobs

    async def put(
        self, content: bytes = PICTURE, *, owner: Ref = OWNER, person: str = "", instance: str = INSTANCE
    ) -> str:
        """Have something kept; its name."""
        return await self.store.store(instance, StoreBlob(owner, content, "image/png", person))

    async def read(self, name: str, *, owner: Ref = OWNER, person: str = "", instance: str = INSTANCE) -> bytes | None:
        """What is kept."""
        return await self.store.read(instance, ReadBlob(owner, name, person))

    async def hang(self, name: str) -> None:
        """Let the owner refer to a blob."""
        version, _ = await self.machinery.states.load(INSTANCE, FRAME, OWNER.id)
        hung = [FrameHung(name=name)]
        events = await self.machinery.codec.encode(INSTANCE, Log.DURABLE, OWNER, version, hung, Origin("", ""))
        unit = Unit(self.machinery.ids.new(), INSTANCE, Log.DURABLE, (StreamAppend(OWNER, version, events),))
        await self.machinery.ports.events.append([unit])
        self.machinery.states.distrust(INSTANCE, OWNER)

    async def sweep(self, days: float = 0) -> None:
        """Let the sweeper go round, that many days from now."""
        clock = self.machinery.clock
        later = Later(clock.now() + timedelta(days=days))
        registry = self.machinery.registry
        await BlobSweeper(
            self.storage.blobs, self.storage.events, self.machinery.states, later, registry.aggregates
        ).run()


@dataclass
class Later:
    """The port ``clock.Clock`` at one moment."""

    moment: datetime

    def now(self) -> datetime:
        """That moment."""
        return self.moment

    def monotonic(self) -> float:
        """That moment in seconds."""
        return self.moment.timestamp()


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    """An engine over an empty storage."""
    async with memory_storage() as storage:
        yield Room(storage, rig_with(ports_of(storage), (SLICE,), Tuning()).machinery)


async def test_what_is_kept_comes_back(room: Room) -> None:
    """Under its name, and under no other owner or instance."""
    name = await room.put()
    assert await room.read(name) == PICTURE
    assert await room.read(name, owner=Ref("frame", "bob")) is None
    assert await room.read(name, instance="other") is None
    assert await room.read("other") is None


async def test_name_says_nothing_of_the_content(room: Room) -> None:
    """The same bytes have one name for each owner and instance, and nobody makes it without the instance's key."""
    name = await room.put()
    assert await room.put() == name
    others = [await room.put(owner=Ref("frame", "bob")), await room.put(instance="other"), await room.put(b"other")]
    assert len({name, *others}) == 4
    assert len(name) == 43


async def test_what_is_a_persons_is_sealed(room: Room) -> None:
    """The storage sees neither the bytes nor what they are; in another's place they do not open."""
    name = await room.put(person="alice")
    kept = await room.storage.blobs.get(INSTANCE, OWNER, name)
    assert kept is not None
    assert PICTURE not in kept.content
    assert kept.info.content_type == "application/octet-stream"
    assert await room.read(name, person="alice") == PICTURE
    moved = replace(kept, info=replace(kept.info, owner=Ref("frame", "bob")))
    await room.storage.blobs.put(moved)
    with pytest.raises(Internal):
        await room.read(name, owner=Ref("frame", "bob"), person="alice")


async def test_erased_person_has_no_blobs(room: Room) -> None:
    """What was sealed opens no more, and nothing new is kept."""
    name = await room.put(person="alice")
    await room.machinery.keyring.destroy(INSTANCE, subject_key("alice"))
    assert await room.read(name, person="alice") is None
    with pytest.raises(FailedPrecondition):
        await room.put(b"another", person="alice")
    await room.store.forget(INSTANCE, [OWNER])
    assert await room.storage.blobs.list(INSTANCE, None, 9) == []


async def test_damaged_blob_is_not_shown(room: Room) -> None:
    """Bytes that are not those that were put are nobody's picture."""
    name = await room.put()
    kept = await room.storage.blobs.get(INSTANCE, OWNER, name)
    assert kept is not None
    await room.storage.blobs.forget(INSTANCE)
    await room.storage.blobs.put(replace(kept, content=b"A" + kept.content[1:]))
    with pytest.raises(Internal):
        await room.read(name)


async def test_sweeper_leaves_what_is_referred_to(room: Room) -> None:
    """However old; what was referred to before goes."""
    former, present = await room.put(b"former"), await room.put(b"present")
    await room.hang(former)
    await room.hang(present)
    await room.sweep(days=400)
    assert await room.read(former) is None
    assert await room.read(present) == b"present"


async def test_sweeper_leaves_what_was_put_lately(room: Room) -> None:
    """Whoever put it may be about to refer to it; to put it again begins that time anew."""
    name = await room.put()
    await room.hang("other")
    await room.sweep(days=0.5)
    assert await room.read(name) == PICTURE
    await room.sweep(days=2)
    assert await room.read(name) is None


async def test_sweeper_does_not_take_what_is_put_again_meanwhile(room: Room) -> None:
    """Between its look and its removal somebody puts the same bytes: they stay."""
    await room.hang("other")
    name = await room.put()
    kept = await room.storage.blobs.get(INSTANCE, OWNER, name)
    assert kept is not None
    await room.storage.blobs.forget(INSTANCE)
    old = replace(kept, info=replace(kept.info, put_at=kept.info.put_at - 2 * GRACE))
    await room.storage.blobs.put(old)
    (seen,) = await room.storage.blobs.list(INSTANCE, None, 9)
    await room.put()
    assert not await room.storage.blobs.delete(seen)
    assert await room.read(name) == PICTURE


async def test_sweeper_leaves_what_it_does_not_know(room: Room) -> None:
    """A plugin that is not loaded today has its bytes tomorrow."""
    await room.hang("other")
    stranger = Ref("of a plugin", "one")
    await room.storage.blobs.put(Blob.of(INSTANCE, stranger, "x", "image/png", b"x", BEFORE))
    await room.sweep(days=400)
    assert await room.storage.blobs.get(INSTANCE, stranger, "x") is not None


async def test_sweeping_is_a_job(room: Room) -> None:
    """Of the engine's own."""
    from hexkeep.engine.jobs import jobs_of

    assert "sweep-blobs" in {job.name for job in jobs_of(room.machinery)}
