"""What SQLite alone has to see to where history ends, is loaded or wiped: guarded rows, upgrades, room on the disk."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hexkeep.adapters.sqlite import SqliteSettings, SqliteStorage
from hexkeep.adapters.sqlite.migrations import migrations
from hexkeep.adapters.sqlite.room import KEPT
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import Archived
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Put, Select
from hexkeep.ports.event_store import Appended, KeyChange, KeyClaim, Reading
from hexkeep.ports.views import Advance, CheckpointKey
from hexkeep.testing.units import append, key_hash, stream, unit
from hexkeep.testing.view_samples import ITEMS, item, projection

INSTANCE = "kit"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file is going to be."""
    return tmp_path / "hexkeep.db"


@pytest.fixture
async def storage(path: Path) -> AsyncIterator[SqliteStorage]:
    """An opened storage on a new file."""
    storage = SqliteStorage(SqliteSettings(path=path), SystemClock())
    await storage.open()
    yield storage
    await storage.close()


async def filled(storage: SqliteStorage, log: Log, count: int) -> Ref:
    """One stream of ``count`` events."""
    ref = stream()
    await storage.events.append([unit(INSTANCE, append(ref, 0, *[b"x"] * count), log=log)])
    return ref


async def test_rows_behind_the_horizon_count_for_nothing_before_they_are_gone(storage: SqliteStorage) -> None:
    """The horizon alone decides: a drop that removes one row leaves a log and streams as if all were removed."""
    whole, split = await filled(storage, Log.ACTIVITY, 200), stream()
    await storage.events.append([unit(INSTANCE, append(split, 0, *[b"y"] * 200), log=Log.ACTIVITY)])
    assert await storage.events.drop(INSTANCE, 300, limit=1) == 1
    places = [(Log.ACTIVITY, whole), (Log.ACTIVITY, split)]
    assert await storage.events.versions(INSTANCE, places) == [0, 200]
    assert await storage.events.read_stream(INSTANCE, Log.ACTIVITY, whole) == []
    assert len(await storage.events.read_stream(INSTANCE, Log.ACTIVITY, split, after=100)) == 100
    for reading in Reading:
        with pytest.raises(Archived):
            await storage.events.read_log(INSTANCE, Log.ACTIVITY, 299, 1000, reading)
        assert len(await storage.events.read_log(INSTANCE, Log.ACTIVITY, 300, 1000, reading)) == 100
    with pytest.raises(Archived):
        await storage.events.read_stream(INSTANCE, Log.ACTIVITY, split, after=99)
    (again,) = await storage.events.append([unit(INSTANCE, append(whole, 0, b"z"), log=Log.ACTIVITY)])
    assert isinstance(again, Appended)
    assert (again.first, again.last) == (401, 401)
    assert await storage.events.drop(INSTANCE, 0) == 100  # those of the stream that began anew had gone with that


async def test_rows_of_an_activity_log_are_guarded_in_front_of_the_horizon(storage: SqliteStorage, path: Path) -> None:
    """Past the adapter, too, nothing goes that the horizon has not passed, and no horizon goes back."""
    await filled(storage, Log.ACTIVITY, 10)
    await storage.events.drop(INSTANCE, 5, limit=1)
    with closing(sqlite3.connect(path, isolation_level=None)) as foreign:
        assert foreign.execute("DELETE FROM events WHERE position <= 5").rowcount == 4
        for statement in (
            "DELETE FROM events WHERE position = 6",
            "UPDATE logs SET horizon = 4",
            "UPDATE logs SET horizon = 11",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="only"):
                foreign.execute(statement)
    assert (await storage.events.head(INSTANCE, Log.ACTIVITY)).horizon == 5


async def test_wiped_instance_leaves_no_row_and_no_open_guard(storage: SqliteStorage, path: Path) -> None:
    """After a wipe every table is without the instance, the log of another is whole and guarded as before."""
    for log in Log:
        await filled(storage, log, 1500)
    owner = stream()
    claim = KeyClaim("kit_name", key_hash("one"), owner)
    kept = replace(unit("other", append(owner), claims=[claim]), unit_id="kept")
    await storage.events.append([unit(INSTANCE, append(owner), claims=[claim]), kept])
    async with storage.loader() as loader:
        await loader.wipe(INSTANCE)
        await loader.wipe("nobody")
    with closing(sqlite3.connect(path, isolation_level=None)) as foreign:
        left = [
            foreign.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - fixed names
            for table in ("events", "logs", "key_changes", "unique_keys", "units", "wiped_logs")
        ]
        assert left == [1, 1, 1, 1, 1, 0]
        with pytest.raises(sqlite3.IntegrityError):
            foreign.execute("DELETE FROM events")
    assert len(await storage.events.read_log("other", Log.DURABLE, 0, 10)) == 1


async def test_wipe_that_was_broken_off_is_invisible_and_goes_on(storage: SqliteStorage, path: Path) -> None:
    """Rows of a wiped log that are still there belong to no log, whatever new log begins; the next wipe takes them."""
    await filled(storage, Log.DURABLE, 10)
    with closing(sqlite3.connect(path, isolation_level=None)) as foreign:
        foreign.execute("INSERT INTO wiped_logs SELECT id FROM logs")
        foreign.execute("DELETE FROM logs")
    assert await storage.events.read_log(INSTANCE, Log.DURABLE, 0, 10) == []
    await filled(storage, Log.DURABLE, 3)
    assert len(await storage.events.read_log(INSTANCE, Log.DURABLE, 0, 10)) == 3
    async with storage.loader() as loader:
        await loader.wipe("nobody")
    with closing(sqlite3.connect(path)) as foreign:
        assert foreign.execute("SELECT count(*) FROM events").fetchone() == (3,)


async def test_rows_of_views_are_wiped_in_turns_with_others(storage: SqliteStorage) -> None:
    """However many rows an instance has, others write between two small pieces of its end."""
    build = await storage.views.begin(projection(), "f")
    key = CheckpointKey(build.projection, build.number, INSTANCE, Log.DURABLE)
    rows = tuple(Put(ITEMS, item(f"{number:05}")) for number in range(10_000))
    for name in (INSTANCE, "other"):
        assert await storage.views.apply(Advance(replace(key, instance=name), 0, 1, 1, rows))
    async with storage.loader() as loader:
        wiping, written = asyncio.create_task(loader.wipe(INSTANCE)), 0
        while not wiping.done():
            await storage.events.append([unit("other", append(stream()))])
            written += 1
        await wiping
    assert written >= 10
    left = [await storage.views.count(build.number, name, Select(ITEMS)) for name in (INSTANCE, "other")]
    assert left == [0, 10_000]


async def test_room_of_what_was_dropped_goes_back_to_the_file_system(storage: SqliteStorage, path: Path) -> None:
    """After a drop the file is smaller, by itself and while others write; some empty pages are kept for what comes."""
    for _ in range(10):
        payloads = [b"x" * 50_000] * 100
        await storage.events.append([unit(INSTANCE, append(stream(), 0, *payloads), log=Log.ACTIVITY)])
    with closing(sqlite3.connect(path)) as foreign:
        ((before,),) = foreign.execute("PRAGMA page_count").fetchall()
        dropping = asyncio.create_task(storage.events.drop(INSTANCE, 1000))
        written = 0
        while not dropping.done():
            more = [storage.events.append([unit(INSTANCE, append(stream()))]) for _ in range(3)]
            written += len(await asyncio.gather(*more, storage.snapshots.forget(INSTANCE))) - 1
        assert dropping.result() == 1000
        assert (await storage.events.head(INSTANCE, Log.DURABLE)).position == written > 0
        ((after,),) = foreign.execute("PRAGMA page_count").fetchall()
        ((empty,),) = foreign.execute("PRAGMA freelist_count").fetchall()
        ((whole,),) = foreign.execute("PRAGMA integrity_check").fetchall()
    assert before > 12_000
    # A unit that was written meanwhile took a page at most.
    assert KEPT - written <= empty < after < KEPT + 500 + written
    assert whole == "ok"


async def test_file_of_the_version_before_is_brought_up_to_date(path: Path) -> None:
    """Held keys get a change at their owner's beginning, so that erasure and export find them; unit ids are kept."""
    owner, none = stream(), key_hash("held")
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        steps = dict(migrations())
        old.execute("CREATE TABLE schema_migrations (name TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID")
        for name in [name for name in steps if name < "0005"]:
            old.execute("INSERT INTO schema_migrations VALUES (?)", (name,))
            for statement in steps[name]:
                old.execute(statement)
        old.execute("INSERT INTO logs VALUES (1, ?, 'durable', 2, 1, 0)", (INSTANCE,))
        for position, ref in enumerate((stream(), owner), 1):
            cells = (1, position, *ref, 1, "kit.happened", 1, b"", b"", "", "", b"", 0)
            old.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", cells)
        old.execute("INSERT INTO unique_keys VALUES (?, 'kit_name', ?, ?, ?)", (INSTANCE, none, *owner))
        old.execute("INSERT INTO units VALUES (?, 'sent', 1, 1, 1, 0)", (INSTANCE,))
    storage = SqliteStorage(SqliteSettings(path=path), SystemClock())
    assert await storage.migrate() == [name for name in steps if name >= "0005"]
    await storage.open()
    try:
        again = await storage.events.append([unit(INSTANCE, append(owner, 7), unit_id="sent")])
        assert again == [Appended(1, 1, 1, datetime.fromtimestamp(0, UTC))]
        changes = await storage.events.key_changes(INSTANCE, Log.DURABLE, None, 10)
        assert changes == [KeyChange(2, "kit_name", none, owner, claimed=True)]
        await storage.events.forget_keys(INSTANCE, owner)
        assert await storage.events.key_owner(INSTANCE, "kit_name", none) is None
    finally:
        await storage.close()
