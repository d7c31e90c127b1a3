"""Heads: where the logs of a transaction's units stand, and where they stand after it."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from hexkeep.adapters.sql.cells import time_in, time_out
from hexkeep.adapters.sqlite.values import ask, numbered, rows, run
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import FIRST_EPOCH, Unit

MAKE_LOG = """
INSERT INTO logs (id, instance_id, log, position, epoch, created_at) VALUES (
    1 + max((SELECT coalesce(max(id), 0) FROM logs), (SELECT coalesce(max(log_id), 0) FROM wiped_logs)), ?, ?, 0, ?, ?)
RETURNING id
"""
"""The number of a log that is being wiped is not given to another one: rows of it may be there yet."""


@lru_cache
def _find(count: int) -> str:
    return (
        f"WITH wanted (n, instance_id, log) AS (VALUES {numbered(count, 2)}) "  # noqa: S608 - placeholders
        "SELECT n, id, position, epoch, created_at, horizon FROM wanted CROSS JOIN logs USING (instance_id, log)"
    )


@lru_cache
def _move(count: int) -> str:
    return (
        f"WITH given (id, position, created_at) AS (VALUES {rows(count, 3)}) "  # noqa: S608 - placeholders
        "UPDATE logs SET position = given.position, created_at = given.created_at FROM given WHERE logs.id = given.id"
    )


NO_LOG = 0
"""The id of a log that has no row, for nothing was ever appended to it."""
_NOTHING = [NO_LOG, 0, FIRST_EPOCH, 0, 0]


@dataclass(slots=True)
class LogHead:
    """One log while it grows. ``created_at``, the time of everything added now, is never before the newest event's."""

    instance: str
    log: Log
    id: int
    position: int
    epoch: int
    horizon: int
    created_at: int
    created: datetime
    moved: bool = False


class LogHeads:
    """The heads that one transaction reads and moves."""

    def __init__(self, connection: sqlite3.Connection, now: datetime) -> None:
        self._connection = connection
        self._now = time_in(now)
        self._time = time_out(self._now)
        self._heads: dict[tuple[str, Log], LogHead] = {}

    def load(self, logs: Iterable[tuple[str, Log]]) -> None:
        """Read the heads of ``logs`` that have not been read yet."""
        missing = [place for place in logs if place not in self._heads]
        found = ask(self._connection, _find, [(instance, log.value) for instance, log in missing])
        cells = {number: [int(cell or 0) for cell in row] for number, row in found}
        for number, (instance, log) in enumerate(missing):
            log_id, position, epoch, newest, horizon = cells.get(number, _NOTHING)
            created_at = max(self._now, newest)
            place = (instance, log, log_id, position, epoch, horizon)
            self._heads[instance, log] = LogHead(*place, created_at, self._created(created_at))

    def _created(self, created_at: int) -> datetime:
        """The same for nearly all, so worked out once."""
        return self._time if created_at == self._now else time_out(created_at)

    def of(self, unit: Unit) -> LogHead:
        """The head of a unit's log, which must have been loaded."""
        return self._heads[unit.instance, unit.log]

    def keep(self, head: LogHead) -> None:
        """Make sure that the log has a row, and that its row will be written."""
        head.moved = True
        if head.id == NO_LOG:
            cells = (head.instance, head.log.value, head.epoch, head.created_at)
            ((head.id,),) = self._connection.execute(MAKE_LOG, cells).fetchall()

    def write(self) -> None:
        """Write the heads that have moved."""
        moved = [head for head in self._heads.values() if head.moved]
        run(self._connection, _move, [(head.id, head.position, head.created_at) for head in moved])
        for head in moved:
            head.moved = False
