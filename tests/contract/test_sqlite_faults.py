"""SQLite when things go wrong: killed at each step, out of room, torn and damaged files, clocks that jump.

After each of these no acknowledged event is lost, none is there twice, positions have no gap, and callers have seen
errors of the ports alone.
"""

import asyncio
import os
import random
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hexkeep.adapters.sqlite import SqliteSettings, SqliteStorage
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.kernel.errors import Archived, StorageUnavailable, VersionConflict
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Put, Select
from hexkeep.ports.views import Advance, CheckpointKey
from hexkeep.testing.units import append, applied, stream, unit
from hexkeep.testing.view_samples import ITEMS, item, projection
from tests.contract.sqlite_process import INSTANCE
from tests.processes import module
from tests.waiting import until

WORKS = ("append", "apply", "migrate", "drop", "load", "wipe")
QUICK = ("append", "apply", "drop")


class SetClock(SystemClock):
    """The machine's clock, set to wrong by a test."""

    off = timedelta()

    def now(self) -> datetime:
        """The machine's time and how much it is off."""
        return datetime.now(UTC) + self.off


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file is going to be."""
    return tmp_path / "hexkeep.db"


@asynccontextmanager
async def opened(path: Path, clock: SystemClock | None = None, **settings: float) -> AsyncIterator[SqliteStorage]:
    """A storage on a file, as long as the context lasts."""
    storage = SqliteStorage(SqliteSettings.model_validate({"path": path, **settings}), clock or SystemClock())
    try:
        await storage.open()
        yield storage
    finally:
        await storage.close()


def program(name: str, *arguments: object) -> "subprocess.Popen[str]":
    """A process of its own; its output is read by the test."""
    return module(f"tests.contract.{name}", *map(str, arguments), stdout=subprocess.PIPE, text=True)


def said(module: str, *arguments: object) -> list[str]:
    """What a process says until it ends well."""
    with program(module, *arguments) as running:
        lines = running.communicate(timeout=110)[0].splitlines()
    assert running.returncode == 0
    return lines


def size(path: Path) -> int:
    """Of a file, in bytes."""
    return path.stat().st_size


async def payloads(path: Path) -> list[str]:
    """The payloads of the durable log, whose positions have no gap, in the order of the log."""
    async with opened(path) as storage:
        events = await storage.events.read_log(INSTANCE, Log.DURABLE, 0, 1_000_000)
        assert (await storage.events.head(INSTANCE, Log.DURABLE)).position == len(events)
    assert [found.position for found in events] == [*range(1, len(events) + 1)]
    return [found.payload.decode() for found in events]


# --- killed ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "work", [work if work in QUICK else pytest.param(work, marks=pytest.mark.slow) for work in WORKS]
)
def test_killed_at_any_statement_it_is_done_wholly_or_not_at_all(tmp_path: Path, work: str) -> None:
    """Whatever is done, kill -9 in front of each of its statements leaves a file on which it can be done again."""
    (steps,) = said("sqlite_steps", work, tmp_path)
    assert int(steps) >= 6


@pytest.mark.slow
@pytest.mark.parametrize("work", WORKS)
def test_killed_within_any_write_it_is_done_wholly_or_not_at_all(tmp_path: Path, work: str) -> None:
    """The same when the process dies in the middle of a write to a file, wherever that is."""
    (steps,) = said("sqlite_steps", work, tmp_path, 33_000, 2_000_000, 4_999)
    assert int(steps) >= 8


async def test_of_processes_that_start_at_once_one_has_the_file(path: Path) -> None:
    """The others are told; when the one is killed the file is free at once."""
    for _ in range(2):
        running = [program("sqlite_process", "append_for_ever", path) for _ in range(3)]
        try:
            first = [await asyncio.to_thread(one.stdout.readline) for one in running if one.stdout is not None]
            assert sum("only one may write to it" in line for line in first) == 2
        finally:
            for one in running:
                one.kill()
                one.communicate()
    assert len(await payloads(path)) >= 2


# --- power -----------------------------------------------------------------------------------------------------------


async def test_file_as_it_is_at_any_moment_has_all_that_was_acknowledged(path: Path) -> None:
    """A copy of file and write-ahead log, taken while the process stands still, is what a crash would leave."""
    told: list[str] = []
    with program("sqlite_process", "append_for_ever", path, "checkpoint_pages=100") as running:
        assert running.stdout is not None
        for copy in (path.with_name(f"copy-{number}") for number in range(5)):
            told += [running.stdout.readline().strip() for _ in range(300)]
            running.send_signal(signal.SIGSTOP)
            for suffix in ("", "-wal"):
                shutil.copy(f"{path}{suffix}", f"{copy}{suffix}")
            running.send_signal(signal.SIGCONT)
            found = await payloads(copy)
            assert set(told) <= set(found[::2])
            assert len(set(found[::2])) == len(found[::2])
        running.kill()


def read(path: Path) -> bytes:
    """All that is in a file."""
    return path.read_bytes()


def write(path: Path, content: bytes) -> None:
    """Put something else into a file."""
    path.write_bytes(content)


def _cut(whole: bytes, place: int) -> bytes:
    return whole[:place]


def _zeros(whole: bytes, place: int) -> bytes:
    return whole[:place] + bytes(len(whole) - place)


def _noise(whole: bytes, place: int) -> bytes:
    return whole[:place] + random.Random(place).randbytes(len(whole) - place)  # noqa: S311 - any will do


def _flipped(whole: bytes, place: int) -> bytes:
    return whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]


@pytest.mark.parametrize("damage", [_cut, _zeros, _noise, _flipped])
async def test_torn_end_of_the_write_ahead_log_costs_nothing_in_front_of_it(
    path: Path, damage: Callable[[bytes, int], bytes]
) -> None:
    """From where the log is cut off, empty or wrong it counts for nothing; what was durable before is all there."""
    wal, ends, chance = path.with_name("hexkeep.db-wal"), [0], random.Random(7)  # noqa: S311 - the same each time
    async with opened(path) as storage:
        for number in range(12):
            await storage.events.append([unit(INSTANCE, append(stream(), 0, b"%d" % number + b" " * 700))])
            ends.append(size(wal))
        whole, file = wal.read_bytes(), read(path)
    assert ends[-1] == len(whole) > ends[1] > 0
    places = {
        *ends[1:-1:3],
        *(end - 1 for end in ends[1::3]),
        *(chance.randrange(ends[0], len(whole)) for _ in range(12)),
    }
    for place in places:
        copy = path.with_name("copy")
        copy.write_bytes(file)
        copy.with_name("copy-wal").write_bytes(damage(whole, place))
        found = [text.strip() for text in await payloads(copy)]
        durable = max(number for number, end in enumerate(ends) if end <= place)
        assert found[:durable] == [f"{number}" for number in range(durable)]
        assert found == [f"{number}" for number in range(len(found))]


async def test_damaged_page_is_an_error_of_the_port(path: Path) -> None:
    """A file whose pages were overwritten is unavailable, to be restored from a backup; nothing is made up."""
    async with opened(path) as storage:
        await storage.events.append([unit(INSTANCE, append(stream(), 0, b"x" * 2000)) for _ in range(500)])
    write(path, read(path)[:8192] + b"\xff" * (size(path) - 8192))
    with pytest.raises(StorageUnavailable, match="damaged"):
        async with opened(path) as storage:
            await storage.events.read_log(INSTANCE, Log.DURABLE, 0, 1000)


# --- room ------------------------------------------------------------------------------------------------------------


async def test_full_file_is_reported_by_append_and_apply_and_survived(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the file may have no more pages nothing is half done, reads go on, and with more room so does the rest."""
    connect, writers = sqlite3.connect, list[sqlite3.Connection]()

    def kept(database: str, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(database, **options)
        writers.extend([connection] if "mode=rw" in database else [])
        return connection

    monkeypatch.setattr(sqlite3, "connect", kept)
    async with opened(path) as storage:
        await storage.views.begin(projection(), "f")
        key = CheckpointKey(projection().name, 1, INSTANCE, Log.DURABLE)
        rows = tuple(Put(ITEMS, item(f"{number}", note="x" * 1000)) for number in range(100))
        await storage.events.append([unit(INSTANCE, append(stream()))])
        ((pages,),) = writers[-1].execute("PRAGMA page_count").fetchall()
        writers[-1].execute(f"PRAGMA max_page_count = {pages + 2}")
        big = unit(INSTANCE, append(stream(), 0, b"x" * 100_000))
        with pytest.raises(StorageUnavailable, match="disk is full"):
            await storage.events.append([big])
        with pytest.raises(StorageUnavailable, match="disk is full"):
            await storage.views.apply(Advance(key, 0, 1, 1, rows))
        assert (await storage.views.checkpoint(key)).position == 0
        assert await storage.views.select(1, INSTANCE, Select(ITEMS)) == []
        assert (await storage.events.head(INSTANCE, Log.DURABLE)).position == 1
        writers[-1].execute("PRAGMA max_page_count = 1000000")
        assert (await applied(storage.events, big)).last == 2
        assert await storage.views.apply(Advance(key, 0, 1, 1, rows))
        assert len(await storage.views.select(1, INSTANCE, Select(ITEMS, limit=1000))) == 100


async def test_disk_that_is_full_for_a_checkpoint_costs_nothing(path: Path) -> None:
    """What cannot be moved into the file stays in the write-ahead log, where it is as good, until there is room."""
    grew_not, grew_then, acknowledged = await asyncio.to_thread(
        said, "sqlite_process", "fill_the_disk_while_checkpointing", path, "checkpoint_pages=100"
    )
    assert (grew_not, grew_then) == ("True", "True")
    assert len(await payloads(path)) == int(acknowledged)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of three megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if os.getuid() or subprocess.run(mounted, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def remount(folder: Path, mode: str) -> None:
    """Let a file system be written to, or not."""
    subprocess.run(["mount", "-o", f"remount,{mode}", str(folder)], check=True)


async def test_full_file_system_is_reported_and_survived(small_disk: Path) -> None:
    """The disk fills up, by the log or by others: nothing acknowledged is lost, and with room again all goes on."""
    path, others = small_disk / "hexkeep.db", small_disk / "others"
    done = 0

    async def fill(storage: SqliteStorage) -> None:
        nonlocal done
        while True:
            await storage.events.append([unit(INSTANCE, append(stream(), 0, b"x" * 20_000))])
            done += 1

    for room in (600_000, 200_000):
        write(others, bytes(room))
        async with opened(path, checkpoint_pages=100) as storage:
            with pytest.raises(StorageUnavailable, match=r"disk is full|read or written"):
                await fill(storage)
            others.unlink()
            await applied(storage.events, unit(INSTANCE, append(stream())))
            done += 1
    assert len(await payloads(path)) == done


async def test_file_system_that_became_read_only_is_reported(small_disk: Path) -> None:
    """Writes and opening are refused as unavailable; once it can be written to again everything is there."""
    path = small_disk / "hexkeep.db"
    async with opened(path) as storage:
        await storage.events.append([unit(INSTANCE, append(stream()))])
    remount(small_disk, "ro")
    with pytest.raises(StorageUnavailable):
        async with opened(path):
            raise AssertionError
    remount(small_disk, "rw")
    assert await payloads(path) == ["{}"]


# --- readers ---------------------------------------------------------------------------------------------------------


async def test_reader_in_a_snapshot_keeps_it_and_holds_nobody_up(path: Path) -> None:
    """While somebody reads the file as it was, events are appended and dropped; later the log of writes is emptied."""
    wal = path.with_name("hexkeep.db-wal")

    async def emptied() -> bool:
        return size(wal) == 0

    async with opened(path, checkpoint_pages=100) as storage:
        await storage.events.append([unit(INSTANCE, append(stream(), 0, *[b"x" * 500] * 500), log=Log.ACTIVITY)])
        with closing(sqlite3.connect(path, isolation_level=None)) as foreign:
            foreign.execute("BEGIN")
            assert foreign.execute("SELECT count(*) FROM events").fetchone() == (500,)
            for _ in range(20):
                await storage.events.append([unit(INSTANCE, append(stream(), 0, b"y" * 50_000))])
            assert await storage.events.drop(INSTANCE, 500) == 500
            assert foreign.execute("SELECT count(*), max(position) FROM events").fetchone() == (500, 500)
            with pytest.raises(Archived):
                await storage.events.read_log(INSTANCE, Log.ACTIVITY, 0, 10)
            assert size(wal) > 1_000_000
            foreign.execute("COMMIT")
        await until(emptied)
        assert len(await storage.events.read_log(INSTANCE, Log.DURABLE, 0, 100)) == 20


async def test_reader_of_pages_never_skips_what_is_dropped_meanwhile(path: Path) -> None:
    """Whoever reads while the log is emptied in front of it gets every event up to where it is told ``Archived``."""
    async with opened(path) as storage:
        for _ in range(10):
            await storage.events.append([unit(INSTANCE, append(stream(), 0, *[b"x"] * 300), log=Log.ACTIVITY)])

        async def read(page: int) -> int:
            seen = 0
            try:
                while events := await storage.events.read_log(INSTANCE, Log.ACTIVITY, seen, page):
                    assert [found.position for found in events] == [*range(seen + 1, seen + 1 + len(events))]
                    seen = events[-1].position
                    await asyncio.sleep(0)
            except Archived:
                assert seen < 3000
            return seen

        async def empty() -> None:
            for upto in range(100, 3001, 100):
                await storage.events.drop(INSTANCE, upto)

        await asyncio.gather(*(read(page) for page in (1, 7, 64, 100, 500)), empty())
        assert await storage.events.drop(INSTANCE, 3000) == 0


# --- clocks ----------------------------------------------------------------------------------------------------------


async def test_clock_that_jumps_never_dates_an_event_before_the_last(path: Path) -> None:
    """Forwards by years and back, over restarts: times stand still rather than go back, and nobody is refused."""
    clock, sent = SetClock(), [unit(INSTANCE, append(stream())) for _ in range(6)]
    for one, days in zip(sent, (0, 4000, 0, -4000, 3999, 4001), strict=True):
        clock.off = timedelta(days=days)
        async with opened(path, clock) as storage:
            await applied(storage.events, one)
    async with opened(path, clock) as storage:
        events = await storage.events.read_log(INSTANCE, Log.DURABLE, 0, 10)
    times = [found.created_at for found in events]
    assert times == sorted(times)
    assert times[1] == times[2] == times[3] == times[4] < times[5]


async def test_unit_forgotten_by_a_clock_that_jumped_is_a_conflict_not_a_second_time(path: Path) -> None:
    """When the clock jumps years ahead unit ids are forgotten; what comes again then expects a version that is past."""
    clock, again = SetClock(), unit(INSTANCE, append(stream()))
    async with opened(path, clock) as storage:
        await applied(storage.events, again)
        clock.off = timedelta(days=4000)
        for _ in range(5):
            await storage.events.append([unit(INSTANCE, append(stream())) for _ in range(256)])
        clock.off = timedelta()
        (outcome,) = await storage.events.append([again])
        assert isinstance(outcome, VersionConflict)


async def test_lease_outlives_no_jump_of_the_clock_with_its_token(path: Path) -> None:
    """A clock that jumps ahead frees a lease, and its holder cannot renew it; one that jumps back keeps it held."""
    clock = SetClock()
    async with opened(path, clock) as storage:
        first = await storage.locks.acquire("spooler", "one", 10)
        assert first is not None
        clock.off = timedelta(hours=-1)
        assert await storage.locks.acquire("spooler", "two", 10) is None
        assert await storage.locks.renew(first)
        clock.off = timedelta(hours=1)
        second = await storage.locks.acquire("spooler", "two", 10)
        assert second is not None
        assert second.token > first.token
        assert not await storage.locks.renew(first)
