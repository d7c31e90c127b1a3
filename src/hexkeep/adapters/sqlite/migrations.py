"""Migrations: which steps there are, which of them a file lacks, and how they are taken."""

import sqlite3
from collections.abc import Iterable, Iterator

from sqlalchemy.dialects.sqlite import dialect

from hexkeep.adapters.sql.builds import BuildTable
from hexkeep.adapters.sql.progress import Progress
from hexkeep.adapters.sqlite import tables

_STRICT_SINCE = (3, 37)


def migrations() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name and statements of every migration, oldest first. What has been released is never edited.

    The tables of ``adapters.sql.progress`` are made as they are declared there, so a change there needs one here.
    """
    strict = "STRICT" if sqlite3.sqlite_version_info >= _STRICT_SINCE else ""
    by_key = "WITHOUT ROWID, STRICT" if strict else "WITHOUT ROWID"

    def step(name: str, statements: Iterable[str]) -> tuple[str, tuple[str, ...]]:
        return name, tuple(text.format(strict=strict, strict_by_key=by_key) for text in statements)

    qmark = dialect(paramstyle="qmark")
    yield step("0001_log", tables.LOG)
    yield step("0002_shared_state", tables.SHARED_STATE)
    yield step("0003_projections", Progress(qmark).ddl())
    yield step("0004_builds", BuildTable(qmark).ddl())
    yield step("0005_history", tables.HISTORY)
    yield step("0006_seals", tables.SEALS)
    yield step("0007_snapshots", tables.SNAPSHOTS)
    yield step("0008_units", tables.UNITS)
    yield step("0009_wipes", tables.WIPES)
    yield step("0010_blobs", tables.BLOBS)


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
