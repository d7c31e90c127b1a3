"""What tamper evidence costs: writers beside the sealer and beside a verification, and how fast each is by itself."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from hexkeep.core.kernel.event import Log
from hexkeep.engine.seal_keys import SealKeys
from hexkeep.engine.verifier import Verifier, Verifying
from hexkeep.ports.event_store import NewEvent, StreamAppend, Unit
from tests.bench import writers
from tests.bench.figures import Figure, at_least, at_most, cpu_seconds, median, noted, percentile
from tests.bench.storages import on_postgres, on_sqlite
from tests.postgres_server import PostgresDatabase
from tests.unit.engine.notes import NOTE
from tests.unit.engine.rig import INSTANCE, Rig

SECONDS = 1.5
ROUNDS = 5
EVERY = 1.0
"""Seconds between two rounds of the sealer: five times as often as it is set to."""
INSTANCES = 300


async def on_postgres_and_sqlite(database: PostgresDatabase) -> list[Figure]:
    """Both databases."""
    async with on_postgres(database) as rig:
        figures = await _measured(rig, "PostgreSQL")
    with tempfile.TemporaryDirectory() as folder:
        async with on_sqlite(Path(folder)) as rig:
            return figures + await _measured(rig, "SQLite")


async def _measured(rig: Rig, name: str) -> list[Figure]:
    """Rounds without, with the sealer, and with a verification that never ends, interleaved."""
    await writers.append(rig, 8, 0.5, writers.everything)
    rates: dict[str, list[float]] = {"alone": [], "sealed": [], "verified": []}
    waits: dict[str, list[float]] = {"alone": [], "sealed": [], "verified": []}
    beside = {"alone": _nothing, "sealed": _sealing, "verified": _verifying}
    for _ in range(ROUNDS):
        for kind, besides in beside.items():
            async with besides(rig):
                run = await writers.append(rig, 32, SECONDS, writers.everything)
            rates[kind].append(run.rate)
            waits[kind] += run.waits
    alone = median(rates["alone"])
    told = f"append, {name}, 32 writers"
    return [
        at_least(f"{told}, sealed every second", median(rates["sealed"]), "units/s", alone, 0.85),
        at_least(f"{told}, beside a verification", median(rates["verified"]), "units/s", alone, 0.7),
        noted(f"{told}, p99 alone", percentile(waits["alone"], 0.99) * 1e3, "ms"),
        noted(f"{told}, p99 sealed every second", percentile(waits["sealed"], 0.99) * 1e3, "ms"),
        noted(f"{told}, p99 beside a verification", percentile(waits["verified"], 0.99) * 1e3, "ms"),
        *await _speeds(rig, name),
    ]


async def _speeds(rig: Rig, name: str) -> list[Figure]:
    watch, events = rig.machinery.watch, rig.machinery.ports.events
    await watch.sealer.seal()
    before = (await events.head(INSTANCE, Log.DURABLE)).position
    await writers.append(rig, 32, 2.0, writers.everything)
    sealing = await _cpu(watch.sealer.seal)
    written = (await events.head(INSTANCE, Log.DURABLE)).position - before
    verifying = await _cpu(lambda: _verify(rig))
    total = before + written
    await events.append([_elsewhere(rig, number) for number in range(INSTANCES)])
    await watch.sealer.seal()
    begin = time.perf_counter()
    await watch.sealer.seal()
    quiet = (time.perf_counter() - begin) * 1e3
    return [
        noted(f"sealing, {name}", sealing / written * 1e6, "us CPU/event"),
        noted(f"verification, {name}", verifying / total * 1e6, "us CPU/event"),
        at_most(f"sealer's look at {INSTANCES} quiet instances, {name}", quiet, "ms", 50),
    ]


def _elsewhere(rig: Rig, number: int) -> Unit:
    append = StreamAppend(NOTE.ref("n"), 0, (NewEvent("note.written", 2, b"{}", bytes(32)),))
    return Unit(rig.machinery.ids.new(), f"i{number}", Log.DURABLE, (append,))


async def _cpu(work: Callable[[], Awaitable[object]]) -> float:
    begin = cpu_seconds()
    await work()
    return cpu_seconds() - begin


async def _verify(rig: Rig) -> None:
    ports = rig.machinery.ports
    trusted = await SealKeys(rig.machinery.keyring, ports.jose).trusted()
    verifier = Verifier(Verifying(ports.events, rig.machinery.ports.seals, ports.jose, trusted))
    for head in await verifier.heads(INSTANCE):
        report, _ = await verifier.verify(head)
        assert report.broken is None, report


@asynccontextmanager
async def _nothing(_rig: Rig) -> AsyncIterator[None]:
    yield


@asynccontextmanager
async def _sealing(rig: Rig) -> AsyncIterator[None]:
    async def again() -> None:
        while True:
            await rig.machinery.watch.sealer.seal()
            await asyncio.sleep(EVERY)

    await rig.machinery.watch.sealer.seal()  # what other rounds have left
    async with _beside(again):
        yield


@asynccontextmanager
async def _verifying(rig: Rig) -> AsyncIterator[None]:
    async def again() -> None:
        while True:
            await rig.machinery.watch.verify_all()

    async with _beside(again):
        yield


@asynccontextmanager
async def _beside(again: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(again())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
