"""Wipe: the end of an instance. In one transaction its logs are gone; all of its rows go in small ones.

Until the last has gone the instance is on a list, so what was broken off goes on when the file is opened again.
"""

import json
import sqlite3

from hexkeep.adapters.sqlite.database import Database

_TOGETHER = 1000
"""Rows that one transaction removes."""
_LOOKED_AT = 20 * _TOGETHER
"""Units that one transaction looks at: they lie in the order of their coming, whosever they are."""

_LOGS = "(SELECT id FROM logs WHERE instance_id = :instance)"
_BEGIN = "INSERT INTO wipes (instance_id) VALUES (:instance) ON CONFLICT DO UPDATE SET units_seen = 0"
_LOSE_LOGS = f"INSERT INTO wiped_logs SELECT id FROM logs WHERE id IN {_LOGS}"  # noqa: S608 - fixed text
_PROGRESS = ("checkpoints", "parked")
_OWN = ("seals", "unique_keys", "snapshots", "blobs", "wrapped_keys")
_EXPIRING = ("claim", "value", "count")
_TABLES = "SELECT tables FROM builds WHERE state <> 'discarded'"
_KEY = "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk"

_WIPED_LOG = "SELECT log_id FROM wiped_logs"
_EVENTS = """
DELETE FROM events WHERE log_id = :log AND position <= :most + (SELECT min(position) FROM events WHERE log_id = :log)
"""
_CHANGES = """
DELETE FROM key_changes WHERE log_id = :log AND (position, kind, hash) IN (
    SELECT position, kind, hash FROM key_changes WHERE log_id = :log LIMIT :most)
"""
_END_OF_LOG = "DELETE FROM wiped_logs WHERE log_id = :log"

_WIPE = "SELECT instance_id, units_seen, (SELECT max(rowid) FROM units) FROM wipes LIMIT 1"
_UNITS = "DELETE FROM units WHERE rowid > :seen AND rowid <= :upto AND +instance_id = :instance"
_SEEN = "UPDATE wipes SET units_seen = :upto WHERE instance_id = :instance"
_END = "DELETE FROM wipes WHERE instance_id = :instance"


def begin(connection: sqlite3.Connection, instance: str) -> None:
    """Let an instance have no logs any more, nor any progress on them. All its rows are left to ``sweep``."""
    named = {"instance": instance}
    connection.execute(_BEGIN, named)
    connection.execute(_LOSE_LOGS, named)
    connection.execute("DELETE FROM logs WHERE instance_id = :instance", named)  # before its seals, which it guards
    for table in _PROGRESS:
        connection.execute(f"DELETE FROM {table} WHERE instance_id = :instance", named)  # noqa: S608 - our own names


async def sweep(database: Database) -> None:
    """Remove what is left of all that was wiped, in small transactions, between which others have their turn."""
    while await database.write(_of_logs, patient=True):
        pass
    while await database.write(_of_instances, patient=True):
        pass


def _of_logs(connection: sqlite3.Connection) -> bool:
    """Remove some rows of logs that were wiped; whether there may be more."""
    found = connection.execute(_WIPED_LOG).fetchone()
    if found is None:
        return False
    values = {"log": found[0], "most": _TOGETHER}
    gone = connection.execute(_EVENTS, values).rowcount + connection.execute(_CHANGES, values).rowcount
    if not gone:
        connection.execute(_END_OF_LOG, values)
    return True


def _of_instances(connection: sqlite3.Connection) -> bool:
    """Remove some rows of an instance that is wiped; whether there may be more."""
    found = connection.execute(_WIPE).fetchone()
    if found is None:
        return False
    instance, seen, last = str(found[0]), int(found[1]), int(found[2] or 0)
    if seen < last:
        values = {"instance": instance, "seen": seen, "upto": seen + _LOOKED_AT}
        connection.execute(_UNITS, values)
        connection.execute(_SEEN, values)
        return True
    left = _TOGETHER
    named = {"instance_id": instance}
    parts = [("expiring", {"kind": kind, **named}) for kind in _EXPIRING]
    for table, where in (*parts, *((table, named) for table in (*_OWN, *_views(connection)))):
        left -= _remove(connection, table, where, left)
        if left <= 0:
            return True
    connection.execute(_END, {"instance": instance})
    return True


def _remove(connection: sqlite3.Connection, table: str, where: dict[str, str], most: int) -> int:
    """How many rows went, at most so many. What they have in common is where the table's key begins."""
    key = ", ".join(f'"{name}"' for (name,) in connection.execute(_KEY, (table,)).fetchall())
    common = " AND ".join(f"{column} = ?" for column in where)
    some = f'SELECT {key} FROM "{table}" WHERE {common} LIMIT ?'  # noqa: S608 - our own names
    delete = f'DELETE FROM "{table}" WHERE {common} AND ({key}) IN ({some})'  # noqa: S608 - as above
    return connection.execute(delete, (*where.values(), *where.values(), most)).rowcount


def _views(connection: sqlite3.Connection) -> list[str]:
    """The tables of every build."""
    return [str(name) for (names,) in connection.execute(_TABLES).fetchall() for name in json.loads(names)]
