"""How fast projections catch up, and how far they lag behind writers."""

import asyncio
import time
from dataclasses import replace

from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Projection, RowOperation
from hexkeep.engine.codec import Origin
from hexkeep.engine.consumer import Reader
from hexkeep.engine.projector import Projector
from hexkeep.engine.tail import Tail
from hexkeep.ports.api import PositionToken
from hexkeep.ports.event_store import StreamAppend, Unit
from tests.bench.figures import Figure, at_least, at_least_absolute, at_most, cpu_seconds, noted, percentile
from tests.bench.storages import on_postgres
from tests.postgres_server import PostgresDatabase
from tests.unit.engine.notes import NOTE, NOTES, NOTES_PROJECTION, NoteRetitled, NoteWritten
from tests.unit.engine.rig import INSTANCE, Rig

EVENTS = 20_000
PROJECTIONS = 10
LAG_SECONDS = 6.0
WRITES_PER_SECOND = 150


async def fill(rig: Rig) -> None:
    """Half of the events make a row, half change one."""
    for begin in range(0, EVENTS // 2, 200):
        units = []
        for _ in range(begin, begin + 200):
            ref = NOTE.ref(rig.machinery.ids.new())
            pair = [NoteWritten(title=ref.id, text="", author="ada"), NoteRetitled(title=f"again {ref.id}")]
            events = await rig.machinery.codec.encode(INSTANCE, Log.DURABLE, ref, 0, pair, Origin("ada", ""))
            units.append(Unit(rig.machinery.ids.new(), INSTANCE, Log.DURABLE, (StreamAppend(ref, 0, events),)))
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


async def catch_up(rig: Rig, projections: tuple[Projection, ...]) -> tuple[float, float]:
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
    head = await ports.events.head(INSTANCE, Log.DURABLE)
    cpu, begin = cpu_seconds(), time.perf_counter()
    counts = await asyncio.gather(*(reader.catch_up(head) for reader in readers))
    return min(counts) / (time.perf_counter() - begin), min(counts) / (cpu_seconds() - cpu)


async def catching_up(database: PostgresDatabase) -> list[Figure]:
    """One projection against reading alone, then ten that share the reading."""
    async with on_postgres(database) as rig:
        await fill(rig)
        floor = await read_only(rig)
        rate, per_core = await catch_up(rig, copies(1))
        together, _ = await catch_up(rig, copies(PROJECTIONS + 1)[1:])
    return [
        at_least("catch-up, one projection", rate, "events/s", floor, 0.35),
        at_least_absolute("catch-up, one projection, per core", per_core, "events/s", 30_000),
        noted(f"catch-up, {PROJECTIONS} projections at once, each", together, "events/s"),
    ]


async def lagging(database: PostgresDatabase) -> list[Figure]:
    """From the answer to a write until its row is in the view, in the same process and in another node's."""
    async with on_postgres(database) as here, on_postgres(database) as there:
        await here.machinery.start()
        same = await lag_of(here)
        other = await lag_of(there)
        await here.machinery.stop()
    return [
        at_most("lag, same process, p50", percentile(same, 0.5) * 1e3, "ms", 25),
        at_most("lag, same process, p99", percentile(same, 0.99) * 1e3, "ms", 25),
        at_most("lag, other process, woken, p99", percentile(other, 0.99) * 1e3, "ms", 40),
    ]


async def lag_of(rig: Rig) -> list[float]:
    """Write at a steady pace; how long each write takes to arrive in the view, in seconds."""
    lags: list[float] = []
    machinery = rig.machinery
    projection = machinery.registry.projections["notes"]

    async def once() -> None:
        note = NOTE.ref(machinery.ids.new())
        event = NoteWritten(title=note.id, text="", author="ada")
        events = await machinery.codec.encode(INSTANCE, Log.DURABLE, note, 0, [event], Origin("ada", ""))
        unit = Unit(machinery.ids.new(), INSTANCE, Log.DURABLE, (StreamAppend(note, 0, events),))
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
