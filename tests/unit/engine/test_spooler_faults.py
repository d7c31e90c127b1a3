"""What spoolers do when storage, hints or events are not as they should be: wait, look again, park; never skip."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from hexkeep.adapters.memory.locks import MemoryLocks
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.kernel.event import Log
from hexkeep.engine.assembly import Tuning
from hexkeep.engine.consumer import Reader
from hexkeep.engine.projector import Projector
from hexkeep.engine.spooler import Rhythm
from hexkeep.engine.tail import Tail
from hexkeep.engine.watch import Watchfulness
from hexkeep.ports.event_store import NewEvent, StreamAppend, Unit
from hexkeep.ports.locks import Lease, Locks
from hexkeep.testing.faults import FaultyEvents
from tests.bench.projections import copies
from tests.unit.engine.notes import LIST, NOTE, SLICE, WRITE, ListNotes, WriteNote
from tests.unit.engine.rig import FAST, INSTANCE, Rig, memory_storage, ports_of, rig_with
from tests.waiting import until

SELDOM = Rhythm(lease=1.0, look=60.0, longest_pause=0.2)
"""A spooler that hears of new work by hints alone, within a test's patience."""
BLIND = Watchfulness(seal=timedelta(0), verify=timedelta(0), verify_all=timedelta(0))
"""Nobody reads the logs but the spooler and the test."""
SILENT = 3
"""Attempts that fail before the storage comes back."""


@asynccontextmanager
async def faulty_rig(rhythm: Rhythm, locks: Locks | None = None) -> AsyncIterator[tuple[Rig, FaultyEvents]]:
    """A started engine, and the faults of its event store."""
    async with memory_storage() as storage:
        faults = FaultyEvents(storage.events)
        tuning = Tuning(rhythm=rhythm, watchfulness=BLIND)
        ports = replace(ports_of(storage), events=faults, locks=locks or storage.locks)
        rig = rig_with(ports, (SLICE,), tuning)
        await rig.machinery.start()
        try:
            yield rig, faults
        finally:
            await rig.machinery.stop()


async def write(rig: Rig, title: str) -> None:
    """Write a note and see it in a list that waits for it."""
    _, position = await rig.run(WRITE, WriteNote(title=title))
    assert position is not None
    titles, _ = await rig.run(LIST, ListNotes(), position)
    assert title in titles.titles


async def test_a_spooler_waits_while_the_storage_is_away(caplog: pytest.LogCaptureFixture) -> None:
    """An unavailable storage is no defect: no error is logged, attempts grow rare, and work goes on when it is back."""
    async with faulty_rig(FAST) as (rig, faults):
        await write(rig, "before")
        faults.down = True

        async def tried() -> bool:
            return faults.refused >= SILENT

        await until(tried)
        faults.down = False
        await write(rig, "after")
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_trouble_is_shown_and_parks_nobody() -> None:
    """While a spooler waits it says why and how often it has tried; that is over with the first look that succeeds."""
    async with faulty_rig(FAST) as (rig, faults):
        await write(rig, "before")
        faults.down = True

        async def tried_again() -> bool:
            trouble = rig.machinery.maintenance.trouble("notes", 1)
            return trouble is not None and trouble.attempts >= SILENT

        await until(tried_again)
        trouble = rig.machinery.maintenance.trouble("notes", 1)
        assert trouble is not None
        assert (trouble.error, 0 < trouble.pause <= FAST.longest_pause) == ("storage_unavailable", True)
        faults.down = False
        await write(rig, "after")

        async def over() -> bool:
            return rig.machinery.maintenance.trouble("notes", 1) is None

        await until(over)
        assert await rig.machinery.maintenance.parked() == []


async def test_a_hint_that_comes_while_the_spooler_reads_is_heard() -> None:
    """The event behind it may have been written after the read: the spooler reads again without waiting for a look."""
    async with faulty_rig(SELDOM) as (rig, faults):
        await write(rig, "first")
        async with faults.answers_held("read_log", 1):
            await rig.run(WRITE, WriteNote(title="second"))
            await faults.arrived.wait()
            _, position = await rig.run(WRITE, WriteNote(title="third"))
        assert position is not None
        titles, _ = await rig.run(LIST, ListNotes(), position)
        assert titles.titles == ("first", "second", "third")


class Lapsing(MemoryLocks):
    """Leases that are over when they are to be renewed, as on a machine that was too busy to renew them in time."""

    def __init__(self) -> None:
        super().__init__(SystemClock())
        self.lapse = False
        self.taken_again = asyncio.Event()

    async def acquire(self, name: str, owner: str, seconds: float) -> Lease | None:
        """See the port."""
        lease = await super().acquire(name, owner, seconds)
        if self.lapse:
            self.taken_again.set()
        return lease

    async def renew(self, lease: Lease) -> bool:
        """See the port."""
        return not self.lapse and await super().renew(lease)


async def test_a_hint_outlasts_the_lease_under_which_it_was_followed() -> None:
    """Whoever leads again has not read what the hint told of, and need not wait for the next look to learn of it."""
    locks = Lapsing()
    await locks.open()
    async with faulty_rig(SELDOM, locks) as (rig, faults):
        await write(rig, "first")
        async with faults.answers_held("read_log", 1):
            _, position = await rig.run(WRITE, WriteNote(title="second"))
            await faults.arrived.wait()
            locks.lapse = True
            await locks.taken_again.wait()
            locks.lapse = False
        assert position is not None
        titles, _ = await rig.run(LIST, ListNotes(), position)
        assert titles.titles == ("first", "second")


async def test_a_shared_read_is_never_older_than_its_question() -> None:
    """Who asks while another's read is on its way is not told of an end of the log that has moved since."""
    async with faulty_rig(SELDOM) as (rig, faults):
        await write(rig, "first")
        tail = rig.machinery.tail
        async with faults.answers_held("read_log", 1):
            early = asyncio.ensure_future(tail.after(INSTANCE, Log.DURABLE, 1))
            await faults.arrived.wait()
            await rig.run(WRITE, WriteNote(title="second"))
            late = asyncio.ensure_future(tail.after(INSTANCE, Log.DURABLE, 1))
            await asyncio.sleep(0)
        assert [entry.position for entry in await late] == [2]
        await early


async def test_many_projections_share_one_read_of_the_log() -> None:
    """Ten of them that catch up together cost the storage as many reads as one does."""
    async with memory_storage() as storage:
        faults = FaultyEvents(storage.events)
        rig = rig_with(replace(ports_of(storage), events=faults), (SLICE,), Tuning())
        for number in range(25):
            await rig.run(WRITE, WriteNote(title=f"note {number}"))
        await rig.machinery.builds.start(copies(10))
        use, tail = rig.machinery, Tail(faults, rig.machinery.codec, batch=5, big_batch=5)
        readers = [
            Reader(Projector(projection, build.number), tail, storage.views, use.progress, use.clock, use.skips)
            for projection, build in use.builds.filled()
        ]
        head = await storage.events.head(INSTANCE, Log.DURABLE)
        assert await asyncio.gather(*(reader.catch_up(head) for reader in readers)) == [25] * 10
        assert faults.read_from == [0, 5, 10, 15, 20]


@pytest.mark.parametrize(
    ("type_", "payload", "error"),
    [
        ("note.unheard_of", b"{}", "KeyError"),
        ("note.written", b"\xff", "UnicodeDecodeError"),
        ("note.written", b"3", "AttributeError"),
        ("note.written", b'{"name":1,"text":"","author":""}', "ValidationError"),
    ],
    ids=["unknown type", "no text", "upcaster fails", "ill-typed field"],
)
async def test_an_event_that_cannot_be_read_parks_its_aggregate(type_: str, payload: bytes, error: str) -> None:
    """Whatever is wrong with it, the others go on, and the list of the parked says where it is."""
    async with faulty_rig(FAST) as (rig, _):
        event = NewEvent(type_, 1, payload, b"d" * 32)
        unit = Unit("u", INSTANCE, Log.DURABLE, (StreamAppend(NOTE.ref("sick"), 0, (event,)),))
        await rig.machinery.committer.append(unit)
        await write(rig, "well")
        [parked] = await rig.machinery.ports.views.parked("notes", 1, INSTANCE)
        assert (parked.aggregate_id, parked.position, parked.error) == ("sick", 1, error)
        assert not await rig.machinery.maintenance.retry(parked)
