"""All the SQL that only CockroachDB understands; everything else of this adapter runs on PostgreSQL as well.

So the rest is tested on PostgreSQL with these pieces exchanged, and whoever tests without a CockroachDB can say exactly
what was not executed: these.
"""

from collections.abc import Iterable
from typing import LiteralString, NamedTuple


class Piece(NamedTuple):
    """A statement or a clause of one, by its name."""

    name: str
    sql: LiteralString


COCKROACH_ONLY = (
    Piece("version", "SELECT version()"),
    Piece("database", "CREATE DATABASE IF NOT EXISTS {database}"),
    Piece("recent", " AS OF SYSTEM TIME '-{milliseconds}ms'"),
    Piece("history", " AS OF SYSTEM TIME follower_read_timestamp()"),
    Piece("lookup", " LOOKUP"),
    Piece("delete", "DELETE FROM {table} WHERE {condition} ORDER BY {order} LIMIT %s RETURNING 1"),
    Piece("spread", " USING HASH WITH (bucket_count = 8)"),
    Piece("unconstrain", "DROP INDEX IF EXISTS {schema}.events@events_stream CASCADE"),
)
"""``version``, ``database``, ``delete`` and ``unconstrain`` are statements, the last of which takes an index away that
insists on versions. ``recent`` and ``history`` say as of when a read is meant: a little while ago, where no writer is
disturbed, and as long ago as any replica can answer for. ``lookup`` makes a join look its rows up by key, whatever the
statistics say: a scan would disturb others. ``spread`` makes an index over a value that only grows begin with a hash,
so that not all writes meet in one range.
"""


class Pieces:
    """The pieces by name."""

    def __init__(self, pieces: Iterable[Piece] = COCKROACH_ONLY) -> None:
        self._texts = {piece.name: piece.sql for piece in pieces}

    def __getitem__(self, name: str) -> LiteralString:
        return self._texts[name]
