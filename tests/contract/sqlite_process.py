"""A program of its own on a SQLite storage, for tests that need a second process.

``sqlite_process COMMAND FILE [SETTING=VALUE ...]``
"""

import asyncio
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
    """Append from many tasks; tell each payload once it has been acknowledged. Or tell why the file cannot be had."""
    try:
        await storage.open()
    except StorageUnavailable as error:
        say(error)
        return

    async def write(writer: int) -> None:
        for turn in range(sys.maxsize):
            payload = f"{writer}/{turn}"
            (outcome,) = await storage.events.append([unit(INSTANCE, append(stream(), 0, payload.encode(), b"more"))])
            assert isinstance(outcome, Appended)
            say(payload)

    await asyncio.gather(*(write(writer) for writer in range(WRITERS)))


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file may grow beyond ``size`` bytes meanwhile: what is written then fails as on a full disk."""
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, unlimited[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)


def bytes_in(suffix: str = "") -> int:
    """The size of the file, or of the one beside it."""
    return Path(f"{sys.argv[2]}{suffix}").stat().st_size


async def fill_the_disk(storage: SqliteStorage) -> None:
    """Append until files may grow no further, then let them and append once more; say how it went."""
    await storage.open()
    applied = 0

    async def add(size: int) -> None:
        nonlocal applied
        (outcome,) = await storage.events.append([unit(INSTANCE, append(stream(), 0, b"x" * size))])
        applied += isinstance(outcome, Appended)

    with files_up_to(2_000_000):
        try:
            while True:
                await add(50_000)
        except StorageUnavailable as error:
            say(error)
    await add(1)
    head = await storage.events.head(INSTANCE, Log.DURABLE)
    say(applied == head.position == len(await storage.events.read_log(INSTANCE, Log.DURABLE, 0, 10_000)))
    await storage.close()


async def fill_the_disk_while_checkpointing(storage: SqliteStorage) -> None:
    """Append while the write-ahead log may grow, but the file may not; then go on; say how much is acknowledged.

    The settings let a checkpoint begin long before the log is as long as the file.
    """
    await storage.open()
    acknowledged = 0

    async def add() -> None:
        nonlocal acknowledged
        await storage.events.append([unit(INSTANCE, append(stream(), 0, b"x" * 9000))])
        acknowledged += 1

    for _ in range(200):
        await add()
    await storage.close()
    storage = opened(Path(sys.argv[2]))
    await storage.open()
    with files_up_to(size := bytes_in()):
        while bytes_in("-wal") < size - 200_000:
            await add()
    say(bytes_in() == size)
    await add()
    await storage.close()
    say(bytes_in() > size)
    say(acknowledged)


COMMANDS = {
    command.__name__: command
    for command in (try_to_open, append_for_ever, fill_the_disk, fill_the_disk_while_checkpointing)
}


def opened(path: Path) -> SqliteStorage:
    """A storage with the settings of the command line, yet to be opened."""
    settings = dict(argument.split("=") for argument in sys.argv[3:])
    return SqliteStorage(SqliteSettings.model_validate({"path": path, **settings}), SystemClock())


if __name__ == "__main__":
    asyncio.run(COMMANDS[sys.argv[1]](opened(Path(sys.argv[2]))))
