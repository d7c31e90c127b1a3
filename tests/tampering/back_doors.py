"""Back doors: a log as the owner of its database can change it, past every adapter, trigger and right."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import LiteralString, Protocol

import psycopg
from psycopg.sql import SQL, Placeholder

from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.core.kernel.event import Log
from hexkeep.engine.sealing import micros
from hexkeep.ports.event_store import StoredEvent
from hexkeep.ports.seals import Seal


class BackDoor(Protocol):
    """What an owner of the database can do to one log."""

    async def rewrite(self, instance: str, log: Log, events: Sequence[StoredEvent], head: int) -> None:
        """Put these rows in the place of all that were there, and the head at a position."""

    async def rewrite_seals(self, instance: str, log: Log, seals: Sequence[Seal]) -> None:
        """Put these seals in the place of all that were there."""


class MemoryBackDoor(BackDoor):
    """The lists of the memory storage, whose head is the number of events."""

    def __init__(self, storage: MemoryStorage) -> None:
        self._storage = storage

    async def rewrite(self, instance: str, log: Log, events: Sequence[StoredEvent], head: int) -> None:
        """A read goes by the place in the list."""
        self._storage.events.log(instance, log).events[:] = events

    async def rewrite_seals(self, instance: str, log: Log, seals: Sequence[Seal]) -> None:
        """The other log's seals stay."""
        kept = [
            seal
            for other in Log
            if other is not log
            for seal in await self._storage.seals.list(instance, other, 0, 10**6)
        ]
        self._storage.seals.wipe(instance)
        self._storage.seals.load([*kept, *seals])


EVENT_COLUMNS: LiteralString = (
    "position, aggregate_type, aggregate_id, version, event_type, revision, payload, digest, actor, correlation_id,"
    " client, created_at"
)


def _event_cells(event: StoredEvent) -> tuple[object, ...]:
    ref = event.stream
    told = (event.type, event.revision, event.payload, event.digest, event.actor, event.correlation_id, event.client)
    return (event.position, ref.type, ref.id, event.version, *told)


def _seal_cells(seal: Seal) -> tuple[object, ...]:
    hashes = (seal.root, seal.previous, seal.leaves, seal.signature)
    return (seal.instance, seal.log.value, seal.epoch, seal.number, seal.first, seal.last, *hashes)


class SqliteBackDoor(BackDoor):
    """Another program on the file; it takes triggers and indexes away first."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def rewrite(self, instance: str, log: Log, events: Sequence[StoredEvent], head: int) -> None:
        """In one transaction."""
        await asyncio.to_thread(self._rewrite, instance, log, events, head)

    def _rewrite(self, instance: str, log: Log, events: Sequence[StoredEvent], head: int) -> None:
        with closing(self._opened()) as file, file:
            [(log_id,)] = file.execute("SELECT id FROM logs WHERE (instance_id, log) = (?, ?)", (instance, log.value))
            file.execute("DELETE FROM events WHERE log_id = ?", (log_id,))
            marks = ", ".join("?" * 13)
            rows = [(log_id, *_event_cells(event), micros(event.created_at)) for event in events]
            statement = f"INSERT INTO events (log_id, {EVENT_COLUMNS}) VALUES ({marks})"  # noqa: S608 - fixed text
            file.executemany(statement, rows)
            file.execute("UPDATE logs SET position = ? WHERE id = ?", (head, log_id))

    async def rewrite_seals(self, instance: str, log: Log, seals: Sequence[Seal]) -> None:
        """In one transaction."""
        await asyncio.to_thread(self._rewrite_seals, instance, log, seals)

    def _rewrite_seals(self, instance: str, log: Log, seals: Sequence[Seal]) -> None:
        with closing(self._opened()) as file, file:
            file.execute("DELETE FROM seals WHERE (instance_id, log) = (?, ?)", (instance, log.value))
            columns = "instance_id, log, epoch, number, first, last, root, previous, leaves, signature, sealed_at"
            rows = [(*_seal_cells(seal), micros(seal.sealed_at)) for seal in seals]
            marks = ", ".join("?" * 11)
            file.executemany(f"INSERT INTO seals ({columns}) VALUES ({marks})", rows)  # noqa: S608 - fixed text

    def _opened(self) -> sqlite3.Connection:
        file = sqlite3.connect(self._path)
        for kind, name in file.execute("SELECT type, name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP {kind} {name}")
        file.execute("DROP INDEX IF EXISTS events_stream")
        file.commit()
        return file


class PostgresBackDoor(BackDoor):
    """The owner of the tables, whom no trigger stops."""

    def __init__(self, owner_url: str) -> None:
        self._url = owner_url

    async def rewrite(self, instance: str, log: Log, events: Sequence[StoredEvent], head: int) -> None:
        """In one transaction."""
        place = (instance, log.value)
        async with await psycopg.AsyncConnection.connect(self._url) as connection:
            await connection.execute("ALTER TABLE hexkeep.events DISABLE TRIGGER USER")
            await connection.execute("ALTER TABLE hexkeep.log_heads DISABLE TRIGGER USER")
            await connection.execute("DELETE FROM hexkeep.events WHERE instance_id = %s AND log = %s", place)
            rows = [(*place, *_event_cells(event), event.created_at) for event in events]
            marks = SQL(", ").join([Placeholder()] * 14)
            into = SQL("INSERT INTO hexkeep.events (instance_id, log, {}) VALUES ({})")
            insert = into.format(SQL(EVENT_COLUMNS), marks)
            await connection.cursor().executemany(insert, rows)
            await connection.execute(
                "UPDATE hexkeep.log_heads SET position = %s WHERE instance_id = %s AND log = %s", (head, *place)
            )

    async def rewrite_seals(self, instance: str, log: Log, seals: Sequence[Seal]) -> None:
        """In one transaction."""
        place = (instance, log.value)
        async with await psycopg.AsyncConnection.connect(self._url) as connection:
            await connection.execute("ALTER TABLE hexkeep.seals DISABLE TRIGGER USER")
            await connection.execute("DELETE FROM hexkeep.seals WHERE instance_id = %s AND log = %s", place)
            await connection.cursor().executemany(
                "INSERT INTO hexkeep.seals (instance_id, log, epoch, number, first_position, last_position, root,"
                " previous, leaves, signature, sealed_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [(*_seal_cells(seal), seal.sealed_at) for seal in seals],
            )
