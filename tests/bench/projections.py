"""How fast projections catch up, and how far they lag behind writers."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import psycopg

from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Projection, RowOperation
from hexkeep.engine.codec import Origin
from hexkeep.engine.concurrency import each
from hexkeep.engine.consumer import Reader
from hexkeep.engine.projector import Projector
from hexkeep.engine.spooler import READ_AT_ONCE
from hexkeep.engine.tail import Tail
from hexkeep.ports.api import PositionToken
from hexkeep.ports.event_store import Head, StreamAppend, Unit
from tests.bench.figures import Figure, at_least, at_least_absolute, at_most, cpu_seconds, noted, percentile
from tests.bench.storages import on_postgres
from tests.postgres_server import PostgresDatabase
from tests.unit.engine.notes import NOTE, NOTES, NOTES_PROJECTION, NoteRetitled, NoteWritten
from tests.unit.engine.rig import INSTANCE, Rig

EVENTS = 20_000
PROJECTIONS = 10
LAG_SECONDS = 6.0
WRITES_PER_SECOND = 150


async def fill(rig: Rig, instances: Sequence[str]) -> None:
    """Half of the events make a row, half change one; each instance has as many as any."""
    for begin in range(0, EVENTS // 2, 200):
        units = []
        for number in range(begin, begin + 200):
            ref, instance = NOTE.ref(rig.machinery.ids.new()), instances[number % len(instances)]
            pair = [NoteWritten(title=ref.id, text="", author="ada"), NoteRetitled(title=f"again {ref.id}")]
            events = await rig.machinery.codec.encode(instance, Log.DURABLE, ref, 0, pair, Origin("ada", ""))
            units.append(
                Unit(rig.machinery.ids.new(), instance, Log.DURABLE, (StreamAppend(ref, 0, events),), actor="ada")
            )
        await asyncio.gather(*(rig.machinery.committer.append(unit) for unit in units))


def copies(count: int) -> tuple[Projection, ...]:
    """Projections like that of notes, each with a table of its own."""
    return tuple(_copy(number) for number in range(count))


def _copy(number: int) -> Projection:
    table = replace(NOTES, name=f"notes_{number}")

    def moved(operation: RowOperation) -> RowOperation:
        return replace(operation, table=table)

    return Projection(
        f"notes_{number}",
        1,
        Log.DURABLE,
        (table,),
        NOTES_PROJECTION.events,
        lambda recorded: [moved(operation) for operation in NOTES_PROJECTION.project(recorded)],
    )


async def read_only(rig: Rig) -> float:
    """Events per second that are read and decoded in batches, and nothing else."""
    tail, position, begin = Tail(rig.machinery.ports.events, rig.machinery.codec), 0, time.perf_counter()
    while entries := await tail.after(INSTANCE, Log.DURABLE, position):
        position = entries[-1].position
    return position / (time.perf_counter() - begin)


async def catch_up(
    rig: Rig, projections: tuple[Projection, ...], instances: Sequence[str] = (INSTANCE,)
) -> tuple[float, float]:
    """Events per second, and per second of this process's CPU, until all projections are at the end."""
    machinery = rig.machinery
    await machinery.builds.start(projections)
    tail = Tail(machinery.ports.events, machinery.codec)
    ports, progress, skips = machinery.ports, machinery.progress, machinery.skips
    readers = [
        Reader(Projector(projection, build.number), tail, ports.views, progress, ports.clock, skips)
        for projection, build in machinery.builds.filled()
        if projection in projections
    ]
    heads = [await ports.events.head(instance, Log.DURABLE) for instance in instances]
    cpu, begin = cpu_seconds(), time.perf_counter()
    counts = await asyncio.gather(*(_through(reader, heads) for reader in readers))
    return min(counts) / (time.perf_counter() - begin), min(counts) / (cpu_seconds() - cpu)


async def _through(reader: Reader, heads: Sequence[Head]) -> int:
    await each(heads, reader.catch_up, READ_AT_ONCE)
    return sum(head.position for head in heads)


async def catching_up(database: PostgresDatabase) -> list[Figure]:
    """One projection against reading alone, then ten that share the reading; and one over a hundred instances."""
    hundred = [f"instance-{number:02}" for number in range(100)]
    async with on_postgres(database) as rig:
        await fill(rig, (INSTANCE,))
        floor = await read_only(rig)
        rate, per_core = await catch_up(rig, copies(1))
        together, _ = await catch_up(rig, copies(PROJECTIONS + 1)[1:])
        await fill(rig, hundred)
        spread, _ = await catch_up(rig, copies(PROJECTIONS + 2)[-1:], hundred)
    return [
        at_least("catch-up, one projection", rate, "events/s", floor, 0.35),
        at_least_absolute("catch-up, one projection, per core", per_core, "events/s", 30_000),
        noted(f"catch-up, {PROJECTIONS} projections at once, each", together, "events/s"),
        at_least("catch-up, one projection, a hundred instances", spread, "events/s", floor, 0.35),
    ]


async def lagging(database: PostgresDatabase) -> list[Figure]:
    """From the answer to a write until its row is in the view, in the same process and in another node's.

    The other is woken, or looks by itself as behind a pooler; and it is woken beside a foreign transaction that writes
    and takes half a second.
    """
    async with (
        on_postgres(database) as here,
        on_postgres(database) as there,
        on_postgres(database, pgbouncer=True) as pooled,
        on_postgres(database) as unheard,
    ):
        async with following(here):
            same = await lag_of(here)
            async with following(there):
                other = await lag_of(there)
                async with slow_writer(database):
                    beside = await lag_of(there)
        async with following(pooled), following(unheard):
            polled = await lag_of(unheard)
    return [
        at_most("lag, same process, p50", percentile(same, 0.5) * 1e3, "ms", 25),
        at_most("lag, same process, p99", percentile(same, 0.99) * 1e3, "ms", 25),
        at_most("lag, other process, woken, p99", percentile(other, 0.99) * 1e3, "ms", 40),
        at_most("lag, other process, polled, p99", percentile(polled, 0.99) * 1e3, "ms", 125),
        at_most("lag beside a foreign write of 500 ms, p99", percentile(beside, 0.99) * 1e3, "ms", 100),
    ]


@asynccontextmanager
async def following(rig: Rig) -> AsyncIterator[None]:
    """A node that runs. Who is the first of two has the leases, and so follows the log."""
    await rig.machinery.start()
    try:
        yield
    finally:
        await rig.machinery.stop()


@asynccontextmanager
async def slow_writer(database: PostgresDatabase) -> AsyncIterator[None]:
    """Somebody else's transactions in the same database: each writes at its beginning and ends half a second later."""
    async with await psycopg.AsyncConnection.connect(database.owner_url) as connection:
        await connection.execute("CREATE TABLE foreign_work (at timestamptz)")
        await connection.commit()

        async def write() -> None:
            while True:
                await connection.execute("INSERT INTO foreign_work VALUES (now())")
                await connection.execute("SELECT pg_sleep(0.5)")
                await connection.commit()

        writing = asyncio.create_task(write())
        try:
            yield
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)


async def lag_of(rig: Rig) -> list[float]:
    """Write at a steady pace; how long each write takes to arrive in the view, in seconds."""
    lags: list[float] = []
    machinery = rig.machinery
    projection = machinery.registry.projections["notes"]

    async def once() -> None:
        note = NOTE.ref(machinery.ids.new())
        event = NoteWritten(title=note.id, text="", author="ada")
        events = await machinery.codec.encode(INSTANCE, Log.DURABLE, note, 0, [event], Origin("ada", ""))
        unit = Unit(machinery.ids.new(), INSTANCE, Log.DURABLE, (StreamAppend(note, 0, events),), actor="ada")
        appended = await machinery.committer.append(unit)
        begin = time.perf_counter()
        token = PositionToken(INSTANCE, Log.DURABLE, appended.epoch, appended.last)
        await machinery.progress.wait(projection, token, machinery.clock.monotonic() + 10)
        lags.append(time.perf_counter() - begin)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(int(LAG_SECONDS * WRITES_PER_SECOND)):
            tasks.create_task(once())
            await asyncio.sleep(1 / WRITES_PER_SECOND)
    return lags
