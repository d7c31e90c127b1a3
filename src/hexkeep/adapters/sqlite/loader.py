"""Loading history as it was."""

import sqlite3
from collections.abc import Sequence
from functools import partial
from itertools import groupby

from hexkeep.adapters.sql.cells import time_in
from hexkeep.adapters.sqlite import key_changes, wipe
from hexkeep.adapters.sqlite.append import insert_events
from hexkeep.adapters.sqlite.database import Database
from hexkeep.adapters.sqlite.heads import MAKE_LOG
from hexkeep.adapters.sqlite.room import give_back
from hexkeep.adapters.sqlite.seals import keep
from hexkeep.adapters.sqlite.values import Cell, run
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.event import Log
from hexkeep.ports.event_store import FIRST_EPOCH, Head, KeyChange, StoredEvent
from hexkeep.ports.seals import Seal
from hexkeep.ports.storage import Loader

_FIND = "SELECT id, position FROM logs WHERE instance_id = ? AND log = ?"
_BEGIN = "UPDATE logs SET position = ?, epoch = ?, horizon = ?, horizon_at = ?, created_at = ? WHERE id = ?"
_MOVE = "UPDATE logs SET position = ?, created_at = max(created_at, ?) WHERE id = ?"
_TAKE = """
INSERT INTO unique_keys (instance_id, kind, hash, owner_type, owner_id) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET owner_type = excluded.owner_type, owner_id = excluded.owner_id
"""
_GIVE_BACK = """
DELETE FROM unique_keys WHERE instance_id = ? AND kind = ? AND hash = ? AND owner_type = ? AND owner_id = ?
"""


class SqliteLoader(Loader):
    """The port ``storage.Loader``. On SQLite the process that has the file owns its schema as well."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def wipe(self, instance: str) -> None:
        """See the port."""
        await self._database.write(partial(wipe.begin, instance=instance))
        await wipe.sweep(self._database)
        await give_back(self._database)

    async def begin(self, head: Head) -> None:
        """See the port."""
        if head.horizon and head.log is not Log.ACTIVITY:
            raise FailedPrecondition("Nothing is dropped from a durable log")
        await self._database.write(partial(_begin, head=head))

    async def load(self, instance: str, log: Log, events: Sequence[StoredEvent]) -> None:
        """See the port."""
        if events:
            await self._database.write(lambda one: _load(one, instance, log, events))

    async def load_key_changes(self, instance: str, log: Log, changes: Sequence[KeyChange]) -> None:
        """See the port."""
        await self._database.write(lambda one: _load_key_changes(one, instance, log, changes))

    async def load_seals(self, seals: Sequence[Seal]) -> None:
        """See the port."""
        await self._database.write(partial(keep, seals=seals))


def _place(connection: sqlite3.Connection, instance: str, log: Log) -> tuple[int, int]:
    """The number of a log, which is made where it is missing, and its position."""
    found: tuple[int, int] | None = connection.execute(_FIND, (instance, log.value)).fetchone()
    if found is not None:
        return found
    ((made,),) = connection.execute(MAKE_LOG, (instance, log.value, FIRST_EPOCH, 0)).fetchall()
    return made, 0


def _begin(connection: sqlite3.Connection, head: Head) -> None:
    log_id, position = _place(connection, head.instance, head.log)
    if position:
        raise FailedPrecondition("The log has events")
    dropped_at = None if head.horizon_at is None else time_in(head.horizon_at)
    connection.execute(_BEGIN, (head.horizon, head.epoch, head.horizon, dropped_at, dropped_at or 0, log_id))


def _load(connection: sqlite3.Connection, instance: str, log: Log, events: Sequence[StoredEvent]) -> None:
    log_id, position = _place(connection, instance, log)
    if [event.position for event in events] != [*range(position + 1, position + 1 + len(events))]:
        raise FailedPrecondition("These events do not follow on the log's head")
    run(connection, insert_events, [(log_id, *_cells(event)) for event in events])
    connection.execute(_MOVE, (events[-1].position, time_in(events[-1].created_at), log_id))


def _cells(event: StoredEvent) -> tuple[Cell, ...]:
    named = (event.position, *event.stream, event.version, event.type, event.revision, event.payload, event.digest)
    return (*named, event.actor, event.correlation_id, event.client, time_in(event.created_at))


def _load_key_changes(connection: sqlite3.Connection, instance: str, log: Log, changes: Sequence[KeyChange]) -> None:
    log_id, _ = _place(connection, instance, log)
    key_changes.keep(connection, [*key_changes.cells(log_id, changes)])
    for claimed, alike in groupby(changes, key=lambda change: change.claimed):
        cells = [(instance, one.kind, one.hash, *one.owner) for one in alike]
        connection.executemany(_TAKE if claimed else _GIVE_BACK, cells)
