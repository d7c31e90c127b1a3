"""Writers beside a backup and beside a rebuild, each a process of its own, against writers alone in the same run."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hexkeep.core.kernel.event import Log
from tests.bench import writers
from tests.bench.figures import Figure, at_least, median
from tests.bench.storages import on_postgres
from tests.postgres_server import PostgresDatabase
from tests.unit.engine.rig import INSTANCE

SECONDS = 2.0
ROUNDS = 5
FILLED = 20_000


async def on_postgres_alone(database: PostgresDatabase) -> list[Figure]:
    """Rounds alone and beside each, interleaved, over a log that is long enough to be read for a while."""
    rates: dict[str, list[float]] = {}
    async with on_postgres(database) as rig:
        while (await rig.machinery.ports.events.head(INSTANCE, Log.DURABLE)).position < FILLED:
            await writers.append(rig, 100, 0.5, writers.everything)
        for _ in range(ROUNDS):
            for what in ("alone", "backup", "rebuild"):
                async with _beside(database, what):
                    run = await writers.append(rig, 32, SECONDS, writers.everything)
                rates.setdefault(what, []).append(run.rate)
    alone = median(rates["alone"])
    return [
        at_least(f"append, PostgreSQL, beside a {what}", median(rates[what]), "units/s", alone, 0.7)
        for what in ("backup", "rebuild")
    ]


@asynccontextmanager
async def _beside(database: PostgresDatabase, what: str) -> AsyncIterator[None]:
    if what == "alone":
        yield
        return
    command = (sys.executable, "-m", "tests.bench.beside_process", what, database.application_url, database.owner_url)
    process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    await process.stdout.readline()
    try:
        yield
    finally:
        process.kill()
        await process.wait()
