"""Migrations: the tables of the log and of shared state, in the steps in which they came about."""

import sqlite3
from collections.abc import Iterator

from sqlalchemy.dialects.sqlite import dialect

from hexkeep.adapters.sql.builds import BuildTable
from hexkeep.adapters.sql.progress import Progress

_STRICT_SINCE = (3, 37)

_LOG = (
    """CREATE TABLE logs (
        id INTEGER PRIMARY KEY,
        instance_id TEXT NOT NULL,
        log TEXT NOT NULL,
        position INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        UNIQUE (instance_id, log)
    ) {strict}""",
    """CREATE TABLE events (
        log_id INTEGER NOT NULL REFERENCES logs (id),
        position INTEGER NOT NULL,
        aggregate_type TEXT NOT NULL,
        aggregate_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        event_type TEXT NOT NULL,
        revision INTEGER NOT NULL,
        payload BLOB NOT NULL,
        digest BLOB NOT NULL,
        actor TEXT NOT NULL,
        correlation_id TEXT NOT NULL,
        client BLOB NOT NULL,
        created_at INTEGER NOT NULL,
        PRIMARY KEY (log_id, position)
    ) {strict}""",
    "CREATE UNIQUE INDEX events_stream ON events (log_id, aggregate_type, aggregate_id, version)",
    """CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'events are only ever inserted'); END""",
    """CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'events are only ever inserted'); END""",
    """CREATE TABLE unique_keys (
        instance_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        hash BLOB NOT NULL,
        owner_type TEXT NOT NULL,
        owner_id TEXT NOT NULL,
        PRIMARY KEY (instance_id, kind, hash)
    ) {strict_by_key}""",
    """CREATE TABLE units (
        instance_id TEXT NOT NULL,
        unit_id TEXT NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        UNIQUE (instance_id, unit_id)
    ) {strict}""",
)

_SHARED_STATE = (
    """CREATE TABLE leases (
        name TEXT NOT NULL PRIMARY KEY,
        owner TEXT NOT NULL,
        token INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
    ) {strict_by_key}""",
    """CREATE TABLE expiring (
        kind TEXT NOT NULL,
        instance_id TEXT NOT NULL,
        scope TEXT NOT NULL,
        key BLOB NOT NULL,
        value BLOB NOT NULL,
        count INTEGER NOT NULL,
        until INTEGER NOT NULL,
        PRIMARY KEY (kind, instance_id, scope, key)
    ) {strict_by_key}""",
    "CREATE INDEX expiring_until ON expiring (until)",
    """CREATE TABLE wrapped_keys (
        instance_id TEXT NOT NULL,
        name TEXT NOT NULL,
        version INTEGER NOT NULL,
        master TEXT NOT NULL,
        wrapped BLOB NOT NULL,
        PRIMARY KEY (instance_id, name, version)
    ) {strict_by_key}""",
)


def migrations() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name and statements of every migration, oldest first. What has been released is never edited.

    The tables of ``adapters.sql.progress`` are made as they are declared there, so a change there needs one here.
    """
    strict = "STRICT" if sqlite3.sqlite_version_info >= _STRICT_SINCE else ""
    by_key = "WITHOUT ROWID, STRICT" if strict else "WITHOUT ROWID"
    for name, statements in (("0001_log", _LOG), ("0002_shared_state", _SHARED_STATE)):
        yield name, tuple(text.format(strict=strict, strict_by_key=by_key) for text in statements)
    qmark = dialect(paramstyle="qmark")
    yield "0003_projections", tuple(Progress(qmark).ddl())
    yield "0004_builds", tuple(BuildTable(qmark).ddl())


def missing(connection: sqlite3.Connection) -> list[str]:
    """The names of the migrations that have not run on this file."""
    has_table = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'").fetchone()
    applied = {name for (name,) in connection.execute("SELECT name FROM schema_migrations")} if has_table else set()
    return [name for name, _ in migrations() if name not in applied]


def migrate(connection: sqlite3.Connection) -> list[str]:
    """Run what is missing in one transaction; the names of what has run."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID"
        )
        names = missing(connection)
        for statement in (text for name, texts in migrations() if name in names for text in texts):
            connection.execute(statement)
        connection.executemany("INSERT INTO schema_migrations (name) VALUES (?)", [(name,) for name in names])
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
    return names
