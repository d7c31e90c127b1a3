"""How fast events are appended."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench import floors, writers
from tests.bench.figures import Figure, at_least, at_most, at_most_times, cpu_seconds, median, noted, percentile
from tests.bench.storages import on_postgres, on_sqlite
from tests.bench.writers import Run
from tests.postgres_server import PostgresDatabase
from tests.unit.engine.notes import WRITE, WriteNote
from tests.unit.engine.rig import Rig

SECONDS = 1.5
ROUNDS = 5
RATIOS = {8: 0.6, 32: 0.9, 100: 1.2}


async def on_one_process(database: PostgresDatabase) -> list[Figure]:
    """Plain and with everything on, 1 to 100 writers, rounds interleaved with the floor's."""
    rates: dict[str, list[float]] = {}
    waits: dict[int, list[float]] = {1: [], 32: []}
    async with on_postgres(database) as rig:
        await writers.append(rig, 8, 0.5, writers.everything)  # connections, plans and keys are warm from here on
        for _ in range(ROUNDS):
            for clients in RATIOS:
                floor = await asyncio.to_thread(floors.single_inserts, database, clients, SECONDS)
                rates.setdefault(f"floor {clients}", []).append(floor)
            for count in (1, *RATIOS):
                run = await writers.append(rig, count, SECONDS, writers.plain)
                rates.setdefault(f"plain {count}", []).append(run.rate)
                waits.setdefault(count, []).extend(run.waits)
            run = await writers.append(rig, 32, SECONDS, writers.of_a_hundred)
            rates.setdefault("hundred 32", []).append(run.rate)
            run = await writers.append(rig, 32, SECONDS, writers.everything)
            rates.setdefault("everything 32", []).append(run.rate)
            rates.setdefault("command 32", []).append((await commands(rig, 32)).rate)
    return list(_judged({name: median(values) for name, values in rates.items()}, waits))


def _judged(rates: dict[str, float], waits: dict[int, list[float]]) -> Iterator[Figure]:
    for clients, ratio in RATIOS.items():
        name = f"append, PostgreSQL, plain, {clients} writers"
        yield at_least(name, rates[f"plain {clients}"], "units/s", rates[f"floor {clients}"], ratio)
    name = "append, PostgreSQL, plain, 32 writers, a hundred instances"
    yield at_least(name, rates["hundred 32"], "units/s", rates["floor 32"], RATIOS[32])
    p50 = percentile(waits[1], 0.5) * 1e3
    yield noted("append, PostgreSQL, plain, 1 writer, p50", p50, "ms")
    yield at_most_times("append, PostgreSQL, plain, 32 writers, p99", percentile(waits[32], 0.99) * 1e3, "ms", p50, 15)
    name = "append, PostgreSQL, sealed + digest + keys, 32 writers"
    yield at_least(name, rates["everything 32"], "units/s", rates["plain 32"], 0.6)
    yield at_least("whole command, PostgreSQL, 32 callers", rates["command 32"], "commands/s", rates["plain 32"], 0.4)


async def commands(rig: Rig, callers: int) -> Run:
    """Whole commands: load, decide, seal, append."""

    async def once() -> None:
        await rig.run(WRITE, WriteNote(title=rig.machinery.ids.new(), text="x" * 100))

    return await writers.repeat(once, callers, SECONDS)


async def on_sqlite_file(_database: PostgresDatabase) -> list[Figure]:
    """32 writers on one file with synchronous=FULL, against one commit per push; and what a unit costs, disk apart."""
    makers = {"plain": writers.plain, "hundred": writers.of_a_hundred, "everything": writers.everything}
    rates: dict[str, list[float]] = {}
    costs: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        async with on_sqlite(Path(folder)) as rig:
            for make in makers.values():
                await writers.append(rig, 8, 0.3, make)
            for _ in range(ROUNDS):
                floor = await asyncio.to_thread(floors.sqlite_pushes, Path(folder), SECONDS)
                rates.setdefault("floor", []).append(floor)
                for name, make in makers.items():
                    begin = cpu_seconds()
                    run = await writers.append(rig, 32, SECONDS, make)
                    costs.setdefault(name, []).append((cpu_seconds() - begin) / len(run.waits) * 1e6)
                    rates.setdefault(name, []).append(run.rate)
                rates.setdefault("command", []).append((await commands(rig, 32)).rate)
    return list(_judged_on_sqlite({name: median(found) for name, found in rates.items()}, costs))


def _judged_on_sqlite(rates: dict[str, float], costs: dict[str, list[float]]) -> Iterator[Figure]:
    plain = rates["plain"]
    yield at_least("append, SQLite FULL, plain, 32 writers", plain, "units/s", rates["floor"], 5)
    yield at_least("append, SQLite FULL, sealed + digest + keys", rates["everything"], "units/s", plain, 0.6)
    yield at_least("whole command, SQLite, 32 callers", rates["command"], "commands/s", plain, 0.4)
    hundred = "append, SQLite FULL, plain, 32 writers, a hundred instances"
    yield at_least(hundred, rates["hundred"], "units/s", rates["floor"], 5)
    for name, found in costs.items():
        yield noted(f"append, SQLite, CPU of a unit, {name}", median(found), "us CPU")


async def on_four_processes(database: PostgresDatabase) -> list[Figure]:
    """Four processes on one log, 32 and 128 writers in all, against one process with 32."""
    alone, few, many, waits = [], [], [], []
    for _ in range(ROUNDS):
        alone.append((await together(database, 1, 32))[0])
        few.append((await together(database, 4, 8))[0])
        rate, p99 = await together(database, 4, 32)
        many.append(rate)
        waits.append(p99)
    floor = median(alone)
    return [
        at_least("append, 4 processes x 8 writers", median(few), "units/s", floor, 0.5),
        at_least("append, 4 processes x 32 writers", median(many), "units/s", floor, 1.0),
        at_most("append, 4 processes x 32 writers, p99", median(waits) * 1e3, "ms", 20),
    ]


async def together(database: PostgresDatabase, processes: int, count: int) -> tuple[float, float]:
    """Appends per second of all processes, and the worst process's p99 in seconds."""
    command = (sys.executable, "-m", "tests.bench.node", database.application_url, database.owner_url, str(count))
    nodes = [
        await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(processes)
    ]
    for node in nodes:
        assert node.stdout is not None
        await node.stdout.readline()  # it is warm
    outputs = await asyncio.gather(*(node.communicate(b"go\n") for node in nodes))
    found = [tuple(map(float, output.decode().split())) for output, _ in outputs]
    return sum(rate for rate, _ in found), max(p99 for _, p99 in found)
