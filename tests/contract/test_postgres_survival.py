"""What goes wrong around a database: killed writers, crashes, cut lines, full disks, jumping clocks, hostile sessions.

After each: no event lost, none twice, positions without a gap, and nobody was told anything but the ports' errors.
"""

import asyncio
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier, Literal
from pydantic import SecretStr

from hexkeep.adapters.postgres import PostgresSettings, PostgresStorage
from hexkeep.core.kernel.errors import AlreadyExists, StorageUnavailable
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import FIRST_EPOCH, Appended, KeyClaim
from hexkeep.ports.views import Advance, CheckpointKey
from hexkeep.testing.contract import fresh
from hexkeep.testing.units import append, applied, key_hash, stream, unit
from tests.contract.traffic import Traffic, whole_log
from tests.postgres_proxy import cutting_proxy
from tests.postgres_server import OwnServer, PostgresDatabase, PostgresServer, fresh_database
from tests.processes import module
from tests.waiting import until

pytestmark = pytest.mark.postgres

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


def settings_of(database: PostgresDatabase, **more: float) -> PostgresSettings:
    """Settings for a database, with both roles."""
    urls = {"url": database.application_url, "owner_url": database.owner_url}
    return PostgresSettings.model_validate({**urls, **more})


@asynccontextmanager
async def opened(settings: PostgresSettings) -> AsyncIterator[PostgresStorage]:
    """An opened storage."""
    storage = PostgresStorage(settings)
    await storage.migrate()
    await storage.open()
    try:
        yield storage
    finally:
        await storage.close()


@pytest.fixture
async def storage(postgres_settings: PostgresSettings) -> AsyncIterator[PostgresStorage]:
    """An opened storage on the module's database."""
    async with opened(postgres_settings) as storage:
        yield storage


@pytest.fixture
async def owner(postgres_database: PostgresDatabase) -> AsyncIterator[psycopg.AsyncConnection]:
    """A connection of the owner, in a transaction of its own."""
    async with await psycopg.AsyncConnection.connect(postgres_database.owner_url) as connection:
        yield connection


# --- the process that appends --------------------------------------------------------------------------------------


@contextmanager
def process(command: str, url: str, instance: str) -> Iterator["subprocess.Popen[str]"]:
    """A process on the database, killed in the end."""
    arguments = ("tests.contract.postgres_process", command, url, instance)
    with module(*arguments, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def lines_until(running: "subprocess.Popen[str]", count: int) -> list[str]:
    """The next lines it says."""
    assert running.stdout is not None
    return [running.stdout.readline().strip() for _ in range(count)]


async def test_killed_writer_loses_nothing_acknowledged(
    storage: PostgresStorage, postgres_database: PostgresDatabase
) -> None:
    """After kill -9 in the middle of appends the log has all that was told, whole by unit and without a gap."""
    instance = fresh("instance")
    told: list[str] = []
    for count in (25, 60):
        with process("append_for_ever", postgres_database.application_url, instance) as running:
            told += await asyncio.to_thread(lines_until, running, count)
            running.kill()
            assert running.stdout is not None
            told += [line.strip() for line in running.stdout if line.endswith("\n")]
    await applied(storage.events, unit(instance, append(stream(), 0, b"after", b"more")))
    log = await whole_log(storage, instance)
    assert [event.position for event in log] == list(range(1, len(log) + 1))
    firsts = [event.payload.decode() for event in log[::2]]
    assert {event.payload for event in log[1::2]} == {b"more"}
    assert len(firsts) == len(set(firsts))
    assert set(told) <= set(firsts)
    assert len(told) >= 85


@pytest.mark.parametrize("step", ["while it waits", "before the answer"])
async def test_writer_killed_at_a_step_leaves_a_whole_unit_or_none(
    storage: PostgresStorage, postgres_database: PostgresDatabase, tmp_path: Path, step: str
) -> None:
    """Killed while the server works, or between its commit and its answer: whoever comes again gets one outcome."""
    instance = fresh("instance")
    await applied(storage.events, unit(instance, append(stream())))
    parts = conninfo_to_dict(postgres_database.application_url)
    target = Path(str(parts["host"])) / f".s.PGSQL.{parts.get('port') or 5432}"
    if not target.exists():
        pytest.skip("the proxy stands in front of a Unix socket")
    async with (
        cutting_proxy(str(target), tmp_path) as proxy,
        await psycopg.AsyncConnection.connect(postgres_database.owner_url) as holder,
    ):
        await holder.execute("SELECT 1 FROM hexkeep.log_heads WHERE instance_id = %s FOR UPDATE", (instance,))
        url = make_conninfo(postgres_database.application_url, host=str(tmp_path), port="5432")
        with process("append_one", url, instance) as running:
            assert await asyncio.to_thread(lines_until, running, 1) == ["ready"]
            await blocked(postgres_database)
            if step == "before the answer":
                proxy.hold()
                await holder.rollback()
                await until(lambda: grown(storage, instance), 10)
            running.kill()
        await holder.rollback()
    again = unit(instance, append(stream(), 0, b"first", b"second"), unit_id="the-unit")
    outcome = await applied(storage.events, again)
    assert (outcome.first, outcome.last) == (2, 3)
    assert [event.payload for event in await whole_log(storage, instance)][1:] == [b"first", b"second"]


async def grown(storage: PostgresStorage, instance: str) -> bool:
    """Whether the unit is in the log."""
    return (await storage.events.head(instance, Log.DURABLE)).position == 3


async def blocked(database: PostgresDatabase) -> None:
    """Until a session of the application's role waits for a lock."""
    role = conninfo_to_dict(database.application_url)["user"]
    waiting = "SELECT 1 FROM pg_stat_activity WHERE usename = %s AND datname = %s AND wait_event_type = 'Lock'"
    async with await psycopg.AsyncConnection.connect(database.server.url, autocommit=True) as admin:

        async def waits() -> bool:
            return bool(await (await admin.execute(waiting, (role, database.name))).fetchone())

        await until(waits, 15)


# --- the server and the line ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_restart_under_writers_and_readers_loses_nothing(
    postgres_settings: PostgresSettings, postgres_server: PostgresServer, mode: str
) -> None:
    """Whether the server is stopped or crashes, two nodes go on by themselves when it is back."""
    async with opened(postgres_settings) as one, opened(postgres_settings) as two:
        traffic = Traffic([one, two])
        async with traffic.running():
            for _ in range(2):
                await asyncio.to_thread(postgres_server.restart, mode)
                await traffic.goes_on()
        await traffic.comes_out_whole(two)


async def test_connections_cut_under_writers_and_readers_lose_nothing(
    storage: PostgresStorage, postgres_server: PostgresServer, postgres_database: PostgresDatabase
) -> None:
    """Sessions that are ended in mid-statement, again and again, cost nobody an event."""
    role = conninfo_to_dict(postgres_database.application_url)["user"]
    sessions = "FROM pg_stat_activity WHERE usename = %s AND datname = %s AND state = 'active'"
    cut = "SELECT pg_terminate_backend(pid) " + sessions
    traffic = Traffic([storage])
    async with (
        traffic.running(),
        await psycopg.AsyncConnection.connect(postgres_server.url, autocommit=True) as admin,
    ):
        cuts = 0
        async with asyncio.timeout(30):
            while cuts < 25:
                cuts += (await admin.execute(cut, (role, postgres_database.name))).rowcount
                await asyncio.sleep(0.005)
        await traffic.goes_on()
    await traffic.comes_out_whole(storage)


async def test_view_whose_commit_is_not_answered_moved_once(
    storage: PostgresStorage, postgres_settings: PostgresSettings, tmp_path: Path
) -> None:
    """The caller learns that nobody knows; the checkpoint tells, and the work is not done a second time."""
    parts = conninfo_to_dict(postgres_settings.url.get_secret_value())
    target = Path(str(parts["host"])) / f".s.PGSQL.{parts.get('port') or 5432}"
    if not target.exists():
        pytest.skip("the proxy stands in front of a Unix socket")
    key = CheckpointKey(fresh("projection"), 1, fresh("instance"), Log.DURABLE)
    url = make_conninfo(postgres_settings.url.get_secret_value(), host=str(tmp_path), port="5432")
    async with cutting_proxy(str(target), tmp_path) as proxy:
        behind = PostgresStorage(postgres_settings.model_copy(update={"url": SecretStr(url)}))
        await behind.open()
        proxy.arm(b"COMMIT")
        with pytest.raises(StorageUnavailable):
            await behind.views.apply(Advance(key, 0, 5, FIRST_EPOCH, ()))
        assert proxy.cuts == 1
        assert (await behind.views.checkpoint(key)).position == 5
        assert not await behind.views.apply(Advance(key, 0, 5, FIRST_EPOCH, ()))
        await behind.close()
    assert (await storage.views.checkpoint(key)).position == 5


async def test_append_whose_caller_goes_away_leaves_no_connection_in_the_middle(
    storage: PostgresStorage, owner: psycopg.AsyncConnection, postgres_database: PostgresDatabase
) -> None:
    """Cancelled while the server works: the connection is given up, the next callers get their own answers."""
    instance = fresh("instance")
    await applied(storage.events, unit(instance, append(stream())))
    for _ in range(3):
        await owner.execute("SELECT 1 FROM hexkeep.log_heads WHERE instance_id = %s FOR UPDATE", (instance,))
        abandoned = unit(instance, append(stream(), 0, b"abandoned"))
        call = asyncio.create_task(storage.events.append([abandoned]))
        await blocked(postgres_database)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await owner.rollback()
        wanted = unit(instance, append(stream(), 0, b"wanted"))
        found = await applied(storage.events, wanted)
        (event,) = await storage.events.read_log(instance, Log.DURABLE, found.first - 1, 1)
        assert event.payload == b"wanted"
        again = await applied(storage.events, abandoned)  # it was applied or is now, once
        (event,) = await storage.events.read_log(instance, Log.DURABLE, again.first - 1, 1)
        assert event.payload == b"abandoned"
    assert len(await whole_log(storage, instance)) == 7


# --- sessions that are in the way ----------------------------------------------------------------------------------


async def test_storm_of_deadlocks_and_lost_races_reaches_no_caller(
    postgres_database: PostgresDatabase, postgres_server: PostgresServer
) -> None:
    """40P01 and 40001 from real transactions are tried again inside; each unit stands in the log once."""
    with psycopg.connect(postgres_server.url, autocommit=True) as admin:
        quick = SQL("ALTER DATABASE {} SET deadlock_timeout = '10ms'").format(Identifier(postgres_database.name))
        admin.execute(quick)
        async with opened(settings_of(postgres_database)) as storage:
            instances = sorted(fresh("instance") for _ in range(2))
            await storage.events.append([unit(name, append(stream())) for name in instances])
            with hostile(postgres_database, instances):
                for turn in range(40):
                    ref = stream()
                    units = [unit(name, append(ref, 0, f"{turn}".encode())) for name in instances]
                    for outcome in await storage.events.append(units):
                        assert isinstance(outcome, Appended)
            for name in instances:
                payloads = [event.payload for event in await whole_log(storage, name)]
                assert payloads[1:] == [f"{turn}".encode() for turn in range(40)]

            async def met() -> bool:
                count = "SELECT deadlocks FROM pg_stat_database WHERE datname = %s"
                await storage.events.append([unit(instances[0], append(stream()))])  # a session tells when it is done
                return admin.execute(count, (postgres_database.name,)).fetchall() > [(2,)]

            await until(met, 15)


@contextmanager
def hostile(database: PostgresDatabase, instances: list[str]) -> Iterator[None]:
    """A session that locks heads in the wrong order, and is a deadlock's victim only where the other side is late."""
    ended = threading.Event()
    lock = "SELECT 1 FROM hexkeep.log_heads WHERE instance_id = %s AND log = 'durable' FOR UPDATE"

    def fight() -> None:
        with psycopg.connect(make_conninfo(database.server.url, dbname=database.name), autocommit=True) as connection:
            connection.execute("SET deadlock_timeout = '200ms'")
            while not ended.is_set():
                with suppress(psycopg.errors.DeadlockDetected), connection.transaction():
                    for name in reversed(instances):
                        connection.execute(lock, (name,))
                        time.sleep(0.005)  # long enough for the other side to take its first lock
                time.sleep(0.005)

    fighter = threading.Thread(target=fight)
    fighter.start()
    try:
        yield
    finally:
        ended.set()
        fighter.join()


async def test_key_taken_by_an_open_transaction_is_waited_for(
    storage: PostgresStorage, owner: psycopg.AsyncConnection
) -> None:
    """Whoever claims what another is about to claim learns how that ended: taken after a commit, free otherwise."""
    insert = "INSERT INTO hexkeep.unique_keys VALUES (%s, 'kit_name', %s, 'kit', 'other')"
    for commits in (True, False):
        instance, ref = fresh("instance"), stream()
        await applied(storage.events, unit(instance, append(stream())))
        await owner.execute(insert, (instance, key_hash("wanted")))
        claim = KeyClaim("kit_name", key_hash("wanted"), ref)
        call = asyncio.create_task(storage.events.append([unit(instance, append(ref), claims=[claim])]))
        await asyncio.sleep(0.05)  # it waits, or comes later: both must end alike
        await (owner.commit() if commits else owner.rollback())
        assert isinstance((await call)[0], AlreadyExists if commits else Appended)


async def test_idle_transaction_with_an_old_snapshot_stops_nobody(
    storage: PostgresStorage, owner: psycopg.AsyncConnection
) -> None:
    """A session that looks at the past as long as it likes sees it unchanged, and writers and readers go on."""
    await owner.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
    traffic = Traffic([storage])
    async with traffic.running():
        count = "SELECT count(*), max(position) FROM hexkeep.events WHERE instance_id = %s"
        before = await (await owner.execute(count, (traffic.instance,))).fetchone()
        await traffic.goes_on(300)
        assert await (await owner.execute(count, (traffic.instance,))).fetchone() == before
    await owner.rollback()
    await traffic.comes_out_whole(storage)


async def test_exhausted_pool_stops_no_append(
    postgres_database: PostgresDatabase, owner: psycopg.AsyncConnection
) -> None:
    """While every other connection hangs in front of a lock, appends have their own; the others are told in time."""
    narrow = settings_of(postgres_database, max_connections=1, connect_timeout=2.0)
    async with opened(narrow) as storage:
        await owner.execute("LOCK TABLE hexkeep.leases IN ACCESS EXCLUSIVE MODE")
        hanging = asyncio.create_task(storage.locks.acquire("name", "me", 60))
        await blocked(postgres_database)
        for _ in range(20):
            await applied(storage.events, unit(fresh("instance"), append(stream())))
        with pytest.raises(StorageUnavailable):
            await storage.ping()
        await owner.rollback()
        assert await hanging is not None
        await storage.ping()


# --- the machine ---------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(user: str | None, size: str) -> Iterator[Path]:
    """A file system of its own, for a server that runs as ``user``."""
    folder = Path(tempfile.mkdtemp(prefix="hexkeep-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    try:
        if mounted.returncode:
            pytest.skip("a small file system cannot be mounted here")
        place = folder / "space"
        place.mkdir()
        if user is not None:
            shutil.chown(place, user)
            folder.chmod(0o755)
        yield place
    finally:
        if not mounted.returncode:
            subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()


async def test_full_disk_is_storage_unavailable_and_then_goes_on(postgres_server: PostgresServer) -> None:
    """Appends are refused as a whole while there is no room, reads go on, and with room all goes on."""
    if not isinstance(postgres_server, OwnServer):
        pytest.skip("the server's disk is not ours to fill")
    space = Identifier(fresh("space"))
    with small_disk(postgres_server.user, "12m") as place, fresh_database(postgres_server) as database:
        with psycopg.connect(postgres_server.url, autocommit=True) as admin:
            admin.execute(SQL("CREATE TABLESPACE {} LOCATION {}").format(space, Literal(str(place))))
            admin.execute(SQL("GRANT CREATE ON TABLESPACE {} TO PUBLIC").format(space))
        try:
            async with opened(settings_of(database)) as storage:
                with psycopg.connect(database.owner_url, autocommit=True) as owner:
                    owner.execute(SQL("ALTER TABLE hexkeep.events SET TABLESPACE {}").format(space))
                await fill(storage, place)
        finally:
            with psycopg.connect(database.owner_url, autocommit=True) as owner:
                owner.execute("DROP SCHEMA hexkeep CASCADE")
            with psycopg.connect(postgres_server.url, autocommit=True) as admin:
                admin.execute(SQL("DROP TABLESPACE {}").format(space))


async def fill(storage: PostgresStorage, place: Path) -> None:
    """Append until the disk is full, make room, go on."""
    instance, count = fresh("instance"), 0
    refused = False
    while not refused:
        try:
            await applied(storage.events, unit(instance, append(stream(), 0, os.urandom(40_000))))
            count += 1
        except StorageUnavailable:
            refused = True
    assert len(await whole_log(storage, instance)) == count > 0
    await storage.ping()
    larger = ["mount", "-o", "remount,size=64m", str(place.parent)]
    await asyncio.to_thread(subprocess.run, larger, check=True)
    assert (await applied(storage.events, unit(instance, append(stream())))).first == count + 1


@contextmanager
def server_with_a_clock_of_its_own() -> Iterator[tuple[OwnServer, Callable[[str], object]]]:
    """A server, and how to set its clock, in seconds from ours."""
    if not FAKETIME.exists():
        pytest.skip("libfaketime is not installed (Debian's package faketime)")
    folder = Path(tempfile.mkdtemp(prefix="hexkeep-pg-"))
    folder.chmod(0o755)
    offset = folder / "offset"
    offset.write_text("+0")
    environment = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    server = OwnServer(folder / "data", 18)
    try:
        server.restart("fast", environment)
        yield server, offset.write_text
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def test_clock_that_jumps_neither_reorders_nor_revives() -> None:
    """When the server's clock is set back an hour and then on by a day, times in the log never go back."""
    with server_with_a_clock_of_its_own() as (server, set_clock), fresh_database(server) as database:
        async with opened(settings_of(database)) as storage:
            await jump(storage, set_clock)


async def jump(storage: PostgresStorage, set_clock: Callable[[str], object]) -> None:
    """Append at different times, with a lease and a claim that were taken at the first of them."""
    instance, times = fresh("instance"), []
    assert await storage.locks.acquire("name", "me", 600) is not None
    later = datetime.now(UTC) + timedelta(minutes=10)
    assert await storage.expiring.claim_once(instance, "scope", b"key", later)
    for jumped in ("+0", "-3600", "+86400", "-60"):
        set_clock(jumped)
        outcome = await applied(storage.events, unit(instance, append(stream())))
        times.append(outcome.created_at)
        if jumped == "-3600":  # nobody gets what is held because the clock went back
            assert await storage.locks.acquire("name", "you", 600) is None
            assert not await storage.expiring.claim_once(instance, "scope", b"key", later)
    assert times[0] == times[1] < times[2] == times[3]
    assert times[2] - times[1] > timedelta(hours=23)
    log = await whole_log(storage, instance)
    assert [(event.position, event.created_at) for event in log] == [*enumerate(times, 1)]
