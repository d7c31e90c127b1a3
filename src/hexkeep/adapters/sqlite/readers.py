"""Readers: connections that can only read; one on the event loop for lookups by key, a few in threads for the rest."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from hexkeep.adapters.sqlite.connections import open_reader
from hexkeep.adapters.sqlite.errors import is_busy, mapped
from hexkeep.adapters.sqlite.settings import SqliteSettings
from hexkeep.core.kernel.errors import Overloaded

T = TypeVar("T")


class Readers:
    """Answers reads. Nothing waits for the writer: in WAL mode each read has the last committed state before it."""

    def __init__(self, settings: SqliteSettings) -> None:
        self._settings = settings
        self._near = open_reader(settings, busy_timeout=0)
        self._idle: list[sqlite3.Connection] = []
        self._threads = ThreadPoolExecutor(settings.readers, "hexkeep-sqlite-reader")
        self._waiting = 0

    async def peek(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What ``work`` reads, at once on the event loop. For lookups by key, a few dozen rows at most.

        When another program is in the way the work goes to a thread, which can wait.
        """
        try:
            with mapped():
                return work(self._near)
        except Exception as error:
            if not (isinstance(error.__cause__, sqlite3.Error) and is_busy(error.__cause__)):
                raise
        return await self.run(work)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What ``work`` reads, in a thread. Raises ``Overloaded`` when too much waits already."""
        if self._waiting >= self._settings.max_waiting:
            raise Overloaded
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, work)
        finally:
            self._waiting -= 1

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with mapped():
            connection = self._idle.pop() if self._idle else open_reader(self._settings, self._settings.busy_timeout)
            try:
                return work(connection)
            finally:
                self._idle.append(connection)

    def close(self) -> None:
        """Return when the reads in flight are done. Blocks; not for the event loop."""
        self._threads.shutdown()
        for connection in (self._near, *self._idle):
            connection.close()
