"""Who may do what in the database, and how its schema comes to be."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr, ValidationError

from hexkeep.adapters.postgres import PostgresSettings, PostgresStorage
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, StorageUnavailable
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import Appended
from hexkeep.ports.seals import Seal
from hexkeep.testing.contract import fresh
from hexkeep.testing.units import append, stream, unit
from tests.postgres_server import PostgresDatabase, PostgresServer, fresh_database

pytestmark = pytest.mark.postgres

CHANGES = (
    "UPDATE hexkeep.events SET payload = ''",
    "DELETE FROM hexkeep.events",
    "TRUNCATE hexkeep.events",
)


@pytest.fixture
async def storage(postgres_settings: PostgresSettings) -> AsyncIterator[PostgresStorage]:
    """An opened storage whose log has an event."""
    storage = PostgresStorage(postgres_settings)
    await storage.migrate()
    await storage.open()
    await storage.events.append([unit(fresh("instance"), append(stream()))])
    yield storage
    await storage.close()


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.usefixtures("storage")
async def test_events_cannot_be_changed(postgres_database: PostgresDatabase, change: str) -> None:
    """The application's role has no right to it, and the trigger stops even the owner."""
    for url, reason in (
        (postgres_database.application_url, "permission denied"),
        (postgres_database.owner_url, "append-only"),
    ):
        async with await psycopg.AsyncConnection.connect(url) as connection:
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match=reason):
                await connection.execute(change.encode())


FORBIDDEN = (
    "INSERT INTO hexkeep.events SELECT * FROM hexkeep.events",
    "UPDATE hexkeep.log_heads SET position = position + 1",
    "UPDATE hexkeep.log_heads SET epoch = 2",
    "INSERT INTO hexkeep.log_heads (instance_id, log, epoch) VALUES ('i', 'durable', 7)",
    "DELETE FROM hexkeep.log_heads",
    "INSERT INTO hexkeep.log_horizons VALUES ('i', 'activity', 1, now())",
    "UPDATE hexkeep.log_horizons SET horizon = 1",
    "INSERT INTO hexkeep.wipes VALUES ('i')",
    "SELECT * FROM hexkeep.wipes",
    "INSERT INTO hexkeep.unique_keys VALUES ('i', 'k', '', 't', 'd')",
    "DELETE FROM hexkeep.unique_keys",
    "UPDATE hexkeep.key_changes SET claimed = false",
    "DELETE FROM hexkeep.key_changes",
    "INSERT INTO hexkeep.key_changes VALUES (1, true, 'i', 'durable', 'k', '', 't', 'd')",
    "UPDATE hexkeep.append_units SET last_position = 0",
    "UPDATE hexkeep.seals SET root = ''",
    "DELETE FROM hexkeep.seals",
    "TRUNCATE hexkeep.seals",
    "DELETE FROM hexkeep.keys",
    "INSERT INTO hexkeep.schema_migrations (name) VALUES ('x')",
)


@pytest.mark.parametrize("statement", FORBIDDEN)
@pytest.mark.usefixtures("storage")
async def test_application_role_writes_the_log_by_functions_alone(
    postgres_database: PostgresDatabase, statement: str
) -> None:
    """It can neither add to nor take from log, heads, keys and their history; horizon and epoch are not its to set."""
    async with await psycopg.AsyncConnection.connect(postgres_database.application_url) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"):
            await connection.execute(statement.encode())


async def test_application_role_drops_behind_a_horizon_of_the_activity_log_alone(
    storage: PostgresStorage, postgres_database: PostgresDatabase
) -> None:
    """The one function that removes events cannot be made to touch a durable one, or one in front of the horizon."""
    instance = fresh("instance")
    for log in Log:
        await storage.events.append([unit(instance, append(stream(), 0, b"1", b"2", b"3"), log=log)])
    async with await psycopg.AsyncConnection.connect(postgres_database.application_url, autocommit=True) as connection:
        cursor = await connection.execute("SELECT hexkeep.drop_events(%s, 2, 100)", (instance,))
        assert await cursor.fetchone() == (2,)
        cursor = await connection.execute("SELECT hexkeep.drop_events(%s, 4, 100)", (instance,))
        assert await cursor.fetchone() == (-1,)
    assert [found.position for found in await storage.events.read_log(instance, Log.ACTIVITY, 2, 10)] == [3]
    assert len(await storage.events.read_log(instance, Log.DURABLE, 0, 10)) == 3


@pytest.mark.parametrize("which", ["log = 'durable'", "log = 'activity' AND position > 2", "log = 'activity'"])
async def test_trigger_stops_even_the_owner_in_front_of_the_horizon(
    storage: PostgresStorage, postgres_database: PostgresDatabase, which: str
) -> None:
    """Where an activity log has a horizon the owner, too, can delete nothing but what lies behind it."""
    instance = fresh("instance")
    for log in Log:
        await storage.events.append([unit(instance, append(stream(), 0, b"1", b"2", b"3"), log=log)])
    await storage.events.drop(instance, 2, 1)
    delete = f"DELETE FROM hexkeep.events WHERE instance_id = %s AND {which}"  # noqa: S608
    async with await psycopg.AsyncConnection.connect(postgres_database.owner_url) as owner:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            await owner.execute(delete.encode(), (instance,))


@pytest.mark.parametrize("change", ["UPDATE hexkeep.seals SET root = ''", "DELETE FROM hexkeep.seals"])
async def test_seals_cannot_be_changed_by_their_owner_either(
    storage: PostgresStorage, postgres_database: PostgresDatabase, change: str
) -> None:
    """A trigger keeps them as they are; with an instance that is wiped they go."""
    instance = fresh("instance")
    seal = Seal(instance, Log.DURABLE, 1, 1, 1, 1, bytes(32), bytes(32), b"", "", datetime.now(UTC))
    assert await storage.seals.add(seal)
    async with await psycopg.AsyncConnection.connect(postgres_database.owner_url) as owner:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="seals"):
            await owner.execute(change.encode())
    async with storage.loader() as loader:
        await loader.wipe(instance)
    assert await storage.seals.newest(instance, Log.DURABLE) is None


async def test_functions_with_the_owners_rights_look_nothing_up_in_the_callers_schemas(
    storage: PostgresStorage, postgres_database: PostgresDatabase
) -> None:
    """Every one has a search path of its own, and nobody but the application's role may call it."""
    async with await psycopg.AsyncConnection.connect(postgres_database.owner_url) as owner:
        cursor = await owner.execute(
            "SELECT proname, proconfig::text LIKE '%search_path=pg_catalog, pg_temp%',"
            " EXISTS (SELECT FROM aclexplode(proacl) WHERE grantee = 0)"
            " FROM pg_proc WHERE pronamespace = 'hexkeep'::regnamespace AND prosecdef ORDER BY proname"
        )
        found = await cursor.fetchall()
    names = ["append_round", "append_units", "drop_events", "forget_keys", "read_stream", "stream_versions"]
    assert found == [(name, True, False) for name in sorted([*names, "begun_wipe", "wipe_more"])]


EVENT = "ARRAY[1], ARRAY[{0}::int8], ARRAY[1::int8], ARRAY[1], ARRAY['t'], ARRAY['d'], ARRAY['y'], ARRAY[''], ARRAY['']"
BYTES = "ARRAY[decode(repeat('00', 32), 'hex')], ARRAY[''::bytea], ARRAY[''::bytea]"
NOTHING = "'{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'"
UNIT = "ARRAY[1], ARRAY[1::int8], ARRAY[1::int8], ARRAY[gen_random_uuid()::text]"


@pytest.mark.parametrize(("count", "offset"), [(2, 1), (2, 2), (0, 1), (-1, 1), (1, 0), (1, 2)])
async def test_positions_have_no_gap_whatever_the_function_is_given(
    storage: PostgresStorage, postgres_database: PostgresDatabase, count: int, offset: int
) -> None:
    """The function that appends cannot be made to move a head by more, or less, than it writes."""
    instance = fresh("instance")
    await storage.events.append([unit(instance, append(stream()))])
    log = f"ARRAY['{instance}'], ARRAY['durable'], ARRAY[{{}}::int8]"
    call = "SELECT * FROM hexkeep.append_round({}, {}, {}, {}, {})"
    bad, good = (
        call.format(log.format(events), UNIT, EVENT.format(place), BYTES, NOTHING)
        for events, place in ((count, offset), (1, 1))
    )
    async with await psycopg.AsyncConnection.connect(postgres_database.application_url, autocommit=True) as connection:
        with suppress(psycopg.errors.CheckViolation):
            assert await (await connection.execute(bad.encode())).fetchall() == []
        assert (await storage.events.head(instance, Log.DURABLE)).position == 1
        assert len(await (await connection.execute(good.encode())).fetchall()) == 1
    assert [found.position for found in await storage.events.read_log(instance, Log.DURABLE, 0, 10)] == [1, 2]


@pytest.mark.parametrize("count", [2, 0, -1])
async def test_positions_have_no_gap_whatever_the_older_function_is_given(
    storage: PostgresStorage, postgres_database: PostgresDatabase, count: int
) -> None:
    """The same of the function that nodes of earlier versions call."""
    instance = fresh("instance")
    await storage.events.append([unit(instance, append(stream()))])
    place = {"i": instance, "l": "durable"}
    units = [{"u": 0, **place, "id": "x", "n": count, "a": "", "r": "", "o": 0, "z": 0}]
    events = [{"u": 0, "k": 1, "t": "t", "d": "d", "v": 1, "y": "y", "r": 1, "o": 0, "z": 32}]
    values = (*map(json.dumps, ([place], units, [], events, [])), bytes(32))
    async with await psycopg.AsyncConnection.connect(postgres_database.application_url, autocommit=True) as connection:
        with suppress(psycopg.errors.CheckViolation):
            await connection.execute("SELECT * FROM hexkeep.append_units(%s, %s, %s, %s, %s, %s)", values)
    assert (await storage.events.head(instance, Log.DURABLE)).position == 1
    assert len(await storage.events.read_log(instance, Log.DURABLE, 0, 10)) == 1


@pytest.mark.usefixtures("storage")
async def test_application_role_carries_its_limits_itself(
    postgres_database: PostgresDatabase, postgres_settings: PostgresSettings
) -> None:
    """Whatever connects as this role, a pooler above all, is bound to the timeouts of the settings."""
    async with await psycopg.AsyncConnection.connect(postgres_database.application_url) as connection:
        limits = ("statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout", "TimeZone")
        cursor = await connection.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY (%s)", (list(limits),)
        )
        rows: list[tuple[str, str]] = await cursor.fetchall()
    transaction = f"{postgres_settings.transaction_timeout * 1000:.0f}"
    assert dict(rows) == {
        "statement_timeout": f"{postgres_settings.statement_timeout * 1000:.0f}",
        "idle_in_transaction_session_timeout": transaction,
        "transaction_timeout": transaction,
        "TimeZone": "UTC",
    }


async def test_owner_that_may_alter_no_role_leaves_that_to_the_role(
    postgres_server: PostgresServer,
) -> None:
    """Two roles without any right to make or alter roles are enough, as the how-to makes them."""
    with fresh_database(postgres_server) as database:
        owner, role = (str(conninfo_to_dict(url)["user"]) for url in (database.owner_url, database.application_url))
        password = conninfo_to_dict(database.application_url)["password"]
        async with await psycopg.AsyncConnection.connect(postgres_server.url, autocommit=True) as admin:
            await admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'".encode())
            await admin.execute(f"ALTER ROLE {owner} NOCREATEROLE".encode())
        urls = {"url": database.application_url, "owner_url": database.owner_url}
        await PostgresStorage(PostgresSettings.model_validate(urls)).migrate()
        async with await psycopg.AsyncConnection.connect(database.application_url) as connection:
            cursor = await connection.execute("SHOW statement_timeout")
            assert await cursor.fetchone() == ("10s",)


@pytest.mark.usefixtures("storage")
async def test_application_role_cannot_lift_its_limits(postgres_database: PostgresDatabase) -> None:
    """It neither drops the trigger nor grants itself what it lacks, nor makes tables beside the log."""
    role = conninfo_to_dict(postgres_database.application_url)["user"]
    attempts = (
        "DROP TRIGGER events_append_only ON hexkeep.events",
        "ALTER TABLE hexkeep.events DISABLE TRIGGER ALL",
        "CREATE TABLE hexkeep.mine (a integer)",
        "CREATE OR REPLACE FUNCTION hexkeep.refuse_change() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
        "DROP SCHEMA hexkeep CASCADE",
        "SET session_replication_role = replica",
        "ALTER FUNCTION hexkeep.drop_events(text, bigint, bigint) OWNER TO CURRENT_USER",
        "DROP TRIGGER events_behind_horizon ON hexkeep.events",
        "DROP TRIGGER seals_kept ON hexkeep.seals",
    )
    async with await psycopg.AsyncConnection.connect(postgres_database.application_url, autocommit=True) as connection:
        for attempt in attempts:
            with pytest.raises(psycopg.Error):
                await connection.execute(attempt.encode())
        await connection.execute(f"GRANT UPDATE ON hexkeep.events TO {role}".encode())  # a warning, and nothing more
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute(CHANGES[0].encode())


async def test_migrations_run_once_however_many_start_them(postgres_server: PostgresServer) -> None:
    """Processes that start together take turns; each migration is recorded by whoever ran it."""
    with fresh_database(postgres_server) as database:
        urls = {"url": database.application_url, "owner_url": database.owner_url}
        storages = [PostgresStorage(PostgresSettings.model_validate(urls)) for _ in range(4)]
        runs = await asyncio.gather(*(storage.migrate() for storage in storages))
        ran = [names for names in runs if names]
        assert len(ran) == 1
        assert ran[0] == sorted(ran[0])
        await storages[0].open()
        assert await storages[0].migrate() == []
        await storages[0].close()


async def test_one_role_is_enough(postgres_url: str) -> None:
    """Without a role of its own the application runs as the owner, guarded by the trigger alone."""
    storage = PostgresStorage(PostgresSettings(url=SecretStr(postgres_url), schema_name="own_name"))
    assert await storage.migrate()
    await storage.open()
    (outcome,) = await storage.events.append([unit(fresh("instance"), append(stream()))])
    assert isinstance(outcome, Appended)
    await storage.close()
    async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            await connection.execute("DELETE FROM own_name.events")


async def test_session_settings_are_not_needed_behind_a_pooler(postgres_url: str) -> None:
    """In pooler mode nothing is prepared or set, and every port still works; hints stay within the process."""
    storage = PostgresStorage(PostgresSettings(url=SecretStr(postgres_url), pgbouncer=True))
    await storage.migrate()
    await storage.open()
    instance, ref = fresh("instance"), stream()
    for version in range(8):
        (outcome,) = await storage.events.append([unit(instance, append(ref, version))])
        assert isinstance(outcome, Appended)
    assert await storage.events.versions(instance, [(Log.DURABLE, ref)]) == [8]
    assert await storage.views.checkpoints("none", 1) == []
    assert await storage.expiring.claim_once(instance, "s", b"k", datetime.now(UTC) + timedelta(minutes=1))
    async with await psycopg.AsyncConnection.connect(postgres_url) as connection:
        sessions = await connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'hexkeep' AND query LIKE 'LISTEN%'"
            " AND datname = current_database()"
        )
        assert await sessions.fetchone() == (0,)
    await storage.close()


async def test_database_without_schema_says_what_to_do(postgres_url: str) -> None:
    """Work on a database that nobody has migrated is refused with the command that helps."""
    storage = PostgresStorage(PostgresSettings(url=SecretStr(postgres_url)))
    with pytest.raises(StorageUnavailable, match="hexkeep setup"):
        await storage.open()
    await storage.close()


async def test_missing_role_that_the_owner_may_not_create_is_named(
    postgres_server: PostgresServer, postgres_url: str
) -> None:
    """An owner without the right to create roles learns that the application's role is missing."""
    owner = conninfo_to_dict(postgres_url)["user"]
    async with await psycopg.AsyncConnection.connect(postgres_server.url, autocommit=True) as admin:
        await admin.execute(f"ALTER ROLE {owner} NOCREATEROLE".encode())
    other = SecretStr(postgres_url.replace(str(owner), fresh("nobody").replace("-", "_"), 1))
    with pytest.raises(FailedPrecondition, match="role"):
        await PostgresStorage(PostgresSettings(url=other, owner_url=SecretStr(postgres_url))).migrate()


async def test_names_with_nul_are_refused_before_they_are_sent(storage: PostgresStorage) -> None:
    """PostgreSQL's text has no NUL; a unit with one in a name is an invalid input and spoils no connection."""
    bad = unit(fresh("instance"), append(stream("a\0b")))
    with pytest.raises(InvalidInput):
        await storage.events.append([bad])
    harmless = unit(fresh("instance"), append(stream("a\\u0000b")))
    assert isinstance((await storage.events.append([harmless]))[0], Appended)


async def test_sweep_forgets_outcomes_of_long_ago(
    storage: PostgresStorage, postgres_database: PostgresDatabase
) -> None:
    """What was appended under a unit id is forgotten after its days, and not before."""
    instance = fresh("instance")
    old, new = (unit(instance, append(stream())) for _ in range(2))
    await storage.events.append([old, new])
    async with await psycopg.AsyncConnection.connect(postgres_database.owner_url) as owner:
        await owner.execute(
            "UPDATE hexkeep.append_units SET kept_since = now() - interval '40 days' WHERE unit_id = %s", (old.unit_id,)
        )
    await storage.expiring.sweep()
    async with await psycopg.AsyncConnection.connect(postgres_database.owner_url) as owner:
        cursor = await owner.execute("SELECT unit_id FROM hexkeep.append_units WHERE instance_id = %s", (instance,))
        assert await cursor.fetchall() == [(new.unit_id,)]


@pytest.mark.parametrize("schema", ["", "Hexkeep", "a b", 'a"b', "a-b", "x" * 49])
def test_schema_names_are_plain(schema: str) -> None:
    """What is not a plain identifier is refused as a setting, long before it could reach a statement."""
    with pytest.raises(ValidationError):
        PostgresSettings(url=SecretStr("postgresql://"), schema_name=schema)
