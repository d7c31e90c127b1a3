"""The database: one LMDB environment, one process, one thread that does everything in turn.

A write is one transaction: it is on disk when it returns, or nothing of it is. Whatever LMDB raises becomes an error of
Hexkeep's tree here.
"""

import asyncio
import fcntl
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

import lmdb
from pydantic import ConfigDict, TypeAdapter

from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep_lmdb.order import Part, packed
from hexkeep_lmdb.settings import LmdbSettings

T = TypeVar("T")


class Form(Generic[T]):
    """Values of one type as bytes: JSON in a tuple, so that pydantic takes plain types and dataclasses alike."""

    def __init__(self, type_: Any) -> None:
        config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
        self._adapter: TypeAdapter[tuple[T]] = TypeAdapter(tuple[type_], config=config)

    def write(self, value: T) -> bytes:
        """The value as bytes."""
        return self._adapter.dump_json((value,))

    def read(self, raw: bytes) -> T:
        """The value behind bytes."""
        return self._adapter.validate_json(raw)[0]


class Transaction:
    """What can be done to the database at once. Keys are tuples."""

    def __init__(self, under_way: "lmdb.Transaction") -> None:
        self._use = under_way

    def get(self, *key: Part) -> bytes | None:
        """The value under a key."""
        found = self._use.get(packed(*key))
        return None if found is None else bytes(found)

    def put(self, value: bytes, *key: Part) -> None:
        """Keep a value under a key."""
        self._use.put(packed(*key), value)

    def delete(self, *key: Part) -> None:
        """Remove a key; nothing happens when it is not there."""
        self._use.delete(packed(*key))

    def scan(self, *prefix: Part, after: tuple[Part, ...] = ()) -> Iterator[tuple[bytes, bytes]]:
        """Keys and values below a prefix in order, behind ``prefix + after``; nothing is written meanwhile."""
        below, start = packed(*prefix), packed(*prefix, *after)
        with self._use.cursor() as cursor:
            there = cursor.set_range(start)
            while there and (key := bytes(cursor.key())).startswith(below):
                if not after or key != start:
                    yield key, bytes(cursor.value())
                there = cursor.next()

    def last(self, *prefix: Part) -> tuple[bytes, bytes] | None:
        """The greatest key below a prefix, with its value."""
        below = packed(*prefix)
        with self._use.cursor() as cursor:
            there = cursor.prev() if cursor.set_range(below + b"\xff" * 9) else cursor.last()
            if not there or not (key := bytes(cursor.key())).startswith(below):
                return None
            return key, bytes(cursor.value())

    def remove(self, keys: list[bytes]) -> None:
        """Remove keys that ``scan`` gave."""
        for key in keys:
            self._use.delete(key)


class Database:
    """Opened, used and closed on one event loop; the file belongs to one process at a time."""

    def __init__(self, settings: LmdbSettings) -> None:
        self.settings = settings
        self._environment: lmdb.Environment | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._owned = -1

    async def open(self) -> None:
        """Make the folder and take it; raises ``StorageUnavailable`` when another process has it."""
        self._thread = ThreadPoolExecutor(1, "hexkeep-lmdb")
        try:
            await self._run(self._open)
        except BaseException:
            await self.close()
            raise

    def _open(self) -> None:
        folder = self.settings.folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._owned = os.open(folder / "owner.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._owned, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._environment = lmdb.open(str(folder), map_size=self.settings.most_bytes, mode=0o600)

    async def close(self) -> None:
        """Finish what was begun and give the folder back. May be called at any time."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.get_running_loop().run_in_executor(thread, self._close)
            thread.shutdown()

    def _close(self) -> None:
        if self._environment is not None:
            self._environment.close()
            self._environment = None
        if self._owned >= 0:
            os.close(self._owned)
            self._owned = -1

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """What ``work`` returns once all that it did is durable; nothing of it stays when it raises."""
        return await self._run(lambda: self._in_transaction(work, write=True))

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """What ``work`` returns, of one moment."""
        return await self._run(lambda: self._in_transaction(work, write=False))

    def _in_transaction(self, work: Callable[[Transaction], T], *, write: bool) -> T:
        if self._environment is None:
            raise StorageUnavailable("The LMDB storage is not open")
        with self._environment.begin(write=write) as under_way:
            return work(Transaction(under_way))

    async def _run(self, work: Callable[[], T]) -> T:
        if self._thread is None:
            raise StorageUnavailable("The LMDB storage is not open")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except (lmdb.Error, OSError) as error:
            raise StorageUnavailable(f"LMDB refused the work ({type(error).__name__})") from error


class Port:
    """One port on the storage's database, open exactly while it is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self) -> None:
        """Nothing: the storage opens the database."""

    async def ping(self) -> None:
        """See the port."""
        await self._database.read(lambda _: None)

    async def close(self) -> None:
        """Nothing: the storage closes the database."""
