"""The database: the file's writer and readers, opened and closed together under the file's ownership."""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import TypeVar

from hexkeep.adapters.sqlite.connections import check_version, note_flaws, open_reader, open_writer, prepare_file
from hexkeep.adapters.sqlite.errors import mapped
from hexkeep.adapters.sqlite.migrations import migrate, missing
from hexkeep.adapters.sqlite.ownership import Ownership
from hexkeep.adapters.sqlite.readers import Readers
from hexkeep.adapters.sqlite.settings import SqliteSettings
from hexkeep.adapters.sqlite.writer import Writer
from hexkeep.core.kernel.errors import FailedPrecondition, StorageUnavailable

T = TypeVar("T")

FREE_LEASES = "UPDATE leases SET expires_at = 0"
"""Who holds a lease when the file is taken is a process that is gone: nobody needs to wait until it has run out."""


class Database:
    """What the parts of the storage work on."""

    def __init__(self, settings: SqliteSettings) -> None:
        self.settings = settings
        self._ownership = Ownership(settings.path)
        self._connection: sqlite3.Connection | None = None
        self._writer: Writer | None = None
        self._readers: Readers | None = None
        self._read_only = False

    async def open(self) -> None:
        """Take the file, bring its schema up to date, and serve."""
        await asyncio.to_thread(self._open)

    async def open_for_reading(self) -> None:
        """Serve reads, without the file's ownership: whoever has it goes on writing."""
        await asyncio.to_thread(self._open_for_reading)

    def _open_for_reading(self) -> None:
        check_version(sqlite3.sqlite_version_info)
        if not self._is_current():
            raise StorageUnavailable(
                f"There is no SQLite file of this version of Hexkeep at {self.settings.path}: "
                "hexkeep setup, or hexkeep serve, makes it or brings it up to date"
            )
        with mapped():
            self._readers = Readers(self.settings)
        self._read_only = True

    def _open(self) -> None:
        check_version(sqlite3.sqlite_version_info)
        note_flaws(sqlite3.sqlite_version_info)
        self._connection = self._owned_connection()
        try:
            with mapped():
                migrate(self._connection)
                self._connection.execute(FREE_LEASES)
                self._readers = Readers(self.settings)
        except BaseException:
            self._give_up(self._connection)
            raise
        self._writer = Writer(self._connection, self.settings)
        self._writer.start()

    def _owned_connection(self) -> sqlite3.Connection:
        prepare_file(self.settings.path)
        self._ownership.take()
        try:
            with mapped():
                return open_writer(self.settings)
        except BaseException:
            self._ownership.give_back()
            raise

    def _give_up(self, connection: sqlite3.Connection) -> None:
        connection.close()
        self._connection = None
        self._ownership.give_back()

    async def write(self, work: Callable[[sqlite3.Connection], T], *, patient: bool = False) -> T:
        """What ``work`` returns, once its transaction is durable (see ``Writer.run``)."""
        if self._read_only:
            raise FailedPrecondition("The SQLite file was opened for reading only")
        if self._writer is None:
            raise StorageUnavailable("The SQLite storage is not open")
        return await self._writer.run(work, patient=patient)

    async def peek(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """A lookup by key (see ``Readers.peek``)."""
        return await self._open_readers().peek(work)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """A longer read (see ``Readers.run``)."""
        return await self._open_readers().run(work)

    def _open_readers(self) -> Readers:
        if self._readers is None:
            raise StorageUnavailable("The SQLite storage is not open")
        return self._readers

    async def ping(self) -> None:
        """An empty transaction: the writer lives and has the file's lock for the asking. Or a read where none may."""
        await (self.read if self._read_only else self.write)(lambda one: one.execute("SELECT 1").fetchall())

    async def close(self) -> None:
        """Finish what was accepted, empty the write-ahead log into the file and give it up."""
        writer, readers, connection = self._writer, self._readers, self._connection
        self._readers, self._connection = None, None
        await asyncio.to_thread(self._close, writer, readers, connection)

    def _close(self, writer: Writer | None, readers: Readers | None, connection: sqlite3.Connection | None) -> None:
        if writer is not None:
            writer.stop()
        if readers is not None:
            readers.close()
        if connection is not None:
            self._give_up(connection)

    async def migrate(self) -> list[str]:
        """The names of the migrations that ran; none on an open database, for opening has run them."""
        return [] if self._connection is not None else await asyncio.to_thread(self._migrate)

    def _migrate(self) -> list[str]:
        check_version(sqlite3.sqlite_version_info)
        if self._is_current():
            return []
        connection = self._owned_connection()
        try:
            with mapped():
                return migrate(connection)
        finally:
            self._give_up(connection)

    def _is_current(self) -> bool:
        """Whether there is nothing to do, which can be seen while another process owns the file."""
        if not self.settings.path.exists():
            return False
        with mapped():
            connection = open_reader(self.settings, self.settings.busy_timeout)
            try:
                return not missing(connection)
            finally:
                connection.close()
