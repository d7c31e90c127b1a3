"""What the CockroachDB adapter does when work is begun again (40001) or an answer is lost, tried on PostgreSQL.

As in tests/contract/test_portable_statements.py the server is PostgreSQL at SERIALIZABLE. A storm is a trigger that
refuses work with 40001 so many times; it counts by a sequence, which no rollback turns back.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import SecretStr

from hexkeep.adapters.cockroach import CockroachSettings, CockroachStorage
from hexkeep.adapters.cockroach.only import COCKROACH_ONLY, Piece
from hexkeep.core.kernel.errors import FailedPrecondition, HexkeepError, StorageUnavailable
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Put, Select
from hexkeep.ports.event_store import KeyClaim, KeyRelease, Reading
from hexkeep.ports.pubsub import Hint
from hexkeep.ports.views import Advance, BuildState, CheckpointKey
from hexkeep.testing.contract import fresh
from hexkeep.testing.units import append, applied, key_hash, stream, unit
from hexkeep.testing.view_samples import ITEMS, item, projection, sample
from tests.cockroach_pieces import ON_POSTGRES
from tests.contract.contention import assert_key_goes_to_one, assert_rounds_lose_nothing
from tests.postgres_proxy import cutting_proxy
from tests.postgres_server import PostgresDatabase

pytestmark = pytest.mark.postgres

Node = Callable[..., AbstractAsyncContextManager[CockroachStorage]]
Storm = Callable[[str, int], Awaitable[None]]


@pytest.fixture(scope="module")
def settings(postgres_database: PostgresDatabase) -> CockroachSettings:
    """Settings for the module's database, with both roles."""
    urls = {"url": postgres_database.application_url, "owner_url": postgres_database.owner_url}
    return CockroachSettings.model_validate({**urls, "schema_name": "portable", "poll_interval": 0.02})


@pytest.fixture
async def node(settings: CockroachSettings) -> Node:
    """Opens one more storage on the module's database, with some settings or pieces of SQL of its own."""
    await CockroachStorage(settings, ON_POSTGRES).migrate()

    @asynccontextmanager
    async def opened(pieces: tuple[Piece, ...] = ON_POSTGRES, **other: object) -> AsyncIterator[CockroachStorage]:
        storage = CockroachStorage(settings.model_copy(update=other), pieces)
        await storage.open()
        try:
            yield storage
        finally:
            await storage.close()

    return opened


@pytest.fixture
async def storage(node: Node) -> AsyncIterator[CockroachStorage]:
    """An opened storage."""
    async with node() as storage:
        yield storage


@pytest.fixture
async def owner(node: Node, postgres_database: PostgresDatabase) -> AsyncIterator[psycopg.AsyncConnection]:
    """A connection of the owner's, in autocommit, on the migrated schema."""
    del node
    async with await psycopg.AsyncConnection.connect(postgres_database.owner_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
async def storm(owner: psycopg.AsyncConnection) -> AsyncIterator[Storm]:
    """Lets work on a table be begun again so many times; the sequence ``portable.storm`` counts."""
    stormy: list[str] = []

    async def begin(table: str, times: int) -> None:
        stormy.append(table)
        await owner.execute("CREATE SEQUENCE portable.storm")
        await owner.execute(
            "CREATE FUNCTION portable.storm() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
            f" IF nextval('portable.storm') <= {times} THEN"
            " RAISE EXCEPTION 'restart transaction' USING ERRCODE = '40001'; END IF; RETURN NULL; END $$"
        )
        await owner.execute(
            f"CREATE TRIGGER storm AFTER INSERT OR UPDATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION portable.storm()"
        )

    yield begin
    for table in stormy:
        await owner.execute(f"DROP TRIGGER storm ON {table}")
        await owner.execute("DROP FUNCTION portable.storm")
        await owner.execute("DROP SEQUENCE portable.storm")


async def tries(owner: psycopg.AsyncConnection) -> int:
    """How often work met the storm."""
    ((count,),) = await (await owner.execute("SELECT last_value FROM portable.storm")).fetchall()
    return int(count)


async def test_append_in_a_storm_happens_once(
    storage: CockroachStorage, storm: Storm, owner: psycopg.AsyncConnection
) -> None:
    """However often the server begins it again, a unit has one effect and one outcome."""
    instance, ref = fresh("instance"), stream()
    claim = KeyClaim("kit_name", key_hash("storm"), ref)
    await storm("portable.events", 9)
    done = await applied(storage.events, unit(instance, append(ref, 0, b"a", b"b"), claims=[claim]))
    assert await tries(owner) == 10
    assert (done.first, done.last) == (1, 2)
    assert await storage.events.versions(instance, [(Log.DURABLE, ref)]) == [2]
    assert await storage.events.key_owner(instance, claim.kind, claim.hash) == ref


async def test_storm_without_end_is_given_up(node: Node, storm: Storm, owner: psycopg.AsyncConnection) -> None:
    """The tries are bounded; then the storage is unavailable, and nothing is half-written."""
    instance, ref = fresh("instance"), stream()
    await storm("portable.events", 1000)
    async with node(contention_tries=4) as storage:
        with pytest.raises(StorageUnavailable):
            await storage.events.append([unit(instance, append(ref))])
        assert await tries(owner) == 4
        assert (await storage.events.head(instance, Log.DURABLE)).position == 0
        assert await storage.events.versions(instance, [(Log.DURABLE, ref)]) == [0]


async def test_advance_in_a_storm_happens_once(storage: CockroachStorage, storm: Storm) -> None:
    """Rows and checkpoint move together, once, and a second runner is told."""
    build = await storage.views.begin(projection(), "storm")
    key = CheckpointKey("kit_sample", build.number, fresh("instance"), Log.DURABLE)
    await storm("portable_views.checkpoints", 7)
    advance = Advance(key, 0, 5, 1, (Put(ITEMS, item("a")),))
    assert await storage.views.apply(advance)
    assert not await storage.views.apply(advance)
    assert (await storage.views.checkpoint(key)).position == 5
    assert await storage.views.get(build.number, key.instance, ITEMS, ("g", "a")) == item("a")


async def test_builds_are_begun_and_switched_in_a_storm(storage: CockroachStorage, storm: Storm) -> None:
    """Nodes that begin at once get one build, which serves once it is switched."""
    wanted = sample(fresh("storm").replace("-", "_"))
    await storm("portable_views.builds", 5)
    begun = await asyncio.gather(*(storage.views.begin(wanted, "print") for _ in range(3)))
    assert {build.number for build in begun} == {1}
    assert await storage.views.switch(begun[0])
    assert [build.state for build in await storage.views.builds() if build.projection == wanted.name] == [
        BuildState.SERVING
    ]


async def test_append_whose_answer_is_lost_happens_once(
    storage: CockroachStorage, settings: CockroachSettings, node: Node, tmp_path: Path
) -> None:
    """When the line is cut behind the COMMIT the next try finds the unit in the log and gives its outcome."""
    parts = conninfo_to_dict(settings.url.get_secret_value())
    target = Path(str(parts["host"])) / f".s.PGSQL.{parts.get('port') or 5432}"
    if not target.exists():
        pytest.skip("the proxy stands in front of a Unix socket")
    url = make_conninfo(settings.url.get_secret_value(), host=str(tmp_path), port="5432")
    instance, ref, mark = fresh("instance"), stream(), fresh("mark")
    async with cutting_proxy(str(target), tmp_path) as proxy, node(url=SecretStr(url)) as behind:
        proxy.arm(mark.encode())
        done = await applied(behind.events, unit(instance, append(ref, 0, b"a"), unit_id=mark))
        assert proxy.cuts == 1
    assert (done.first, done.last) == (1, 1)
    assert await storage.events.versions(instance, [(Log.DURABLE, ref)]) == [1]


async def test_nodes_that_write_to_the_same_logs_lose_nothing(node: Node) -> None:
    """Real contention: each unit is applied once or conflicts, positions have no gaps, no driver's error comes out."""
    await assert_rounds_lose_nothing(partial(node, contention_tries=200), instances=2, streams=3, turns=8)


async def test_key_wanted_through_both_logs_goes_to_one(node: Node) -> None:
    """The two logs of an instance have two heads, yet a key that is claimed through both at once has one owner."""
    await assert_key_goes_to_one(node, turns=10)


async def test_other_nodes_appends_are_found_by_looking(node: Node) -> None:
    """There is nothing to listen to; a node that looks at the heads tells its subscribers what has grown."""
    instance = fresh("instance")
    async with node() as one, node() as two, two.pubsub.subscribe() as hints:
        await one.events.append([unit(instance, append(stream()))])
        async with asyncio.timeout(10):
            async for hint in hints:
                if hint == Hint(instance, Log.DURABLE):
                    return


async def test_key_that_is_given_back_goes_with_the_next_sweep(
    storage: CockroachStorage, owner: psycopg.AsyncConnection
) -> None:
    """It is free at once; its row stays without an owner until then."""
    instance, ref, key = fresh("instance"), stream(), ("kit_name", key_hash("given back"))
    await applied(storage.events, unit(instance, append(ref), claims=[KeyClaim(*key, ref)]))
    await applied(storage.events, unit(instance, append(ref, 1), releases=[KeyRelease(*key, ref)]))
    assert await storage.events.key_owner(instance, *key) is None
    rows = "SELECT aggregate_type FROM portable.unique_keys WHERE instance_id = %s"
    assert await (await owner.execute(rows, (instance,))).fetchall() == [(None,)]
    await storage.expiring.sweep()
    assert await (await owner.execute(rows, (instance,))).fetchall() == []


async def test_past_without_tables_is_read_as_the_present(node: Node) -> None:
    """A read as of a moment before the tables were made finds none there, and then reads what is."""
    before = " CROSS JOIN portable.not_made_yet"
    pieces = tuple(piece._replace(sql=before) if piece.name == "history" else piece for piece in ON_POSTGRES)
    instance = fresh("instance")
    async with node(pieces) as storage:
        await applied(storage.events, unit(instance, append(stream())))
        assert len(await storage.events.read_log(instance, Log.DURABLE, 0, 10, Reading.HISTORY)) == 1


async def test_begin_that_was_broken_off_is_taken_up(
    storage: CockroachStorage, owner: psycopg.AsyncConnection, settings: CockroachSettings
) -> None:
    """A build whose tables could not be made is seen by nobody, and the next who wants it goes on with it."""
    wanted = sample(fresh("broken").replace("-", "_"))
    await owner.execute(f"REVOKE CREATE ON SCHEMA portable_views FROM {settings.application_role}".encode())
    with pytest.raises(HexkeepError):
        await storage.views.begin(wanted, "print")
    await owner.execute(f"GRANT CREATE ON SCHEMA portable_views TO {settings.application_role}".encode())
    assert wanted.name not in {build.projection for build in await storage.views.builds()}
    begun = await storage.views.begin(wanted, "print")
    assert (begun.number, begun.state) == (1, BuildState.BUILDING)
    assert await storage.views.get(1, fresh("instance"), wanted.tables[0], ("g", "a")) is None


async def test_build_that_nobody_wants_any_more_is_removed(
    storage: CockroachStorage, owner: psycopg.AsyncConnection
) -> None:
    """What was broken off long ago goes with the next build of its projection; what is in the making stays."""
    wanted = sample(fresh("left").replace("-", "_"))
    for name in ("long ago", "just now"):
        await storage.views.begin(wanted, name)
        await owner.execute(
            "UPDATE portable_views.builds SET state = 'preparing', since = CASE WHEN %s THEN 0 ELSE since END"
            " WHERE projection = %s AND fingerprint = %s",
            (name == "long ago", wanted.name, name),
        )
    assert (await storage.views.begin(wanted, "new")).number == 3
    states = "SELECT number, state FROM portable_views.builds WHERE projection = %s ORDER BY number"
    found = await (await owner.execute(states, (wanted.name,))).fetchall()
    assert found == [(1, "discarded"), (2, "preparing"), (3, "building")]
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'portable_views' AND tablename LIKE %s"
    pattern = f"view_{wanted.tables[0].name}_%"
    assert await (await owner.execute(tables, (pattern,))).fetchone() == (2,)


AT_MOST = """
CREATE FUNCTION at_most() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF (SELECT count(*) FROM gone) > 10 THEN RAISE EXCEPTION 'too many'; END IF; RETURN NULL; END $$;
CREATE TRIGGER at_most AFTER DELETE ON {} REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION at_most()
"""


async def test_wipe_removes_rows_of_views_some_at_a_time(
    storage: CockroachStorage, settings: CockroachSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many rows an instance has in a view, no statement takes all of them; those of another one stay."""
    monkeypatch.setattr("hexkeep.adapters.cockroach.loader.ROWS_PER_DELETE", 10)
    declared, gone, other = sample(fresh("wiped").replace("-", "_")), fresh("instance"), fresh("instance")
    build = await storage.views.begin(declared, "f")
    (table,) = declared.tables
    puts = tuple(Put(table, item(str(number))) for number in range(25))
    for instance in (gone, other):
        key = CheckpointKey(declared.name, build.number, instance, Log.DURABLE)
        assert await storage.views.apply(Advance(key, 0, 1, 1, puts))
    url = settings.url.get_secret_value()
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as application:
        await application.execute(f"SET search_path = {settings.views_schema}".encode())
        await application.execute(AT_MOST.format(f"view_{table.name}_{build.number}").encode())
    async with storage.loader() as loader:
        await loader.wipe(gone)
    counted = [await storage.views.count(build.number, one, Select(table)) for one in (gone, other)]
    assert counted == [0, 25]


async def test_events_cannot_be_changed_by_the_application(
    storage: CockroachStorage, node: Node, settings: CockroachSettings
) -> None:
    """Its role may add to the log and read it, no more; without the owner's URL it cannot drop events either."""
    instance = fresh("instance")
    await applied(storage.events, unit(instance, append(stream()), log=Log.ACTIVITY))
    url = settings.url.get_secret_value()
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for attempt in ("UPDATE portable.events SET payload = ''", "DELETE FROM portable.events"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await connection.execute(attempt.encode())
    async with node(owner_url=None) as alone:
        with pytest.raises(FailedPrecondition, match="owner_url"):
            await alone.events.drop(instance, 1)
    assert await storage.events.drop(instance, 1) == 1


async def test_role_that_may_change_the_log_is_warned_of(
    settings: CockroachSettings, node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing guards the log from a role that owns it, so that is said when the storage is opened."""
    async with node():
        assert "guards the log" not in caplog.text
    async with node(url=settings.owner_url):
        assert "guards the log" in caplog.text


async def test_another_server_is_refused(settings: CockroachSettings) -> None:
    """What is not CockroachDB 22.1 or later is neither migrated nor used."""
    for older in ("SELECT version()", "SELECT 'CockroachDB CCL v21.2.17 (x86_64-pc-linux-gnu)'"):
        pieces = tuple(piece._replace(sql=older) if piece.name == "version" else piece for piece in ON_POSTGRES)
        storage = CockroachStorage(settings, pieces)
        with pytest.raises(FailedPrecondition, match=r"22\.1"):
            await storage.migrate()
        with pytest.raises(FailedPrecondition, match=r"22\.1"):
            await storage.open()


async def test_processes_that_migrate_at_once_do_not_disturb_each_other(postgres_url: str) -> None:
    """There is no lock to take turns by; each migration is recorded by one of them."""
    settings = CockroachSettings(url=SecretStr(postgres_url), schema_name="together")
    runs = await asyncio.gather(*(CockroachStorage(settings, ON_POSTGRES).migrate() for _ in range(4)))
    names = sorted(name for run in runs for name in run)
    assert names == sorted(set(names)) != []
    assert await CockroachStorage(settings, ON_POSTGRES).migrate() == []


def test_stand_ins_are_for_exactly_what_only_cockroach_understands() -> None:
    """A piece that is added needs a stand-in, or the tests on PostgreSQL would not notice it."""
    assert [piece.name for piece in ON_POSTGRES] == [piece.name for piece in COCKROACH_ONLY]
