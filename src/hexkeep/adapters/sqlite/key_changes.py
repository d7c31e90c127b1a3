"""Key changes: what units did to unique keys, and who holds them for it."""

import sqlite3
from collections.abc import Iterable, Iterator
from functools import lru_cache

from hexkeep.adapters.sqlite.pages import fetch
from hexkeep.adapters.sqlite.values import Cell, rows, run
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import KeyChange

_COLUMNS = "position, kind, hash, owner_type, owner_id, claimed"
_OF_LOG = "log_id = (SELECT id FROM logs WHERE instance_id = ? AND log = ?)"
_PAGE = f"SELECT {_COLUMNS} FROM key_changes WHERE {_OF_LOG}"  # noqa: S608 - fixed text
_ORDER = "ORDER BY position, kind, hash LIMIT ?"
_WIDTH = 6
_BLOBS = (2,)

_OF_OWNER = """
log_id IN (SELECT id FROM logs WHERE instance_id = :instance) AND owner_type = :type AND owner_id = :id
"""
_FREE = f"""
DELETE FROM unique_keys WHERE instance_id = :instance AND owner_type = :type AND owner_id = :id
    AND (kind, hash) IN (SELECT kind, hash FROM key_changes WHERE {_OF_OWNER})
"""  # noqa: S608 - fixed text
_FORGET = f"DELETE FROM key_changes WHERE {_OF_OWNER}"  # noqa: S608 - fixed text


@lru_cache
def _keep(count: int) -> str:
    return (
        f"INSERT INTO key_changes (log_id, {_COLUMNS}) VALUES {rows(count, 7)} "  # noqa: S608 - placeholders
        "ON CONFLICT DO UPDATE SET owner_type = excluded.owner_type, owner_id = excluded.owner_id,"
        " claimed = excluded.claimed"
    )


def keep(connection: sqlite3.Connection, cells: list[tuple[Cell, ...]]) -> None:
    """Write what ``cells`` made. Of two changes of one key at one position the later one counts."""
    run(connection, _keep, cells)


def cells(log_id: int, changes: Iterable[KeyChange]) -> Iterator[tuple[Cell, ...]]:
    """The rows of changes in one log."""
    for one in changes:
        yield (log_id, one.position, one.kind, one.hash, *one.owner, int(one.claimed))


def page(
    connection: sqlite3.Connection, instance: str, log: Log, after: tuple[int, str, bytes] | None, limit: int
) -> list[KeyChange]:
    """One log's changes in order of (position, kind, hash), beginning behind ``after``."""
    behind = "" if after is None else "AND (position, kind, hash) > (?, ?, ?)"
    values = (instance, log.value, *(after or ()), limit)
    found = fetch(connection, f"{_PAGE} {behind} {_ORDER}", values, _WIDTH, _BLOBS)
    return [
        KeyChange(position, kind, key_hash, Ref(type_, id_), claimed=bool(claimed))
        for position, kind, key_hash, type_, id_, claimed in found
    ]


def forget(connection: sqlite3.Connection, instance: str, owner: Ref) -> None:
    """Free the keys that ``owner`` holds, each of which it has claimed in some change, and remove its changes."""
    values = {"instance": instance, "type": owner.type, "id": owner.id}
    connection.execute(_FREE, values)
    connection.execute(_FORGET, values)
