"""Room: pages that were emptied go back to the file system, unless so few are empty that new rows will want them."""

import sqlite3

from hexkeep.adapters.sqlite.database import Database

KEPT = 4096
"""Empty pages that are always kept: 16 MiB."""
_SHARE = 10
"""One page of so many may be empty."""
_STEP = 256
"""Pages that one transaction moves to where an empty one is: a few milliseconds' work."""


async def give_back(database: Database) -> None:
    """Shrink the file in small transactions, between which others have their turn.

    Nothing happens to a file of a version that did not keep account of empty pages; new rows fill them there too.
    """
    while await database.write(_step, patient=True):
        pass


def _step(connection: sqlite3.Connection) -> bool:
    """Whether pages went, and more may go."""
    empty, pages = _pragma(connection, "freelist_count"), _pragma(connection, "page_count")
    spare = empty - max(KEPT, pages // _SHARE)
    if spare <= 0:
        return False
    for _ in range(min(_STEP, spare)):  # told a number, it would stop after one: Python asks for its first row alone
        connection.execute("PRAGMA incremental_vacuum(1)")
    return _pragma(connection, "freelist_count") < empty


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    ((value,),) = connection.execute(f"PRAGMA {name}").fetchall()
    return int(value)
