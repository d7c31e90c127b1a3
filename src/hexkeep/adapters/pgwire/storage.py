"""What the storages share: their parts, opened, closed and migrated as one."""

from typing import Protocol

from hexkeep.adapters.pgwire.blobs import WireBlobs
from hexkeep.adapters.pgwire.database import Database
from hexkeep.adapters.pgwire.keys import WireKeys
from hexkeep.adapters.pgwire.locks import WireLocks
from hexkeep.adapters.pgwire.seals import WireSeals
from hexkeep.adapters.pgwire.snapshots import WireSnapshots


class Migrating(Protocol):
    """Schema versions."""

    async def run(self) -> list[str]:
        """The names of the migrations that ran."""

    async def check(self) -> None:
        """Raise ``StorageUnavailable`` unless every migration of this program has run."""


class WireStorage:
    """The part of ``storage.Storage`` that is the same on every server."""

    def __init__(self, database: Database, migrations: Migrating) -> None:
        self._database = database
        self._migrations = migrations
        self._locks = WireLocks(database)
        self._keys = WireKeys(database)
        self._seals = WireSeals(database)
        self._snapshots = WireSnapshots(database)
        self._blobs = WireBlobs(database)

    @property
    def locks(self) -> WireLocks:
        """See the port."""
        return self._locks

    @property
    def keys(self) -> WireKeys:
        """See the port."""
        return self._keys

    @property
    def seals(self) -> WireSeals:
        """See the port."""
        return self._seals

    @property
    def snapshots(self) -> WireSnapshots:
        """See the port."""
        return self._snapshots

    @property
    def blobs(self) -> WireBlobs:
        """See the port."""
        return self._blobs

    async def open(self) -> None:
        """See the port."""
        await self._database.open()
        try:
            await self._migrations.check()
            await self._opened()
        except BaseException:
            await self.close()
            raise

    async def _opened(self) -> None:
        """What else has to be open."""

    async def ping(self) -> None:
        """See the port."""
        await self._database.ping()

    async def close(self) -> None:
        """See the port."""
        await self._database.close()

    async def migrate(self) -> list[str]:
        """See the port."""
        return await self._migrations.run()
