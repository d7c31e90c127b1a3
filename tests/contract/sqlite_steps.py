"""A program that does one piece of work on a SQLite storage again and again, and is killed at each step of it.

``sqlite_steps WORK FOLDER`` prepares a file, copies it for each step, forks a child that works on the copy and kills
itself in front of its n-th statement, or wherever a file would grow past n bytes; then it checks the copy. It says how
many steps there were. A check that fails ends the program with an error.
"""

import asyncio
import os
import resource
import shutil
import signal
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from hexkeep.adapters.sqlite import SqliteSettings, SqliteStorage
from hexkeep.adapters.sqlite.migrations import migrations
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Put, Select
from hexkeep.ports.event_store import FIRST_EPOCH, Appended, Head, KeyChange, KeyClaim
from hexkeep.ports.keys import WrappedKey
from hexkeep.ports.views import Advance, CheckpointKey, Parked
from hexkeep.testing.instances import history
from hexkeep.testing.units import append, key_hash, stream, unit
from hexkeep.testing.view_samples import BORN, ITEMS, item, projection

INSTANCE = "kit"
OWNER = stream("owner")
CLAIM = KeyClaim("kit_name", key_hash("killed"), OWNER)
SENT = [
    unit(INSTANCE, append(OWNER, 0, b"a", b"b"), append(stream(), 0, b"x" * 9000), claims=[CLAIM]),
    unit(INSTANCE, append(stream(), 0, b"c" * 20_000)),
]
KEY = CheckpointKey(projection().name, 1, INSTANCE, Log.DURABLE)
LOADED = history(40)
CHANGES = [KeyChange(40, CLAIM.kind, CLAIM.hash, OWNER, claimed=True)]
FORMER = "0004_builds"
"""The newest migration of the version from which ``migrate`` starts."""


async def nothing(storage: SqliteStorage) -> None:
    """Leave a new file as it is."""


async def some_events(storage: SqliteStorage) -> None:
    """Both logs have a few events; the next position of the durable one is 4."""
    for log in Log:
        await storage.events.append([unit(INSTANCE, append(stream(), 0, *[b"x"] * 3), log=log)])


async def a_long_activity_log(storage: SqliteStorage) -> None:
    """Enough rows for several transactions of a drop, or of a wipe."""
    for _ in range(5):
        await storage.events.append([unit(INSTANCE, append(stream(), 0, *[b"x"] * 500), log=Log.ACTIVITY)])


async def a_build(storage: SqliteStorage) -> None:
    """A projection's tables, which the spooler has begun to fill."""
    await storage.views.begin(projection(), "f")
    assert await storage.views.apply(Advance(KEY, 0, 1, 1, (Put(ITEMS, item("first")),)))


# --- append --------------------------------------------------------------------------------------------------------


async def send(storage: SqliteStorage) -> None:
    """Append both units in one call."""
    await storage.events.append(SENT)


async def whole_and_once(storage: SqliteStorage, *, acknowledged: bool) -> None:
    """Both units are there or none; sent again under their ids they are there once."""
    head = await storage.events.head(INSTANCE, Log.DURABLE)
    assert head.position in ({7} if acknowledged else {3, 7})
    owner = await storage.events.key_owner(INSTANCE, CLAIM.kind, CLAIM.hash)
    assert owner == (OWNER if head.position == 7 else None)
    outcomes = await storage.events.append(SENT)
    assert [(one.first, one.last) for one in outcomes if isinstance(one, Appended)] == [(4, 6), (7, 7)]
    events = await storage.events.read_log(INSTANCE, Log.DURABLE, 0, 100)
    assert [found.position for found in events] == [*range(1, 8)]
    assert len(await storage.events.key_changes(INSTANCE, Log.DURABLE, None, 10)) == 1


# --- apply ---------------------------------------------------------------------------------------------------------


def advance() -> Advance:
    """From 1 to 2, with rows, and an aggregate that is parked."""
    parked = Parked(KEY, "kit", "one", 2, "ValueError", 1, BORN)
    return Advance(KEY, 1, 2, 1, tuple(Put(ITEMS, item(f"row {n}")) for n in range(20)), (parked,))


async def apply(storage: SqliteStorage) -> None:
    """Advance the projection."""
    assert await storage.views.apply(advance())


async def rows_and_checkpoint_agree(storage: SqliteStorage, *, acknowledged: bool) -> None:
    """Where the checkpoint moved all rows and the parked aggregate are there; where not, none; the next try does it."""
    moved = (await storage.views.checkpoint(KEY)).position == 2
    assert moved or not acknowledged
    for expected in (moved, True):
        assert len(await storage.views.select(1, INSTANCE, Select(ITEMS))) == (21 if expected else 1)
        assert len(await storage.views.parked(KEY.projection, 1)) == expected
        assert await storage.views.apply(advance()) is not expected


# --- migrate -------------------------------------------------------------------------------------------------------


def former_version(path: Path) -> None:
    """A file of the version before, with an event and a key in it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.execute("PRAGMA journal_mode = WAL")
        old.execute("CREATE TABLE schema_migrations (name TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID")
        for name, statements in migrations():
            if name <= FORMER:
                old.execute("INSERT INTO schema_migrations VALUES (?)", (name,))
                for statement in statements:
                    old.execute(statement)
        old.execute("INSERT INTO logs VALUES (1, ?, 'durable', 1, 1, 0)", (INSTANCE,))
        cells = (1, 1, *OWNER, 1, "kit.happened", 1, b"old", b"", "", "", b"", 0)
        old.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", cells)
        old.execute("INSERT INTO unique_keys VALUES (?, ?, ?, ?, ?)", (INSTANCE, CLAIM.kind, CLAIM.hash, *OWNER))


async def migrate(storage: SqliteStorage) -> None:
    """Bring the file up to date."""
    await storage.migrate()


async def old_and_new_are_there(storage: SqliteStorage, *, acknowledged: bool) -> None:
    """Opening has migrated what was left: old events are read, new ones are written, keys have their change."""
    assert await storage.migrate() == []
    await storage.events.append([unit(INSTANCE, append(OWNER, 1, b"new"))])
    events = await storage.events.read_stream(INSTANCE, Log.DURABLE, OWNER)
    assert [found.payload for found in events] == [b"old", b"new"]
    changes = await storage.events.key_changes(INSTANCE, Log.DURABLE, None, 10)
    assert changes == [KeyChange(1, CLAIM.kind, CLAIM.hash, OWNER, claimed=True)]


# --- drop ----------------------------------------------------------------------------------------------------------


async def drop(storage: SqliteStorage) -> None:
    """Drop all but 100 events."""
    assert await storage.events.drop(INSTANCE, 2400) == 2400


async def horizon_holds(storage: SqliteStorage, *, acknowledged: bool) -> None:
    """The horizon lies where it was or where it shall be, all in front of it is there, and dropping goes on."""
    head = await storage.events.head(INSTANCE, Log.ACTIVITY)
    assert head.horizon in ({2400} if acknowledged else {0, 2400})
    assert (head.horizon_at is None) == (head.horizon == 0)
    for horizon in (head.horizon, 2400):
        events = await storage.events.read_log(INSTANCE, Log.ACTIVITY, horizon, 10_000)
        assert [found.position for found in events] == [*range(horizon + 1, 2501)]
        await storage.events.drop(INSTANCE, 2400)
    assert await storage.events.drop(INSTANCE, 2400) == 0


# --- load ----------------------------------------------------------------------------------------------------------


async def load(storage: SqliteStorage) -> None:
    """Load a history in pieces."""
    async with storage.loader() as loader:
        await loader.begin(Head(INSTANCE, Log.DURABLE, 0, 7))
        for start in range(0, len(LOADED), 10):
            await loader.load(INSTANCE, Log.DURABLE, LOADED[start : start + 10])
        await loader.load_key_changes(INSTANCE, Log.DURABLE, CHANGES)


async def prefix_is_loaded(storage: SqliteStorage, *, acknowledged: bool) -> None:
    """Whole pieces are there from the beginning on, and the rest follows on them."""
    head = await storage.events.head(INSTANCE, Log.DURABLE)
    assert head.position in ({40} if acknowledged else range(0, 41, 10))
    assert head.epoch == 7 or (not head.position and head.epoch == FIRST_EPOCH)
    assert await storage.events.read_log(INSTANCE, Log.DURABLE, 0, 100) == LOADED[: head.position]
    async with storage.loader() as loader:
        await loader.load(INSTANCE, Log.DURABLE, LOADED[head.position :])
        await loader.load_key_changes(INSTANCE, Log.DURABLE, CHANGES)
    assert await storage.events.read_log(INSTANCE, Log.DURABLE, 0, 100) == LOADED
    assert await storage.events.key_owner(INSTANCE, CLAIM.kind, CLAIM.hash) == OWNER


# --- wipe ----------------------------------------------------------------------------------------------------------


async def wipe(storage: SqliteStorage) -> None:
    """Remove the instance."""
    async with storage.loader() as loader:
        await loader.wipe(INSTANCE)


async def a_long_log_and_its_rows(storage: SqliteStorage) -> None:
    """Enough rows of every kind for several transactions of a wipe."""
    await a_long_activity_log(storage)
    await storage.events.append(SENT)
    await a_build(storage)
    rows = tuple(Put(ITEMS, item(f"row {n}")) for n in range(1200))
    assert await storage.views.apply(Advance(KEY, 1, 2, 1, rows))
    await storage.keys.add(WrappedKey(INSTANCE, "subject/ada", 1, "", b"w"))


async def all_or_nothing_is_left(storage: SqliteStorage, *, acknowledged: bool) -> None:
    """The instance is whole or gone, with its rows and keys; once it is gone a new one begins with nothing of it."""
    whole = (await storage.events.head(INSTANCE, Log.ACTIVITY)).position > 0
    assert await storage.views.count(1, INSTANCE, Select(ITEMS)) == (1201 if whole else 0)
    assert (await storage.views.checkpoint(KEY)).position == (2 if whole else 0)
    assert await storage.events.key_owner(INSTANCE, CLAIM.kind, CLAIM.hash) == (OWNER if whole else None)
    assert len(await storage.keys.get(INSTANCE, "subject/ada")) == whole
    head = await storage.events.head(INSTANCE, Log.ACTIVITY)
    assert head.position in ({0} if acknowledged else {0, 2500})
    events = await storage.events.read_log(INSTANCE, Log.ACTIVITY, 0, 10_000)
    assert len(events) == head.position
    await wipe(storage)
    await storage.events.append([unit(INSTANCE, append(stream()), log=Log.ACTIVITY)])
    assert len(await storage.events.read_log(INSTANCE, Log.ACTIVITY, 0, 10_000)) == 1


class Check(Protocol):
    """Insists on what must hold afterwards."""

    async def __call__(self, storage: SqliteStorage, /, *, acknowledged: bool) -> None:
        """Look at what is left of work that was acknowledged, or perhaps not done."""


@dataclass(frozen=True)
class Work:
    """What is there, what is done to it, what must hold afterwards whether or not it was acknowledged."""

    prepare: Callable[[SqliteStorage], Awaitable[None]]
    do: Callable[[SqliteStorage], Awaitable[None]]
    check: Check
    opened: bool = True


WORKS = {
    "append": Work(some_events, send, whole_and_once),
    "apply": Work(a_build, apply, rows_and_checkpoint_agree),
    "migrate": Work(nothing, migrate, old_and_new_are_there, opened=False),
    "drop": Work(a_long_activity_log, drop, horizon_holds),
    "load": Work(nothing, load, prefix_is_loaded),
    "wipe": Work(a_long_log_and_its_rows, wipe, all_or_nothing_is_left),
}


# --- dying ---------------------------------------------------------------------------------------------------------

Death = Callable[[], None]
"""Called when the work is about to begin: from here on the process is going to die."""


def before_statement(number: int) -> Death:
    """Kill the process in front of the n-th statement that any connection that writes begins."""
    left, armed, last, connect = [number], [False], [""], sqlite3.connect

    def count(statement: str) -> None:
        left[0] -= armed[0] and statement != last[0]  # a trigger tells the same statement again for each row
        last[0] = statement
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    def traced(database: str, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(database, **options)
        if "mode=rw" in database:
            connection.set_trace_callback(count)
        return connection

    vars(sqlite3)["connect"] = traced

    def arm() -> None:
        armed[0] = True

    return arm


def past_bytes(size: int) -> Death:
    """Let the kernel kill the process in the middle of the write that would make any file larger."""

    def arm() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return arm


def storage_on(path: Path) -> SqliteStorage:
    """A storage that has yet to be opened."""
    return SqliteStorage(SqliteSettings(path=path), SystemClock())


async def die_at(work: Work, path: Path, death: Death, told: int) -> None:
    """Do the work, and tell it once it is acknowledged."""
    storage = storage_on(path)
    if work.opened:
        await storage.open()
    death()
    await work.do(storage)
    os.write(told, b"!")
    await storage.close()


async def prepared(work: Work, path: Path) -> None:
    """Make the file to begin with."""
    storage = storage_on(path)
    await storage.open()
    await work.prepare(storage)
    await storage.close()


async def checked(work: Work, path: Path, *, acknowledged: bool) -> None:
    """Open what the dead process left, and look."""
    storage = storage_on(path)
    await storage.open()
    await work.check(storage, acknowledged=acknowledged)
    await storage.close()


def killed(work: Work, path: Path, make_death: Callable[[int], Death], step: int) -> tuple[bool, bool]:
    """Whether a child was killed at that step, and whether it had told before that its work was done."""
    hears, tells = os.pipe()
    child = os.fork()
    if not child:
        os.close(hears)
        status = 1
        with suppress(BaseException):
            asyncio.run(die_at(work, path, make_death(step), tells))
            status = 0
        os._exit(status)
    os.close(tells)
    with open(hears, "rb") as hearing:  # noqa: PTH123 - a descriptor
        acknowledged = hearing.read() == b"!"
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in {0, -signal.SIGKILL, -signal.SIGXFSZ}, status
    assert acknowledged or status
    return status != 0, acknowledged


def each_step(name: str, folder: Path, steps: Sequence[int] | None) -> Iterator[int]:
    """The steps at which the work was killed, each checked: the given numbers of bytes, or all statements there are."""
    work, origin = WORKS[name], folder / "origin" / "hexkeep.db"
    origin.parent.mkdir()
    if name == "migrate":
        former_version(origin)
    else:
        asyncio.run(prepared(work, origin))
    for step in steps or range(1, sys.maxsize):
        copy = folder / str(step)
        shutil.copytree(origin.parent, copy)
        died, acknowledged = killed(work, copy / "hexkeep.db", past_bytes if steps else before_statement, step)
        asyncio.run(checked(work, copy / "hexkeep.db", acknowledged=acknowledged))
        shutil.rmtree(copy)
        if not died:
            return
        yield step


if __name__ == "__main__":
    bytes_ = [int(argument) for argument in sys.argv[3:]]
    steps_ = list(each_step(sys.argv[1], Path(sys.argv[2]), range(*bytes_) if bytes_ else None))
    sys.stdout.write(f"{len(steps_)}\n")
