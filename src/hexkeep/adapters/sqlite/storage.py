"""The storage: eight ports on one file."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hexkeep.adapters.sql.local_pubsub import InProcessPubSub
from hexkeep.adapters.sqlite import wipe
from hexkeep.adapters.sqlite.blobs import SqliteBlobs
from hexkeep.adapters.sqlite.database import Database
from hexkeep.adapters.sqlite.event_store import SqliteEventStore
from hexkeep.adapters.sqlite.expiring import SqliteExpiring
from hexkeep.adapters.sqlite.keys import SqliteKeys
from hexkeep.adapters.sqlite.loader import SqliteLoader
from hexkeep.adapters.sqlite.locks import SqliteLocks
from hexkeep.adapters.sqlite.seals import SqliteSeals
from hexkeep.adapters.sqlite.settings import SqliteSettings
from hexkeep.adapters.sqlite.snapshots import SqliteSnapshots
from hexkeep.adapters.sqlite.views import SqliteViews
from hexkeep.ports.clock import Clock
from hexkeep.ports.storage import Loading, ReadOnlyStorage, Storage


class SqliteStorage(Storage, ReadOnlyStorage, Loading):
    """The port ``storage.Storage``. One process at a time may write to a file; ``open`` refuses a second one."""

    def __init__(self, settings: SqliteSettings, clock: Clock) -> None:
        self._database = Database(settings)
        self._events = SqliteEventStore(self._database, clock)
        self._views = SqliteViews(self._database, clock)
        self._pubsub = InProcessPubSub()
        self._locks = SqliteLocks(self._database, clock)
        self._expiring = SqliteExpiring(self._database, clock)
        self._keys = SqliteKeys(self._database)
        self._seals = SqliteSeals(self._database)
        self._snapshots = SqliteSnapshots(self._database)
        self._blobs = SqliteBlobs(self._database)

    @property
    def events(self) -> SqliteEventStore:
        """The log."""
        return self._events

    @property
    def views(self) -> SqliteViews:
        """The tables that projections fill."""
        return self._views

    @property
    def pubsub(self) -> InProcessPubSub:
        """Hints within this process, which is the only one on this file."""
        return self._pubsub

    @property
    def locks(self) -> SqliteLocks:
        """Leases on the given clock."""
        return self._locks

    @property
    def expiring(self) -> SqliteExpiring:
        """Short-lived state on the given clock."""
        return self._expiring

    @property
    def keys(self) -> SqliteKeys:
        """Wrapped data keys."""
        return self._keys

    @property
    def seals(self) -> SqliteSeals:
        """Signed statements over the log."""
        return self._seals

    @property
    def snapshots(self) -> SqliteSnapshots:
        """States of aggregates with long streams."""
        return self._snapshots

    @property
    def blobs(self) -> SqliteBlobs:
        """Opaque bytes, such as pictures."""
        return self._blobs

    @asynccontextmanager
    async def loader(self) -> AsyncIterator[SqliteLoader]:
        """See the port."""
        await self.ping()
        yield SqliteLoader(self._database)

    async def open(self) -> None:
        """See the port. Brings the schema up to date as well: nobody else can be on the file.

        What is left of a wipe that was broken off goes first, for the instance is neither there nor gone until then.
        """
        await self._database.open()
        try:
            await wipe.sweep(self._database)
        except BaseException:
            await self.close()
            raise

    async def open_for_reading(self) -> None:
        """See the port."""
        await self._database.open_for_reading()

    async def ping(self) -> None:
        """See the port."""
        await self._database.ping()

    async def close(self) -> None:
        """See the port."""
        await self._pubsub.close()
        await self._database.close()

    async def migrate(self) -> list[str]:
        """See the port."""
        return await self._database.migrate()
