"""What only a database server can do to a storage: restart, drop connections, deadlock, serve several nodes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from hexkeep.adapters.postgres import PostgresSettings, PostgresStorage
from hexkeep.core.kernel.errors import Overloaded, StorageUnavailable, VersionConflict
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Put, Select
from hexkeep.ports.event_store import Appended, EventStore, KeyClaim
from hexkeep.ports.pubsub import Hint, PubSub
from hexkeep.ports.views import Advance, CheckpointKey
from hexkeep.testing.contract import fresh
from hexkeep.testing.units import append, key_hash, stream, unit
from hexkeep.testing.view_samples import ITEMS, item, projection
from tests.contract.contention import assert_key_goes_to_one, assert_rounds_lose_nothing
from tests.postgres_proxy import cutting_proxy
from tests.postgres_server import PostgresDatabase, PostgresServer

pytestmark = pytest.mark.postgres

Node = Callable[[], AbstractAsyncContextManager[PostgresStorage]]
WAITING = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock' AND usename = %s"


@pytest.fixture
async def node(postgres_settings: PostgresSettings) -> Node:
    """Opens one more storage on the module's database."""
    await PostgresStorage(postgres_settings).migrate()

    @asynccontextmanager
    async def opened() -> AsyncIterator[PostgresStorage]:
        storage = PostgresStorage(postgres_settings)
        await storage.open()
        try:
            yield storage
        finally:
            await storage.close()

    return opened


@pytest.fixture
async def storage(node: Node) -> AsyncIterator[PostgresStorage]:
    """An opened storage."""
    async with node() as storage:
        yield storage


@pytest.fixture
async def owner(postgres_database: PostgresDatabase) -> AsyncIterator[psycopg.AsyncConnection]:
    """A connection of the owner, in autocommit."""
    async with await psycopg.AsyncConnection.connect(postgres_database.owner_url, autocommit=True) as connection:
        yield connection


async def waiting_backend(admin: psycopg.AsyncConnection, database: PostgresDatabase, url: str = "") -> int:
    """The process of the application's connection, or of ``url``'s role, that waits for a lock, once there is one."""
    role = conninfo_to_dict(url or database.application_url)["user"]
    async with asyncio.timeout(10):
        while True:
            row = await (await admin.execute(WAITING, (database.name, role))).fetchone()
            if row:
                return int(row[0])
            await asyncio.sleep(0.01)


@asynccontextmanager
async def hearing(pubsub: PubSub, *wanted: Hint) -> AsyncIterator[None]:
    """Subscribe for as long as the block runs, then listen until every wanted hint has come."""
    missing = set(wanted)
    async with pubsub.subscribe() as hints:
        yield
        async with asyncio.timeout(15):
            async for hint in hints:
                missing.discard(hint)
                if not missing:
                    return


async def test_append_whose_backend_is_terminated_happens_once(
    storage: PostgresStorage, postgres_database: PostgresDatabase, postgres_server: PostgresServer
) -> None:
    """A connection killed in mid-append is replaced and the unit stands in the log once."""
    instance, ref = fresh("instance"), stream()
    await storage.events.append([unit(instance, append(stream()))])
    async with (
        await psycopg.AsyncConnection.connect(postgres_database.owner_url) as holder,
        await psycopg.AsyncConnection.connect(postgres_server.url, autocommit=True) as admin,
    ):
        await holder.execute("SELECT 1 FROM hexkeep.log_heads WHERE instance_id = %s FOR UPDATE", (instance,))
        call = asyncio.create_task(storage.events.append([unit(instance, append(ref, 0, b"a", b"b"))]))
        await admin.execute("SELECT pg_terminate_backend(%s)", (await waiting_backend(admin, postgres_database),))
        await waiting_backend(admin, postgres_database)
        await holder.rollback()
        (outcome,) = await call
    assert isinstance(outcome, Appended)
    assert (outcome.first, outcome.last) == (2, 3)
    assert [found.position for found in await storage.events.read_log(instance, Log.DURABLE, 0, 10)] == [1, 2, 3]


async def test_append_whose_answer_is_lost_happens_once(
    storage: PostgresStorage, postgres_settings: PostgresSettings, tmp_path: Path
) -> None:
    """When the line is cut behind the COMMIT the retry finds the unit in the log and gives its outcome."""
    parts = conninfo_to_dict(postgres_settings.url.get_secret_value())
    target = Path(str(parts["host"])) / f".s.PGSQL.{parts.get('port') or 5432}"
    if not target.exists():
        pytest.skip("the proxy stands in front of a Unix socket")
    url = psycopg.conninfo.make_conninfo(postgres_settings.url.get_secret_value(), host=str(tmp_path), port="5432")
    instance, ref, mark = fresh("instance"), stream(), fresh("mark")
    await storage.events.append([unit(instance, append(stream()))])
    async with cutting_proxy(str(target), tmp_path) as proxy:
        behind = PostgresStorage(postgres_settings.model_copy(update={"url": SecretStr(url)}))
        await behind.open()
        proxy.arm(mark.encode())
        claim = KeyClaim("kit_name", key_hash(mark), ref)
        (outcome,) = await behind.events.append([unit(instance, append(ref), claims=[claim], unit_id=mark)])
        await behind.close()
    assert proxy.cuts == 1
    assert isinstance(outcome, Appended)
    assert (outcome.first, outcome.last) == (2, 2)
    assert await storage.events.versions(instance, [(Log.DURABLE, ref)]) == [1]


@pytest.mark.parametrize("at", ["hexkeep.events", "hexkeep.seals", "hexkeep_views.parked"])
async def test_wipe_that_was_broken_off_is_ended_by_whoever_opens(
    storage: PostgresStorage,
    node: Node,
    postgres_database: PostgresDatabase,
    postgres_server: PostgresServer,
    at: str,
) -> None:
    """Wherever a wipe was broken off, the next node leaves no row of the instance, and no deletion permitted."""
    instance, other, claimant = fresh("instance"), fresh("instance"), stream()
    claim = KeyClaim("kit_name", key_hash(instance), claimant)
    await storage.events.append([unit(name, append(claimant), claims=[claim]) for name in (instance, other)])
    build = await storage.views.begin(projection(), "f")
    for name in (instance, other):
        key = CheckpointKey(build.projection, build.number, name, Log.DURABLE)
        assert await storage.views.apply(Advance(key, 0, 1, 1, (Put(ITEMS, item("one")),)))
    url = postgres_database.application_url if "views" in at else postgres_database.owner_url
    async with (
        await psycopg.AsyncConnection.connect(postgres_database.owner_url) as holder,
        await psycopg.AsyncConnection.connect(postgres_server.url, autocommit=True) as admin,
        storage.loader() as loader,
    ):
        await holder.execute(f"LOCK TABLE {at} IN SHARE MODE".encode())
        wiping = asyncio.create_task(loader.wipe(instance))
        backend = await waiting_backend(admin, postgres_database, url)
        if url == postgres_database.owner_url:
            await admin.execute("SELECT pg_terminate_backend(%s)", (backend,))
        else:  # there a lost connection is no end: it would try again
            wiping.cancel()
        with pytest.raises((StorageUnavailable, asyncio.CancelledError)):
            await wiping
    assert await storage.views.count(build.number, instance, Select(ITEMS)) == 1
    async with node() as again:
        for name, left in ((instance, 0), (other, 1)):
            assert (await again.events.head(name, Log.DURABLE)).position == left
            assert len(await again.events.read_log(name, Log.DURABLE, 0, 10)) == left
            assert await again.events.key_owner(name, claim.kind, claim.hash) == (claimant if left else None)
            assert await again.views.count(build.number, name, Select(ITEMS)) == left
            key = CheckpointKey(build.projection, build.number, name, Log.DURABLE)
            assert (await again.views.checkpoint(key)).position == left
    async with await psycopg.AsyncConnection.connect(postgres_database.owner_url) as owner:
        assert await (await owner.execute("SELECT * FROM hexkeep.wipes")).fetchall() == []


async def test_who_wipes_and_who_opens_meanwhile_take_nothing_for_gone_that_is_there(
    storage: PostgresStorage,
    postgres_settings: PostgresSettings,
    owner: psycopg.AsyncConnection,
    postgres_database: PostgresDatabase,
    postgres_server: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A node goes on with a wipe that is begun again meanwhile: no row stays, though both remove a few at a time."""
    for name in ("wipes", "loader"):
        monkeypatch.setattr(f"hexkeep.adapters.postgres.{name}.ROWS_PER_DELETE", 10)
    instance = fresh("instance")
    await storage.events.append([unit(instance, append(stream(), 0, *[b"x"] * 200))])
    await owner.execute("INSERT INTO hexkeep.wipes VALUES (%s)", (instance,))  # of one that was broken off
    async with (
        await psycopg.AsyncConnection.connect(postgres_database.owner_url) as holder,
        await psycopg.AsyncConnection.connect(postgres_server.url, autocommit=True) as admin,
        storage.loader() as loader,
    ):
        await holder.execute("SELECT FROM hexkeep.events WHERE instance_id = %s FOR UPDATE", (instance,))
        again = PostgresStorage(postgres_settings)
        opening = asyncio.create_task(again.open())
        await waiting_backend(admin, postgres_database)
        wiping = asyncio.create_task(loader.wipe(instance))
        await waiting_backend(admin, postgres_database, postgres_database.owner_url)
        await holder.rollback()
        await asyncio.gather(wiping, opening)
        await again.close()
    assert await storage.events.read_log(instance, Log.DURABLE, 0, 10) == []
    assert await (await owner.execute("SELECT * FROM hexkeep.wipes")).fetchall() == []


FAILS_AT_COMMIT = """
CREATE FUNCTION hexkeep.fail() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$;
CREATE CONSTRAINT TRIGGER fails_at_commit AFTER INSERT ON hexkeep.events DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION hexkeep.fail()
"""


async def test_append_that_fails_at_commit_is_not_acknowledged(
    storage: PostgresStorage, owner: psycopg.AsyncConnection
) -> None:
    """What the server says behind the answer counts: at COMMIT it may still fail, and then nothing is in the log."""
    instance = fresh("instance")
    await storage.events.append([unit(instance, append(stream()))])
    another = unit(instance, append(stream()))
    await owner.execute(FAILS_AT_COMMIT)
    try:
        with pytest.raises(StorageUnavailable):
            await storage.events.append([another])
    finally:
        await owner.execute("DROP FUNCTION hexkeep.fail() CASCADE")
    assert (await storage.events.head(instance, Log.DURABLE)).position == 1
    (outcome,) = await storage.events.append([another])
    assert isinstance(outcome, Appended)
    assert (outcome.first, outcome.last) == (2, 2)


async def test_restart_of_the_server_is_survived(storage: PostgresStorage, postgres_server: PostgresServer) -> None:
    """After a restart every port works again without anybody's help, and subscribers are told to look at every log."""
    instance, ref = fresh("instance"), stream()
    await storage.events.append([unit(instance, append(ref))])
    async with hearing(storage.pubsub, Hint(instance, Log.DURABLE)):
        await asyncio.to_thread(postgres_server.restart)
        (outcome,) = await storage.events.append([unit(instance, append(ref, 1))])
        assert isinstance(outcome, Appended)
        assert outcome.last == 2
        assert await storage.expiring.count(instance, b"bucket", 60) == 1
        assert await storage.locks.acquire(instance, "me", 60) is not None


async def test_unreachable_server_is_storage_unavailable(postgres_settings: PostgresSettings, tmp_path: Path) -> None:
    """Nobody learns a driver's error, and the password is in no message."""
    url = SecretStr(f"postgresql://who:hidden-word@/nowhere?host={tmp_path}")
    storage = PostgresStorage(postgres_settings.model_copy(update={"url": url, "connect_timeout": 0.3}))
    with pytest.raises(StorageUnavailable) as raised:
        await storage.open()
    assert "hidden-word" not in repr(raised.value)
    assert "hidden-word" not in repr(storage) + repr(postgres_settings.model_copy(update={"url": url}))
    await storage.close()


async def test_more_callers_than_may_wait_are_overloaded(postgres_settings: PostgresSettings) -> None:
    """The queue for a connection is bounded: who finds it full is told so at once, and nobody else is disturbed."""
    narrow = {"min_connections": 1, "max_connections": 1, "max_waiting": 5}
    storage = PostgresStorage(postgres_settings.model_copy(update=narrow))
    await storage.open()
    answers = await asyncio.gather(*(storage.ping() for _ in range(40)), return_exceptions=True)
    await storage.ping()
    await storage.close()
    assert {type(answer) for answer in answers} == {type(None), Overloaded}


async def test_nodes_see_each_others_appends_and_hints(storage: PostgresStorage, node: Node) -> None:
    """What one node appends the other reads at once, and its hint arrives there."""
    instance, ref = fresh("instance"), stream()
    hint = Hint(instance, Log.DURABLE)
    async with node() as other, hearing(other.pubsub, hint):
        await storage.events.append([unit(instance, append(ref, 0, b"here"))])
        storage.pubsub.publish(hint)
        assert [found.payload for found in await other.events.read_stream(instance, Log.DURABLE, ref)] == [b"here"]
        (lost,) = await other.events.append([unit(instance, append(ref, 0))])
        assert isinstance(lost, VersionConflict)


async def test_many_hints_reach_another_node(storage: PostgresStorage, node: Node) -> None:
    """Hints for more logs than one NOTIFY can carry arrive all the same."""
    hints = {Hint(fresh("instance") * 4, log) for _ in range(200) for log in Log}
    async with node() as other, hearing(other.pubsub, *hints):
        for hint in hints:
            storage.pubsub.publish(hint)


async def test_rounds_in_opposite_order_never_deadlock(node: Node) -> None:
    """Heads and keys are locked in one order or tried again: no 40P01 reaches a caller, and no unit is lost."""
    await assert_rounds_lose_nothing(node, instances=3, streams=4, turns=12)


async def test_key_wanted_through_both_logs_goes_to_one(node: Node) -> None:
    """The two logs of an instance have two heads, yet a key that is claimed through both at once has one owner."""
    await assert_key_goes_to_one(node, turns=20)


async def test_plans_made_on_a_tiny_table_stay_right(
    storage: PostgresStorage, node: Node, owner: psycopg.AsyncConnection
) -> None:
    """A connection that planned while the log had a few rows is as fast, when it has many, as one that plans then."""
    instance, clock = fresh("instance"), asyncio.get_running_loop().time

    async def seconds(events: EventStore) -> float:
        begin, ref = clock(), stream()
        await events.append([unit(instance, append(ref), claims=[KeyClaim("kit_name", key_hash(ref.id), ref)])])
        await events.versions(instance, [(Log.DURABLE, ref)])
        await events.read_stream(instance, Log.DURABLE, ref)
        return clock() - begin

    await storage.events.append([unit(instance, append(stream())) for _ in range(5)])
    await owner.execute("ANALYZE hexkeep.events, hexkeep.append_units, hexkeep.log_heads, hexkeep.unique_keys")
    for _ in range(10):
        await seconds(storage.events)
    for _ in range(30):
        refs = [stream() for _ in range(500)]
        claims = [KeyClaim("kit_name", key_hash(ref.id), ref) for ref in refs]
        pairs = zip(refs, claims, strict=True)
        await storage.events.append([unit(instance, append(ref), claims=[claim]) for ref, claim in pairs])
    await owner.execute("ANALYZE hexkeep.events, hexkeep.append_units, hexkeep.log_heads, hexkeep.unique_keys")
    async with node() as later:
        times = [(await seconds(storage.events), await seconds(later.events)) for _ in range(40)]
    early, late = (sorted(side)[len(times) // 2] for side in zip(*times, strict=True))
    assert early < 4 * late
