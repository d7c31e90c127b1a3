"""New migrations while nodes of the version before serve."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from hexkeep.adapters.postgres import PostgresSettings, PostgresStorage
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import KeyClaim
from hexkeep.testing.key_changes import all_key_changes, holders
from hexkeep.testing.units import append, applied, stream, unit
from tests.contract import postgres_old_node as old
from tests.postgres_server import PostgresDatabase, PostgresServer, fresh_database, on_every_version
from tests.waiting import until

pytestmark = pytest.mark.postgres

INSTANCE = "instance"
WRITERS = 4


@pytest.fixture
async def database(postgres_server: PostgresServer) -> AsyncIterator[PostgresDatabase]:
    """A database as the version before left it."""
    with fresh_database(postgres_server) as database:
        await old.set_up(database, str(conninfo_to_dict(database.application_url)["user"]))
        yield database


@pytest.fixture
def storage(database: PostgresDatabase) -> PostgresStorage:
    """This version's storage, not open yet."""
    urls = {"url": database.application_url, "owner_url": database.owner_url}
    return PostgresStorage(PostgresSettings.model_validate(urls))


class OldNode:
    """Writers and readers of the version before; whatever fails fails the test."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database
        self._ended = asyncio.Event()
        self.writers: list[old.OldWriter] = []
        self.read = 0
        self.looked = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["OldNode"]:
        """At work for as long as the block runs."""
        async with AsyncExitStack() as stack:
            url = self._database.application_url
            open_one = psycopg.AsyncConnection.connect
            connections = [
                await stack.enter_async_context(await open_one(url, autocommit=True)) for _ in range(WRITERS + 2)
            ]
            self.writers = [
                old.OldWriter(connection, INSTANCE, f"writer-{number}")
                for number, connection in enumerate(connections[:WRITERS])
            ]
            async with asyncio.TaskGroup() as tasks:
                for writer in self.writers:
                    tasks.create_task(self._write(writer))
                tasks.create_task(self._tail(connections[-2]))
                tasks.create_task(self._look(connections[-1]))
                try:
                    yield self
                finally:
                    self._ended.set()

    async def _write(self, writer: old.OldWriter) -> None:
        while not self._ended.is_set():
            await writer.append()

    async def _tail(self, connection: psycopg.AsyncConnection) -> None:
        while not self._ended.is_set():
            found = await old.rows(connection, old.READ_LOG, (INSTANCE, "durable", self.read, 100))
            assert [row[0] for row in found] == list(range(self.read + 1, self.read + 1 + len(found)))
            self.read += len(found)

    async def _look(self, connection: psycopg.AsyncConnection) -> None:
        while not self._ended.is_set():
            writer = self.writers[0]
            before = writer.version
            found = await old.rows(connection, old.READ_STREAM, (INSTANCE, "durable", "kit", "writer-0", 0, 10))
            assert len(found) >= min(before, 10)
            await old.rows(connection, old.VERSIONS, (INSTANCE, ["durable"], ["kit"], ["writer-0"]))
            await old.rows(connection, old.HEAD, (INSTANCE, "durable"))
            await old.rows(connection, old.HEADS)
            await old.rows(connection, old.KEY_OWNER, (INSTANCE, "name", writer.key(before)))
            await old.rows(connection, old.FORGET_UNITS, (3, 10))
            self.looked += 1

    async def goes_on(self) -> None:
        """Until everybody has done a good deal more."""
        wanted = [writer.version + 30 for writer in self.writers]
        read, looked = self.read + 30, self.looked + 10

        async def done() -> bool:
            alive = all(writer.version >= version for writer, version in zip(self.writers, wanted, strict=True))
            return alive and self.read >= read and self.looked >= looked

        await until(done, 60)


@on_every_version
async def test_old_node_serves_while_all_newer_migrations_run(
    database: PostgresDatabase, storage: PostgresStorage
) -> None:
    """Not one of its statements fails, and what it does to unique keys is kept, before, during and after."""
    async with OldNode(database).serving() as node:
        await node.goes_on()
        assert await storage.migrate()
        at_migration = [writer.version for writer in node.writers]
        await node.goes_on()
    await storage.open()
    try:
        events = await storage.events.read_log(INSTANCE, Log.DURABLE, 0, 100_000)
        assert [event.position for event in events] == list(range(1, sum(w.version for w in node.writers) + 1))
        changes = await all_key_changes(storage.events, INSTANCE, Log.DURABLE)
        held = {("name", w.key(w.version)): Ref("kit", f"writer-{n}") for n, w in enumerate(node.writers)}
        assert holders(changes) == held
        claimed = {change.hash: change.position for change in changes if change.claimed}
        for writer, version in zip(node.writers, at_migration, strict=True):
            for later in range(version + 1, writer.version + 1):
                assert claimed[writer.key(later)] == writer.positions[later - 1]
    finally:
        await storage.close()


async def test_keys_claimed_before_have_their_change_at_the_owners_first_event(
    database: PostgresDatabase, storage: PostgresStorage
) -> None:
    """The history of keys begins with whoever held one then, so that a restore to a later position knows of it."""
    async with await psycopg.AsyncConnection.connect(database.application_url, autocommit=True) as connection:
        writers = [old.OldWriter(connection, INSTANCE, name) for name in ("one", "two")]
        for _ in range(3):
            for writer in writers:
                await writer.append()
    await storage.migrate()
    await storage.open()
    try:
        changes = await all_key_changes(storage.events, INSTANCE, Log.DURABLE)
        found = [(change.position, change.hash, change.owner.id, change.claimed) for change in changes]
        assert found == [(1, writers[0].key(3), "one", True), (2, writers[1].key(3), "two", True)]
        await storage.events.forget_keys(INSTANCE, Ref("kit", "one"))
        ref = stream()
        claim = KeyClaim("name", writers[0].key(3), ref)
        await applied(storage.events, unit(INSTANCE, append(ref), claims=[claim]))
    finally:
        await storage.close()


async def test_migration_gives_way_to_a_transaction_that_holds_its_table(
    database: PostgresDatabase, storage: PostgresStorage
) -> None:
    """While somebody keeps the log's table the migration waits in short turns, and writers go on in between."""
    async with (
        OldNode(database).serving() as node,
        await psycopg.AsyncConnection.connect(database.owner_url) as holder,
    ):
        await holder.execute("LOCK TABLE hexkeep.events IN ROW EXCLUSIVE MODE")
        migrating = asyncio.create_task(storage.migrate())
        await node.goes_on()
        await node.goes_on()
        assert not migrating.done()
        await holder.rollback()
        assert await migrating
        await node.goes_on()


FILL = """
INSERT INTO hexkeep.events SELECT n, n, now(), 1, 'full', 'durable', 'kit', 'full', 'kit.happened', '', '',
    decode(repeat('00', 32), 'hex'), '', decode(repeat('00', 1900), 'hex') FROM generate_series(1, 3000) AS n
"""
SLOW_VACUUM = """
ALTER TABLE hexkeep.events SET (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1,
    autovacuum_vacuum_insert_threshold = 1, autovacuum_vacuum_insert_scale_factor = 0)
"""
VACUUMS = "SELECT count(*) FROM pg_stat_progress_vacuum WHERE datname = %s"


@pytest.mark.slow
async def test_vacuum_of_the_servers_own_gives_way_to_a_migration(
    database: PostgresDatabase, storage: PostgresStorage, postgres_server: PostgresServer
) -> None:
    """On a large log it may take hours; the migration does not fail for it, and nobody has to stop it."""
    async with (
        await psycopg.AsyncConnection.connect(postgres_server.url, autocommit=True) as admin,
        await psycopg.AsyncConnection.connect(database.owner_url, autocommit=True) as owner,
    ):

        async def vacuums() -> bool:
            return await (await admin.execute(VACUUMS, (database.name,))).fetchone() == (1,)

        await admin.execute("ALTER SYSTEM SET autovacuum_naptime = '1s'")
        await admin.execute("SELECT pg_reload_conf()")
        try:
            await owner.execute(SLOW_VACUUM.encode())
            await owner.execute(FILL.encode())
            await until(vacuums, 60)
            assert await storage.migrate()
        finally:
            await admin.execute("ALTER SYSTEM RESET autovacuum_naptime")
            await admin.execute("SELECT pg_reload_conf()")
