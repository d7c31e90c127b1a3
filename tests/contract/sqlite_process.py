"""A program of its own on a SQLite storage, for tests that need a second process: ``sqlite_process COMMAND FILE``."""

import asyncio
import resource
import sys
from pathlib import Path

from hexkeep.adapters.sqlite import SqliteSettings, SqliteStorage
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Appended
from hexkeep.testing.units import append, stream, unit

WRITERS = 16
INSTANCE = "kit"


def say(what: object) -> None:
    """Tell the test, at once."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


async def try_to_open(storage: SqliteStorage) -> None:
    """Say what ``migrate`` and ``open`` answer."""
    say(await storage.migrate())
    try:
        await storage.open()
    except StorageUnavailable as error:
        say(error)
    finally:
        await storage.close()


async def append_for_ever(storage: SqliteStorage) -> None:
    """Append from many tasks; tell each payload once it has been acknowledged."""
    await storage.open()

    async def write(writer: int) -> None:
        for turn in range(sys.maxsize):
            payload = f"{writer}/{turn}"
            (outcome,) = await storage.events.append([unit(INSTANCE, append(stream(), 0, payload.encode(), b"more"))])
            assert isinstance(outcome, Appended)
            say(payload)

    await asyncio.gather(*(write(writer) for writer in range(WRITERS)))


async def fill_the_disk(storage: SqliteStorage) -> None:
    """Append until files may grow no further, then let them and append once more; say how it went."""
    await storage.open()
    applied = 0

    async def add(size: int) -> None:
        nonlocal applied
        (outcome,) = await storage.events.append([unit(INSTANCE, append(stream(), 0, b"x" * size))])
        applied += isinstance(outcome, Appended)

    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, unlimited[1]))
    try:
        while True:
            await add(50_000)
    except StorageUnavailable as error:
        say(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    await add(1)
    head = await storage.events.head(INSTANCE, Log.DURABLE)
    say(applied == head.position == len(await storage.events.read_log(INSTANCE, Log.DURABLE, 0, 10_000)))
    await storage.close()


COMMANDS = {command.__name__: command for command in (try_to_open, append_for_ever, fill_the_disk)}

if __name__ == "__main__":
    opened = SqliteStorage(SqliteSettings(path=Path(sys.argv[2])), SystemClock())
    asyncio.run(COMMANDS[sys.argv[1]](opened))
