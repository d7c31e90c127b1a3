"""How SQLite looks things up: by key or index, whatever it knows or does not know about the sizes of tables.

Hexkeep gives the planner no statistics, so plans cannot change while tables grow; an operator's ``ANALYZE`` must not
change them for the worse either.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hexkeep.adapters.sqlite import SqliteSettings, SqliteStorage
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.idp.accounts import first_link
from hexkeep.core.idplink.projection import PROJECTION as LINKS
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Compare, Comparison, Delete, In, Patch, Put, Select, Sort, StartsWith
from hexkeep.core.slices import SLICES
from hexkeep.core.user.projection import PROJECTION, USERS
from hexkeep.engine.registry import build_registry
from hexkeep.engine.retention import rows_before
from hexkeep.ports.blobs import Blob
from hexkeep.ports.event_store import KeyClaim, KeyRelease, Reading
from hexkeep.ports.views import Advance, CheckpointKey
from hexkeep.testing.instances import history
from hexkeep.testing.units import append, key_hash, stream, unit
from hexkeep.testing.view_samples import ITEMS, PEOPLE, item, projection

INSTANCE = "kit"
SMALL = ("wanted", "found", "page", "given", "logs", "builds", "wiped_logs", "CONSTANT", "schema_migrations")
"""What may be scanned: what a statement brings along, and tables with few rows."""
ELDEST = "SELECT rowid AS place"
"""In this statement a limit ends the scan of what lies in the order in which it came."""


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that any connection runs, with its values."""
    statements: list[str] = []
    connect = sqlite3.connect

    def traced(database: str, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(database, **options)
        connection.set_trace_callback(statements.append)
        return connection

    monkeypatch.setattr(sqlite3, "connect", traced)
    return statements


async def work(storage: SqliteStorage) -> None:
    """Something of everything that is done while a server serves."""
    events, owners = storage.events, [stream() for _ in range(40)]
    claims = [KeyClaim("kit_name", key_hash(owner.id), owner) for owner in owners]
    for log in Log:
        await events.append(
            [unit(INSTANCE, append(one), log=log, claims=[key]) for one, key in zip(owners, claims, strict=True)]
        )
        await events.append(
            [
                unit(INSTANCE, append(one, 1), log=log, releases=[KeyRelease(key.kind, key.hash, one)])
                for one, key in zip(owners, claims, strict=True)
            ]
        )
        for reading in Reading:
            await events.read_log(INSTANCE, log, 0, 70, reading)
        await events.read_stream(INSTANCE, log, owners[0])
        await events.key_changes(INSTANCE, log, (1, "", b""), 10)
        await events.versions(INSTANCE, [(log, owner) for owner in owners])
    await events.drop(INSTANCE, 10)
    await events.versions(INSTANCE, [(Log.ACTIVITY, owner) for owner in owners])
    await events.append([unit(INSTANCE, append(owners[-1], 2), log=Log.ACTIVITY)])
    await events.heads()
    await events.key_owner(INSTANCE, "kit_name", b"")
    await events.forget_keys(INSTANCE, owners[0])
    await views(storage)
    await storage.snapshots.get(INSTANCE, owners[0])
    await blobs(storage)
    await storage.seals.covering(INSTANCE, Log.DURABLE, 1)
    later = datetime.now(UTC) + timedelta(days=1)
    await storage.expiring.put(INSTANCE, "s", b"k", b"v", later)
    await storage.expiring.take(INSTANCE, "s", b"k")
    await storage.expiring.claim_once(INSTANCE, "s", b"k", later)
    await storage.expiring.sweep()
    await storage.keys.get(INSTANCE, "subject/ada")
    await storage.keys.list((INSTANCE, "", 1), 10)


async def blobs(storage: SqliteStorage) -> None:
    """Blobs are put, read, listed from the first and behind another, and removed."""
    blob = Blob.of(INSTANCE, Ref("kit", "a"), "b", "image/png", b"c", datetime(2026, 1, 1, tzinfo=UTC))
    await storage.blobs.put(blob)
    await storage.blobs.get(INSTANCE, blob.info.owner, "b")
    for after in (None, blob.info):
        await storage.blobs.list(INSTANCE, after, 10)
    await storage.blobs.delete(blob.info)
    for owner in (None, blob.info.owner):
        await storage.blobs.forget(INSTANCE, owner)


async def views(storage: SqliteStorage) -> None:
    """Rows are put, changed, read by id, and listed in the order of an index."""
    await storage.views.begin(projection(), "f")
    key = CheckpointKey(projection().name, 1, INSTANCE, Log.DURABLE)
    rows = tuple(Put(ITEMS, item(f"{n:03}", rank=n)) for n in range(40))
    await storage.views.apply(Advance(key, 0, 1, 1, rows))
    patches = tuple(Patch(ITEMS, ("g", f"{n:03}"), {"rank": -n}) for n in range(40))
    deletes = tuple(Delete(ITEMS, ("g", f"{n:03}")) for n in range(40, 50))
    await storage.views.apply(Advance(key, 1, 2, 1, patches + deletes))
    await storage.views.get(1, INSTANCE, ITEMS, ("g", "001"))
    await storage.views.get(1, INSTANCE, PEOPLE, ("one",))
    group = Compare("group", Comparison.EQ, "g")
    await storage.views.select(1, INSTANCE, Select(ITEMS, group, (Sort("rank"),), after=(1, "g", "001")))
    await storage.views.select(1, INSTANCE, Select(ITEMS, sort=(Sort("name"),), limit=10))


def scans(path: Path, statements: list[str]) -> Iterator[str]:
    """The scans of large tables that the planner would make, each with its statement."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            if not re.match(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)", statement) or ELDEST in statement:
                continue
            for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall():
                if re.match(r"SCAN (?!\d|\()", step) and not any(name in step for name in SMALL):
                    yield f"{step}: {statement[:300]}"


async def test_nothing_that_grows_is_ever_scanned(tmp_path: Path, told: list[str]) -> None:
    """With no statistics, with those of a small file and with those of a larger one: keys and indexes are searched."""
    path = tmp_path / "hexkeep.db"
    storage = SqliteStorage(SqliteSettings(path=path), SystemClock())
    await storage.open()
    told.clear()
    await work(storage)
    done = list(told)
    assert len(done) > 60
    assert [*scans(path, done)] == []
    with closing(sqlite3.connect(path)) as foreign:
        foreign.execute("ANALYZE")
    assert [*scans(path, done)] == []
    async with storage.loader() as loader:
        await loader.load("larger", Log.DURABLE, history(5000))
    await storage.close()
    with closing(sqlite3.connect(path)) as foreign:
        foreign.execute("ANALYZE")
    assert [*scans(path, done)] == []


async def test_users_are_found_by_the_beginning_of_their_names(tmp_path: Path, told: list[str]) -> None:
    """Whatever they are sorted by: of very many users those that match are few."""
    path = tmp_path / "hexkeep.db"
    storage = SqliteStorage(SqliteSettings(path=path), SystemClock())
    await storage.open()
    await storage.views.begin(PROJECTION, "f")
    told.clear()
    named = Select(USERS, StartsWith("user_name", "Ad"), (Sort("user_name"),), limit=100)
    await storage.views.select(1, INSTANCE, named)
    [asked] = [one for one in told if one.startswith("WITH page")]
    await storage.close()
    with closing(sqlite3.connect(path)) as connection:
        plan = [str(step) for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {asked}").fetchall()]
    assert any(step.endswith("(instance_id=? AND user_name__search>? AND user_name__search<?)") for step in plan), plan


async def test_links_of_some_users_to_a_provider_are_found_by_both(tmp_path: Path, told: list[str]) -> None:
    """Everybody may be linked to a provider: whether some are, and whether anybody is, is seen in one look."""
    path = tmp_path / "hexkeep.db"
    storage = SqliteStorage(SqliteSettings(path=path), SystemClock())
    await storage.open()
    await storage.views.begin(LINKS, "f")
    told.clear()
    for link in (first_link("p"), first_link("p", In("user_id", ("ada", "bob", "eve")))):
        await storage.views.select(1, INSTANCE, link)
    asked = [one for one in told if one.startswith("WITH page")]
    await storage.close()
    assert len(asked) == 2
    with closing(sqlite3.connect(path)) as connection:
        for statement, found in zip(asked, (")", " AND user_id=?)"), strict=True):
            plan = [str(step) for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()]
            assert any(step.endswith(f"(instance_id=? AND identity_provider_id=?{found}") for step in plan), plan
            assert not any("TEMP B-TREE" in step for step in plan), plan


async def test_rows_of_a_dropped_history_are_found_by_their_time(tmp_path: Path, told: list[str]) -> None:
    """In every built-in view of the activity log: retention looks for them hourly, and mostly there are none."""
    path = tmp_path / "hexkeep.db"
    storage = SqliteStorage(SqliteSettings(path=path), SystemClock())
    await storage.open()
    moment = datetime.now(UTC)
    registry = build_registry(SLICES)
    projections = [one for one in registry.projections.values() if one.log is Log.ACTIVITY]
    tables = [table for one in projections for table in one.tables if table.of]
    for projection_ in projections:
        await storage.views.begin(projection_, "f")
    told.clear()
    for table in tables:
        await storage.views.select(1, INSTANCE, rows_before(table, moment))
    asked = [one for one in told if one.startswith("WITH page")]
    await storage.close()
    assert len(asked) == len(tables) >= 1
    with closing(sqlite3.connect(path)) as connection:
        for statement in asked:
            plan = [str(step) for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()]
            assert any(step.endswith("(instance_id=? AND created_at<?)") for step in plan), plan
            assert not any("TEMP B-TREE" in step for step in plan), plan
