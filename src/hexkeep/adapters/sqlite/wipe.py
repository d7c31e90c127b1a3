"""Wipe: the end of an instance. In one transaction it is gone; the rows of its logs, now nobody's, go in small ones."""

import json
import sqlite3

_LOGS = "(SELECT id FROM logs WHERE instance_id = :instance)"
_BEGIN = f"INSERT INTO wiped_logs SELECT id FROM logs WHERE id IN {_LOGS}"  # noqa: S608 - fixed text
_OWN = (
    "seals", "unique_keys", "units", "snapshots", "checkpoints", "parked", "wrapped_keys",
)  # fmt: skip
_EXPIRING = "DELETE FROM expiring WHERE kind IN ('claim', 'value', 'count') AND instance_id = :instance"
_TABLES = "SELECT tables FROM builds WHERE state <> 'discarded'"

_WIPED = "SELECT log_id FROM wiped_logs"
_EVENTS = """
DELETE FROM events WHERE log_id = :log AND position <= :most + (SELECT min(position) FROM events WHERE log_id = :log)
"""
_CHANGES = """
DELETE FROM key_changes WHERE log_id = :log AND (position, kind, hash) IN (
    SELECT position, kind, hash FROM key_changes WHERE log_id = :log LIMIT :most)
"""
_END = "DELETE FROM wiped_logs WHERE log_id = :log"


def wipe(connection: sqlite3.Connection, instance: str) -> None:
    """Remove an instance. The rows of its logs are left to ``sweep``; nothing finds them any more."""
    named = {"instance": instance}
    connection.execute(_BEGIN, named)
    connection.execute("DELETE FROM logs WHERE instance_id = :instance", named)  # before its seals, which it guards
    for table in (*_OWN, *_views(connection)):
        connection.execute(f'DELETE FROM "{table}" WHERE instance_id = :instance', named)  # noqa: S608 - our own names
    connection.execute(_EXPIRING, named)


def sweep(connection: sqlite3.Connection, most: int) -> bool:
    """Remove some rows of logs that were wiped; whether there may be more."""
    found = connection.execute(_WIPED).fetchone()
    if found is None:
        return False
    values = {"log": found[0], "most": most}
    gone = connection.execute(_EVENTS, values).rowcount + connection.execute(_CHANGES, values).rowcount
    if not gone:
        connection.execute(_END, values)
    return True


def _views(connection: sqlite3.Connection) -> list[str]:
    """The tables of every build."""
    return [str(name) for (names,) in connection.execute(_TABLES).fetchall() for name in json.loads(names)]
