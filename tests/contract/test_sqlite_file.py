"""What SQLite alone has: one process per file, foreign programs, full disks, killed writers, guarded rows."""

import asyncio
import logging
import os
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hexkeep.adapters.sqlite import SqliteSettings, SqliteStorage
from hexkeep.adapters.sqlite.connections import check_version, note_flaws
from hexkeep.adapters.sqlite.migrations import migrations
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, Overloaded, StorageUnavailable, VersionConflict
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Appended
from hexkeep.ports.keys import WrappedKey
from hexkeep.ports.views import Build, BuildState
from hexkeep.testing.units import append, stream, unit
from tests.contract.sqlite_process import INSTANCE
from tests.processes import module

NO_BUILD = Build("kit", 1, 1, "", BuildState.BUILDING, datetime(2026, 1, 1, tzinfo=UTC))


class LaterClock(SystemClock):
    """The machine's clock, as many days ahead as a test says."""

    days = 0

    def now(self) -> datetime:
        """The machine's time, some days later."""
        return datetime.now(UTC) + timedelta(days=self.days)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file is going to be."""
    return tmp_path / "hexkeep.db"


@pytest.fixture
def letter(path: Path) -> Path:
    """A file with something else in it."""
    path.write_bytes(b"Dear reader, " * 1000)
    return path


@asynccontextmanager
async def opened(path: Path, clock: SystemClock | None = None, **settings: float) -> AsyncIterator[SqliteStorage]:
    """A storage on a file, as long as the context lasts."""
    chosen = SqliteSettings.model_validate({"path": path, **settings})
    storage = SqliteStorage(chosen, clock or SystemClock())
    try:
        await storage.open()
        yield storage
    finally:
        await storage.close()


@asynccontextmanager
async def looking(path: Path) -> AsyncIterator[SqliteStorage]:
    """A storage that only reads a file, as long as the context lasts."""
    storage = SqliteStorage(SqliteSettings(path=path), SystemClock())
    try:
        await storage.open_for_reading()
        yield storage
    finally:
        await storage.close()


def process(command: str, path: Path) -> "subprocess.Popen[str]":
    """A second process on the file; its output is read by the test."""
    return module("tests.contract.sqlite_process", command, str(path), stdout=subprocess.PIPE, text=True)


def said(command: str, path: Path) -> list[str]:
    """What a second process says until it ends."""
    with process(command, path) as running:
        lines = running.communicate(timeout=60)[0].splitlines()
    assert running.returncode == 0
    return lines


@pytest.fixture
def foreign(path: Path) -> Iterator[sqlite3.Connection]:
    """Another program's connection, which heeds none of our rules."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as connection:
        yield connection


# --- one process -------------------------------------------------------------------------------------------------


async def test_second_process_is_refused_and_told_who_has_the_file(path: Path) -> None:
    """While a process serves the file another can neither open it nor is left guessing; it may see the schema."""
    async with opened(path):
        migrated, refusal = await asyncio.to_thread(said, "try_to_open", path)
    assert migrated == "[]"
    assert f"process {os.getpid()}" in refusal
    assert await asyncio.to_thread(said, "try_to_open", path) == ["[]"]


async def test_second_storage_in_one_process_is_refused(path: Path) -> None:
    """The same holds within a process, and closing the refused one does not take the file from the first."""
    async with opened(path) as storage:
        second = SqliteStorage(SqliteSettings(path=path), SystemClock())
        with pytest.raises(StorageUnavailable, match="in use by process"):
            await second.open()
        await second.close()
        await storage.ping()


async def test_migrations_run_once_and_by_themselves(path: Path) -> None:
    """``migrate`` names what it did, nothing the second time; ``open`` does what is left to do."""
    storage = SqliteStorage(SqliteSettings(path=path), SystemClock())
    assert await storage.migrate() == [name for name, _ in migrations()]
    assert await storage.migrate() == []
    async with opened(path) as later:
        assert await later.migrate() == []
        await later.ping()


async def test_file_is_for_its_owner_alone(path: Path) -> None:
    """Nobody else can read the file, the write-ahead log or the lock."""
    async with opened(path) as storage:
        await storage.events.append([unit(INSTANCE, append(stream()))])
        modes = {file.name: file.stat().st_mode & 0o077 for file in path.parent.iterdir()}
    assert len(modes) == 4
    assert set(modes.values()) == {0}


# --- what lasts --------------------------------------------------------------------------------------------------


async def test_reopened_file_has_everything(path: Path) -> None:
    """Events, versions and positions go on where they stood."""
    ref = stream()
    async with opened(path) as storage:
        await storage.events.append([unit(INSTANCE, append(ref, 0, b"a", b"b"))])
    async with opened(path) as storage:
        await storage.events.append([unit(INSTANCE, append(ref, 2, b"c"))])
        events = await storage.events.read_stream(INSTANCE, Log.DURABLE, ref)
    assert [(found.position, found.payload) for found in events] == [(1, b"a"), (2, b"b"), (3, b"c")]


async def test_leases_of_a_process_that_is_gone_are_free(path: Path) -> None:
    """The file has one process, so a new one need not wait for what the last one held; its tokens still grow."""
    async with opened(path) as storage:
        held = await storage.locks.acquire("spooler", "gone", 3600)
    async with opened(path) as storage:
        taken = await storage.locks.acquire("spooler", "new", 3600)
    assert held is not None
    assert taken is not None
    assert taken.token > held.token


async def test_close_lets_work_in_flight_finish(path: Path) -> None:
    """What was accepted before the close is done and acknowledged; what comes after is refused."""
    storage = SqliteStorage(SqliteSettings(path=path), SystemClock())
    await storage.open()
    tasks = [asyncio.create_task(storage.events.append([unit(INSTANCE, append(stream()))])) for _ in range(50)]
    await asyncio.sleep(0)
    await storage.close()
    assert all(isinstance(task.result()[0], Appended) for task in tasks)
    with pytest.raises(StorageUnavailable):
        await storage.events.append([unit(INSTANCE, append(stream()))])
    async with opened(path) as again:
        assert (await again.events.head(INSTANCE, Log.DURABLE)).position == 50


async def test_killed_writer_loses_nothing_acknowledged(path: Path) -> None:
    """After kill -9 in the middle of appends the log is contiguous, whole by unit, and has all that was told."""
    for file in (path.with_name(name) for name in "abc"):
        with process("append_for_ever", file) as running:
            assert running.stdout is not None
            told = [running.stdout.readline().strip() for _ in range(200)]
            running.kill()
            told += [line.strip() for line in running.stdout if line.endswith("\n")]
        async with opened(file) as storage:
            events = await storage.events.read_log(INSTANCE, Log.DURABLE, 0, 1_000_000)
        assert [found.position for found in events] == list(range(1, len(events) + 1))
        assert {(found.version, found.payload) for found in events[1::2]} == {(2, b"more")}
        assert set(told) <= {found.payload.decode() for found in events[::2]}


async def test_unit_ids_are_remembered_for_days_and_not_for_ever(path: Path) -> None:
    """A unit comes back as applied for as long as the settings say; later it is judged anew."""
    clock, ref = LaterClock(), stream()
    first = unit(INSTANCE, append(ref))
    async with opened(path, clock, units_kept_days=3) as storage:
        outcomes = await storage.events.append([first])
        for days in (2, 4):
            clock.days = days
            for _ in range(4):
                await storage.events.append([unit(INSTANCE, append(stream())) for _ in range(256)])
            outcomes += await storage.events.append([first])
    assert outcomes[0] == outcomes[1]
    assert isinstance(outcomes[2], VersionConflict)


async def test_destroyed_key_leaves_no_bytes_in_the_file(path: Path) -> None:
    """Once a key is destroyed and the file closed, its bytes are nowhere in it."""
    secret = os.urandom(48)
    async with opened(path) as storage:
        await storage.keys.add(WrappedKey(INSTANCE, "subject/ada", 1, "master", secret))
        await storage.keys.destroy(INSTANCE, "subject/ada")
    assert all(secret not in file.read_bytes() for file in path.parent.iterdir())


async def test_long_read_is_exact_whichever_way_it_is_made(path: Path) -> None:
    """A few events, many, and too many bytes to pack into one answer come back alike: order, text and bytes."""
    payloads = [
        b"",
        b"\x00",
        "ü,\U0001f600".encode(),
        *(bytes([number]) * number for number in range(120)),
        b"x" * 17_000_000,
    ]
    odd = stream()._replace(id='a\x00b"\\,\U0001f600')
    async with opened(path) as storage:
        await storage.events.append([unit(INSTANCE, append(odd, 0, *payloads))])
        assert [found.payload for found in await storage.events.read_log(INSTANCE, Log.DURABLE, 0, 122)] == payloads[
            :122
        ]
        few = await storage.events.read_log(INSTANCE, Log.DURABLE, 0, 3)
        much = await storage.events.read_stream(INSTANCE, Log.DURABLE, odd)
        await storage.events.append([unit(INSTANCE, append(odd, len(payloads), b"y" * 17_000_000))])
        most = await storage.events.read_log(INSTANCE, Log.DURABLE, 0, 1000)
        versions = await storage.events.versions(INSTANCE, [(Log.DURABLE, odd), (Log.DURABLE, stream())] * 50)
    assert few == much[:3]
    assert much == most[:-1]
    assert [found.payload for found in much] == payloads
    assert {found.stream for found in most} == {odd}
    assert versions == [len(payloads) + 1, 0] * 50


# --- what goes wrong ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET payload = x'00'",
        "DELETE FROM events",
        "REPLACE INTO events SELECT * FROM events",
        "UPDATE events SET position = position + 1",
        "UPDATE logs SET horizon = 1",
        "UPDATE logs SET log = 'activity'",
        "UPDATE logs SET position = 0",
        "DELETE FROM logs",
    ],
)
async def test_events_cannot_be_changed_even_past_the_adapter(path: Path, statement: str) -> None:
    """Triggers refuse to change or delete rows of a durable log, whoever asks on a connection set up as ours."""
    async with opened(path) as storage:
        await storage.events.append([unit(INSTANCE, append(stream(), 0, b"a"))])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA recursive_triggers = ON")
        with pytest.raises(sqlite3.IntegrityError, match=r"only|never|keeps"):
            connection.execute(statement)


async def test_foreign_lock_is_waited_for_and_then_reported(path: Path, foreign: sqlite3.Connection) -> None:
    """While another program writes, writes fail after the timeout, reads go on, and later all is well."""
    async with opened(path, busy_timeout=0.05) as storage:
        ref = stream()
        await storage.events.append([unit(INSTANCE, append(ref))])
        foreign.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable, match="SQLITE_BUSY"):
            await storage.events.append([unit(INSTANCE, append(stream()))])
        with pytest.raises(StorageUnavailable):
            await storage.ping()
        assert await storage.events.versions(INSTANCE, [(Log.DURABLE, ref)]) == [1]
        foreign.execute("ROLLBACK")
        await storage.ping()
        (outcome,) = await storage.events.append([unit(INSTANCE, append(stream()))])
    assert isinstance(outcome, Appended)
    assert (outcome.first, outcome.last) == (2, 2)


async def test_full_queue_is_overload(path: Path, foreign: sqlite3.Connection) -> None:
    """What is more than may wait is refused at once and not done; what waits is done when the way is free."""
    async with opened(path, max_waiting=1) as storage:
        foreign.execute("BEGIN IMMEDIATE")
        tasks = [asyncio.create_task(storage.events.append([unit(INSTANCE, append(stream()))])) for _ in range(5)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        foreign.execute("ROLLBACK")
        results = await asyncio.gather(*tasks, return_exceptions=True)
        refused = [result for result in results if isinstance(result, Overloaded)]
        assert len(refused) >= 3
        assert (await storage.events.head(INSTANCE, Log.DURABLE)).position == 5 - len(refused)


async def test_full_disk_is_reported_and_survived(path: Path) -> None:
    """When files cannot grow appends fail as unavailable, leave nothing behind, and go on once there is room."""
    message, consistent = await asyncio.to_thread(said, "fill_the_disk", path)
    assert "SQLITE_FULL" in message or "SQLITE_IOERR" in message
    assert consistent == "True"


async def test_unstorable_unit_does_not_spoil_what_shares_its_transaction(path: Path) -> None:
    """A call that fails is rolled back by itself, whichever others were committed together with it."""
    async with opened(path) as storage:
        bad = unit(INSTANCE, append(stream()._replace(id="\ud800")))
        calls = [[unit(INSTANCE, append(stream()))] for _ in range(20)] + [[unit(INSTANCE, append(stream())), bad]]
        results = await asyncio.gather(*map(storage.events.append, calls), return_exceptions=True)
        assert [type(result) for result in results] == [list] * 20 + [InvalidInput]
        assert (await storage.events.head(INSTANCE, Log.DURABLE)).position == 20


async def test_file_that_is_no_database_is_refused_and_let_go(letter: Path) -> None:
    """The error says what is wrong, and the file is not kept locked."""
    for _ in range(2):
        with pytest.raises(StorageUnavailable, match="no SQLite database"):
            async with opened(letter):
                raise AssertionError


def test_old_sqlite_is_refused_and_a_flawed_one_noted(caplog: pytest.LogCaptureFixture) -> None:
    """Below 3.35 nothing works; below 3.51.3 the log has a note, which is no warning, of what to beware of."""
    with pytest.raises(StorageUnavailable, match=r"3\.35\.0"):
        check_version((3, 34, 1))
    with caplog.at_level(logging.DEBUG):
        note_flaws((3, 51, 3))
        assert caplog.messages == []
        note_flaws((3, 40, 1))
    assert [record.levelname for record in caplog.records] == ["DEBUG"]


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 3)])
async def test_start_is_quiet(
    path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...]
) -> None:
    """Migrating and opening note a flawed SQLite once in all, and log nothing above."""
    monkeypatch.setattr("sqlite3.sqlite_version_info", version)
    with caplog.at_level(logging.DEBUG, "hexkeep"):
        storage = SqliteStorage(SqliteSettings(path=path), SystemClock())
        await storage.migrate()
        await storage.open()
        await storage.close()
    assert [record.levelname for record in caplog.records] == ["DEBUG"] * (version == (3, 40, 1))


async def test_file_is_read_beside_its_writer(path: Path) -> None:
    """Opened for reading, a second storage sees each commit of the first at once and writes nothing."""
    async with opened(path) as writer, looking(path) as reader:
        for position in (1, 2):
            await writer.events.append([unit(INSTANCE, append(stream(), 0, b"x"))])
            assert (await reader.events.head(INSTANCE, Log.DURABLE)).position == position
        lease = await writer.locks.acquire("one", "node", 600)
        assert lease is not None
        assert await reader.locks.holder("one") == "node"
        await reader.ping()
        for write in (
            reader.events.append([unit(INSTANCE, append(stream(), 0, b"x"))]),
            reader.locks.acquire("two", "node", 600),
            reader.keys.destroy(INSTANCE, "any"),
            reader.views.switch(NO_BUILD),
        ):
            with pytest.raises(FailedPrecondition, match="for reading only"):
                await write
        await writer.events.append([unit(INSTANCE, append(stream(), 0, b"x"))])


async def test_file_is_read_after_its_writer(path: Path) -> None:
    """Nobody needs to be there: what a writer left is read, whether it closed the file or was killed."""
    with process("append_for_ever", path) as running:
        assert running.stdout is not None
        assert running.stdout.readline()
        running.kill()
    async with looking(path) as reader:
        assert (await reader.events.head(INSTANCE, Log.DURABLE)).position > 0
    async with opened(path):
        pass
    async with looking(path) as reader:
        assert (await reader.events.head(INSTANCE, Log.DURABLE)).position > 0


async def test_nothing_is_made_for_reading(path: Path) -> None:
    """Where no file is, or one that has yet to be migrated, reading says what to do, and changes nothing."""
    with pytest.raises(StorageUnavailable, match="hexkeep setup"):
        async with looking(path):
            raise AssertionError
    assert list(path.parent.iterdir()) == []
    sqlite3.connect(path).close()
    with pytest.raises(StorageUnavailable, match="hexkeep setup"):
        async with looking(path):
            raise AssertionError
