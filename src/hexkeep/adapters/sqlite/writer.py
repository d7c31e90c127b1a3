"""The writer: one thread with the only connection that writes. What waits for it shares transactions."""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar

from hexkeep.adapters.sqlite.errors import port_error
from hexkeep.adapters.sqlite.settings import SqliteSettings
from hexkeep.core.kernel.errors import Overloaded, StorageUnavailable

T = TypeVar("T")

_TOGETHER = 64
"""How many prompt jobs share a transaction at most."""
_PATIENT_TOGETHER = 16
_IDLE_SECONDS = 1.0
"""After this long without work the write-ahead log is emptied into the file."""


class _Job(Protocol):
    """Work that somebody awaits."""

    loop: asyncio.AbstractEventLoop

    def run(self, connection: sqlite3.Connection) -> None:
        """Do the work and keep its result."""

    def fail(self, error: Exception) -> None:
        """Forget the result; this is what has happened instead."""

    def is_wanted(self) -> bool:
        """Whether anybody still awaits it."""

    def deliver(self) -> None:
        """On the loop: hand over the result or the error."""


class _Awaited(Generic[T]):
    """The job behind one call of ``Writer.run``."""

    def __init__(self, work: Callable[[sqlite3.Connection], T]) -> None:
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[T] = self.loop.create_future()
        self._work = work
        self._results: list[T] = []
        self._error: Exception | None = None

    def run(self, connection: sqlite3.Connection) -> None:
        self._results.append(self._work(connection))

    def fail(self, error: Exception) -> None:
        self._error = error

    def is_wanted(self) -> bool:
        return not self.future.done()

    def deliver(self) -> None:
        if self.future.done():
            return
        if self._error is not None:
            self.future.set_exception(self._error)
        else:
            self.future.set_result(self._results[0])


class Writer:
    """Runs jobs in transactions, in turn: all prompt ones that wait, then some of the patient ones.

    A job that raises leaves no trace and does not disturb the others of its transaction. When a transaction as a whole
    fails, every one of its jobs does, with ``StorageUnavailable``.
    """

    def __init__(self, connection: sqlite3.Connection, settings: SqliteSettings) -> None:
        self._connection = connection
        self._max_waiting = settings.max_waiting
        self._busy_milliseconds = int(settings.busy_timeout * 1000)
        self._prompt: deque[_Job] = deque()
        self._patient: deque[_Job] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._serve, name="hexkeep-sqlite-writer", daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Refuse new work and return when the accepted work is done. Blocks; not for the event loop."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    async def run(self, work: Callable[[sqlite3.Connection], T], *, patient: bool = False) -> T:
        """What ``work`` returns once its transaction is durable. ``patient`` work lets other work go first.

        Raises ``Overloaded`` when too much waits already, ``StorageUnavailable`` when closed.
        """
        job = _Awaited(work)
        queue = self._patient if patient else self._prompt
        with self._wake:
            if self._closing:
                raise StorageUnavailable("The SQLite storage is closed")
            if len(queue) >= self._max_waiting:
                raise Overloaded
            queue.append(job)
            self._wake.notify()
        return await job.future

    def _serve(self) -> None:
        dirty = False
        while True:
            with self._wake:
                woken = self._wake.wait_for(self._has_work, _IDLE_SECONDS if dirty else None)
                rounds = [_taken(self._prompt, _TOGETHER), _taken(self._patient, _PATIENT_TOGETHER)]
                finished = self._closing and not self._prompt and not self._patient
            for jobs in filter(None, rounds):
                self._transaction(jobs)
                _deliver(jobs)
            if finished:
                return
            dirty = woken or not self._empty_log()

    def _has_work(self) -> bool:
        return bool(self._prompt or self._patient or self._closing)

    def _transaction(self, jobs: list[_Job]) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for job in jobs:
                self._one(job, alone=len(jobs) == 1)
            self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - whatever it was, somebody waits to be told
            self._roll_back()
            for job in jobs:
                job.fail(port_error(error))

    def _one(self, job: _Job, *, alone: bool) -> None:
        """One job between savepoints, unless the transaction is its own and can be rolled back as a whole."""
        if alone:
            job.run(self._connection)
            return
        self._connection.execute("SAVEPOINT job")
        try:
            job.run(self._connection)
        except Exception as error:
            if not self._connection.in_transaction:  # a full disk, for one, takes all of it back
                raise
            self._connection.execute("ROLLBACK TO job")
            job.fail(port_error(error))
        self._connection.execute("RELEASE job")

    def _roll_back(self) -> None:
        try:
            self._connection.rollback()
        except sqlite3.Error:
            return  # nothing is open any more, or the next BEGIN will tell

    def _empty_log(self) -> bool:
        """Move the write-ahead log into the file and cut it off, unless a reader is at it; whether that went well."""
        self._connection.execute("PRAGMA busy_timeout = 0")
        try:
            ((busy, _, _),) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.Error:
            return False
        finally:
            self._connection.execute(f"PRAGMA busy_timeout = {self._busy_milliseconds}")
        return not busy


def _taken(queue: deque[_Job], most: int) -> list[_Job]:
    """The next jobs of a queue, without those that nobody waits for any more."""
    jobs = [queue.popleft() for _ in range(min(most, len(queue)))]
    return [job for job in jobs if job.is_wanted()]


def _deliver(jobs: Iterable[_Job]) -> None:
    """Wake each event loop once, whatever it gets."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in jobs:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, own in by_loop.items():
        try:
            loop.call_soon_threadsafe(_hand_over, own)
        except RuntimeError:
            continue  # that loop has been closed, so nobody waits


def _hand_over(jobs: list[_Job]) -> None:
    for job in jobs:
        job.deliver()
