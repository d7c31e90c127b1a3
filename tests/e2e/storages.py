"""The databases that an installation can run on: what the server is told of them, and what lies in them really."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

from hexkeep.bootstrap.master_key import new_master_key
from tests.e2e.server import ANSWERING, HexkeepServer, installed
from tests.postgres_server import PostgresDatabase, PostgresServer, fresh_database

POSTGRES_URL, POSTGRES_OWNER_URL = "HEXKEEP_STORAGE__POSTGRES__URL", "HEXKEEP_STORAGE__POSTGRES__OWNER_URL"
SQLITE_LOG = (
    "SELECT logs.instance_id, logs.log, events.position, events.aggregate_type, events.aggregate_id, events.version,"
    " events.event_type, events.digest FROM events JOIN logs ON logs.id = events.log_id ORDER BY 1, 2, 3"
)
SQLITE_KEYS = "SELECT instance_id, kind, hash, owner_id FROM unique_keys"
POSTGRES_LOG = (
    "SELECT instance_id, log, position, aggregate_type, aggregate_id, version, event_type, digest"
    " FROM hexkeep.events ORDER BY 1, 2, 3"
)
POSTGRES_KEYS = "SELECT instance_id, kind, hash, aggregate_id FROM hexkeep.unique_keys"


class RawEvent(NamedTuple):
    """An event's row, without its payload."""

    instance: str
    log: str
    position: int
    aggregate_type: str
    aggregate_id: str
    version: int
    type: str
    digest: bytes


class RawKey(NamedTuple):
    """A unique key's row."""

    instance: str
    kind: str
    hash: bytes
    owner_id: str


Query = Callable[[str], Sequence[Sequence[Any]]]
"""Runs a statement past the adapter."""


@dataclass(frozen=True, slots=True)
class RawStorage:
    """A database without the adapter that knows it. Only for an installation whose server does not run."""

    query: Query
    log_sql: str
    keys_sql: str

    def events(self) -> list[RawEvent]:
        """Every event there is, by log and position."""
        return [RawEvent(*row) for row in self.query(self.log_sql)]

    def unique_keys(self) -> list[RawKey]:
        """Every unique key there is."""
        return [RawKey(*row) for row in self.query(self.keys_sql)]


@dataclass(frozen=True, slots=True)
class Installation:
    """A server that has not been started, and its database."""

    server: HexkeepServer
    storage: RawStorage
    owner: Mapping[str, str] = field(default_factory=dict)
    """What `hexkeep setup` has to be told besides."""

    def start(self) -> None:
        """Start the server, on an empty database behind `hexkeep setup`."""
        if self.owner and not self.server.administrator.user_name:
            self.server.set_up(self.owner)
        self.server.start()


@contextmanager
def sqlite_installation(folder: Path, settings: Mapping[str, str]) -> Iterator[Installation]:
    """An installation on a file of its own."""
    with installed(folder, settings) as server:

        def query(sql: str) -> Sequence[Sequence[Any]]:
            with closing(sqlite3.connect(f"file:{server.data / 'hexkeep.db'}?mode=ro", uri=True)) as connection:
                return connection.execute(sql).fetchall()

        yield Installation(server, RawStorage(query, SQLITE_LOG, SQLITE_KEYS))


def postgres_variables(database: PostgresDatabase) -> dict[str, str]:
    """The environment of a server that works as the application's role."""
    return {
        "HEXKEEP_STORAGE__ADAPTER": "postgres",
        "HEXKEEP_STORAGE__MIGRATE": "false",
        "HEXKEEP_STORAGE__POSTGRES__CONNECT_TIMEOUT": str(ANSWERING),
        POSTGRES_URL: database.application_url,
        "HEXKEEP_SECRETS__MASTER_KEY": new_master_key(),
    }


def raw_postgres(database: PostgresDatabase) -> RawStorage:
    """A PostgreSQL database as its owner sees it."""

    def query(sql: str) -> Sequence[Sequence[Any]]:
        with psycopg.connect(database.owner_url) as connection:
            return connection.execute(sql.encode()).fetchall()

    return RawStorage(query, POSTGRES_LOG, POSTGRES_KEYS)


@contextmanager
def postgres_installation(folder: Path, settings: Mapping[str, str], server: PostgresServer) -> Iterator[Installation]:
    """An installation on a database of its own."""
    with (
        fresh_database(server) as database,
        installed(folder, {**settings, **postgres_variables(database)}) as process,
    ):
        yield Installation(process, raw_postgres(database), {POSTGRES_OWNER_URL: database.owner_url})


def installation_on(
    name: str, request: pytest.FixtureRequest, folder: Path, settings: Mapping[str, str]
) -> Iterator[Installation]:
    """An installation on the named database, for a fixture; a PostgreSQL server runs only if one is asked for."""
    if name == "sqlite":
        with sqlite_installation(folder, settings) as installation:
            yield installation
    else:
        with postgres_installation(folder, settings, request.getfixturevalue("postgres_server")) as installation:
            yield installation


def kept_by(server: HexkeepServer) -> dict[str, bytes]:
    """Everything a running server keeps, byte for byte: the files of its data folder, the tables it may read."""
    kept = {path.name: path.read_bytes() for path in server.data.rglob("*") if path.is_file()}
    if POSTGRES_URL in server.environment:
        with psycopg.connect(server.environment[POSTGRES_URL]) as connection:
            tables = connection.execute(
                "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname LIKE 'hexkeep%'"
                " AND has_table_privilege(format('%I.%I', schemaname, tablename), 'SELECT')"
            )
            for (name,) in tables.fetchall():
                with connection.cursor().copy(f"COPY {name} TO STDOUT (FORMAT binary)".encode()) as rows:
                    kept[name] = b"".join(bytes(row) for row in rows)
    return kept
