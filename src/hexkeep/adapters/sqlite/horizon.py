"""The horizon: what was dropped from an activity log, and the dropping."""

import sqlite3

from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.event import Log

_LOG = "SELECT id, position, horizon FROM logs WHERE instance_id = ? AND log = ?"
_ADVANCE = """
UPDATE logs SET horizon = :upto, horizon_at = (
    SELECT created_at FROM events WHERE log_id = :log AND position = :upto)
WHERE id = :log
"""
_OLDEST = "SELECT position FROM events WHERE log_id = ? AND position <= ? ORDER BY position LIMIT 1"
_DROP = "DELETE FROM events WHERE log_id = ? AND position BETWEEN ? AND ?"


def advance(connection: sqlite3.Connection, instance: str, upto: int) -> None:
    """Move the horizon, unless it lies there or further. Raises ``FailedPrecondition`` for a place beyond the head."""
    log_id, position, horizon = _found(connection, instance)
    if upto > position:
        raise FailedPrecondition("The log does not reach so far")
    if upto > horizon:
        connection.execute(_ADVANCE, {"log": log_id, "upto": upto})


def drop(connection: sqlite3.Connection, instance: str, limit: int) -> int:
    """Remove the oldest rows behind the horizon, at most ``limit``; how many went."""
    log_id, _, horizon = _found(connection, instance)
    oldest = connection.execute(_OLDEST, (log_id, horizon)).fetchone()
    if oldest is None or limit <= 0:
        return 0
    return connection.execute(_DROP, (log_id, oldest[0], min(horizon, oldest[0] + limit - 1))).rowcount


def _found(connection: sqlite3.Connection, instance: str) -> tuple[int, int, int]:
    found: tuple[int, int, int] | None = connection.execute(_LOG, (instance, Log.ACTIVITY.value)).fetchone()
    return found or (0, 0, 0)
