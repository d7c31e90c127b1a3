"""Heads: where the logs of a transaction's units stand, and where they stand after it."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from hexkeep.adapters.sql.cells import time_in, time_out
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import FIRST_EPOCH, Unit

_FIND = "SELECT id, position, epoch, created_at, horizon FROM logs WHERE instance_id = ? AND log = ?"
MAKE_LOG = """
INSERT INTO logs (id, instance_id, log, position, epoch, created_at) VALUES (
    1 + max((SELECT coalesce(max(id), 0) FROM logs), (SELECT coalesce(max(log_id), 0) FROM wiped_logs)), ?, ?, 0, ?, ?)
RETURNING id
"""
"""The number of a log that is being wiped is not given to another one: rows of it may be there yet."""
_MOVE = "UPDATE logs SET position = ?, created_at = ? WHERE id = ?"

NO_LOG = 0
"""The id of a log that has no row, for nothing was ever appended to it."""


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
        self._heads: dict[tuple[str, Log], LogHead] = {}

    def load(self, logs: Iterable[tuple[str, Log]]) -> None:
        """Read the heads of ``logs`` that have not been read yet."""
        for instance, log in logs:
            if (instance, log) not in self._heads:
                self._heads[instance, log] = self._read(instance, log)

    def _read(self, instance: str, log: Log) -> LogHead:
        row = self._connection.execute(_FIND, (instance, log.value)).fetchone()
        log_id, position, epoch, newest, horizon = row or (NO_LOG, 0, FIRST_EPOCH, 0, 0)
        created_at = max(self._now, newest)
        return LogHead(instance, log, log_id, position, epoch, horizon, created_at, time_out(created_at))

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
        self._connection.executemany(_MOVE, [(head.position, head.created_at, head.id) for head in moved])
        for head in moved:
            head.moved = False
